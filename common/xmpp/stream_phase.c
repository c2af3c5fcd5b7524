/* Where a stream is, how long it may be there, and how it ends. */
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "xmpp/error.h"
#include "xmpp/salted.h"
#include "xmpp/stream_private.h"

/* Sentences for who was silent in a phase. */
static const char *const silences[] = {
	[XMPP_PHASE_LOOKUP] = "nobody tells where its servers are",
	[XMPP_PHASE_ADDRESS] = "nobody tells its address",
	[XMPP_PHASE_CONNECT] = "does not answer",
	[XMPP_PHASE_FEATURES] = "silent after the stream header",
	[XMPP_PHASE_STARTTLS] = "silent after <starttls/>",
	[XMPP_PHASE_HANDSHAKE] = "silent after <proceed/>",
	[XMPP_PHASE_FEATURES_TLS] = "silent after the TLS handshake",
	[XMPP_PHASE_AUTH] = "silent after <auth/>",
	[XMPP_PHASE_RESPONSE] = "silent after <response/>",
	[XMPP_PHASE_FEATURES_AUTH] = "silent after <success/>",
	[XMPP_PHASE_RESUME] = "silent after <resume/>",
	[XMPP_PHASE_BIND] = "silent after the request to bind a resource",
};

void xmpp_stream_note(const struct xmpp_stream *s, const char *format, ...)
{
	if (!s->log.note)
		return;
	char text[ERR_TEXT_MAX];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	s->log.note(s->log.arg, text);
}

/* ---- the end ---- */

void xmpp_stream_drop_target(struct xmpp_stream *s)
{
	timer_stop(s->spare);
	query_cancel(s->query);
	s->query = NULL;
	xmpp_wire_free(s->wire);
	s->wire = NULL;
	xmpp_auth_free(s->auth);
	s->auth = NULL;
	s->in_session = false;
	xmpp_stream_drop_inline(s);
	xml_element_free(s->features);
	s->features = NULL;
	s->offered = (struct xmpp_features){ 0 };
	s->early = 0;
}

void xmpp_stream_end(struct xmpp_stream *s, const struct err *e)
{
	xmpp_stream_drop_target(s);
	xmpp_stream_drop_searches(s);
	timer_stop(s->timer);
	buf_clear_wiped(&s->password);
	xmpp_salted_free(s->salted);
	s->salted = NULL;
	s->phase = XMPP_PHASE_ENDED;
	s->handlers.ended(s->arg, e);
}

bool xmpp_stream_is_final(const struct err *e)
{
	struct span c = span_of(e->condition);
	return span_is(c, "host-unknown") || span_is(c, "conflict") ||
	       span_is(c, "not-authorized");
}

/* Whom the sentence is about; an error of the connection knows it already
 * where the target is an address. */
static void name_target(const struct xmpp_stream *s, struct err *why)
{
	const char *host = s->target->host;
	bool v6 = span_has(span_of(host), ':');
	char *name = mem_format("%s%s%s:%u", v6 ? "[" : "", host, v6 ? "]" : "",
		s->target->port);
	if (!span_starts(span_of(why->text), name))
		err_prefix(why, "%s", name);
	mem_free(name);
}

void xmpp_stream_fail(struct xmpp_stream *s, const struct err *e)
{
	if (xmpp_stream_stumbled(s, e)) {
		xmpp_stream_drop_target(s);
		xmpp_stream_try(s, s->target);
		return;
	}
	struct err why = *e;
	bool is_ours = why.status == STATUS_LOCAL_IO; /* a file */
	if (s->target && s->phase < XMPP_PHASE_CLOSING && !is_ours)
		name_target(s, &why);
	if (xmpp_stream_redirect(s, &why) || xmpp_stream_recover(s, &why))
		return;
	bool final = s->phase >= XMPP_PHASE_AUTH || xmpp_stream_is_final(&why);
	bool more = s->target_next < s->target_count &&
		    loop_now(s->loop) < s->deadline;
	if (!final && status_worse(s->failure.status, why.status) !=
			      s->failure.status)
		s->failure = why;
	xmpp_stream_note_failure(s, &why);
	if (!final && !more && xmpp_stream_fall_back(s))
		return;
	if (final || !more) {
		why = final ? why : s->failure;
		xmpp_stream_end(s, &why);
		return;
	}
	xmpp_stream_note(s, "%s", why.text);
	xmpp_stream_drop_target(s);
	xmpp_stream_next_target(s);
}

bool xmpp_stream_refuse(struct xmpp_stream *s, enum status status,
	const char *condition, const char *format, ...)
{
	struct err e = ERR_NONE;
	char text[ERR_TEXT_MAX];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	err_set(&e, status, "%s", text);
	if (condition)
		err_condition(&e, condition, false);
	timer_stop(s->timer);
	xmpp_wire_refuse(s->wire,
		condition ? xmpp_error_stream(condition, NULL) : NULL, &e);
	return false;
}

/* ---- phases ---- */

void xmpp_stream_enter(struct xmpp_stream *s, enum xmpp_phase phase)
{
	s->phase = phase;
	if (phase >= XMPP_PHASE_ONLINE) {
		timer_stop(s->timer);
		return;
	}
	usec_t until = s->target_until;
	usec_t silence = loop_now(s->loop) + XMPP_STREAM_PHASE_DEADLINE;
	timer_set_at(s->timer, silence < until ? silence : until);
}

void xmpp_stream_on_timer(void *arg)
{
	struct xmpp_stream *s = arg;
	struct err e = ERR_NONE;
	if (s->phase == XMPP_PHASE_CLOSING) {
		xmpp_stream_end(s, &e);
		return;
	}
	if (s->phase == XMPP_PHASE_REST) {
		xmpp_stream_end_rest(s);
		return;
	}
	if (s->phase == XMPP_PHASE_LOOKUP && s->target_count) {
		xmpp_stream_next_target(s);
		return;
	}
	err_set(&e, STATUS_TIMEOUT, "%s", silences[s->phase]);
	if (s->phase == XMPP_PHASE_LOOKUP && s->web_search && s->via.host)
		err_set(&e, STATUS_TIMEOUT,
			"no host-meta comes through the proxy %s:%u",
			s->via.host, s->via.port);
	if (s->phase == XMPP_PHASE_LOOKUP)
		err_prefix(&e, "%s", s->domain);
	e.retryable = true;
	xmpp_stream_fail(s, &e);
}
