/* Stanzas on a bound stream, and who has them (XEP-0198). */
#include <string.h>

#include "xml/parser.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

static void write_element(struct xmpp_stream *s, struct xml_element *element)
{
	/* Ours are short and good; a full queue is drained before more. */
	xmpp_wire_send(s->wire, element, NULL);
	xml_element_free(element);
}

struct xml_element *xmpp_stream_enable_request(struct xmpp_stream *s)
{
	usec_t keep = s->reconnect < XMPP_STREAM_KEEP_MAX
			      ? s->reconnect
			      : XMPP_STREAM_KEEP_MAX;
	return xmpp_sm_enable(&s->sm, (unsigned)(keep / USEC_SEC));
}

void xmpp_stream_begin_session(struct xmpp_stream *s)
{
	xmpp_stream_note(s, "bound as %s", s->bound.text);
	if (s->sm_offered && s->sm.state == XMPP_SM_OFF)
		write_element(s, xmpp_stream_enable_request(s));
	xmpp_stream_recovered(s);
	xmpp_stream_remember(s);
	xmpp_stream_pump(s);
	if (s->handlers.online)
		s->handlers.online(s->arg);
}

void xmpp_stream_begin_talk(struct xmpp_stream *s, struct xml_element *came)
{
	s->in_session = true;
	xmpp_stream_enter(s, XMPP_PHASE_ONLINE);
	xmpp_stream_pump(s);
	if (s->handlers.online)
		s->handlers.online(s->arg);
	s->handlers.stanza(s->arg, came);
}

/* ---- out ---- */

/* Bound, or as good as.  Until it is known that the session can be resumed,
 * what is written can be lost with it: that is not much. */
static bool takes_stanzas(const struct xmpp_stream *s)
{
	if (s->sm.state == XMPP_SM_ASKED && s->reconnect &&
		xmpp_sm_unacked(&s->sm) >= XMPP_STREAM_UNSURE_MAX)
		return false;
	return s->phase == XMPP_PHASE_ONLINE || s->early & XMPP_EARLY_STANZAS;
}

static void ask(struct xmpp_stream *s, bool idle)
{
	if (!xmpp_sm_should_ask(&s->sm, idle))
		return;
	write_element(s, xmpp_sm_make("r"));
	xmpp_sm_asked(&s->sm);
}

void xmpp_stream_pump(struct xmpp_stream *s)
{
	const struct xml_element *next;
	while (takes_stanzas(s) && (next = xmpp_sm_next(&s->sm)) &&
		xmpp_wire_send(s->wire, next, NULL)) {
		xmpp_sm_sent(&s->sm);
		ask(s, false);
	}
}

void xmpp_stream_settle(struct xmpp_stream *s)
{
	bool idle = !xmpp_sm_next(&s->sm);
	if (!takes_stanzas(s))
		return;
	/* INTEROP: Prosody forgets beyond 500 in this direction too. */
	if (xmpp_sm_should_tell(&s->sm))
		write_element(s, xmpp_sm_make_a(&s->sm));
	ask(s, idle);
}

/* Before it is queued: later nobody could be told. */
static bool can_be_written(const struct xmpp_stream *s,
	const struct xml_element *stanza, struct err *e)
{
	size_t max = XMPP_STANZA_MAX;
	if (s->max_bytes && s->max_bytes < max)
		max = s->max_bytes;
	struct buf scratch = BUF_INIT(max);
	bool good = xmpp_stanza_format(&scratch, stanza, XMPP_NS_CLIENT, e);
	buf_clear(&scratch);
	return good;
}

/* An escape has six bytes at most. */
static bool may_be_too_large(
	const struct xmpp_stream *s, const struct xml_element *stanza)
{
	return s->max_bytes && 6 * xml_element_memory(stanza) > s->max_bytes;
}

static bool accept_stanza(struct xmpp_stream *s,
	const struct xml_element *stanza, bool *written, struct err *e)
{
	*written = false;
	if (s->phase >= XMPP_PHASE_CLOSING)
		return err_set(e, STATUS_UNREACHABLE, "the stream is closed");
	if (xmpp_sm_is_full(&s->sm)) {
		err_set(e, STATUS_LOCAL_IO,
			"%d stanzas wait for the server already",
			XMPP_SM_QUEUE_MAX);
		err_condition(e, "", true);
		return false;
	}
	bool waits = !takes_stanzas(s) || xmpp_sm_next(&s->sm);
	if ((waits || may_be_too_large(s, stanza)) &&
		!can_be_written(s, stanza, e))
		return false;
	if (waits)
		return true;
	struct err why = ERR_NONE;
	*written = xmpp_wire_send(s->wire, stanza, &why);
	if (*written || why.retryable)
		return true;
	if (e)
		*e = why;
	return false;
}

bool xmpp_stream_send(
	struct xmpp_stream *s, struct xml_element *stanza, struct err *e)
{
	bool written;
	if (!accept_stanza(s, stanza, &written, e)) {
		xml_element_free(stanza);
		return false;
	}
	xmpp_sm_push(&s->sm, stanza);
	if (written) {
		xmpp_sm_sent(&s->sm);
		ask(s, false);
	}
	return true;
}

bool xmpp_stream_is_full(const struct xmpp_stream *s)
{
	return xmpp_sm_is_full(&s->sm);
}

usec_t xmpp_stream_since(const struct xmpp_stream *s)
{
	return s->since;
}

