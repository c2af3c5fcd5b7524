#include "sip/invite_private.h"

#include "base/mem.h"
#include "base/rand.h"

static void callee_arm(struct sip_invite *i, usec_t at)
{
	if (i->expires_at < at)
		at = i->expires_at;
	if (at == USEC_NEVER)
		timer_stop(i->timer);
	else
		timer_set_at(i->timer, at);
}

static void forget_answer(struct sip_invite *i)
{
	mem_free(i->answer);
	i->answer = NULL;
	i->answer_len = 0;
	i->is_accepted = false;
	i->expires_at = USEC_NEVER;
	timer_stop(i->timer);
}

/* Composes and sends a response to the INVITE at hand, and keeps it. */
static bool respond(struct sip_invite *i, unsigned code, struct span reason,
	struct span headers, const struct sip_body *body, struct err *e)
{
	struct buf contact = BUF_INIT(SIP_LINE_MAX);
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	struct sip_reply reply = { .reason = reason, .headers = headers };
	bool ok;

	if (!i->server || sip_server_is_answered(i->server))
		return err_set(e, STATUS_INTERNAL,
			"there is no INVITE to be answered");
	if (code < 300) { /* 12.1.1; of a redirection, it is another's */
		sip_ua_contact(&contact, i->ua, i->kind, &i->local,
			span_of(i->user), i->leg && i->leg->dialog.is_secure);
		reply.contact = buf_view(&contact);
	}
	if (body) {
		reply.content_type = body->content_type;
		reply.body = body->bytes;
	}
	ok = sip_ua_compose_reply(&text, i->ua, i->server, code, &reply);
	if (!ok)
		err_set(e, STATUS_MALFORMED,
			"the response cannot be written: it is too large, or "
			"a field of it is not valid");
	ok = ok && sip_server_respond(i->server, code, buf_view(&text), e);
	if (ok) {
		mem_free(i->answer);
		i->answer_len = text.len;
		i->answer = buf_take(&text);
		i->answer_code = code;
	}
	buf_clear(&contact);
	buf_clear(&text);
	return ok;
}

/* ---- what goes again by the clock --------------------------------------------------- */

/* 13.3.1.4: the 2xx was never acknowledged. */
static void give_up_ack(struct sip_invite *i)
{
	sip_server_forget(i->server);
	i->server = NULL;
	forget_answer(i);
	if (!i->is_leaving) {
		i->how = SIP_INVITE_FAILED;
		err_set(&i->failure, STATUS_TIMEOUT,
			"the ACK to our 200 never came");
	}
	i->is_leaving = true;
	sip_leg_bye(i->leg);
}

static void callee_fire(void *arg)
{
	struct sip_invite *i = arg;
	usec_t now = loop_now(sip_ua_loop(i->ua));
	usec_t t2 = sip_transactions_timing(sip_ua_transactions(i->ua))->t2;
	struct span answer = span_from(i->answer, i->answer_len);

	if (i->is_accepted && now >= i->answer_until) {
		give_up_ack(i);
	} else if (i->is_accepted) {
		if (i->server)
			sip_server_respond(
				i->server, i->answer_code, answer, NULL);
		i->interval = 2 * i->interval < t2 ? 2 * i->interval : t2;
		callee_arm(i, now + i->interval < i->answer_until
				      ? now + i->interval
				      : i->answer_until);
	} else if (now >= i->expires_at) {
		/* 13.3.1: the caller wants it no more */
		i->expires_at = USEC_NEVER;
		i->how = SIP_INVITE_CANCELLED;
		sip_invite_refuse(i, 487, SPAN_EMPTY, SPAN_EMPTY, NULL);
	} else if (i->answer && i->server) {
		/* 13.3.1.1: so that no proxy gives up */
		sip_server_respond(i->server, i->answer_code, answer, NULL);
		callee_arm(i, now + SIP_RING_INTERVAL);
	}
}

/* ---- answering ------------------------------------------------------------------------ */

