#include "xmpp/stream.h"

#include "base/mem.h"
#include "xmpp/prep.h"
#include "xmpp/salted.h"
#include "xmpp/stream_private.h"

/* ---- birth and death ---- */

static bool copy_identity(struct xmpp_stream *s,
	const struct xmpp_stream_settings *from, struct err *e)
{
	struct buf ascii = BUF_INIT(XMPP_JID_PART_MAX);
	bool good = xmpp_prep_domain_ascii(&ascii, from->jid->domain, e);
	if (good)
		s->domain = mem_str(buf_text(&ascii));
	buf_clear(&ascii);
	xmpp_jid_copy(&s->jid, from->jid);
	s->domain_text = span_dup(from->jid->domain);
	s->username =
		span_dup(from->username.n ? from->username : from->jid->local);
	buf_init(&s->password, from->password.n);
	buf_span(&s->password, from->password);
	return good;
}

static void copy_tls(struct xmpp_stream *s, const struct tls_settings *from)
{
	s->tls = *from;
	s->tls.ca_file = mem_str(from->ca_file);
	s->tls.cert_file = mem_str(from->cert_file);
	s->tls.key_file = mem_str(from->key_file);
	s->tls.pin = mem_str(from->pin);
	s->tls.keylog_file = mem_str(from->keylog_file);
	s->verified = !from->insecure;
}

static void free_tls(struct xmpp_stream *s)
{
	mem_free((char *)s->tls.ca_file);
	mem_free((char *)s->tls.cert_file);
	mem_free((char *)s->tls.key_file);
	mem_free((char *)s->tls.pin);
	mem_free((char *)s->tls.keylog_file);
	for (size_t i = 0; i < XMPP_SECURITY_COUNT; i++)
		tls_config_free(s->tls_configs[i]);
}

struct xmpp_stream *xmpp_stream_new(struct loop *l, struct resolver *r,
	const struct xmpp_stream_settings *settings,
	const struct xmpp_stream_handlers *handlers, void *arg, struct err *e)
{
	struct xmpp_stream *s = mem_alloc(sizeof(*s));
	s->loop = l;
	s->resolver = r;
	s->handlers = *handlers;
	s->arg = arg;
	s->allow_plain = settings->allow_plain;
	s->web = settings->web;
	s->connect_to = settings->connect_to;
	if (settings->via)
		s->via = (struct tunnel_settings){ .kind = settings->via->kind,
			.host = mem_str(settings->via->host),
			.port = settings->via->port,
			.user = mem_str(settings->via->user),
			.password = mem_str(settings->via->password) };
	s->unauthenticated = settings->unauthenticated;
	s->anonymous = !settings->jid->local.n;
	s->log = settings->log;
	s->tls_name = mem_str(settings->tls_name);
	s->family = settings->family;
	s->deadline = s->limit = s->target_until = settings->deadline;
	s->reconnect = settings->reconnect;
	/* What was not verified is not to be believed another time. */
	s->remembers = settings->remember && !settings->tls.insecure;
	s->fast_tried = settings->no_tokens || s->anonymous;
	s->unpin = settings->unpin;
	s->timer = timer_new(l, xmpp_stream_on_timer, s);
	s->spare = timer_new(l, xmpp_stream_on_spare, s);
	s->beside = timer_new(l, xmpp_stream_on_beside, s);
	xmpp_sm_init(&s->sm);
	copy_tls(s, &settings->tls);
	if (!copy_identity(s, settings, e)) {
		xmpp_stream_free(s);
		return NULL;
	}
	s->may_fall_back = xmpp_stream_web_is_allowed(s, settings);
	xmpp_stream_enter(s, XMPP_PHASE_LOOKUP);
	if (settings->server) {
		s->targets[s->target_count++] = *settings->server;
		timer_set(s->timer, 0);
	} else if (!xmpp_stream_recall_web(s)) {
		xmpp_stream_find_targets(s);
	}
	return s;
}

void xmpp_stream_free(struct xmpp_stream *s)
{
	if (!s)
		return;
	xmpp_stream_drop_target(s);
	xmpp_stream_drop_searches(s);
	timer_free(s->timer);
	timer_free(s->spare);
	timer_free(s->beside);
	xmpp_salted_free(s->salted);
	xmpp_fast_free(s->fast);
	mem_free(s->archive_end);
	free_tls(s);
	buf_clear_wiped(&s->password);
	xmpp_jid_clear(&s->jid);
	xmpp_jid_clear(&s->bound);
	xmpp_sm_clear(&s->sm);
	mem_free(s->domain);
	mem_free(s->domain_text);
	mem_free((char *)s->via.host);
	mem_free((char *)s->via.user);
	mem_free_wiped((char *)s->via.password);
	mem_free(s->tls_name);
	mem_free(s->username);
	mem_free(s);
}

void xmpp_stream_close(struct xmpp_stream *s)
{
	if (s->phase >= XMPP_PHASE_CLOSING)
		return;
	bool online = s->phase == XMPP_PHASE_ONLINE;
	if (online)
		xmpp_stream_farewell(s);
	xmpp_stream_enter(s, XMPP_PHASE_CLOSING);
	if (s->wire) {
		xmpp_wire_close(s->wire);
		return;
	}
	xmpp_stream_drop_target(s);
	xmpp_stream_drop_searches(s);
	timer_set(s->timer, 0);
}

void xmpp_stream_abandon(struct xmpp_stream *s, const struct err *why)
{
	if (s->wire && s->phase >= XMPP_PHASE_ONLINE)
		xmpp_wire_abandon(s->wire, why);
}

const struct xmpp_jid *xmpp_stream_jid(const struct xmpp_stream *s)
{
	return xmpp_jid_is_set(&s->bound) ? &s->bound : &s->jid;
}

void xmpp_stream_set_catches_up(struct xmpp_stream *s, bool catches_up)
{
	s->catches_up = catches_up;
}

bool xmpp_stream_is_inline(const struct xmpp_stream *s)
{
	return s->is_inline;
}

bool xmpp_stream_has_carbons(const struct xmpp_stream *s)
{
	return s->has_carbons;
}

const char *xmpp_stream_archive_end(const struct xmpp_stream *s)
{
	return s->archive_end;
}

struct xmpp_sm *xmpp_stream_sm(struct xmpp_stream *s)
{
	return &s->sm;
}
