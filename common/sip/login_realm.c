/* In which realm a secret is shown, and which challenge of it is answered
 * (RFC 3261 section 22.3, RFC 8760 section 2.4). */
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "sip/digest_hash.h"
#include "sip/login_private.h"
#include "sip/uri.h"

#define REALM_SHOWN 128 /* bytes of it in a sentence */

/* A quoted realm as people write it. */
static char *unescape(struct span quoted)
{
	char *plain = mem_alloc(quoted.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < quoted.n; i++) {
		if (quoted.p[i] == '\\' && i + 1 < quoted.n)
			i++;
		plain[n++] = quoted.p[i];
	}
	return plain;
}

/* The one that it is told, or that this server has asked for first; NULL: it
 * is not held to any yet. */
static char *realm_of(const struct sip_login *l, size_t secret,
	enum sip_hdr kind, struct span host)
{
	const struct space *space = sip_space_find(l, kind, host, secret);
	struct sip_challenge first;

	if (l->secrets[secret].as.realm.n)
		return span_dup(l->secrets[secret].as.realm);
	return space && sip_space_read(&first, space) ? unescape(first.realm)
						      : NULL;
}

static bool is_of_another(
	const struct sip_login *l, size_t secret, struct span quoted)
{
	for (size_t i = 0; i < l->secret_count; i++)
		if (i != secret && l->secrets[i].as.realm.n &&
			sip_digest_is_plain(quoted, l->secrets[i].as.realm))
			return true;
	return false;
}

/* 22.1: a realm should be a host or domain.  One that is a server of ours
 * comes before all: behind our proxy anybody may ask. */
static bool is_ours(const struct sip_login *l, struct span quoted)
{
	struct buf uri = BUF_INIT(SIP_URI_MAX);
	bool ours;

	buf_str(&uri, "sip:");
	buf_span(&uri, quoted);
	ours = !uri.failed && sip_login_find_server(l, buf_view(&uri));
	buf_clear(&uri);
	return ours;
}

static bool choose_in(struct sip_challenge *c, const struct sip_login *l,
	size_t secret, enum sip_hdr kind, struct span realm,
	const struct sip_scan *response)
{
	struct sip_digest_login in = l->secrets[secret].as;

	in.realm = realm;
	return sip_challenge_choose(c, response, kind, &in, l->topmost, NULL);
}

/* What a secret that is held to no realm yet is shown: one realm of those that
 * no other secret is for. */
static bool choose_first(struct sip_challenge *best, const struct sip_login *l,
	size_t secret, enum sip_hdr kind, const struct sip_scan *response)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_challenge seen, c;
	bool found = false, best_ours = false;

	while (sip_scan_values(response, kind, &at)) {
		if (!sip_challenge_parse(&seen, at.value, NULL) ||
			is_of_another(l, secret, seen.realm))
			continue;
		char *realm = unescape(seen.realm);
		bool good = choose_in(
			&c, l, secret, kind, span_of(realm), response);
		mem_free(realm);
		if (!good)
			continue;
		bool ours = is_ours(l, c.realm);
		bool better = !found || (ours && !best_ours) ||
			      (ours == best_ours && !l->topmost &&
				      c.algorithm > best->algorithm);
		if (!better)
			continue;
		*best = c;
		best_ours = ours;
		found = true;
	}
	return found;
}

bool sip_login_choose(struct sip_challenge *c, const struct sip_login *l,
	size_t secret, enum sip_hdr kind, struct span host,
	const struct sip_scan *response)
{
	char *realm = realm_of(l, secret, kind, host);
	bool found = realm && *realm
			     ? choose_in(c, l, secret, kind, span_of(realm),
				       response)
			     : choose_first(c, l, secret, kind, response);

	mem_free(realm);
	return found;
}

/* ---- why not ---------------------------------------------------------------------- */

/* Section 22.1: a person should be told the realm that nothing is known for. */
bool sip_login_explain(const struct sip_login *l, enum sip_hdr kind,
	struct span host, const struct sip_scan *response, struct err *e)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_challenge c;
	char asked[REALM_SHOWN], ours[REALM_SHOWN];
	unsigned seen = 0;

	while (sip_scan_values(response, kind, &at)) {
		seen++;
		if (sip_challenge_parse(&c, at.value, NULL))
			break;
	}
	if (!seen)
		return err_set(e, STATUS_AUTH,
			"asks for authentication without a challenge");
	if (!at.value.p || !sip_challenge_parse(&c, at.value, NULL))
		return err_set(
			e, STATUS_AUTH, "none of its challenges is a digest");
	utf8_printable_to(asked, sizeof(asked), c.realm);
	char *realm = realm_of(l, 0, kind, host);
	bool differs = realm && *realm &&
		       !sip_digest_is_plain(c.realm, span_of(realm));
	utf8_printable_to(ours, sizeof(ours), span_of(realm));
	mem_free(realm);
	if (differs)
		return err_set(e, STATUS_AUTH,
			"it asks in the realm \"%s\", and the password is for "
			"the realm \"%s\"",
			asked, ours);
	return err_set(e, STATUS_AUTH,
		"no password or HA1 fits a challenge of the realm \"%s\"",
		asked);
}
