#include "sip/check.h"

#include "sip/header.h"

/* What goes through one check: the message, where it may go, what is wrong.
 * Each step returns false after noting a fault. */
struct check {
	struct sip_scan *m;
	unsigned pieces; /* addresses and parameters taken apart so far */
	const struct sip_check_policy *policy;
	bool is_ok;
	enum sip_fault_kind fault; /* the first found */
	struct span where;
};

static bool found(struct check *c, enum sip_fault_kind fault, struct span where)
{
	sip_fault_add(&c->m->faults, fault, where);
	/* A response is about more than its Contact: who waits for it must
	 * hear of it, and who needs the Contact finds that there is none. */
	if (fault == SIP_FAULT_CONTACT && !c->m->is_request)
		return true;
	if (c->is_ok) {
		c->is_ok = false;
		c->fault = fault;
		c->where = where;
	}
	return false;
}

/* ---- what was scanned ------------------------------------------------------------- */

static bool check_scan(struct check *c)
{
	const struct sip_faults *f = &c->m->faults;
	/* A version that is not ours explains whatever else is strange. */
	for (unsigned i = 0; i < f->count; i++)
		if (f->list[i].kind == SIP_FAULT_VERSION)
			return found(c, SIP_FAULT_VERSION, f->list[i].where);
	if (f->count)
		return found(c, f->list[0].kind, f->list[0].where);
	if (c->policy->is_stream && !c->m->has_content_length)
		return found(c, SIP_FAULT_NO_LENGTH, SPAN_EMPTY);
	return true;
}

/* RFC 3261 section 8.1.1.  Max-Forwards too is mandatory there, but not in
 * RFC 2543, and its absence harms nobody: INTEROP, RFC 4475 section 3.4.1. */
static bool check_fields(struct check *c)
{
	static const enum sip_hdr mandatory[] = { SIP_HDR_VIA, SIP_HDR_FROM,
		SIP_HDR_TO, SIP_HDR_CALL_ID, SIP_HDR_CSEQ };
	for (size_t i = 0; i < sizeof(mandatory) / sizeof(*mandatory); i++)
		if (!sip_scan_find(c->m, mandatory[i]))
			return found(c, SIP_FAULT_MISSING_FIELD, SPAN_EMPTY);
	for (unsigned i = 0; i < c->m->count; i++) {
		const struct sip_field *f = &c->m->fields[i];
		if (f->next && sip_hdr_is_single(f->kind))
			return found(c, SIP_FAULT_REPEATED_FIELD,
				c->m->fields[f->next - 1].raw);
	}
	return true;
}

/* ---- header values ------------------------------------------------------------------ */

/* Ends a walk over values: were they all there? */
static bool all_seen(
	struct check *c, const struct sip_values *at, enum sip_fault_kind fault)
{
	if (!at->malformed)
		return true;
	bool is_many = at->count > SIP_VALUES_MAX;
	return found(
		c, is_many ? SIP_FAULT_TOO_MANY_VALUES : fault, at->field->raw);
}

/* A URI of any scheme; without headers (RFC 3261 section 19.1.1). */
static bool check_request_uri(struct check *c)
{
	struct sip_uri u;
	if (c->m->is_request &&
		(!sip_uri_parse(&u, c->m->request_uri, NULL) || u.headers.n))
		return found(c, SIP_FAULT_REQUEST_URI, c->m->request_uri);
	return true;
}

static bool check_vias(struct check *c)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_via via;
	while (sip_scan_values(c->m, SIP_HDR_VIA, &at))
		if (!sip_via_parse(&via, at.value, NULL))
			return found(c, SIP_FAULT_VIA, at.value);
	return all_seen(c, &at, SIP_FAULT_VIA);
}

/* From and To: an address, its tag a token; one without is of RFC 2543. */
static bool check_party(
	struct check *c, enum sip_hdr kind, enum sip_fault_kind fault)
{
	struct span value = sip_scan_value(c->m, kind);
	struct sip_addr a;
	struct sip_uri u;
	struct sip_param tag;
	if (!sip_addr_parse_uri(&a, &u, value, NULL))
		return found(c, fault, value);
	if (sip_param_find(a.params, "tag", &tag) && !sip_is_token(tag.value))
		return found(c, fault, value);
	return true;
}

static bool is_address(struct span value, bool may_be_star)
{
	struct sip_contact contact;
	struct sip_uri u;
	if (!sip_contact_parse(&contact, value, NULL))
		return false;
	return contact.is_star ? may_be_star
			       : sip_uri_parse(&u, contact.addr.uri, NULL);
}

static unsigned pieces_of(struct span value)
{
	unsigned count = 1;
	for (size_t i = 0; i < value.n; i++)
		count += value.p[i] == ';';
	return count;
}

static bool check_addresses(
	struct check *c, enum sip_hdr kind, enum sip_fault_kind fault)
{
	struct sip_values at = SIP_VALUES_INIT;
	while (sip_scan_values(c->m, kind, &at)) {
		c->pieces += pieces_of(at.value);
		if (c->pieces > SIP_PIECES_MAX)
			return found(c, SIP_FAULT_TOO_MANY_VALUES, at.value);
		if (!is_address(at.value, kind == SIP_HDR_CONTACT))
			return found(c, fault, at.value);
	}
	return all_seen(c, &at, fault);
}

