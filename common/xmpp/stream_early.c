/* What is said before it is asked for, and what is remembered to do so.
 *
 * Nothing goes behind <response/>: what follows it belongs to a stream that
 * begins only with success (RFC 6120 section 6.3.2), and a server that reads
 * both at once takes the second header for bad XML. */
#include <string.h>

#include "xmpp/keep.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

static const char *transport(const struct xmpp_stream *s)
{
	static const char *const names[] = {
		[XMPP_SECURITY_STARTTLS] = "starttls",
		[XMPP_SECURITY_DIRECT] = "direct-tls",
		[XMPP_SECURITY_WEBSOCKET] = "websocket",
		[XMPP_SECURITY_BOSH] = "bosh",
	};
	return names[s->target->security];
}

uint64_t xmpp_stream_wall(const struct xmpp_stream *s)
{
	usec_t wall = loop_wall(s->loop);
	return wall > 0 ? (uint64_t)(wall / USEC_SEC) : 0;
}

/* Once a stream: the next state will not fare better. */
void xmpp_stream_warn(struct xmpp_stream *s, const struct err *e)
{
	s->remembers = false;
	struct err why = *e;
	err_prefix(&why, "nothing is remembered for the next run");
	if (s->log.warn)
		s->log.warn(s->log.arg, why.text);
}

/* ---- what is known ---- */

void xmpp_stream_recall(struct xmpp_stream *s)
{
	struct err e = ERR_NONE;
	s->early = 0;
	s->known = (struct xmpp_known){ 0 };
	if (s->remembers &&
		!xmpp_keep_read(&s->known, &s->jid, transport(s), &e))
		xmpp_stream_warn(s, &e);
	s->learnt = s->known;
	if (!s->unpin)
		return;
	s->known.strength = XMPP_SASL_ANY;
	s->known.bound = s->known.proven = false;
}

void xmpp_stream_policy(
	const struct xmpp_stream *s, struct xmpp_sasl_policy *policy)
{
	const struct xmpp_known *k = &s->known;
	*policy = (struct xmpp_sasl_policy){ .external = s->tls.cert_file,
		.anonymous = s->anonymous,
		.no_password = !s->password.len,
		.allow_plain = s->allow_plain,
		.tls_verified = s->verified,
		.pinned_hash = k->proven };
	/* What is proved each time may change, and be weaker. */
	if (k->proven)
		return;
	policy->pinned = k->strength;
	policy->pinned_binding = k->bound;
}

static void save(struct xmpp_stream *s, bool unpin)
{
	struct err e = ERR_NONE;
	if (s->remembers &&
		!xmpp_keep_write(&s->learnt, &s->jid, transport(s), unpin, &e))
		xmpp_stream_warn(s, &e);
}

void xmpp_stream_learn_proof(struct xmpp_stream *s)
{
	struct xmpp_known *k = &s->learnt;
	if (xmpp_auth_is_token(s->auth))
		return; /* of a password's proof it says nothing */
	xmpp_stream_learn_salt(s);
	bool proven = xmpp_auth_is_offer_proven(s->auth);
	enum xmpp_sasl_strength strength = xmpp_auth_strength(s->auth);
	bool bound = xmpp_auth_binding(s->auth) != NULL;
	s->repins = s->unpin || proven;
	if (s->repins) {
		k->strength = strength;
		k->bound = bound;
		k->proven = proven;
		return;
	}
	if (strength > k->strength)
		k->strength = strength;
	k->bound |= bound;
}

void xmpp_stream_remember(struct xmpp_stream *s)
{
	struct xmpp_known *k = &s->learnt;
	xmpp_known_set_offer(k, &s->offered);
	k->bind = !s->session_required;
	k->sm = s->sm_offered;
	if (s->by_steps && !s->offer_changed)
		k->stumbled = xmpp_stream_wall(s);
	else if (!xmpp_known_has_stumbled(k, xmpp_stream_wall(s)))
		k->stumbled = 0;
	if (!xmpp_known_equal(k, &s->known))
		save(s, s->repins);
	xmpp_stream_remember_web(s);
	s->known = *k;
}

void xmpp_stream_set_archived(struct xmpp_stream *s, bool archived)
{
	if (s->phase != XMPP_PHASE_ONLINE || s->known.archive == archived)
		return;
	s->learnt.archive = archived;
	save(s, s->repins);
	s->known = s->learnt;
}

/* ---- saying it ---- */

static bool may_be_early(const struct xmpp_stream *s)
{
	return !s->by_steps &&
	       !xmpp_known_has_stumbled(&s->known, xmpp_stream_wall(s));
}

/* A request that opens a stream by BOSH has nothing else in it (XEP-0206
 * section 5). */
static bool may_follow_header(const struct xmpp_stream *s)
{
	return may_be_early(s) && s->target->security != XMPP_SECURITY_BOSH;
}

