/* One account: what it asks of its registrar, and what comes next. */
#include "base/mem.h"
#include "sipreg.h"

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

static void on_removed(
	struct job *j, const struct sip_registration_event *event)
{
	const struct options *o = j->tool->options;
	bool named = !j->leaving && j->removed < o->remove.count;
	print_removed(j, named ? o->remove.items[j->removed] : NULL);
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
		if (event->no_outbound && !j->registered)
			run_warn(j->tool->run,
				"%s: the first hop lacks outbound support "
				"(439): registered without --reg-id",
				j->agent.account.address);
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

/* ---- accounts ---------------------------------------------------------------------- */

void job_start(struct job *j)
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

/* edge NULL: as the options say. */
static bool open_job(struct job *j, const char *name, const char *edge,
	unsigned *flows, struct err *e)
{
	struct sipreg *t = j->tool;
	const struct options *o = t->options;
	struct sip_ua_settings ua = { 0 };
	j->agent_options = o->agent;
	if (name)
		j->agent_options.account.account = name;
	if (edge)
		j->agent_options.account.proxy = edge;
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
			.reg_id = j->reg_id,
			.flows = flows,
			.patience = WAIT,
			.keep = o->keep },
		told, j, e);
	return j->registration != NULL;
}

bool jobs_open(struct sipreg *t, char **names, struct err *e)
{
	const struct options *o = t->options;
	size_t edges = o->edges.count ? o->edges.count : 1, accounts = 0;
	while (names[accounts])
		accounts++;
	bool one = accounts == 0;
	accounts += one;
	t->count = accounts * edges;
	t->jobs = mem_array(t->count, sizeof(*t->jobs));
	t->flows = mem_array(accounts, sizeof(*t->flows));
	for (size_t i = 0; i < t->count; i++) {
		struct job *j = &t->jobs[i];
		j->tool = t;
		j->reg_id = o->edges.count ? (uint32_t)(i % edges + 1)
					   : (uint32_t)o->reg_id;
		if (!open_job(j, one ? NULL : names[i / edges],
			    o->edges.count ? o->edges.items[i % edges] : NULL,
			    &t->flows[i / edges], e))
			return false;
	}
	return true;
}

void jobs_close(struct sipreg *t)
{
	for (size_t i = 0; i < t->count; i++) {
		sip_registration_free(t->jobs[i].registration);
		sip_agent_close(&t->jobs[i].agent);
	}
	mem_free(t->jobs);
	mem_free(t->flows);
}
