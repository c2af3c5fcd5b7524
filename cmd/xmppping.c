/* xmppping - ping users, servers and components of XMPP (XEP-0199)
 *
 * Any answer means that the target, or the server that speaks for it, is
 * alive, as sipping has it: an error too, service-unavailable among them.
 * What our own server says of a target it could not reach is none. */
#include <string.h>

#include "base/list.h"
#include "base/mem.h"
#include "cli/out.h"
#include "cli/probe.h"
#include "cli/record.h"
#include "cli/xmpp_login.h"
#include "xmpp/error.h"

struct options {
	struct run_options run;
	struct xmpp_login_options login;
	struct probe_options probe;
	const char *expect;
};

static const char *const expectations[] = { "answer", "result", NULL };

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Ping" },
	{ OPT_USE, .use = probe_options,
		.offset = offsetof(struct options, probe) },
	{ OPT_WORD, 0, "expect", "WHAT",
		"alive is who gives any answer, or only who gives a result "
		"(answer)",
		.offset = offsetof(struct options, expect),
		.words = expectations },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

struct target {
	struct xmppping *tool;
	struct xmpp_jid jid;
	struct probe probe;
	struct link pings; /* that are out */
};

struct ping {
	struct link link;
	struct target *of;
	int64_t sequence;
	usec_t sent_at;
	struct xmpp_iq *request;
};

struct xmppping {
	struct run *run;
	const struct options *options;
	struct xmpp_login login;
	struct target *targets;
	size_t count;
	struct err broken; /* of our own output */
};

/* ---- records ---- */

static void check_written(struct xmppping *t, bool written, const struct err *e)
{
	if (!written && err_is_set(e))
		t->broken = *e;
}

static void report_answer(
	const struct ping *ping, usec_t rtt, const struct err *error)
{
	struct xmppping *t = ping->of->tool;
	struct record r;
	struct err e = ERR_NONE;
	if (t->run->output.quiet)
		return;
	record_begin(&r, t->run->out, RECORD_PING, RECORD_XMPP,
		loop_wall(t->run->loop));
	if (t->login.name)
		record_str(&r, KEY_ACCOUNT, t->login.name);
	record_text(&r, KEY_FROM, xmpp_jid_full(&ping->of->jid));
	record_int(&r, KEY_SEQUENCE, ping->sequence);
	record_decimal(&r, KEY_RTT_MS, rtt, 3);
	if (err_is_set(error)) {
		record_str(&r, KEY_CONDITION, error->condition);
		record_str(&r, KEY_TEXT, error->text);
	}
	check_written(t, record_end(&r, &e), &e);
}

static void report_loss(const struct ping *ping, const struct err *why)
{
	struct xmppping *t = ping->of->tool;
	struct err e = ERR_NONE;
	if (t->run->output.quiet)
		return;
	check_written(t,
		probe_report_loss(&ping->of->probe, t->run->out, RECORD_XMPP,
			xmpp_jid_full(&ping->of->jid), ping->sequence, why, &e),
		&e);
}

static void report_summaries(struct xmppping *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct target *target = &t->targets[i];
		struct err e = ERR_NONE;
		if (target->probe.sent)
			check_written(t,
				probe_report(&target->probe, t->run->out,
					RECORD_XMPP,
					xmpp_jid_full(&target->jid), &e),
				&e);
	}
}

/* ---- one ping ---- */

static void ping_free(struct ping *ping)
{
	list_remove(&ping->link);
	mem_free(ping);
}

static void ping_lost(struct ping *ping, const struct err *why)
{
	probe_lost(&ping->of->probe, why);
	report_loss(ping, why);
	ping_free(ping);
}

/* Of a target in another domain these may be words of our own server, which
 * the ping did not get past (RFC 6120 section 8.3.3), under the target's
 * address. */
