#include "sip/invite_private.h"

#include "base/mem.h"

/* ---- legs ----------------------------------------------------------------------- */

static bool bye_compose(void *arg, struct buf *out,
	const struct sip_target *target, const struct endpoint *local,
	struct err *e)
{
	struct sip_leg *leg = arg;

	(void)target;
	(void)local;
	(void)e;
	sip_dialog_request(out, &leg->dialog, SPAN("BYE"));
	sip_ua_add_name(out, leg->invite->ua, SIP_HDR_USER_AGENT);
	buf_span(out, span_of(leg->invite->farewell));
	return sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
}

/* Any final response to a BYE ends the session, and none as well (15.1.1). */
static void bye_response(void *arg, struct sip_scan *m)
{
	(void)arg;
	(void)m;
}

static void bye_ended(void *arg, const struct err *e)
{
	struct sip_leg *leg = arg;
	struct sip_invite *i = leg->invite;

	(void)e;
	leg->bye = NULL;
	sip_ua_remove_dialog(i->ua, &leg->dialog);
	if (leg == i->leg)
		sip_invite_finish(i, NULL);
	else
		sip_invite_release(i);
}

void sip_leg_bye(struct sip_leg *leg)
{
	static const struct sip_request_handlers handlers = {
		.compose = bye_compose,
		.response = bye_response,
		.ended = bye_ended,
	};
	struct sip_request_settings s = {
		.next_hop = sip_dialog_next_hop(&leg->dialog),
		.is_theirs = !leg->dialog.is_caller,
		.is_in_dialog = true,
		.flow = leg->dialog.route_count ? NULL : leg->invite->flow.flow,
	};

	if (leg->is_over)
		return;
	leg->is_over = true;
	leg->bye = sip_request_new(leg->invite->ua, &s, &handlers, leg);
}

struct sip_leg *sip_leg_new(struct sip_invite *i)
{
	struct sip_leg *leg = mem_alloc(sizeof(*leg));

	leg->invite = i;
	list_append(&i->legs, &leg->link);
	i->leg_count++;
	return leg;
}

void sip_leg_free(struct sip_leg *leg)
{
	struct sip_invite *i = leg->invite;

	if (i->leg == leg)
		i->leg = NULL;
	i->leg_count--;
	list_remove(&leg->link);
	sip_ack_free(leg->ack);
	sip_request_forget(leg->bye);
	sip_ua_remove_dialog(i->ua, &leg->dialog);
	sip_dialog_clear(&leg->dialog);
	mem_free(leg);
}

/* ---- the session ---------------------------------------------------------------------- */

static void invite_free(struct sip_invite *i)
{
	list_remove(&i->child.link);
	LIST_EACH(&i->legs, at)
	sip_leg_free(LIST_ITEM(at, struct sip_leg, link));
	sip_request_forget(i->request);
	sip_server_forget(i->server);
	sip_flow_drop(&i->flow);
	timer_free(i->timer);
	mem_free(i->farewell);
	mem_free(i->user);
	mem_free(i->call_id);
	mem_free(i->reason);
	mem_free(i->request_uri);
	mem_free(i->from);
	mem_free(i->to);
	mem_free(i->headers);
	mem_free(i->proxy);
	mem_free(i->tag);
	mem_free(i->sent);
	mem_free(i->ack_type);
	mem_free(i->ack_body);
	mem_free(i->answer);
	mem_free(i);
}

static void invite_gone(struct sip_ua_child *child)
{
	invite_free(LIST_ITEM(child, struct sip_invite, child));
}

struct sip_invite *sip_invite_new(struct sip_ua *ua, struct span user,
	const struct sip_invite_handlers *handlers, void *arg)
{
	struct sip_invite *i = mem_alloc(sizeof(*i));

	i->ua = ua;
	i->handlers = handlers;
	i->arg = arg;
	i->user = span_dup(user);
	i->expires_at = USEC_NEVER;
	link_init(&i->legs);
	sip_ua_add_child(ua, &i->child, invite_gone);
	return i;
}

void sip_invite_release(struct sip_invite *i)
{
	if (!i->is_finished || i->request || i->server)
		return;
	LIST_EACH(&i->legs, at)
	if (LIST_ITEM(at, struct sip_leg, link)->bye)
		return;
	invite_free(i);
}