/* "*" stands alone: RFC 3261 section 10.2.2. */
static bool check_contacts(struct check *c)
{
	struct sip_values at = SIP_VALUES_INIT;
	unsigned stars = 0, others = 0;
	if (!check_addresses(c, SIP_HDR_CONTACT, SIP_FAULT_CONTACT))
		return false;
	while (sip_scan_values(c->m, SIP_HDR_CONTACT, &at))
		if (span_is(at.value, "*"))
			stars++;
		else
			others++;
	if (stars > 1 || (stars && others))
		return found(c, SIP_FAULT_CONTACT,
			sip_scan_value(c->m, SIP_HDR_CONTACT));
	return true;
}

static bool check_numbers(struct check *c)
{
	struct span value;
	struct sip_cseq cseq;
	uint8_t hops;
	value = sip_scan_value(c->m, SIP_HDR_CSEQ);
	if (!sip_cseq_parse(&cseq, value, NULL))
		return found(c, SIP_FAULT_CSEQ, value);
	value = sip_scan_value(c->m, SIP_HDR_CALL_ID);
	if (!sip_call_id_is_valid(value))
		return found(c, SIP_FAULT_CALL_ID, value);
	const struct sip_field *f = sip_scan_find(c->m, SIP_HDR_MAX_FORWARDS);
	if (f && !sip_max_forwards_parse(&hops, f->value, NULL))
		return found(c, SIP_FAULT_MAX_FORWARDS, f->value);
	return true;
}

/* RFC 3261 section 20.19; RFC 4475 section 3.1.2.4 lets a number be too large
 * for anybody and mean the default. */
static bool check_expires(struct check *c)
{
	const struct sip_field *f = sip_scan_find(c->m, SIP_HDR_EXPIRES);
	if (!f)
		return true;
	bool is_number = f->value.n > 0;
	for (size_t i = 0; i < f->value.n; i++)
		is_number &= f->value.p[i] >= '0' && f->value.p[i] <= '9';
	return is_number || found(c, SIP_FAULT_EXPIRES, f->value);
}

static bool check_content_type(struct check *c)
{
	const struct sip_field *f = sip_scan_find(c->m, SIP_HDR_CONTENT_TYPE);
	struct sip_media_type type;
	if (f && !sip_media_type_parse(&type, f->value, NULL))
		return found(c, SIP_FAULT_CONTENT_TYPE, f->value);
	/* RFC 3261 section 20.15 */
	if (!f && c->m->body.n)
		return found(c, SIP_FAULT_MISSING_FIELD, SPAN_EMPTY);
	return true;
}

static bool check_values(struct check *c)
{
	return check_request_uri(c) && check_vias(c) &&
	       check_party(c, SIP_HDR_FROM, SIP_FAULT_FROM) &&
	       check_party(c, SIP_HDR_TO, SIP_FAULT_TO) && check_numbers(c) &&
	       check_contacts(c) &&
	       check_addresses(c, SIP_HDR_ROUTE, SIP_FAULT_ROUTE) &&
	       check_addresses(c, SIP_HDR_RECORD_ROUTE, SIP_FAULT_ROUTE) &&
	       check_expires(c) && check_content_type(c);
}

/* ---- what is asked for (8.2.1 to 8.2.3) ----------------------------------------------- */

static bool check_method(struct check *c)
{
	uint32_t served = c->policy->methods;
	enum sip_method method = c->m->method_kind;
	if (served && method == SIP_METHOD_OTHER)
		return found(c, SIP_FAULT_UNKNOWN_METHOD, c->m->method);
	/* An ACK belongs to an INVITE, whoever serves those. */
	if (served && method != SIP_METHOD_ACK && !(served >> method & 1))
		return found(c, SIP_FAULT_METHOD_NOT_ALLOWED, c->m->method);
	struct sip_cseq cseq;
	struct span value = sip_scan_value(c->m, SIP_HDR_CSEQ);
	if (!sip_cseq_parse(&cseq, value, NULL) ||
		!span_equal(cseq.method, c->m->method))
		return found(c, SIP_FAULT_CSEQ_METHOD, value);
	return true;
}

static bool check_scheme(struct check *c)
{
	struct span text = c->m->request_uri, scheme;
	enum sip_scheme kind;
	if (!sip_uri_scheme(text, &kind, &scheme) || kind == SIP_SCHEME_OTHER ||
		(kind == SIP_SCHEME_TEL && !c->policy->accept_tel))
		return found(c, SIP_FAULT_SCHEME, text);
	return true;
}

/* RFC 3261 section 16.3; an endpoint takes 0 as any other. */
static bool check_hops(struct check *c)
{
	const struct sip_field *f = sip_scan_find(c->m, SIP_HDR_MAX_FORWARDS);
	uint8_t hops;
	if (c->policy->is_proxy && f &&
		sip_max_forwards_parse(&hops, f->value, NULL) && hops == 0)
		return found(c, SIP_FAULT_TOO_MANY_HOPS, f->value);
	return true;
}

