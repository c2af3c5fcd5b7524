#include "sip/subscription.h"

#include "base/mem.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "sip/compose.h"
#include "sip/header.h"
#include "sip/ua_impl.h"

#define CALL_ID_LENGTH 24
#define TAG_LENGTH 12

/* What the timer is set for. */
enum due {
	DUE_NOTIFY,  /* Timer N: one should have come */
	DUE_REFRESH, /* SUBSCRIBE in the dialog */
	DUE_AGAIN,   /* SUBSCRIBE in a new one */
	DUE_END,     /* there is nothing more to wait for */
};

struct sip_subscription {
	struct sip_ua_child child;
	struct sip_ua *ua;
	const struct sip_subscription_handlers *handlers;
	void *arg;
	char *uri, *event, *accept, *from;
	enum sip_transport_kind kind;
	uint32_t expires; /* asked for */

	char call_id[CALL_ID_LENGTH + 1], tag[TAG_LENGTH + 1];
	uint32_t cseq; /* of the SUBSCRIBE that makes the dialog */
	struct sip_ua_awaited awaited;
	struct sip_dialog dialog; /* key NULL: none yet */
	struct sip_request *request;
	char *sent; /* the SUBSCRIBE as it was composed last */
	size_t sent_len;
	struct timer *timer;
	enum due due;
	usec_t until;    /* monotonic: what was granted */
	bool is_ending;  /* Expires: 0, by us or as a fetch */
	bool is_over;    /* the notifier ended it */
	bool was_raised; /* by a 423 */
	struct err failure;
};

static void set_due(struct sip_subscription *s, enum due due, usec_t after)
{
	s->due = due;
	timer_set(s->timer, after);
}

/* ---- dialogs ---------------------------------------------------------------------- */

static void drop_dialog(struct sip_subscription *s)
{
	sip_ua_forget_awaited(&s->awaited);
	if (s->dialog.key)
		sip_ua_remove_dialog(s->ua, &s->dialog);
	sip_dialog_clear(&s->dialog);
}

static void on_notify(void *arg, struct sip_server *server, struct sip_scan *m);

static void on_dialog_request(void *arg, struct sip_dialog *d,
	struct sip_server *server, struct sip_scan *m)
{
	struct sip_reply nothing = { .reason = SPAN_EMPTY };
	struct sip_subscription *s = arg;

	(void)d;
	if (m->method_kind == SIP_METHOD_NOTIFY)
		on_notify(s, server, m);
	else
		sip_ua_reply(s->ua, server, 405, &nothing, NULL);
}

static bool add_dialog(struct sip_subscription *s)
{
	static const struct sip_dialog_handlers handlers = {
		.request = on_dialog_request
	};
	sip_ua_forget_awaited(&s->awaited);
	return sip_ua_add_dialog(s->ua, &s->dialog, &handlers, s);
}

static void new_dialog(struct sip_subscription *s)
{
	drop_dialog(s);
	rand_token(s->call_id, CALL_ID_LENGTH);
	rand_token(s->tag, TAG_LENGTH);
	s->cseq = 1;
	s->is_over = false;
	s->awaited.call_id = span_of(s->call_id);
	s->awaited.local_tag = span_of(s->tag);
	s->awaited.handler = on_notify;
	s->awaited.arg = s;
	sip_ua_await(s->ua, &s->awaited);
}

/* ---- SUBSCRIBE --------------------------------------------------------------------- */

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
	sip_msg_add_number(
		out, SIP_HDR_EXPIRES, s->is_ending ? 0 : s->expires);
	if (s->accept)
		sip_msg_add(out, SIP_HDR_ACCEPT, span_of(s->accept));
	sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
	mem_free(s->sent);
	s->sent = mem_strn(out->data, out->len);
	s->sent_len = out->len;
	buf_clear(&contact);
	return !out->failed;
}

static void subscribe(struct sip_subscription *s);

/* A new dialog, after a while: the old one is gone, or could not be had. */
static void begin_again(struct sip_subscription *s, usec_t after)
{
	new_dialog(s);
	set_due(s, DUE_AGAIN, after);
}

static void end_soon(struct sip_subscription *s)
{
	set_due(s, DUE_END, 0);
}

/* Early enough for one that is lost, late enough not to be a burden. */
static usec_t refresh_after(uint32_t granted)
{
	return granted > 120 ? (granted - 60) * USEC_SEC
			     : granted * USEC_SEC / 2;
}

static void granted(struct sip_subscription *s, uint32_t seconds)
{
	s->until = loop_now(sip_ua_loop(s->ua)) + seconds * USEC_SEC;
	if (s->due == DUE_NOTIFY && timer_is_set(s->timer))
		return; /* it comes first */
	set_due(s, DUE_REFRESH, refresh_after(seconds));
}

/* ---- its answer -------------------------------------------------------------------- */

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
			!add_dialog(s)) {
			end_soon(s);
			return;
		}
	}
	granted(s, seconds);
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
		set_due(s, DUE_REFRESH, 0);
	else
		begin_again(s, 0);
	return true;
}

