/* Where neither STARTTLS nor direct TLS can be reached: by the Web, as the
 * domain's host-meta names it (XEP-0156 section 2.2: only when the ways of RFC
 * 6120 are exhausted).
 *
 * A port that is closed or silent is a reason, and a proxy that does not let us
 * through to it; a server that was reached, and whatever went wrong with it, its
 * certificate or the password, is none.  What has helped is remembered for a
 * day, and tried first by the next run.
 *
 * INTEROP: the XEP wants host-meta asked for not before that either.  A firewall
 * that swallows packets would cost the whole of what connecting may take; so
 * after XMPP_STREAM_WEB_SILENCE it is asked for beside the ports, once, and what
 * it names is taken when each of them has had a moment. */
#include <string.h>

#include "base/mem.h"
#include "net/connect_to.h"
#include "xmpp/keep.h"
#include "xmpp/stream_private.h"

#define PORT 443

bool xmpp_stream_web_is_allowed(
	const struct xmpp_stream *s, const struct xmpp_stream_settings *from)
{
	struct endpoint to;
	if (!from->fall_back || from->server || from->web)
		return false;
	/* Who says where to connect is not led elsewhere; but with a proxy that
	 * is said of the proxy. */
	if (from->via || !from->connect_to || !*from->connect_to)
		return true;
	return connect_to_find(
		       from->connect_to, span_of(s->domain), PORT, &to, NULL) &&
	       to.len > 0;
}

/* ---- from run to run ---- */

/* For xmpp/known.h: of the way, not for pins.  What is barred here need not be
 * there, where the proxy is. */
static const char *way(const struct xmpp_stream *s)
{
	return s->via.host ? "via" : "web";
}

static void keep(struct xmpp_stream *s, const char *url)
{
	struct xmpp_known k = { .web_found = xmpp_stream_wall(s) };
	struct err e = ERR_NONE;
	span_copy(k.web, sizeof(k.web), span_of(url));
	if (s->remembers && !xmpp_keep_write(&k, &s->jid, way(s), true, &e))
		xmpp_stream_warn(s, &e);
}

bool xmpp_stream_recall_web(struct xmpp_stream *s)
{
	struct xmpp_known k;
	struct xmpp_target *t = &s->targets[0];
	/* That the state cannot be read is said where it is missed. */
	if (!s->may_fall_back || !s->remembers ||
		!xmpp_keep_read(&k, &s->jid, way(s), NULL) ||
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
	bool by_proxy = s->via.host && why->status == STATUS_REFUSED;
	bool unreached = s->phase == XMPP_PHASE_CONNECT &&
			 (by_proxy || why->status == STATUS_UNREACHABLE ||
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

static void go_by_web(
	struct xmpp_stream *s, const struct xmpp_target *found, size_t count)
{
	begin_lookup(s);
	s->by_web = true;
	xmpp_stream_use_targets(s, found, count);
}

static void go_by_what_was_found(struct xmpp_stream *s)
{
	struct xmpp_target *found = s->web_found;
	s->web_found = NULL;
	go_by_web(s, found, s->web_count);
	mem_free(found);
}

static void on_found(void *arg, const struct xmpp_target *found, size_t count,
	const struct err *e)
{
	struct xmpp_stream *s = arg;
	bool ports_are_over = s->phase == XMPP_PHASE_LOOKUP;
	s->web_search = NULL;
	if (count == 0) {
		xmpp_stream_note(s, "%s", e->text);
		if (ports_are_over)
			xmpp_stream_end(s, &s->failure);
	} else if (ports_are_over) {
		go_by_web(s, found, count);
	} else {
		s->web_found = mem_array(count, sizeof(*found));
		memcpy(s->web_found, found, count * sizeof(*found));
		s->web_count = count;
		xmpp_stream_watch_ports(s);
	}
}

static void ask(struct xmpp_stream *s)
{
	s->web_asked = true;
	s->web_search = xmpp_stream_search_web(s, XMPP_TARGET_WEB, on_found);
}

static void wait_for_answer(struct xmpp_stream *s)
{
	usec_t until = loop_now(s->loop) + XMPP_STREAM_WEB_DEADLINE;
	begin_lookup(s);
	if (until < s->deadline)
		timer_set_at(s->timer, until);
	if (!s->web_search)
		ask(s);
}

/* What was tried instead has failed. */
static bool go_back(struct xmpp_stream *s)
{
	if (s->by_memory)
		keep(s, "");
	s->by_memory = s->by_web = s->hasty = false;
	xmpp_stream_note(s, "%s: the usual way again", s->failure.text);
	s->failure = ERR_NONE;
	s->was_reached = false;
	begin_lookup(s);
	xmpp_stream_find_targets(s);
	return true;
}

bool xmpp_stream_fall_back(struct xmpp_stream *s)
{
	if (loop_now(s->loop) >= s->deadline)
		return false;
	if (s->by_memory || (s->by_web && s->hasty))
		return go_back(s);
	bool in_vain = s->web_asked && !s->web_search && !s->web_count;
	if (!s->may_fall_back || !s->was_unreached || s->was_reached || in_vain)
		return false;
	s->may_fall_back = false; /* once */
	timer_stop(s->beside);
	xmpp_stream_note(s, "%s: by the Web, then", s->failure.text);
	if (s->web_count)
		go_by_what_was_found(s);
	else
		wait_for_answer(s);
	return true;
}

/* ---- while the ports are silent ---- */

void xmpp_stream_watch_ports(struct xmpp_stream *s)
{
	if (!s->may_fall_back || s->by_memory || timer_is_set(s->beside))
		return;
	if (!s->web_asked)
		timer_set(s->beside, XMPP_STREAM_WEB_SILENCE);
	else if (s->web_count)
		timer_set(s->beside, XMPP_STREAM_WEB_PATIENCE);
}

void xmpp_stream_forget_web(struct xmpp_stream *s)
{
	timer_stop(s->beside);
	xmpp_web_cancel(s->web_search);
	s->web_search = NULL;
	mem_free(s->web_found);
	s->web_found = NULL;
	s->web_count = 0;
}

/* A port that answers is given its time, for TLS and all; but behind a proxy
 * it is the proxy that does. */
static bool is_silent(const struct xmpp_stream *s)
{
	if (s->phase == XMPP_PHASE_ADDRESS)
		return true;
	return s->phase == XMPP_PHASE_CONNECT &&
	       (s->via.host || !xmpp_wire_remote(s->wire)->len);
}

/* For the next port, which gets a moment too (XEP-0156 section 2: the Web comes
 * last), or for the Web; where that fails the ports get the rest of their
 * time. */
static void leave_silent(struct xmpp_stream *s)
{
	struct err e = ERR_NONE;
	err_set(&e, STATUS_TIMEOUT, "%s:%u: does not answer", s->target->host,
		s->target->port);
	if (!err_is_set(&s->failure))
		s->failure = e;
	s->hasty = s->was_unreached = true;
	if (s->target_next < s->target_count) {
		xmpp_stream_note(s, "%s so far", e.text);
		xmpp_stream_drop_target(s);
		xmpp_stream_next_target(s);
	} else {
		s->may_fall_back = false;
		xmpp_stream_note(s, "%s so far: by the Web, then", e.text);
		go_by_what_was_found(s);
	}
}

void xmpp_stream_on_beside(void *arg)
{
	struct xmpp_stream *s = arg;
	if (s->was_reached || !is_silent(s))
		return; /* until the next target */
	if (!s->web_asked) {
		xmpp_stream_note(s, "%s: silent so far: host-meta is asked for",
			s->domain);
		ask(s);
		return;
	}
	leave_silent(s);
}
