/* Who we are, and who the server is: by SASL (RFC 6120 section 6), or by SASL2
 * (XEP-0388) with a token for the next time (XEP-0484).
 *
 * Who sends binds the resource by RFC 6120 in either case.  Bind 2 (XEP-0386)
 * would save no turnaround there, since stanzas have to wait for <success/> all
 * the same and the request to bind goes in one write with them; and it throws
 * away what waits offline for the account: see stream_inline.c. */
#include <string.h>

#include "base/clock.h"
#include "xmpp/error.h"
#include "xmpp/ht.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

/* ---- tokens ---- */

/* A slot is taken only where tokens are given. */
static void open_slot(struct xmpp_stream *s)
{
	struct err e = ERR_NONE;
	if (s->fast_tried || !s->remembers)
		return;
	s->fast_tried = true;
	s->fast = xmpp_fast_open(&s->jid, &e);
	if (!s->fast && err_is_set(&e))
		xmpp_stream_warn(s, &e);
}

/* Without channel binding a token can be used by whoever hears it: only where
 * TLS says who hears it, and the server never had better. */
static bool may_be_unbound(const struct xmpp_stream *s)
{
	return s->verified && !s->known.bound;
}

static bool is_offered(const struct xmpp_features *offer, struct span mechanism)
{
	for (size_t i = 0; i < offer->fast_count; i++)
		if (span_equal(offer->fast[i], mechanism))
			return true;
	return false;
}

static void find_token(struct xmpp_stream *s, const struct xmpp_features *offer,
	struct xmpp_auth_setup *setup)
{
	struct xmpp_ht ht;
	struct span mechanism, token;
	if (!s->fast || !xmpp_fast_token(s->fast, xmpp_stream_wall(s),
				&mechanism, &token))
		return;
	if (!is_offered(offer, mechanism) || !xmpp_ht_of(&ht, mechanism) ||
		(!ht.binding && !may_be_unbound(s)))
		return;
	setup->token_mechanism = mechanism;
	setup->token = token;
}

static void keep_token(struct xmpp_stream *s, const struct xml_element *success)
{
	struct err e = ERR_NONE;
	usec_t expiry;
	const struct xml_element *token =
		xml_element_find(success, "token", XMPP_NS_FAST);
	if (!token || !s->fast || !s->token_mechanism[0] ||
		!clock_parse(span_of(xml_element_attr_find(token, "expiry")),
			&expiry) ||
		expiry < 0)
		return;
	if (!xmpp_fast_keep(s->fast, span_of(s->token_mechanism),
		    span_of(xml_element_attr_find(token, "token")),
		    (uint64_t)(expiry / USEC_SEC), &e) &&
		e.status == STATUS_LOCAL_IO)
		xmpp_stream_warn(s, &e);
}

/* ---- beginning ---- */

static const struct xmpp_sasl_offer *offer_of(const struct xmpp_features *f)
{
	return f->sasl2.mechanism_count ? &f->sasl2 : &f->sasl;
}

/* The requests of BOSH go over more than one connection: none of them is the
 * stream's (xmpp/bosh.h). */
static const struct tls *bindable(const struct xmpp_stream *s)
{
	return s->target->security == XMPP_SECURITY_BOSH
		       ? NULL
		       : xmpp_wire_tls(s->wire);
}

struct xmpp_auth *xmpp_stream_auth_new(struct xmpp_stream *s,
	const struct xmpp_features *offer, bool by_token, struct err *e)
{
	struct xmpp_auth_setup setup = { .offer = offer_of(offer),
		.tls = bindable(s),
		.username = span_of(s->username),
		.password = buf_view(&s->password),
		.salted = &s->salted };
	xmpp_stream_policy(s, &setup.policy);
	if (setup.offer->is_sasl2 && offer->fast_count)
		open_slot(s);
	if (setup.offer->is_sasl2 && by_token)
		find_token(s, offer, &setup);
	struct xmpp_auth *auth = xmpp_auth_new(&setup, e);
	if (auth || !setup.token.n)
		return auth;
	/* For a binding that this connection does not have. */
	setup.token = SPAN_EMPTY;
	return xmpp_auth_new(&setup, e);
}

/* XEP-0388 section 2.2, XEP-0484 sections 3.2 and 3.3 */
static void add_details(struct xmpp_stream *s, struct xml_element *word,
	const struct xmpp_features *offer)
{
	struct xml_element *agent = xml_element_child(word, "user-agent", NULL);
	xml_element_text(xml_element_child(agent, "software", NULL), "samtal");
	xmpp_stream_add_inline(s, word, offer);
	s->token_mechanism[0] = '\0';
	if (!s->fast)
		return;
	xml_element_attr(agent, "id", xmpp_fast_agent(s->fast));
	if (xmpp_auth_is_token(s->auth)) {
		span_copy(s->token_mechanism, sizeof(s->token_mechanism),
			span_of(xmpp_auth_mechanism(s->auth)));
		xml_element_child(word, "fast", XMPP_NS_FAST);
		return;
	}
	struct span wanted = xmpp_auth_choose_token(
		s->auth, offer->fast, offer->fast_count, may_be_unbound(s));
	if (wanted.n && span_copy(s->token_mechanism,
				sizeof(s->token_mechanism), wanted))
		xml_element_attr(
			xml_element_child(word, "request-token", XMPP_NS_FAST),
			"mechanism", s->token_mechanism);
}

