#include "cmd/sipraw/session.h"

#include <stdio.h>

#include "base/rand.h"
#include "base/state.h"
#include "sip/header.h"

#define TOKEN 20 /* characters: 100 bits */
#define VALUE_MAX SIP_LINE_MAX

static const char *const names[SESSION_COUNT] = {
	[SESSION_CALL_ID] = "call_id",
	[SESSION_TAG] = "tag",
	[SESSION_TO_TAG] = "to_tag",
	[SESSION_CSEQ] = "cseq",
	[SESSION_TARGET] = "target",
	[SESSION_ROUTES] = "routes",
	[SESSION_INVITE_BRANCH] = "invite_branch",
};

enum session_name session_find(struct span name)
{
	enum session_name i = 0;
	while (i < SESSION_COUNT && !span_is(name, names[i]))
		i++;
	return i;
}

struct span session_get(const struct session *s, enum session_name name)
{
	return buf_view(&s->values[name]);
}

void session_set(struct session *s, enum session_name name, struct span value)
{
	s->values[name].max = VALUE_MAX;
	buf_reset(&s->values[name]);
	buf_span(&s->values[name], value);
}

static void set_token(struct session *s, enum session_name name)
{
	char token[TOKEN + 1];
	rand_token(token, TOKEN);
	session_set(s, name, span_of(token));
}

void session_begin(struct session *s, struct span uri)
{
	for (enum session_name i = 0; i < SESSION_COUNT; i++)
		session_set(s, i, SPAN_EMPTY);
	set_token(s, SESSION_CALL_ID);
	set_token(s, SESSION_TAG);
	session_set(s, SESSION_CSEQ, SPAN("0"));
	session_set(s, SESSION_TARGET, uri);
}

void session_clear(struct session *s)
{
	for (enum session_name i = 0; i < SESSION_COUNT; i++)
		buf_clear(&s->values[i]);
}

void session_count(struct session *s)
{
	uint32_t number = 0;
	char text[16];
	span_to_u32(session_get(s, SESSION_CSEQ), SIP_CSEQ_MAX, &number);
	snprintf(text, sizeof(text), "%u", number + 1);
	session_set(s, SESSION_CSEQ, span_of(text));
}

/* ---- what an answer tells -------------------------------------------------- */

/* RFC 3261 section 12.1.2: the route set is Record-Route in reverse order. */
static void learn_routes(struct session *s, const struct sip_scan *m)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct buf routes = BUF_INIT(VALUE_MAX), next = BUF_INIT(VALUE_MAX);
	while (sip_scan_values(m, SIP_HDR_RECORD_ROUTE, &at)) {
		buf_reset(&next);
		buf_span(&next, at.value);
		if (routes.len)
			buf_str(&next, ", ");
		buf_span(&next, buf_view(&routes));
		buf_reset(&routes);
		buf_span(&routes, buf_view(&next));
	}
	if (!routes.failed && !next.failed && !at.malformed)
		session_set(s, SESSION_ROUTES, buf_view(&routes));
	buf_clear(&routes);
	buf_clear(&next);
}

void session_learn(struct session *s, const struct sip_scan *m)
{
	struct span tag = sip_tag(sip_scan_value(m, SIP_HDR_TO));
	struct sip_contact contact;
	bool is_first = session_get(s, SESSION_TO_TAG).n == 0;
	if (m->status_code <= 100 || m->status_code >= 300 || tag.n == 0)
		return;
	if (is_first)
		learn_routes(s, m);
	session_set(s, SESSION_TO_TAG, tag);
	if (sip_contact_parse(
		    &contact, sip_scan_value(m, SIP_HDR_CONTACT), NULL) &&
		!contact.is_star)
		session_set(s, SESSION_TARGET, contact.addr.uri);
}

/* ---- the file ------------------------------------------------------------- */

static bool take_line(struct session *s, struct span line)
{
	struct span name;
	bool has_value = span_cut(&line, '=', &name);
	enum session_name i = session_find(name);
	if (!has_value || i == SESSION_COUNT || line.n > VALUE_MAX)
		return false;
	session_set(s, i, line);
	return true;
}

bool session_load(struct session *s, const char *file, struct err *e)
{
	struct buf text = BUF_INIT(SESSION_COUNT * (VALUE_MAX + 32));
	struct span rest, line;
	bool good = state_file_read(file, &text, e);
	for (rest = buf_view(&text); good && rest.n;) {
		span_cut(&rest, '\n', &line);
		good = take_line(s, line) ||
		       err_set(e, STATUS_MALFORMED,
			       "%s is no file that --state has written", file);
	}
	buf_clear(&text);
	return good;
}

bool session_save(const struct session *s, const char *file, struct err *e)
{
	struct buf text = BUF_INIT(SESSION_COUNT * (VALUE_MAX + 32));
	for (enum session_name i = 0; i < SESSION_COUNT; i++)
		buf_printf(&text, "%s=%.*s\n", names[i],
			SPAN_ARGS(session_get(s, i)));
	bool good = state_file_write(file, buf_view(&text), e);
	buf_clear(&text);
	return good;
}
