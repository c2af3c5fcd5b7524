#include "sip/request_impl.h"

#include "base/mem.h"
#include "sip/orphan.h"

static void forget_targets(struct sip_request *r)
{
	for (size_t i = 0; i < r->count; i++)
		mem_free(r->names[i]);
	r->count = r->next = 0;
}

static void request_free(struct sip_request *r)
{
	list_remove(&r->child.link);
	sip_locate_cancel(r->locate);
	sip_race_free(r->race);
	sip_client_forget(r->client);
	timer_free(r->timer);
	mem_free(r->next_hop);
	mem_free(r->request_uri);
	mem_free(r->sent);
	sip_redirects_clear(&r->redirects);
	forget_targets(r);
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
static void try_again(struct sip_request *r);
static void request_locate(struct sip_request *r);
static void stop_race(struct sip_request *r);
static void try_elsewhere(struct sip_request *r);

static bool has_next(const struct sip_request *r)
{
	return r->next < r->count && !r->is_cancelled;
}

/* True: r->elsewhere is another URI to try. */
static bool next_elsewhere(struct sip_request *r)
{
	r->elsewhere = NULL;
	if (r->max_redirects && !r->is_cancelled)
		r->elsewhere = sip_redirects_next(&r->redirects);
	r->max_redirects -= r->elsewhere != NULL;
	return r->elsewhere != NULL;
}

/* RFC 3261 section 8.1.3.4: a 3xx adds to where it may go; any other refusal
 * but of everywhere leaves what was found before. */
static bool leads_elsewhere(struct sip_request *r, const struct sip_scan *m)
{
	r->elsewhere = NULL;
	if (!r->max_redirects || m->status_code < 300 || m->status_code >= 600)
		return false;
	if (m->status_code < 400)
		sip_redirects_add(
			&r->redirects, span_of(r->request_uri), m);
	return next_elsewhere(r);
}

static void client_response(void *arg, struct sip_client *c, struct sip_scan *m)
{
	struct sip_request *r = arg;

	(void)c;
	/* A 503: the next one may have time. */
	r->goes_on = m->status_code == 503 && has_next(r);
	if (r->goes_on)
		return;
	r->is_again = sip_request_judge(r, m);
	if (r->is_again || leads_elsewhere(r, m))
		return;
	r->is_answered = true;
	timer_stop(r->timer);
	r->handlers->response(r->arg, m);
}

static bool has_more(const struct sip_request *r)
{
	if (!r->goes_on && r->is_answered)
		return false;
	return has_next(r) || (r->is_shortcut && !r->is_cancelled);
}

static void client_ended(void *arg, const struct err *e)
{
	struct sip_request *r = arg;

	r->client = NULL;
	timer_stop(r->timer);
	if (r->is_again && !r->is_cancelled)
		try_again(r);
	else if (r->elsewhere)
		try_elsewhere(r);
	else if (has_more(r))
		try_next(r, e);
	else
		request_end(r, e);
}

static const struct sip_client_handlers client_handlers = {
	.response = client_response, .ended = client_ended
};

/* The Request-URI is that of `compose`, and after a 3xx another. */
static void readdress(struct sip_request *r, struct buf *text)
{
	struct span rest = buf_view(text), method, uri;
	struct buf whole = BUF_INIT(text->max);

	span_cut(&rest, ' ', &method);
	span_cut(&rest, ' ', &uri);
	if (!r->redirects.count) {
		mem_free(r->request_uri);
		r->request_uri = span_dup(uri);
		return;
	}
	buf_printf(&whole, "%.*s %s ", SPAN_ARGS(method), r->request_uri);
	buf_span(&whole, rest);
	buf_reset(text);
	buf_span(text, buf_view(&whole));
	text->failed |= whole.failed;
	buf_clear(&whole);
}

static bool try_target(
	struct sip_request *r, const struct sip_target *target, struct err *e)
{
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	struct endpoint local;
	bool composed = false;

	if (sip_transport_local(sip_ua_transport(r->ua), target, &local, e)) {
		composed =
			r->handlers->compose(r->arg, &text, target, &local, e);
		if (composed)
			readdress(r, &text);
		if (composed && text.failed)
			composed = err_set(e, STATUS_MALFORMED,
				"the request cannot be written: it is larger "
				"than %d bytes, or a field of it is not valid",
				SIP_MSG_MAX);
	}
	if (composed && sip_request_sign(r, &text, e)) {
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
	if (r->is_shortcut) {
		r->is_shortcut = false;
		forget_targets(r);
		request_locate(r);
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
	if (!try_target(r, sip_request_present(r), &r->failure))
		request_end_soon(r);
	else if (r->patience)
		timer_set(r->timer, r->patience);
}

/* By the same proxy, or where there was none to that URI itself. */
static void try_elsewhere(struct sip_request *r)
{
	bool is_direct = span_is(span_of(r->request_uri), r->next_hop);

	mem_free(r->request_uri);
	r->request_uri = mem_str(r->elsewhere);
	r->elsewhere = NULL;
	r->tries = (struct sip_login_tries){ .stale = 0 };
	if (!is_direct) {
		try_again(r);
		return;
	}
	mem_free(r->next_hop);
	r->next_hop = mem_str(r->request_uri);
	if (r->cseq)
		++*r->cseq;
	r->kind = SIP_TRANSPORT_NONE;
	r->is_answered = false;
	if (r->patience)
		r->deadline = loop_now(sip_ua_loop(r->ua)) + r->patience;
	forget_targets(r);
	request_locate(r);
}

/* The share of a target is over, or there is a failure to tell. */
static void request_fire(void *arg)
{
	struct sip_request *r = arg;
	struct err e = r->failure;

	if (r->race) {
		stop_race(r);
		return;
	}
	if (r->is_shortcut && !r->client && !err_is_set(&e)) {
		try_next(r, NULL);
		return;
	}
	if (err_is_set(&e) && !next_elsewhere(r)) {
		request_end(r, &e);
		return;
	}
	if (err_is_set(&e)) {
		err_clear(&r->failure);
		try_elsewhere(r);
		return;
	}
	/* What still comes from there is too late; a phone that may ring is
	 * told to stop. */
	if (r->is_invite) {
		sip_orphan_new(r->ua, r->client,
			span_from(r->sent, r->sent_len));
	} else {
		sip_client_abandon(r->client);
	}
	r->client = NULL;
	err_set(&e, STATUS_TIMEOUT, "nobody answered within %g s",
		(double)r->patience / USEC_SEC);
	err_condition(&e, "timeout", true);
	if (has_next(r) && !r->is_answered)
		try_next(r, &e);
	else if (next_elsewhere(r))
		try_elsewhere(r);
	else
		request_end(r, &e);
}

/* ---- connections side by side ----------------------------------------------------- */

static void race_done(void *arg, size_t won, const struct err *e)
{
	struct sip_request *r = arg;
	size_t racers = sip_race_count(r->targets, r->count);

	r->race = NULL;
	timer_stop(r->timer);
	if (won < racers) {
		struct sip_target target = r->targets[won];
		char *name = r->names[won];
		r->targets[won] = r->targets[0];
		r->names[won] = r->names[0];
		r->targets[0] = target;
		r->names[0] = name;
	} else {
		r->next = racers;
	}
	try_next(r, e);
}

static void start_race(struct sip_request *r, size_t racers)
{
	struct loop *loop = sip_ua_loop(r->ua);
	usec_t left = r->deadline - loop_now(loop);

	r->race = sip_race_new(loop, sip_ua_transport(r->ua), r->targets,
		racers, race_done, r);
	if (r->deadline != USEC_NEVER)
		timer_set(r->timer, left > 0 ? left * (usec_t)racers /
							(usec_t)r->count
					     : 0);
}

/* The share of all racers is over. */
static void stop_race(struct sip_request *r)
{
	struct err e;

	sip_race_free(r->race);
	r->race = NULL;
	r->next = sip_race_count(r->targets, r->count);
	err_set(&e, STATUS_TIMEOUT, "no connection within %g s",
		(double)r->patience / USEC_SEC);
	err_condition(&e, "timeout", true);
	try_next(r, &e);
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
	if (sip_race_count(r->targets, count) > 1)
		start_race(r, sip_race_count(r->targets, count));
	else
		try_next(r, e);
}

static void request_locate(struct sip_request *r)
{
	const struct sip_ua_settings *settings = sip_ua_settings(r->ua);
	struct sip_locate_settings s = { .loop = settings->loop,
		.resolver = settings->resolver,
		.family = settings->family,
		.kind = r->kind,
		.kinds = sip_ua_kinds(r->ua),
		.connect_to = settings->connect_to,
		.transport = sip_ua_transport(r->ua) };

	r->locate = sip_locate_new(&s, span_of(r->next_hop), located, r);
}

/* ---- the handle ---------------------------------------------------------------- */

struct sip_request *sip_request_new(struct sip_ua *ua,
	const struct sip_request_settings *s,
	const struct sip_request_handlers *handlers, void *arg)
{
	const struct sip_ua_settings *settings = sip_ua_settings(ua);
	struct sip_request *r = mem_alloc(sizeof(*r));

	r->ua = ua;
	r->handlers = handlers;
	r->arg = arg;
	r->patience = s->patience;
	r->next_hop = span_dup(s->next_hop);
	r->cseq = s->cseq;
	r->login = s->login ? s->login : settings->login;
	r->is_theirs = s->is_theirs;
	r->kind = s->kind;
	r->max_redirects = s->is_in_dialog ? 0 : settings->max_redirects;
	r->deadline = s->patience ? loop_now(settings->loop) + s->patience
				  : USEC_NEVER;
	r->timer = timer_new(settings->loop, request_fire, r);
	sip_ua_add_child(ua, &r->child, request_gone);
	if (s->flow && sip_flow_is_ready(s->flow)) {
		r->is_shortcut = true;
		r->targets[0] = (struct sip_target){ sip_flow_kind(s->flow),
			*sip_flow_remote(s->flow), NULL };
		r->count = 1;
		timer_set(r->timer, 0);
	} else {
		request_locate(r);
	}
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
	sip_race_free(r->race);
	r->locate = NULL;
	r->race = NULL;
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
