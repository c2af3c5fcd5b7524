#include "xmpp/scram.h"

#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "xmpp/prep.h"
#include "xmpp/scram_parts.h"

enum step { STEP_FIRST, STEP_FINAL, STEP_DONE, STEP_FAILED };

struct xmpp_scram_server {
	enum step step;
	struct xmpp_scram_server_setup setup;
	struct buf name, authzid;
	struct buf nonce;        /* the client's and ours */
	struct buf binding;      /* gs2-header, then the binding data */
	struct buf auth_message; /* grows by each message */
	struct xmpp_scram_keys keys;
	bool known; /* there is such an account */
};

static bool fail(struct xmpp_scram_server *s, struct err *e,
	const char *condition, const char *sentence)
{
	s->step = STEP_FAILED;
	return xmpp_scram_fail(e, condition, sentence);
}

static bool malformed(struct xmpp_scram_server *s, struct err *e)
{
	return fail(s, e, "malformed-request",
		"SCRAM: the client's message is malformed");
}

static bool enter(struct xmpp_scram_server *s, enum step step, struct err *e)
{
	if (s->step != step)
		return fail(s, e, "not-authorized",
			"SCRAM: a message comes out of turn");
	s->step = step + 1;
	return true;
}

struct xmpp_scram_server *xmpp_scram_server_new(
	const struct xmpp_scram_server_setup *setup)
{
	struct xmpp_scram_server *s = mem_alloc(sizeof(*s));
	struct buf small = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	s->setup = *setup;
	s->name = s->authzid = s->binding = small;
	s->nonce = BUF_INIT(2 * XMPP_SCRAM_MESSAGE_MAX);
	s->auth_message = BUF_INIT(5 * XMPP_SCRAM_MESSAGE_MAX);
	return s;
}

void xmpp_scram_server_free(struct xmpp_scram_server *s)
{
	if (!s)
		return;
	buf_clear(&s->name);
	buf_clear(&s->authzid);
	buf_clear(&s->nonce);
	buf_clear_wiped(&s->binding);
	buf_clear_wiped(&s->auth_message);
	mem_wipe(s, sizeof(*s));
	mem_free(s);
}

/* ---- the client's first message: gs2-header ---- */

static const struct xmpp_sasl_binding *find_binding(
	const struct xmpp_scram_server *s, struct span type)
{
	for (size_t i = 0; i < s->setup.binding_count; i++)
		if (span_is(type, s->setup.bindings[i].type))
			return &s->setup.bindings[i];
	return NULL;
}

/* RFC 5802 section 6 */
static bool check_flag(struct xmpp_scram_server *s, struct span flag,
	const struct xmpp_sasl_binding **binding, struct err *e)
{
	*binding = NULL;
	if (span_starts(flag, "p=")) {
		*binding = find_binding(s, span_skip(flag, 2));
		if (!s->setup.plus)
			return fail(s, e, "not-authorized",
				"SCRAM: a channel binding with a mechanism "
				"that has none");
		if (!*binding)
			return fail(s, e, "not-authorized",
				"SCRAM: a channel binding that is not offered");
		return true;
	}
	if (!span_is(flag, "n") && !span_is(flag, "y"))
		return malformed(s, e);
	if (s->setup.plus)
		return fail(s, e, "not-authorized",
			"SCRAM: a -PLUS mechanism without channel binding");
	if (span_is(flag, "y") && s->setup.plus_offered)
		return fail(s, e, "not-authorized",
			"SCRAM: the client saw no -PLUS mechanism, but we "
			"offer it: somebody between took it away");
	return true;
}

static bool parse_header(
	struct xmpp_scram_server *s, struct span *message, struct err *e)
{
	const struct xmpp_sasl_binding *binding;
	struct span all = *message, flag, authzid;
	if (!span_cut(message, ',', &flag) || !span_cut(message, ',', &authzid))
		return malformed(s, e);
	if (!check_flag(s, flag, &binding, e))
		return false;
	if (authzid.n && (authzid.n < 3 || !span_starts(authzid, "a=") ||
				 !xmpp_scram_decode_name(
					 &s->authzid, span_skip(authzid, 2))))
		return malformed(s, e);
	buf_add(&s->binding, all.p, all.n - message->n);
	if (binding)
		buf_span(&s->binding, binding->data);
	return true;
}

