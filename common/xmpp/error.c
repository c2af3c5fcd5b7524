#include "xmpp/error.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "xmpp/ns.h"

#define ROW(name, text, type, retryable, status)                               \
	{                                                                      \
		name, text, XMPP_ERROR_##type, retryable, STATUS_##status      \
	}

/* RFC 6120 section 8.3.3, with the type each recommends. */
static const struct xmpp_condition stanza_conditions[] = {
	ROW("bad-request", "the request is malformed", MODIFY, false, REFUSED),
	ROW("conflict", "there is one of that name already", CANCEL, false,
		REFUSED),
	ROW("feature-not-implemented", "the far side cannot do this", CANCEL,
		false, REFUSED),
	ROW("forbidden", "not permitted", AUTH, false, REFUSED),
	ROW("gone", "the address is gone for good", CANCEL, false, REFUSED),
	ROW("internal-server-error", "the server has a fault", CANCEL, true,
		REFUSED),
	ROW("item-not-found", "not found", CANCEL, false, REFUSED),
	ROW("jid-malformed", "the address is malformed", MODIFY, false,
		REFUSED),
	ROW("not-acceptable", "the far side's rules do not accept this", MODIFY,
		false, REFUSED),
	ROW("not-allowed", "nobody may do this", CANCEL, false, REFUSED),
	ROW("not-authorized", "credentials are needed", AUTH, false, REFUSED),
	ROW("policy-violation", "against the far side's policy", MODIFY, false,
		REFUSED),
	ROW("recipient-unavailable", "the recipient is not there now", WAIT,
		true, REFUSED),
	ROW("redirect", "to be found at another address", MODIFY, false,
		REFUSED),
	ROW("registration-required", "registration is required", AUTH, false,
		REFUSED),
	ROW("remote-server-not-found", "the recipient's server cannot be found",
		CANCEL, false, REFUSED),
	ROW("remote-server-timeout", "the recipient's server cannot be reached",
		WAIT, true, REFUSED),
	ROW("resource-constraint", "the server is busy", WAIT, true, REFUSED),
	ROW("service-unavailable", "no such account or service", CANCEL, false,
		REFUSED),
	ROW("subscription-required", "a subscription is required", AUTH, false,
		REFUSED),
	ROW("unexpected-request", "not expected at this time", WAIT, true,
		REFUSED),
	ROW("undefined-condition", "an error of no defined kind", CANCEL, false,
		REFUSED),
};

/* RFC 6120 section 4.9.3 */
static const struct xmpp_condition stream_conditions[] = {
	ROW("bad-format", "the XML sent cannot be processed", CANCEL, false,
		MALFORMED),
	ROW("bad-namespace-prefix", "a namespace prefix is unsupported", CANCEL,
		false, MALFORMED),
	ROW("conflict", "replaced by a newer session", CANCEL, false, REFUSED),
	ROW("connection-timeout", "the server heard nothing for too long", WAIT,
		true, TIMEOUT),
	ROW("host-gone", "the domain is served there no more", CANCEL, false,
		REFUSED),
	ROW("host-unknown", "the domain is not served there", CANCEL, false,
		REFUSED),
	ROW("improper-addressing", "a stanza lacks an address", CANCEL, false,
		REFUSED),
	ROW("internal-server-error", "the server has a fault", WAIT, true,
		REFUSED),
	ROW("invalid-from", "the from address is not ours", CANCEL, false,
		REFUSED),
	ROW("invalid-namespace", "the namespace of the stream is wrong", CANCEL,
		false, MALFORMED),
	ROW("invalid-xml", "the XML sent is invalid", CANCEL, false, MALFORMED),
	ROW("not-authorized", "not permitted before authentication", AUTH,
		false, AUTH),
	ROW("not-well-formed", "the XML sent is not well-formed", CANCEL, false,
		MALFORMED),
	ROW("policy-violation", "against the server's policy", CANCEL, false,
		REFUSED),
	ROW("remote-connection-failed", "a server behind it cannot be reached",
		WAIT, true, UNREACHABLE),
	ROW("reset", "the server asks to connect anew", WAIT, true, REFUSED),
	ROW("resource-constraint", "the server lacks resources", WAIT, true,
		REFUSED),
	ROW("restricted-xml", "the XML sent uses a forbidden feature", CANCEL,
		false, MALFORMED),
	ROW("see-other-host", "the server sends us to another host", WAIT, true,
		REFUSED),
	ROW("system-shutdown", "the server shuts down", WAIT, true, REFUSED),
	ROW("unsupported-encoding", "the encoding is not UTF-8", CANCEL, false,
		MALFORMED),
	ROW("unsupported-feature", "a feature is not supported", CANCEL, false,
		REFUSED),
	ROW("unsupported-stanza-type", "a first-level element is not supported",
		CANCEL, false, MALFORMED),
	ROW("unsupported-version", "the version is not supported", CANCEL,
		false, REFUSED),
	ROW("undefined-condition", "an error of no defined kind", CANCEL, false,
		REFUSED),
};

