#include "xmpp/scram.h"

#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "xmpp/prep.h"
#include "xmpp/salted.h"
#include "xmpp/scram_parts.h"

enum step { STEP_FIRST, STEP_FINAL, STEP_FINISH, STEP_DONE, STEP_FAILED };

struct xmpp_scram_client {
	enum step step;
	enum hash hash;
	struct buf password;
	struct xmpp_salted **salted; /* the owner's; NULL: nobody's */
	struct buf nonce;            /* ours */
	struct buf binding;          /* gs2-header, then the binding data */
	struct buf auth_message;     /* grows by each message */
	unsigned char server_signature[HASH_MAX];
	size_t header_size; /* of gs2-header, in front of binding */
	struct buf offer_hash, old_offer_hash; /* as we saw the offer */
	bool need_hash, proven; /* by h; d is not the same everywhere */
};

static bool fail(struct xmpp_scram_client *c, struct err *e,
	const char *condition, const char *sentence)
{
	c->step = STEP_FAILED;
	return xmpp_scram_fail(e, condition, sentence);
}

/* Moves on to the next step, if this is the one expected. */
static bool enter(struct xmpp_scram_client *c, enum step step, struct err *e)
{
	if (c->step != step)
		return fail(c, e, "not-authorized",
			"SCRAM: a message comes out of turn");
	c->step = step + 1;
	return true;
}

/* ---- setting up ---- */

/* gs2-header = gs2-cbind-flag "," [ authzid ] "," */
static bool add_header(
	struct xmpp_scram_client *c, const struct xmpp_scram_setup *setup)
{
	buf_char(&c->binding, setup->flag);
	if (setup->flag == 'p') {
		buf_char(&c->binding, '=');
		buf_str(&c->binding, setup->binding->type);
	}
	buf_char(&c->binding, ',');
	if (setup->authzid.n) {
		buf_str(&c->binding, "a=");
		xmpp_scram_add_name(&c->binding, setup->authzid);
	}
	buf_char(&c->binding, ',');
	c->header_size = c->binding.len;
	if (setup->flag == 'p')
		buf_span(&c->binding, setup->binding->data);
	return !c->binding.failed;
}

/* client-first-message-bare begins the AuthMessage. */
static bool add_bare(struct xmpp_scram_client *c,
	const struct xmpp_scram_setup *setup, struct err *e)
{
	struct buf name = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	bool good = xmpp_prep_sasl(&name, setup->name, e);
	if (good && !name.len)
		good = err_set(e, STATUS_AUTH, "the name is empty");
	if (good) {
		buf_str(&c->auth_message, "n=");
		xmpp_scram_add_name(&c->auth_message, buf_view(&name));
		buf_str(&c->auth_message, ",r=");
		buf_span(&c->auth_message, buf_view(&c->nonce));
	}
	buf_clear(&name);
	return good;
}

static void keep_offer(
	struct xmpp_scram_client *c, const struct xmpp_sasl_offer *offer)
{
	struct buf string = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	buf_reset(&c->offer_hash);
	buf_reset(&c->old_offer_hash);
	xmpp_sasl_offer_string(offer, &string);
	xmpp_scram_offer_hash(&c->offer_hash, c->hash, &string);
	xmpp_sasl_offer_string_old(offer, &string);
	xmpp_scram_offer_hash(&c->old_offer_hash, c->hash, &string);
}

struct xmpp_scram_client *xmpp_scram_client_new(
	const struct xmpp_scram_setup *setup, struct err *e)
{
	struct xmpp_scram_client *c = mem_alloc(sizeof(*c));
	struct buf small = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	c->hash = setup->hash;
	c->need_hash = setup->need_hash;
	c->salted = setup->salted;
	c->password = c->nonce = c->binding = small;
	c->offer_hash = c->old_offer_hash = small;
	c->auth_message = BUF_INIT(3 * XMPP_SCRAM_MESSAGE_MAX);
	xmpp_scram_new_nonce(&c->nonce, setup->nonce);
	if (!add_bare(c, setup, e) ||
		!xmpp_prep_sasl(&c->password, setup->password, e))
		goto failed;
	if (!c->password.len) {
		err_set(e, STATUS_AUTH, "the password is empty");
		goto failed;
	}
	if (!add_header(c, setup) || c->auth_message.failed) {
		err_set(e, STATUS_AUTH, "the name is too long");
		goto failed;
	}
	if (setup->offer)
		keep_offer(c, setup->offer);
	return c;
failed:
	xmpp_scram_client_free(c);
	return NULL;
}

