#include "wait.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "xmpp/ns.h"

#define ANSWER_WAIT (10 * USEC_SEC)
/* Resources of one account; beyond them none is kept in mind. */
#define RESOURCES_MAX 1000

struct resource {
	struct map_node node; /* by resourcepart */
	char name[];
};

struct wait {
	struct xmpp_listen *listen;
	struct xmpp_jid jid;
	bool any;  /* SHOW was not given: available, however */
	bool gone; /* SHOW is unavailable */
	enum xmpp_show show;
	bool known;           /* who was there when we came has been told */
	bool heard;           /* presence of this one has come */
	bool subscribed;      /* to it */
	struct map available; /* struct resource, where `gone` */
};

/* An `=` may be in a resourcepart, so it is the last one that counts, and what
 * stands behind it must be a show. */
static bool parse(struct wait *w, const char *what, struct err *e)
{
	const char *equals = strrchr(what, '=');
	struct span jid = span_of(what);
	w->any = true;
	if (equals) {
		struct span show = span_of(equals + 1);
		w->gone = span_is(show, "unavailable");
		w->any = false;
		if (!w->gone && !xmpp_show_parse(&w->show, show))
			return err_set(e, STATUS_USAGE,
				"--wait-for: \"%s\" is not one of available, "
				"away, chat, dnd, xa, unavailable",
				equals + 1);
		jid = span_between(what, equals);
	}
	char *text = span_dup(jid);
	bool good = xmpp_login_parse_jid(&w->jid, text, e);
	mem_free(text);
	return good;
}

struct wait *wait_new(struct xmpp_listen *l, const char *what, struct err *e)
{
	struct wait *w = mem_alloc(sizeof(*w));
	w->listen = l;
	if (parse(w, what, e))
		return w;
	wait_free(w);
	return NULL;
}

static void forget(struct wait *w, struct map_node *n)
{
	if (!n)
		return;
	map_remove(&w->available, n);
	mem_free(MAP_ITEM(n, struct resource, node));
}

static void forget_all(struct wait *w)
{
	struct map_node *n;
	while ((n = map_next(&w->available, NULL)))
		forget(w, n);
}

void wait_free(struct wait *w)
{
	if (!w)
		return;
	forget_all(w);
	map_clear(&w->available);
	xmpp_jid_clear(&w->jid);
	mem_free(w);
}

/* ---- who is there ---- */

static void remember(struct wait *w, struct span name)
{
	if (map_find(&w->available, name) ||
		w->available.count >= RESOURCES_MAX)
		return;
	struct resource *r = mem_alloc(sizeof(*r) + name.n + 1);
	if (name.n)
		memcpy(r->name, name.p, name.n);
	map_add(&w->available, &r->node, span_from(r->name, name.n));
}

static void print(struct wait *w, const struct xml_element *s,
	const struct xmpp_presence *p)
{
	struct xmpp_listen *l = w->listen;
	struct record_xmpp x = xmpp_listen_records(l);
	l->done = true;
	record_xmpp_presence(&x, loop_wall(l->run->loop), s, p, &l->fault);
}

/* Nobody of them is there, and that is not said by a stanza. */
static void look_whether_gone(struct wait *w)
{
	if (!w->gone || !w->known || w->available.count || w->listen->done)
		return;
	const struct xmpp_presence p = { .type = XMPP_PRESENCE_UNAVAILABLE };
	struct xml_element *s = xmpp_presence_make(&p);
	xml_element_attr(s, "from", w->jid.text);
	print(w, s, &p);
	xml_element_free(s);
}

static void refuse(struct wait *w)
{
	err_set(&w->listen->fault, STATUS_REFUSED,
		"%s: we are not subscribed to their presence; --request asks "
		"for it",
		w->jid.text);
}

static void on_pong(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct wait *w = arg;
	(void)e;
	if (!reply)
		return;
	w->known = true;
	if (w->heard || w->subscribed)
		look_whether_gone(w);
	else
		refuse(w);
}

/* Our other resources we see without a subscription. */
static void on_roster(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct wait *w = arg;
	struct xmpp_client *c = w->listen->login.client;
	if (err_is_set(e)) {
		w->subscribed = true; /* nobody says otherwise */
		return;
	}
	struct xmpp_roster *r = xmpp_roster_new(reply);
	char *bare = span_dup(xmpp_jid_bare(&w->jid));
	const struct xmpp_roster_item *item = xmpp_roster_find(r, bare);
	w->subscribed =
		xmpp_jid_equal_bare(&w->jid, xmpp_client_jid(c)) ||
		(item && (item->subscription == XMPP_SUBSCRIPTION_TO ||
				 item->subscription == XMPP_SUBSCRIPTION_BOTH));
	mem_free(bare);
	xmpp_roster_free(r);
}

bool wait_begin(struct wait *w, struct err *e)
{
	struct xmpp_client *c = w->listen->login.client;
	char *bare = span_dup(xmpp_jid_bare(&w->jid));
	bool good = xmpp_client_request(c, xmpp_roster_make_get(), USEC_NEVER,
			    on_roster, w, e) &&
		    xmpp_client_request(c, xmpp_ping_make(bare), ANSWER_WAIT,
			    on_pong, w, e);
	mem_free(bare);
	return good;
}

bool wait_renew(struct wait *w, struct err *e)
{
	forget_all(w);
	w->known = w->heard = false;
	return wait_begin(w, e);
}

static bool is_of(const struct wait *w, const struct xmpp_jid *from)
{
	return xmpp_jid_is_full(&w->jid) ? xmpp_jid_equal(from, &w->jid)
					 : xmpp_jid_equal_bare(from, &w->jid);
}

static bool is_so(const struct wait *w, const struct xmpp_presence *p)
{
	return p->type == XMPP_PRESENCE_AVAILABLE && !w->gone &&
	       (w->any || p->show == w->show);
}

static bool take(struct wait *w, const struct xmpp_jid *from,
	const struct xml_element *s, const struct xmpp_presence *p)
{
	if (!is_of(w, from))
		return false;
	w->heard = true;
	if (p->type == XMPP_PRESENCE_AVAILABLE)
		remember(w, from->resource);
	else if (p->type == XMPP_PRESENCE_UNAVAILABLE)
		forget(w, map_find(&w->available, from->resource));
	if (!is_so(w, p)) {
		look_whether_gone(w);
		return w->listen->done;
	}
	print(w, s, p);
	return true;
}

bool wait_presence(struct wait *w, const struct xml_element *s,
	const struct xmpp_presence *p)
{
	struct xmpp_jid from;
	const char *text = xml_element_attr_find(s, "from");
	if (!text || !xmpp_jid_parse(&from, span_of(text), NULL))
		return false;
	bool done = take(w, &from, s, p);
	xmpp_jid_clear(&from);
	return done;
}
