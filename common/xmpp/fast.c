#include "xmpp/fast.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/state.h"
#include "xmpp/fast_slot.h"
#include "xmpp/keep.h"

struct xmpp_fast {
	int claim;
	char file[XMPP_KEEP_NAME_SIZE + 4];
	struct xmpp_fast_slot slot;
};

/* ---- the file of a slot ---- */

/* RFC 9562 section 5.4: random, version 4. */
static void make_agent(char out[XMPP_FAST_AGENT_LENGTH + 1])
{
	unsigned char b[16];
	rand_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(out, XMPP_FAST_AGENT_LENGTH + 1,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		"%02x%02x%02x%02x%02x%02x",
		b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
		b[10], b[11], b[12], b[13], b[14], b[15]);
}

static bool edit(void *arg, struct buf *content, struct err *e)
{
	const struct xmpp_fast *f = arg;
	(void)e;
	mem_wipe(content->data, content->len);
	buf_reset(content);
	return xmpp_fast_slot_format(content, &f->slot);
}

static bool save(struct xmpp_fast *f, struct err *e)
{
	return state_change(f->file, edit, f, e);
}

/* ---- taking and giving back ---- */

struct xmpp_fast *xmpp_fast_open(const struct xmpp_jid *account, struct err *e)
{
	struct buf text = BUF_INIT(XMPP_FAST_TEXT_MAX);
	char name[XMPP_KEEP_NAME_SIZE];
	unsigned slot;
	xmpp_keep_name(name, account);
	int claim = state_claim(name, XMPP_FAST_SLOTS, &slot, e);
	if (claim < 0)
		return NULL;
	struct xmpp_fast *f = mem_alloc(sizeof(*f));
	f->claim = claim;
	xmpp_fast_slot_init(&f->slot);
	snprintf(f->file, sizeof(f->file), "%s-%u", name, slot);
	bool good = state_read(f->file, &text, e);
	xmpp_fast_slot_parse(&f->slot, buf_view(&text));
	buf_clear_wiped(&text);
	if (good && !f->slot.agent[0]) {
		make_agent(f->slot.agent);
		f->slot.mechanism[0] = '\0';
	}
	if (good)
		return f;
	xmpp_fast_free(f);
	return NULL;
}

void xmpp_fast_free(struct xmpp_fast *f)
{
	if (!f)
		return;
	state_release(f->claim);
	xmpp_fast_slot_clear(&f->slot);
	mem_free(f);
}

const char *xmpp_fast_agent(const struct xmpp_fast *f)
{
	return f->slot.agent;
}

bool xmpp_fast_token(const struct xmpp_fast *f, uint64_t now,
	struct span *mechanism, struct span *token)
{
	const struct xmpp_fast_slot *s = &f->slot;
	if (!s->mechanism[0] || s->expiry < now + XMPP_FAST_MARGIN)
		return false;
	*mechanism = span_of(s->mechanism);
	*token = buf_view(&s->token);
	return true;
}

bool xmpp_fast_keep(struct xmpp_fast *f, struct span mechanism,
	struct span token, uint64_t expiry, struct err *e)
{
	if (!xmpp_fast_slot_set(&f->slot, mechanism, token, expiry))
		return err_set(e, STATUS_MALFORMED,
			"the token is none that can be kept");
	return save(f, e);
}

bool xmpp_fast_drop(struct xmpp_fast *f, struct err *e)
{
	f->slot.mechanism[0] = '\0';
	return save(f, e);
}
