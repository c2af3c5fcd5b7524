/* After a cut: connecting again, resuming the session, or beginning a new one
 * (XEP-0198 section 5, RFC 6120 section 3.3). */
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

/* ---- connecting again ---- */

/* The network, or a server that will be back; not what would fail again. */
static bool may_pass(const struct err *why)
{
	if (xmpp_stream_is_final(why))
		return false;
	return why->retryable || why->status == STATUS_UNREACHABLE ||
	       why->status == STATUS_TIMEOUT;
}

static usec_t rest_of(unsigned rests)
{
	usec_t most = XMPP_STREAM_REST_FIRST;
	for (; rests && most < XMPP_STREAM_REST_MAX; rests--)
		most *= 2;
	if (most > XMPP_STREAM_REST_MAX)
		most = XMPP_STREAM_REST_MAX;
	/* At random, so that not all clients of a server come at once. */
	return (usec_t)rand_below((uint64_t)most) + 1;
}

static void begin_recovery(struct xmpp_stream *s)
{
	usec_t until = loop_now(s->loop) + s->reconnect;
	s->recovering = true;
	s->deadline = until < s->limit ? until : s->limit;
	s->target_next = s->target_count; /* the next step is a rest */
}

bool xmpp_stream_recover(struct xmpp_stream *s, const struct err *why)
{
	if (!s->reconnect || !xmpp_jid_is_set(&s->bound) ||
		s->phase >= XMPP_PHASE_CLOSING || !may_pass(why))
		return false;
	if (!s->recovering)
		begin_recovery(s);
	usec_t now = loop_now(s->loop);
	bool more = s->target_next < s->target_count;
	usec_t rest = more ? 0 : rest_of(s->rests);
	if (now + rest >= s->deadline)
		return false;
	xmpp_stream_drop_target(s);
	if (more) {
		xmpp_stream_note(s, "%s", why->text);
		xmpp_stream_next_target(s);
		return true;
	}
	xmpp_stream_note(s, "%s; connecting again in %lld ms", why->text,
		(long long)(rest / USEC_MS));
	s->rests++;
	xmpp_stream_enter(s, XMPP_PHASE_REST);
	timer_set(s->timer, rest);
	return true;
}

/* HOST[:PORT] that a server has named, to be reached as it was itself. */
static bool prefer(struct xmpp_stream *s, const char *where)
{
	struct xmpp_target found;
	/* What it names is reached by TCP, and we came where that is barred. */
	if (xmpp_target_is_web(s->target))
		return false;
	if (!xmpp_target_parse(
		    &found, span_of(where), s->target->security, NULL))
		return false;
	s->preferred = found;
	return true;
}

void xmpp_stream_end_rest(struct xmpp_stream *s)
{
	s->target_next = 0;
	s->failure = ERR_NONE;
	if (s->sm.location && prefer(s, s->sm.location))
		xmpp_stream_try(s, &s->preferred);
	else
		xmpp_stream_next_target(s);
}

bool xmpp_stream_redirect(struct xmpp_stream *s, const struct err *why)
{
	const char *where = s->wire ? xmpp_wire_other_host(s->wire) : NULL;
	/* Unverified, it could be anybody's host. */
	if (!where || !s->verified || s->phase >= XMPP_PHASE_CLOSING ||
		s->redirects >= XMPP_STREAM_REDIRECTS_MAX ||
		loop_now(s->loop) >= s->deadline || !prefer(s, where))
		return false;
	if (xmpp_jid_is_set(&s->bound) && !s->recovering) {
		if (!s->reconnect)
			return false;
		begin_recovery(s);
	}
	s->redirects++;
	xmpp_stream_note(s, "%s: %s", why->text, where);
	xmpp_stream_drop_target(s);
	xmpp_stream_try(s, &s->preferred);
	return true;
}

/* ---- the session ---- */

bool xmpp_stream_can_resume(const struct xmpp_stream *s)
{
	return s->sm.id && s->sm_offered && s->recovering;
}

void xmpp_stream_forget(struct xmpp_stream *s)
{
	if (!xmpp_jid_is_set(&s->bound))
		return;
	if (s->handlers.forgotten)
		s->handlers.forgotten(s->arg);
	xmpp_sm_forget(&s->sm);
	s->is_inline = s->has_carbons = false;
	mem_free(s->archive_end);
	s->archive_end = NULL;
}

void xmpp_stream_recovered(struct xmpp_stream *s)
{
	s->recovering = false;
	s->early = 0;
	s->redirects = 0;
	s->owed = false;
	s->in_session = true;
	s->since = loop_now(s->loop);
	if (!s->reconnect)
		buf_clear_wiped(&s->password);
	xmpp_stream_enter(s, XMPP_PHASE_ONLINE);
	if (s->paused)
		xmpp_wire_pause(s->wire, true);
	/* XEP-0352 section 5.2: every stream begins active, a resumed one too. */
	if (s->inactive)
		xmpp_stream_say_state(s);
}

void xmpp_stream_thrives(struct xmpp_stream *s)
{
	s->rests = 0;
}

static bool take_resumed(struct xmpp_stream *s, const struct xml_element *came)
{
	uint32_t h;
	struct err e = ERR_NONE;
	if (!xml_element_attr_is(came, "previd", s->sm.id) ||
		!xmpp_sm_parse_h(came, &h))
		return xmpp_stream_refuse(s, STATUS_MALFORMED, "bad-format",
			"another session than ours is resumed");
	if (h != s->sm.acked)
		xmpp_stream_thrives(s);
	if (!xmpp_sm_ack(&s->sm, h, &e))
		return xmpp_stream_refuse(
			s, e.status, e.condition, "%s", e.text);
	xmpp_stream_note(s, "resumed; %zu stanzas are sent again",
		xmpp_sm_unacked(&s->sm));
	xmpp_sm_rewind(&s->sm);
	xmpp_stream_recovered(s);
	xmpp_stream_pump(s);
	if (s->handlers.progress)
		s->handlers.progress(s->arg);
	return true;
}

bool xmpp_stream_take_resumption(
	struct xmpp_stream *s, const struct xml_element *came)
{
	uint32_t h;
	if (xmpp_sm_is(came, "resumed"))
		return take_resumed(s, came);
	if (!xmpp_sm_is(came, "failed"))
		return xmpp_stream_refuse(s, STATUS_MALFORMED,
			"policy-violation",
			"<%s/> where <resumed/> was to come", came->name);
	/* What arrived before the session was given up is known all the same,
	 * and that the rest did not. */
	if (xmpp_sm_parse_h(came, &h) && xmpp_sm_ack(&s->sm, h, NULL))
		xmpp_sm_rewind(&s->sm);
	xmpp_stream_note(s, "the session cannot be resumed");
	return xmpp_stream_bind(s);
}