/* ---- the client's first message: the rest ---- */

static bool keep_name(
	struct xmpp_scram_server *s, struct span saslname, struct err *e)
{
	struct buf raw = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	bool good = xmpp_scram_decode_name(&raw, saslname) &&
		    xmpp_prep_sasl(&s->name, buf_view(&raw), NULL) &&
		    s->name.len;
	buf_clear(&raw);
	if (!good)
		return fail(s, e, "not-authorized",
			"SCRAM: the name cannot be one of an account");
	return true;
}

/* client-first-message-bare = [reserved-mext ","] username "," nonce
 * ["," extensions] */
static bool parse_bare(
	struct xmpp_scram_server *s, struct span message, struct err *e)
{
	struct span rest = message, name, nonce, other;
	if (xmpp_scram_take_named(&rest, 'm', &other))
		return fail(s, e, "not-authorized",
			"SCRAM: the client demands an extension that we do not "
			"know");
	if (!xmpp_scram_take_named(&rest, 'n', &name) ||
		!xmpp_scram_take_named(&rest, 'r', &nonce) ||
		!xmpp_scram_is_nonce(nonce))
		return malformed(s, e);
	if (!xmpp_scram_extensions(rest, '\0', &other, e) ||
		!keep_name(s, name, e))
		return false;
	buf_span(&s->nonce, nonce);
	buf_span(&s->auth_message, message);
	return true;
}

/* For a name without account: always the same salt, so that nothing shows. */
static void invent_keys(struct xmpp_scram_server *s)
{
	static unsigned char secret[32];
	static bool has_secret;
	unsigned char salt[HASH_MAX];
	if (!has_secret)
		rand_bytes(secret, sizeof(secret));
	has_secret = true;
	hash_hmac(HASH_SHA256, span_from((char *)secret, sizeof(secret)),
		buf_view(&s->name), salt);
	s->keys.hash = s->setup.hash;
	s->keys.salt_size = 16;
	memcpy(s->keys.salt, salt, s->keys.salt_size);
	if (!s->keys.iterations)
		s->keys.iterations = XMPP_SCRAM_ITERATIONS_MIN;
}

static void add_challenge(struct xmpp_scram_server *s, struct buf *out)
{
	buf_str(out, "r=");
	buf_span(out, buf_view(&s->nonce));
	buf_str(out, ",s=");
	base64_add(out, span_from((char *)s->keys.salt, s->keys.salt_size));
	buf_str(out, ",i=");
	buf_u64(out, s->keys.iterations);
	if (!s->setup.offer)
		return;
	struct buf string = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	xmpp_sasl_offer_string(s->setup.offer, &string);
	buf_str(out, ",h=");
	xmpp_scram_offer_hash(out, s->setup.hash, &string);
}

bool xmpp_scram_server_first(struct xmpp_scram_server *s,
	struct span client_first, struct buf *out, struct err *e)
{
	size_t start = out->len;
	if (!enter(s, STEP_FIRST, e))
		return false;
	if (client_first.n > XMPP_SCRAM_MESSAGE_MAX)
		return malformed(s, e);
	if (!parse_header(s, &client_first, e) ||
		!parse_bare(s, client_first, e)) {
		s->step = STEP_FAILED;
		return false;
	}
	s->known = s->setup.find(
		s->setup.arg, buf_view(&s->name), s->setup.hash, &s->keys);
	if (!s->known)
		invent_keys(s);
	xmpp_scram_new_nonce(&s->nonce, s->setup.nonce);
	add_challenge(s, out);
	buf_char(&s->auth_message, ',');
	buf_span(&s->auth_message, span_skip(buf_view(out), start));
	s->setup.bindings = NULL;
	s->setup.offer = NULL;
	return !out->failed;
}

/* ---- the client's final message ---- */

