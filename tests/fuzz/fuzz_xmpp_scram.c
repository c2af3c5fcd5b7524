/* SCRAM messages of a peer: the first byte says which side is attacked and
 * with which mechanism, the messages follow, each ended by a newline. */
#include <stdlib.h>
#include <string.h>

#include "xmpp/sasl.h"
#include "xmpp/scram.h"

#define MAX (1 << 16)

static const struct xmpp_sasl_binding binding = { "tls-exporter",
	SPAN("data of the binding") };

static const struct xmpp_sasl_offer offer = {
	.mechanisms = { { "SCRAM-SHA-1", 11 }, { "SCRAM-SHA-1-PLUS", 16 } },
	.mechanism_count = 2,
};

static const enum hash hashes[] = { HASH_SHA1, HASH_SHA256, HASH_SHA512 };

static bool find_keys(void *arg, struct span name, enum hash hash,
	struct xmpp_scram_keys *keys)
{
	static struct xmpp_scram_keys made[3];
	unsigned row = *(unsigned *)arg;
	/* Key derivation is slow and not what is tested. */
	if (!made[row].iterations)
		xmpp_scram_keys_make(&made[row], hash, SPAN("pencil"),
			SPAN("saltsaltsalt"), 4096, NULL);
	*keys = made[row];
	return span_is(name, "user");
}

static void attack_server(unsigned char how, struct span in)
{
	unsigned row = how % 3;
	const struct xmpp_scram_server_setup setup = { .hash = hashes[row],
		.plus = how & 16,
		.plus_offered = how & 32,
		.bindings = &binding,
		.binding_count = 1,
		.nonce = "server",
		.offer = how & 64 ? &offer : NULL,
		.find = find_keys,
		.arg = &row };
	struct xmpp_scram_server *s = xmpp_scram_server_new(&setup);
	struct buf out = BUF_INIT(MAX);
	struct span first;
	span_cut(&in, '\n', &first);
	bool taken = xmpp_scram_server_first(s, first, &out, NULL) &&
		     xmpp_scram_server_final(s, in, &out, NULL);
	/* Nobody is let in who is not named so. */
	if (taken != span_is(xmpp_scram_server_name(s), "user"))
		abort();
	xmpp_scram_server_free(s);
	buf_clear(&out);
}

static void attack_client(unsigned char how, struct span in)
{
	const struct xmpp_scram_setup setup = { .hash = hashes[how % 3],
		.flag = how & 16 ? 'p' : 'n',
		.binding = &binding,
		.name = SPAN("user"),
		.password = SPAN("pencil"),
		.nonce = "client",
		.offer = how & 32 ? &offer : NULL,
		.need_hash = how & 64 };
	struct xmpp_scram_client *c = xmpp_scram_client_new(&setup, NULL);
	struct buf out = BUF_INIT(MAX);
	struct span first;
	span_cut(&in, '\n', &first);
	bool taken = xmpp_scram_client_first(c, &out, NULL) &&
		     xmpp_scram_client_final(c, first, &out, NULL) &&
		     xmpp_scram_client_finish(c, in, NULL);
	if (taken && !span_starts(in, "v="))
		abort();
	xmpp_scram_client_free(c);
	buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct span in = span_from((const char *)data + 1, size - 1);
	if (data[0] & 128)
		attack_client(data[0], in);
	else
		attack_server(data[0], in);
	return 0;
}
