#include "cli/record_sip.h"

#include "base/json.h"
#include "cli/out.h"
#include "sip/header.h"

static void add(struct record *r, enum record_key key, struct span value)
{
	if (value.n)
		record_text(r, key, value);
}

/* The URI of From or To; the whole value where it cannot be taken apart. */
static void add_party(struct record *r, const struct sip_scan *m,
	enum sip_hdr kind, enum record_key key, struct span *tag)
{
	struct span value = sip_scan_value(m, kind);
	struct sip_addr a;
	*tag = SPAN_EMPTY;
	if (sip_addr_parse(&a, value, NULL)) {
		*tag = sip_addr_tag(&a);
		value = a.uri;
	}
	add(r, key, value);
}

/* Looked for and not parsed: the branch of a Via that is wrong elsewhere is
 * still what joins its messages. */
static struct span top_branch(const struct sip_scan *m)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_param branch;
	if (!sip_scan_values(m, SIP_HDR_VIA, &at))
		return SPAN_EMPTY;
	struct span params = span_skip(at.value, span_find(at.value, ';', 0));
	return sip_param_find(params, "branch", &branch) ? branch.value
							 : SPAN_EMPTY;
}

static void add_start_line(struct record *r, const struct sip_scan *m)
{
	if (m->is_request) {
		record_text(r, KEY_METHOD, m->method);
		record_text(r, KEY_REQUEST_URI, m->request_uri);
		return;
	}
	if (m->status_code)
		record_int(r, KEY_STATUS_CODE, m->status_code);
	add(r, KEY_REASON, m->reason);
}

/* What a line of columns has no place for. */
static void add_details(struct record *r, const struct sip_scan *m,
	struct span from_tag, struct span to_tag)
{
	const struct sip_field *agent = sip_scan_find(m, SIP_HDR_USER_AGENT);
	add(r, KEY_FROM_TAG, from_tag);
	add(r, KEY_TO_TAG, to_tag);
	add(r, KEY_BRANCH, top_branch(m));
	add(r, KEY_USER_AGENT,
		agent ? agent->value : sip_scan_value(m, SIP_HDR_SERVER));
	add(r, KEY_CONTENT_TYPE, sip_scan_value(m, SIP_HDR_CONTENT_TYPE));
	record_int(r, KEY_BODY_LENGTH, (int64_t)m->body.n);
}

void record_sip_message(struct record *r, const struct sip_scan *m)
{
	struct span from_tag, to_tag;
	add_start_line(r, m);
	add_party(r, m, SIP_HDR_FROM, KEY_FROM, &from_tag);
	add_party(r, m, SIP_HDR_TO, KEY_TO, &to_tag);
	add(r, KEY_CALL_ID, sip_scan_value(m, SIP_HDR_CALL_ID));
	add(r, KEY_CSEQ, sip_scan_value(m, SIP_HDR_CSEQ));
	if (out_is_json(r->out))
		add_details(r, m, from_tag, to_tag);
}

void record_sip_headers(
	struct record *r, const struct sip_scan *m, struct buf *json)
{
	struct json j;
	buf_reset(json);
	json_init(&j, json);
	json_open(&j, NULL, '[');
	for (unsigned i = 0; i < m->count; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "name", m->fields[i].name);
		json_string(&j, "value", m->fields[i].value);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	if (!json->failed)
		record_json(r, KEY_HEADERS, buf_view(json));
}

void record_sip_faults(
	struct record *r, const struct sip_faults *f, struct buf *text)
{
	buf_reset(text);
	sip_faults_list(text, f);
	add(r, KEY_FAULTS, buf_view(text));
}
