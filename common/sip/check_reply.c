/* What a request that was refused is answered with. */
#include "sip/check.h"

bool sip_check_is_in(const char *const *list, struct span text)
{
	for (; list && *list; list++)
		if (span_is_nocase(text, *list))
			return true;
	return false;
}

enum sip_hdr sip_check_require(const struct sip_check_policy *policy)
{
	return policy->is_proxy ? SIP_HDR_PROXY_REQUIRE : SIP_HDR_REQUIRE;
}

static void add_unsupported(struct buf *out, const struct sip_scan *request,
	const struct sip_check_policy *policy)
{
	struct buf list = BUF_INIT(SIP_LINE_MAX);
	struct sip_values at = SIP_VALUES_INIT;
	while (sip_scan_values(request, sip_check_require(policy), &at))
		if (!sip_check_is_in(policy->extensions, at.value) &&
			sip_is_token(at.value)) {
			buf_str(&list, list.len ? ", " : "");
			buf_span(&list, at.value);
		}
	if (list.len)
		sip_msg_add(out, SIP_HDR_UNSUPPORTED, buf_view(&list));
	buf_clear(&list);
}

static void add_allow(struct buf *out, const struct sip_check_policy *policy)
{
	struct buf list = BUF_INIT(SIP_LINE_MAX);
	for (unsigned i = 1; i < SIP_METHOD_COUNT; i++)
		if (policy->methods >> i & 1)
			buf_printf(&list, "%s%s", list.len ? ", " : "",
				sip_method_name(i));
	sip_msg_add(out, SIP_HDR_ALLOW, buf_view(&list));
	buf_clear(&list);
}

static void add_accept(struct buf *out, const struct sip_check_policy *policy)
{
	struct buf list = BUF_INIT(SIP_LINE_MAX);
	for (const char *const *at = policy->media_types; at && *at; at++)
		buf_printf(&list, "%s%s", list.len ? ", " : "", *at);
	sip_msg_add(out, SIP_HDR_ACCEPT, buf_view(&list));
	sip_msg_add(out, SIP_HDR_ACCEPT_ENCODING, SPAN("identity"));
	buf_clear(&list);
}

bool sip_check_reply(struct buf *out, const struct sip_scan *request,
	const struct sip_verdict *v, const struct sip_check_policy *policy,
	const struct sip_msg_response *via)
{
	static const struct sip_check_policy any = { .methods = 0 };
	struct sip_msg_response response = { .code = 0 };
	if (via)
		response = *via;
	if (!policy)
		policy = &any;
	response.code = v->code;
	response.reason = span_of(v->reason);
	sip_msg_respond(out, request, &response);
	if (v->code == 420)
		add_unsupported(out, request, policy);
	else if (v->code == 405 || v->code == 501)
		add_allow(out, policy);
	else if (v->code == 415)
		add_accept(out, policy);
	return sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
}
