/* What a server says when it has taken an answer: RFC 7616 section 3.5. */
#include "base/mem.h"
#include "sip/digest_hash.h"
#include "sip/login_private.h"

/* The two fields, and those of the request that they are about. */
static const struct {
	enum sip_hdr challenge, answer, info;
} kinds[] = {
	{ SIP_HDR_PROXY_AUTHENTICATE, SIP_HDR_PROXY_AUTHORIZATION,
		SIP_HDR_PROXY_AUTHENTICATION_INFO },
	{ SIP_HDR_WWW_AUTHENTICATE, SIP_HDR_AUTHORIZATION,
		SIP_HDR_AUTHENTICATION_INFO },
};

/* One of them, and which of the answers it is about. */
struct learning {
	struct sip_login *l;
	struct sip_auth_info info;
	struct span body;
	unsigned sent;       /* answers of its kind */
	unsigned candidates; /* those it can be about */
	struct space *about;
	bool is_proven;
};

/* The challenge that these credentials were for. */
static struct space *find_space(const struct sip_login *l, enum sip_hdr kind,
	struct span host, const struct sip_credentials *sent)
{
	struct sip_challenge c;

	for (size_t i = 0; i < l->secret_count; i++) {
		struct space *space = sip_space_find(l, kind, host, i);
		if (space && sip_space_read(&c, space) &&
			span_equal(c.realm, sent->realm))
			return space;
	}
	return NULL;
}

/* It names no realm: with several answers its cnonce tells whose it is, or
 * else its proof. */
static void compare(struct learning *at, struct space *space,
	const struct sip_credentials *sent)
{
	at->sent++;
	if (at->is_proven || !sip_auth_info_is_of(&at->info, sent))
		return;
	at->candidates++;
	at->about = space;
	at->is_proven = sip_auth_info_verify(
		&at->info, sent, &at->l->secrets[space->secret].as, at->body);
}

static void take_nonce(const struct learning *at)
{
	if (!at->info.next_nonce.n ||
		!(at->is_proven ||
			(at->candidates == 1 && !at->info.has_rspauth)))
		return;
	mem_free(at->about->next_nonce);
	at->about->next_nonce = span_dup(at->info.next_nonce);
	at->about->nonce_count = 0;
}

/* False: it proves the contrary. */
static bool learn_one(struct learning *at, size_t kind, struct span host,
	const struct sip_scan *request)
{
	struct sip_values values = SIP_VALUES_INIT;
	struct sip_credentials sent;

	while (sip_scan_values(request, kinds[kind].answer, &values)) {
		if (!sip_credentials_parse(&sent, values.value, NULL))
			continue;
		struct space *space =
			find_space(at->l, kinds[kind].challenge, host, &sent);
		if (space)
			compare(at, space, &sent);
	}
	take_nonce(at);
	return at->is_proven || !at->info.has_rspauth || !at->sent;
}

bool sip_login_is_concerned(const struct sip_scan *response)
{
	return response->status_code == 401 || response->status_code == 407 ||
	       sip_scan_find(response, SIP_HDR_AUTHENTICATION_INFO) ||
	       sip_scan_find(response, SIP_HDR_PROXY_AUTHENTICATION_INFO);
}

bool sip_login_learn(struct sip_login *l, const struct sip_scan *request,
	const struct sip_scan *response, const struct sip_login_way *way,
	struct err *e)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct sip_values at = SIP_VALUES_INIT;
		if (!sip_scan_find(response, kinds[i].info) ||
			!sip_login_may_answer(
				l, kinds[i].challenge, request, way))
			continue;
		struct span host =
			sip_space_host(kinds[i].challenge, request, way);
		while (sip_scan_values(response, kinds[i].info, &at)) {
			struct learning one = { .l = l,
				.body = response->body };
			if (sip_auth_info_parse(&one.info, at.value, NULL))
				good &= learn_one(&one, i, host, request);
		}
	}
	if (good)
		return true;
	err_set(e, STATUS_AUTH,
		"its answer is not to be trusted: what it says to prove that "
		"it knows the password (rspauth) is wrong");
	if (e)
		err_condition(e, "not-proven", false);
	return false;
}