void xmpp_scram_client_free(struct xmpp_scram_client *c)
{
	if (!c)
		return;
	buf_clear_wiped(&c->password);
	buf_clear(&c->nonce);
	buf_clear_wiped(&c->binding);
	buf_clear_wiped(&c->auth_message);
	buf_clear(&c->offer_hash);
	buf_clear(&c->old_offer_hash);
	mem_wipe(c, sizeof(*c));
	mem_free(c);
}

/* ---- the first message ---- */

bool xmpp_scram_client_first(
	struct xmpp_scram_client *c, struct buf *out, struct err *e)
{
	if (!enter(c, STEP_FIRST, e))
		return false;
	buf_add(out, c->binding.data, c->header_size);
	buf_span(out, buf_view(&c->auth_message));
	return !out->failed;
}

void xmpp_scram_client_set_offer(struct xmpp_scram_client *c,
	const struct xmpp_sasl_offer *offer, bool need_hash)
{
	keep_offer(c, offer);
	c->need_hash = need_hash;
}

/* ---- the server's first message ---- */

struct challenge {
	struct span nonce;
	struct buf salt;
	uint32_t iterations;
};

static bool check_nonce(
	struct xmpp_scram_client *c, struct span nonce, struct err *e)
{
	struct span ours = buf_view(&c->nonce);
	if (!xmpp_scram_is_nonce(nonce) || nonce.n <= ours.n ||
		!span_equal(span_first(nonce, ours.n), ours))
		return fail(c, e, "not-authorized",
			"SCRAM: the server's nonce does not begin with ours");
	return true;
}

static bool check_iterations(struct xmpp_scram_client *c, struct span digits,
	uint32_t *iterations, struct err *e)
{
	if (!span_to_u32(digits, UINT32_MAX, iterations) ||
		span_starts(digits, "0"))
		return fail(c, e, "malformed-request",
			"SCRAM: the iteration count is no number");
	if (*iterations < XMPP_SCRAM_ITERATIONS_MIN)
		return fail(c, e, "not-authorized",
			"SCRAM: the server's iteration count is below 4096, "
			"which gives the password away to guessing");
	if (*iterations > XMPP_SCRAM_ITERATIONS_MAX)
		return fail(c, e, "not-authorized",
			"SCRAM: the server's iteration count is over a "
			"million");
	return true;
}

/* XEP-0474: h is the proof of today, and must be right where it is there; d
 * was it up to version 0.3 and is only believed, since what exactly was hashed
 * differs: a wrong one is as good as none. */
static bool check_offer(
	struct xmpp_scram_client *c, struct span extensions, struct err *e)
{
	struct span hash, old;
	if (!xmpp_scram_extensions(extensions, 'h', &hash, e) ||
		!xmpp_scram_extensions(extensions, 'd', &old, e))
		return false;
	if (c->offer_hash.len && hash.n &&
		!span_equal(hash, buf_view(&c->offer_hash)))
		return fail(c, e, "not-authorized",
			"SCRAM: the mechanisms we were offered are not those "
			"that the server offers: somebody between changed "
			"them");
	c->proven = c->offer_hash.len && hash.n;
	bool proven_by_d = c->offer_hash.len && old.n &&
			   span_equal(old, buf_view(&c->old_offer_hash));
	if (c->need_hash && !c->proven && !proven_by_d)
		return fail(c, e, "not-authorized",
			"SCRAM: the server does not prove the mechanisms it "
			"offers, as it did before or its list needs; --unpin "
			"forgets that it did");
	return true;
}

/* server-first-message = [reserved-mext ","] nonce "," salt ","
 * iteration-count ["," extensions] */
static bool parse_challenge(struct xmpp_scram_client *c, struct span message,
	struct challenge *challenge, struct err *e)
{
	struct span salt, iterations, mandatory;
	if (xmpp_scram_take_named(&message, 'm', &mandatory))
		return fail(c, e, "not-authorized",
			"SCRAM: the server demands an extension that we do not "
			"know");
	if (!xmpp_scram_take_named(&message, 'r', &challenge->nonce) ||
		!xmpp_scram_take_named(&message, 's', &salt) ||
		!base64_decode(&challenge->salt, salt) ||
		!xmpp_scram_take_named(&message, 'i', &iterations))
		return fail(c, e, "malformed-request",
			"SCRAM: the server's first message is malformed");
	return check_nonce(c, challenge->nonce, e) &&
	       check_iterations(c, iterations, &challenge->iterations, e) &&
	       check_offer(c, message, e);
}

/* ---- the final message ---- */

