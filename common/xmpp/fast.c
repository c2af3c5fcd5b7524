#include "xmpp/fast.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/state.h"
#include "xmpp/keep.h"

#define HEADER "samtal-fast 1\n"
#define MECHANISM_MAX 20 /* RFC 4422 section 3.1 */
#define UUID_LENGTH 36
#define TEXT_MAX 16384

struct xmpp_fast {
	int claim;
	char file[XMPP_KEEP_NAME_SIZE + 4];
	char agent[UUID_LENGTH + 1];
	char mechanism[MECHANISM_MAX + 1]; /* of the token; "": there is none */
	struct buf token;
	uint64_t expiry;
};

/* ---- the text of a slot ---- */

/* RFC 9562 section 5.4: random, version 4. */
static void make_agent(char out[UUID_LENGTH + 1])
{
	unsigned char b[16];
	rand_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(out, UUID_LENGTH + 1,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		"%02x%02x%02x%02x%02x%02x",
		b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
		b[10], b[11], b[12], b[13], b[14], b[15]);
}

static bool is_word(struct span s, size_t max)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0 && s.n <= max;
}

static void parse_token(struct xmpp_fast *f, struct span line)
{
	struct span mechanism, expiry;
	uint64_t until;
	if (!span_cut(&line, ' ', &mechanism) ||
		!span_cut(&line, ' ', &expiry) ||
		!is_word(mechanism, MECHANISM_MAX) ||
		!is_word(line, XMPP_FAST_TOKEN_MAX) ||
		!span_to_u64(expiry, INT64_MAX, &until))
		return;
	span_copy(f->mechanism, sizeof(f->mechanism), mechanism);
	buf_reset(&f->token);
	buf_span(&f->token, line);
	f->expiry = until;
}

static void parse(struct xmpp_fast *f, struct span text)
{
	struct span line, key;
	bool more = text.n > 0;
	while (more) {
		more = span_cut(&text, '\n', &line);
		if (!span_cut(&line, ' ', &key))
			continue;
		if (span_is(key, "agent") && line.n == UUID_LENGTH &&
			is_word(line, UUID_LENGTH))
			span_copy(f->agent, sizeof(f->agent), line);
		else if (span_is(key, "token"))
			parse_token(f, line);
	}
}

static bool edit(void *arg, struct buf *content, struct err *e)
{
	const struct xmpp_fast *f = arg;
	(void)e;
	mem_wipe(content->data, content->len);
	buf_reset(content);
	buf_printf(content, HEADER "agent %s\n", f->agent);
	if (f->mechanism[0])
		buf_printf(content, "token %s %llu %.*s\n", f->mechanism,
			(unsigned long long)f->expiry,
			SPAN_ARGS(buf_view(&f->token)));
	return !content->failed;
}

static bool save(struct xmpp_fast *f, struct err *e)
{
	return state_change(f->file, edit, f, e);
}

/* ---- the slot ---- */

struct xmpp_fast *xmpp_fast_open(const struct xmpp_jid *account, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	char name[XMPP_KEEP_NAME_SIZE];
	unsigned slot;
	xmpp_keep_name(name, account);
	int claim = state_claim(name, XMPP_FAST_SLOTS, &slot, e);
	if (claim < 0)
		return NULL;
	struct xmpp_fast *f = mem_alloc(sizeof(*f));
	f->claim = claim;
	buf_init(&f->token, XMPP_FAST_TOKEN_MAX);
	snprintf(f->file, sizeof(f->file), "%s-%u", name, slot);
	bool good = state_read(f->file, &text, e);
	parse(f, buf_view(&text));
	buf_clear_wiped(&text);
	if (good && !f->agent[0]) {
		make_agent(f->agent);
		f->mechanism[0] = '\0';
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
	buf_clear_wiped(&f->token);
	mem_free(f);
}

const char *xmpp_fast_agent(const struct xmpp_fast *f)
{
	return f->agent;
}

bool xmpp_fast_token(const struct xmpp_fast *f, uint64_t now,
	struct span *mechanism, struct span *token)
{
	if (!f->mechanism[0] || f->expiry < now + XMPP_FAST_MARGIN)
		return false;
	*mechanism = span_of(f->mechanism);
	*token = buf_view(&f->token);
	return true;
}

bool xmpp_fast_keep(struct xmpp_fast *f, struct span mechanism,
	struct span token, uint64_t expiry, struct err *e)
{
	if (!is_word(mechanism, MECHANISM_MAX) ||
		!is_word(token, XMPP_FAST_TOKEN_MAX))
		return err_set(e, STATUS_MALFORMED,
			"the token is none that can be kept");
	span_copy(f->mechanism, sizeof(f->mechanism), mechanism);
	buf_reset(&f->token);
	buf_span(&f->token, token);
	f->expiry = expiry;
	return save(f, e);
}

bool xmpp_fast_drop(struct xmpp_fast *f, struct err *e)
{
	f->mechanism[0] = '\0';
	return save(f, e);
}
