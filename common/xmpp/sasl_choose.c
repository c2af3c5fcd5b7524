#include "xmpp/sasl.h"

#include <string.h>

#include "base/utf8.h"

/* The strongest first. */
static const struct scram {
	const char *plain, *plus;
	enum hash hash;
	enum xmpp_sasl_strength strength;
} scrams[] = {
	{ "SCRAM-SHA-512", "SCRAM-SHA-512-PLUS", HASH_SHA512,
		XMPP_SASL_SHA512 },
	{ "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", HASH_SHA256,
		XMPP_SASL_SHA256 },
	{ "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", HASH_SHA1, XMPP_SASL_SHA1 },
};

#define SCRAM_COUNT (sizeof(scrams) / sizeof(scrams[0]))

bool xmpp_sasl_scram_of(struct span mechanism, enum hash *hash, bool *plus)
{
	for (size_t i = 0; i < SCRAM_COUNT; i++) {
		*plus = span_is(mechanism, scrams[i].plus);
		*hash = scrams[i].hash;
		if (*plus || span_is(mechanism, scrams[i].plain))
			return true;
	}
	return false;
}

/* Everything the choice depends on. */
struct question {
	const struct xmpp_sasl_offer *offer;
	const struct xmpp_sasl_policy *policy;
	bool can_bind;     /* we can do some type */
	bool plus_offered; /* the server has some -PLUS mechanism */
	bool scram_offered;
	const struct xmpp_sasl_binding *binding; /* both can do, or NULL */
};

static bool has(const struct span *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(list[i], name))
			return true;
	return false;
}

static bool offers(const struct xmpp_sasl_offer *offer, const char *mechanism)
{
	return has(offer->mechanisms, offer->mechanism_count, mechanism);
}

static bool lists(const struct xmpp_sasl_offer *offer, const char *type)
{
	return has(offer->bindings, offer->binding_count, type);
}

/* ---- channel binding ---- */

/* INTEROP: without a list (XEP-0440), what Prosody 0.12 offers -PLUS for is
 * the default of RFC 5802 section 6.1, tls-unique. */
static bool is_shared(const struct xmpp_sasl_offer *offer, const char *type)
{
	return offer->has_binding_list ? lists(offer, type)
				       : strcmp(type, "tls-unique") == 0;
}

static const struct xmpp_sasl_binding *find_shared(
	const struct xmpp_sasl_offer *offer,
	const struct xmpp_sasl_binding *bindings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_shared(offer, bindings[i].type))
			return &bindings[i];
	return NULL;
}

/* XEP-0440, rules 4 and 5: signs of somebody who takes lines away. */
static bool check_lists(const struct question *q, struct err *e)
{
	const struct xmpp_sasl_offer *offer = q->offer;
	if (!q->can_bind)
		return true;
	if (offer->is_sasl2 && q->plus_offered && !offer->binding_count)
		return err_set(e, STATUS_AUTH,
			"the server offers -PLUS mechanisms but lists no "
			"channel binding: somebody between may have taken the "
			"list away");
	if (offer->binding_count && q->scram_offered && !q->plus_offered)
		return err_set(e, STATUS_AUTH,
			"the server lists channel bindings but offers no -PLUS "
			"mechanism: somebody between may have taken them away");
	return true;
}

/* ---- SCRAM ---- */

static void choose_scram(struct xmpp_sasl_choice *choice,
	const struct question *q, const struct scram *scram, bool plus)
{
	*choice = (struct xmpp_sasl_choice){ .kind = XMPP_SASL_SCRAM,
		.mechanism = plus ? scram->plus : scram->plain,
		.strength = scram->strength,
		.hash = scram->hash,
		.need_hash = q->policy->pinned_hash };
	if (plus) {
		choice->flag = 'p';
		choice->binding = q->binding;
		return;
	}
	/* RFC 5802 section 6: y says that we can and the server cannot; where
	 * it can but not as we do, it would refuse a y. */
	choice->flag = q->can_bind && !q->plus_offered ? 'y' : 'n';
	/* XEP-0440 rule 6, as changed by XEP-0474: every server lists
	 * tls-server-end-point, so a list without it needs a proof. */
	if (q->can_bind && q->plus_offered && !q->binding &&
		q->offer->has_binding_list &&
		!lists(q->offer, "tls-server-end-point"))
		choice->need_hash = true;
}

static bool find_scram(struct xmpp_sasl_choice *choice,
	const struct question *q, enum xmpp_sasl_strength least, bool plus)
{
	for (size_t i = 0; i < SCRAM_COUNT && scrams[i].strength >= least;
		i++) {
		const char *name = plus ? scrams[i].plus : scrams[i].plain;
		if (!offers(q->offer, name))
			continue;
		choose_scram(choice, q, &scrams[i], plus);
		return true;
	}
	return false;
}

static const char *strength_name(enum xmpp_sasl_strength strength)
{
	for (size_t i = 0; i < SCRAM_COUNT; i++)
		if (scrams[i].strength == strength)
			return scrams[i].plain;
	return "PLAIN";
}