bool xmpp_stream_is_online(const struct xmpp_stream *s)
{
	return s->phase == XMPP_PHASE_ONLINE;
}

void xmpp_stream_say_state(struct xmpp_stream *s)
{
	if (s->phase == XMPP_PHASE_ONLINE && s->csi_offered)
		write_element(
			s, xml_element_new(s->inactive ? "inactive" : "active",
				   XMPP_NS_CSI));
}

void xmpp_stream_set_active(struct xmpp_stream *s, bool active)
{
	if (s->inactive == !active)
		return;
	s->inactive = !active;
	xmpp_stream_say_state(s);
}

void xmpp_stream_farewell(struct xmpp_stream *s)
{
	xmpp_stream_pump(s);
	if (s->sm.state == XMPP_SM_ON)
		write_element(s, xmpp_sm_make_a(&s->sm));
}

void xmpp_stream_probe(struct xmpp_stream *s)
{
	if (s->phase != XMPP_PHASE_ONLINE)
		return;
	if (s->sm.state != XMPP_SM_ON) {
		xmpp_wire_keepalive(s->wire);
		return;
	}
	write_element(s, xmpp_sm_make("r"));
	xmpp_sm_asked(&s->sm);
}

usec_t xmpp_stream_heard(const struct xmpp_stream *s)
{
	return s->wire ? xmpp_wire_heard(s->wire) : 0;
}

void xmpp_stream_pause(struct xmpp_stream *s, bool paused)
{
	s->paused = paused;
	if (s->wire && s->in_session)
		xmpp_wire_pause(s->wire, paused);
}

/* ---- in: what is handled ---- */

uint32_t xmpp_stream_defer(struct xmpp_stream *s)
{
	xmpp_sm_defer(&s->sm, s->number);
	return s->number;
}

void xmpp_stream_handled(struct xmpp_stream *s, uint32_t number)
{
	xmpp_sm_handled(&s->sm, number);
	if (!s->owed || s->phase != XMPP_PHASE_ONLINE ||
		xmpp_sm_h(&s->sm) != s->sm.received)
		return;
	s->owed = false;
	write_element(s, xmpp_sm_make_a(&s->sm));
}

/* ---- in: stream management ---- */

/* Section 6: with the counts, so that its makers can find the fault. */
static void refuse_h(struct xmpp_stream *s, uint32_t h, const struct err *why)
{
	struct xml_element *error = xmpp_error_stream(why->condition, NULL);
	struct xml_element *detail =
		xml_element_child(error, "handled-count-too-high", XMPP_NS_SM);
	xml_element_attr_u64(detail, "h", h);
	xml_element_attr_u64(detail, "send-count", s->sm.sent);
	xmpp_wire_refuse(s->wire, error, why);
}

static void take_ack(struct xmpp_stream *s, const struct xml_element *a)
{
	uint32_t h;
	struct err e = ERR_NONE;
	if (!xmpp_sm_parse_h(a, &h)) {
		xmpp_stream_refuse(s, STATUS_MALFORMED, "bad-format",
			"an acknowledgement without a count");
		return;
	}
	if (!xmpp_sm_ack(&s->sm, h, &e)) {
		refuse_h(s, h, &e);
		return;
	}
	xmpp_stream_thrives(s);
	xmpp_stream_settle(s);
	if (s->handlers.progress)
		s->handlers.progress(s->arg);
}

/* It is known now what the server does. */
static void go_on(struct xmpp_stream *s)
{
	xmpp_stream_pump(s);
	xmpp_stream_settle(s);
	if (s->handlers.progress)
		s->handlers.progress(s->arg);
}

static void take_sm(struct xmpp_stream *s, const struct xml_element *e)
{
	if (s->sm.state == XMPP_SM_ON && xmpp_sm_is(e, "r")) {
		s->owed = xmpp_sm_h(&s->sm) != s->sm.received;
		write_element(s, xmpp_sm_make_a(&s->sm));
	} else if (s->sm.state == XMPP_SM_ON && xmpp_sm_is(e, "a")) {
		take_ack(s, e);
	} else if (s->sm.state == XMPP_SM_ASKED && xmpp_sm_is(e, "enabled")) {
		xmpp_sm_enabled(&s->sm, e);
		go_on(s);
	} else if (s->sm.state == XMPP_SM_ASKED && xmpp_sm_is(e, "failed")) {
		xmpp_stream_note(s, "the server refuses acknowledgements");
		xmpp_sm_off(&s->sm);
		go_on(s);
	}
}

static bool is_stanza(const struct xml_element *e)
{
	return xml_element_is(e, "message", XMPP_NS_CLIENT) ||
	       xml_element_is(e, "presence", XMPP_NS_CLIENT) ||
	       xml_element_is(e, "iq", XMPP_NS_CLIENT);
}

void xmpp_stream_take(struct xmpp_stream *s, struct xml_element *e)
{
	if (is_stanza(e) || s->unauthenticated) {
		xmpp_stream_thrives(s);
		s->number =
			s->sm.state == XMPP_SM_ON ? xmpp_sm_came(&s->sm) : 0;
		s->handlers.stanza(s->arg, e);
		return;
	}
	/* Other elements are of extensions nobody asked for. */
	if (strcmp(e->ns, XMPP_NS_SM) == 0)
		take_sm(s, e);
	xml_element_free(e);
}
