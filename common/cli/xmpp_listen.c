#include "cli/xmpp_listen.h"

#include "base/mem.h"
#include "cli/out.h"
#include "cli/pace.h"

const struct opt xmpp_listen_options[] = {
	{ OPT_NUMBER, 'c', "count", "N", "end after so many",
		.offset = offsetof(struct xmpp_listen_options, count), .min = 1,
		.max = INT64_MAX },
	{ OPT_DURATION, 0, "for", "SECONDS", "listen so long, then end with 0",
		.offset = offsetof(struct xmpp_listen_options, seconds),
		.min = USEC_MS, .max = 365 * 86400 * USEC_SEC },
	{ OPT_END },
};

bool xmpp_listen_is_enough(const struct xmpp_listen *l)
{
	return l->options->count && l->counted >= l->options->count;
}

struct record_xmpp xmpp_listen_records(const struct xmpp_listen *l)
{
	return (struct record_xmpp){ l->run->out,
		xmpp_client_jid(l->login.client), l->login.name };
}

/* ---- acknowledging what was written ---- */

static void keep(struct xmpp_listen *l, struct xmpp_pledge *p)
{
	list_remove(&p->link);
	if (l->kept)
		l->kept(l->arg, p);
	xmpp_client_handled(l->login.client, p->number);
	mem_free(p);
}

/* What does not wait itself has nothing in front of it any more. */
static void keep_idle(struct xmpp_listen *l)
{
	LIST_EACH(&l->held, at)
	{
		struct xmpp_pledge *p = LIST_ITEM(at, struct xmpp_pledge, link);
		if (p->waits)
			break;
		keep(l, p);
	}
}

void xmpp_listen_promise(struct xmpp_listen *l, struct xmpp_pledge *p)
{
	list_append(&l->held, &p->link);
	keep_idle(l);
}

void xmpp_listen_hold(struct xmpp_listen *l)
{
	struct xmpp_pledge *p = mem_alloc(sizeof(*p));
	p->number = xmpp_client_defer(l->login.client);
	p->waits = true;
	xmpp_listen_promise(l, p);
}

void xmpp_listen_keep(struct xmpp_listen *l)
{
	struct link *first = list_first(&l->held);
	if (first)
		keep(l, LIST_ITEM(first, struct xmpp_pledge, link));
	keep_idle(l);
}

static void on_written(void *arg)
{
	struct xmpp_listen *l = arg;
	if (l->by_hand)
		return;
	LIST_EACH(&l->held, at)
	keep(l, LIST_ITEM(at, struct xmpp_pledge, link));
	pace_written(l->pace, xmpp_client_has_more(l->login.client));
}

static void on_pace(void *arg, bool paused)
{
	struct xmpp_listen *l = arg;
	if (l->login.client)
		xmpp_client_pause(l->login.client, paused);
}

static void break_all(struct xmpp_listen *l)
{
	LIST_EACH(&l->held, at)
	{
		struct xmpp_pledge *p = LIST_ITEM(at, struct xmpp_pledge, link);
		list_remove(&p->link);
		if (l->broken)
			l->broken(l->arg, p);
		mem_free(p);
	}
}

void xmpp_listen_wrote(struct xmpp_listen *l, bool good)
{
	l->counted += good;
	pace_record(l->pace, out_is_full(l->run->out));
}

/* ---- ready ---- */

static void on_pong(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmpp_listen *l = arg;
	(void)e;
	if (!reply)
		return;
	l->is_ready = true;
	pace_gather(l->pace, l->gathers);
	if (l->silent || xmpp_listen_is_enough(l))
		return;
	struct record_xmpp x = xmpp_listen_records(l);
	record_xmpp_ready(&x, loop_wall(l->run->loop), &l->fault);
}

bool xmpp_listen_announce(struct xmpp_listen *l, struct err *e)
{
	char *domain = span_dup(l->login.jid.domain);
	bool good = xmpp_client_request(l->login.client, xmpp_ping_make(domain),
		USEC_NEVER, on_pong, l, e);
	mem_free(domain);
	return good;
}

/* ---- the wait ---- */

bool xmpp_listen_is_over(const struct xmpp_listen *l)
{
	return l->done || xmpp_listen_is_enough(l) || err_is_set(&l->fault);
}

static bool is_over(void *arg)
{
	const struct xmpp_listen *l = arg;
	return xmpp_listen_is_over(l) || xmpp_client_has_ended(l->login.client);
}

static bool is_ready_or_over(void *arg)
{
	const struct xmpp_listen *l = arg;
	return l->is_ready || is_over(arg);
}

/* Of a wait for done: what ended it may be a fault. */
static bool wait_for(struct xmpp_listen *l, bool (*done)(void *arg),
	usec_t seconds, const char *unfinished, struct err *e)
{
	if (!run_listen(l->run, done, l, seconds, unfinished, e))
		return false;
	if (err_is_set(&l->fault))
		*e = l->fault;
	else if (xmpp_client_has_ended(l->login.client) &&
		 !xmpp_listen_is_over(l))
		*e = *xmpp_client_end(l->login.client);
	return !err_is_set(e);
}

bool xmpp_listen_arrive(
	struct xmpp_listen *l, const char *unfinished, struct err *e)
{
	return wait_for(l, is_ready_or_over, 0, unfinished, e);
}

bool xmpp_listen_stay(
	struct xmpp_listen *l, const char *unfinished, struct err *e)
{
	usec_t seconds = l->options->seconds;
	if ((seconds && !xmpp_listen_arrive(l, unfinished, e)) ||
		!wait_for(l, is_over, seconds, unfinished, e))
		return false;
	run_until(l->run, out_is_drained, l->run->out,
		loop_now(l->run->loop) + RUN_FAREWELL);
	return true;
}

/* ---- birth and death ---- */

static void on_ended(void *arg, const struct err *e)
{
	(void)arg; /* is_over sees it */
	(void)e;
}

bool xmpp_listen_open(struct xmpp_listen *l, struct run *r,
	const struct xmpp_listen_options *options,
	const struct xmpp_login_options *login,
	const struct xmpp_client_handlers *handlers, void *arg, struct err *e)
{
	struct xmpp_client_handlers h = *handlers;
	l->run = r;
	l->options = options;
	l->arg = arg;
	link_init(&l->held);
	l->pace = pace_new(r->loop, on_pace, l);
	if (!h.ended)
		h.ended = on_ended;
	out_on_written(r->out, on_written, l);
	return xmpp_login_open(&l->login, r, login, &h, arg, e);
}

void xmpp_listen_close(struct xmpp_listen *l)
{
	if (l->run) {
		l->done = true;
		out_on_written(l->run->out, NULL, NULL);
		break_all(l);
		pace_end(l->pace);
	}
	/* What still comes with the farewell may be told to it. */
	xmpp_login_close(&l->login);
	pace_free(l->pace);
	*l = XMPP_LISTEN_NONE;
}
