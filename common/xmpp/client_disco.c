/* What a client says of itself to who asks (XEP-0030 section 3): that it is
 * one, on a console, and what it can do.  It has no items and no nodes. */
#include "xmpp/client_private.h"
#include "xmpp/disco.h"
#include "xmpp/error.h"

void xmpp_client_add_feature(struct xmpp_client *c, const char *feature)
{
	if (c->feature_count < XMPP_CLIENT_FEATURES)
		c->features[c->feature_count++] = feature;
}

/* False: it is about a node, and was answered. */
static bool is_about_us(
	struct xmpp_client *c, const struct xml_element *request)
{
	const struct xml_element *query = xml_element_find(request, NULL, NULL);
	if (!xml_element_attr_find(query, "node"))
		return true;
	xmpp_iqs_answer(
		c->iqs, xmpp_error_reply(request, "item-not-found", NULL));
	return false;
}

static void add_feature(struct xml_element *query, const char *var)
{
	struct xml_element *feature =
		xml_element_child(query, "feature", XMPP_NS_DISCO_INFO);
	xml_element_attr(feature, "var", var);
}

static bool on_info(void *arg, const struct xml_element *request)
{
	struct xmpp_client *c = arg;
	if (!is_about_us(c, request))
		return true;
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	struct xml_element *query =
		xml_element_child(reply, "query", XMPP_NS_DISCO_INFO);
	struct xml_element *identity =
		xml_element_child(query, "identity", XMPP_NS_DISCO_INFO);
	xml_element_attr(identity, "category", "client");
	xml_element_attr(identity, "type", "console");
	xml_element_attr(identity, "name", "samtal");
	for (size_t i = 0; i < c->feature_count; i++)
		add_feature(query, c->features[i]);
	xmpp_iqs_answer(c->iqs, reply);
	return true;
}

static bool on_items(void *arg, const struct xml_element *request)
{
	struct xmpp_client *c = arg;
	if (!is_about_us(c, request))
		return true;
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	xml_element_child(reply, "query", XMPP_NS_DISCO_ITEMS);
	xmpp_iqs_answer(c->iqs, reply);
	return true;
}

void xmpp_client_answer_disco(struct xmpp_client *c)
{
	xmpp_client_add_feature(c, XMPP_NS_DISCO_INFO);
	xmpp_client_add_feature(c, XMPP_NS_DISCO_ITEMS);
	xmpp_client_add_feature(c, XMPP_NS_PING);
	xmpp_iqs_on(c->iqs, "get", "query", XMPP_NS_DISCO_INFO, on_info, c);
	xmpp_iqs_on(c->iqs, "get", "query", XMPP_NS_DISCO_ITEMS, on_items, c);
}
