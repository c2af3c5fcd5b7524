#include "xmpp/deliver.h"

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/deliver_private.h"
#include "xmpp/ns.h"

#define ID_LENGTH 20

/* ---- the end of one ---- */

void xmpp_delivery_cancel(struct xmpp_delivery *d)
{
	if (!d)
		return;
	list_remove(&d->link);
	xmpp_correspondent_leave(d);
	timer_free(d->timer);
	xmpp_jid_clear(&d->to);
	mem_free(d->id);
	mem_free(d);
}

const char *xmpp_delivery_id(const struct xmpp_delivery *d)
{
	return d->id;
}

void xmpp_delivery_end(struct xmpp_delivery *d, const struct err *e)
{
	xmpp_delivered *done = d->done;
	void *arg = d->arg;
	xmpp_delivery_cancel(d);
	done(arg, e);
}

void xmpp_delivery_bounced(
	struct xmpp_delivery *d, const struct xmpp_error *error)
{
	struct err e = ERR_NONE;
	xmpp_error_to_err(error, &e);
	e.status = STATUS_REFUSED;
	err_prefix(&e, "%s", d->to.text);
	xmpp_delivery_end(d, &e);
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
	xmpp_delivery_end(d, &e);
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
	while ((first = list_first(&c->deliveries)))
		xmpp_delivery_cancel(
			LIST_ITEM(first, struct xmpp_delivery, link));
	xmpp_correspondents_free(c);
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
		xmpp_delivery_end(d, &ERR_NONE);
	if (!c->doomed)
		xmpp_correspondents_ping(c);
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
		xmpp_correspondents_ping(c);
	xmpp_client_release(c);
}

/* ---- beginning ---- */

/* XEP-0184 section 5.2, XEP-0333 section 4.1 */
static void ask_for_words(
	struct xml_element *message, enum xmpp_deliver_until until)
{
	if (until >= XMPP_UNTIL_RECEIVED)
		xml_element_child(message, "request", XMPP_NS_RECEIPTS);
	if (until >= XMPP_UNTIL_DISPLAYED)
		xml_element_child(message, "markable", XMPP_NS_MARKERS);
}

struct xmpp_delivery *xmpp_deliver(struct xmpp_client *c,
	struct xml_element *message, enum xmpp_deliver_until until, usec_t wait,
	xmpp_delivered *done, void *arg, struct err *e)
{
	struct xmpp_jid to;
	const char *address = xml_element_attr_find(message, "to");
	if (!xmpp_jid_parse(&to, span_of(address), e)) {
		xml_element_free(message);
		return NULL;
	}
	char token[ID_LENGTH + 1];
	rand_token(token, ID_LENGTH);
	const char *id = xml_element_attr_find(message, "id");
	if (!id)
		xml_element_attr(message, "id", id = token);
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
		xmpp_correspondent_ask(d);
	} else {
		timer_set(c->settle, 0);
	}
	if (wait != USEC_NEVER) {
		d->timer = timer_new(c->loop, on_timer, d);
		timer_set(d->timer, wait);
	}
	return d;
}
