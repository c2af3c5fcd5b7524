#include "sip/request_private.h"

#include "base/mem.h"
#include "sip/orphan.h"

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
	sip_request_forget_targets(r);
	mem_free(r);
}

static void request_gone(struct sip_ua_child *child)
{
	request_free(LIST_ITEM(child, struct sip_request, child));
}

void sip_request_end(struct sip_request *r, const struct err *e)
{
	const struct sip_request_handlers *handlers = r->handlers;
	void *arg = r->arg;
	struct err copy = e ? *e : ERR_NONE;

	request_free(r);
	handlers->ended(arg, e ? &copy : NULL);
}

void sip_request_end_soon(struct sip_request *r)
{
	timer_set(r->timer, 0);
}

/* The share of a target is over, or there is a failure to tell. */
static void request_fire(void *arg)
{
	struct sip_request *r = arg;
	struct err e = r->failure;

	if (r->race) {
		sip_request_stop_race(r);
		return;
	}
	if (r->is_shortcut && !r->client && !err_is_set(&e)) {
		sip_request_try_next(r, NULL);
		return;
	}
	if (err_is_set(&e) && !sip_request_next_elsewhere(r)) {
		sip_request_end(r, &e);
		return;
	}
	if (err_is_set(&e)) {
		err_clear(&r->failure);
		sip_request_try_elsewhere(r);
		return;
	}
	/* What still comes from there is too late; a phone that may ring is
	 * told to stop. */
	if (r->is_invite) {
		sip_orphan_new(
			r->ua, r->client, span_from(r->sent, r->sent_len));
	} else {
		sip_client_abandon(r->client);
	}
	r->client = NULL;
	err_set(&e, STATUS_TIMEOUT, "nobody answered within %g s",
		(double)r->patience / USEC_SEC);
	err_condition(&e, "timeout", true);
	if (sip_request_has_next(r) && !r->is_answered)
		sip_request_try_next(r, &e);
	else if (sip_request_next_elsewhere(r))
		sip_request_try_elsewhere(r);
	else
		sip_request_end(r, &e);
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
		r->names[0] = mem_str(s->flow_name);
		r->targets[0].name = r->names[0];
		r->count = 1;
		timer_set(r->timer, 0);
	} else {
		sip_request_locate(r);
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
	sip_request_end_soon(r);
}

struct sip_client *sip_request_client(const struct sip_request *r)
{
	return r->client;
}
