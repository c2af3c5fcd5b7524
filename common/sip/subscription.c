#include "sip/subscription.h"

#include "base/mem.h"
#include "base/rand.h"
#include "sip/subscription_private.h"

void sip_subscription_set_due(
	struct sip_subscription *s, enum sip_subscription_due due, usec_t after)
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

static void on_dialog_request(void *arg, struct sip_dialog *d,
	struct sip_server *server, struct sip_scan *m)
{
	struct sip_reply nothing = { .reason = SPAN_EMPTY };
	struct sip_subscription *s = arg;

	(void)d;
	if (m->method_kind == SIP_METHOD_NOTIFY)
		sip_subscription_on_notify(s, server, m);
	else
		sip_ua_reply(s->ua, server, 405, &nothing, NULL);
}

bool sip_subscription_add_dialog(struct sip_subscription *s)
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
	rand_token(s->call_id, SIP_SUBSCRIPTION_CALL_ID);
	rand_token(s->tag, SIP_SUBSCRIPTION_TAG);
	s->cseq = 1;
	s->is_over = false;
	s->has_heard = false;
	s->wants_state = false;
	s->awaited.call_id = span_of(s->call_id);
	s->awaited.local_tag = span_of(s->tag);
	s->awaited.handler = sip_subscription_on_notify;
	s->awaited.arg = s;
	sip_ua_await(s->ua, &s->awaited);
}

/* ---- how long ----------------------------------------------------------------------- */

void sip_subscription_begin_again(struct sip_subscription *s, usec_t after)
{
	new_dialog(s);
	sip_subscription_set_due(s, DUE_AGAIN, after);
}

void sip_subscription_end_soon(struct sip_subscription *s)
{
	sip_subscription_set_due(s, DUE_END, 0);
}

/* Early enough for one that is lost, late enough not to be a burden. */
static usec_t refresh_after(uint32_t granted)
{
	return granted > 120 ? (granted - 60) * USEC_SEC
			     : granted * USEC_SEC / 2;
}

/* The time until the whole state may be asked for. */
static usec_t pace(const struct sip_subscription *s)
{
	usec_t next = s->refreshed + SIP_SUBSCRIPTION_PACE;
	usec_t now = loop_now(sip_ua_loop(s->ua));

	return s->refreshed && next > now ? next - now : 0;
}

void sip_subscription_granted(struct sip_subscription *s, uint32_t seconds)
{
	usec_t after = refresh_after(seconds);

	s->until = loop_now(sip_ua_loop(s->ua)) + seconds * USEC_SEC;
	if (s->due == DUE_NOTIFY && timer_is_set(s->timer))
		return; /* it comes first */
	if (s->wants_state && pace(s) < after)
		after = pace(s);
	sip_subscription_set_due(s, DUE_REFRESH, after);
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
		sip_subscription_begin_again(s, SIP_SUBSCRIPTION_RETRY);
		return;
	}
	if (!s->until)
		err_set(&s->failure, STATUS_TIMEOUT,
			"the subscription was accepted, but no NOTIFY came");
	sip_subscription_end_soon(s);
}

static void fire(void *arg)
{
	struct sip_subscription *s = arg;

	switch (s->due) {
	case DUE_NOTIFY:
		no_notify(s);
		break;
	case DUE_REFRESH:
		if (s->wants_state)
			s->refreshed = loop_now(sip_ua_loop(s->ua));
		s->wants_state = false;
		sip_subscription_ask(s);
		break;
	case DUE_AGAIN:
		sip_subscription_ask(s);
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
	sip_subscription_ask(s);
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
		sip_subscription_ask(s);
	else
		sip_subscription_end_soon(s);
}

void sip_subscription_refresh(struct sip_subscription *s)
{
	if (s->is_ending || s->is_over || !s->dialog.key)
		return;
	s->wants_state = true;
	if (s->due == DUE_REFRESH && timer_is_set(s->timer))
		sip_subscription_set_due(s, DUE_REFRESH, pace(s));
}

void sip_subscription_serve(struct sip_ua *ua)
{
	sip_ua_serve_in_dialog(ua, SIP_METHOD_NOTIFY);
}
