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

/* All values of a kind, as one; `text` lives as long as the record. */
static void add_values(struct record *r, enum record_key key, struct buf *text,
	const struct sip_scan *m, enum sip_hdr kind)
{
	struct sip_values at = SIP_VALUES_INIT;
	while (sip_scan_values(m, kind, &at)) {
		if (text->len)
			buf_str(text, ", ");
		buf_span(text, at.value);
	}
	add(r, key, buf_view(text));
}

/* Of the job itself, where no binding says it. */
static void add_flow(struct record *r, const struct job *j)
{
	if (j->reg_id)
		record_int(r, KEY_REG_ID, j->reg_id);
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
	if (b->reg_id)
		record_int(r, KEY_REG_ID, b->reg_id);
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
	struct buf path = BUF_INIT(SIP_MSG_MAX), route = BUF_INIT(SIP_MSG_MAX);
	struct record r;
	begin(&r, j, j->registered ? "refreshed" : "registered");
	if (event->has_own)
		add_binding(&r, &event->own);
	else
		record_int(&r, KEY_EXPIRES_S, event->granted);
	if (j->reg_id)
		record_bool(&r, KEY_OUTBOUND, event->is_outbound);
	add_values(&r, KEY_PATH, &path, event->m, SIP_HDR_PATH);
	add_values(
		&r, KEY_SERVICE_ROUTE, &route, event->m, SIP_HDR_SERVICE_ROUTE);
	if (event->again)
		record_int(&r, KEY_AGAIN_S, event->again / USEC_SEC);
	record_end(&r, &j->tool->fault);
	buf_clear(&path);
	buf_clear(&route);
	if (!j->registered)
		print_bindings(j, event, false);
}

void print_failure(struct job *j, const struct sip_registration_event *event)
{
	const struct err *e = event->e;
	struct record r;
	begin(&r, j, "failed");
	add_flow(&r, j);
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
	add_flow(&r, j);
	if (uri)
		record_str(&r, KEY_CONTACT, uri);
	record_end(&r, &j->tool->fault);
}
