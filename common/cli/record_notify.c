#include "cli/record_notify.h"

#include "cli/out.h"
#include "sip/header.h"

static const char *state_text(enum sip_subscription_state state)
{
	static const char *const texts[] = {
		[SIP_SUBSCRIPTION_PENDING] = "pending",
		[SIP_SUBSCRIPTION_ACTIVE] = "active",
		[SIP_SUBSCRIPTION_TERMINATED] = "terminated",
	};
	return texts[state];
}

static bool write_notify(
	const struct record_notify *n, bool with_body, struct err *e)
{
	const struct sip_notify *what = n->notify;
	struct record r;
	record_begin(&r, n->out, RECORD_NOTIFY, RECORD_SIP, n->wall);
	record_str(&r, KEY_FROM, n->uri);
	record_str(&r, KEY_EVENT, n->event);
	record_str(&r, KEY_STATE, state_text(what->state));
	if (what->reason.n)
		record_text(&r, KEY_REASON, what->reason);
	if (what->has_expires)
		record_int(&r, KEY_EXPIRES_S, what->expires);
	if (what->content_type.n)
		record_text(&r, KEY_CONTENT_TYPE, what->content_type);
	if (what->body.n && with_body)
		record_text(&r, KEY_BODY, what->body);
	return record_end(&r, e);
}

/* In a line of columns the whole body would only be in the way of what it
 * says. */
bool record_notify(const struct record_notify *n, struct err *e)
{
	bool good = true;
	if (out_is_json(n->out))
		return write_notify(n, true, e) &&
		       (!record_notify_mailbox(n, &good, e) || good) &&
		       (!record_notify_xml(n, &good, e) || good);
	if (record_notify_mailbox(n, &good, e) ||
		record_notify_xml(n, &good, e))
		return good && write_notify(n, false, e);
	return write_notify(n, true, e);
}

/* ---- message-summary (RFC 3842 section 5.2) ----------------------------------- */

/* "2/8 (0/2)": new, old, and of those the urgent ones. */
static bool add_counts(struct record *r, struct span text)
{
	static const enum record_key keys[] = { KEY_NEW, KEY_OLD,
		KEY_NEW_URGENT, KEY_OLD_URGENT };
	struct span part;
	uint32_t number;
	for (size_t i = 0; i < 4 && text.n; i++) {
		span_cut(&text, i % 2 ? '(' : '/', &part);
		part = span_trim(part);
		if (span_ends(part, ")"))
			part.n--;
		if (!span_to_u32(span_trim(part), UINT32_MAX, &number))
			return false;
		record_int(r, keys[i], number);
	}
	return true;
}

struct mailbox {
	struct span account;
	bool is_waiting;
};

static bool write_class(const struct record_notify *n, const struct mailbox *m,
	struct span name, struct span counts, struct err *e)
{
	struct record r;
	record_begin(&r, n->out, RECORD_MAILBOX, RECORD_SIP, n->wall);
	record_str(&r, KEY_FROM, n->uri);
	if (m->account.n)
		record_text(&r, KEY_TO, m->account);
	record_bool(&r, KEY_MESSAGES_WAITING, m->is_waiting);
	if (name.n) {
		record_text(&r, KEY_MESSAGE_CLASS, name);
		if (!add_counts(&r, counts))
			return true; /* no line of a class */
	}
	return record_end(&r, e);
}

static bool take_line(struct span *body, struct span *name, struct span *value)
{
	struct span line;
	if (body->n == 0)
		return false;
	span_cut(body, '\n', &line);
	line = span_trim(line);
	if (!span_cut(&line, ':', name))
		return false; /* the empty line in front of the details */
	*name = span_trim(*name);
	*value = span_trim(line);
	return true;
}

bool record_notify_mailbox(
	const struct record_notify *n, bool *good, struct err *e)
{
	struct span body = n->notify->body, name, value;
	struct sip_media_type type;
	struct mailbox m = { .account = SPAN_EMPTY };
	size_t classes = 0;
	if (!sip_media_type_parse(&type, n->notify->content_type, NULL) ||
		!sip_media_type_is(
			&type, "application", "simple-message-summary") ||
		!take_line(&body, &name, &value) ||
		!span_is_nocase(name, "Messages-Waiting"))
		return false;
	m.is_waiting = span_is_nocase(value, "yes");
	*good = true;
	while (*good && take_line(&body, &name, &value)) {
		if (span_is_nocase(name, "Message-Account")) {
			m.account = value;
			continue;
		}
		*good = write_class(n, &m, name, value, e);
		classes++;
	}
	if (*good && classes == 0)
		*good = write_class(n, &m, SPAN_EMPTY, SPAN_EMPTY, e);
	return true;
}
