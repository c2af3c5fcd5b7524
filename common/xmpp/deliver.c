#include "xmpp/deliver.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/client_private.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

#define ID_LENGTH 20

struct xmpp_delivery {
	struct link link;
	struct xmpp_client *client;
	char *id;
	struct xmpp_jid to;
	struct xmpp_iq *ping;
	struct timer *timer;
	uint32_t number; /* of the message among those acknowledged */
	xmpp_delivered *done;
	void *arg;
};

void xmpp_delivery_cancel(struct xmpp_delivery *d)
{
	if (!d)
		return;
	list_remove(&d->link);
	xmpp_iq_cancel(d->ping);
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

void xmpp_deliveries_forget(struct xmpp_client *c)
{
	struct link *first;
	while ((first = list_first(&c->deliveries)))
		xmpp_delivery_cancel(
			LIST_ITEM(first, struct xmpp_delivery, link));
}

void xmpp_deliveries_end(struct xmpp_client *c, const struct err *e)
{
	struct link *first;
	while ((first = list_first(&c->deliveries)))
		end(LIST_ITEM(first, struct xmpp_delivery, link), e);
}

/* ---- the bounce ---- */

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

static void bounced(struct xmpp_delivery *d, const struct xmpp_error *error)
{
	struct err e = ERR_NONE;
	xmpp_error_to_err(error, &e);
	e.status = STATUS_REFUSED;
	err_prefix(&e, "%s", d->to.text);
	end(d, &e);
}

bool xmpp_deliveries_take(struct xmpp_client *c, const struct xmpp_stanza *s)
{
	struct xmpp_error error;
	if (!xmpp_error_parse(&error, s))
		return false;
	const char *from = xmpp_stanza_attr_find(s, "from");
	LIST_EACH(&c->deliveries, at)
	{
		struct xmpp_delivery *d =
			LIST_ITEM(at, struct xmpp_delivery, link);
		if (!xmpp_stanza_attr_is(s, "id", d->id) ||
			!may_bounce(d, from))
			continue;
		bounced(d, &error);
		return true;
	}
	return false;
}

/* ---- the ping behind the message ---- */

/* Our own server says that the recipient's cannot be reached, which the
 * message cannot have fared better with. */
static bool is_no_answer(const struct xmpp_error *error)
{
	const char *name = error->condition->name;
	return strcmp(name, "remote-server-not-found") == 0 ||
	       strcmp(name, "remote-server-timeout") == 0;
}

static void on_pong(
	void *arg, const struct xmpp_stanza *reply, const struct err *e)
{
	struct xmpp_delivery *d = arg;
	struct xmpp_error error;
	d->ping = NULL;
	if (!reply)
		end(d, e);
	else if (xmpp_error_parse(&error, reply) && is_no_answer(&error))
		bounced(d, &error);
	else
		end(d, &ERR_NONE);
}

static void on_timer(void *arg)
{
	struct xmpp_delivery *d = arg;
	const struct xmpp_sm *sm = xmpp_client_sm(d->client);
	struct err e = ERR_NONE;
	if (!xmpp_client_is_online(d->client))
		err_set(&e, STATUS_TIMEOUT, "not sent: there is no connection");
	else if (sm->state != XMPP_SM_ON)
		err_set(&e, STATUS_TIMEOUT,
			"sent, unknown beyond that: no "
			"answer from %.*s",
			SPAN_ARGS(d->to.domain));
	else if ((int32_t)(sm->acked - d->number) < 0)
		err_set(&e, STATUS_TIMEOUT,
			"sent, but not acknowledged by our own server");
	else
		err_set(&e, STATUS_TIMEOUT,
			"accepted here, unknown there: no answer from %.*s",
			SPAN_ARGS(d->to.domain));
	err_prefix(&e, "%s", d->to.text);
	e.retryable = true;
	end(d, &e);
}

void xmpp_deliveries_give_up(struct xmpp_client *c)
{
	struct link *first;
	while ((first = list_first(&c->deliveries)))
		on_timer(LIST_ITEM(first, struct xmpp_delivery, link));
}

/* ---- beginning ---- */

static bool send_both(
	struct xmpp_delivery *d, struct xmpp_stanza *message, struct err *e)
{
	if (!xmpp_client_send(d->client, message, e))
		return false;
	const struct xmpp_sm *sm = xmpp_client_sm(d->client);
	d->number = sm->acked + (uint32_t)sm->count;
	char *bare = span_dup(xmpp_jid_bare(&d->to));
	d->ping = xmpp_client_request(
		d->client, xmpp_ping_make(bare), USEC_NEVER, on_pong, d, e);
	mem_free(bare);
	return d->ping != NULL;
}

struct xmpp_delivery *xmpp_deliver(struct xmpp_client *c,
	struct xmpp_stanza *message, usec_t wait, xmpp_delivered *done,
	void *arg, struct err *e)
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
		.done = done,
		.arg = arg };
	link_init(&d->link);
	if (!send_both(d, message, e)) {
		xmpp_delivery_cancel(d);
		return NULL;
	}
	list_append(&c->deliveries, &d->link);
	if (wait != USEC_NEVER) {
		d->timer = timer_new(c->loop, on_timer, d);
		timer_set(d->timer, wait);
	}
	return d;
}