static void refused(struct sip_subscription *s, struct sip_scan *m)
{
	bool was_there = s->until != 0;

	if (s->is_ending && was_there)
		end_soon(s); /* it is over, whatever they say */
	else if (raise_expires(s, m))
		;
	else if (was_there && m->status_code == 481)
		begin_again(s, 0);
	else if (was_there && !is_fatal(m->status_code))
		begin_again(s, SIP_SUBSCRIPTION_RETRY);
	else {
		sip_request_refused(s->request, m, &s->failure);
		end_soon(s);
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
		begin_again(s, SIP_SUBSCRIPTION_RETRY);
		return;
	}
	s->failure = *e;
	end_soon(s);
}

static void subscribe(struct sip_subscription *s)
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
	set_due(s, DUE_NOTIFY, 64 * timing->t1);
}

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
	n->state = span_is_nocase(v.token, "active")
			   ? SIP_SUBSCRIPTION_ACTIVE
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
		end_soon(s);
	} else if (span_is_nocase(n->reason, "rejected") ||
		   span_is_nocase(n->reason, "noresource")) {
		utf8_printable_to(reason, sizeof(reason), n->reason);
		err_set(&s->failure, STATUS_REFUSED,
			"the subscription was ended: %s", reason);
		err_condition(&s->failure, reason, false);
		end_soon(s);
	} else {
		begin_again(s, retry     ? retry
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
	granted(s, seconds);
}

/* 0, or the code to refuse it with. */
static unsigned judge(struct sip_subscription *s, struct sip_scan *m,
	struct sip_notify *n, usec_t *retry)
{
	if (!is_our_event(s, sip_scan_value(m, SIP_HDR_EVENT)))
		return 489;
	if (!read_state(n, retry,
		    sip_scan_value(m, SIP_HDR_SUBSCRIPTION_STATE)))
		return 400;
	if (s->dialog.key)
		return 0;
	if (!sip_dialog_start_notified(&s->dialog, m, s->cseq, NULL))
		return 400;
	return add_dialog(s) ? 0 : 481;
}

static void on_notify(void *arg, struct sip_server *server, struct sip_scan *m)
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
	n.content_type = sip_scan_value(m, SIP_HDR_CONTENT_TYPE);
	s->handlers->notify(s->arg, &n);
	if (n.state == SIP_SUBSCRIPTION_TERMINATED)
		terminated(s, &n, retry);
	else
		heard(s, &n);
	sip_ua_reply(s->ua, server, 200, &nothing, NULL);
}

/* ---- time ---------------------------------------------------------------------------- */

static void ended(struct sip_subscription *s)
{
	struct err e = s->failure;
	const struct sip_subscription_handlers *h = s->handlers;
	void *arg = s->arg;

	h->ended(arg, &e);
}

static void no_notify(struct sip_subscription *s)
{
	if (s->until && !s->is_ending) {
		begin_again(s, SIP_SUBSCRIPTION_RETRY);
		return;
	}
	if (!s->until)
		err_set(&s->failure, STATUS_TIMEOUT,
			"the subscription was accepted, but no NOTIFY came");
	end_soon(s);
}

static void fire(void *arg)
{
	struct sip_subscription *s = arg;

	switch (s->due) {
	case DUE_NOTIFY:
		no_notify(s);
		break;
	case DUE_REFRESH:
	case DUE_AGAIN:
		subscribe(s);
		break;
	case DUE_END:
		ended(s);
		break;
	}
}

/* ---- the handle ----------------------------------------------------------------------- */

static void subscription_gone(struct sip_ua_child *child)
{
	struct sip_subscription *s =
		LIST_ITEM(child, struct sip_subscription, child);

	sip_request_forget(s->request);
	drop_dialog(s);
	list_remove(&s->child.link);
	timer_free(s->timer);
	mem_free(s->uri);
	mem_free(s->event);
	mem_free(s->accept);
	mem_free(s->from);
	mem_free(s->sent);
	mem_free(s);
}

struct sip_subscription *sip_subscription_new(
	const struct sip_subscription_settings *settings,
	const struct sip_subscription_handlers *handlers, void *arg)
{
	struct sip_subscription *s = mem_alloc(sizeof(*s));

	s->ua = settings->ua;
	s->handlers = handlers;
	s->arg = arg;
	s->uri = span_dup(settings->uri);
	s->event = span_dup(settings->event);
	s->from = span_dup(settings->from);
	if (settings->accept.n)
		s->accept = span_dup(settings->accept);
	s->kind = settings->kind;
	s->expires = settings->expires;
	s->is_ending = settings->expires == 0;
	s->timer = timer_new(sip_ua_loop(s->ua), fire, s);
	sip_ua_add_child(s->ua, &s->child, subscription_gone);
	link_init(&s->awaited.link);
	new_dialog(s);
	subscribe(s);
	return s;
}

void sip_subscription_free(struct sip_subscription *s)
{
	if (s)
		subscription_gone(&s->child);
}

void sip_subscription_end(struct sip_subscription *s)
{
	if (s->is_ending)
		return;
	s->is_ending = true;
	if (s->dialog.key)
		subscribe(s);
	else
		end_soon(s);
}

void sip_subscription_serve(struct sip_ua *ua)
{
	sip_ua_serve_in_dialog(ua, SIP_METHOD_NOTIFY);
}
