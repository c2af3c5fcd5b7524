#include "xmpp/deliver.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/client_private.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

#define ID_LENGTH 20

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

struct xmpp_delivery {
	struct link link;    /* of client.deliveries */
	struct link of_them; /* of correspondent.asked */
	struct xmpp_client *client;
	struct correspondent *them; /* NULL: their server is not asked */
	char *id;
	struct xmpp_jid to;
	enum xmpp_deliver_until until;
	struct timer *timer;
	usec_t wait;
	uint64_t number; /* among those ever pushed (xmpp/sm.h) */
	bool in_doubt;   /* its session is gone … */
	bool was_acked;  /* … and our server had it */
	xmpp_delivered *done;
	void *arg;
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

/* ---- the end of one ---- */

void xmpp_delivery_cancel(struct xmpp_delivery *d)
{
	if (!d)
		return;
	list_remove(&d->link);
	list_remove(&d->of_them);
	if (d->them)
		tidy(d->them);
	timer_free(d->timer);
	xmpp_jid_clear(&d->to);
	mem_free(d->id);
	mem_free(d);
}

const char *xmpp_delivery_id(const struct xmpp_delivery *d)
{
	return d->id;
}

static void end(struct xmpp_delivery *d, const struct err *e)
{
	xmpp_delivered *done = d->done;
	void *arg = d->arg;
	xmpp_delivery_cancel(d);
	done(arg, e);
}

/* Nobody will say more of it; because is NULL where time is up. */
static void end_unknown(struct xmpp_delivery *d, const struct err *because)
{
	const struct xmpp_sm *sm = xmpp_client_sm(d->client);
	enum xmpp_sm_place place = xmpp_sm_place(sm, d->number);
	bool acked =
		d->in_doubt ? d->was_acked
			    : place == XMPP_SM_GONE && sm->state != XMPP_SM_OFF;
	bool answered = d->until >= XMPP_UNTIL_ACCEPTED && !d->in_doubt &&
			link_is_alone(&d->of_them);
	struct err e = ERR_NONE;
	char *silence =
		mem_format("no answer from %.*s", SPAN_ARGS(d->to.domain));
	if (place == XMPP_SM_UNSENT && because)
		e = *because;
	else if (place == XMPP_SM_UNSENT)
		err_set(&e, STATUS_TIMEOUT, "not sent: %s",
			xmpp_client_is_online(d->client)
				? "our own server acknowledges nothing"
				: "there is no connection");
	else if (answered)
		err_set(&e, STATUS_TIMEOUT, "accepted there, %s: %s",
			d->until == XMPP_UNTIL_RECEIVED
				? "not known to be received"
				: "not known to be displayed",
			because ? because->text : "no client says so");
	else if (acked)
		err_set(&e, STATUS_TIMEOUT, "accepted here, unknown there: %s",
			because ? because->text : silence);
	else if (because)
		err_set(&e, STATUS_TIMEOUT, "unknown whether it arrived: %s",
			because->text);
	else if (sm->state == XMPP_SM_ON)
		err_set(&e, STATUS_TIMEOUT,
			"sent, but not acknowledged by our own server");
	else
		err_set(&e, STATUS_TIMEOUT, "sent, unknown beyond that: %s",
			silence);
	mem_free(silence);
	if (place != XMPP_SM_UNSENT || !because) {
		err_prefix(&e, "%s", d->to.text);
		e.retryable = true;
	}
	end(d, &e);
}

/* A connection that was cut is not the silence of the other; where it does not
 * come back, the stream's end tells. */
static usec_t still_to_wait(const struct xmpp_delivery *d)
{
	const struct xmpp_client *c = d->client;
	if (!c->was_online)
		return 0;
	if (!xmpp_stream_is_online(c->stream))
		return d->wait;
	usec_t online = loop_now(c->loop) - xmpp_stream_since(c->stream);
	return online < d->wait ? d->wait - online : 0;
}

static void on_timer(void *arg)
{
	struct xmpp_delivery *d = arg;
	usec_t more = still_to_wait(d);
	if (more)
		timer_set(d->timer, more);
	else
		end_unknown(d, NULL);
}

/* ---- the end of all ---- */

static void end_all(struct xmpp_client *c, const struct err *because)
{
	struct link *first;
	xmpp_client_hold(c);
	while (!c->doomed && (first = list_first(&c->deliveries)))
		end_unknown(
			LIST_ITEM(first, struct xmpp_delivery, link), because);
	xmpp_client_release(c);
}

void xmpp_deliveries_give_up(struct xmpp_client *c)
{
	end_all(c, NULL);
}

void xmpp_deliveries_end(struct xmpp_client *c, const struct err *e)
{
	xmpp_deliveries_look(c);
	end_all(c, e);
}

void xmpp_deliveries_forget(struct xmpp_client *c)
{
	struct link *first;
	struct map_node *n;
	while ((first = list_first(&c->deliveries)))
		xmpp_delivery_cancel(
			LIST_ITEM(first, struct xmpp_delivery, link));
	while ((n = map_next(&c->correspondents, NULL)))
		correspondent_free(MAP_ITEM(n, struct correspondent, node));
	map_clear(&c->correspondents);
}

/* ---- what comes back: bounces, receipts, markers ---- */

/* Errors come in the recipient's name, whoever found the fault; INTEROP: some
 * servers put their own. */
static bool may_bounce(const struct xmpp_delivery *d, const char *from)
{
	const struct xmpp_jid *self = xmpp_client_jid(d->client);
	if (xmpp_from_account(from, self))
		return true;
	struct xmpp_jid jid;
	if (!xmpp_jid_parse(&jid, span_of(from), NULL))
		return false;
	bool server = !jid.local.n && !jid.resource.n;
	bool may = xmpp_jid_equal_bare(&jid, &d->to) ||
		   (server && (span_equal(jid.domain, d->to.domain) ||
				      span_equal(jid.domain, self->domain)));
	xmpp_jid_clear(&jid);
	return may;
}

static bool is_of_recipient(const struct xmpp_delivery *d, const char *from)
{
	struct xmpp_jid jid;
	if (!from || !xmpp_jid_parse(&jid, span_of(from), NULL))
		return false;
	bool is = xmpp_jid_equal_bare(&jid, &d->to);
	xmpp_jid_clear(&jid);
	return is;
}

/* The one of that id that `from` may speak for. */
static struct xmpp_delivery *find(struct xmpp_client *c, const char *id,
	const char *from,
	bool (*may_speak)(const struct xmpp_delivery *d, const char *from))
{
	if (!id)
		return NULL;
	LIST_EACH(&c->deliveries, at)
	{
		struct xmpp_delivery *d =
			LIST_ITEM(at, struct xmpp_delivery, link);
		if (strcmp(d->id, id) == 0 && may_speak(d, from))
			return d;
	}
	return NULL;
}

static struct xmpp_delivery *find_up_to(
	const struct xmpp_client *c, const struct xmpp_jid *to, uint64_t number)
{
	LIST_EACH(&c->deliveries, at)
	{
		struct xmpp_delivery *d =
			LIST_ITEM(at, struct xmpp_delivery, link);
		if (d->number > number)
			break;
		if (d->until >= XMPP_UNTIL_RECEIVED &&
			xmpp_jid_equal_bare(&d->to, to))
			return d;
	}
	return NULL;
}

static void bounced(struct xmpp_delivery *d, const struct xmpp_error *error)
{
	struct err e = ERR_NONE;
	xmpp_error_to_err(error, &e);
	e.status = STATUS_REFUSED;
	err_prefix(&e, "%s", d->to.text);
	end(d, &e);
}

/* XEP-0333 section 2: a marker is for all messages up to the one it names. */
static void end_displayed(struct xmpp_delivery *last)
{
	struct xmpp_client *c = last->client;
	uint64_t number = last->number;
	struct xmpp_jid to;
	xmpp_jid_copy(&to, &last->to);
	xmpp_client_hold(c);
	for (struct xmpp_delivery *d;
		!c->doomed && (d = find_up_to(c, &to, number));)
		end(d, &ERR_NONE);
	xmpp_client_release(c);
	xmpp_jid_clear(&to);
}

/* True: s says no more than what was waited for. */
static bool take_word(struct xmpp_client *c, const struct xmpp_stanza *s,
	const struct xmpp_stanza *word, enum xmpp_deliver_until got)
{
	struct xmpp_delivery *d = find(c, xmpp_stanza_attr_find(word, "id"),
		xmpp_stanza_attr_find(s, "from"), is_of_recipient);
	if (!d || d->until < XMPP_UNTIL_RECEIVED)
		return false;
	if (got == XMPP_UNTIL_DISPLAYED)
		end_displayed(d);
	else if (d->until == got)
		end(d, &ERR_NONE);
	return !xmpp_stanza_find(s, "body", s->ns);
}

bool xmpp_deliveries_take(struct xmpp_client *c, const struct xmpp_stanza *s)
{
	struct xmpp_error error;
	if (xmpp_error_parse(&error, s)) {
		struct xmpp_delivery *d =
			find(c, xmpp_stanza_attr_find(s, "id"),
				xmpp_stanza_attr_find(s, "from"), may_bounce);
		if (d)
			bounced(d, &error);
		return d != NULL;
	}
	const struct xmpp_stanza *word;
	if ((word = xmpp_stanza_find(s, "displayed", XMPP_NS_MARKERS)))
		return take_word(c, s, word, XMPP_UNTIL_DISPLAYED);
	if ((word = xmpp_stanza_find(s, "received", XMPP_NS_RECEIPTS)))
		return take_word(c, s, word, XMPP_UNTIL_RECEIVED);
	return false;
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
	void *arg, const struct xmpp_stanza *reply, const struct err *e);

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

static void end_covered(
	struct correspondent *them, const struct xmpp_error *error)
{
	struct xmpp_delivery *d;
	while (!them->client->doomed && (d = first_asked(them)) &&
		d->number <= them->covered) {
		if (error)
			bounced(d, error);
		else if (d->until == XMPP_UNTIL_ACCEPTED)
			end(d, &ERR_NONE);
		else
			list_remove(&d->of_them);
	}
}

static void on_pong(
	void *arg, const struct xmpp_stanza *reply, const struct err *e)
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

static void ping_all(struct xmpp_client *c)
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

/* ---- what happens to the stream ---- */

static struct xmpp_delivery *find_sent(const struct xmpp_client *c)
{
	const struct xmpp_sm *sm = xmpp_stream_sm(c->stream);
	LIST_EACH(&c->deliveries, at)
	{
		struct xmpp_delivery *d =
			LIST_ITEM(at, struct xmpp_delivery, link);
		if (xmpp_sm_place(sm, d->number) != XMPP_SM_GONE)
			return NULL; /* nor are those behind it */
		if (d->until == XMPP_UNTIL_SENT)
			return d;
	}
	return NULL;
}

void xmpp_deliveries_look(struct xmpp_client *c)
{
	struct xmpp_delivery *d;
	xmpp_client_hold(c);
	while (!c->doomed && (d = find_sent(c)))
		end(d, &ERR_NONE);
	if (!c->doomed)
		ping_all(c);
	xmpp_client_release(c);
}

void xmpp_deliveries_doubt(struct xmpp_client *c)
{
	const struct xmpp_sm *sm = xmpp_stream_sm(c->stream);
	LIST_EACH(&c->deliveries, at)
	{
		struct xmpp_delivery *d =
			LIST_ITEM(at, struct xmpp_delivery, link);
		enum xmpp_sm_place place = xmpp_sm_place(sm, d->number);
		bool is_asked = !link_is_alone(&d->of_them);
		if (place == XMPP_SM_GONE) /* its bounce may be lost too */
			d->in_doubt = is_asked;
		else
			d->in_doubt = place == XMPP_SM_UNACKED && !c->resend;
		d->was_acked =
			place == XMPP_SM_GONE && sm->state != XMPP_SM_OFF;
	}
}

static struct xmpp_delivery *find_doubtful(const struct xmpp_client *c)
{
	LIST_EACH(&c->deliveries, at)
	{
		struct xmpp_delivery *d =
			LIST_ITEM(at, struct xmpp_delivery, link);
		if (d->in_doubt)
			return d;
	}
	return NULL;
}

void xmpp_deliveries_renew(struct xmpp_client *c)
{
	struct err e = ERR_NONE;
	struct xmpp_delivery *d;
	err_set(&e, STATUS_TIMEOUT,
		"the connection was lost and the session could not be "
		"resumed");
	xmpp_client_hold(c);
	while (!c->doomed && (d = find_doubtful(c)))
		end_unknown(d, &e);
	if (!c->doomed)
		ping_all(c);
	xmpp_client_release(c);
}

/* ---- beginning ---- */

/* XEP-0184 section 5.2, XEP-0333 section 4.1 */
static void ask_for_words(
	struct xmpp_stanza *message, enum xmpp_deliver_until until)
{
	if (until >= XMPP_UNTIL_RECEIVED)
		xmpp_stanza_child(message, "request", XMPP_NS_RECEIPTS);
	if (until >= XMPP_UNTIL_DISPLAYED)
		xmpp_stanza_child(message, "markable", XMPP_NS_MARKERS);
}

struct xmpp_delivery *xmpp_deliver(struct xmpp_client *c,
	struct xmpp_stanza *message, enum xmpp_deliver_until until, usec_t wait,
	xmpp_delivered *done, void *arg, struct err *e)
{
	struct xmpp_jid to;
	const char *address = xmpp_stanza_attr_find(message, "to");
	if (!xmpp_jid_parse(&to, span_of(address), e)) {
		xmpp_stanza_free(message);
		return NULL;
	}
	char token[ID_LENGTH + 1];
	rand_token(token, ID_LENGTH);
	const char *id = xmpp_stanza_attr_find(message, "id");
	if (!id)
		xmpp_stanza_attr(message, "id", id = token);
	struct xmpp_delivery *d = mem_alloc(sizeof(*d));
	*d = (struct xmpp_delivery){ .client = c,
		.id = mem_str(id),
		.to = to,
		.until = until,
		.wait = wait,
		.done = done,
		.arg = arg };
	link_init(&d->link);
	link_init(&d->of_them);
	ask_for_words(message, until);
	if (!xmpp_client_send(c, message, e)) {
		xmpp_delivery_cancel(d);
		return NULL;
	}
	d->number = xmpp_client_sm(c)->pushed;
	list_append(&c->deliveries, &d->link);
	if (until >= XMPP_UNTIL_ACCEPTED) {
		d->them = correspondent_get(c, &d->to);
		list_append(&d->them->asked, &d->of_them);
		ping(d->them);
	} else {
		timer_set(c->settle, 0);
	}
	if (wait != USEC_NEVER) {
		d->timer = timer_new(c->loop, on_timer, d);
		timer_set(d->timer, wait);
	}
	return d;
}
