/* Stanzas that come on a bound stream, and what the far side says it has
 * (XEP-0198). */
#include <string.h>

#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

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
	xmpp_stream_write(s, xmpp_sm_make_a(&s->sm));
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
		xmpp_stream_write(s, xmpp_sm_make_a(&s->sm));
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
