/* sipreg - register, refresh, query and remove bindings (RFC 3261 section 10)
 *
 * One registration for each account, each with a user agent of its own, since
 * each has its own password, proxy and TLS. */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/out.h"
#include "cli/record.h"
#include "cli/sip_agent.h"
#include "sip/registration.h"

#define WAIT (30 * USEC_SEC)
#define DAY (86400 * USEC_SEC)

struct options {
	struct run_options run;
	struct sip_agent_options agent;
	struct opt_list remove;
	bool query, remove_all, keep, leave;
	usec_t expires, listen_for;
	const char *instance;
	int64_t reg_id;
};

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
	{ OPT_USE, .use = sip_agent_options,
		.offset = offsetof(struct options, agent) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

/* One account. */
struct job {
	struct sipreg *tool;
	struct sip_agent_options agent_options;
	struct sip_agent agent;
	struct sip_registration *registration;
	size_t removed;  /* of options.remove */
	bool registered; /* it was there before: this is a refresh */
	bool leaving, done;
};

struct sipreg {
	struct run *run;
	const struct options *options;
	struct job *jobs;
	size_t count, failed;
	struct err worst, fault; /* of the jobs; of stdout */
};

/* ---- records ----------------------------------------------------------------- */

static void begin(struct record *r, const struct job *j, const char *state)
{
	const struct sipreg *t = j->tool;
	record_begin(r, t->run->out, RECORD_REGISTER, RECORD_SIP,
		loop_wall(t->run->loop));
	record_str(r, KEY_STATE, state);
	if (j->agent.account.name[0])
		record_str(r, KEY_ACCOUNT, j->agent.account.name);
	record_str(r, KEY_FROM, j->agent.account.address);
}

static void add(struct record *r, enum record_key key, struct span value)
{
	if (value.n)
		record_text(r, key, value);
}

static void add_binding(struct record *r, const struct sip_binding *b)
{
	record_text(r, KEY_CONTACT, b->uri);
	record_int(r, KEY_EXPIRES_S, b->expires);
	if (b->has_q)
		record_decimal(r, KEY_Q, b->q, 3);
	add(r, KEY_INSTANCE, b->instance);
	add(r, KEY_PUB_GRUU, b->pub_gruu);
	add(r, KEY_TEMP_GRUU, b->temp_gruu);
}

/* Those that are listed, but for our own where that has a record already. */
static size_t print_bindings(
	struct job *j, const struct sip_registration_event *event, bool own)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_binding b;
	struct record r;
	size_t count = 0;
	while (sip_binding_next(&b, event->m, &at)) {
		bool is_own = event->has_own && b.uri.p == event->own.uri.p;
		if (is_own && !own)
			continue;
		begin(&r, j, "binding");
		add_binding(&r, &b);
		record_end(&r, &j->tool->fault);
		count++;
	}
	return count;
}

static void print_done(struct job *j,
	const struct sip_registration_event *event)
{
	struct record r;
	begin(&r, j, j->registered ? "refreshed" : "registered");
	if (event->has_own)
		add_binding(&r, &event->own);
	else
		record_int(&r, KEY_EXPIRES_S, event->granted);
	if (event->again)
		record_int(&r, KEY_AGAIN_S, event->again / USEC_SEC);
	record_end(&r, &j->tool->fault);
	if (!j->registered)
		print_bindings(j, event, false);
}

static void print_failure(struct job *j,
	const struct sip_registration_event *event)
{
	const struct err *e = event->e;
	struct record r;
	begin(&r, j, "failed");
	if (e->code) {
		record_int(&r, KEY_STATUS_CODE, e->code);
		record_text(&r, KEY_REASON, event->m->reason);
	}
	if (e->condition[0])
		record_str(&r, KEY_CONDITION, e->condition);
	record_str(&r, KEY_TEXT, e->text);
	if (event->again)
		record_int(&r, KEY_AGAIN_S, event->again / USEC_SEC);
	record_end(&r, &j->tool->fault);
}

/* ---- what comes next ------------------------------------------------------------- */

static void fail(struct job *j, const struct err *why)
{
	struct sipreg *t = j->tool;
	struct err e = *why;
	err_prefix(&e, "%s", j->agent.account.address);
	if (t->count > 1)
		run_warn(t->run, "%s", e.text);
	if (t->failed++ == 0 ||
		status_worse(t->worst.status, e.status) != t->worst.status)
		t->worst = e;
	j->done = true;
}

static void on_failed(struct job *j, const struct sip_registration_event *event)
{
	print_failure(j, event);
	if (!event->again || j->leaving)
		fail(j, event->e);
	else
		run_warn(j->tool->run, "%s: %s; tried again in %lld s",
			j->agent.account.address, event->e->text,
			(long long)(event->again / USEC_SEC));
}

