#include "sip/invite_private.h"

#include "base/mem.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "sip/compose.h"

#define CALL_ID_LENGTH 24
#define TAG_LENGTH 12

/* ---- the INVITE ------------------------------------------------------------------ */

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct sip_invite *i = arg;
	struct buf body = BUF_INIT(SIP_MSG_MAX);
	struct sip_compose c = { .method = SPAN("INVITE"),
		.request_uri = span_of(i->request_uri),
		.from = span_of(i->from),
		.to = span_of(i->to),
		.tag = span_of(i->tag),
		.call_id = span_of(i->call_id),
		.cseq = i->cseq,
		.user = span_of(i->user),
		.proxy = span_of(i->proxy) };
	struct span type = SPAN_EMPTY;
	bool ok = true;

	i->local = *local;
	i->kind = target->kind;
	if (i->handlers && i->handlers->offer)
		ok = i->handlers->offer(i->arg, &body, &type, local, e);
	sip_compose(out, i->ua, &c, target, local);
	sip_ua_add_allow(out, i->ua);
	sip_ua_add_supported(out, i->ua);
	buf_span(out, span_of(i->headers));
	if (body.failed)
		ok = err_set(e, STATUS_INTERNAL, "the offer is too large");
	sip_msg_end(out, type, buf_view(&body));
	if (ok && !out->failed) {
		mem_free(i->sent);
		i->sent = mem_strn(out->data, out->len);
		i->sent_len = out->len;
	}
	buf_clear(&body);
	return ok;
}

/* ---- legs (12.1.2, 13.2.2.4) -------------------------------------------------------- */

static struct sip_leg *find_leg(struct sip_invite *i, const struct sip_scan *m)
{
	LIST_EACH(&i->legs, at)
	{
		struct sip_leg *leg = LIST_ITEM(at, struct sip_leg, link);
		if (sip_dialog_is_of_response(&leg->dialog, m))
			return leg;
	}
	return NULL;
}

/* The leg of this response, made where it is not there yet.  NULL: it makes
 * no dialog (e), or there are too many. */
static struct sip_leg *get_leg(
	struct sip_invite *i, const struct sip_scan *m, struct err *e)
{
	struct sip_leg *leg = find_leg(i, m);
	struct sip_dialog d;

	if (leg && m->status_code >= 200 && !leg->dialog.is_confirmed &&
		!sip_dialog_confirm(&leg->dialog, m, e))
		return NULL;
	if (leg)
		return leg;
	if (i->leg_count >= SIP_FORKS_MAX) {
		err_set(e, STATUS_MALFORMED, "more than %d forks answered",
			SIP_FORKS_MAX);
		return NULL;
	}
	struct sip_scan *sent = mem_alloc(sizeof(*sent));
	sip_scan(sent, span_from(i->sent, i->sent_len));
	bool started = sip_dialog_start_caller(&d, sent, m, e);
	mem_free(sent);
	if (!started)
		return NULL;
	leg = sip_leg_new(i);
	leg->dialog = d;
	sip_ua_add_dialog(i->ua, &leg->dialog, &sip_leg_dialog_handlers, leg);
	return leg;
}

static void send_ack(struct sip_leg *leg)
{
	struct sip_invite *i = leg->invite;
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	bool ours = leg == i->leg && i->ack_body;

	struct span next_hop = sip_dialog_next_hop(&leg->dialog);

	sip_dialog_ack(&text, &leg->dialog, i->cseq);
	if (i->request)
		sip_request_add_credentials(&text, i->request, next_hop);
	sip_ua_add_name(&text, i->ua, SIP_HDR_USER_AGENT);
	sip_msg_end(&text, ours ? span_of(i->ack_type) : SPAN_EMPTY,
		ours ? span_from(i->ack_body, i->ack_len) : SPAN_EMPTY);
	leg->ack = sip_ack_new(i->ua, buf_view(&text), next_hop);
	buf_clear(&text);
}

void sip_invite_set_ack(struct sip_invite *i, const struct sip_body *body)
{
	mem_free(i->ack_type);
	mem_free(i->ack_body);
	i->ack_type = span_dup(body->content_type);
	i->ack_body = mem_strn(body->bytes.p, body->bytes.n);
	i->ack_len = body->bytes.n;
}

/* ---- responses ---------------------------------------------------------------------- */

