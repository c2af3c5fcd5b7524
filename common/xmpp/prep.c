#include "xmpp/prep.h"

#include <arpa/inet.h>
#include <string.h>

#include <idn2.h>
#include <stringprep.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "xmpp/jid.h"

/* Preparation makes strings shorter (composition, soft hyphens) by less than
 * this; what is longer before cannot fit after. */
#define RAW_MAX (4 * XMPP_JID_PART_MAX)
/* A label and a name of DNS, RFC 1035 section 2.3.4 */
#define LABEL_MAX 63

static bool refuse(struct err *e, const char *what, const char *why)
{
	return err_set(e, STATUS_MALFORMED, "the %s %s", what, why);
}

static bool is_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* What libidn and libidn2 may be given: valid UTF-8 without NUL, as a
 * string. */
static bool to_string(
	char raw[RAW_MAX + 1], struct span s, const char *what, struct err *e)
{
	if (s.n > RAW_MAX)
		return refuse(e, what, "is too long");
	if (span_has(s, '\0') || !utf8_is_valid(s))
		return refuse(e, what, "is not UTF-8");
	return span_copy(raw, RAW_MAX + 1, s);
}

/* ---- libidn ---- */

static bool profile_failed(int rc, const char *what, struct err *e)
{
	switch (rc) {
	case STRINGPREP_CONTAINS_PROHIBITED:
		return refuse(e, what, "has a character that is forbidden");
	case STRINGPREP_TOO_SMALL_BUFFER:
		return refuse(e, what, "is too long");
	case STRINGPREP_BIDI_BOTH_L_AND_RAL:
	case STRINGPREP_BIDI_LEADTRAIL_NOT_RAL:
	case STRINGPREP_BIDI_CONTAINS_PROHIBITED:
		return refuse(e, what, "mixes writing directions");
	default:
		return refuse(e, what, "cannot be prepared");
	}
}

/* Unassigned code points pass: they are what Unicode got after 3.2, emoji for
 * one, and servers let them pass. */
static bool add_prepared(struct buf *out, struct span s,
	const Stringprep_profile *profile, const char *what, struct err *e)
{
	char text[RAW_MAX + 1];
	if (!to_string(text, s, what, e))
		return false;
	int rc = stringprep(text, sizeof(text), 0, profile);
	bool done = rc == STRINGPREP_OK ? buf_str(out, text)
					: profile_failed(rc, what, e);
	mem_wipe(text, sizeof(text)); /* it may be a password */
	return done;
}

/* ---- localpart and resourcepart ---- */

/* RFC 6122 appendix A.5: nodeprep forbids these, space and controls. */
static bool is_local_ascii(char c)
{
	return c > ' ' && c < 0x7f && !strchr("\"&'/:<>@", c);
}

bool xmpp_prep_local(struct buf *out, struct span s, struct err *e)
{
	static const char what[] = "localpart";
	if (!is_ascii(s))
		return add_prepared(out, s, stringprep_xmpp_nodeprep, what, e);
	for (size_t i = 0; i < s.n; i++)
		if (!is_local_ascii(s.p[i]))
			return refuse(
				e, what, "has a character that is forbidden");
	for (size_t i = 0; i < s.n; i++)
		buf_char(out, lower(s.p[i]));
	return true;
}

/* What the profiles forbid of ASCII: controls. */
static bool add_free_ascii(
	struct buf *out, struct span s, const char *what, struct err *e)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]))
			return refuse(
				e, what, "has a character that is forbidden");
	return buf_span(out, s);
}

bool xmpp_prep_resource(struct buf *out, struct span s, struct err *e)
{
	static const char what[] = "resourcepart";
	if (is_ascii(s))
		return add_free_ascii(out, s, what, e);
	return add_prepared(out, s, stringprep_xmpp_resourceprep, what, e);
}

bool xmpp_prep_sasl(struct buf *out, struct span s, struct err *e)
{
	static const char what[] = "name or password";
	if (is_ascii(s))
		return add_free_ascii(out, s, what, e);
	return add_prepared(out, s, stringprep_saslprep, what, e);
}

/* ---- domainpart ---- */

static bool add_ipv6(struct buf *out, struct span s, struct err *e)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	struct span inside = span_skip(span_first(s, s.n - 1), 1);
	if (!span_ends(s, "]") || span_has(inside, '\0') ||
		!span_copy(text, sizeof(text), inside) ||
		inet_pton(AF_INET6, text, &address) != 1)
		return refuse(e, "domainpart", "is no IPv6 address");
	inet_ntop(AF_INET6, &address, text, sizeof(text));
	return buf_char(out, '[') && buf_str(out, text) && buf_char(out, ']');
}

/* INTEROP: _ is in the names of container networks, though in no LDH label. */
static bool is_label_char(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

static bool is_label(struct span label)
{
	if (label.n == 0 || label.n > LABEL_MAX || *label.p == '-' ||
		label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!is_label_char(label.p[i]))
			return false;
	return true;
}

/* Labels in ASCII, none of them an A-label; *alabel where there is one. */
static bool is_plain_domain(struct span s, bool *alabel)
{
	bool more = true;
	struct span label;
	*alabel = false;
	while (more) {
		more = span_cut(&s, '.', &label);
		if (!is_label(label))
			return false;
		*alabel = *alabel || span_starts_nocase(label, "xn--");
	}
	return true;
}

#define IDN_FLAGS (IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL)

static bool idn_failed(int rc, struct err *e)
{
	return err_set(e, STATUS_MALFORMED,
		"the domainpart is no domain name: %s", idn2_strerror(rc));
}

/* To A-labels, which checks and maps it, and with unicode back again. */
static bool add_idn(struct buf *out, struct span s, bool unicode, struct err *e)
{
	char raw[RAW_MAX + 1];
	if (!to_string(raw, s, "domainpart", e))
		return false;
	char *ascii = NULL, *text = NULL;
	int rc = idn2_to_ascii_8z(raw, &ascii, IDN_FLAGS);
	if (rc == IDN2_OK && unicode)
		rc = idn2_to_unicode_8z8z(ascii, &text, IDN_FLAGS);
	bool alabel, done = false;
	if (rc != IDN2_OK)
		idn_failed(rc, e);
	else if (!is_plain_domain(span_of(ascii), &alabel))
		refuse(e, "domainpart", "is no domain name");
	else
		done = buf_str(out, unicode ? text : ascii);
	idn2_free(ascii);
	idn2_free(text);
	return done;
}

static bool add_domain(
	struct buf *out, struct span s, bool unicode, struct err *e)
{
	if (span_starts(s, "["))
		return add_ipv6(out, s, e);
	if (span_ends(s, "."))
		s = span_first(s, s.n - 1);
	bool alabel;
	if (!is_ascii(s))
		return add_idn(out, s, unicode, e);
	if (!is_plain_domain(s, &alabel))
		return refuse(e, "domainpart", "is no domain name");
	if (alabel)
		return add_idn(out, s, unicode, e);
	for (size_t i = 0; i < s.n; i++)
		buf_char(out, lower(s.p[i]));
	return true;
}

bool xmpp_prep_domain(struct buf *out, struct span s, struct err *e)
{
	return add_domain(out, s, true, e);
}

bool xmpp_prep_domain_ascii(struct buf *out, struct span s, struct err *e)
{
	return add_domain(out, s, false, e);
}
