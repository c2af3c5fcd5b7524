/* SIP over WebSocket (RFC 7118): one message of SIP is one of WebSocket. */
#include "sip/transport_private.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "sip/uri.h"

#define SUBPROTOCOL "sip" /* section 4.1 */
#define ALIAS_MAX 255     /* of a name of DNS, which it looks like */

static void ws_opened(void *arg)
{
	sip_stream_opened(arg);
}

static void ws_came(void *arg, bool is_text, struct span bytes)
{
	struct sip_flow *f = arg;

	(void)is_text; /* section 4.2: both are accepted */
	if (f->is_closing)
		return;
	/* RFC 5626 section 3.5.1, as RFC 7118 section 6 has it */
	if (span_trim(bytes).n == 0) {
		if (span_is(bytes, "\r\n\r\n"))
			ws_send(f->ws, true, SPAN("\r\n"));
		return;
	}
	timer_set(f->idle, SIP_CONNECTION_IDLE);
	f->busy++;
	bool is_sip = sip_flow_deliver(f, bytes);
	f->busy--;
	if (!is_sip && f->ws && !f->is_closing)
		sip_stream_close(f);
	sip_flow_free_unused(f);
}

static void ws_ended(void *arg, const struct err *e)
{
	sip_stream_ended(arg, e);
}

static const struct ws_handlers ws_handlers = {
	.open = ws_opened,
	.message = ws_came,
	.closed = ws_ended,
};

static struct ws_settings settings_of(const struct sip_transport *t)
{
	return (struct ws_settings){
		.conn = { .max_out = SIP_CONNECTION_QUEUE_MAX },
		.terms = { .protocol = SUBPROTOCOL, .path = t->ws_path },
		.max_message = SIP_MSG_MAX,
	};
}

/* As in a URL: the port where it is another than the scheme's, brackets
 * around an IPv6 address. */
static void format_host(struct buf *out, const struct sip_target *target)
{
	uint16_t port = endpoint_port(&target->address);
	char text[ENDPOINT_TEXT_SIZE];
	struct endpoint numeric;

	if (!target->name)
		buf_str(out,
			endpoint_format_address(text, &target->address, true));
	else if (endpoint_parse_address(&numeric, span_of(target->name)))
		buf_str(out, endpoint_format_address(text, &numeric, true));
	else
		buf_str(out, target->name);
	if (port != sip_transport_port(target->kind))
		buf_printf(out, ":%u", port);
}

/* RFC 7118 section 7: names are those of HTTP, wildcards and all. */
static bool use_tls(struct ws_settings *s, struct sip_transport *t,
	const char *name, struct err *e)
{
	if (!t->tls.client)
		return err_set(e, STATUS_USAGE,
			"TLS was not set up for this connection");
	s->conn.tls = t->tls.client(t->tls.arg, e);
	s->conn.peer = (struct tls_peer){ .naming = TLS_NAMING_HOST,
		.name = t->tls.name ? t->tls.name : name };
	return s->conn.tls != NULL;
}

struct sip_flow *sip_ws_open(
	struct sip_transport *t, const struct sip_target *target, struct err *e)
{
	struct ws_settings s = settings_of(t);
	struct buf host = BUF_INIT(1024);

	if (t->connections >= SIP_CONNECTIONS_MAX) {
		err_set(e, STATUS_INTERNAL, "more than %d connections at once",
			SIP_CONNECTIONS_MAX);
		return NULL;
	}
	if (target->kind == SIP_TRANSPORT_WSS &&
		!use_tls(&s, t, target->name, e))
		return NULL;
	format_host(&host, target);
	s.terms.host = buf_text(&host);
	s.conn.addresses = &target->address;
	s.conn.count = 1;
	s.keepalive = WS_KEEPALIVE;
	struct sip_flow *f = sip_flow_new(
		t, target->kind, NULL, NULL, &target->address, target->name);
	f->ws = ws_connect(t->loop, &s, &ws_handlers, f);
	sip_stream_started(f);
	buf_clear(&host);
	return f;
}

