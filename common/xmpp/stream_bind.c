/* A resource, a step at a time (RFC 6120 section 7). */
#include "base/rand.h"
#include "xmpp/error.h"
#include "xmpp/iq.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

void xmpp_stream_open_again(struct xmpp_stream *s)
{
	xmpp_wire_restart(s->wire);
	xmpp_stream_open(s, XMPP_PHASE_FEATURES_AUTH);
	xmpp_stream_bind_early(s);
}

void xmpp_stream_go_on(struct xmpp_stream *s)
{
	xmpp_stream_enter(s, XMPP_PHASE_FEATURES_AUTH);
}

struct xml_element *xmpp_stream_bind_request(struct xmpp_stream *s)
{
	/* After a cut the same one: what is still sent there finds us. */
	struct span resource = xmpp_jid_is_set(&s->bound) ? s->bound.resource
							  : s->jid.resource;
	xmpp_stream_forget(s);
	rand_token(s->bind_id, sizeof(s->bind_id) - 1);
	struct xml_element *iq = xmpp_iq_make("set", NULL);
	xml_element_attr(iq, "id", s->bind_id);
	struct xml_element *bind = xml_element_child(iq, "bind", XMPP_NS_BIND);
	if (resource.n)
		xml_element_text_span(
			xml_element_child(bind, "resource", NULL), resource);
	return iq;
}

bool xmpp_stream_bind(struct xmpp_stream *s)
{
	s->early = 0;
	return xmpp_stream_bind_at_once(s);
}

bool xmpp_stream_begin_bind(
	struct xmpp_stream *s, const struct xml_element *came)
{
	struct xmpp_features f;
	if (!xmpp_stream_parse_features(s, &f, came))
		return false;
	s->session_required = f.session_required;
	s->sm_offered = f.sm;
	s->max_bytes = f.max_bytes;
	s->csi_offered = f.csi;
	if (s->granted)
		return xmpp_stream_take_inline(s);
	if (!f.bind)
		return xmpp_stream_refuse(s, STATUS_REFUSED, NULL,
			"does not let clients bind a resource");
	if (s->early) {
		xmpp_stream_enter(s, s->early & XMPP_EARLY_BIND
					     ? XMPP_PHASE_BIND
					     : XMPP_PHASE_RESUME);
		return true;
	}
	if (xmpp_stream_can_resume(s))
		return xmpp_stream_advance(
			s, xmpp_sm_make_resume(&s->sm), XMPP_PHASE_RESUME);
	return xmpp_stream_bind(s);
}

bool xmpp_stream_set_bound(struct xmpp_stream *s, struct span jid)
{
	struct xmpp_jid bound;
	if (xmpp_jid_parse(&bound, jid, NULL)) {
		if (xmpp_jid_is_full(&bound)) {
			xmpp_jid_clear(&s->bound);
			s->bound = bound;
			return true;
		}
		xmpp_jid_clear(&bound);
	}
	return xmpp_stream_refuse(s, STATUS_MALFORMED, "bad-format",
		"the bound address is no full JID");
}

bool xmpp_stream_take_bind(
	struct xmpp_stream *s, const struct xml_element *came)
{
	if (!xml_element_is(came, "iq", XMPP_NS_CLIENT) ||
		!xml_element_attr_is(came, "id", s->bind_id))
		return xmpp_stream_unexpected(s, came, "the bound resource");
	struct err e = ERR_NONE;
	struct xmpp_error error;
	if (xmpp_error_parse(&error, came)) {
		s->early = 0; /* an answer, and no stumble */
		xmpp_error_to_err(&error, &e);
		err_prefix(&e, "no resource is bound");
		xmpp_wire_refuse(s->wire, NULL, &e);
		return false;
	}
	const struct xml_element *bind =
		xml_element_find(came, "bind", XMPP_NS_BIND);
	struct span jid = SPAN_EMPTY;
	if (bind)
		jid = xml_element_child_text(bind, "jid", XMPP_NS_BIND);
	if (!xmpp_stream_set_bound(s, jid))
		return false;
	if (s->session_required) {
		struct xml_element *iq = xmpp_iq_make("set", NULL);
		xml_element_attr(iq, "id", "session");
		xml_element_child(iq, "session", XMPP_NS_SESSION);
		if (!xmpp_stream_advance(s, iq, XMPP_PHASE_BIND))
			return false;
	}
	xmpp_stream_begin_session(s);
	return true;
}
