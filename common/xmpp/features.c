#include "xmpp/features.h"

#include <stdio.h>

#include "xmpp/ns.h"
#include "xmpp/parser.h"

/* XEP-0478; INTEROP: nobody means less than RFC 6120 section 13.12 lets them,
 * which a missing or broken figure would. */
static uint32_t max_bytes_of(const struct xmpp_stanza *features)
{
	const struct xmpp_stanza *limits =
		xmpp_stanza_find(features, "limits", XMPP_NS_LIMITS);
	uint32_t max;
	if (!limits ||
		!span_to_u32(span_trim(xmpp_stanza_child_text(
				     limits, "max-bytes", XMPP_NS_LIMITS)),
			UINT32_MAX, &max) ||
		max < XMPP_STANZA_LEAST)
		return 0;
	return max;
}

bool xmpp_features_parse(
	struct xmpp_features *f, const struct xmpp_stanza *s, struct err *e)
{
	if (!xmpp_stanza_is(s, "features", XMPP_NS_STREAM)) {
		err_set(e, STATUS_MALFORMED,
			"<%s/> where <stream:features/> must be", s->name);
		err_condition(e, "policy-violation", false);
		return false;
	}
	struct xmpp_features found = { 0 };
	if (!xmpp_sasl_offer_parse(&found.sasl, s, false, e))
		return false;
	const struct xmpp_stanza *starttls =
		xmpp_stanza_find(s, "starttls", XMPP_NS_TLS);
	found.starttls = starttls != NULL;
	found.starttls_required =
		starttls && xmpp_stanza_find(starttls, "required", XMPP_NS_TLS);
	found.bind = xmpp_stanza_find(s, "bind", XMPP_NS_BIND) != NULL;
	const struct xmpp_stanza *session =
		xmpp_stanza_find(s, "session", XMPP_NS_SESSION);
	found.session_required =
		session &&
		!xmpp_stanza_find(session, "optional", XMPP_NS_SESSION);
	found.sm = xmpp_stanza_find(s, "sm", XMPP_NS_SM) != NULL;
	found.max_bytes = max_bytes_of(s);
	found.csi = xmpp_stanza_find(s, "csi", XMPP_NS_CSI) != NULL;
	*f = found;
	return true;
}

static void add_sasl(struct xmpp_stanza *s, const struct xmpp_sasl_offer *offer)
{
	if (offer->has_binding_list) {
		struct xmpp_stanza *list = xmpp_stanza_child(
			s, "sasl-channel-binding", XMPP_NS_CHANNEL_BINDING);
		for (size_t i = 0; i < offer->binding_count; i++)
			xmpp_stanza_attr_span(xmpp_stanza_child(list,
						      "channel-binding", NULL),
				"type", offer->bindings[i]);
	}
	if (offer->mechanism_count == 0)
		return;
	struct xmpp_stanza *list =
		xmpp_stanza_child(s, "mechanisms", XMPP_NS_SASL);
	for (size_t i = 0; i < offer->mechanism_count; i++)
		xmpp_stanza_text_span(
			xmpp_stanza_child(list, "mechanism", NULL),
			offer->mechanisms[i]);
}

struct xmpp_stanza *xmpp_features_make(const struct xmpp_features *f)
{
	struct xmpp_stanza *s = xmpp_stanza_new("features", XMPP_NS_STREAM);
	if (f->starttls) {
		struct xmpp_stanza *starttls =
			xmpp_stanza_child(s, "starttls", XMPP_NS_TLS);
		if (f->starttls_required)
			xmpp_stanza_child(starttls, "required", NULL);
	}
	add_sasl(s, &f->sasl);
	if (f->bind)
		xmpp_stanza_child(s, "bind", XMPP_NS_BIND);
	if (f->session_required)
		xmpp_stanza_child(s, "session", XMPP_NS_SESSION);
	if (f->sm)
		xmpp_stanza_child(s, "sm", XMPP_NS_SM);
	if (f->max_bytes) {
		struct xmpp_stanza *limits =
			xmpp_stanza_child(s, "limits", XMPP_NS_LIMITS);
		char max[16];
		snprintf(max, sizeof(max), "%u", f->max_bytes);
		xmpp_stanza_text(
			xmpp_stanza_child(limits, "max-bytes", NULL), max);
	}
	if (f->csi)
		xmpp_stanza_child(s, "csi", XMPP_NS_CSI);
	return s;
}
