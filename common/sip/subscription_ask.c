/* SUBSCRIBE, and what it is answered with. */
#include "base/mem.h"
#include "sip/compose.h"
#include "sip/header.h"
#include "sip/subscription_private.h"

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct sip_subscription *s = arg;
	struct buf contact = BUF_INIT(1024);
	struct sip_compose first = { .method = SPAN("SUBSCRIBE"),
		.request_uri = span_of(s->uri),
		.from = span_of(s->from),
		.tag = span_of(s->tag),
		.call_id = span_of(s->call_id),
		.cseq = s->cseq };

	(void)e;
	if (s->dialog.key) {
		sip_dialog_request(out, &s->dialog, SPAN("SUBSCRIBE"));
		sip_transport_contact(&contact, sip_ua_transport(s->ua),
			target->kind, local, SPAN_EMPTY, s->dialog.is_secure);
		sip_msg_add(out, SIP_HDR_CONTACT, buf_view(&contact));
		sip_ua_add_name(out, s->ua, SIP_HDR_USER_AGENT);
	} else {
		sip_compose(out, s->ua, &first, target, local);
	}
	sip_msg_add(out, SIP_HDR_EVENT, span_of(s->event));
	sip_msg_add_number(out, SIP_HDR_EXPIRES, s->is_ending ? 0 : s->expires);
	if (s->accept)
		sip_msg_add(out, SIP_HDR_ACCEPT, span_of(s->accept));
	sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
	mem_free(s->sent);
	s->sent = mem_strn(out->data, out->len);
	s->sent_len = out->len;
	buf_clear(&contact);
	return !out->failed;
}

/* ---- the answer ------------------------------------------------------------------- */

static void accepted(struct sip_subscription *s, struct sip_scan *m)
{
	struct sip_scan *sent = &s->ua->scan;
	uint32_t seconds = s->expires;

	sip_seconds_parse(&seconds, sip_scan_value(m, SIP_HDR_EXPIRES), NULL);
	if (s->is_over || s->is_ending)
		return;
	if (s->dialog.key) {
		sip_dialog_refresh_target(&s->dialog, m);
	} else {
		sip_scan(sent, span_from(s->sent, s->sent_len));
		if (!sip_dialog_start_caller(
			    &s->dialog, sent, m, &s->failure) ||
			!sip_subscription_add_dialog(s)) {
			sip_subscription_end_soon(s);
			return;
		}
	}
	sip_subscription_granted(s, seconds);
}

/* RFC 6665 section 4.1.2.2: what ends a subscription that was there. */
static bool is_fatal(unsigned code)
{
	return code == 401 || code == 403 || code == 404 || code == 405 ||
	       code == 407 || code == 410 || code == 416 ||
	       (code >= 480 && code <= 485) || code == 489 || code == 501 ||
	       code == 604;
}

/* A 423 (RFC 3261 section 21.4.17), once: who says more the next time is not
 * to be satisfied. */
static bool raise_expires(struct sip_subscription *s, struct sip_scan *m)
{
	uint32_t least = 0;

	sip_seconds_parse(&least, sip_scan_value(m, SIP_HDR_MIN_EXPIRES), NULL);
	if (m->status_code != 423 || least <= s->expires || s->was_raised)
		return false;
	s->was_raised = true;
	s->expires = least;
	if (s->dialog.key)
		sip_subscription_set_due(s, DUE_REFRESH, 0);
	else
		sip_subscription_begin_again(s, 0);
	return true;
}

static void refused(struct sip_subscription *s, struct sip_scan *m)
{
	bool was_there = s->until != 0;

	/* What we end is over, whatever they say. */
	if (s->is_ending && was_there)
		sip_subscription_end_soon(s);
	else if (raise_expires(s, m))
		;
	else if (was_there && m->status_code == 481)
		sip_subscription_begin_again(s, 0);
	else if (was_there && !is_fatal(m->status_code))
		sip_subscription_begin_again(s, SIP_SUBSCRIPTION_RETRY);
	else {
		sip_request_refused(s->request, m, &s->failure);
		sip_subscription_end_soon(s);
	}
}

static void on_response(void *arg, struct sip_scan *m)
{
	struct sip_subscription *s = arg;

	if (m->status_code >= 300)
		refused(s, m);
	else if (m->status_code >= 200)
		accepted(s, m);
}

static void on_request_ended(void *arg, const struct err *e)
{
	struct sip_subscription *s = arg;

	s->request = NULL;
	if (!e || s->is_over)
		return;
	if (s->until && !s->is_ending) {
		sip_subscription_begin_again(s, SIP_SUBSCRIPTION_RETRY);
		return;
	}
	s->failure = *e;
	sip_subscription_end_soon(s);
}

void sip_subscription_ask(struct sip_subscription *s)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose,
		.response = on_response,
		.ended = on_request_ended,
	};
	struct sip_request_settings r = { .kind = s->kind };
	const struct sip_timing *timing =
		sip_transactions_timing(sip_ua_transactions(s->ua));

	if (s->dialog.key)
		r.next_hop = sip_dialog_next_hop(&s->dialog);
	else
		r.next_hop = sip_compose_next_hop(
			s->ua, SPAN_EMPTY, span_of(s->uri));
	if (!s->dialog.key)
		r.cseq = &s->cseq;
	sip_request_forget(s->request);
	s->request = sip_request_new(s->ua, &r, &handlers, s);
	sip_subscription_set_due(s, DUE_NOTIFY, 64 * timing->t1);
}
