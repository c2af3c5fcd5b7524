#include "sip/request.h"

#include "base/mem.h"
#include "sip/ua_impl.h"

struct sip_request {
	struct sip_ua_child child;
	struct sip_ua *ua;
	const struct sip_request_handlers *handlers;
	void *arg;
	struct sip_locate *locate;
	struct sip_client *client;
	struct timer *timer; /* the share of a target, or `failure` */
	struct err failure;  /* set: to be told by the timer */
	usec_t patience;     /* as it was given, for the sentence */
	usec_t deadline;     /* USEC_NEVER: the transactions' own */
	bool is_invite, is_cancelled, is_answered;
	struct sip_target targets[SIP_TARGETS_MAX];
	char *names[SIP_TARGETS_MAX];
	size_t count, next;
};

static void request_free(struct sip_request *r)
{
	list_remove(&r->child.link);
	sip_locate_cancel(r->locate);
	sip_client_forget(r->client);
	timer_free(r->timer);
	for (size_t i = 0; i < r->count; i++)
		mem_free(r->names[i]);
	mem_free(r);
}

static void request_gone(struct sip_ua_child *child)
{
	request_free(LIST_ITEM(child, struct sip_request, child));
}

static void request_end(struct sip_request *r, const struct err *e)
{
	const struct sip_request_handlers *handlers = r->handlers;
	void *arg = r->arg;
	struct err copy = e ? *e : ERR_NONE;

	request_free(r);
	handlers->ended(arg, e ? &copy : NULL);
}

static void request_end_soon(struct sip_request *r)
{
	timer_set(r->timer, 0);
}

/* ---- one target after the other (RFC 3263 section 4.3) ---------------------- */

static void try_next(struct sip_request *r, const struct err *last);

static bool has_next(const struct sip_request *r)
{
	return r->next < r->count && !r->is_cancelled;
}

static void client_response(void *arg, struct sip_client *c, struct sip_scan *m)
{
	struct sip_request *r = arg;

	(void)c;
	if (m->status_code == 503 && has_next(r))
		return; /* the next one may have time */
	r->is_answered = true;
	timer_stop(r->timer);
	r->handlers->response(r->arg, m);
}

static void client_ended(void *arg, const struct err *e)
{
	struct sip_request *r = arg;

	r->client = NULL;
	timer_stop(r->timer);
	if (!r->is_answered && has_next(r))
		try_next(r, e);
	else
		request_end(r, e);
}

static const struct sip_client_handlers client_handlers = {
	.response = client_response, .ended = client_ended
};

static bool try_target(
	struct sip_request *r, const struct sip_target *target, struct err *e)
{
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	struct endpoint local;
	bool composed = false;

	if (sip_transport_local(sip_ua_transport(r->ua), target, &local, e)) {
		composed =
			r->handlers->compose(r->arg, &text, target, &local, e);
		if (composed && text.failed)
			composed = err_set(e, STATUS_MALFORMED,
				"the request cannot be written: it is larger "
				"than %d bytes, or a field of it is not valid",
				SIP_MSG_MAX);
	}
	if (composed) {
		r->is_invite = span_starts(buf_view(&text), "INVITE ");
		r->client = sip_client_new(sip_ua_transactions(r->ua),
			buf_view(&text), target, &client_handlers, r, e);
	}
	buf_clear(&text);
	return r->client != NULL;
}

static void try_next(struct sip_request *r, const struct err *last)
{
	struct err e = last ? *last : ERR_NONE;
	usec_t now = loop_now(sip_ua_loop(r->ua));

	while (r->next < r->count) {
		size_t left = r->count - r->next;
		if (!try_target(r, &r->targets[r->next++], &e))
			continue;
		if (r->deadline != USEC_NEVER && r->deadline > now)
			timer_set(r->timer, (r->deadline - now) / (usec_t)left);
		else if (r->deadline != USEC_NEVER)
			timer_set(r->timer, 0);
		return;
	}
	r->failure = e;
	request_end_soon(r);
}

/* The share of a target is over, or there is a failure to tell. */
static void request_fire(void *arg)
{
	struct sip_request *r = arg;
	struct err e = r->failure;

	if (err_is_set(&e)) {
		request_end(r, &e);
		return;
	}
	/* What still comes from there is too late; a phone that may ring is
	 * told to stop. */
	if (r->is_invite) {
		sip_client_cancel(r->client, SPAN_EMPTY);
		sip_client_forget(r->client);
	} else {
		sip_client_abandon(r->client);
	}
	r->client = NULL;
	err_set(&e, STATUS_TIMEOUT, "nobody answered within %g s",
		(double)r->patience / USEC_SEC);
	err_condition(&e, "timeout", true);
	if (has_next(r))
		try_next(r, &e);
	else
		request_end(r, &e);
}

static void located(void *arg, const struct sip_target *targets, size_t count,
	const struct err *e)
{
	struct sip_request *r = arg;

	r->locate = NULL;
	for (size_t i = 0; i < count; i++) {
		r->names[i] = mem_str(targets[i].name);
		r->targets[i] = targets[i];
		r->targets[i].name = r->names[i];
	}
	r->count = count;
	try_next(r, e);
}

/* ---- the handle ---------------------------------------------------------------- */

struct sip_request *sip_request_new(struct sip_ua *ua,
	const struct sip_request_settings *s,
	const struct sip_request_handlers *handlers, void *arg)
{
	const struct sip_ua_settings *settings = sip_ua_settings(ua);
	struct sip_locate_settings locate = { .loop = settings->loop,
		.resolver = settings->resolver,
		.family = settings->family,
		.kind = s->kind,
		.connect_to = settings->connect_to };
	struct sip_request *r = mem_alloc(sizeof(*r));

	r->ua = ua;
	r->handlers = handlers;
	r->arg = arg;
	r->patience = s->patience;
	r->deadline = s->patience ? loop_now(settings->loop) + s->patience
				  : USEC_NEVER;
	r->timer = timer_new(settings->loop, request_fire, r);
	sip_ua_add_child(ua, &r->child, request_gone);
	r->locate = sip_locate_new(&locate, s->next_hop, located, r);
	return r;
}

void sip_request_forget(struct sip_request *r)
{
	if (r)
		request_free(r);
}

void sip_request_cancel(struct sip_request *r, struct span headers)
{
	if (r->is_cancelled)
		return;
	r->is_cancelled = true;
	if (r->client) {
		/* It has all the time it needs: the phone must stop ringing. */
		timer_stop(r->timer);
		sip_client_cancel(r->client, headers);
		return;
	}
	sip_locate_cancel(r->locate);
	r->locate = NULL;
	if (err_is_set(&r->failure))
		return;
	err_set(&r->failure, STATUS_TIMEOUT, "cancelled before it was sent");
	err_condition(&r->failure, "cancelled", false);
	request_end_soon(r);
}

struct sip_client *sip_request_client(const struct sip_request *r)
{
	return r->client;
}
