/* Does a certificate name whom we want: RFC 9525 (6125), RFC 6120 section
 * 13.7, RFC 5922 section 7.  Names are bytes of a length, never C strings: a
 * NUL in one makes it another name. */
#include "net/tls_openssl.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/utf8.h"

#define NAMES_SHOWN 4
#define NAME_SHOWN 48
#define NAMES_TEXT_MAX 240

static struct span without_final_dot(struct span s)
{
	return span_ends(s, ".") ? span_first(s, s.n - 1) : s;
}

void tls_reference_init(struct tls_reference *r, enum tls_naming naming,
	const char *name, const char *unicode)
{
	*r = (struct tls_reference){ .naming = naming };
	if (!name)
		return;
	if (inet_pton(AF_INET, name, r->ip) == 1)
		r->ip_n = 4;
	else if (inet_pton(AF_INET6, name, r->ip) == 1)
		r->ip_n = 16;
	r->name = without_final_dot(span_of(name));
	r->unicode = unicode ? without_final_dot(span_of(unicode)) : r->name;
}

/* ---- the kinds of names ---- */

static struct span text_of(const ASN1_STRING *s)
{
	return span_from((const char *)ASN1_STRING_get0_data(s),
		(size_t)ASN1_STRING_length(s));
}

/* RFC 9525 section 6.3: "*" is the whole first label and stands for exactly
 * one.  Not in front of a single label: *.org would be half the world. */
static bool wildcard_matches(struct span pattern, struct span name)
{
	struct span label, domain = span_skip(pattern, 2);
	return span_starts(pattern, "*.") && span_cut(&name, '.', &label) &&
	       label.n > 0 && span_has(domain, '.') && !span_has(label, '*') &&
	       span_equal_nocase(domain, name);
}

static bool dns_matches(
	struct span presented, const struct tls_reference *r, bool wildcards)
{
	return !r->ip_n && r->name.n > 0 &&
	       (span_equal_nocase(presented, r->name) ||
		       (wildcards && wildcard_matches(presented, r->name)));
}

static bool ip_matches(
	const ASN1_STRING *presented, const struct tls_reference *r)
{
	return r->ip_n > 0 && span_equal(text_of(presented),
				      span_from((const char *)r->ip, r->ip_n));
}

/* RFC 5922 section 7.1: the host of a sip: URI without a user. */
static bool sip_uri_domain(struct span uri, struct span *host)
{
	if (!span_starts_nocase(uri, "sip:") || span_has(uri, '@'))
		return false;
	uri = span_skip(uri, 4);
	size_t end = span_starts(uri, "[") ? span_find(uri, ']', 0) : 0;
	while (end < uri.n && !strchr(":;?", uri.p[end]))
		end++;
	*host = span_first(uri, end);
	return host->n > 0;
}

/* RFC 4985: an SRVName is an IA5String "_service.domain". */
static bool srv_matches(const OTHERNAME *other, const struct tls_reference *r)
{
	const char *service = "_xmpp-client.";
	if (OBJ_obj2nid(other->type_id) != NID_SRVName ||
		other->value->type != V_ASN1_IA5STRING)
		return false;
	struct span s = text_of(other->value->value.ia5string);
	return span_starts_nocase(s, service) &&
	       dns_matches(span_skip(s, strlen(service)), r, false);
}

/* RFC 6120 section 13.7.1.4: a JID; for a server a domainpart alone. */
static bool xmpp_addr_matches(
	const OTHERNAME *other, const struct tls_reference *r)
{
	if (OBJ_obj2nid(other->type_id) != NID_XmppAddr ||
		other->value->type != V_ASN1_UTF8STRING)
		return false;
	struct span s = text_of(other->value->value.utf8string);
	return s.n > 0 && (span_equal_nocase(s, r->name) ||
				  span_equal_nocase(s, r->unicode));
}

/* ---- one certificate ---- */

static GENERAL_NAMES *names_of(X509 *certificate)
{
	return X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}

static bool has_sip_uri(const GENERAL_NAMES *names)
{
	struct span host;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
		if (n->type == GEN_URI &&
			sip_uri_domain(
				text_of(n->d.uniformResourceIdentifier), &host))
			return true;
	}
	return false;
}

