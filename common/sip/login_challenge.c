/* A 401 or 407, and what is said of the nonce in other responses. */
#include "base/mem.h"
#include "base/utf8.h"
#include "sip/digest_hash.h"
#include "sip/login_impl.h"

#define REALM_SHOWN 128 /* bytes of it in a sentence */

/* ---- a 401 or 407 ------------------------------------------------------------------ */

/* Once for each request, and again while the nonce alone was wrong. */
static bool may_retry(struct sip_login_tries *tries, enum sip_hdr kind,
	const struct sip_challenge *c, const struct space *space, struct err *e)
{
	bool *answered = kind == SIP_HDR_PROXY_AUTHENTICATE ? &tries->proxy
							    : &tries->www;
	struct sip_challenge last;

	if (!*answered) {
		*answered = true;
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

static bool has_secret(const struct sip_login *l)
{
	bool found = l->secret.password.p != NULL;

	for (unsigned i = 0; i < SIP_DIGEST_COUNT; i++)
		found |= l->ha1[i] != NULL;
	return found;
}

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

/* The challenge of the realm this server is held to. */
static bool choose(struct sip_challenge *c, const struct sip_login *l,
	const struct space *space, const struct sip_scan *response,
	enum sip_hdr kind, struct err *e)
{
	struct sip_digest_login secret = l->secret;
	struct sip_challenge first;
	char *bound = NULL, printable[REALM_SHOWN];

	if (!secret.realm.n && space && sip_space_read(&first, space)) {
		bound = unescape(first.realm);
		secret.realm = span_of(bound);
	}
	bool found =
		sip_challenge_choose(c, response, kind, &secret, l->topmost, e);
	if (!found && secret.realm.n) {
		utf8_printable_to(printable, sizeof(printable), secret.realm);
		err_set(e, STATUS_AUTH,
			"none of its challenges is of the realm \"%s\" and "
			"can be answered",
			printable);
	}
	mem_free(bound);
	return found;
}

bool sip_login_challenged(struct sip_login *l, struct sip_login_tries *tries,
	const struct sip_scan *request, const struct sip_scan *response,
	const struct sip_login_way *way, struct err *e)
{
	enum sip_hdr kind = response->status_code == 407
				    ? SIP_HDR_PROXY_AUTHENTICATE
				    : SIP_HDR_WWW_AUTHENTICATE;
	struct space *space = sip_space_find(l, kind, request, way);
	struct sip_challenge c;

	if (!has_secret(l))
		return err_set(e, STATUS_AUTH,
			"it asks for a password, and there is none");
	if (!sip_login_may_answer(l, kind, request, way))
		return err_set(e, STATUS_AUTH,
			"it asks for a password, but is no server of this "
			"account: it gets none");
	if (!choose(&c, l, space, response, kind, e) ||
		!may_retry(tries, kind, &c, space, e))
		return false;
	struct server *server = sip_login_find_server(l, way->next_hop);
	if (way->remote && !server->address.len)
		server->address = *way->remote;
	sip_space_keep(l, space, kind, &c, request, response, way);
	return true;
}

/* ---- other responses ----------------------------------------------------------------- */

void sip_login_learn(struct sip_login *l, const struct sip_scan *request,
	const struct sip_scan *response, const struct sip_login_way *way)
{
	struct span rest =
		sip_scan_value(response, SIP_HDR_AUTHENTICATION_INFO);
	struct space *space =
		sip_space_find(l, SIP_HDR_WWW_AUTHENTICATE, request, way);
	struct sip_names names = { 0 };
	struct sip_param p;
	bool malformed;

	if (!rest.n || !space ||
		!sip_login_may_answer(
			l, SIP_HDR_WWW_AUTHENTICATE, request, way))
		return;
	while (sip_auth_param_next(&rest, &p, &names, &malformed)) {
		if (!span_is_nocase(p.name, "nextnonce"))
			continue;
		mem_free(space->next_nonce);
		space->next_nonce = span_dup(sip_unquote(p.value));
		space->nonce_count = 0;
	}
}
