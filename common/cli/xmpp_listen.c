#include "cli/xmpp_listen.h"

#include "base/mem.h"
#include "cli/out.h"

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

void xmpp_listen_hold(struct xmpp_listen *l)
{
	if (l->held_count == l->held_room) {
		l->held_room = 2 * l->held_room + 16;
		l->held = mem_grow(l->held, l->held_room, sizeof(*l->held));
	}
	l->held[l->held_count++] = xmpp_client_defer(l->login.client);
}

static void on_written(void *arg)
{
	struct xmpp_listen *l = arg;
	for (size_t i = 0; i < l->held_count; i++)
		xmpp_client_handled(l->login.client, l->held[i]);
	l->held_count = 0;
	xmpp_client_pause(l->login.client, false);
}

void xmpp_listen_wrote(struct xmpp_listen *l, bool good)
{
	l->counted += good;
	if (out_is_full(l->run->out))
		xmpp_client_pause(l->login.client, true);
}

/* ---- ready ---- */

static void on_pong(
	void *arg, const struct xmpp_stanza *reply, const struct err *e)
{
	struct xmpp_listen *l = arg;
	(void)e;
	if (!reply)
		return;
	l->is_ready = true;
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

static bool is_over(void *arg)
{
	const struct xmpp_listen *l = arg;
	return l->done || xmpp_listen_is_enough(l) || err_is_set(&l->fault) ||
	       xmpp_client_has_ended(l->login.client);
}

static bool wait(struct xmpp_listen *l, const char *unfinished, struct err *e)
{
	struct run *r = l->run;
	usec_t seconds = l->options->seconds;
	usec_t until = seconds ? loop_now(r->loop) + seconds : USEC_NEVER;
	switch (run_until(r, is_over, l, until)) {
	case RUN_DONE:
		break;
	case RUN_DEADLINE:
		if (seconds && loop_now(r->loop) >= until)
			return true;
		return run_timed_out(r, unfinished, e);
	case RUN_SIGNAL:
	case RUN_READER_LEFT:
		return !out_has_failed(r->out, e);
	}
	if (err_is_set(&l->fault))
		*e = l->fault;
	else if (!l->done && !xmpp_listen_is_enough(l))
		*e = *xmpp_client_end(l->login.client);
	return !err_is_set(e);
}

bool xmpp_listen_stay(
	struct xmpp_listen *l, const char *unfinished, struct err *e)
{
	if (!wait(l, unfinished, e))
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
	if (!h.ended)
		h.ended = on_ended;
	out_on_written(r->out, on_written, l);
	return xmpp_login_open(&l->login, r, login, &h, arg, e);
}

void xmpp_listen_close(struct xmpp_listen *l)
{
	if (l->run)
		out_on_written(l->run->out, NULL, NULL);
	xmpp_login_close(&l->login);
	mem_free(l->held);
	*l = XMPP_LISTEN_NONE;
}