struct xml_element *xmpp_stream_auth_word(
	struct xmpp_stream *s, const struct xmpp_features *offer, struct err *e)
{
	struct xml_element *word = xmpp_auth_begin(s->auth, e);
	if (word && xmpp_auth_is_sasl2(s->auth))
		add_details(s, word, offer);
	return word;
}

static void note_mechanism(const struct xmpp_stream *s)
{
	const char *binding = xmpp_auth_binding(s->auth);
	const struct tls *tls = xmpp_wire_tls(s->wire);
	xmpp_stream_note(s, "%s, %s%s%s", tls ? tls_version(tls) : "TLS",
		xmpp_auth_mechanism(s->auth), binding ? " bound by " : "",
		binding ? binding : "");
}

/* On the offer that is there. */
static bool begin(struct xmpp_stream *s, bool by_token)
{
	struct err e = ERR_NONE;
	struct xml_element *word = NULL;
	xmpp_auth_free(s->auth);
	s->auth = xmpp_stream_auth_new(s, &s->offered, by_token, &e);
	if (s->auth)
		word = xmpp_stream_auth_word(s, &s->offered, &e);
	if (!word)
		return xmpp_stream_refuse(s, e.status, NULL, "%s", e.text);
	note_mechanism(s);
	return xmpp_stream_advance(s, word, XMPP_PHASE_AUTH);
}

/* Would it be begun so on today's offer? */
static bool stands(struct xmpp_stream *s, bool *does, struct err *e)
{
	const struct xmpp_sasl_offer *offer = offer_of(&s->offered);
	*does = false;
	if (xmpp_auth_is_sasl2(s->auth) != offer->is_sasl2)
		return true;
	if (!xmpp_auth_is_token(s->auth))
		return xmpp_auth_confirm(s->auth, offer, does, e);
	*does = is_offered(&s->offered, span_of(xmpp_auth_mechanism(s->auth)));
	return true;
}

/* It was begun before the offer came.  Where that is another one now, it is
 * begun anew, on a connection of its own.  INTEROP: on the same stream Prosody
 * 0.12 forgets the channel binding after a first failure, and falls silent. */
static bool confirm(struct xmpp_stream *s)
{
	struct err e = ERR_NONE;
	bool good;
	if (!stands(s, &good, &e))
		return xmpp_stream_refuse(s, e.status, NULL, "%s", e.text);
	if (!good) {
		s->offer_changed = true;
		return xmpp_stream_refuse(s, STATUS_AUTH, NULL,
			"offers other mechanisms than the last time");
	}
	note_mechanism(s);
	xmpp_stream_enter(s, XMPP_PHASE_AUTH);
	return true;
}

void xmpp_stream_begin_auth(struct xmpp_stream *s, struct xml_element *came)
{
	xml_element_free(s->features);
	s->features = came;
	if (!xmpp_stream_parse_features(s, &s->offered, came))
		return;
	if (s->early & XMPP_EARLY_AUTH)
		confirm(s);
	else
		begin(s, true);
}

/* ---- the outcome ---- */

static void succeed(struct xmpp_stream *s, const struct xml_element *success)
{
	bool sasl2 = xmpp_auth_is_sasl2(s->auth);
	xmpp_stream_learn_proof(s);
	xmpp_auth_free(s->auth);
	s->auth = NULL;
	s->early = 0;
	if (!sasl2) {
		xmpp_stream_open_again(s);
		return;
	}
	keep_token(s, success);
	xmpp_stream_keep_inline(s, success);
	xmpp_stream_go_on(s);
}

/* XEP-0484 section 4: a token that is refused is forgotten, and the password
 * tried, on the same stream. */
static bool is_refused_token(
	const struct xmpp_stream *s, const struct xml_element *came)
{
	return xmpp_auth_is_token(s->auth) &&
	       xml_element_is(came, "failure", XMPP_NS_SASL2);
}

static void give_up_token(struct xmpp_stream *s)
{
	struct err e = ERR_NONE;
	xmpp_stream_note(s, "the token is refused");
	if (!xmpp_fast_drop(s->fast, &e))
		xmpp_stream_warn(s, &e);
	s->early = 0;
	begin(s, false);
}

static void fail(
	struct xmpp_stream *s, struct xml_element *answer, const struct err *e)
{
	if (answer)
		xmpp_wire_send(s->wire, answer, NULL);
	xml_element_free(answer);
	timer_stop(s->timer);
	xmpp_wire_refuse(s->wire, NULL, e);
}

void xmpp_stream_go_on_auth(
	struct xmpp_stream *s, const struct xml_element *came)
{
	struct xml_element *answer;
	struct err e = ERR_NONE;
	if (strcmp(came->ns, XMPP_NS_SASL) != 0 &&
		strcmp(came->ns, XMPP_NS_SASL2) != 0) {
		xmpp_stream_unexpected(s, came, "<success/>");
		return;
	}
	switch (xmpp_auth_take(s->auth, came, &answer, &e)) {
	case XMPP_AUTH_GOES_ON:
		xmpp_stream_advance(s, answer, XMPP_PHASE_RESPONSE);
		break;
	case XMPP_AUTH_DONE:
		succeed(s, came);
		break;
	case XMPP_AUTH_FAILED:
		if (is_refused_token(s, came))
			give_up_token(s);
		else
			fail(s, answer, &e);
		break;
	}
}