/* RFC 6120 section 6.5 */
static const struct xmpp_condition sasl_conditions[] = {
	ROW("aborted", "authentication was aborted", AUTH, false, AUTH),
	ROW("account-disabled", "the account is disabled", AUTH, false, AUTH),
	ROW("credentials-expired", "the password has expired", AUTH, false,
		AUTH),
	ROW("encryption-required", "the mechanism needs TLS", AUTH, false,
		AUTH),
	ROW("incorrect-encoding", "the base64 sent is wrong", AUTH, false,
		AUTH),
	ROW("invalid-authzid", "not permitted to act for that address", AUTH,
		false, AUTH),
	ROW("invalid-mechanism", "the mechanism is not offered", AUTH, false,
		AUTH),
	ROW("malformed-request", "the request is malformed", AUTH, false, AUTH),
	ROW("mechanism-too-weak", "the mechanism is too weak", AUTH, false,
		AUTH),
	ROW("temporary-auth-failure", "authentication does not work now", WAIT,
		true, AUTH),
	ROW("not-authorized", "the name or the password is wrong", AUTH, false,
		AUTH),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const struct xmpp_condition *rows;
	size_t count; /* the last is for all the table does not know */
	const char *ns;
} tables[] = {
	[XMPP_ERROR_STANZA] = { stanza_conditions, COUNT(stanza_conditions),
		XMPP_NS_STANZA_ERROR },
	[XMPP_ERROR_STREAM] = { stream_conditions, COUNT(stream_conditions),
		XMPP_NS_STREAM_ERROR },
	[XMPP_ERROR_SASL] = { sasl_conditions, COUNT(sasl_conditions),
		XMPP_NS_SASL },
};

const struct xmpp_condition *xmpp_condition_get(
	enum xmpp_error_kind kind, const char *name)
{
	const struct xmpp_condition *row = tables[kind].rows;
	const struct xmpp_condition *last = row + tables[kind].count - 1;
	while (row < last && (!name || strcmp(row->name, name) != 0))
		row++;
	return row;
}

/* ---- types ---- */

static const char *const types[] = {
	[XMPP_ERROR_AUTH] = "auth",
	[XMPP_ERROR_CANCEL] = "cancel",
	[XMPP_ERROR_CONTINUE] = "continue",
	[XMPP_ERROR_MODIFY] = "modify",
	[XMPP_ERROR_WAIT] = "wait",
};

static enum xmpp_error_type type_of(
	const char *name, enum xmpp_error_type otherwise)
{
	for (size_t i = 0; name && i < COUNT(types); i++)
		if (strcmp(types[i], name) == 0)
			return (enum xmpp_error_type)i;
	return otherwise;
}

/* ---- reading ---- */

