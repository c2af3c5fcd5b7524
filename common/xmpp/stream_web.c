/* Where neither STARTTLS nor direct TLS can be reached: by the Web, as the
 * domain's host-meta names it (XEP-0156 section 2.2: only when the ways of RFC
 * 6120 are exhausted).
 *
 * A port that is closed or silent is a reason; a server that was reached, and
 * whatever went wrong with it, its certificate or the password, is none.  What
 * has helped is remembered for a day, and tried first by the next run. */
#include "net/connect_to.h"
#include "xmpp/keep.h"
#include "xmpp/stream_private.h"

#define TRANSPORT "web" /* of xmpp/known.h: for the way, not for pins */
#define PORT 443

bool xmpp_stream_web_is_allowed(
	const struct xmpp_stream *s, const struct xmpp_stream_settings *from)
{
	struct endpoint to;
	if (!from->fall_back || from->server || from->web || from->via)
		return false;
	/* Who says where to connect is not led elsewhere. */
	if (!from->connect_to || !*from->connect_to)
		return true;
	return connect_to_find(
		       from->connect_to, span_of(s->domain), PORT, &to, NULL) &&
	       to.len > 0;
}

/* ---- from run to run ---- */

static void keep(struct xmpp_stream *s, const char *url)
{
	struct xmpp_known k = { .web_found = xmpp_stream_wall(s) };
	struct err e = ERR_NONE;
	span_copy(k.web, sizeof(k.web), span_of(url));
	if (s->remembers && !xmpp_keep_write(&k, &s->jid, TRANSPORT, true, &e))
		xmpp_stream_warn(s, &e);
}

bool xmpp_stream_recall_web(struct xmpp_stream *s)
{
	struct xmpp_known k;
	struct xmpp_target *t = &s->targets[0];
	/* That the state cannot be read is said where it is missed. */
	if (!s->may_fall_back || !s->remembers ||
		!xmpp_keep_read(&k, &s->jid, TRANSPORT, NULL) ||
		!xmpp_known_has_web(&k, xmpp_stream_wall(s)) ||
		!xmpp_target_parse_url(t, span_of(k.web), NULL))
		return false;
	s->target_count = 1;
	s->by_memory = true;
	timer_set(s->timer, 0);
	return true;
}

void xmpp_stream_remember_web(struct xmpp_stream *s)
{
	struct buf url = BUF_INIT(XMPP_KNOWN_WEB_MAX);
	if (s->by_web && xmpp_target_add_url(&url, s->target))
		keep(s, buf_text(&url));
	buf_clear(&url);
	/* From here on it is this way that is tried again. */
	s->by_web = s->by_memory = s->may_fall_back = false;
}

/* ---- falling back ---- */

void xmpp_stream_note_failure(struct xmpp_stream *s, const struct err *why)
{
	bool unreached = s->phase == XMPP_PHASE_CONNECT &&
			 (why->status == STATUS_UNREACHABLE ||
				 why->status == STATUS_TIMEOUT);
	if (unreached)
		s->was_unreached = true;
	else if (s->phase >= XMPP_PHASE_CONNECT)
		s->was_reached = true;
}

usec_t xmpp_stream_connect_share(const struct xmpp_stream *s)
{
	usec_t left = s->target_until - loop_now(s->loop);
	return s->may_fall_back && s->target_until != USEC_NEVER ? left / 2
								 : left;
}

static void begin_lookup(struct xmpp_stream *s)
{
	xmpp_stream_drop_target(s);
	s->target = NULL;
	s->target_count = s->target_next = 0;
	s->target_until = s->deadline;
	xmpp_stream_enter(s, XMPP_PHASE_LOOKUP);
}

static void on_found(void *arg, const struct xmpp_target *found, size_t count,
	const struct err *e)
{
	struct xmpp_stream *s = arg;
	s->web_search = NULL;
	if (count == 0) {
		xmpp_stream_note(s, "%s", e->text);
		xmpp_stream_end(s, &s->failure);
		return;
	}
	s->by_web = true;
	xmpp_stream_use_targets(s, found, count);
}

static void look_for_web(struct xmpp_stream *s)
{
	const struct xmpp_web web = { .resolver = s->resolver,
		.family = s->family,
		.tls = &s->tls,
		.connect_to = s->connect_to,
		.kinds = XMPP_TARGET_WEB };
	usec_t until = loop_now(s->loop) + XMPP_STREAM_WEB_DEADLINE;
	begin_lookup(s);
	if (until < s->deadline)
		timer_set_at(s->timer, until);
	s->web_search = xmpp_web_find(s->loop, &web, s->domain, on_found, s);
}

bool xmpp_stream_fall_back(struct xmpp_stream *s)
{
	if (loop_now(s->loop) >= s->deadline)
		return false;
	if (s->by_memory) {
		s->by_memory = false;
		xmpp_stream_note(s, "%s: the usual way again", s->failure.text);
		keep(s, "");
		s->failure = ERR_NONE;
		s->was_reached = false;
		begin_lookup(s);
		xmpp_stream_find_targets(s);
		return true;
	}
	if (!s->may_fall_back || !s->was_unreached || s->was_reached)
		return false;
	s->may_fall_back = false; /* once */
	xmpp_stream_note(s, "%s: by the Web, then", s->failure.text);
	look_for_web(s);
	return true;
}