static void on_removed(struct job *j, const struct sip_registration_event *event)
{
	const struct options *o = j->tool->options;
	struct record r;
	begin(&r, j, "removed");
	if (!j->leaving && j->removed < o->remove.count)
		record_str(&r, KEY_CONTACT, o->remove.items[j->removed]);
	record_end(&r, &j->tool->fault);
	if (!j->leaving && ++j->removed < o->remove.count) {
		sip_registration_remove(
			j->registration, span_of(o->remove.items[j->removed]));
		return;
	}
	if (!j->leaving)
		print_bindings(j, event, true);
	j->done = true;
}

static void on_bindings(
	struct job *j, const struct sip_registration_event *event)
{
	struct err none = ERR_NONE;
	j->done = true;
	if (print_bindings(j, event, true))
		return;
	err_set(&none, STATUS_REFUSED, "nobody is registered there");
	fail(j, &none);
}

static void told(void *arg, const struct sip_registration_event *event)
{
	struct job *j = arg;
	switch (event->what) {
	case SIP_REGISTRATION_DONE:
		if (j->leaving)
			return; /* its end is under way */
		print_done(j, event);
		j->registered = true;
		j->done = !j->tool->options->keep;
		break;
	case SIP_REGISTRATION_BINDINGS:
		on_bindings(j, event);
		break;
	case SIP_REGISTRATION_REMOVED:
		on_removed(j, event);
		break;
	case SIP_REGISTRATION_FAILED:
		on_failed(j, event);
		break;
	}
}

static bool all_done(void *arg)
{
	const struct sipreg *t = arg;
	for (size_t i = 0; i < t->count; i++)
		if (!t->jobs[i].done && !err_is_set(&t->fault))
			return false;
	return true;
}

/* ---- accounts ---------------------------------------------------------------------- */

static void start(struct job *j)
{
	const struct options *o = j->tool->options;
	if (o->query)
		sip_registration_query(j->registration);
	else if (o->remove_all)
		sip_registration_remove(j->registration, SPAN("*"));
	else if (o->remove.count)
		sip_registration_remove(
			j->registration, span_of(o->remove.items[0]));
	else
		sip_registration_start(j->registration);
}

static bool open_job(struct job *j, const char *name, struct err *e)
{
	struct sipreg *t = j->tool;
	const struct options *o = t->options;
	struct sip_ua_settings ua = { 0 };
	j->agent_options = o->agent;
	if (name)
		j->agent_options.account.account = name;
	if (!sip_agent_open(&j->agent, t->run, &j->agent_options,
		    ACCOUNT_NEEDED, &ua, e))
		return false;
	/* Over a WebSocket requests come back by the connection itself. */
	if (!sip_agent_is_web(&j->agent) &&
		!sip_agent_listen(&j->agent, o->agent.local, 0, NULL, e))
		return false;
	j->registration = sip_registration_new(
		&(struct sip_registration_settings){ .ua = j->agent.ua,
			.aor = span_of(j->agent.account.address),
			.registrar = span_of(j->agent.account.registrar),
			.user = sip_agent_user(&j->agent),
			.kind = j->agent.transport,
			.expires = (uint32_t)(o->expires / USEC_SEC),
			.instance = span_of(o->instance),
			.reg_id = (uint32_t)o->reg_id,
			.patience = WAIT,
			.keep = o->keep },
		told, j, e);
	return j->registration != NULL;
}

static bool open_jobs(struct sipreg *t, char **names, struct err *e)
{
	while (names[t->count])
		t->count++;
	bool one = t->count == 0;
	t->count += one;
	t->jobs = mem_array(t->count, sizeof(*t->jobs));
	for (size_t i = 0; i < t->count; i++) {
		t->jobs[i].tool = t;
		if (!open_job(&t->jobs[i], one ? NULL : names[i], e))
			return false;
	}
	return true;
}

/* ---- the run ------------------------------------------------------------------------ */

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
		start(&t->jobs[i]);
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

static bool check_options(const struct options *o, char **names, struct err *e)
{
	struct sip_uri u;
	int kinds = o->query + o->remove_all + (o->remove.count > 0) + o->keep;
	if (kinds > 1)
		return err_set(e, STATUS_USAGE,
			"--query, --remove, --remove-all and --keep exclude "
			"each other");
	if ((o->leave || o->listen_for) && !o->keep)
		return err_set(e, STATUS_USAGE, "--leave and --for are for "
						"--keep");
	if (o->reg_id && !o->instance)
		return err_set(e, STATUS_USAGE,
			"--reg-id is of a device: give its --instance");
	/* It stands between quotes and brackets. */
	if (o->instance && (strncmp(o->instance, "urn:", 4) != 0 ||
				   strpbrk(o->instance, "\"\\<> \t\r\n")))
		return err_set(e, STATUS_USAGE,
			"--instance %s is no URN, such as urn:uuid:...",
			o->instance);
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
	if (open_jobs(&t, operands, e))
		stay(&t, e);
	for (size_t i = 0; i < t.count; i++) {
		sip_registration_free(t.jobs[i].registration);
		sip_agent_close(&t.jobs[i].agent);
	}
	mem_free(t.jobs);
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