static bool name_matches(
	const GENERAL_NAME *n, const struct tls_reference *r, bool dns_counts)
{
	bool sip = r->naming == TLS_NAMING_SIP;
	struct span host;
	switch (n->type) {
	case GEN_DNS:
		return dns_counts &&
		       dns_matches(text_of(n->d.dNSName), r, !sip);
	case GEN_IPADD:
		return ip_matches(n->d.iPAddress, r);
	case GEN_URI:
		return sip &&
		       sip_uri_domain(text_of(n->d.uniformResourceIdentifier),
			       &host) &&
		       span_equal_nocase(host, r->name);
	case GEN_OTHERNAME:
		return r->naming == TLS_NAMING_XMPP &&
		       (srv_matches(n->d.otherName, r) ||
			       xmpp_addr_matches(n->d.otherName, r));
	default:
		return false;
	}
}

bool tls_names(X509 *certificate, const struct tls_reference *r)
{
	GENERAL_NAMES *names = names_of(certificate);
	/* RFC 5922 section 7.1: DNS-IDs "if and only if" there is no URI-ID. */
	bool dns_counts = r->naming != TLS_NAMING_SIP || !has_sip_uri(names);
	bool found = false;
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !found; i++)
		found = name_matches(
			sk_GENERAL_NAME_value(names, i), r, dns_counts);
	GENERAL_NAMES_free(names);
	return found;
}

/* ---- the sentence ---- */

/* False for kinds that name no server. */
static bool show_name(const GENERAL_NAME *n, char out[NAME_SHOWN])
{
	char address[INET6_ADDRSTRLEN];
	const ASN1_STRING *s;
	const ASN1_TYPE *value;
	switch (n->type) {
	case GEN_DNS:
		s = n->d.dNSName;
		break;
	case GEN_URI:
		s = n->d.uniformResourceIdentifier;
		break;
	case GEN_IPADD:
		s = n->d.iPAddress;
		if (!inet_ntop(ASN1_STRING_length(s) == 4 ? AF_INET : AF_INET6,
			    ASN1_STRING_length(s) == 4 ||
					    ASN1_STRING_length(s) == 16
				    ? (const void *)ASN1_STRING_get0_data(s)
				    : (const void *)&in6addr_any,
			    address, sizeof(address)))
			return false;
		span_copy(out, NAME_SHOWN, span_of(address));
		return true;
	case GEN_OTHERNAME:
		value = n->d.otherName->value;
		if (value->type != V_ASN1_IA5STRING &&
			value->type != V_ASN1_UTF8STRING)
			return false;
		s = value->value.asn1_string;
		break;
	default:
		return false;
	}
	utf8_printable_to(out, NAME_SHOWN, text_of(s));
	return true;
}

/* "a.example, *.b.example and 3 more"; how many there are in all. */
static int list_names(const GENERAL_NAMES *names, struct buf *out)
{
	int shown = 0, all = 0;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		char text[NAME_SHOWN];
		if (!show_name(sk_GENERAL_NAME_value(names, i), text))
			continue;
		all++;
		if (shown < NAMES_SHOWN)
			buf_printf(out, "%s%s", shown++ ? ", " : "", text);
	}
	if (all > shown)
		buf_printf(out, " and %d more", all - shown);
	return all;
}

/* The wildcard that another protocol would have taken, or the empty text. */
static void find_wildcard(const GENERAL_NAMES *names,
	const struct tls_reference *r, char out[NAME_SHOWN])
{
	out[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
		if (n->type == GEN_DNS && !r->ip_n &&
			wildcard_matches(text_of(n->d.dNSName), r->name))
			utf8_printable_to(
				out, NAME_SHOWN, text_of(n->d.dNSName));
	}
}

void tls_describe_mismatch(
	X509 *certificate, const struct tls_reference *r, struct buf *out)
{
	GENERAL_NAMES *names = names_of(certificate);
	struct buf list = BUF_INIT(NAMES_TEXT_MAX);
	char wanted[NAME_SHOWN], wildcard[NAME_SHOWN];
	utf8_printable_to(wanted, sizeof(wanted), r->name);
	find_wildcard(names, r, wildcard);
	if (list_names(names, &list) == 0)
		buf_printf(out,
			"certificate names no server (a common name does not "
			"count), wanted was %s: --tls-name NAME wants another",
			wanted);
	else if (r->naming == TLS_NAMING_SIP && wildcard[0])
		buf_printf(out,
			"certificate is for %s, and SIP takes no wildcard for "
			"%s (RFC 5922 section 7.2): --tls-name '%s' wants it "
			"as it is",
			buf_text(&list), wanted, wildcard);
	else
		buf_printf(out,
			"certificate is for %s, not for %s: --tls-name NAME "
			"wants another",
			buf_text(&list), wanted);
	buf_clear(&list);
	GENERAL_NAMES_free(names);
}
