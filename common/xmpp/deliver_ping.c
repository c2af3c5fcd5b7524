/* The recipients whose server is asked by a ping behind the messages. */
#include <string.h>

#include "base/mem.h"
#include "xmpp/deliver_private.h"

/* Somebody whose server is asked. */
struct correspondent {
	struct map_node node; /* by bare JID */
	struct xmpp_client *client;
	char *bare;
	struct link asked; /* deliveries whose server has not answered */
	struct xmpp_iq *ping;
	uint64_t covered; /* the ping is behind those up to this number */
	bool busy;        /* its deliveries are being ended */
};

/* ---- correspondents ---- */

static struct correspondent *correspondent_get(
	struct xmpp_client *c, const struct xmpp_jid *to)
{
	struct span bare = xmpp_jid_bare(to);
	struct map_node *n = map_find(&c->correspondents, bare);
	if (n)
		return MAP_ITEM(n, struct correspondent, node);
	struct correspondent *them = mem_alloc(sizeof(*them));
	them->client = c;
	them->bare = span_dup(bare);
	link_init(&them->asked);
	map_add(&c->correspondents, &them->node, span_of(them->bare));
	return them;
}

static void correspondent_free(struct correspondent *them)
{
	map_remove(&them->client->correspondents, &them->node);
	xmpp_iq_cancel(them->ping);
	mem_free(them->bare);
	mem_free(them);
}

static void tidy(struct correspondent *them)
{
	if (!them->busy && !them->ping && link_is_alone(&them->asked))
		correspondent_free(them);
}

static struct xmpp_delivery *first_asked(const struct correspondent *them)
{
	struct link *first = list_first(&them->asked);
	return first ? LIST_ITEM(first, struct xmpp_delivery, of_them) : NULL;
}

/* ---- the ping behind the messages ---- */

/* Our own server says that the recipient's cannot be reached, which the
 * message cannot have fared better with. */
static bool is_no_answer(const struct xmpp_error *error)
{
	const char *name = error->condition->name;
	return strcmp(name, "remote-server-not-found") == 0 ||
	       strcmp(name, "remote-server-timeout") == 0;
}

static void on_pong(
	void *arg, const struct xml_element *reply, const struct err *e);

/* Where one is wanted, none is open and there is room. */
static void ping(struct correspondent *them)
{
	if (them->ping || link_is_alone(&them->asked) ||
		xmpp_client_is_full(them->client))
		return;
	them->covered =
		LIST_ITEM(them->asked.prev, struct xmpp_delivery, of_them)
			->number;
	them->ping = xmpp_client_request(them->client,
		xmpp_ping_make(them->bare), USEC_NEVER, on_pong, them, NULL);
}

/* It goes on waiting, for its recipient. */
static void answered(struct xmpp_delivery *d)
{
	list_remove(&d->of_them);
	d->them = NULL;
}

static void end_covered(
	struct correspondent *them, const struct xmpp_error *error)
{
	struct xmpp_delivery *d;
	while (!them->client->doomed && (d = first_asked(them)) &&
		d->number <= them->covered) {
		if (error)
			xmpp_delivery_bounced(d, error);
		else if (d->until == XMPP_UNTIL_ACCEPTED)
			xmpp_delivery_end(d, &ERR_NONE);
		else
			answered(d);
	}
}

static void on_pong(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct correspondent *them = arg;
	struct xmpp_client *c = them->client;
	struct xmpp_error error;
	(void)e;
	them->ping = NULL;
	if (!reply)
		return; /* who ends requests ends deliveries */
	bool failed = xmpp_error_parse(&error, reply) && is_no_answer(&error);
	xmpp_client_hold(c);
	them->busy = true;
	end_covered(them, failed ? &error : NULL);
	them->busy = false;
	if (!c->doomed) {
		ping(them);
		tidy(them);
	}
	xmpp_client_release(c);
}

void xmpp_correspondents_ping(struct xmpp_client *c)
{
	struct map_node *next = map_next(&c->correspondents, NULL);
	for (struct map_node *n; (n = next);) {
		next = map_next(&c->correspondents, n);
		struct correspondent *them =
			MAP_ITEM(n, struct correspondent, node);
		ping(them);
		tidy(them);
	}
}

void xmpp_correspondent_ask(struct xmpp_delivery *d)
{
	d->them = correspondent_get(d->client, &d->to);
	list_append(&d->them->asked, &d->of_them);
	ping(d->them);
}

void xmpp_correspondent_leave(struct xmpp_delivery *d)
{
	list_remove(&d->of_them);
	if (d->them)
		tidy(d->them);
}

void xmpp_correspondents_free(struct xmpp_client *c)
{
	struct map_node *n;
	while ((n = map_next(&c->correspondents, NULL)))
		correspondent_free(MAP_ITEM(n, struct correspondent, node));
	map_clear(&c->correspondents);
}
