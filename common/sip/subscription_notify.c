/* NOTIFY: is it ours, and what does it mean for the subscription? */
#include "base/utf8.h"
#include "sip/header.h"
#include "sip/subscription_private.h"

/* ---- NOTIFY ------------------------------------------------------------------------- */

static bool is_our_event(const struct sip_subscription *s, struct span value)
{
	struct sip_token_value ours, theirs;
	struct sip_param a, b;

	if (!sip_token_value_parse(&ours, span_of(s->event), NULL) ||
		!sip_token_value_parse(&theirs, value, NULL) ||
		!span_equal_nocase(ours.token, theirs.token))
		return false;
	bool has_a = sip_param_find(ours.params, "id", &a);
	bool has_b = sip_param_find(theirs.params, "id", &b);
	return has_a == has_b && (!has_a || span_equal(a.value, b.value));
}

static bool read_state(struct sip_notify *n, usec_t *retry, struct span value)
{
	struct sip_token_value v;
	struct sip_param p;
	uint32_t seconds;

	if (!sip_token_value_parse(&v, value, NULL))
		return false;
	n->state = span_is_nocase(v.token, "active") ? SIP_SUBSCRIPTION_ACTIVE
		   : span_is_nocase(v.token, "terminated")
			   ? SIP_SUBSCRIPTION_TERMINATED
			   : SIP_SUBSCRIPTION_PENDING;
	if (sip_param_find(v.params, "reason", &p))
		n->reason = p.value;
	n->has_expires = sip_param_find(v.params, "expires", &p) &&
			 sip_seconds_parse(&n->expires, p.value, NULL);
	*retry = 0;
	if (sip_param_find(v.params, "retry-after", &p) &&
		sip_seconds_parse(&seconds, p.value, NULL))
		*retry = seconds * USEC_SEC;
	return true;
}

/* Section 4.1.3: what each reason wants of a subscriber. */
static void terminated(
	struct sip_subscription *s, const struct sip_notify *n, usec_t retry)
{
	char reason[64];
	bool at_once = span_is_nocase(n->reason, "deactivated") ||
		       span_is_nocase(n->reason, "timeout");

	s->is_over = true;
	if (s->is_ending || span_is_nocase(n->reason, "invariant")) {
		sip_subscription_end_soon(s);
	} else if (span_is_nocase(n->reason, "rejected") ||
		   span_is_nocase(n->reason, "noresource")) {
		utf8_printable_to(reason, sizeof(reason), n->reason);
		err_set(&s->failure, STATUS_REFUSED,
			"the subscription was ended: %s", reason);
		err_condition(&s->failure, reason, false);
		sip_subscription_end_soon(s);
	} else {
		sip_subscription_begin_again(
			s, retry     ? retry
			   : at_once ? USEC_SEC
				     : SIP_SUBSCRIPTION_RETRY);
	}
}

static void heard(struct sip_subscription *s, const struct sip_notify *n)
{
	usec_t now = loop_now(sip_ua_loop(s->ua));
	uint32_t seconds = s->expires;

	if (s->is_ending)
		return; /* one that was under way */
	if (s->due == DUE_NOTIFY)
		timer_stop(s->timer);
	if (n->has_expires)
		seconds = n->expires;
	else if (s->until > now)
		seconds = (uint32_t)((s->until - now) / USEC_SEC);
	sip_subscription_granted(s, seconds);
}

/* 0, or the code to refuse it with. */
static unsigned judge(struct sip_subscription *s, struct sip_scan *m,
	struct sip_notify *n, usec_t *retry)
{
	if (!is_our_event(s, sip_scan_value(m, SIP_HDR_EVENT)))
		return 489;
	if (!read_state(
		    n, retry, sip_scan_value(m, SIP_HDR_SUBSCRIPTION_STATE)))
		return 400;
	if (s->dialog.key)
		return 0;
	if (!sip_dialog_start_notified(&s->dialog, m, s->cseq, NULL))
		return 400;
	return sip_subscription_add_dialog(s) ? 0 : 481;
}

void sip_subscription_on_notify(
	void *arg, struct sip_server *server, struct sip_scan *m)
{
	struct sip_subscription *s = arg;
	struct sip_reply nothing = { .reason = SPAN_EMPTY };
	struct sip_notify n = { .message = m, .body = m->body };
	usec_t retry;
	unsigned code = judge(s, m, &n, &retry);

	if (code) {
		sip_ua_reply(s->ua, server, code, &nothing, NULL);
		return;
	}
	n.is_first = !s->has_heard;
	s->has_heard = true;
	n.content_type = sip_scan_value(m, SIP_HDR_CONTENT_TYPE);
	s->handlers->notify(s->arg, &n);
	if (n.state == SIP_SUBSCRIPTION_TERMINATED)
		terminated(s, &n, retry);
	else
		heard(s, &n);
	sip_ua_reply(s->ua, server, 200, &nothing, NULL);
}
