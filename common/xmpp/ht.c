#include "xmpp/ht.h"

#include "base/mem.h"

#define DATA_MAX 512

/* ---- names ---- */

static const struct {
	const char *prefix;
	enum hash hash;
} hashes[] = { { "HT-SHA-512-", HASH_SHA512 }, { "HT-SHA-256-", HASH_SHA256 } };

/* The strongest binding first. */
static const struct {
	const char *suffix, *binding;
} bindings_of[] = { { "EXPR", "tls-exporter" }, { "UNIQ", "tls-unique" },
	{ "ENDP", "tls-server-end-point" }, { "NONE", NULL } };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static bool is(struct span mechanism, size_t hash, size_t binding)
{
	struct span prefix = span_of(hashes[hash].prefix);
	return span_starts(mechanism, hashes[hash].prefix) &&
	       span_is(span_skip(mechanism, prefix.n),
		       bindings_of[binding].suffix);
}

bool xmpp_ht_of(struct xmpp_ht *ht, struct span mechanism)
{
	for (size_t h = 0; h < COUNT(hashes); h++)
		for (size_t b = 0; b < COUNT(bindings_of); b++)
			if (is(mechanism, h, b)) {
				ht->hash = hashes[h].hash;
				ht->binding = bindings_of[b].binding;
				return true;
			}
	return false;
}

static bool can_bind(const struct xmpp_sasl_binding *bindings, size_t count,
	const char *type, bool unbound)
{
	if (!type)
		return unbound;
	for (size_t i = 0; i < count; i++)
		if (span_is(span_of(bindings[i].type), type))
			return true;
	return false;
}

struct span xmpp_ht_choose(const struct span *offered, size_t count,
	const struct xmpp_sasl_binding *bindings, size_t binding_count,
	bool unbound)
{
	for (size_t b = 0; b < COUNT(bindings_of); b++) {
		if (!can_bind(bindings, binding_count, bindings_of[b].binding,
			    unbound))
			continue;
		for (size_t h = 0; h < COUNT(hashes); h++)
			for (size_t i = 0; i < count; i++)
				if (is(offered[i], h, b))
					return offered[i];
	}
	return SPAN_EMPTY;
}

/* ---- messages ---- */

static void prove(unsigned char out[HASH_MAX], const struct xmpp_ht *ht,
	const char *side, struct span token, struct span data)
{
	struct buf text = BUF_INIT(DATA_MAX);
	buf_str(&text, side);
	buf_span(&text, data);
	hash_hmac(ht->hash, token, buf_view(&text), out);
	buf_clear_wiped(&text);
}

static void add_proof(struct buf *out, const struct xmpp_ht *ht,
	const char *side, struct span token, struct span data)
{
	unsigned char proof[HASH_MAX];
	prove(proof, ht, side, token, data);
	buf_add(out, proof, hash_size(ht->hash));
	mem_wipe(proof, sizeof(proof));
}

static bool is_proof(struct span got, const struct xmpp_ht *ht,
	const char *side, struct span token, struct span data)
{
	unsigned char proof[HASH_MAX];
	size_t size = hash_size(ht->hash);
	prove(proof, ht, side, token, data);
	bool good = got.n == size && hash_equal(got.p, proof, size);
	mem_wipe(proof, sizeof(proof));
	return good;
}

void xmpp_ht_initiate(struct buf *out, const struct xmpp_ht *ht,
	struct span name, struct span token, struct span data)
{
	buf_span(out, name);
	buf_char(out, '\0');
	add_proof(out, ht, "Initiator", token, data);
}

void xmpp_ht_respond(struct buf *out, const struct xmpp_ht *ht,
	struct span token, struct span data)
{
	add_proof(out, ht, "Responder", token, data);
}

bool xmpp_ht_is_responder(const struct xmpp_ht *ht, struct span message,
	struct span token, struct span data)
{
	return is_proof(message, ht, "Responder", token, data);
}

bool xmpp_ht_is_initiator(const struct xmpp_ht *ht, struct span proof,
	struct span token, struct span data)
{
	return is_proof(proof, ht, "Initiator", token, data);
}

bool xmpp_ht_parse(struct span message, struct span *name, struct span *proof)
{
	struct span rest = message;
	if (!span_cut(&rest, '\0', name) || !name->n || !rest.n)
		return false;
	*proof = rest;
	return true;
}
