#include "xmpp/scram_parts.h"

#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "xmpp/prep.h"

bool xmpp_scram_fail(struct err *e, const char *condition, const char *sentence)
{
	err_set(e, STATUS_AUTH, "%s", sentence);
	err_condition(e, condition, false);
	return false;
}

/* ---- attributes ---- */

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool xmpp_scram_take(struct span *rest, struct xmpp_scram_attr *attr)
{
	struct span after = *rest, text;
	bool more = span_cut(&after, ',', &text);
	if (text.n < 3 || !is_alpha(text.p[0]) || text.p[1] != '=')
		return false;
	/* A comma at the very end announces one that is not there. */
	if (more && !after.n)
		return false;
	attr->name = text.p[0];
	attr->value = span_skip(text, 2);
	*rest = more ? after : SPAN_EMPTY;
	return true;
}

bool xmpp_scram_take_named(struct span *rest, char name, struct span *value)
{
	struct xmpp_scram_attr attr;
	struct span after = *rest;
	if (!xmpp_scram_take(&after, &attr) || attr.name != name)
		return false;
	*rest = after;
	*value = attr.value;
	return true;
}

bool xmpp_scram_extensions(
	struct span rest, char wanted, struct span *value, struct err *e)
{
	struct xmpp_scram_attr attr;
	*value = SPAN_EMPTY;
	while (xmpp_scram_take(&rest, &attr)) {
		if (attr.name == 'm')
			return xmpp_scram_fail(e, "not-authorized",
				"SCRAM: an extension that we do not know is "
				"mandatory");
		if (attr.name == wanted)
			*value = attr.value;
	}
	if (rest.n)
		return xmpp_scram_fail(e, "malformed-request",
			"SCRAM: an extension is malformed");
	return true;
}

bool xmpp_scram_is_nonce(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == ',')
			return false;
	return s.n > 0;
}

void xmpp_scram_new_nonce(struct buf *out, const char *given)
{
	char token[XMPP_SCRAM_NONCE_SIZE + 1];
	if (!given)
		rand_token(token, XMPP_SCRAM_NONCE_SIZE);
	buf_str(out, given ? given : token);
}

bool xmpp_scram_add_name(struct buf *out, struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == ',')
			buf_str(out, "=2C");
		else if (name.p[i] == '=')
			buf_str(out, "=3D");
		else
			buf_char(out, name.p[i]);
	}
	return !out->failed;
}

bool xmpp_scram_decode_name(struct buf *out, struct span saslname)
{
	if (!utf8_is_valid(saslname) || span_has(saslname, '\0'))
		return false;
	while (saslname.n) {
		bool comma = span_starts(saslname, "=2C");
		bool equals = span_starts(saslname, "=3D");
		if (*saslname.p == '=' && !comma && !equals)
			return false;
		buf_char(out, comma ? ',' : *saslname.p);
		saslname = span_skip(saslname, comma || equals ? 3 : 1);
	}
	return !out->failed;
}

bool xmpp_scram_decode_exact(
	unsigned char *out, size_t size, struct span base64)
{
	struct buf bytes = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	bool good = base64_decode(&bytes, base64) && bytes.len == size;
	if (good)
		memcpy(out, bytes.data, size);
	buf_clear_wiped(&bytes);
	return good;
}

void xmpp_scram_offer_hash(struct buf *out, enum hash hash, struct buf *string)
{
	unsigned char digest[HASH_MAX];
	hash_bytes(hash, buf_view(string), digest);
	base64_add(out, span_from((char *)digest, hash_size(hash)));
	buf_clear(string);
}

/* ---- arithmetic ---- */

static struct span key_of(enum hash hash, const unsigned char *key)
{
	return span_from((const char *)key, hash_size(hash));
}

void xmpp_scram_derive_salted(struct xmpp_scram_secret *secret, enum hash hash,
	const unsigned char *salted)
{
	hash_hmac(hash, key_of(hash, salted), SPAN("Client Key"),
		secret->client_key);
	hash_hmac(hash, key_of(hash, salted), SPAN("Server Key"),
		secret->server_key);
	hash_bytes(hash, key_of(hash, secret->client_key), secret->stored_key);
}

void xmpp_scram_derive(struct xmpp_scram_secret *secret, enum hash hash,
	struct span password, struct span salt, unsigned iterations)
{
	unsigned char salted[HASH_MAX];
	hash_pbkdf2(hash, password, salt, iterations, salted);
	xmpp_scram_derive_salted(secret, hash, salted);
	mem_wipe(salted, sizeof(salted));
}

void xmpp_scram_sign(enum hash hash, const unsigned char *key,
	const struct buf *auth_message, unsigned char out[HASH_MAX])
{
	hash_hmac(hash, key_of(hash, key), buf_view(auth_message), out);
}

/* ---- what a server stores ---- */

static void set_salt(struct xmpp_scram_keys *keys, struct span salt)
{
	keys->salt_size = salt.n ? salt.n : 16;
	if (salt.n)
		memcpy(keys->salt, salt.p, salt.n);
	else
		rand_bytes(keys->salt, keys->salt_size);
}

/* password is not prepared yet. */
static bool derive_unprepared(struct xmpp_scram_secret *secret,
	const struct xmpp_scram_keys *keys, struct span password, struct err *e)
{
	struct buf prepared = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	bool good = xmpp_prep_sasl(&prepared, password, e);
	if (good && !prepared.len)
		good = err_set(e, STATUS_AUTH, "the password is empty");
	if (good)
		xmpp_scram_derive(secret, keys->hash, buf_view(&prepared),
			span_from((const char *)keys->salt, keys->salt_size),
			keys->iterations);
	buf_clear_wiped(&prepared);
	return good;
}

bool xmpp_scram_keys_make(struct xmpp_scram_keys *keys, enum hash hash,
	struct span password, struct span salt, unsigned iterations,
	struct err *e)
{
	struct xmpp_scram_secret secret;
	if (salt.n > XMPP_SCRAM_SALT_MAX)
		return err_set(e, STATUS_AUTH, "the salt is longer than %d",
			XMPP_SCRAM_SALT_MAX);
	*keys = (struct xmpp_scram_keys){ .hash = hash,
		.iterations = iterations };
	set_salt(keys, salt);
	if (!derive_unprepared(&secret, keys, password, e))
		return false;
	memcpy(keys->stored_key, secret.stored_key, hash_size(hash));
	memcpy(keys->server_key, secret.server_key, hash_size(hash));
	mem_wipe(&secret, sizeof(secret));
	return true;
}

bool xmpp_scram_keys_match(
	const struct xmpp_scram_keys *keys, struct span password)
{
	struct xmpp_scram_secret secret;
	if (!derive_unprepared(&secret, keys, password, NULL))
		return false;
	bool same = hash_equal(
		secret.stored_key, keys->stored_key, hash_size(keys->hash));
	mem_wipe(&secret, sizeof(secret));
	return same;
}
