/* Tokens: the file of a slot, which another version or a crash may have
 * written, says the same again once it is written by us; and the message of
 * the ht mechanisms proves a token to nobody but who has it. */
#include <stdlib.h>
#include <string.h>

#include "xmpp/fast_slot.h"
#include "xmpp/ht.h"

static void check(bool good)
{
	if (!good)
		abort();
}

static bool is_same(
	const struct xmpp_fast_slot *a, const struct xmpp_fast_slot *b)
{
	return strcmp(a->agent, b->agent) == 0 &&
	       strcmp(a->mechanism, b->mechanism) == 0 &&
	       (!a->mechanism[0] || (a->expiry == b->expiry &&
					    span_equal(buf_view(&a->token),
						    buf_view(&b->token))));
}

static void read_slot(struct span text)
{
	struct buf again = BUF_INIT(XMPP_FAST_TEXT_MAX);
	struct xmpp_fast_slot first, second;
	xmpp_fast_slot_init(&first);
	xmpp_fast_slot_init(&second);
	xmpp_fast_slot_parse(&first, text);
	check(xmpp_fast_slot_format(&again, &first));
	xmpp_fast_slot_parse(&second, buf_view(&again));
	check(is_same(&first, &second));
	xmpp_fast_slot_clear(&first);
	xmpp_fast_slot_clear(&second);
	buf_clear(&again);
}

/* MECHANISM LF message */
static void read_message(struct span text)
{
	static const struct span token = SPAN("token"), data = SPAN("data");
	struct span mechanism, name, proof;
	struct xmpp_ht ht;
	if (!span_cut(&text, '\n', &mechanism) || !xmpp_ht_of(&ht, mechanism) ||
		!xmpp_ht_parse(text, &name, &proof))
		return;
	struct buf own = BUF_INIT(1 << 16);
	xmpp_ht_initiate(&own, &ht, name, token, data);
	check(xmpp_ht_is_initiator(&ht, proof, token, data) ==
		span_equal(buf_view(&own), text));
	check(!xmpp_ht_is_responder(&ht, proof, token, data));
	buf_clear(&own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_from((const char *)data, size);
	read_slot(in);
	read_message(in);
	return 0;
}
