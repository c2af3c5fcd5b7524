/* The variables of a message, and the message that they make. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rand.h"
#include "cmd/sipraw/message.h"
#include "cmd/sipraw/sipraw.h"
#include "cmd/sipraw/template.h"

static bool add_place(struct sipraw *t, struct span name, struct buf *out)
{
	static const char *const names[] = { "local", "local_ip", "local_port",
		"remote", "remote_ip", "remote_port" };
	const struct sip_flow *f = t->exchange.flow.flow;
	struct endpoint at = sip_flow_local(f);
	char text[ENDPOINT_TEXT_SIZE];
	size_t i = 0;
	while (i < 6 && !span_is(name, names[i]))
		i++;
	if (i == 6)
		return false;
	if (i >= 3)
		at = *sip_flow_remote(f);
	if (i % 3 == 0)
		return buf_str(out, endpoint_format(text, &at));
	if (i % 3 == 1)
		return buf_str(out, endpoint_format_address(text, &at, true));
	return buf_printf(out, "%u", endpoint_port(&at));
}

static bool add_to(const struct sipraw *t, struct buf *out)
{
	struct span tag = session_get(&t->session, SESSION_TO_TAG);
	buf_printf(out, "<%s>", t->uri);
	if (tag.n) {
		buf_str(out, ";tag=");
		buf_span(out, tag);
	}
	return !out->failed;
}

static bool look_up(void *arg, struct span name, struct buf *out)
{
	struct sipraw *t = arg;
	enum session_name i = session_find(name);
	if (table_find(&t->table, name, out))
		return true;
	if (i != SESSION_COUNT)
		return buf_span(out, session_get(&t->session, i));
	if (span_is(name, "branch"))
		return buf_str(out, t->branch);
	if (span_is(name, "uri"))
		return buf_str(out, t->uri);
	if (span_is(name, "to"))
		return add_to(t, out);
	if (span_is(name, "transport"))
		return buf_str(out, sip_transport_name(sip_flow_kind(
					    t->exchange.flow.flow)));
	if (add_place(t, name, out))
		return true;
	char *variable = span_dup(name);
	const char *value = getenv(variable);
	mem_free(variable);
	return value && buf_str(out, value);
}

/* A new branch for each message; a new CSeq for each request but those that
 * go with another one. */
static void next_message(struct sipraw *t, struct span method)
{
	char token[21];
	rand_token(token, 20);
	snprintf(
		t->branch, sizeof(t->branch), "%s%s", SIP_BRANCH_COOKIE, token);
	if (method.n && !span_is(method, "ACK") && !span_is(method, "CANCEL"))
		session_count(&t->session);
	if (span_is(method, "INVITE"))
		session_set(
			&t->session, SESSION_INVITE_BRANCH, span_of(t->branch));
}

bool variables_compose(struct sipraw *t, struct span text, struct err *e)
{
	struct buf via = BUF_INIT(256);
	next_message(t, message_method(text));
	buf_reset(&t->text);
	buf_reset(&t->message);
	buf_printf(&via, "SIP/2.0/%s ",
		sip_transport_name(sip_flow_kind(t->exchange.flow.flow)));
	sip_flow_sent_by(&via, t->exchange.flow.flow);
	buf_printf(&via, ";branch=%s;rport", t->branch);
	bool good = template_expand(&t->text, text, look_up, t, e) &&
		    message_complete(
			    &t->message, buf_view(&t->text), buf_view(&via), e);
	buf_clear(&via);
	return good;
}
