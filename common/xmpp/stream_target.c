/* Where a stream goes: the servers of its domain, one after the other, each
 * with its share of the deadline, and the TLS that proves it is one. */
#include "base/mem.h"
#include "net/connect_to.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

struct tls_config *xmpp_stream_tls_config(
	struct xmpp_stream *s, enum xmpp_security security, struct err *e)
{
	struct tls_config **config = &s->tls_configs[security];
	struct tls_settings settings = s->tls;
	/* Of STARTTLS nobody expects it. */
	static const char *const alpn[XMPP_SECURITY_COUNT] = {
		[XMPP_SECURITY_DIRECT] = "xmpp-client",
		[XMPP_SECURITY_WEBSOCKET] = "http/1.1",
		[XMPP_SECURITY_BOSH] = "http/1.1",
	};
	settings.alpn = alpn[security];
	if (!*config)
		*config = tls_config_new(&settings, e);
	return *config;
}

/* RFC 6120 section 13.7.2.1, XEP-0368: the JID's domain, however we came to
 * the server; but what a URL leads to is the host of the URL, which a person
 * has given or the domain itself, on TLS (RFC 7395 section 4). */
void xmpp_stream_tls_peer(const struct xmpp_stream *s, struct tls_peer *peer)
{
	if (xmpp_target_is_web(s->target)) {
		*peer = (struct tls_peer){ .naming = TLS_NAMING_HOST,
			.name = s->tls_name ? s->tls_name : s->target->host,
			.sni = s->target->host };
		return;
	}
	*peer = (struct tls_peer){ .naming = TLS_NAMING_XMPP,
		.name = s->tls_name ? s->tls_name : s->domain,
		.unicode = s->tls_name ? NULL : s->domain_text,
		.sni = s->domain };
}

/* With STARTTLS there is time while the server answers; but a file that cannot
 * be used is said before anybody is connected to. */
static bool may_make_tls_later(const struct xmpp_stream *s)
{
	return s->target->security == XMPP_SECURITY_STARTTLS &&
	       !s->tls.ca_file && !s->tls.cert_file && !s->tls.keylog_file &&
	       !s->tls.pin;
}

static bool connect_to(struct xmpp_stream *s, const struct endpoint *found,
	size_t count, struct err *e)
{
	struct xmpp_wire_settings settings = { .content_ns = XMPP_NS_CLIENT };
	struct conn_settings *conn = &settings.conn;
	struct endpoint *with_port = mem_array(count, sizeof(*with_port));
	for (size_t i = 0; i < count; i++) {
		with_port[i] = found[i];
		endpoint_set_port(&with_port[i], s->connect_port);
	}
	conn->addresses = with_port;
	conn->count = count;
	conn->deadline = xmpp_stream_connect_share(s);
	if (conn->deadline > CONN_CONNECT_DEADLINE)
		conn->deadline = CONN_CONNECT_DEADLINE;
	struct tunnel_settings tunnel = s->via;
	tunnel.host = s->target->host;
	tunnel.port = s->target->port;
	if (s->via.host)
		conn->tunnel = &tunnel;
	struct buf host = BUF_INIT(300);
	struct ws_terms ws = { .path = s->target->path };
	struct xmpp_wire_bosh bosh = { .path = s->target->path };
	if (xmpp_target_is_web(s->target))
		xmpp_target_add_host(&host, s->target);
	ws.host = bosh.host = buf_text(&host);
	if (s->target->security == XMPP_SECURITY_WEBSOCKET)
		settings.ws = &ws;
	if (s->target->security == XMPP_SECURITY_BOSH)
		settings.bosh = &bosh;
	struct tls_config *tls = NULL;
	bool later = may_make_tls_later(s);
	if (!later)
		tls = xmpp_stream_tls_config(s, s->target->security, e);
	if (tls && s->target->security != XMPP_SECURITY_STARTTLS) {
		conn->tls = tls;
		xmpp_stream_tls_peer(s, &conn->peer);
	}
	bool good = tls || later;
	/* What is traced is formatted for it, element by element. */
	struct xmpp_wire_handlers handlers = xmpp_stream_wire_handlers;
	if (!s->log.trace)
		handlers.trace = NULL;
	if (good) {
		s->wire = xmpp_wire_connect(s->loop, &settings, &handlers, s);
		xmpp_stream_enter(s, XMPP_PHASE_CONNECT);
	}
	buf_clear(&host);
	mem_free(with_port);
	return good;
}

