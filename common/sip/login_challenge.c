/* A 401 or 407: every realm of it that we have a secret for gets its answer
 * with the next try (RFC 3261 sections 22.2 and 22.3). */
#include "sip/login_private.h"

static const enum sip_hdr kinds[] = { SIP_HDR_PROXY_AUTHENTICATE,
	SIP_HDR_WWW_AUTHENTICATE };
#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* Once for each request, secret and kind, and again while the nonce alone was
 * wrong. */
static bool may_retry(struct sip_login_tries *tries, size_t kind, size_t secret,
	const struct sip_challenge *c, const struct space *space, struct err *e)
{
	unsigned bit = 1u << secret;
	struct sip_challenge last;

	if (!(tries->answered[kind] & bit)) {
		tries->answered[kind] |= bit;
		return true;
	}
	if (!c->is_stale || !space || !sip_space_read(&last, space) ||
		span_equal(last.nonce, c->nonce))
		return err_set(e, STATUS_AUTH,
			"the user or the password is not accepted");
	if (tries->stale++ >= SIP_LOGIN_STALE_MAX)
		return err_set(e, STATUS_AUTH,
			"it calls every nonce stale that it gave");
	return true;
}

/* One kind of challenge: how many more answers the next try can have. */
static unsigned answer_kind(struct sip_login *l, struct sip_login_tries *tries,
	size_t kind, struct span host, const struct sip_scan *response,
	struct err *e)
{
	unsigned fresh = 0, tried = 0;
	struct sip_challenge c;

	for (size_t i = 0; i < l->secret_count; i++) {
		if (!sip_login_choose(&c, l, i, kinds[kind], host, response))
			continue;
		tried++;
		struct space *space = sip_space_find(l, kinds[kind], host, i);
		if (may_retry(tries, kind, i, &c, space, e)) {
			sip_space_keep(l, kinds[kind], host, i, &c, response);
			fresh++;
		} else if (space) {
			space->is_rejected = true;
		}
	}
	if (!tried)
		sip_login_explain(l, kinds[kind], host, response, e);
	return fresh;
}

static bool has_secret(const struct sip_login *l)
{
	const struct sip_digest_login *first = &l->secrets[0].as;
	bool found = first->password.p || l->secret_count > 1;

	for (unsigned i = 0; i < SIP_DIGEST_COUNT; i++)
		found |= first->ha1[i].n > 0;
	return found;
}

/* What its status code asks for must be there; what the other field asks for
 * besides comes from a request that was forked. */
static bool is_asked(const struct sip_scan *response, enum sip_hdr kind)
{
	enum sip_hdr wanted = response->status_code == 407
				      ? SIP_HDR_PROXY_AUTHENTICATE
				      : SIP_HDR_WWW_AUTHENTICATE;

	return kind == wanted || sip_scan_find(response, kind);
}

bool sip_login_challenged(struct sip_login *l, struct sip_login_tries *tries,
	const struct sip_scan *request, const struct sip_scan *response,
	const struct sip_login_way *way, struct err *e)
{
	unsigned fresh = 0, allowed = 0;

	if (!has_secret(l))
		return err_set(e, STATUS_AUTH,
			"it asks for a password, and there is none");
	for (size_t i = 0; i < KINDS; i++) {
		if (!is_asked(response, kinds[i]) ||
			!sip_login_may_answer(l, kinds[i], request, way))
			continue;
		allowed++;
		fresh += answer_kind(l, tries, i,
			sip_space_host(kinds[i], request, way), response, e);
	}
	if (!allowed)
		return err_set(e, STATUS_AUTH,
			"it asks for a password, but is no server of this "
			"account: it gets none");
	if (!fresh)
		return false;
	if (tries->rounds++ >= SIP_LOGIN_ROUNDS_MAX)
		return err_set(e, STATUS_AUTH,
			"it asks again and again, each time for another "
			"password");
	struct server *server = sip_login_find_server(l, way->next_hop);
	if (way->remote && !server->address.len)
		server->address = *way->remote;
	if (e)
		*e = ERR_NONE;
	return true;
}
