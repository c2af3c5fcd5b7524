/* A request on its way to one target after the other (RFC 3263 section 4.3),
 * and to the same one again. */
#include "base/mem.h"
#include "sip/orphan.h"
#include "sip/request_private.h"

static void try_again(struct sip_request *r);

bool sip_request_has_next(const struct sip_request *r)
{
	return r->next < r->count && !r->is_cancelled;
}

bool sip_request_next_elsewhere(struct sip_request *r)
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
		sip_redirects_add(&r->redirects, span_of(r->request_uri), m);
	return sip_request_next_elsewhere(r);
}

/* A 2xx of who does not know what our server knows is none: the TU hears of
 * the failure only, and a phone that was picked up is hung up on. */
static void distrust(struct sip_request *r)
{
	timer_stop(r->timer);
	r->is_answered = true;
	r->failure = r->denied;
	if (!r->is_invite)
		return; /* told when the transaction ends, at once */
	sip_orphan_new(r->ua, r->client, span_from(r->sent, r->sent_len));
	r->client = NULL;
	r->max_redirects = 0;
	sip_request_end_soon(r);
}

static void client_response(void *arg, struct sip_client *c, struct sip_scan *m)
{
	struct sip_request *r = arg;

	(void)c;
	/* A 503: the next one may have time. */
	r->goes_on = m->status_code == 503 && sip_request_has_next(r);
	if (r->goes_on)
		return;
	if (!sip_request_judge(r, m)) {
		distrust(r);
		return;
	}
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
	return sip_request_has_next(r) || (r->is_shortcut && !r->is_cancelled);
}

static void client_ended(void *arg, const struct err *e)
{
	struct sip_request *r = arg;

	r->client = NULL;
	timer_stop(r->timer);
	if (err_is_set(&r->failure))
		sip_request_end(r, &r->failure);
	else if (r->is_again && !r->is_cancelled)
		try_again(r);
	else if (r->elsewhere)
		sip_request_try_elsewhere(r);
	else if (has_more(r))
		sip_request_try_next(r, e);
	else
		sip_request_end(r, e);
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

void sip_request_try_next(struct sip_request *r, const struct err *last)
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
		sip_request_forget_targets(r);
		sip_request_locate(r);
		return;
	}
	r->failure = e;
	sip_request_end_soon(r);
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
		sip_request_end_soon(r);
	else if (r->patience)
		timer_set(r->timer, r->patience);
}

/* By the same proxy, or where there was none to that URI itself. */
void sip_request_try_elsewhere(struct sip_request *r)
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
	sip_request_forget_targets(r);
	sip_request_locate(r);
}
