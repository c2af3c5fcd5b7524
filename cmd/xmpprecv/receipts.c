#include "receipts.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "xmpp/ns.h"

struct watcher {
	struct map_node node; /* by bare JID, prepared */
	struct xmpp_jid jid;
};

struct waiting {
	struct link link;
	struct xml_element *ack;
};

struct receipts {
	struct xmpp_client *client;
	bool to_all, known; /* the roster is here */
	struct xmpp_iq *asked;
	struct map watchers; /* who may see our presence */
	struct link waiting;
	size_t count;
};

struct receipts *receipts_new(struct xmpp_client *c, bool to_all)
{
	struct receipts *r = mem_alloc(sizeof(*r));
	r->client = c;
	r->to_all = to_all;
	link_init(&r->waiting);
	xmpp_client_add_feature(c, XMPP_NS_RECEIPTS);
	return r;
}

/* ---- who ---- */

static struct watcher *find(const struct receipts *r, struct span bare)
{
	struct map_node *n = map_find(&r->watchers, bare);
	return n ? MAP_ITEM(n, struct watcher, node) : NULL;
}

static void forget(struct receipts *r, struct watcher *w)
{
	map_remove(&r->watchers, &w->node);
	xmpp_jid_clear(&w->jid);
	mem_free(w);
}

static void forget_all(struct receipts *r)
{
	struct map_node *n;
	while ((n = map_next(&r->watchers, NULL)))
		forget(r, MAP_ITEM(n, struct watcher, node));
}

static void learn(struct receipts *r, const struct xmpp_roster_item *item)
{
	struct xmpp_jid jid;
	if (!xmpp_jid_parse(&jid, span_of(item->jid), NULL))
		return;
	bool may = item->subscription == XMPP_SUBSCRIPTION_FROM ||
		   item->subscription == XMPP_SUBSCRIPTION_BOTH;
	struct watcher *w = find(r, xmpp_jid_bare(&jid));
	if (w && !may)
		forget(r, w);
	if (!w && may) {
		w = mem_alloc(sizeof(*w));
		xmpp_jid_copy_bare(&w->jid, &jid);
		map_add(&r->watchers, &w->node, xmpp_jid_full(&w->jid));
	}
	xmpp_jid_clear(&jid);
}

void receipts_roster(struct receipts *r, const struct xmpp_roster_item *item)
{
	if (r->known)
		learn(r, item);
}

static bool may_have(const struct receipts *r, const struct xml_element *ack)
{
	struct xmpp_jid to;
	if (r->to_all)
		return true;
	if (!xmpp_jid_parse(
		    &to, span_of(xml_element_attr_find(ack, "to")), NULL))
		return false;
	bool may = xmpp_jid_equal_bare(&to, xmpp_client_jid(r->client)) ||
		   find(r, xmpp_jid_bare(&to)) != NULL;
	xmpp_jid_clear(&to);
	return may;
}

/* ---- when ---- */

static void decide(struct receipts *r, struct xml_element *ack)
{
	if (may_have(r, ack))
		xmpp_client_send(r->client, ack, NULL);
	else
		xml_element_free(ack);
}

/* All that wait: sent where they may be, or thrown away. */
static void empty(struct receipts *r, bool send)
{
	LIST_EACH(&r->waiting, at)
	{
		struct waiting *w = LIST_ITEM(at, struct waiting, link);
		list_remove(&w->link);
		if (send)
			decide(r, w->ack);
		else
			xml_element_free(w->ack);
		mem_free(w);
	}
	r->count = 0;
}

static void on_roster(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct receipts *r = arg;
	r->asked = NULL;
	if (err_is_set(e)) {
		empty(r, false);
		return;
	}
	r->known = true;
	const struct xml_element *query =
		xml_element_find(reply, "query", XMPP_NS_ROSTER);
	struct xmpp_roster_item item;
	if (query)
		XML_ELEMENT_EACH(query, at, "item", XMPP_NS_ROSTER)
	if (xmpp_roster_item_parse(&item, at))
		learn(r, &item);
	empty(r, true);
}

void receipts_give(struct receipts *r, struct xml_element *ack)
{
	if (r->known || r->to_all) {
		decide(r, ack);
		return;
	}
	if (r->count >= RECEIPTS_WAITING_MAX) {
		xml_element_free(ack);
		return;
	}
	struct waiting *w = mem_alloc(sizeof(*w));
	w->ack = ack;
	list_append(&r->waiting, &w->link);
	r->count++;
	if (!r->asked)
		r->asked = xmpp_client_request(r->client,
			xmpp_roster_make_get(), USEC_NEVER, on_roster, r, NULL);
}

bool receipts_is_idle(void *receipts)
{
	const struct receipts *r = receipts;
	return r->count == 0;
}

void receipts_renew(struct receipts *r)
{
	r->known = false;
	forget_all(r);
}

void receipts_free(struct receipts *r)
{
	if (!r)
		return;
	xmpp_iq_cancel(r->asked);
	empty(r, false);
	forget_all(r);
	map_clear(&r->watchers);
	mem_free(r);
}