static void receive_provisional(struct sip_invite *i, struct sip_scan *m)
{
	if (i->state == SIP_INVITE_CALLING)
		i->state = SIP_INVITE_RINGING;
	if (m->status_code == 100 || i->leg)
		return;
	if (sip_tag(sip_scan_value(m, SIP_HDR_TO)).n)
		get_leg(i, m, NULL);
	if (!i->is_leaving && i->handlers && i->handlers->progress)
		i->handlers->progress(i->arg, m);
}

static void receive_accepted(struct sip_invite *i, struct sip_scan *m)
{
	struct err e = ERR_NONE;
	struct sip_leg *leg = get_leg(i, m, &e);

	if (!leg) {
		if (!i->leg) {
			i->how = SIP_INVITE_FAILED;
			i->failure = e;
			sip_invite_finish(i, m);
		}
		return;
	}
	if (leg->ack) {
		sip_ack_again(leg->ack);
		return;
	}
	bool is_first = !i->leg && !i->is_finished;
	if (is_first) {
		i->leg = leg;
		i->code = m->status_code;
	}
	if (is_first && !i->is_leaving) {
		i->state = SIP_INVITE_CONFIRMED;
		if (i->handlers && i->handlers->confirmed)
			i->handlers->confirmed(i->arg, m);
	}
	send_ack(leg);
	/* On another fork, too late, or the TU wants no more. */
	if (!is_first || i->is_leaving)
		sip_leg_bye(leg);
}

static void receive_refusal(struct sip_invite *i, struct sip_scan *m)
{
	char reason[ERR_CONDITION_MAX * 2];

	utf8_printable_to(reason, sizeof(reason), m->reason);
	i->code = m->status_code;
	i->reason = mem_str(reason);
	if (i->is_leaving) {
		i->how = SIP_INVITE_CANCELLED;
	} else {
		i->how = SIP_INVITE_REFUSED;
		sip_request_refused(i->request, m, &i->failure);
	}
	sip_invite_finish(i, m);
}

static void on_response(void *arg, struct sip_scan *m)
{
	struct sip_invite *i = arg;

	if (m->status_code < 200)
		receive_provisional(i, m);
	else if (m->status_code < 300)
		receive_accepted(i, m);
	else
		receive_refusal(i, m);
}

static void on_ended(void *arg, const struct err *e)
{
	struct sip_invite *i = arg;

	i->request = NULL;
	/* Forks that never answered finally will not do so any more. */
	LIST_EACH(&i->legs, at)
	{
		struct sip_leg *leg = LIST_ITEM(at, struct sip_leg, link);
		if (leg != i->leg && !leg->bye)
			sip_leg_free(leg);
	}
	if (!i->leg && !i->is_finished) {
		i->how = i->is_leaving ? SIP_INVITE_CANCELLED
				       : SIP_INVITE_FAILED;
		if (e && !i->is_leaving)
			i->failure = *e;
		sip_invite_finish(i, NULL);
	} else {
		sip_invite_release(i);
	}
}

/* ---- the handle ------------------------------------------------------------------------ */

void sip_caller_end(struct sip_invite *i)
{
	if (!i->leg)
		sip_request_cancel(i->request, span_of(i->farewell));
	else if (i->leg->ack)
		sip_leg_bye(i->leg);
	/* else: from within `confirmed`; the BYE goes behind the ACK */
}

struct sip_invite *sip_invite_call(struct sip_ua *ua,
	const struct sip_invite_settings *s,
	const struct sip_invite_handlers *handlers, void *arg)
{
	static const struct sip_request_handlers request_handlers = {
		.compose = compose, .response = on_response, .ended = on_ended
	};
	struct sip_invite *i = sip_invite_new(ua, s->user, handlers, arg);
	struct sip_request_settings request = {
		.next_hop = sip_compose_next_hop(ua, s->proxy, s->request_uri),
		.kind = s->kind,
		.patience = s->patience,
		.cseq = &i->cseq
	};
	char tag[TAG_LENGTH + 1];
	char call_id[CALL_ID_LENGTH + 1];

	rand_token(tag, TAG_LENGTH);
	rand_token(call_id, CALL_ID_LENGTH);
	i->is_caller = true;
	i->state = SIP_INVITE_CALLING;
	i->request_uri = span_dup(s->request_uri);
	i->from = span_dup(s->from);
	i->tag = mem_str(tag);
	i->to = span_dup(s->to);
	i->headers = span_dup(s->headers);
	i->proxy = span_dup(s->proxy);
	i->call_id = mem_str(call_id);
	i->cseq = 1;
	i->request = sip_request_new(ua, &request, &request_handlers, i);
	return i;
}