bool sip_invite_ring(struct sip_invite *i, unsigned code,
	const struct sip_body *body, struct err *e)
{
	if (code <= 100 || code >= 200)
		return err_set(
			e, STATUS_INTERNAL, "%u is not provisional", code);
	if (!respond(i, code, SPAN_EMPTY, SPAN_EMPTY, body, e))
		return false;
	callee_arm(i, loop_now(sip_ua_loop(i->ua)) + SIP_RING_INTERVAL);
	return true;
}

/* The target refresh that an accepted re-INVITE is (12.2.2). */
static void refresh_target(struct sip_invite *i)
{
	struct sip_scan *m = mem_alloc(sizeof(*m));

	sip_server_request(i->server, m);
	sip_dialog_refresh_target(&i->leg->dialog, m);
	mem_free(m);
}

bool sip_invite_answer(
	struct sip_invite *i, const struct sip_body *body, struct err *e)
{
	const struct sip_timing *timing =
		sip_transactions_timing(sip_ua_transactions(i->ua));
	usec_t now = loop_now(sip_ua_loop(i->ua));

	if (i->is_reinvite && i->server && !sip_server_is_answered(i->server))
		refresh_target(i);
	if (!respond(i, 200, SPAN_EMPTY, SPAN_EMPTY, body, e))
		return false;
	i->is_accepted = true;
	i->leg->dialog.is_confirmed = true;
	if (!i->is_reinvite) {
		i->state = SIP_INVITE_ANSWERED;
		i->code = 200;
	}
	i->expires_at = USEC_NEVER;
	i->interval = timing->t1;
	i->answer_until = now + 64 * timing->t1;
	callee_arm(i, now + i->interval);
	return true;
}

bool sip_invite_refuse(struct sip_invite *i, unsigned code, struct span reason,
	struct span headers, struct err *e)
{
	if (code < 300 || code > 699)
		return err_set(e, STATUS_INTERNAL, "%u refuses nothing", code);
	if (!respond(i, code, reason, headers, NULL, e))
		return false;
	forget_answer(i);
	if (i->is_reinvite) {
		sip_server_forget(i->server);
		i->server = NULL;
		return true;
	}
	/* `ended` comes with the ACK, or with the end of waiting for it. */
	i->code = code;
	i->reason =
		reason.n ? span_dup(reason) : mem_str(sip_reason_phrase(code));
	if (i->how == SIP_INVITE_REFUSED)
		err_set(&i->failure, STATUS_REFUSED, "refused with %u %s", code,
			i->reason);
	return true;
}

void sip_callee_end(struct sip_invite *i, unsigned code)
{
	switch (i->state) {
	case SIP_INVITE_RINGING:
		if (!sip_server_is_answered(i->server))
			sip_invite_refuse(i, code ? code : 480, SPAN_EMPTY,
				SPAN_EMPTY, NULL);
		break;
	case SIP_INVITE_CONFIRMED:
		sip_leg_bye(i->leg);
		break;
	default:
		break; /* 15.1.1: no BYE before the ACK, or the end of it */
	}
}

void sip_callee_drop_server(struct sip_invite *i)
{
	if (!i->server)
		return;
	if (!sip_server_is_answered(i->server))
		respond(i, 487, SPAN_EMPTY, SPAN_EMPTY, NULL, NULL);
	sip_server_forget(i->server);
	i->server = NULL;
	forget_answer(i);
}

/* ---- what comes -------------------------------------------------------------------------- */

void sip_callee_receive_ack(struct sip_invite *i, struct sip_scan *m)
{
	struct sip_cseq cseq;

	if (!i->is_accepted ||
		!sip_cseq_parse(&cseq, sip_scan_value(m, SIP_HDR_CSEQ), NULL) ||
		cseq.number != i->invite_cseq)
		return;
	sip_server_forget(i->server);
	i->server = NULL;
	forget_answer(i);
	if (!i->is_reinvite)
		i->state = SIP_INVITE_CONFIRMED;
	if (i->is_leaving)
		sip_leg_bye(i->leg);
	else if (i->handlers && i->handlers->confirmed)
		i->handlers->confirmed(i->arg, m);
}

static void cancelled(void *arg, struct sip_scan *m)
{
	struct sip_invite *i = arg;

	(void)m;
	if (!i->is_reinvite)
		i->how = SIP_INVITE_CANCELLED;
	sip_invite_refuse(i, 487, SPAN_EMPTY, SPAN_EMPTY, NULL);
}

