/* Stanzas that go out on a bound stream, and whether somebody is there to take
 * them (XEP-0198). */
#include "xml/parser.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

void xmpp_stream_write(struct xmpp_stream *s, struct xml_element *element)
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
		xmpp_stream_write(s, xmpp_stream_enable_request(s));
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

static void ask_now(struct xmpp_stream *s)
{
	xmpp_stream_write(s, xmpp_sm_make("r"));
	xmpp_sm_asked(&s->sm);
	if (s->handlers.asked)
		s->handlers.asked(s->arg);
}

static void ask(struct xmpp_stream *s, bool idle)
{
	if (xmpp_sm_should_ask(&s->sm, idle))
		ask_now(s);
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
		xmpp_stream_write(s, xmpp_sm_make_a(&s->sm));
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
		xmpp_stream_write(
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
		xmpp_stream_write(s, xmpp_sm_make_a(&s->sm));
}

void xmpp_stream_probe(struct xmpp_stream *s)
{
	if (s->phase != XMPP_PHASE_ONLINE)
		return;
	if (s->sm.state == XMPP_SM_ON) {
		ask_now(s);
		return;
	}
	xmpp_wire_keepalive(s->wire);
	if (s->handlers.asked)
		s->handlers.asked(s->arg);
}

bool xmpp_stream_has_more(const struct xmpp_stream *s)
{
	return s->wire && xmpp_wire_has_more(s->wire);
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
