#include "sip/digest.h"

#include <string.h>

#include "sip/digest_hash.h"
#include "sip/header.h"

static bool refuse(struct err *e, const char *why)
{
	return err_set(e, STATUS_MALFORMED, "digest %s", why);
}

/* ---- challenges --------------------------------------------------------------- */

static void set_challenge(struct sip_challenge *c, const struct sip_param *p)
{
	struct span value = sip_unquote(p->value);
	if (span_is_nocase(p->name, "realm"))
		c->realm = value;
	else if (span_is_nocase(p->name, "nonce"))
		c->nonce = value;
	else if (span_is_nocase(p->name, "domain"))
		c->domain = value;
	else if (span_is_nocase(p->name, "stale"))
		c->is_stale = span_is_nocase(value, "true");
	else if (span_is_nocase(p->name, "userhash"))
		c->userhash = span_is_nocase(value, "true");
	else if (span_is_nocase(p->name, "opaque")) {
		c->has_opaque = true;
		c->opaque = value;
	} else if (span_is_nocase(p->name, "algorithm")) {
		c->algorithm_text = value;
		c->algorithm = sip_digest_find(value, &c->is_sess);
	} else if (span_is_nocase(p->name, "qop")) {
		c->has_qop = true;
		c->qop = sip_digest_qop(value);
	}
}

bool sip_challenge_parse(
	struct sip_challenge *c, struct span value, struct err *e)
{
	struct sip_challenge got = { .algorithm = SIP_DIGEST_MD5 };
	struct sip_names names = { 0 };
	struct sip_param p;
	bool malformed, has_realm = false, has_nonce = false;
	if (!sip_auth_scheme(&value, "Digest"))
		return err_set(e, STATUS_MALFORMED,
			"not a digest challenge: that scheme is not known");
	while (sip_auth_param_next(&value, &p, &names, &malformed)) {
		has_realm |= span_is_nocase(p.name, "realm");
		has_nonce |= span_is_nocase(p.name, "nonce");
		set_challenge(&got, &p);
	}
	if (malformed)
		return refuse(e, "challenge has a malformed parameter");
	if (!has_realm || !has_nonce)
		return refuse(e, "challenge has no realm or no nonce");
	*c = got;
	return true;
}

static bool can_answer(
	const struct sip_challenge *c, const struct sip_digest_login *login)
{
	return (!c->has_qop || c->qop) &&
	       (!login->realm.n ||
		       sip_digest_is_plain(c->realm, login->realm)) &&
	       sip_digest_has_secret(login, c->algorithm, c->realm);
}

bool sip_challenge_choose(struct sip_challenge *best,
	const struct sip_scan *response, enum sip_hdr kind,
	const struct sip_digest_login *login, bool topmost, struct err *e)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_challenge c, found = { .algorithm = SIP_DIGEST_UNKNOWN };
	unsigned seen = 0;
	while (sip_scan_values(response, kind, &at)) {
		seen++;
		if (!sip_challenge_parse(&c, at.value, NULL) ||
			!can_answer(&c, login) ||
			c.algorithm <= found.algorithm)
			continue;
		found = c;
		if (topmost)
			break;
	}
	if (found.algorithm == SIP_DIGEST_UNKNOWN)
		return err_set(e, STATUS_AUTH,
			seen ? "none of the %u challenges can be answered"
			     : "asks for authentication without a challenge",
			seen);
	*best = found;
	return true;
}

/* ---- the answer -------------------------------------------------------------------- */

static unsigned choose_qop(const struct sip_challenge *c, bool prefer_auth_int)
{
	bool both = c->qop == (SIP_QOP_AUTH | SIP_QOP_AUTH_INT);
	if (both)
		return prefer_auth_int ? SIP_QOP_AUTH_INT : SIP_QOP_AUTH;
	return c->qop;
}

static void add_user(
	struct buf *out, const struct sip_challenge *c, struct span user)
{
	char hashed[SIP_DIGEST_HEX_MAX];
	buf_str(out, "Digest username=");
	if (c->userhash) {
		sip_digest_userhash(hashed, c->algorithm, user, c->realm);
		user = span_of(hashed);
	}
	sip_quote(out, user);
}

bool sip_digest_answer(struct buf *out, const struct sip_challenge *c,
	const struct sip_digest_login *login,
	const struct sip_digest_request *request, struct err *e)
{
	char response[SIP_DIGEST_HEX_MAX];
	struct sip_digest_parts parts = {
		.algorithm = c->algorithm,
		.is_sess = c->is_sess,
		.realm = c->realm,
		.nonce = c->nonce,
		.cnonce = request->cnonce,
		.method = request->method,
		.uri = request->uri,
		.body = request->body,
		.qop = choose_qop(c, request->prefer_auth_int),
		.nonce_count = request->nonce_count,
	};
	if (!can_answer(c, login) ||
		!sip_digest_response(response, &parts, login))
		return err_set(e, STATUS_AUTH,
			"no password or HA1 fits the challenge");
	add_user(out, c, login->user);
	sip_auth_add(out, "realm", c->realm);
	sip_auth_add(out, "nonce", c->nonce);
	sip_auth_add(out, "uri", request->uri);
	sip_auth_add(out, "response", span_of(response));
	if (c->algorithm_text.n) {
		buf_str(out, ", algorithm=");
		buf_span(out, c->algorithm_text);
	}
	if (parts.qop || c->is_sess)
		sip_auth_add(out, "cnonce", request->cnonce);
	if (c->has_opaque)
		sip_auth_add(out, "opaque", c->opaque);
	if (parts.qop)
		buf_printf(out, ", qop=%s, nc=%08x",
			sip_digest_qop_name(parts.qop), request->nonce_count);
	if (c->userhash)
		buf_str(out, ", userhash=true");
	return !out->failed ||
	       err_set(e, STATUS_MALFORMED,
		       "user name cannot be part of a header field");
}