/* The element with the condition in it, and the kind of error it is. */
static const struct xml_element *find_error(
	const struct xml_element *s, enum xmpp_error_kind *kind)
{
	if (xml_element_is(s, "error", XMPP_NS_STREAM)) {
		*kind = XMPP_ERROR_STREAM;
		return s;
	}
	if (xml_element_is(s, "failure", NULL)) {
		*kind = XMPP_ERROR_SASL;
		return strcmp(s->ns, XMPP_NS_SASL) == 0 ||
				       strcmp(s->ns, XMPP_NS_SASL2) == 0
			       ? s
			       : NULL;
	}
	*kind = XMPP_ERROR_STANZA;
	if (!xml_element_attr_is(s, "type", "error"))
		return NULL;
	const struct xml_element *error = xml_element_find(s, "error", s->ns);
	return error ? error : s;
}

bool xmpp_error_parse(struct xmpp_error *error, const struct xml_element *s)
{
	enum xmpp_error_kind kind;
	const struct xml_element *at = find_error(s, &kind);
	if (!at)
		return false;
	const struct xml_element *condition = NULL, *application = NULL;
	const char *ns = tables[kind].ns;
	/* type='error' without <error/>: its children are not about it */
	bool bare = kind == XMPP_ERROR_STANZA && at == s;
	XML_ELEMENT_EACH(at, c, NULL, NULL)
	{
		bool defined = strcmp(c->ns, ns) == 0;
		if (defined && !condition && strcmp(c->name, "text") != 0)
			condition = c;
		else if (!defined && !bare && !application)
			application = c;
	}
	const struct xmpp_condition *row =
		xmpp_condition_get(kind, condition ? condition->name : NULL);
	*error = (struct xmpp_error){ .kind = kind,
		.type = type_of(xml_element_attr_find(at, "type"), row->type),
		.condition = row,
		/* XEP-0388 has the condition in the old namespace only. */
		.text = xml_element_child_text(
			at, "text", kind == XMPP_ERROR_SASL ? at->ns : ns),
		.uri = xml_element_text_get(condition),
		.by = xml_element_attr_find(at, "by"),
		.application = application };
	return true;
}

bool xmpp_error_to_err(const struct xmpp_error *error, struct err *e)
{
	const struct xmpp_condition *c = error->condition;
	char text[ERR_TEXT_MAX / 2];
	utf8_printable_to(text, sizeof(text), error->text);
	if (error->text.n)
		err_set(e, c->status, "%s (%s): %s", c->text, c->name, text);
	else
		err_set(e, c->status, "%s (%s)", c->text, c->name);
	err_condition(
		e, c->name, c->retryable || error->type == XMPP_ERROR_WAIT);
	return false;
}

/* ---- building ---- */

static void add_condition(struct xml_element *error, enum xmpp_error_kind kind,
	const char *condition, const char *text)
{
	const char *ns = tables[kind].ns;
	xml_element_child(error, condition, ns);
	if (text)
		xml_element_text(
			xml_element_attr(xml_element_child(error, "text", ns),
				"xml:lang", "en"),
			text);
}

struct xml_element *xmpp_error_add(struct xml_element *s, const char *condition,
	const char *text, const char *by)
{
	const struct xmpp_condition *row =
		xmpp_condition_get(XMPP_ERROR_STANZA, condition);
	struct xml_element *error = xml_element_child(s, "error", NULL);
	xml_element_attr(error, "by", by);
	xml_element_attr(error, "type", types[row->type]);
	add_condition(error, XMPP_ERROR_STANZA, row->name, text);
	return error;
}

struct xml_element *xmpp_error_reply(
	const struct xml_element *s, const char *condition, const char *text)
{
	struct xml_element *reply = xmpp_stanza_reply(s, "error");
	xmpp_error_add(reply, condition, text, NULL);
	return reply;
}

struct xml_element *xmpp_error_stream(const char *condition, const char *text)
{
	struct xml_element *error = xml_element_new("error", XMPP_NS_STREAM);
	add_condition(error, XMPP_ERROR_STREAM, condition, text);
	return error;
}

struct xml_element *xmpp_error_sasl(const char *condition, const char *text)
{
	struct xml_element *failure = xml_element_new("failure", XMPP_NS_SASL);
	add_condition(failure, XMPP_ERROR_SASL, condition, text);
	return failure;
}