static const char *const of_the_way[] = { "remote-server-not-found",
	"remote-server-timeout", "not-allowed", "policy-violation",
	"resource-constraint", "internal-server-error", "undefined-condition" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_of_the_way(const struct ping *ping, const struct err *error)
{
	const struct xmpp_jid *self = &ping->of->tool->login.jid;
	if (span_equal(ping->of->jid.domain, self->domain))
		return false;
	for (size_t i = 0; i < COUNT(of_the_way); i++)
		if (strcmp(error->condition, of_the_way[i]) == 0)
			return true;
	return false;
}

static bool is_answer(const struct ping *ping, const struct err *error)
{
	if (!err_is_set(error))
		return true;
	return !is_of_the_way(ping, error) &&
	       strcmp(ping->of->tool->options->expect, "answer") == 0;
}

static void on_reply(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct ping *ping = arg;
	struct target *target = ping->of;
	usec_t rtt = loop_now(target->tool->run->loop) - ping->sent_at;
	struct err why = *e;
	ping->request = NULL;
	if (reply && is_answer(ping, e)) {
		probe_answered(&target->probe, rtt);
		report_answer(ping, rtt, e);
		ping_free(ping);
		return;
	}
	if (reply && is_of_the_way(ping, e))
		why.status = STATUS_UNREACHABLE;
	if (!reply && e->status == STATUS_TIMEOUT && !e->condition[0]) {
		err_set(&why, STATUS_TIMEOUT, "no answer");
		err_condition(&why, "timeout", true);
	}
	ping_lost(ping, &why);
}

static void ask(void *arg, int64_t sequence)
{
	struct target *target = arg;
	struct xmppping *t = target->tool;
	struct err e = ERR_NONE;
	struct ping *ping = mem_alloc(sizeof(*ping));
	ping->of = target;
	ping->sequence = sequence;
	ping->sent_at = loop_now(t->run->loop);
	list_append(&target->pings, &ping->link);
	if (xmpp_client_is_full(t->login.client)) {
		err_set(&e, STATUS_TIMEOUT,
			"not sent: our server has not taken the ones before");
		err_condition(&e, "timeout", true);
	} else {
		ping->request = xmpp_client_request(t->login.client,
			xmpp_ping_make(target->jid.text),
			t->options->probe.reply_wait, on_reply, ping, &e);
	}
	if (!ping->request)
		ping_lost(ping, &e);
}

/* ---- the run ---- */

static void on_ended(void *arg, const struct err *e)
{
	(void)arg; /* is_over sees it */
	(void)e;
}

static bool is_over(void *arg)
{
	const struct xmppping *t = arg;
	if (err_is_set(&t->broken) || xmpp_client_has_ended(t->login.client))
		return true;
	for (size_t i = 0; i < t->count; i++)
		if (!probe_is_done(&t->targets[i].probe))
			return false;
	return true;
}

static bool read_targets(struct xmppping *t, char **operands, struct err *e)
{
	for (; operands[t->count]; t->count++)
		;
	t->targets = mem_array(t->count, sizeof(*t->targets));
	for (size_t i = 0; i < t->count; i++) {
		t->targets[i].tool = t;
		link_init(&t->targets[i].pings);
	}
	for (size_t i = 0; i < t->count; i++)
		if (!xmpp_login_parse_jid(&t->targets[i].jid, operands[i], e))
			return false;
	return true;
}

static void stop(struct xmppping *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct target *target = &t->targets[i];
		probe_stop(&target->probe);
		LIST_EACH(&target->pings, at)
		{
			struct ping *ping = LIST_ITEM(at, struct ping, link);
			xmpp_iq_cancel(ping->request);
			ping_free(ping);
		}
	}
}

/* One target's own sentence; of several the worst, and how many. */
static bool judge(struct xmppping *t, struct err *e)
{
	size_t dead = 0;
	for (size_t i = 0; i < t->count; i++) {
		struct err why;
		if (probe_judge(&t->targets[i].probe, t->run, &why))
			continue;
		err_prefix(&why, "%s", t->targets[i].jid.text);
		if (t->count > 1)
			run_warn(t->run, "%s", why.text);
		if (dead++ == 0 ||
			status_worse(e->status, why.status) != e->status)
			*e = why;
	}
	if (dead && t->count > 1) {
		enum status worst = e->status;
		err_set(e, worst, "%zu of %zu did not answer", dead, t->count);
	}
	return dead == 0;
}

static bool ping_all(struct xmppping *t, struct err *e)
{
	for (size_t i = 0; i < t->count; i++)
		probe_start(&t->targets[i].probe, t->run->loop,
			&t->options->probe, ask, &t->targets[i]);
	enum run_end end = run_until(t->run, is_over, t, USEC_NEVER);
	if (!t->options->probe.nagios)
		report_summaries(t);
	stop(t);
	if (err_is_set(&t->broken))
		*e = t->broken;
	else if (end == RUN_DONE && xmpp_client_has_ended(t->login.client))
		*e = *xmpp_client_end(t->login.client);
	else if (end == RUN_DONE || end == RUN_DEADLINE)
		return judge(t, e);
	return !err_is_set(e);
}

static bool monitor(struct xmppping *t, bool tried, struct err *e)
{
	const struct probe **probes = mem_array(t->count, sizeof(*probes));
	for (size_t i = 0; i < t->count; i++)
		probes[i] = &t->targets[i].probe;
	bool written = probe_monitor(
		probes, t->count, &t->options->probe, t->run, tried, e);
	mem_free(probes);
	return written;
}

static const struct xmpp_client_handlers handlers = { .ended = on_ended };

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmppping t = {
		.run = r, .options = o, .login = XMPP_LOGIN_NONE
	};
	if (!o->expect)
		o->expect = expectations[0];
	run_use(r, &o->run, USEC_NEVER);
	bool online =
		probe_options_use(&o->probe, r, e) &&
		read_targets(&t, operands, e) &&
		xmpp_login_open(&t.login, r, &o->login, &handlers, &t, e) &&
		xmpp_login_wait(&t.login, e);
	bool good = online && ping_all(&t, e);
	if (o->probe.nagios)
		good = monitor(&t, online, e);
	xmpp_login_close(&t.login);
	for (size_t i = 0; i < t.count; i++)
		xmpp_jid_clear(&t.targets[i].jid);
	mem_free(t.targets);
	return good;
}

static const struct command command = {
	.name = "xmppping",
	.summary = "ping users, servers and components of XMPP",
	.synopsis = "[options] JID [JID...]",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.operand_kind = "jid",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { .probe = PROBE_OPTIONS_DEFAULTS };
	return cli_main(&command, argc, argv, &o);
}
