/* fuzz_sip - a message, and every parser that reads a part of one
 *
 * What the check accepts must be answerable and must have values that parse;
 * a reply that can be built must itself be a message.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "sip/check.h"
#include "sip/digest.h"
#include "sip/header.h"
#include "sip/sdp.h"

static struct sip_scan m, reply;

static void frame(struct span bytes)
{
	struct sip_framer f = { 0 };
	size_t skip, length;
	while (bytes.n) {
		enum sip_frame got = sip_scan_frame(&f, bytes, &skip, &length);
		if (skip > bytes.n || length > bytes.n - skip)
			abort();
		bytes = span_skip(bytes, skip);
		if (got == SIP_FRAME_MORE || got == SIP_FRAME_BROKEN)
			return;
		/* The same lines: what is framed has a length that fits. */
		if (got == SIP_FRAME_MESSAGE &&
			sip_scan(&m, span_first(bytes, length)) &&
			m.raw.n != length)
			abort();
		bytes = span_skip(bytes, length);
	}
}

static void parse_value(struct span value)
{
	struct buf b = BUF_INIT(1 << 20);
	struct sip_via via;
	struct sip_addr addr;
	struct sip_uri uri;
	struct sip_contact contact;
	struct sip_cseq cseq;
	struct sip_rack rack;
	struct sip_media_type type;
	struct sip_token_value token;
	struct sip_replaces replaces;
	struct sip_challenge challenge;
	struct sip_credentials credentials;
	uint32_t seconds;
	uint8_t hops;
	sip_via_parse(&via, value, NULL);
	if (sip_addr_parse_uri(&addr, &uri, value, NULL))
		sip_addr_display(&b, &addr);
	sip_contact_parse(&contact, value, NULL);
	sip_cseq_parse(&cseq, value, NULL);
	sip_rack_parse(&rack, value, NULL);
	sip_media_type_parse(&type, value, NULL);
	sip_token_value_parse(&token, value, NULL);
	sip_replaces_parse(&replaces, value, NULL);
	sip_challenge_parse(&challenge, value, NULL);
	sip_credentials_parse(&credentials, value, NULL);
	sip_seconds_parse(&seconds, value, NULL);
	sip_retry_after_parse(&seconds, value, NULL);
	sip_max_forwards_parse(&hops, value, NULL);
	sip_call_id_is_valid(value);
	sip_tag(value);
	buf_clear(&b);
}

static void check(bool good)
{
	if (!good)
		abort();
}

static const struct sip_msg_response ok = { .code = 200,
	.to_tag = { "t", 1 },
	.received = { "192.0.2.1", 9 },
	.rport = 5 };

static void refuse(const struct sip_verdict *v)
{
	struct buf b = BUF_INIT(1 << 20);
	check(sip_check_reply(&b, &m, v, NULL, &ok));
	check(sip_scan(&reply, buf_view(&b)));
	buf_clear(&b);
}

static void answer(void)
{
	const struct sip_check_policy any = { .is_proxy = true };
	struct buf answer = BUF_INIT(1 << 20), more = BUF_INIT(1 << 20);
	struct sip_verdict v;
	sip_msg_respond(&answer, &m, &ok);
	check(sip_msg_end(&answer, SPAN_EMPTY, SPAN_EMPTY));
	check(sip_scan(&reply, buf_view(&answer)));
	check(sip_check_response(&v, &reply, &any));
	check(sip_msg_ack(&more, &m, &reply));
	buf_reset(&more);
	check(sip_msg_cancel(&more, &m));
	buf_reset(&more);
	check(sip_msg_replace_via(&more, &m, SPAN("SIP/2.0/UDP h")));
	buf_clear(&answer);
	buf_clear(&more);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct span bytes = span_from((const char *)data, size);
	struct sip_verdict v;
	static struct sip_sdp sdp;
	frame(bytes);
	sip_scan_is_likely(bytes);
	sip_scan(&m, bytes);
	for (unsigned i = 0; i < m.count; i++) {
		struct sip_values at = SIP_VALUES_INIT;
		enum sip_hdr kind = m.fields[i].kind;
		if (sip_scan_find(&m, kind) == &m.fields[i])
			while (sip_scan_values(&m, kind, &at))
				parse_value(at.value);
	}
	sip_sdp_parse(&sdp, m.body, NULL);
	if (m.is_request || m.start_line.n == 0)
		sip_check_request(&v, &m, NULL);
	else
		sip_check_response(&v, &m, NULL);
	if (v.action == SIP_CHECK_REPLY)
		refuse(&v);
	else if (v.action == SIP_CHECK_ACCEPT && m.is_request)
		answer();
	return 0;
}
