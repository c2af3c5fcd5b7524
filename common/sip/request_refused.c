/* What a refusal says to a person: its code and reason, and what the field says
 * that section 8.1.3.5 would have a program look at. */
#include "base/utf8.h"
#include "sip/request_private.h"

#define FIELD_SHOWN 160 /* bytes of it in a sentence */

/* Sections 21.4 and 21.5: the field that such a response has to tell why. */
static const struct {
	unsigned code;
	enum sip_hdr kind;
	const char *meaning;
} fields[] = {
	{ 405, SIP_HDR_ALLOW, "it takes" },
	{ 406, SIP_HDR_ACCEPT, "it has" },
	{ 413, SIP_HDR_RETRY_AFTER, "it may take more after seconds:" },
	{ 415, SIP_HDR_ACCEPT, "it takes" },
	{ 415, SIP_HDR_ACCEPT_ENCODING, "it takes the encodings" },
	{ 420, SIP_HDR_UNSUPPORTED, "it does not know" },
	{ 421, SIP_HDR_REQUIRE, "it wants" },
	{ 423, SIP_HDR_MIN_EXPIRES, "it wants at least seconds:" },
	{ 480, SIP_HDR_RETRY_AFTER, "back after seconds:" },
	{ 486, SIP_HDR_RETRY_AFTER, "back after seconds:" },
	{ 503, SIP_HDR_RETRY_AFTER, "back after seconds:" },
	{ 600, SIP_HDR_RETRY_AFTER, "back after seconds:" },
};

static void add_field(struct buf *out, const struct sip_scan *m,
	enum sip_hdr kind, const char *meaning)
{
	struct sip_values at = SIP_VALUES_INIT;
	bool first = true;

	while (sip_scan_values(m, kind, &at)) {
		buf_str(out, !first ? ", " : out->len ? "; " : "");
		if (first)
			buf_printf(out, "%s ", meaning);
		buf_span(out, at.value);
		first = false;
	}
}

/* The text of it, or an empty one. */
static void find_reason(struct buf *out, const struct sip_scan *m)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].code == m->status_code)
			add_field(out, m, fields[i].kind, fields[i].meaning);
}

bool sip_request_refused(
	const struct sip_request *r, const struct sip_scan *m, struct err *e)
{
	bool auth = m->status_code == 401 || m->status_code == 407;
	char reason[ERR_CONDITION_MAX * 2], why[FIELD_SHOWN];
	struct buf said = BUF_INIT(SIP_MSG_MAX);

	utf8_printable_to(reason, sizeof(reason), m->reason);
	find_reason(&said, m);
	utf8_printable_to(why, sizeof(why), buf_view(&said));
	if (auth)
		err_set(e, STATUS_AUTH, "%u %s: %s", m->status_code, reason,
			err_is_set(&r->denied)
				? r->denied.text
				: "it asks for a password, and there is none");
	else
		err_set(e, STATUS_REFUSED, "%u %s%s%s", m->status_code, reason,
			said.len ? ": " : "", why);
	buf_clear(&said);
	if (e)
		e->code = (int)m->status_code;
	return false;
}
