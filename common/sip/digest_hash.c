#include "sip/digest_hash.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static const struct {
	const char *name;
	enum hash hash;
} algorithms[SIP_DIGEST_COUNT] = {
	[SIP_DIGEST_UNKNOWN] = { "", HASH_MD5 },
	[SIP_DIGEST_MD5] = { "MD5", HASH_MD5 },
	[SIP_DIGEST_SHA256] = { "SHA-256", HASH_SHA256 },
	[SIP_DIGEST_SHA512_256] = { "SHA-512-256", HASH_SHA512_256 },
};

enum sip_digest_algorithm sip_digest_find(struct span text, bool *is_sess)
{
	bool sess = text.n > 5 &&
		    span_is_nocase(span_skip(text, text.n - 5), "-sess");
	struct span name = sess ? span_first(text, text.n - 5) : text;
	for (unsigned i = SIP_DIGEST_MD5; i < SIP_DIGEST_COUNT; i++)
		if (span_is_nocase(name, algorithms[i].name)) {
			*is_sess = sess;
			return i;
		}
	*is_sess = false;
	return SIP_DIGEST_UNKNOWN;
}

const char *sip_digest_name(enum sip_digest_algorithm algorithm)
{
	return algorithms[algorithm].name;
}

size_t sip_digest_hex_size(enum sip_digest_algorithm algorithm)
{
	return 2 * hash_size(algorithms[algorithm].hash);
}

/* H of the parts with a colon between each, as hex. */
static void hash_joined(char out[SIP_DIGEST_HEX_MAX],
	enum sip_digest_algorithm algorithm, const struct span *parts,
	size_t count)
{
	struct span joined[16];
	unsigned char raw[HASH_MAX];
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		if (i)
			joined[n++] = SPAN(":");
		joined[n++] = parts[i];
	}
	hash_parts(algorithms[algorithm].hash, joined, n, raw);
	size_t size = hash_size(algorithms[algorithm].hash);
	for (size_t i = 0; i < size; i++)
		snprintf(out + 2 * i, 3, "%02x", raw[i]);
	mem_wipe(raw, sizeof(raw));
}

void sip_digest_ha1(char out[SIP_DIGEST_HEX_MAX],
	enum sip_digest_algorithm algorithm, struct span user,
	struct span realm, struct span password)
{
	const struct span parts[] = { user, realm, password };
	hash_joined(out, algorithm, parts, 3);
}

void sip_digest_userhash(char out[SIP_DIGEST_HEX_MAX],
	enum sip_digest_algorithm algorithm, struct span user,
	struct span realm)
{
	const struct span parts[] = { user, realm };
	hash_joined(out, algorithm, parts, 2);
}

/* ---- the secret ------------------------------------------------------------------ */

static bool is_ha1(struct span s, enum sip_digest_algorithm algorithm)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
			    (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n == sip_digest_hex_size(algorithm);
}

bool sip_digest_has_secret(const struct sip_digest_login *login,
	enum sip_digest_algorithm algorithm, struct span realm)
{
	if (algorithm == SIP_DIGEST_UNKNOWN)
		return false;
	if (login->password.p)
		return true;
	return is_ha1(login->ha1[algorithm], algorithm) &&
	       (login->ha1_realm.n == 0 || span_equal(login->ha1_realm, realm));
}

static void make_ha1(char out[SIP_DIGEST_HEX_MAX],
	const struct sip_digest_parts *p, const struct sip_digest_login *login)
{
	if (login->password.p)
		sip_digest_ha1(out, p->algorithm, login->user, p->realm,
			login->password);
	else
		span_copy(out, SIP_DIGEST_HEX_MAX, login->ha1[p->algorithm]);
	if (p->is_sess) {
		const struct span parts[] = { span_of(out), p->nonce,
			p->cnonce };
		hash_joined(out, p->algorithm, parts, 3);
	}
}

static void make_ha2(
	char out[SIP_DIGEST_HEX_MAX], const struct sip_digest_parts *p)
{
	char body[SIP_DIGEST_HEX_MAX];
	struct span parts[3] = { p->method, p->uri };
	size_t count = 2;
	if (p->qop == SIP_QOP_AUTH_INT) {
		hash_joined(body, p->algorithm, &p->body, 1);
		parts[count++] = span_of(body);
	}
	hash_joined(out, p->algorithm, parts, count);
}