static void on_addresses(void *arg, const struct endpoint *found, size_t count,
	const struct err *e)
{
	struct xmpp_stream *s = arg;
	struct err why = *e;
	s->query = NULL;
	if (count && connect_to(s, found, count, &why))
		return;
	xmpp_stream_fail(s, &why);
}

/* Of the target, or of where --connect-to sends what is meant for it; where
 * there is a proxy, of that one, which looks for the target itself. */
static void ask_address(struct xmpp_stream *s)
{
	char text[ENDPOINT_TEXT_SIZE];
	struct endpoint to;
	const char *host = s->via.host ? s->via.host : s->target->host;
	uint16_t port = s->via.host ? s->via.port : s->target->port;
	connect_to_find(s->connect_to, span_of(host), port, &to, NULL);
	s->connect_port = to.len ? endpoint_port(&to) : port;
	s->query = resolve_addresses(s->resolver,
		to.len ? endpoint_format_address(text, &to, false) : host,
		to.len ? RESOLVE_ANY : s->family, on_addresses, s);
}

void xmpp_stream_try(struct xmpp_stream *s, const struct xmpp_target *t)
{
	usec_t now = loop_now(s->loop);
	size_t left = s->target_count - s->target_next + 1;
	s->target = t;
	s->target_until = s->deadline == USEC_NEVER
				  ? USEC_NEVER
				  : now + (s->deadline - now) / (usec_t)left;
	static const char *const how[] = { "STARTTLS", "direct TLS",
		"WebSocket", "BOSH" };
	xmpp_stream_note(s, "trying %s:%u%s (%s)", t->host, t->port, t->path,
		how[t->security]);
	xmpp_stream_enter(s, XMPP_PHASE_ADDRESS);
	xmpp_stream_watch_ports(s);
	ask_address(s);
}

void xmpp_stream_next_target(struct xmpp_stream *s)
{
	xmpp_stream_try(s, &s->targets[s->target_next++]);
}

void xmpp_stream_use_targets(
	struct xmpp_stream *s, const struct xmpp_target *found, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s->targets[i] = found[i];
	s->target_count = count;
	xmpp_stream_next_target(s);
}

static void on_targets(void *arg, const struct xmpp_target *found, size_t count,
	const struct err *e)
{
	struct xmpp_stream *s = arg;
	s->search = NULL;
	s->web_search = NULL;
	if (count == 0) {
		xmpp_stream_fail(s, e);
		return;
	}
	xmpp_stream_use_targets(s, found, count);
}

struct xmpp_web_search *xmpp_stream_search_web(
	struct xmpp_stream *s, unsigned kinds, xmpp_target_done *done)
{
	const struct xmpp_web web = { .resolver = s->resolver,
		.family = s->family,
		.tls = &s->tls,
		.connect_to = s->connect_to,
		.via = s->via.host ? &s->via : NULL,
		.kinds = kinds };
	return xmpp_web_find(s->loop, &web, s->domain, done, s);
}

void xmpp_stream_find_targets(struct xmpp_stream *s)
{
	if (s->web)
		s->web_search = xmpp_stream_search_web(s, s->web, on_targets);
	else
		s->search = xmpp_target_find(
			s->loop, s->resolver, s->domain, on_targets, s);
}

void xmpp_stream_drop_searches(struct xmpp_stream *s)
{
	xmpp_target_cancel(s->search);
	s->search = NULL;
	xmpp_stream_forget_web(s);
}
