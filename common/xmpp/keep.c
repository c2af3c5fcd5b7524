#include "xmpp/keep.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/state.h"

#define HASHED 16 /* bytes */

void xmpp_keep_name(
	char out[XMPP_KEEP_NAME_SIZE], const struct xmpp_jid *account)
{
	unsigned char digest[HASH_MAX];
	hash_bytes(HASH_SHA256, xmpp_jid_bare(account), digest);
	int at = snprintf(out, XMPP_KEEP_NAME_SIZE, "xmpp-");
	for (size_t i = 0; i < HASHED; i++)
		at += snprintf(out + at, XMPP_KEEP_NAME_SIZE - (size_t)at,
			"%02x", digest[i]);
}

bool xmpp_keep_read(struct xmpp_known *k, const struct xmpp_jid *account,
	const char *transport, struct err *e)
{
	struct buf text = BUF_INIT(XMPP_KNOWN_TEXT_MAX);
	char name[XMPP_KEEP_NAME_SIZE];
	xmpp_keep_name(name, account);
	bool good = state_read(name, &text, e);
	xmpp_known_parse(k, buf_view(&text), transport);
	buf_clear(&text);
	return good;
}

struct change {
	const struct xmpp_known *k;
	const char *transport;
	bool unpin;
};

/* Another run may have learnt more meanwhile. */
static void keep_pins(struct xmpp_known *fresh, const struct xmpp_known *there)
{
	if (there->strength > fresh->strength)
		fresh->strength = there->strength;
	fresh->bound |= there->bound;
	fresh->proven |= there->proven;
}

static bool edit(void *arg, struct buf *content, struct err *e)
{
	const struct change *c = arg;
	struct buf text = BUF_INIT(XMPP_KNOWN_TEXT_MAX);
	struct xmpp_known fresh = *c->k, there;
	xmpp_known_parse(&there, buf_view(content), c->transport);
	if (!c->unpin)
		keep_pins(&fresh, &there);
	bool good = xmpp_known_replace(
		&text, buf_view(content), c->transport, &fresh);
	if (good) {
		buf_reset(content);
		good = buf_span(content, buf_view(&text));
	}
	buf_clear(&text);
	if (!good)
		err_set(e, STATUS_LOCAL_IO, "the state of the account is full");
	return good;
}

bool xmpp_keep_write(const struct xmpp_known *k, const struct xmpp_jid *account,
	const char *transport, bool unpin, struct err *e)
{
	struct change c = { k, transport, unpin };
	char name[XMPP_KEEP_NAME_SIZE];
	xmpp_keep_name(name, account);
	return state_change(name, edit, &c, e);
}
