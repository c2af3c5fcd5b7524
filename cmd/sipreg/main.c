/* sipreg - register, refresh, query and remove bindings (RFC 3261 section 10) */
#include <string.h>

#include "sipreg.h"

#define DAY (86400 * USEC_SEC)

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Registration" },
	{ OPT_FLAG, 0, "query", .help = "only print the bindings there are",
		.offset = offsetof(struct options, query) },
	{ OPT_LIST, 0, "remove", "URI",
		"remove the binding of this URI; may be given again",
		.offset = offsetof(struct options, remove) },
	{ OPT_FLAG, 0, "remove-all", .help = "remove all bindings there are",
		.offset = offsetof(struct options, remove_all) },
	{ OPT_FLAG, 0, "keep",
		.help = "refresh until stopped, then remove what was added",
		.offset = offsetof(struct options, keep) },
	{ OPT_FLAG, 0, "leave",
		.help = "with --keep: remove nothing at the end",
		.offset = offsetof(struct options, leave) },
	{ OPT_DURATION, 0, "for", "SECONDS", "with --keep: stop after so long",
		.offset = offsetof(struct options, listen_for), .min = USEC_MS,
		.max = 365 * DAY },
	{ OPT_DURATION, 0, "expires", "SECONDS", "ask for this long (3600)",
		.offset = offsetof(struct options, expires), .min = USEC_SEC,
		.max = 365 * DAY },
	{ OPT_STRING, 0, "instance", "URN",
		"be this device, as urn:uuid:...; asks for its GRUUs",
		.offset = offsetof(struct options, instance) },
	{ OPT_NUMBER, 0, "reg-id", "N",
		"which flow of that device this is (RFC 5626)",
		.offset = offsetof(struct options, reg_id), .min = 1,
		.max = INT32_MAX },
	{ OPT_LIST, 0, "edge", "URI",
		"register by this proxy, as a flow of its own; up to 4 times",
		.offset = offsetof(struct options, edges) },
	{ OPT_USE, .use = sip_agent_options,
		.offset = offsetof(struct options, agent) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

/* ---- the run ------------------------------------------------------------------------ */

static bool all_done(void *arg)
{
	const struct sipreg *t = arg;
	for (size_t i = 0; i < t->count; i++)
		if (!t->jobs[i].done && !err_is_set(&t->fault))
			return false;
	return true;
}

static void say_farewell(struct sipreg *t)
{
	const struct options *o = t->options;
	for (size_t i = 0; i < t->count; i++) {
		struct job *j = &t->jobs[i];
		j->leaving = true;
		j->done = j->done || o->leave;
		if (!j->done)
			sip_registration_stop(j->registration);
	}
	usec_t until = loop_now(t->run->loop) + RUN_FAREWELL;
	enum run_end how;
	do
		how = run_until(t->run, all_done, t, until);
	while (how == RUN_SIGNAL || how == RUN_READER_LEFT);
	if (how == RUN_DEADLINE)
		run_warn(t->run, "not all bindings are known to be removed");
}

static bool stay(struct sipreg *t, struct err *e)
{
	const struct options *o = t->options;
	usec_t now = loop_now(t->run->loop);
	usec_t until = o->listen_for ? now + o->listen_for : USEC_NEVER;
	for (size_t i = 0; i < t->count; i++)
		job_start(&t->jobs[i]);
	enum run_end how = run_until(t->run, all_done, t, until);
	bool in_time = loop_now(t->run->loop) >= until;
	if (o->keep && how != RUN_DONE)
		say_farewell(t);
	if (t->failed)
		*e = t->worst;
	if (t->failed && t->count > 1)
		err_set(e, t->worst.status, "%zu of %zu accounts have failed",
			t->failed, t->count);
	if (!t->failed && how == RUN_DEADLINE && !in_time && !o->keep)
		run_timed_out(t->run, "no answer from the registrar", e);
	if (err_is_set(&t->fault) &&
		status_worse(e->status, t->fault.status) != e->status)
		*e = t->fault;
	return !err_is_set(e);
}

static bool check_flows(const struct options *o, int kinds, struct err *e)
{
	struct sip_uri u;
	if ((o->reg_id || o->edges.count) && !o->instance)
		return err_set(e, STATUS_USAGE,
			"--reg-id and --edge are of a device: give its "
			"--instance");
	/* It stands between quotes and brackets. */
	if (o->instance && (strncmp(o->instance, "urn:", 4) != 0 ||
				   strpbrk(o->instance, "\"\\<> \t\r\n")))
		return err_set(e, STATUS_USAGE,
			"--instance %s is no URN, such as urn:uuid:...",
			o->instance);
	if (o->edges.count > EDGES_MAX)
		return err_set(
			e, STATUS_USAGE, "--edge: %d at most", EDGES_MAX);
	if (o->edges.count &&
		(o->agent.account.proxy || o->reg_id || kinds > o->keep))
		return err_set(e, STATUS_USAGE,
			"--edge is the proxy, numbers its flows, and is for "
			"registering");
	if (o->edges.count > 1 && o->agent.account.secret.fd)
		return err_set(e, STATUS_USAGE,
			"--password-fd can be read once, not for each --edge");
	for (size_t i = 0; i < o->edges.count; i++)
		if (!sip_uri_parse(&u, span_of(o->edges.items[i]), e)) {
			e->status = STATUS_USAGE;
			err_prefix(e, "--edge %s", o->edges.items[i]);
			return false;
		}
	return true;
}

static bool check_options(const struct options *o, char **names, struct err *e)
{
	struct sip_uri u;
	int kinds = o->query + o->remove_all + (o->remove.count > 0) + o->keep;
	if (kinds > 1)
		return err_set(e, STATUS_USAGE,
			"--query, --remove, --remove-all and --keep exclude "
			"each other");
	if ((o->leave || o->listen_for) && !o->keep)
		return err_set(e, STATUS_USAGE,
			"--leave and --for are for "
			"--keep");
	if (!check_flows(o, kinds, e))
		return false;
	if (names[0] && (o->agent.account.account || o->agent.account.uri))
		return err_set(e, STATUS_USAGE,
			"accounts are named by -a, by --uri, or as operands");
	for (size_t i = 0; i < o->remove.count; i++) {
		if (sip_uri_parse(&u, span_of(o->remove.items[i]), e))
			continue;
		e->status = STATUS_USAGE;
		err_prefix(e, "--remove %s", o->remove.items[i]);
		return false;
	}
	return true;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct sipreg t = { .run = r, .options = o };
	run_use(r, &o->run, o->keep ? USEC_NEVER : WAIT);
	if (!check_options(o, operands, e))
		return false;
	if (jobs_open(&t, operands, e))
		stay(&t, e);
	jobs_close(&t);
	return !err_is_set(e);
}

static const struct command command = {
	.name = "sipreg",
	.summary = "register at a SIP registrar, query and remove bindings",
	.synopsis = "[options] [ACCOUNT...]",
	.options = options,
	.max_operands = -1,
	.operand_kind = "",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { 0 };
	return cli_main(&command, argc, argv, &o);
}