/* Elements of ours, behind a header that has just been written. */
static bool say(struct xmpp_stream *s, struct xml_element *element,
	enum xmpp_early what)
{
	bool sent = xmpp_wire_send(s->wire, element, NULL);
	xml_element_free(element);
	if (sent)
		s->early |= what;
	return sent;
}

void xmpp_stream_starttls_early(struct xmpp_stream *s)
{
	if (may_be_early(s))
		say(s, xml_element_new("starttls", XMPP_NS_TLS),
			XMPP_EARLY_STARTTLS);
}

/* What shows a password waits for what the server of today offers. */
void xmpp_stream_auth_early(struct xmpp_stream *s)
{
	struct xmpp_features offer;
	xmpp_known_offer(&s->known, &offer);
	if (!may_follow_header(s) || !s->known.mechanisms[0])
		return;
	s->auth = xmpp_stream_auth_new(s, &offer, true, NULL);
	if (s->auth && strcmp(xmpp_auth_mechanism(s->auth), "PLAIN") != 0) {
		struct xml_element *auth =
			xmpp_stream_auth_word(s, &offer, NULL);
		if (auth && say(s, auth, XMPP_EARLY_AUTH))
			return;
	}
	xmpp_auth_free(s->auth);
	s->auth = NULL;
}

/* Stanzas go with it only where they are kept until they are acknowledged. */
static bool say_bind(struct xmpp_stream *s, bool stanzas)
{
	if (!say(s, xmpp_stream_bind_request(s), XMPP_EARLY_BIND))
		return false;
	if (stanzas &&
		say(s, xmpp_stream_enable_request(s), XMPP_EARLY_STANZAS))
		xmpp_stream_pump(s);
	return true;
}

void xmpp_stream_bind_early(struct xmpp_stream *s)
{
	if (!may_follow_header(s) || !s->known.bind)
		return;
	if (xmpp_stream_can_resume(s)) {
		say(s, xmpp_sm_make_resume(&s->sm), XMPP_EARLY_RESUME);
		return;
	}
	say_bind(s, s->known.sm);
}

bool xmpp_stream_bind_at_once(struct xmpp_stream *s)
{
	if (!say_bind(s,
		    s->sm_offered && may_be_early(s) && !s->session_required))
		return xmpp_stream_refuse(s, STATUS_INTERNAL, NULL,
			"the request to bind cannot be written");
	/* Alone it is a step like any other. */
	if (!(s->early & XMPP_EARLY_STANZAS))
		s->early = 0;
	xmpp_stream_enter(s, XMPP_PHASE_BIND);
	return true;
}

/* ---- where it was too early ---- */

/* Can the failure be one of ours, by haste? */
static bool is_stumble(const struct xmpp_stream *s, const struct err *why)
{
	struct span c = span_of(why->condition);
	if (!s->early || s->by_steps || s->phase >= XMPP_PHASE_CLOSING)
		return false;
	if (s->offer_changed)
		return true;
	if (why->status == STATUS_TLS || why->status == STATUS_LOCAL_IO ||
		why->status == STATUS_INTERNAL)
		return false;
	/* A SASL failure is an answer; that one stream error is what servers
	 * say to elements they did not expect yet. */
	if (why->status == STATUS_AUTH)
		return s->phase < XMPP_PHASE_AUTH &&
		       span_is(c, "not-authorized");
	return !span_is(c, "host-unknown") && !span_is(c, "conflict");
}

/* By a cut, or silence, stanzas that were written may have been taken all the
 * same.  And who has not even answered the header is rather dead than slow. */
static bool may_try_again(const struct xmpp_stream *s, const struct err *why)
{
	bool silent = why->status == STATUS_TIMEOUT;
	bool cut = why->status == STATUS_UNREACHABLE;
	bool answered = s->phase != XMPP_PHASE_FEATURES &&
			s->phase != XMPP_PHASE_FEATURES_TLS &&
			s->phase != XMPP_PHASE_FEATURES_AUTH;
	if (silent && !answered)
		return false;
	bool written = s->early & XMPP_EARLY_STANZAS && s->sm.sent;
	return !(silent || cut) || !written;
}

bool xmpp_stream_stumbled(struct xmpp_stream *s, const struct err *why)
{
	if (!is_stumble(s, why))
		return false;
	s->by_steps = true;
	if (!may_try_again(s, why)) {
		s->learnt.stumbled = xmpp_stream_wall(s); /* for the next run */
		save(s, false);
		return false;
	}
	xmpp_stream_note(s, "%s: once more, a step at a time", why->text);
	if (s->early & XMPP_EARLY_STANZAS) {
		xmpp_sm_rewind(&s->sm);
		s->sm.state = XMPP_SM_OFF;
	}
	return true;
}
