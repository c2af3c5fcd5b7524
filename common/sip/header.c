#include "sip/header.h"

#include "sip/chars.h"
#include "sip/osip.h"
#include "sip/value.h"

/* Takes what stands in front of white space, and that as well. */
static struct span take_word(struct span *rest)
{
	size_t n = 0;
	*rest = span_trim(*rest);
	while (n < rest->n && !sip_char_is(rest->p[n], SIP_CHAR_LWS))
		n++;
	struct span word = span_first(*rest, n);
	*rest = span_trim(span_skip(*rest, n));
	return word;
}

bool sip_cseq_parse(struct sip_cseq *c, struct span value, struct err *e)
{
	struct sip_cseq got;
	struct span number = take_word(&value);
	if (!span_to_u32(number, SIP_CSEQ_MAX, &got.number))
		return err_set(
			e, STATUS_MALFORMED, "CSeq has no number below 2^31");
	if (!sip_is_token(value))
		return err_set(e, STATUS_MALFORMED, "CSeq has no method");
	got.method = value;
	got.kind = sip_method_find(value);
	*c = got;
	return true;
}

bool sip_rack_parse(struct sip_rack *r, struct span value, struct err *e)
{
	struct sip_rack got;
	struct span number = take_word(&value);
	if (!span_to_u32(number, UINT32_MAX, &got.rseq))
		return err_set(e, STATUS_MALFORMED, "RAck has no number");
	if (!sip_cseq_parse(&got.cseq, value, e))
		return false;
	*r = got;
	return true;
}

bool sip_seconds_parse(uint32_t *seconds, struct span value, struct err *e)
{
	return span_to_u32(value, SIP_EXPIRES_MAX, seconds) ||
	       err_set(e, STATUS_MALFORMED, "not a number below 2^32");
}

bool sip_max_forwards_parse(uint8_t *hops, struct span value, struct err *e)
{
	uint32_t number;
	if (!span_to_u32(value, UINT8_MAX, &number))
		return err_set(
			e, STATUS_MALFORMED, "Max-Forwards is not 0 to 255");
	*hops = (uint8_t)number;
	return true;
}

bool sip_retry_after_parse(uint32_t *seconds, struct span value, struct err *e)
{
	size_t n = 0;
	value = span_trim(value);
	while (n < value.n && value.p[n] >= '0' && value.p[n] <= '9')
		n++;
	struct span rest = span_trim(span_skip(value, n));
	if (rest.n && rest.p[0] != '(' && rest.p[0] != ';')
		n = 0;
	return sip_seconds_parse(seconds, span_first(value, n), e);
}

/* qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ) */
bool sip_q_parse(unsigned *thousandths, struct span text)
{
	struct span whole;
	unsigned value = 0;
	span_cut(&text, '.', &whole);
	if (whole.n != 1 || (whole.p[0] != '0' && whole.p[0] != '1') ||
		text.n > 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		char c = i < text.n ? text.p[i] : '0';
		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (unsigned)(c - '0');
	}
	value += (unsigned)(whole.p[0] - '0') * 1000;
	if (value > 1000)
		return false;
	*thousandths = value;
	return true;
}

/* callid = word [ "@" word ] */
bool sip_call_id_is_valid(struct span value)
{
	size_t at = span_find(value, '@', 0);
	if (at == 0 || at + 1 == value.n || value.n == 0)
		return false;
	for (size_t i = 0; i < value.n; i++)
		if (i != at && !sip_char_is(value.p[i], SIP_CHAR_WORD))
			return false;
	return true;
}

bool sip_media_type_parse(
	struct sip_media_type *t, struct span value, struct err *e)
{
	struct sip_media_type got;
	value = span_trim(value);
	size_t params = span_find(value, ';', 0);
	if (!sip_params_are_valid(span_skip(value, params)) ||
		!sip_osip_media_type(&got, value) || !sip_is_token(got.type) ||
		!sip_is_token(got.subtype) || !sip_params_are_valid(got.params))
		return err_set(e, STATUS_MALFORMED,
			"not a media type, as application/sdp");
	*t = got;
	return true;
}

bool sip_media_type_is(
	const struct sip_media_type *t, const char *type, const char *subtype)
{
	return span_is_nocase(t->type, type) &&
	       span_is_nocase(t->subtype, subtype);
}

bool sip_token_value_parse(
	struct sip_token_value *t, struct span value, struct err *e)
{
	value = span_trim(value);
	size_t n = span_find(value, ';', 0);
	struct span token = span_trim(span_first(value, n));
	struct span params = span_skip(value, n);
	if (!sip_is_token(token) || !sip_params_are_valid(params))
		return err_set(
			e, STATUS_MALFORMED, "not a token with parameters");
	*t = (struct sip_token_value){ token, params };
	return true;
}

bool sip_replaces_parse(
	struct sip_replaces *r, struct span value, struct err *e)
{
	struct sip_param to, from, early;
	value = span_trim(value);
	size_t n = span_find(value, ';', 0);
	struct span call_id = span_trim(span_first(value, n));
	struct span params = span_skip(value, n);
	if (!sip_call_id_is_valid(call_id) || !sip_params_are_valid(params) ||
		!sip_param_find(params, "to-tag", &to) ||
		!sip_param_find(params, "from-tag", &from) ||
		!sip_is_token(to.value) || !sip_is_token(from.value))
		return err_set(e, STATUS_MALFORMED, "Replaces names no dialog");
	*r = (struct sip_replaces){ call_id, to.value, from.value,
		sip_param_find(params, "early-only", &early) };
	return true;
}