bool sip_digest_response(char out[SIP_DIGEST_HEX_MAX],
	const struct sip_digest_parts *p, const struct sip_digest_login *login)
{
	char ha1[SIP_DIGEST_HEX_MAX], ha2[SIP_DIGEST_HEX_MAX], count[9];
	if (!sip_digest_has_secret(login, p->algorithm, p->realm))
		return false;
	make_ha1(ha1, p, login);
	make_ha2(ha2, p);
	snprintf(count, sizeof(count), "%08x", p->nonce_count);
	struct span parts[6] = { span_of(ha1), p->nonce };
	size_t n = 2;
	if (p->qop) {
		parts[n++] = span_of(count);
		parts[n++] = p->cnonce;
		parts[n++] = span_of(sip_digest_qop_name(p->qop));
	}
	parts[n++] = span_of(ha2);
	hash_joined(out, p->algorithm, parts, n);
	mem_wipe(ha1, sizeof(ha1));
	return true;
}

bool sip_digest_response_of(char out[SIP_DIGEST_HEX_MAX],
	const struct sip_credentials *c, const struct sip_digest_login *login,
	struct span method, struct span body)
{
	const struct sip_digest_parts parts = {
		.algorithm = c->algorithm,
		.is_sess = c->is_sess,
		.realm = c->realm,
		.nonce = c->nonce,
		.cnonce = c->cnonce,
		.method = method,
		.uri = c->uri,
		.body = body,
		.qop = c->qop,
		.nonce_count = c->nonce_count,
	};
	return sip_digest_response(out, &parts, login);
}

bool sip_digest_is_response(struct span given, const char *response)
{
	char got[SIP_DIGEST_HEX_MAX];
	if (given.n != strlen(response) || !span_copy(got, sizeof(got), given))
		return false;
	for (char *at = got; *at; at++) /* LHEX, but upper case is known */
		*at |= *at >= 'A' && *at <= 'F' ? 0x20 : 0;
	return hash_equal(response, got, given.n);
}

bool sip_digest_is_plain(struct span quoted, struct span plain)
{
	size_t i = 0, j = 0;
	for (; i < quoted.n && j < plain.n; i++, j++) {
		if (quoted.p[i] == '\\' && i + 1 < quoted.n)
			i++;
		if (quoted.p[i] != plain.p[j])
			return false;
	}
	return i == quoted.n && j == plain.n;
}

/* ---- the syntax ------------------------------------------------------------------- */

bool sip_auth_scheme(struct span *rest, const char *scheme)
{
	struct span s = span_trim(*rest);
	size_t n = strlen(scheme);
	if (!span_starts_nocase(s, scheme) || s.n == n)
		return false;
	struct span behind = span_trim(span_skip(s, n));
	if (behind.n == s.n - n) /* a longer word */
		return false;
	*rest = behind;
	return true;
}

bool sip_auth_param_next(struct span *rest, struct sip_param *param,
	struct sip_names *names, bool *malformed)
{
	struct span item;
	do { /* empty elements are no harm: RFC 9110 section 5.6.1 */
		if (!sip_value_next(rest, &item)) {
			*malformed = rest->p != NULL;
			return false;
		}
	} while (item.n == 0);
	struct span value = item;
	param->has_value = span_cut(&value, '=', &param->name);
	param->name = span_trim(param->name);
	param->value = span_trim(value);
	*malformed =
		!param->has_value || !sip_is_token(param->name) ||
		!(sip_is_token(param->value) || sip_is_quoted(param->value)) ||
		!sip_names_add(names, param->name);
	return !*malformed;
}

/* nc-value = 8LHEX; upper case does no harm */
bool sip_digest_count(struct span s, uint32_t *count)
{
	uint32_t value = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool digit = c >= '0' && c <= '9';
		if (!digit && !((c | 0x20) >= 'a' && (c | 0x20) <= 'f'))
			return false;
		value = value << 4 |
			(digit ? (uint32_t)(c - '0')
			       : (uint32_t)((c | 0x20) - 'a' + 10));
	}
	*count = value;
	return s.n == 8;
}

unsigned sip_digest_qop(struct span list)
{
	unsigned qop = 0;
	struct span item, rest = list;
	while (sip_value_next(&rest, &item))
		if (span_is_nocase(item, "auth"))
			qop |= SIP_QOP_AUTH;
		else if (span_is_nocase(item, "auth-int"))
			qop |= SIP_QOP_AUTH_INT;
	return qop;
}

const char *sip_digest_qop_name(unsigned qop)
{
	return qop == SIP_QOP_AUTH_INT ? "auth-int" : "auth";
}

void sip_auth_add(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, ", %s=\"", name);
	buf_span(out, value);
	buf_char(out, '"');
}
