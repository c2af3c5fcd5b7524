/* The server's side of digest: challenges made, answers verified. */
#include <string.h>

#include "sip/digest_hash.h"
#include "sip/header.h"

bool sip_digest_challenge(struct buf *out, const struct sip_digest_offer *o)
{
	if (o->algorithm == SIP_DIGEST_UNKNOWN) {
		out->failed = true;
		return false;
	}
	buf_str(out, "Digest realm=");
	sip_quote(out, o->realm);
	buf_str(out, ", nonce=");
	sip_quote(out, o->nonce);
	if (o->opaque.n) {
		buf_str(out, ", opaque=");
		sip_quote(out, o->opaque);
	}
	if (o->is_stale)
		buf_str(out, ", stale=true");
	buf_printf(out, ", algorithm=%s%s", sip_digest_name(o->algorithm),
		o->is_sess ? "-sess" : "");
	if (o->qop)
		buf_printf(out, ", qop=\"%s%s%s\"",
			o->qop & SIP_QOP_AUTH ? "auth" : "",
			o->qop == (SIP_QOP_AUTH | SIP_QOP_AUTH_INT) ? "," : "",
			o->qop & SIP_QOP_AUTH_INT ? "auth-int" : "");
	if (o->userhash)
		buf_str(out, ", userhash=true");
	return !out->failed;
}

/* ---- credentials -------------------------------------------------------------------- */

/* What must be there, and what only one value can be. */
struct seen {
	bool user, realm, nonce, uri, response, nc, cnonce, qop;
};

static bool set_qop(struct sip_credentials *c, struct span value)
{
	c->qop = sip_digest_qop(value);
	return c->qop == SIP_QOP_AUTH || c->qop == SIP_QOP_AUTH_INT;
}

static bool set_credential(
	struct sip_credentials *c, struct seen *seen, const struct sip_param *p)
{
	struct span value = sip_unquote(p->value);
	if (span_is_nocase(p->name, "username"))
		c->user = value, seen->user = true;
	else if (span_is_nocase(p->name, "realm"))
		c->realm = value, seen->realm = true;
	else if (span_is_nocase(p->name, "nonce"))
		c->nonce = value, seen->nonce = true;
	else if (span_is_nocase(p->name, "uri"))
		c->uri = value, seen->uri = true;
	else if (span_is_nocase(p->name, "response"))
		c->response = value, seen->response = true;
	else if (span_is_nocase(p->name, "cnonce"))
		c->cnonce = value, seen->cnonce = true;
	else if (span_is_nocase(p->name, "opaque"))
		c->opaque = value;
	else if (span_is_nocase(p->name, "userhash"))
		c->userhash = span_is_nocase(value, "true");
	else if (span_is_nocase(p->name, "algorithm"))
		c->algorithm = sip_digest_find(value, &c->is_sess);
	else if (span_is_nocase(p->name, "qop"))
		return seen->qop = set_qop(c, value);
	else if (span_is_nocase(p->name, "nc"))
		return seen->nc = sip_digest_count(value, &c->nonce_count);
	return true;
}

bool sip_credentials_parse(
	struct sip_credentials *c, struct span value, struct err *e)
{
	struct sip_credentials got = { .algorithm = SIP_DIGEST_MD5 };
	struct sip_names names = { 0 };
	struct seen seen = { false };
	struct sip_param p;
	bool malformed, ok = true;
	if (!sip_auth_scheme(&value, "Digest"))
		return err_set(e, STATUS_MALFORMED,
			"not digest credentials: that scheme is not known");
	while (ok && sip_auth_param_next(&value, &p, &names, &malformed))
		ok = set_credential(&got, &seen, &p);
	if (!ok || malformed)
		return err_set(e, STATUS_MALFORMED,
			"digest credentials have a malformed parameter");
	if (!seen.user || !seen.realm || !seen.nonce || !seen.uri ||
		!seen.response || (seen.qop && (!seen.nc || !seen.cnonce)) ||
		(got.is_sess && !seen.cnonce))
		return err_set(e, STATUS_MALFORMED,
			"digest credentials lack a parameter");
	*c = got;
	return true;
}

bool sip_digest_verify(const struct sip_credentials *c,
	const struct sip_digest_login *login, struct span method,
	struct span body)
{
	char want[SIP_DIGEST_HEX_MAX];
	return sip_digest_response_of(want, c, login, method, body) &&
	       sip_digest_is_response(c->response, want);
}

bool sip_digest_is_user(const struct sip_credentials *c, struct span user)
{
	char hashed[SIP_DIGEST_HEX_MAX];
	if (!c->userhash)
		return sip_digest_is_plain(c->user, user);
	if (c->algorithm == SIP_DIGEST_UNKNOWN)
		return false;
	sip_digest_userhash(hashed, c->algorithm, user, c->realm);
	return span_is_nocase(c->user, hashed);
}
