#include "xmpp/features.h"

#include <stdio.h>

#include "xml/parser.h"
#include "xmpp/ns.h"

/* XEP-0478; INTEROP: nobody means less than RFC 6120 section 13.12 lets them,
 * which a missing or broken figure would. */
static uint32_t max_bytes_of(const struct xml_element *features)
{
	const struct xml_element *limits =
		xml_element_find(features, "limits", XMPP_NS_LIMITS);
	uint32_t max;
	if (!limits ||
		!span_to_u32(span_trim(xml_element_child_text(
				     limits, "max-bytes", XMPP_NS_LIMITS)),
			UINT32_MAX, &max) ||
		max < XMPP_STANZA_LEAST)
		return 0;
	return max;
}

/* XEP-0386 section 4.1: what a session can begin with */
static void parse_bind2(struct xmpp_features *f, const struct xml_element *bind)
{
	const struct xml_element *at =
		xml_element_find(bind, "inline", XMPP_NS_BIND2);
	f->bind2 = true;
	if (at)
		XML_ELEMENT_EACH(at, feature, "feature", XMPP_NS_BIND2)
		{
			f->bind2_sm |=
				xml_element_attr_is(feature, "var", XMPP_NS_SM);
			f->bind2_carbons |= xml_element_attr_is(
				feature, "var", XMPP_NS_CARBONS);
			f->bind2_csi |= xml_element_attr_is(
				feature, "var", XMPP_NS_CSI);
		}
}

/* XEP-0388 section 2.1: <inline/> of <authentication/> */
static bool parse_inline(
	struct xmpp_features *f, const struct xml_element *s, struct err *e)
{
	const struct xml_element *at =
		xml_element_find(s, "authentication", XMPP_NS_SASL2);
	if (at)
		at = xml_element_find(at, "inline", XMPP_NS_SASL2);
	if (!at)
		return true;
	f->resume = xml_element_find(at, "sm", XMPP_NS_SM) != NULL;
	const struct xml_element *bind =
		xml_element_find(at, "bind", XMPP_NS_BIND2);
	if (bind)
		parse_bind2(f, bind);
	const struct xml_element *fast =
		xml_element_find(at, "fast", XMPP_NS_FAST);
	if (fast)
		XML_ELEMENT_EACH(fast, m, "mechanism", XMPP_NS_FAST)
		{
			if (f->fast_count == XMPP_SASL_OFFER_MAX)
				return err_set(e, STATUS_AUTH,
					"the server offers more than %d "
					"mechanisms for tokens",
					XMPP_SASL_OFFER_MAX);
			f->fast[f->fast_count++] =
				span_trim(xml_element_text_get(m));
		}
	return true;
}

bool xmpp_features_parse(
	struct xmpp_features *f, const struct xml_element *s, struct err *e)
{
	if (!xml_element_is(s, "features", XMPP_NS_STREAM)) {
		err_set(e, STATUS_MALFORMED,
			"<%s/> where <stream:features/> must be", s->name);
		err_condition(e, "policy-violation", false);
		return false;
	}
	struct xmpp_features found = { 0 };
	if (!xmpp_sasl_offer_parse(&found.sasl, s, false, e) ||
		!xmpp_sasl_offer_parse(&found.sasl2, s, true, e) ||
		!parse_inline(&found, s, e))
		return false;
	const struct xml_element *starttls =
		xml_element_find(s, "starttls", XMPP_NS_TLS);
	found.starttls = starttls != NULL;
	found.starttls_required =
		starttls && xml_element_find(starttls, "required", XMPP_NS_TLS);
	found.bind = xml_element_find(s, "bind", XMPP_NS_BIND) != NULL;
	const struct xml_element *session =
		xml_element_find(s, "session", XMPP_NS_SESSION);
	found.session_required =
		session &&
		!xml_element_find(session, "optional", XMPP_NS_SESSION);
	found.sm = xml_element_find(s, "sm", XMPP_NS_SM) != NULL;
	found.max_bytes = max_bytes_of(s);
	found.csi = xml_element_find(s, "csi", XMPP_NS_CSI) != NULL;
	*f = found;
	return true;
}