static bool check_extensions(struct check *c)
{
	struct sip_values at = SIP_VALUES_INIT;
	/* RFC 3261 section 8.2.2.3 */
	if (c->m->method_kind == SIP_METHOD_ACK ||
		c->m->method_kind == SIP_METHOD_CANCEL)
		return true;
	while (sip_scan_values(c->m, sip_check_require(c->policy), &at))
		if (!sip_check_is_in(c->policy->extensions, at.value))
			return found(c, SIP_FAULT_EXTENSION, at.value);
	return all_seen(c, &at, SIP_FAULT_EXTENSION);
}

static bool is_served_type(
	const struct sip_check_policy *policy, struct span value)
{
	struct sip_media_type t;
	if (!sip_media_type_parse(&t, value, NULL))
		return false;
	for (const char *const *list = policy->media_types; *list; list++) {
		struct span type, subtype = span_of(*list);
		span_cut(&subtype, '/', &type);
		if (span_equal_nocase(t.type, type) &&
			span_equal_nocase(t.subtype, subtype))
			return true;
	}
	return false;
}

/* A body that may be left aside is: RFC 3261 section 20.11. */
static bool is_optional(const struct sip_scan *m)
{
	struct sip_token_value disposition;
	struct sip_param handling;
	return sip_token_value_parse(&disposition,
		       sip_scan_value(m, SIP_HDR_CONTENT_DISPOSITION), NULL) &&
	       sip_param_find(disposition.params, "handling", &handling) &&
	       span_is_nocase(handling.value, "optional");
}

static bool check_body(struct check *c)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct span type = sip_scan_value(c->m, SIP_HDR_CONTENT_TYPE);
	if (!c->policy->media_types || c->m->body.n == 0 || is_optional(c->m))
		return true;
	if (!is_served_type(c->policy, type))
		return found(c, SIP_FAULT_MEDIA_TYPE, type);
	while (sip_scan_values(c->m, SIP_HDR_CONTENT_ENCODING, &at))
		if (!span_is_nocase(at.value, "identity"))
			return found(c, SIP_FAULT_MEDIA_TYPE, at.value);
	return all_seen(c, &at, SIP_FAULT_MEDIA_TYPE);
}

/* ---- verdicts ---------------------------------------------------------------------------- */

static const struct sip_check_policy any = { .methods = 0 };

static bool is_framing_lost(const struct sip_scan *m)
{
	return sip_fault_has(&m->faults, SIP_FAULT_CONTENT_LENGTH) ||
	       sip_fault_has(&m->faults, SIP_FAULT_CONTENT_LENGTHS) ||
	       sip_fault_has(&m->faults, SIP_FAULT_NO_LENGTH) ||
	       sip_fault_has(&m->faults, SIP_FAULT_NO_END) ||
	       sip_fault_has(&m->faults, SIP_FAULT_MSG_TOO_LARGE);
}

static bool accept(struct sip_verdict *v)
{
	*v = (struct sip_verdict){ .action = SIP_CHECK_ACCEPT, .reason = "" };
	return true;
}

static bool refuse(struct sip_verdict *v, const struct check *c, bool answer)
{
	*v = (struct sip_verdict){
		.action = answer ? SIP_CHECK_REPLY : SIP_CHECK_DROP,
		.code = sip_fault_code(c->fault),
		.reason = sip_fault_reason(c->fault),
		.fault = c->fault,
		.where = c->where,
		.close = is_framing_lost(c->m),
	};
	return false;
}

bool sip_check_request(struct sip_verdict *v, struct sip_scan *m,
	const struct sip_check_policy *policy)
{
	struct check c = {
		.m = m,
		.policy = policy ? policy : &any,
		.is_ok = true,
	};
	if (check_scan(&c) && check_fields(&c) && check_values(&c) &&
		check_method(&c) && check_scheme(&c) && check_hops(&c) &&
		check_extensions(&c) && check_body(&c))
		return accept(v);
	/* Without a Via nobody knows where a reply goes; what is not SIP is
	 * not answered, nor is an ACK. */
	bool answer = m->is_request && m->method_kind != SIP_METHOD_ACK &&
		      sip_scan_find(m, SIP_HDR_VIA) && sip_fault_code(c.fault);
	return refuse(v, &c, answer);
}

static bool check_single_via(struct check *c)
{
	struct sip_values at = SIP_VALUES_INIT;
	unsigned count = 0;
	while (sip_scan_values(c->m, SIP_HDR_VIA, &at))
		count++;
	if (count > 1)
		return found(c, SIP_FAULT_VIA, at.value);
	return true;
}

bool sip_check_response(struct sip_verdict *v, struct sip_scan *m,
	const struct sip_check_policy *policy)
{
	struct check c = {
		.m = m,
		.policy = policy ? policy : &any,
		.is_ok = true,
	};
	if (check_scan(&c) && check_fields(&c) && check_values(&c) &&
		(c.policy->is_proxy || check_single_via(&c)))
		return accept(v);
	return refuse(v, &c, false);
}
