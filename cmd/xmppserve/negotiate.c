/* Until a session is a resource: headers and features, TLS, binding (RFC 6120
 * sections 4.3, 5 and 7). */
#include "authenticate.h"

#include "base/rand.h"
#include "resume.h"
#include "xml/parser.h"
#include "xmpp/error.h"
#include "xmpp/features.h"
#include "xmpp/ns.h"

#define STREAM_ID_LENGTH 20
#define RESOURCE_LENGTH 10

/* ---- headers and features ---- */

void negotiate_features(struct session *c)
{
	struct xmpp_features f = { 0 };
	switch (c->phase) {
	case SESSION_CONNECTED:
		f.starttls = f.starttls_required = true;
		break;
	case SESSION_SECURE:
		authenticate_offer(c, &f);
		break;
	case SESSION_KNOWN:
		f.bind = f.sm = true;
		f.max_bytes = XMPP_STANZA_MAX;
		break;
	case SESSION_BOUND: /* with authentication */
		f.sm = true;
		f.max_bytes = XMPP_STANZA_MAX;
		break;
	case SESSION_ENDING:
		break;
	}
	session_say(c, xmpp_features_make(&f));
}

static bool is_our_domain(const struct server *s, struct span to)
{
	struct xmpp_jid jid;
	bool ours = xmpp_jid_parse(&jid, to, NULL) &&
		    xmpp_jid_equal(&jid, &s->domain);
	xmpp_jid_clear(&jid);
	return ours;
}

void negotiate_header(struct session *c, const struct xmpp_header *h)
{
	char id[STREAM_ID_LENGTH + 1];
	/* Not with <success/>: a client forgets what comes in one piece. */
	if (c->phase == SESSION_KNOWN && session_fault(c, FAULT_SUCCESS))
		return;
	rand_token(id, STREAM_ID_LENGTH);
	/* Section 4.7.4: the language of what we say in error texts. */
	xmpp_wire_open(c->wire,
		&(struct xmpp_header){ .from = c->server->domain.domain,
			.to = h->from,
			.id = span_of(id),
			.lang = SPAN("en") });
	if (is_our_domain(c->server, h->to))
		negotiate_features(c);
	else
		session_end(c, "host-unknown");
}

/* ---- TLS ---- */

static void start_tls(struct session *c)
{
	session_say(c, xml_element_new("proceed", XMPP_NS_TLS));
	if (!session_fault(c, FAULT_PROCEED))
		xmpp_wire_start_tls(c->wire, c->server->tls,
			&(struct tls_peer){ .naming = TLS_NAMING_XMPP });
}

/* ---- binding ---- */

static bool choose_resource(
	struct session *c, const struct xml_element *bind, struct err *e)
{
	char random[RESOURCE_LENGTH + 1];
	struct span wanted =
		xml_element_child_text(bind, "resource", XMPP_NS_BIND);
	rand_token(random, RESOURCE_LENGTH);
	return xmpp_jid_make(&c->jid, c->user->jid.local, c->user->jid.domain,
		wanted.n ? wanted : span_of(random), e);
}

static void bind_resource(struct session *c, const struct xml_element *iq,
	const struct xml_element *bind)
{
	if (!xml_element_attr_find(iq, "id") ||
		!choose_resource(c, bind, NULL)) {
		session_say(c, xmpp_error_reply(iq, "bad-request", NULL));
		return;
	}
	struct xml_element *result = xmpp_stanza_reply(iq, "result");
	struct xml_element *b = xml_element_child(result, "bind", XMPP_NS_BIND);
	xml_element_text_span(
		xml_element_child(b, "jid", NULL), xmpp_jid_full(&c->jid));
	session_say(c, result);
	session_bound(c);
	session_fault(c, FAULT_BOUND);
}

static void negotiate_bind(struct session *c, const struct xml_element *s)
{
	const struct xml_element *bind =
		xml_element_find(s, "bind", XMPP_NS_BIND);
	if (xmpp_sm_is(s, "resume"))
		resume_take(c, s);
	else if (xml_element_is(s, "iq", XMPP_NS_CLIENT) &&
		 xml_element_attr_is(s, "type", "set") && bind)
		bind_resource(c, s, bind);
	else
		session_end(c, "not-authorized"); /* section 7.1 */
}

/* ---- the whole ---- */

void negotiate_element(struct session *c, const struct xml_element *s)
{
	switch (c->phase) {
	case SESSION_CONNECTED:
		if (xml_element_is(s, "starttls", XMPP_NS_TLS))
			start_tls(c);
		else
			session_end(c, "policy-violation");
		break;
	case SESSION_SECURE:
		authenticate_element(c, s);
		break;
	case SESSION_KNOWN:
		negotiate_bind(c, s);
		break;
	case SESSION_BOUND:
	case SESSION_ENDING:
		break;
	}
}