static void add_sasl(struct xml_element *s, const struct xmpp_sasl_offer *offer)
{
	if (offer->has_binding_list) {
		struct xml_element *list = xml_element_child(
			s, "sasl-channel-binding", XMPP_NS_CHANNEL_BINDING);
		for (size_t i = 0; i < offer->binding_count; i++)
			xml_element_attr_span(xml_element_child(list,
						      "channel-binding", NULL),
				"type", offer->bindings[i]);
	}
	if (offer->mechanism_count == 0)
		return;
	struct xml_element *list =
		xml_element_child(s, "mechanisms", XMPP_NS_SASL);
	for (size_t i = 0; i < offer->mechanism_count; i++)
		xml_element_text_span(
			xml_element_child(list, "mechanism", NULL),
			offer->mechanisms[i]);
}

static void add_bind2(struct xml_element *s, const struct xmpp_features *f)
{
	const struct {
		bool is_offered;
		const char *var;
	} features[] = { { f->bind2_sm, XMPP_NS_SM },
		{ f->bind2_carbons, XMPP_NS_CARBONS },
		{ f->bind2_csi, XMPP_NS_CSI } };
	struct xml_element *at = xml_element_child(
		xml_element_child(s, "bind", XMPP_NS_BIND2), "inline", NULL);
	for (size_t i = 0; i < 3; i++)
		if (features[i].is_offered)
			xml_element_attr(xml_element_child(at, "feature", NULL),
				"var", features[i].var);
}

static void add_inline(struct xml_element *s, const struct xmpp_features *f)
{
	if (!f->fast_count && !f->resume && !f->bind2)
		return;
	struct xml_element *at = xml_element_child(s, "inline", NULL);
	if (f->resume)
		xml_element_child(at, "sm", XMPP_NS_SM);
	if (f->bind2)
		add_bind2(at, f);
	if (!f->fast_count)
		return;
	struct xml_element *fast = xml_element_child(at, "fast", XMPP_NS_FAST);
	for (size_t i = 0; i < f->fast_count; i++)
		xml_element_text_span(
			xml_element_child(fast, "mechanism", NULL), f->fast[i]);
}

static void add_sasl2(struct xml_element *s, const struct xmpp_features *f)
{
	const struct xmpp_sasl_offer *offer = &f->sasl2;
	if (offer->mechanism_count == 0)
		return;
	struct xml_element *list =
		xml_element_child(s, "authentication", XMPP_NS_SASL2);
	for (size_t i = 0; i < offer->mechanism_count; i++)
		xml_element_text_span(
			xml_element_child(list, "mechanism", NULL),
			offer->mechanisms[i]);
	add_inline(list, f);
}

struct xml_element *xmpp_features_make(const struct xmpp_features *f)
{
	struct xml_element *s = xml_element_new("features", XMPP_NS_STREAM);
	if (f->starttls) {
		struct xml_element *starttls =
			xml_element_child(s, "starttls", XMPP_NS_TLS);
		if (f->starttls_required)
			xml_element_child(starttls, "required", NULL);
	}
	add_sasl(s, &f->sasl);
	add_sasl2(s, f);
	if (f->bind)
		xml_element_child(s, "bind", XMPP_NS_BIND);
	if (f->session_required)
		xml_element_child(s, "session", XMPP_NS_SESSION);
	if (f->sm)
		xml_element_child(s, "sm", XMPP_NS_SM);
	if (f->max_bytes) {
		struct xml_element *limits =
			xml_element_child(s, "limits", XMPP_NS_LIMITS);
		char max[16];
		snprintf(max, sizeof(max), "%u", f->max_bytes);
		xml_element_text(
			xml_element_child(limits, "max-bytes", NULL), max);
	}
	if (f->csi)
		xml_element_child(s, "csi", XMPP_NS_CSI);
	return s;
}
