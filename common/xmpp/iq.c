#include "xmpp/iq.h"

#include <string.h>

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

/* 100 bits: nobody guesses one while its request is open. */
#define ID_LENGTH 20

struct handler {
	struct link link;
	const char *type, *name, *ns;
	xmpp_iq_handler *handle;
	void *arg;
};

struct xmpp_iqs {
	struct loop *loop;
	xmpp_iq_send *send;
	void *arg;
	struct xmpp_jid self;
	struct map open;
	struct link handlers;
	uint64_t dropped;
	bool ending; /* xmpp_iqs_end is at it */
	bool doomed; /* freed meanwhile */
};

struct xmpp_iq {
	struct map_node node; /* by id */
	struct xmpp_iqs *all;
	char *id;
	struct xmpp_jid to; /* none: our own account */
	struct timer *timer;
	usec_t wait;
	bool in_doubt;
	xmpp_iq_done *done;
	void *arg;
};

struct xmpp_iqs *xmpp_iqs_new(struct loop *l, xmpp_iq_send *send, void *arg)
{
	struct xmpp_iqs *q = mem_alloc(sizeof(*q));
	q->loop = l;
	q->send = send;
	q->arg = arg;
	link_init(&q->handlers);
	return q;
}

void xmpp_iqs_free(struct xmpp_iqs *q)
{
	if (!q)
		return;
	struct map_node *n;
	while ((n = map_next(&q->open, NULL)))
		xmpp_iq_cancel(MAP_ITEM(n, struct xmpp_iq, node));
	map_clear(&q->open);
	q->doomed = true;
	if (q->ending)
		return;
	LIST_EACH(&q->handlers, at)
	mem_free(LIST_ITEM(at, struct handler, link));
	xmpp_jid_clear(&q->self);
	mem_free(q);
}

void xmpp_iqs_set_self(struct xmpp_iqs *q, const struct xmpp_jid *self)
{
	xmpp_jid_clear(&q->self);
	xmpp_jid_copy(&q->self, self);
}

/* ---- asking ---- */

struct xml_element *xmpp_iq_make(const char *type, const char *to)
{
	struct xml_element *s = xml_element_new("iq", XMPP_NS_CLIENT);
	xml_element_attr(s, "type", type);
	return xml_element_attr(s, "to", to);
}

void xmpp_iq_cancel(struct xmpp_iq *iq)
{
	if (!iq)
		return;
	map_remove(&iq->all->open, &iq->node);
	timer_free(iq->timer);
	xmpp_jid_clear(&iq->to);
	mem_free(iq->id);
	mem_free(iq);
}

const char *xmpp_iq_id(const struct xmpp_iq *iq)
{
	return iq->id;
}

static void end(struct xmpp_iq *iq, const struct xml_element *reply,
	const struct err *e)
{
	xmpp_iq_done *done = iq->done;
	void *arg = iq->arg;
	xmpp_iq_cancel(iq);
	done(arg, reply, e);
}

static void on_timer(void *arg)
{
	struct xmpp_iq *iq = arg;
	struct err e = ERR_NONE;
	struct span to = xmpp_jid_full(&iq->to);
	err_set(&e, STATUS_TIMEOUT, "%.*s did not answer within %.3g s",
		SPAN_ARGS(to.n ? to : SPAN("the server")),
		(double)iq->wait / (double)USEC_SEC);
	e.retryable = true;
	end(iq, NULL, &e);
}

void xmpp_iqs_end(struct xmpp_iqs *q, const struct err *e)
{
	q->ending = true;
	struct map_node *n;
	while ((n = map_next(&q->open, NULL)))
		end(MAP_ITEM(n, struct xmpp_iq, node), NULL, e);
	q->ending = false;
	if (q->doomed)
		xmpp_iqs_free(q);
}

/* ---- a session that is gone ---- */

void xmpp_iqs_doubt(struct xmpp_iqs *q)
{
	for (struct map_node *n = NULL; (n = map_next(&q->open, n));)
		MAP_ITEM(n, struct xmpp_iq, node)->in_doubt = true;
}

bool xmpp_iqs_trust(struct xmpp_iqs *q, struct span id)
{
	struct map_node *n = map_find(&q->open, id);
	if (n)
		MAP_ITEM(n, struct xmpp_iq, node)->in_doubt = false;
	return n != NULL;
}

static struct xmpp_iq *find_doubtful(const struct xmpp_iqs *q)
{
	for (struct map_node *n = NULL; (n = map_next(&q->open, n));)
		if (MAP_ITEM(n, struct xmpp_iq, node)->in_doubt)
			return MAP_ITEM(n, struct xmpp_iq, node);
	return NULL;
}

void xmpp_iqs_end_doubtful(struct xmpp_iqs *q, const struct err *e)
{
	struct xmpp_iq *iq;
	q->ending = true;
	while ((iq = find_doubtful(q)))
		end(iq, NULL, e);
	q->ending = false;
	if (q->doomed)
		xmpp_iqs_free(q);
}

/* The id and the addressee of s, where that is an address. */
static bool prepare(struct xmpp_iq *iq, struct xml_element *s, struct err *e)
{
	const char *to = xml_element_attr_find(s, "to");
	if (to && !xmpp_jid_parse(&iq->to, span_of(to), e))
		return false;
	char token[ID_LENGTH + 1];
	const char *id = xml_element_attr_find(s, "id");
	if (!id) {
		rand_token(token, ID_LENGTH);
		xml_element_attr(s, "id", id = token);
	}
	if (map_find(&iq->all->open, span_of(id))) {
		xmpp_jid_clear(&iq->to);
		return err_set(e, STATUS_INTERNAL,
			"a request with the id %s is open already", id);
	}
	iq->id = mem_str(id);
	return true;
}

