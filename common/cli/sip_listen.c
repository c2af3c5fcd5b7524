#include "cli/sip_listen.h"

#include "cli/out.h"
#include "cli/record.h"

#define SIP_PORT 5060

const struct opt sip_listen_options[] = {
	{ OPT_ENDPOINT, 0, "listen", "ADDR:PORT",
		"where to wait (port 5060 of every address)",
		.offset = offsetof(struct sip_listen_options, listen) },
	{ OPT_FLAG, 0, "register",
		.help = "be registered as the account while it waits",
		.offset = offsetof(struct sip_listen_options, registered) },
	{ OPT_END },
};

bool sip_listen_registers(const struct sip_listen_options *o,
	const struct sip_agent_options *agent)
{
	return o->registered ||
	       (!o->listen && (agent->account.account || agent->account.uri));
}

/* ---- the registrar's answers ------------------------------------------------- */

static void say_ready(
	struct sip_listen *l, const struct sip_registration_event *event)
{
	struct record r;
	if (!l->records || l->is_ready)
		return;
	record_begin(&r, l->records, RECORD_READY, RECORD_SIP,
		loop_wall(l->agent->run->loop));
	record_str(&r, KEY_FROM, l->agent->account.address);
	if (event->has_own)
		record_text(&r, KEY_CONTACT, event->own.uri);
	record_int(&r, KEY_EXPIRES_S, event->granted);
	record_int(&r, KEY_SCHEMA, RECORD_SCHEMA);
	record_end(&r, NULL);
}

static void told(void *arg, const struct sip_registration_event *event)
{
	struct sip_listen *l = arg;
	const char *who = l->agent->account.address;
	switch (event->what) {
	case SIP_REGISTRATION_DONE:
		run_note(l->agent->run, "%s: registered for %u s", who,
			event->granted);
		say_ready(l, event);
		l->is_ready = true;
		break;
	case SIP_REGISTRATION_FAILED:
		if (event->again) {
			run_warn(l->agent->run, "%s: %s; tried again in %lld s",
				who, event->e->text,
				(long long)(event->again / USEC_SEC));
			break;
		}
		l->fault = *event->e;
		err_prefix(&l->fault, "%s", who);
		l->has_left = true;
		break;
	case SIP_REGISTRATION_REMOVED:
		l->has_left = true;
		break;
	case SIP_REGISTRATION_BINDINGS:
		break; /* nobody has asked */
	}
}

static bool begin_registration(struct sip_listen *l, struct err *e)
{
	const struct sip_agent *a = l->agent;
	l->registration = sip_registration_new(
		&(struct sip_registration_settings){ .ua = a->ua,
			.aor = span_of(a->account.address),
			.registrar = span_of(a->account.registrar),
			.user = sip_agent_user(a),
			.kind = a->transport,
			.keep = true },
		told, l, e);
	if (l->registration)
		sip_registration_start(l->registration);
	return l->registration != NULL;
}

/* ---- opening and closing -------------------------------------------------------- */

bool sip_listen_open(struct sip_listen *l, struct sip_agent *a,
	const struct sip_listen_options *o, struct out *records, struct err *e)
{
	const char *local = a->options->local;
	bool registers = sip_listen_registers(o, a->options);
	*l = (struct sip_listen){ .agent = a, .records = records };
	if (!registers)
		return sip_agent_listen(a, o->listen, SIP_PORT, records, e);
	if (!sip_agent_is_web(a) &&
		!sip_agent_listen(a, o->listen ? o->listen : local, 0, NULL, e))
		return false;
	return begin_registration(l, e);
}

static bool has_left(void *arg)
{
	const struct sip_listen *l = arg;
	return l->has_left;
}

void sip_listen_leave(struct sip_listen *l)
{
	if (!l->registration || l->has_left)
		return;
	struct run *r = l->agent->run;
	usec_t until = loop_now(r->loop) + RUN_FAREWELL;
	enum run_end how;
	sip_registration_stop(l->registration);
	do
		how = run_until(r, has_left, l, until);
	while (how == RUN_SIGNAL || how == RUN_READER_LEFT);
	if (how == RUN_DEADLINE)
		run_warn(r, "%s: the binding is not known to be removed",
			l->agent->account.address);
}

void sip_listen_close(struct sip_listen *l)
{
	sip_registration_free(l->registration);
	l->registration = NULL;
}

bool sip_listen_has_failed(const struct sip_listen *l, struct err *e)
{
	if (!err_is_set(&l->fault))
		return false;
	if (e)
		*e = l->fault;
	return true;
}