/* Dialogs lead to addresses, by Contact and Record-Route, where certificates
 * have names, and a client of a WebSocket talks to nobody but its server
 * (appendix B.2): who has shown its certificate at this address is meant.
 * INTEROP: Kamailio writes sip: and not sips: into the Record-Route of a secure
 * connection; a port is not both, so that the secure one is meant. */
struct sip_flow *sip_ws_find(
	struct sip_transport *t, const struct sip_target *target)
{
	struct endpoint numeric;

	if (target->name &&
		!endpoint_parse_address(&numeric, span_of(target->name)))
		return NULL;
	LIST_EACH(&t->flows, at)
	{
		struct sip_flow *f = LIST_ITEM(at, struct sip_flow, link);
		bool is_kind =
			f->kind == target->kind || f->kind == SIP_TRANSPORT_WSS;
		if (is_kind && f->is_in_table && f->is_open &&
			endpoint_equal(&f->remote, &target->address))
			return f;
	}
	return NULL;
}

void sip_ws_accept(struct sip_listener *l, struct accepted *offer,
	const struct endpoint *from)
{
	struct sip_transport *t = l->t;
	struct ws_settings s = settings_of(t);

	s.terms.path = NULL;
	if (l->kind == SIP_TRANSPORT_WSS)
		s.conn.tls = t->tls.server;
	struct sip_flow *f = sip_flow_new(t, l->kind, NULL, NULL, from, NULL);
	f->ws = ws_accept(t->loop, offer, &s, &ws_handlers, f);
	sip_stream_started(f);
}

bool sip_ws_send(struct sip_flow *f, struct span bytes, struct err *e)
{
	if (!f->ws || f->is_closing)
		return err_set(
			e, STATUS_UNREACHABLE, "the connection is closed");
	/* Section 4.2: whatever is not UTF-8 goes as binary. */
	if (!ws_send(f->ws, utf8_is_valid(bytes), bytes))
		return err_set(e, STATUS_TIMEOUT,
			"the far side does not read: %zu bytes wait for it",
			ws_queued(f->ws));
	return true;
}

/* ---- names of those who cannot be connected to -------------------------------- */

bool sip_is_invalid_name(struct span host)
{
	static const char tail[] = ".invalid";
	size_t n = sizeof(tail) - 1;

	return host.n > n && span_is_nocase(span_skip(host, host.n - n), tail);
}

void sip_ws_learn_alias(struct sip_flow *f, const struct sip_scan *m)
{
	struct sip_values top = SIP_VALUES_INIT;
	struct sip_via via;

	if (m->is_request && sip_scan_values(m, SIP_HDR_VIA, &top) &&
		sip_via_parse(&via, top.value, NULL) &&
		sip_is_invalid_name(via.host) && via.host.n <= ALIAS_MAX)
		f->alias = span_dup(via.host);
}

bool sip_transport_find_alias(
	struct sip_transport *t, struct span name, struct sip_target *target)
{
	LIST_EACH(&t->flows, at)
	{
		const struct sip_flow *f = LIST_ITEM(at, struct sip_flow, link);
		if (!f->alias || !f->is_in_table || f->is_closing ||
			!span_equal_nocase(span_of(f->alias), name))
			continue;
		*target = (struct sip_target){ f->kind, f->remote, NULL };
		return true;
	}
	return false;
}

bool sip_transport_contact(struct buf *out, const struct sip_transport *t,
	enum sip_transport_kind kind, const struct endpoint *local,
	struct span user, bool secure)
{
	if (!sip_is_ws(kind) || sip_listener_port(t, kind, local))
		return sip_contact_format(out, kind, local, user, secure);
	buf_str(out, "<sip:");
	if (user.n) {
		sip_uri_encode_user(out, user);
		buf_char(out, '@');
	}
	/* Section 5.2: there is no "wss" in a URI. */
	return buf_printf(out, "%s;transport=ws>", t->name);
}