struct xmpp_iq *xmpp_iq_request(struct xmpp_iqs *q, struct xml_element *s,
	usec_t wait, xmpp_iq_done *done, void *arg, struct err *e)
{
	struct xmpp_iq *iq = mem_alloc(sizeof(*iq));
	iq->all = q;
	iq->done = done;
	iq->arg = arg;
	iq->wait = wait;
	if (!prepare(iq, s, e)) {
		xml_element_free(s);
		mem_free(iq);
		return NULL;
	}
	map_add(&q->open, &iq->node, span_of(iq->id));
	if (wait != USEC_NEVER) {
		iq->timer = timer_new(q->loop, on_timer, iq);
		timer_set(iq->timer, wait);
	}
	if (q->send(q->arg, s, e))
		return iq;
	xmpp_iq_cancel(iq);
	return NULL;
}

/* ---- who may answer ---- */

bool xmpp_from_account(const char *from, const struct xmpp_jid *self)
{
	if (!from)
		return true;
	struct xmpp_jid jid;
	if (!xmpp_jid_parse(&jid, span_of(from), NULL))
		return false;
	bool ours = xmpp_jid_is_bare(&jid) && xmpp_jid_equal_bare(&jid, self);
	xmpp_jid_clear(&jid);
	return ours;
}

static bool is_own_domain(
	const struct xmpp_jid *jid, const struct xmpp_jid *self)
{
	return !jid->local.n && !jid->resource.n &&
	       span_equal(jid->domain, self->domain);
}

/* RFC 6120 section 8.1.2.1: rules 2 to 4. */
static bool may_answer(const struct xmpp_iq *iq, const char *from)
{
	const struct xmpp_jid *self = &iq->all->self, *to = &iq->to;
	bool to_account =
		!xmpp_jid_is_set(to) ||
		(xmpp_jid_is_bare(to) && xmpp_jid_equal_bare(to, self));
	bool to_server = xmpp_jid_is_set(to) && is_own_domain(to, self);
	if (!from)
		return to_account || to_server;
	struct xmpp_jid jid;
	if (!xmpp_jid_parse(&jid, span_of(from), NULL))
		return false;
	/* INTEROP: old servers answer for the account as our full JID, which
	 * no one but they and we can have. */
	bool may = xmpp_jid_is_set(to) ? xmpp_jid_equal(&jid, to)
				       : is_own_domain(&jid, self) ||
						 xmpp_jid_equal(&jid, self);
	may = may || (to_account && xmpp_from_account(from, self));
	xmpp_jid_clear(&jid);
	return may;
}

static void take_reply(struct xmpp_iqs *q, const struct xml_element *s)
{
	const char *id = xml_element_attr_find(s, "id");
	struct map_node *n = id ? map_find(&q->open, span_of(id)) : NULL;
	struct xmpp_iq *iq = n ? MAP_ITEM(n, struct xmpp_iq, node) : NULL;
	if (!iq || !may_answer(iq, xml_element_attr_find(s, "from"))) {
		q->dropped++;
		return;
	}
	struct err e = ERR_NONE;
	struct xmpp_error error;
	if (xmpp_error_parse(&error, s))
		xmpp_error_to_err(&error, &e);
	end(iq, s, &e);
}

/* ---- answering ---- */

void xmpp_iqs_on(struct xmpp_iqs *q, const char *type, const char *name,
	const char *ns, xmpp_iq_handler *handler, void *arg)
{
	struct handler *h = mem_alloc(sizeof(*h));
	*h = (struct handler){ .type = type,
		.name = name,
		.ns = ns,
		.handle = handler,
		.arg = arg };
	list_append(&q->handlers, &h->link);
}

void xmpp_iqs_answer(struct xmpp_iqs *q, struct xml_element *reply)
{
	/* A reply that cannot be sent has no one left to hear of it. */
	q->send(q->arg, reply, NULL);
}

static bool handle(struct xmpp_iqs *q, const struct xml_element *s)
{
	const struct xml_element *payload = xml_element_find(s, NULL, NULL);
	LIST_EACH(&q->handlers, at)
	{
		struct handler *h = LIST_ITEM(at, struct handler, link);
		if (xml_element_attr_is(s, "type", h->type) &&
			xml_element_is(payload, h->name, h->ns))
			return h->handle(h->arg, s);
	}
	return false;
}

/* RFC 6120 section 8.2.3: an id, and exactly one child. */
static bool is_request_good(const struct xml_element *s)
{
	const struct xml_element *payload = xml_element_find(s, NULL, NULL);
	return xml_element_attr_find(s, "id") && payload &&
	       !xml_element_next(payload, NULL, NULL);
}

void xmpp_iqs_take(struct xmpp_iqs *q, const struct xml_element *s)
{
	if (xml_element_attr_is(s, "type", "result") ||
		xml_element_attr_is(s, "type", "error")) {
		take_reply(q, s);
		return;
	}
	const char *condition = NULL;
	if ((!xml_element_attr_is(s, "type", "get") &&
		    !xml_element_attr_is(s, "type", "set")) ||
		!is_request_good(s))
		condition = "bad-request";
	else if (!handle(q, s))
		condition = "service-unavailable";
	if (condition)
		xmpp_iqs_answer(q, xmpp_error_reply(s, condition, NULL));
}

uint64_t xmpp_iqs_dropped(const struct xmpp_iqs *q)
{
	return q->dropped;
}
