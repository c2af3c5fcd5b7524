#include "xmpp/bosh_body.h"

#include "base/utf8.h"
#include "xml/text.h"
#include "xmpp/ns.h"

#define VERSION "1.6" /* errors are conditions, not codes of HTTP */
#define SHOWN_MAX 100

/* ---- out ---- */

static void add_attr(struct buf *b, const char *name, struct span value)
{
	if (!value.n)
		return;
	buf_printf(b, " %s='", name);
	xml_text_escape_attr(b, value);
	buf_char(b, '\'');
}

/* Section 7.1: one request is held, and another sent when there is something
 * to say. */
static void add_terms(struct buf *b, const struct xmpp_bosh_request *r)
{
	buf_printf(b,
		" content='" XMPP_BOSH_TYPE "' ver='" VERSION
		"' hold='1' wait='%u' xmpp:version='1.0'",
		r->wait);
}

bool xmpp_bosh_request_format(struct buf *b, const struct xmpp_bosh_request *r)
{
	buf_str(b, "<body xmlns='" XMPP_NS_BOSH "' rid='");
	buf_u64(b, r->rid);
	buf_char(b, '\'');
	add_attr(b, "sid", r->sid);
	if (r->opens) {
		buf_str(b, " xmlns:xmpp='" XMPP_NS_XBOSH "'");
		add_attr(b, "to", r->to);
		add_attr(b, "from", r->from);
		add_attr(b, "xml:lang", r->lang);
		if (r->sid.n)
			buf_str(b, " xmpp:restart='true'");
		else
			add_terms(b, r);
	}
	if (r->terminates)
		buf_str(b, " type='terminate'");
	if (r->payload.n) {
		buf_char(b, '>');
		buf_span(b, r->payload);
		buf_str(b, "</body>");
	} else {
		buf_str(b, "/>");
	}
	return !b->failed;
}

/* ---- in ---- */

static struct span attr(const struct xml_element *s, const char *name)
{
	return span_of(xml_element_attr_find(s, name));
}

static uint32_t seconds(const struct xml_element *s, const char *name)
{
	uint32_t n = 0;
	span_to_u32(attr(s, name), INT32_MAX, &n);
	return n;
}

void xmpp_bosh_answer_parse(
	struct xmpp_bosh_answer *a, const struct xml_element *root)
{
	struct span type = attr(root, "type");
	*a = (struct xmpp_bosh_answer){ .sid = attr(root, "sid"),
		.from = attr(root, "from"),
		.condition = attr(root, "condition"),
		.wait = seconds(root, "wait"),
		.requests = seconds(root, "requests"),
		.polling = seconds(root, "polling") };
	if (span_is(type, "terminate"))
		a->type = XMPP_BOSH_TERMINATE;
	else if (span_is(type, "error"))
		a->type = XMPP_BOSH_ERROR;
}

static const struct {
	const char *name;
	enum status status;
	bool retryable;
	const char *sentence;
} conditions[] = {
	{ "bad-request", STATUS_REFUSED, false, "takes our request for bad" },
	{ "host-gone", STATUS_REFUSED, false, "serves the domain no more" },
	{ "host-unknown", STATUS_REFUSED, false, "does not serve the domain" },
	{ "improper-addressing", STATUS_REFUSED, false,
		"does not serve the domain" },
	{ "internal-server-error", STATUS_UNREACHABLE, true,
		"has an error of its own" },
	{ "item-not-found", STATUS_UNREACHABLE, true,
		"knows nothing of our session" },
	{ "other-request", STATUS_UNREACHABLE, true,
		"ended the session for another request" },
	{ "policy-violation", STATUS_REFUSED, false, "was asked too much" },
	{ "remote-connection-failed", STATUS_UNREACHABLE, true,
		"cannot reach the XMPP server" },
	{ "remote-stream-error", STATUS_REFUSED, false,
		"passes on an error of the stream" },
	{ "see-other-uri", STATUS_REFUSED, false, "is elsewhere" },
	{ "system-shutdown", STATUS_UNREACHABLE, true, "is shut down" },
};

void xmpp_bosh_condition_to_err(struct span condition, struct err *e)
{
	char shown[SHOWN_MAX];
	if (!condition.n)
		return;
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++)
		if (span_is(condition, conditions[i].name)) {
			err_set(e, conditions[i].status, "%s (%s)",
				conditions[i].sentence, conditions[i].name);
			err_condition(
				e, conditions[i].name, conditions[i].retryable);
			return;
		}
	utf8_printable_to(shown, sizeof(shown), condition);
	err_set(e, STATUS_REFUSED, "ends the session (%s)", shown);
	err_condition(e, "undefined-condition", false);
}
