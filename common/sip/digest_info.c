/* What a server says of an answer that it took: the next nonce, and that it
 * knows the password itself (RFC 7616 section 3.5, RFC 3261 section 20.6). */
#include "sip/digest_hash.h"
#include "sip/header.h"

static bool set_info(struct sip_auth_info *info, const struct sip_param *p)
{
	struct span value = sip_unquote(p->value);
	if (span_is_nocase(p->name, "nextnonce")) {
		info->next_nonce = value;
	} else if (span_is_nocase(p->name, "rspauth")) {
		info->has_rspauth = true;
		info->rspauth = value;
	} else if (span_is_nocase(p->name, "cnonce")) {
		info->has_cnonce = true;
		info->cnonce = value;
	} else if (span_is_nocase(p->name, "qop")) {
		info->qop = sip_digest_qop(value);
	} else if (span_is_nocase(p->name, "nc")) {
		return info->has_count =
			       sip_digest_count(value, &info->nonce_count);
	}
	return true;
}

bool sip_auth_info_parse(
	struct sip_auth_info *info, struct span value, struct err *e)
{
	struct sip_auth_info got = { .qop = 0 };
	struct sip_names names = { 0 };
	struct sip_param p;
	bool malformed = false, ok = true;
	while (ok && sip_auth_param_next(&value, &p, &names, &malformed))
		ok = set_info(&got, &p);
	if (!ok || malformed)
		return err_set(e, STATUS_MALFORMED,
			"Authentication-Info has a malformed parameter");
	*info = got;
	return true;
}

bool sip_auth_info_is_of(
	const struct sip_auth_info *info, const struct sip_credentials *sent)
{
	return (!info->has_cnonce || span_equal(info->cnonce, sent->cnonce)) &&
	       (!info->has_count || !sent->qop ||
		       info->nonce_count == sent->nonce_count);
}

/* As the response of the request, but without its method; whether the body is
 * part of it, the request has said. */
static bool make(char out[SIP_DIGEST_HEX_MAX], const struct sip_credentials *c,
	const struct sip_digest_login *login, struct span body)
{
	return sip_digest_response_of(out, c, login, SPAN_EMPTY, body);
}

bool sip_auth_info_verify(const struct sip_auth_info *info,
	const struct sip_credentials *sent,
	const struct sip_digest_login *login, struct span body)
{
	char want[SIP_DIGEST_HEX_MAX];
	return info->has_rspauth && sip_auth_info_is_of(info, sent) &&
	       make(want, sent, login, body) &&
	       sip_digest_is_response(info->rspauth, want);
}

bool sip_auth_info_format(struct buf *out, const struct sip_credentials *c,
	const struct sip_digest_login *login, struct span body,
	struct span next_nonce)
{
	char response[SIP_DIGEST_HEX_MAX];
	if (!make(response, c, login, body))
		return false;
	buf_printf(out, "rspauth=\"%s\"", response);
	if (c->qop) {
		sip_auth_add(out, "cnonce", c->cnonce);
		buf_printf(out, ", qop=%s, nc=%08x",
			sip_digest_qop_name(c->qop), c->nonce_count);
	}
	if (next_nonce.n) {
		buf_str(out, ", nextnonce=");
		sip_quote(out, next_nonce);
	}
	return !out->failed;
}
