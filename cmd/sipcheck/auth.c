/* Who may register: schemes and algorithms of the challenge (RFC 8760). */
#include "sipcheck.h"

#include "base/mem.h"
#include "sip/digest.h"

/* The best of all that is offered. */
struct offer {
	enum sip_digest_algorithm best;
	bool has_other, has_qop;
};

static void take_challenge(
	struct sipcheck *c, struct span value, struct offer *offer)
{
	struct sip_challenge challenge;
	struct err e;

	if (!sip_challenge_parse(&challenge, value, &e)) {
		offer->has_other = true;
		finding_add(&c->findings, FINDING_WARNING, "auth",
			span_starts_nocase(value, "Basic")
				? "Basic shows the password; RFC 3261 section "
				  "22 forbids it"
				: NULL,
			"a challenge is none of Digest: %s", e.text);
		return;
	}
	finding_add(&c->findings, FINDING_NOTE, "auth", NULL,
		"it asks for Digest with %s, qop %s, in the realm \"%.*s\"",
		sip_digest_name(challenge.algorithm),
		!challenge.has_qop ? "none"
		: challenge.qop == (SIP_QOP_AUTH | SIP_QOP_AUTH_INT)
			? "auth and auth-int"
		: challenge.qop == SIP_QOP_AUTH_INT ? "auth-int"
						    : "auth",
		SPAN_ARGS(challenge.realm));
	if (challenge.algorithm > offer->best)
		offer->best = challenge.algorithm;
	offer->has_qop = offer->has_qop || challenge.has_qop;
}

static void judge_challenges(
	struct sipcheck *c, const struct sip_scan *m, enum sip_hdr kind)
{
	struct offer offer = { .best = SIP_DIGEST_UNKNOWN };

	/* Commas separate parameters as well, so each line is one. */
	for (const struct sip_field *f = sip_scan_find(m, kind); f;
		f = sip_scan_next(m, f))
		take_challenge(c, f->value, &offer);
	if (offer.best == SIP_DIGEST_MD5)
		finding_add(&c->findings, FINDING_WARNING, "auth",
			"offer SHA-256 as well (RFC 8760)",
			"MD5 is the best it can do");
	else if (offer.best == SIP_DIGEST_UNKNOWN)
		finding_add(&c->findings, FINDING_ERROR, "auth",
			"offer Digest with SHA-256, and MD5 for old clients",
			"nothing it asks for can be answered");
	else
		finding_add(&c->findings, FINDING_OK, "auth", NULL,
			"it takes %s", sip_digest_name(offer.best));
	if (offer.best != SIP_DIGEST_UNKNOWN && !offer.has_qop)
		finding_add(&c->findings, FINDING_WARNING, "auth",
			"with qop=\"auth\" an answer cannot be used again "
			"(RFC 7616)",
			"no challenge has a qop");
}

static void judge(struct sipcheck *c, const struct ask *a)
{
	struct sip_scan *m = mem_alloc(sizeof(*m));

	sip_scan(m, span_of(a->text));
	if (a->code == 401)
		judge_challenges(c, m, SIP_HDR_WWW_AUTHENTICATE);
	else if (a->code == 407)
		judge_challenges(c, m, SIP_HDR_PROXY_AUTHENTICATE);
	else if (a->code < 300)
		finding_add(&c->findings, FINDING_WARNING, "auth",
			"ask for a password (RFC 3261 section 22)",
			"anybody may ask who is registered: REGISTER is "
			"answered with %u",
			a->code);
	else
		finding_add(&c->findings, FINDING_NOTE, "auth", NULL,
			"REGISTER is answered with %u %.*s: no registrar for "
			"us",
			a->code, SPAN_ARGS(m->reason));
	mem_free(m);
}

/* A REGISTER without a Contact only asks (RFC 3261 section 10.2.3). */
void check_auth(struct sipcheck *c)
{
	size_t i = 0;
	struct ask a;

	while (i < c->place_count && !c->places[i].is_answering)
		i++;
	if (i == c->place_count)
		return;
	look_at(c, &c->places[i]);
	ask_start(&a, c, &c->places[i].target, "REGISTER");
	wait_until(c, ask_is_over, &a);
	if (a.code)
		judge(c, &a);
	else if (a.is_over)
		finding_add(&c->findings, FINDING_WARNING, "auth",
			"what is not served is answered with 405 or 501",
			"REGISTER is not answered: %s", a.e.text);
	ask_clear(&a);
	look_at(c, NULL);
}
