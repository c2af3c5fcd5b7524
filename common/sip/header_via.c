/* Via: read here, not by libosip2, since every message is found by it. */
#include "sip/chars.h"
#include "sip/header.h"
#include "sip/value.h"

static struct span skip_lws(struct span s)
{
	while (s.n && sip_char_is(s.p[0], SIP_CHAR_LWS))
		s = span_skip(s, 1);
	return s;
}

static bool take_token(struct span *rest, struct span *token)
{
	size_t n = 0;
	*rest = skip_lws(*rest);
	while (n < rest->n && sip_char_is(rest->p[n], SIP_CHAR_TOKEN))
		n++;
	*token = span_first(*rest, n);
	*rest = skip_lws(span_skip(*rest, n));
	return n > 0;
}

static bool take_char(struct span *rest, char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = span_skip(*rest, 1);
	return true;
}

/* sent-protocol = protocol-name SLASH protocol-version SLASH transport LWS;
 * any name and version: the start line says whether they are ours. */
static bool take_protocol(struct span *rest, struct sip_via *v)
{
	struct span name, version;
	if (!take_token(rest, &name) || !take_char(rest, '/') ||
		!take_token(rest, &version) || !take_char(rest, '/'))
		return false;
	*rest = skip_lws(*rest);
	size_t n = 0;
	while (n < rest->n && sip_char_is(rest->p[n], SIP_CHAR_TOKEN))
		n++;
	v->transport = span_first(*rest, n);
	struct span behind = span_skip(*rest, n);
	*rest = skip_lws(behind);
	return n > 0 && rest->n < behind.n;
}

static bool take_host(struct span *rest, struct sip_via *v)
{
	size_t n = 0;
	if (take_char(rest, '[')) {
		v->is_ipv6 = true;
		n = span_find(*rest, ']', 0);
		v->host = span_first(*rest, n);
		*rest = span_skip(*rest, n);
		return take_char(rest, ']');
	}
	while (n < rest->n && !sip_char_is(rest->p[n], SIP_CHAR_LWS) &&
		rest->p[n] != ':' && rest->p[n] != ';')
		n++;
	v->host = span_first(*rest, n);
	*rest = span_skip(*rest, n);
	return true;
}

/* sent-by = host [ COLON port ] */
static bool take_sent_by(struct span *rest, struct sip_via *v)
{
	struct span port;
	uint32_t number = 0;
	const char *from = rest->p;
	if (!take_host(rest, v) || !sip_host_is_valid(v->host, v->is_ipv6))
		return false;
	v->sent_by = span_between(from, rest->p);
	*rest = skip_lws(*rest);
	if (take_char(rest, ':')) {
		if (!take_token(rest, &port) ||
			!span_to_u32(port, UINT16_MAX, &number) || number == 0)
			return false;
		v->sent_by = span_between(from, port.p + port.n);
	}
	v->port = (uint16_t)number;
	return true;
}

/* An address, with or without brackets (RFC 5118 section 4.5). */
static bool set_received(struct sip_via *v, struct span value)
{
	bool ipv6 = span_has(value, ':');
	if (ipv6 && value.n > 2 && value.p[0] == '[' &&
		value.p[value.n - 1] == ']')
		value = span_from(value.p + 1, value.n - 2);
	v->received = value;
	return sip_host_is_valid(value, ipv6);
}

static bool set_param(struct sip_via *v, const struct sip_param *p)
{
	uint32_t number = 0;
	if (span_is_nocase(p->name, "branch")) {
		v->branch = p->value;
		return sip_is_token(p->value);
	}
	if (span_is_nocase(p->name, "received"))
		return set_received(v, p->value);
	if (span_is_nocase(p->name, "maddr")) {
		v->maddr = p->value;
		return p->has_value;
	}
	if (span_is_nocase(p->name, "ttl")) {
		v->has_ttl = span_to_u32(p->value, UINT8_MAX, &number);
		v->ttl = (uint8_t)number;
		return v->has_ttl;
	}
	if (span_is_nocase(p->name, "rport")) {
		v->has_rport = true;
		if (p->has_value && !span_to_u32(p->value, UINT16_MAX, &number))
			return false;
		v->rport = (uint16_t)number;
	}
	return true;
}

bool sip_via_parse(struct sip_via *v, struct span value, struct err *e)
{
	struct sip_via got = { .has_ttl = false };
	struct span rest = span_trim(value);
	struct sip_param p;
	if (!take_protocol(&rest, &got))
		return err_set(
			e, STATUS_MALFORMED, "Via has no protocol in front");
	if (!take_sent_by(&rest, &got))
		return err_set(
			e, STATUS_MALFORMED, "Via has no valid host and port");
	got.params = rest;
	if (!sip_params_are_valid(rest))
		return err_set(e, STATUS_MALFORMED,
			"Via has malformed or repeated parameters");
	while (sip_param_next(&rest, &p))
		if (!set_param(&got, &p))
			return err_set(e, STATUS_MALFORMED,
				"Via has a parameter that cannot be: %.*s",
				SPAN_ARGS(p.name));
	*v = got;
	return true;
}

bool sip_via_has_cookie(const struct sip_via *v)
{
	/* The cookie alone tells nothing apart: RFC 4475 section 3.2.1. */
	return v->branch.n > sizeof(SIP_BRANCH_COOKIE) - 1 &&
	       span_starts_nocase(v->branch, SIP_BRANCH_COOKIE);
}
