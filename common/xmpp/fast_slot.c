#include "xmpp/fast_slot.h"

#define HEADER "samtal-fast 1\n"

void xmpp_fast_slot_init(struct xmpp_fast_slot *s)
{
	*s = (struct xmpp_fast_slot){ .token = BUF_INIT(XMPP_FAST_TOKEN_MAX) };
}

void xmpp_fast_slot_clear(struct xmpp_fast_slot *s)
{
	buf_clear_wiped(&s->token);
}

static bool is_word(struct span s, size_t max)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0 && s.n <= max;
}

bool xmpp_fast_slot_set(struct xmpp_fast_slot *s, struct span mechanism,
	struct span token, uint64_t expiry)
{
	if (!is_word(mechanism, XMPP_FAST_MECHANISM_MAX) ||
		!is_word(token, XMPP_FAST_TOKEN_MAX))
		return false;
	span_copy(s->mechanism, sizeof(s->mechanism), mechanism);
	buf_reset(&s->token);
	buf_span(&s->token, token);
	s->expiry = expiry;
	return true;
}

static void parse_token(struct xmpp_fast_slot *s, struct span line)
{
	struct span mechanism, expiry;
	uint64_t until;
	if (span_cut(&line, ' ', &mechanism) && span_cut(&line, ' ', &expiry) &&
		span_to_u64(expiry, INT64_MAX, &until))
		xmpp_fast_slot_set(s, mechanism, line, until);
}

void xmpp_fast_slot_parse(struct xmpp_fast_slot *s, struct span text)
{
	struct span line, key;
	bool more = text.n > 0;
	while (more) {
		more = span_cut(&text, '\n', &line);
		if (!span_cut(&line, ' ', &key))
			continue;
		if (span_is(key, "agent") && line.n == XMPP_FAST_AGENT_LENGTH &&
			is_word(line, XMPP_FAST_AGENT_LENGTH))
			span_copy(s->agent, sizeof(s->agent), line);
		else if (span_is(key, "token"))
			parse_token(s, line);
	}
}

bool xmpp_fast_slot_format(struct buf *out, const struct xmpp_fast_slot *s)
{
	buf_printf(out, HEADER "agent %s\n", s->agent);
	if (s->mechanism[0])
		buf_printf(out, "token %s %llu %.*s\n", s->mechanism,
			(unsigned long long)s->expiry,
			SPAN_ARGS(buf_view(&s->token)));
	return !out->failed;
}