/* Binding is worth more than the hash: it is what shows somebody between. */
static bool try_scram(struct xmpp_sasl_choice *choice, const struct question *q,
	enum xmpp_sasl_strength least, bool need_binding)
{
	if (q->binding && find_scram(choice, q, least, true))
		return true;
	return !need_binding && find_scram(choice, q, least, false);
}

static bool choose_pinned(struct xmpp_sasl_choice *choice,
	const struct question *q, struct err *e)
{
	const struct xmpp_sasl_policy *policy = q->policy;
	if (try_scram(choice, q, policy->pinned, policy->pinned_binding))
		return true;
	if (policy->pinned_binding &&
		!try_scram(choice, q, XMPP_SASL_ANY, true))
		return err_set(e, STATUS_AUTH,
			"the server offers no channel binding, which it had "
			"before: somebody may be between; --unpin goes on "
			"without");
	try_scram(choice, q, XMPP_SASL_ANY, policy->pinned_binding);
	return err_set(e, STATUS_AUTH,
		"the server offers no better than %s, where it had %s before: "
		"somebody may be between; --unpin accepts it",
		choice->mechanism, strength_name(policy->pinned));
}

/* ---- the others ---- */

static bool choose_simple(struct xmpp_sasl_choice *choice,
	enum xmpp_sasl_kind kind, const char *mechanism)
{
	*choice = (struct xmpp_sasl_choice){ .kind = kind,
		.mechanism = mechanism };
	return true;
}

static bool nothing_fits(const struct question *q, struct err *e)
{
	struct buf names = BUF_INIT(ERR_TEXT_MAX / 2);
	char text[ERR_TEXT_MAX / 2];
	for (size_t i = 0; i < q->offer->mechanism_count; i++) {
		buf_str(&names, i ? " " : "");
		buf_span(&names, q->offer->mechanisms[i]);
	}
	utf8_printable_to(text, sizeof(text), buf_view(&names));
	buf_clear(&names);
	if (!q->offer->mechanism_count)
		return err_set(e, STATUS_AUTH,
			"the server offers no way to authenticate");
	return err_set(e, STATUS_AUTH,
		"the server offers no mechanism that we have, only: %s", text);
}

static bool choose_plain(struct xmpp_sasl_choice *choice,
	const struct question *q, struct err *e)
{
	const struct xmpp_sasl_policy *policy = q->policy;
	if (!offers(q->offer, "PLAIN"))
		return nothing_fits(q, e);
	if (policy->pinned || policy->pinned_binding || policy->pinned_hash)
		return err_set(e, STATUS_AUTH,
			"the server offers PLAIN only, which would show the "
			"password, where it had SCRAM before: somebody may be "
			"between; --unpin with --allow-plain shows it");
	if (!policy->allow_plain)
		return err_set(e, STATUS_AUTH,
			"the server offers PLAIN only, which shows it the "
			"password: --allow-plain permits that");
	if (!policy->tls_verified)
		return err_set(e, STATUS_AUTH,
			"the server offers PLAIN only, which needs TLS with a "
			"verified certificate");
	return choose_simple(choice, XMPP_SASL_PLAIN, "PLAIN");
}

static bool choose_anonymous(struct xmpp_sasl_choice *choice,
	const struct question *q, struct err *e)
{
	if (offers(q->offer, "ANONYMOUS"))
		return choose_simple(choice, XMPP_SASL_ANONYMOUS, "ANONYMOUS");
	return err_set(
		e, STATUS_AUTH, "the server lets nobody in without an account");
}

bool xmpp_sasl_choose(struct xmpp_sasl_choice *choice,
	const struct xmpp_sasl_offer *offer,
	const struct xmpp_sasl_binding *bindings, size_t binding_count,
	const struct xmpp_sasl_policy *policy, struct err *e)
{
	struct question q = {
		.offer = offer, .policy = policy, .can_bind = binding_count > 0
	};
	for (size_t i = 0; i < SCRAM_COUNT; i++) {
		q.plus_offered |= offers(offer, scrams[i].plus);
		q.scram_offered |= offers(offer, scrams[i].plain);
	}
	q.scram_offered |= q.plus_offered;
	if (q.plus_offered)
		q.binding = find_shared(offer, bindings, binding_count);
	if (policy->anonymous)
		return choose_anonymous(choice, &q, e);
	if (policy->external && offers(offer, "EXTERNAL"))
		return choose_simple(choice, XMPP_SASL_EXTERNAL, "EXTERNAL");
	if (policy->no_password)
		return err_set(e, STATUS_AUTH,
			"there is no password, and the server does not "
			"authenticate by certificates (EXTERNAL)");
	if (!check_lists(&q, e))
		return false;
	if (try_scram(choice, &q, XMPP_SASL_ANY, false))
		return choose_pinned(choice, &q, e);
	if (q.scram_offered)
		return err_set(e, STATUS_AUTH,
			"the server offers SCRAM with channel binding only, "
			"and none that this connection can do");
	return choose_plain(choice, &q, e);
}
