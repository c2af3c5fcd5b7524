#include "xmpp/keep.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/state.h"

/* "xmpp-" and half of a SHA-256 in hexadecimal digits */
#define HASHED 16
struct name {
	char text[5 + 2 * HASHED + 1];
};

static struct name file_of(const struct xmpp_jid *account)
{
	unsigned char digest[HASH_MAX];
	struct name name;
	hash_bytes(HASH_SHA256, xmpp_jid_bare(account), digest);
	int at = snprintf(name.text, sizeof(name.text), "xmpp-");
	for (size_t i = 0; i < HASHED; i++)
		at += snprintf(name.text + at, sizeof(name.text) - (size_t)at,
			"%02x", digest[i]);
	return name;
}

bool xmpp_keep_read(struct xmpp_known *k, const struct xmpp_jid *account,
	const char *transport, struct err *e)
{
	struct buf text = BUF_INIT(XMPP_KNOWN_TEXT_MAX);
	bool good = state_read(file_of(account).text, &text, e);
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
	return state_change(file_of(account).text, edit, &c, e);
}