static void add_without_proof(
	struct xmpp_scram_client *c, struct span nonce, struct buf *out)
{
	buf_str(out, "c=");
	base64_add(out, buf_view(&c->binding));
	buf_str(out, ",r=");
	buf_span(out, nonce);
}

static void derive(struct xmpp_scram_client *c,
	const struct challenge *challenge, struct xmpp_scram_secret *secret)
{
	struct xmpp_salted *own = NULL;
	struct xmpp_salted **salted = c->salted ? c->salted : &own;
	unsigned char bytes[HASH_MAX];
	struct span salt = buf_view(&challenge->salt);
	if (!xmpp_salted_is(*salted, c->hash, salt, challenge->iterations)) {
		xmpp_salted_free(*salted);
		*salted = xmpp_salted_new(c->hash, buf_view(&c->password), salt,
			challenge->iterations);
	}
	xmpp_salted_get(*salted, bytes);
	xmpp_scram_derive_salted(secret, c->hash, bytes);
	mem_wipe(bytes, sizeof(bytes));
	xmpp_salted_free(own);
}

/* Adds ClientProof and keeps the ServerSignature that must come back. */
static void add_proof(struct xmpp_scram_client *c,
	const struct challenge *challenge, struct buf *out)
{
	struct xmpp_scram_secret secret;
	unsigned char proof[HASH_MAX];
	size_t size = hash_size(c->hash);
	derive(c, challenge, &secret);
	xmpp_scram_sign(c->hash, secret.stored_key, &c->auth_message, proof);
	for (size_t i = 0; i < size; i++)
		proof[i] ^= secret.client_key[i];
	buf_str(out, ",p=");
	base64_add(out, span_from((char *)proof, size));
	xmpp_scram_sign(c->hash, secret.server_key, &c->auth_message,
		c->server_signature);
	mem_wipe(&secret, sizeof(secret));
}

static bool answer(struct xmpp_scram_client *c, struct span server_first,
	const struct challenge *challenge, struct buf *out, struct err *e)
{
	size_t start = out->len;
	add_without_proof(c, challenge->nonce, out);
	buf_char(&c->auth_message, ',');
	buf_span(&c->auth_message, server_first);
	buf_char(&c->auth_message, ',');
	buf_span(&c->auth_message, span_skip(buf_view(out), start));
	if (out->failed || c->auth_message.failed)
		return fail(c, e, "malformed-request",
			"SCRAM: the server's first message is too long");
	add_proof(c, challenge, out);
	return !out->failed;
}

bool xmpp_scram_client_final(struct xmpp_scram_client *c,
	struct span server_first, struct buf *out, struct err *e)
{
	struct challenge challenge = { .salt = BUF_INIT(XMPP_SCRAM_SALT_MAX) };
	bool good = enter(c, STEP_FINAL, e) &&
		    parse_challenge(c, server_first, &challenge, e) &&
		    answer(c, server_first, &challenge, out, e);
	if (!good)
		c->step = STEP_FAILED;
	buf_clear(&challenge.salt);
	buf_clear_wiped(&c->password);
	return good;
}

/* ---- the server's final message ---- */

static bool server_error(
	struct xmpp_scram_client *c, struct span value, struct err *e)
{
	char text[80];
	utf8_printable_to(text, sizeof(text), value);
	fail(c, e, "not-authorized", "");
	err_set(e, STATUS_AUTH, "SCRAM: the server says %s", text);
	err_condition(e, "not-authorized", false);
	return false;
}

/* server-final-message = (server-error / verifier) ["," extensions] */
bool xmpp_scram_client_finish(
	struct xmpp_scram_client *c, struct span server_final, struct err *e)
{
	unsigned char signature[HASH_MAX];
	struct span value, rest = server_final;
	size_t size = hash_size(c->hash);
	if (!enter(c, STEP_FINISH, e))
		return false;
	if (xmpp_scram_take_named(&rest, 'e', &value))
		return server_error(c, value, e);
	if (!xmpp_scram_take_named(&rest, 'v', &value) ||
		!xmpp_scram_decode_exact(signature, size, value))
		return fail(c, e, "malformed-request",
			"SCRAM: the server's final message is malformed");
	if (!xmpp_scram_extensions(rest, '\0', &value, e)) {
		c->step = STEP_FAILED;
		return false;
	}
	if (!hash_equal(signature, c->server_signature, size))
		return fail(c, e, "not-authorized",
			"SCRAM: the server does not know the password: it is "
			"not the one it says it is");
	return true;
}

bool xmpp_scram_client_is_offer_proven(const struct xmpp_scram_client *c)
{
	return c->step == STEP_DONE && c->proven;
}
