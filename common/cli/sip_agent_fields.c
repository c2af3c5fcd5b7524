/* The header fields of requests that options may say. */
#include "base/mem.h"
#include "cli/sip_agent_private.h"
#include "sip/compose.h"
#include "sip/line.h"

/* A URI, or a whole value; what is of the dialog is not for people. */
static char *take_address(const char *text, const char *option,
	bool may_have_params, struct err *e)
{
	struct sip_addr a;
	struct sip_uri u;
	bool bare = sip_uri_parse(&u, span_of(text), NULL);
	if (bare)
		return mem_format("<%s>", text);
	if (sip_addr_parse_uri(&a, &u, span_of(text), NULL) && a.has_brackets &&
		(may_have_params || !a.params.n))
		return mem_str(text);
	err_set(e, STATUS_USAGE, "%s wants a URI or \"NAME\" <URI>%s, not %s",
		option, may_have_params ? "" : " without parameters", text);
	return NULL;
}

static bool take_value(char **out, const char *text, const char *option,
	bool may_have_params, struct err *e)
{
	if (text)
		*out = take_address(text, option, may_have_params, e);
	return !text || *out;
}

/* ---- -H ---- */

/* What the stack writes itself, and what to say instead; NULL: nothing. */
static const struct {
	enum sip_hdr kind;
	const char *instead;
} owned[] = {
	{ SIP_HDR_VIA, NULL },
	{ SIP_HDR_FROM, "--from" },
	{ SIP_HDR_TO, "--to" },
	{ SIP_HDR_CONTACT, "--contact" },
	{ SIP_HDR_USER_AGENT, "--user-agent" },
	{ SIP_HDR_ROUTE, "--proxy" },
	{ SIP_HDR_AUTHORIZATION, "-a" },
	{ SIP_HDR_PROXY_AUTHORIZATION, "-a" },
	{ SIP_HDR_CALL_ID, NULL },
	{ SIP_HDR_CSEQ, NULL },
	{ SIP_HDR_MAX_FORWARDS, NULL },
	{ SIP_HDR_RECORD_ROUTE, NULL },
	{ SIP_HDR_CONTENT_LENGTH, NULL },
	{ SIP_HDR_CONTENT_TYPE, NULL },
	{ SIP_HDR_ALLOW, NULL },
	{ SIP_HDR_SUPPORTED, NULL },
	{ SIP_HDR_REQUIRE, NULL },
};

static bool check_name(struct span name, struct err *e)
{
	enum sip_hdr kind = sip_hdr_find(name);
	if (!sip_is_token(name))
		return err_set(e, STATUS_USAGE,
			"\"%.*s\" is no name of a header field",
			SPAN_ARGS(name));
	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		if (owned[i].kind != kind)
			continue;
		if (owned[i].instead)
			return err_set(e, STATUS_USAGE,
				"%s is written by the tool itself; use %s",
				sip_hdr_name(kind), owned[i].instead);
		return err_set(e, STATUS_USAGE,
			"%s is written by the tool itself", sip_hdr_name(kind));
	}
	return true;
}

static bool add_field(struct buf *out, const char *text, struct err *e)
{
	struct span value = span_of(text), name;
	if (!span_cut(&value, ':', &name))
		return err_set(
			e, STATUS_USAGE, "wants NAME: VALUE, not %s", text);
	name = span_trim(name);
	if (span_has(value, '\r') || span_has(value, '\n'))
		return err_set(e, STATUS_USAGE,
			"a header field has one line, without CR and LF");
	if (!check_name(name, e))
		return false;
	if (sip_line_controls(value) ||
		!sip_msg_add_name(out, name, span_trim(value)))
		return err_set(e, STATUS_USAGE,
			"the value of %.*s is too long, or has a character "
			"that cannot be part of it",
			SPAN_ARGS(name));
	return true;
}

static bool take_headers(
	struct sip_agent *a, const struct opt_list *list, struct err *e)
{
	struct buf lines = BUF_INIT(SIP_MSG_MAX);
	bool good = true;
	for (size_t i = 0; good && i < list->count; i++)
		good = add_field(&lines, list->items[i], e);
	if (good && lines.len)
		a->headers = mem_strn(lines.data, lines.len);
	else if (!good)
		err_prefix(e, "-H");
	buf_clear(&lines);
	return good;
}

/* ---- all of them ---- */

bool sip_agent_set_fields(
	struct sip_agent *a, const struct sip_agent_options *o, struct err *e)
{
	struct buf own = BUF_INIT(SIP_LINE_MAX);
	if (!o->from && a->account.address) {
		sip_compose_identity(&own, span_of(a->account.address));
		a->from = buf_take(&own);
	}
	return take_value(&a->from, o->from, "--from", false, e) &&
	       take_value(&a->to, o->to, "--to", false, e) &&
	       take_value(&a->contact, o->contact, "--contact", true, e) &&
	       take_headers(a, &o->headers, e);
}

void sip_agent_clear_fields(struct sip_agent *a)
{
	mem_free(a->from);
	mem_free(a->to);
	mem_free(a->contact);
	mem_free(a->headers);
}

struct span sip_agent_from(const struct sip_agent *a)
{
	return span_of(a->from);
}

struct span sip_agent_to(const struct sip_agent *a)
{
	return span_of(a->to);
}

struct span sip_agent_from_uri(const struct sip_agent *a)
{
	struct sip_addr address;
	return a->from && sip_addr_parse(&address, span_of(a->from), NULL)
		       ? address.uri
		       : SPAN_EMPTY;
}
