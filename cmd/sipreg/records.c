/* What has become of a registration, as records. */
#include "cli/out.h"
#include "cli/record.h"
#include "sipreg.h"

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

size_t print_bindings(
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

void print_done(struct job *j, const struct sip_registration_event *event)
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

void print_failure(struct job *j, const struct sip_registration_event *event)
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

void print_removed(struct job *j, const char *uri)
{
	struct record r;
	begin(&r, j, "removed");
	if (uri)
		record_str(&r, KEY_CONTACT, uri);
	record_end(&r, &j->tool->fault);
}