static void server_ended(void *arg, const struct err *e)
{
	struct sip_invite *i = arg;

	(void)e; /* without an ACK it is refused all the same */
	i->server = NULL;
	if (!i->is_accepted && !i->is_reinvite)
		sip_invite_finish(i, NULL);
}

static void take_server(
	struct sip_invite *i, struct sip_server *s, const struct sip_scan *m)
{
	static const struct sip_server_handlers handlers = {
		.cancelled = cancelled, .ended = server_ended
	};
	struct sip_cseq cseq;

	if (sip_cseq_parse(&cseq, sip_scan_value(m, SIP_HDR_CSEQ), NULL))
		i->invite_cseq = cseq.number;
	i->server = s;
	sip_server_watch(s, &handlers, i);
}

void sip_callee_receive_reinvite(
	struct sip_invite *i, struct sip_server *s, struct sip_scan *m)
{
	struct sip_reply reply = { .reason = SPAN_EMPTY };

	if (i->server || i->state != SIP_INVITE_CONFIRMED || i->is_accepted) {
		/* 14.2: one at a time */
		struct buf line = BUF_INIT(32);
		buf_printf(
			&line, "Retry-After: %u\r\n", (unsigned)rand_below(11));
		reply.headers = buf_view(&line);
		sip_ua_reply(i->ua, s, 500, &reply, NULL);
		buf_clear(&line);
		return;
	}
	if (!i->handlers || !i->handlers->reinvited) {
		sip_ua_reply(i->ua, s, 488, &reply, NULL);
		return;
	}
	i->is_reinvite = true;
	take_server(i, s, m);
	if (!i->timer)
		i->timer = timer_new(sip_ua_loop(i->ua), callee_fire, i);
	i->handlers->reinvited(i->arg, m);
}

/* ---- the beginning ------------------------------------------------------------------------ */

static void take_expires(struct sip_invite *i, const struct sip_scan *m)
{
	struct span value = sip_scan_value(m, SIP_HDR_EXPIRES);
	uint32_t seconds;

	if (value.n && sip_seconds_parse(&seconds, value, NULL))
		i->expires_at = loop_now(sip_ua_loop(i->ua)) +
				(usec_t)seconds * USEC_SEC;
}

static const struct sip_flow_events no_events = { NULL, NULL };

struct sip_invite *sip_invite_take(struct sip_ua *ua, struct sip_server *s,
	struct sip_scan *m, struct span user,
	const struct sip_invite_handlers *handlers, void *arg)
{
	struct sip_flow *flow = sip_server_flow(s);
	struct sip_reply reply = { .reason = SPAN_EMPTY };
	struct err e = ERR_NONE;
	struct sip_dialog d;

	if (!sip_dialog_start_callee(&d, m, sip_server_to_tag(s), &e)) {
		reply.reason = SPAN("No Usable Contact Or Record-Route");
		sip_ua_reply(ua, s, 400, &reply, NULL);
		return NULL;
	}
	struct sip_invite *i = sip_invite_new(ua, user, handlers, arg);
	i->state = SIP_INVITE_RINGING;
	i->how = SIP_INVITE_REFUSED;
	i->call_id = span_dup(sip_scan_value(m, SIP_HDR_CALL_ID));
	i->local = sip_flow_local(flow);
	i->kind = sip_flow_kind(flow);
	i->leg = sip_leg_new(i);
	i->leg->dialog = d;
	i->timer = timer_new(sip_ua_loop(ua), callee_fire, i);
	/* Its key has a tag of ours that is new: it cannot be there yet. */
	sip_ua_add_dialog(
		ua, &i->leg->dialog, &sip_leg_dialog_handlers, i->leg);
	/* INTEROP: behind a NAT, or without a certificate to listen with, a
	 * caller can be reached by the connection it has opened, whatever its
	 * Contact says. */
	if (sip_flow_is_reliable(flow))
		sip_flow_hold(flow, &i->flow, &no_events);
	take_server(i, s, m);
	take_expires(i, m);
	callee_arm(i, USEC_NEVER);
	return i;
}