static bool is_base64_of(struct span text, const struct buf *bytes)
{
	struct buf expected = BUF_INIT(2 * XMPP_SCRAM_MESSAGE_MAX);
	base64_add(&expected, buf_view(bytes));
	bool same = span_equal(text, buf_view(&expected));
	buf_clear_wiped(&expected);
	return same;
}

/* Finds the proof, which is the last attribute; *before is what it is of. */
static bool take_proof(struct xmpp_scram_server *s, struct span message,
	struct span rest, struct span *before, unsigned char *proof,
	struct err *e)
{
	struct xmpp_scram_attr attr = { 0 };
	while (attr.name != 'p') {
		*before = span_first(message, message.n - rest.n);
		if (!xmpp_scram_take(&rest, &attr))
			return malformed(s, e);
		if (attr.name == 'm')
			return fail(s, e, "not-authorized",
				"SCRAM: the client demands an extension that "
				"we do not know");
	}
	/* without the comma in front of it */
	*before = span_first(*before, before->n - 1);
	if (rest.n || !xmpp_scram_decode_exact(
			      proof, hash_size(s->setup.hash), attr.value))
		return malformed(s, e);
	return true;
}

/* client-final-message = channel-binding "," nonce ["," extensions] "," proof */
static bool parse_final(struct xmpp_scram_server *s, struct span message,
	unsigned char *proof, struct err *e)
{
	struct span rest = message, binding, nonce, before;
	if (!xmpp_scram_take_named(&rest, 'c', &binding) ||
		!xmpp_scram_take_named(&rest, 'r', &nonce))
		return malformed(s, e);
	if (!take_proof(s, message, rest, &before, proof, e))
		return false;
	if (!is_base64_of(binding, &s->binding))
		return fail(s, e, "not-authorized",
			"SCRAM: the channel bindings do not match: there is "
			"somebody between");
	if (!span_equal(nonce, buf_view(&s->nonce)))
		return fail(s, e, "not-authorized",
			"SCRAM: the client's nonce is not ours");
	buf_char(&s->auth_message, ',');
	buf_span(&s->auth_message, before);
	return true;
}

/* ClientProof is ClientKey XOR ClientSignature: take the signature away, and
 * the hash of what is left must be the StoredKey. */
static bool check_proof(struct xmpp_scram_server *s, unsigned char *proof)
{
	unsigned char signature[HASH_MAX], stored[HASH_MAX];
	size_t size = hash_size(s->setup.hash);
	xmpp_scram_sign(
		s->setup.hash, s->keys.stored_key, &s->auth_message, signature);
	for (size_t i = 0; i < size; i++)
		proof[i] ^= signature[i];
	hash_bytes(s->setup.hash, span_from((char *)proof, size), stored);
	mem_wipe(proof, size);
	bool same = hash_equal(stored, s->keys.stored_key, size);
	return same && s->known;
}

static void add_verifier(struct xmpp_scram_server *s, struct buf *out)
{
	unsigned char signature[HASH_MAX];
	xmpp_scram_sign(
		s->setup.hash, s->keys.server_key, &s->auth_message, signature);
	buf_str(out, "v=");
	base64_add(out, span_from((char *)signature, hash_size(s->setup.hash)));
}

bool xmpp_scram_server_final(struct xmpp_scram_server *s,
	struct span client_final, struct buf *out, struct err *e)
{
	unsigned char proof[HASH_MAX];
	if (!enter(s, STEP_FINAL, e))
		return false;
	if (client_final.n > 2 * XMPP_SCRAM_MESSAGE_MAX)
		return malformed(s, e);
	if (!parse_final(s, client_final, proof, e))
		return false;
	if (s->auth_message.failed || !check_proof(s, proof))
		return fail(s, e, "not-authorized",
			"the name or the password is wrong");
	add_verifier(s, out);
	mem_wipe(&s->keys, sizeof(s->keys));
	return !out->failed;
}

struct span xmpp_scram_server_name(const struct xmpp_scram_server *s)
{
	return s->step == STEP_DONE ? buf_view(&s->name) : SPAN_EMPTY;
}

struct span xmpp_scram_server_authzid(const struct xmpp_scram_server *s)
{
	return s->step == STEP_DONE ? buf_view(&s->authzid) : SPAN_EMPTY;
}