void sip_invite_finish(struct sip_invite *i, struct sip_scan *last)
{
	const struct sip_invite_handlers *handlers = i->handlers;
	struct sip_invite_end end = { .how = i->how,
		.code = i->code,
		.reason = i->reason ? i->reason : "",
		.e = err_is_set(&i->failure) ? &i->failure : NULL,
		.last = last };

	if (!i->is_finished) {
		i->is_finished = true;
		i->handlers = NULL;
		i->state = SIP_INVITE_LEAVING;
		if (i->leg)
			sip_ua_remove_dialog(i->ua, &i->leg->dialog);
		if (handlers)
			handlers->ended(i->arg, &end);
	}
	sip_invite_release(i);
}

void sip_invite_end(struct sip_invite *i, unsigned code, struct span headers)
{
	if (i->is_leaving || i->is_finished)
		return;
	i->is_leaving = true;
	i->farewell = mem_strn(headers.n ? headers.p : "", headers.n);
	i->how = i->state == SIP_INVITE_CONFIRMED ? SIP_INVITE_WE_LEFT
						  : SIP_INVITE_CANCELLED;
	if (i->is_caller)
		sip_caller_end(i);
	else
		sip_callee_end(i, code);
}

void sip_invite_forget(struct sip_invite *i)
{
	if (!i)
		return;
	i->handlers = NULL;
	sip_invite_end(i, 0, SPAN_EMPTY);
}

/* ---- requests within its dialogs ------------------------------------------------------- */

static void reply(struct sip_invite *i, struct sip_server *s, unsigned code)
{
	struct sip_reply nothing = { .reason = SPAN_EMPTY };

	sip_ua_reply(i->ua, s, code, &nothing, NULL);
}

static void receive_bye(
	struct sip_leg *leg, struct sip_server *s, struct sip_scan *m)
{
	struct sip_invite *i = leg->invite;

	/* Section 15: a callee ends an early dialog by a final response. */
	if (i->is_caller && !leg->dialog.is_confirmed) {
		reply(i, s, 481);
		return;
	}
	reply(i, s, 200);
	if (leg != i->leg || leg->is_over)
		return; /* ours is under way already */
	leg->is_over = true;
	sip_callee_drop_server(i);
	if (!i->is_leaving)
		i->how = SIP_INVITE_THEY_LEFT;
	sip_invite_finish(i, m);
}

static void receive_request(void *arg, struct sip_dialog *d,
	struct sip_server *s, struct sip_scan *m)
{
	struct sip_leg *leg = arg;
	struct sip_invite *i = leg->invite;

	(void)d;
	if (m->method_kind == SIP_METHOD_BYE)
		receive_bye(leg, s, m);
	else if (leg->is_over)
		reply(i, s, 481);
	else if (m->method_kind == SIP_METHOD_INVITE)
		sip_callee_receive_reinvite(i, s, m);
	else if (m->method_kind == SIP_METHOD_OPTIONS)
		reply(i, s, 200);
	else if (i->handlers && i->handlers->request)
		i->handlers->request(i->arg, s, m);
	else
		reply(i, s, 405);
}

static void receive_ack(void *arg, struct sip_dialog *d, struct sip_scan *m)
{
	struct sip_leg *leg = arg;

	(void)d;
	sip_callee_receive_ack(leg->invite, m);
}

const struct sip_dialog_handlers sip_leg_dialog_handlers = {
	.request = receive_request, .ack = receive_ack
};

/* ---- what it is --------------------------------------------------------------------------- */

enum sip_invite_state sip_invite_state(const struct sip_invite *i)
{
	return i->is_leaving ? SIP_INVITE_LEAVING : i->state;
}

bool sip_invite_is_caller(const struct sip_invite *i)
{
	return i->is_caller;
}

const struct sip_dialog *sip_invite_dialog(const struct sip_invite *i)
{
	return i->leg ? &i->leg->dialog : NULL;
}

struct span sip_invite_call_id(const struct sip_invite *i)
{
	return span_of(i->call_id);
}

const struct endpoint *sip_invite_local(const struct sip_invite *i)
{
	return &i->local;
}
