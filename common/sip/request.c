#include "sip/request.h"

#include "base/mem.h"
#include "base/utf8.h"
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
	bool goes_on;  /* a 503: to the next target */
	bool is_again; /* a challenge: to the same target */
	char *next_hop;
	uint32_t *cseq;
	struct sip_login *login; /* NULL: nobody gets an answer */
	struct sip_login_tries tries;
	bool is_theirs;
	char *sent; /* the present try, for a challenge; or NULL */
	size_t sent_len;
	struct err denied; /* why a challenge was not answered */
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
	mem_free(r->next_hop);
	mem_free(r->sent);
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

/* ---- credentials (RFC 3261 section 22) ---------------------------------------- */

static const struct sip_target *present(const struct sip_request *r)
{
	return &r->targets[r->next - 1];
}

static struct sip_login_way way_of(const struct sip_request *r)
{
	return (struct sip_login_way){ .next_hop = span_of(r->next_hop),
		.remote = &present(r)->address,
		.is_theirs = r->is_theirs };
}

/* Keeps what a challenge to it has to be judged by. */
static bool sign(struct sip_request *r, struct buf *text, struct err *e)
{
	struct sip_login_way way = way_of(r);

	if (!r->login)
		return true;
	if (!sip_login_sign(text, r->login, &way))
		return err_set(e, STATUS_MALFORMED,
			"the request with its credentials is larger than %d "
			"bytes",
			SIP_MSG_MAX);
	mem_free(r->sent);
	r->sent = mem_strn(text->data, text->len);
	r->sent_len = text->len;
	return true;
}

void sip_request_add_credentials(struct buf *out, const struct sip_request *r,
	struct span next_hop)
{
	if (!r->login || !r->sent || !sip_login_is_server(r->login, next_hop))
		return;
	struct sip_scan *m = mem_alloc(sizeof(*m));
	sip_scan(m, span_from(r->sent, r->sent_len));
	sip_msg_copy(out, m, SIP_HDR_PROXY_AUTHORIZATION);
	sip_msg_copy(out, m, SIP_HDR_AUTHORIZATION);
	mem_free(m);
}

/* What a response means for the login.  True: the request goes again. */
static bool judge(struct sip_request *r, const struct sip_scan *response)
{
	struct sip_login_way way = way_of(r);
	bool again = false;

	if (!r->login || !r->sent || response->status_code < 200)
		return false;
	struct sip_scan *m = mem_alloc(sizeof(*m));
	sip_scan(m, span_from(r->sent, r->sent_len));
	if (response->status_code != 401 && response->status_code != 407)
		sip_login_learn(r->login, m, response, &way);
	else if (!r->is_cancelled)
		again = sip_login_challenged(r->login, &r->tries, m, response,
			&way, &r->denied);
	mem_free(m);
	return again;
}

bool sip_request_refused(
	const struct sip_request *r, const struct sip_scan *m, struct err *e)
{
	bool auth = m->status_code == 401 || m->status_code == 407;
	char reason[ERR_CONDITION_MAX * 2];

	utf8_printable_to(reason, sizeof(reason), m->reason);
	if (auth)
		err_set(e, STATUS_AUTH, "%u %s: %s", m->status_code, reason,
			err_is_set(&r->denied)
				? r->denied.text
				: "it asks for a password, and there is none");
	else
		err_set(e, STATUS_REFUSED, "%u %s", m->status_code, reason);
	if (e)
		e->code = (int)m->status_code;
	return false;
}

/* ---- one target after the other (RFC 3263 section 4.3) ---------------------- */

static void try_next(struct sip_request *r, const struct err *last);
static void try_again(struct sip_request *r);

static bool has_next(const struct sip_request *r)
{
	return r->next < r->count && !r->is_cancelled;
}

static void client_response(void *arg, struct sip_client *c, struct sip_scan *m)
{
	struct sip_request *r = arg;

	(void)c;
	/* A 503: the next one may have time. */
	r->goes_on = m->status_code == 503 && has_next(r);
	if (r->goes_on)
		return;
	r->is_again = judge(r, m);
	if (r->is_again)
		return;
	r->is_answered = true;
	timer_stop(r->timer);
	r->handlers->response(r->arg, m);
}

static void client_ended(void *arg, const struct err *e)
{
	struct sip_request *r = arg;

	r->client = NULL;
	timer_stop(r->timer);
	if (r->is_again && !r->is_cancelled)
		try_again(r);
	else if ((r->goes_on || !r->is_answered) && has_next(r))
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
	if (composed && sign(r, &text, e)) {
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

	/* It has answered before, but with a 503 in the end. */
	if (r->is_answered && r->deadline != USEC_NEVER)
		r->deadline = now + r->patience;
	r->is_answered = r->goes_on = false;
	r->tries = (struct sip_login_tries){ .stale = 0 };
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

/* The same target, which is there, once more: with all the time that the
 * first one had. */
static void try_again(struct sip_request *r)
{
	r->is_again = false;
	r->is_answered = true;
	if (r->cseq)
		++*r->cseq;
	if (!try_target(r, present(r), &r->failure))
		request_end_soon(r);
	else if (r->patience)
		timer_set(r->timer, r->patience);
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
	if (has_next(r) && !r->is_answered)
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
		.kinds = sip_ua_kinds(ua),
		.connect_to = settings->connect_to,
		.transport = sip_ua_transport(ua) };
	struct sip_request *r = mem_alloc(sizeof(*r));

	r->ua = ua;
	r->handlers = handlers;
	r->arg = arg;
	r->patience = s->patience;
	r->next_hop = span_dup(s->next_hop);
	r->cseq = s->cseq;
	r->login = s->login ? s->login : settings->login;
	r->is_theirs = s->is_theirs;
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
