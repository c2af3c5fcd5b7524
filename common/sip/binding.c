#include "sip/binding.h"

/* A parameter between quotes, without them; RFC 5626 puts <> in as well. */
static struct span quoted_param(struct span params, const char *name)
{
	struct sip_param p;

	if (!sip_param_find(params, name, &p) || !p.has_value)
		return SPAN_EMPTY;
	struct span value = sip_unquote(p.value);
	if (value.n > 2 && value.p[0] == '<' && value.p[value.n - 1] == '>')
		value = span_from(value.p + 1, value.n - 2);
	return value;
}

static uint32_t expires_of(
	const struct sip_contact *c, const struct sip_scan *m)
{
	uint32_t seconds;

	if (c->has_expires)
		return c->expires;
	return sip_seconds_parse(
		       &seconds, sip_scan_value(m, SIP_HDR_EXPIRES), NULL)
		       ? seconds
		       : SIP_BINDING_EXPIRES;
}

bool sip_binding_next(
	struct sip_binding *b, const struct sip_scan *m, struct sip_values *at)
{
	struct sip_contact c;
	struct sip_param p;

	while (sip_scan_values(m, SIP_HDR_CONTACT, at)) {
		if (!sip_contact_parse(&c, at->value, NULL) || c.is_star)
			continue;
		*b = (struct sip_binding){ .uri = c.addr.uri,
			.expires = expires_of(&c, m),
			.has_q = c.has_q,
			.q = c.q,
			.instance =
				quoted_param(c.addr.params, "+sip.instance"),
			.pub_gruu = quoted_param(c.addr.params, "pub-gruu"),
			.temp_gruu = quoted_param(c.addr.params, "temp-gruu") };
		if (sip_param_find(c.addr.params, "reg-id", &p))
			span_to_u32(p.value, UINT32_MAX, &b->reg_id);
		return true;
	}
	return false;
}

bool sip_binding_is_of(const struct sip_binding *b, struct span uri,
	struct span instance, uint32_t reg_id)
{
	struct sip_uri ours, theirs;

	bool known = instance.n && b->instance.n;

	if (known && !span_equal_nocase(b->instance, instance))
		return false;
	/* INTEROP: a registrar without RFC 5626 keeps the instance and drops
	 * the reg-id. */
	if (known && (b->reg_id || !reg_id))
		return b->reg_id == reg_id;
	return sip_uri_parse(&ours, uri, NULL) &&
	       sip_uri_parse(&theirs, b->uri, NULL) &&
	       sip_uri_equal(&ours, &theirs);
}
