#include "sip/locate.h"

#include "base/mem.h"
#include "base/buf.h"

#define NAME_MAX_DNS 253
#define NAME_ROOM 320 /* with "_sips._tcp." in front */

struct srv_copy {
	uint16_t port;
	char target[NAME_MAX_DNS + 2];
};

struct sip_locate {
	struct sip_locate_settings s;
	sip_locate_done *done;
	void *arg;
	struct timer *timer; /* for what is known at once */
	struct query *query;
	struct err e;
	enum sip_transport_kind kind;
	uint16_t port;
	char host[NAME_ROOM];
	/* Names of SRV records whose addresses are still to be asked for. */
	struct srv_copy *srv;
	size_t srv_count, srv_next;
	struct sip_target targets[SIP_TARGETS_MAX];
	size_t count;
};

void sip_locate_cancel(struct sip_locate *l)
{
	if (!l)
		return;
	query_cancel(l->query);
	timer_free(l->timer);
	mem_free(l->srv);
	mem_free(l);
}

static void locate_end(struct sip_locate *l)
{
	sip_locate_done *done = l->done;
	const struct err *e = l->count ? &ERR_NONE : &l->e;

	done(l->arg, l->targets, l->count, e);
	sip_locate_cancel(l);
}

static void locate_fire(void *arg)
{
	locate_end(arg);
}

static void locate_end_soon(struct sip_locate *l)
{
	timer_set(l->timer, 0);
}

static void add_target(
	struct sip_locate *l, const struct endpoint *address, uint16_t port)
{
	if (l->count == SIP_TARGETS_MAX)
		return;
	struct sip_target *t = &l->targets[l->count++];

	t->kind = l->kind;
	t->address = *address;
	endpoint_set_port(&t->address, port);
	/* RFC 5922 section 7: the name is that of the URI, before DNS. */
	t->name = l->kind == SIP_TRANSPORT_TLS || l->kind == SIP_TRANSPORT_WSS
			  ? l->host
			  : NULL;
}

/* ---- A and AAAA ------------------------------------------------------------- */

static void ask_next_srv(struct sip_locate *l);

static void addresses_found(void *arg, const struct endpoint *found,
	size_t count, const struct err *e)
{
	struct sip_locate *l = arg;
	uint16_t port = l->port;

	l->query = NULL;
	if (l->srv)
		port = l->srv[l->srv_next - 1].port;
	else if (port == 0)
		port = sip_transport_port(l->kind);
	for (size_t i = 0; i < count; i++)
		add_target(l, &found[i], port);
	if (count == 0)
		l->e = *e;
	if (l->srv_next < l->srv_count && l->count < SIP_TARGETS_MAX)
		ask_next_srv(l);
	else
		locate_end(l);
}

static void ask_addresses(struct sip_locate *l, const char *name)
{
	l->query = resolve_addresses(
		l->s.resolver, name, l->s.family, addresses_found, l);
}

/* ---- SRV (RFC 3263 section 4.2) ---------------------------------------------- */

static void ask_next_srv(struct sip_locate *l)
{
	ask_addresses(l, l->srv[l->srv_next++].target);
}

static void srv_found(void *arg, const struct srv_record *found, size_t count,
	const struct err *e)
{
	struct sip_locate *l = arg;

	l->query = NULL;
	if (count == 1 && span_is(span_of(found[0].target), ".")) {
		/* RFC 2782: decidedly not available. */
		err_set(&l->e, STATUS_UNREACHABLE, "%s offers no SIP over %s",
			l->host, sip_transport_name(l->kind));
		locate_end(l);
		return;
	}
	l->srv = count ? mem_array(count, sizeof(*l->srv)) : NULL;
	for (size_t i = 0; i < count; i++) {
		struct srv_copy *copy = &l->srv[l->srv_count];
		copy->port = found[i].port;
		if (span_copy(copy->target, sizeof(copy->target),
			    span_of(found[i].target)))
			l->srv_count++;
	}
	if (l->srv_count) {
		ask_next_srv(l);
		return;
	}
	mem_free(l->srv);
	l->srv = NULL;
	if (e->status == STATUS_TIMEOUT) {
		l->e = *e;
		locate_end(l);
		return;
	}
	ask_addresses(l, l->host);
}

static void ask_srv(struct sip_locate *l)
{
	char *name = mem_format("_%s._%s.%s",
		l->kind == SIP_TRANSPORT_TLS ? "sips" : "sip",
		l->kind == SIP_TRANSPORT_UDP ? "udp" : "tcp", l->host);

	l->query = resolve_srv(l->s.resolver, name, srv_found, l);
	mem_free(name);
}

/* ---- the beginning (section 4.1) --------------------------------------------- */

static bool choose_kind(
	struct sip_locate *l, const struct sip_uri *u, struct err *e)
{
	bool is_secure = u->kind == SIP_SCHEME_SIPS;
	struct span param;

	l->kind = l->s.kind;
	if (l->kind == SIP_TRANSPORT_NONE &&
		sip_uri_param(u, "transport", &param)) {
		l->kind = sip_transport_find(param);
		if (l->kind == SIP_TRANSPORT_NONE)
			return err_set(e, STATUS_USAGE,
				"no transport is called %.*s",
				SPAN_ARGS(param));
	}
	if (l->kind == SIP_TRANSPORT_NONE)
		l->kind = is_secure ? SIP_TRANSPORT_TLS : SIP_TRANSPORT_UDP;
	if (is_secure && l->kind == SIP_TRANSPORT_TCP)
		l->kind = SIP_TRANSPORT_TLS; /* RFC 3261 section 26.2.2 */
	if (is_secure && l->kind == SIP_TRANSPORT_WS)
		l->kind = SIP_TRANSPORT_WSS;
	if (is_secure && l->kind == SIP_TRANSPORT_UDP)
		return err_set(e, STATUS_USAGE,
			"a sips: URI cannot be reached over UDP");
	return true;
}

/* One side of a connect-to: HOST:PORT off the front of *rest. */
static bool take_pair(struct span *rest, struct span *host, uint16_t *port)
{
	struct span number;
	uint32_t value;
	bool ipv6 = span_starts(*rest, "[");
	size_t end = span_find(*rest, ']', 0);

	if (ipv6) {
		*host = span_first(span_skip(*rest, 1), end ? end - 1 : 0);
		*rest = span_skip(*rest, end + 1);
		if (!span_cut(rest, ':', &number) || number.n)
			return false;
	} else if (!span_cut(rest, ':', host)) {
		return false;
	}
	span_cut(rest, ':', &number);
	if (!span_to_u32(number, UINT16_MAX, &value))
		return false;
	*port = (uint16_t)value;
	return true;
}

/* False and e: one is malformed.  Else *found says whether one was meant. */
static bool redirect(struct sip_locate *l, bool *found, struct err *e)
{
	uint16_t wanted = l->port ? l->port : sip_transport_port(l->kind);
	const char *const *at = l->s.connect_to;

	*found = false;
	for (; at && *at && !*found; at++) {
		struct span rest = span_of(*at), host, address;
		struct endpoint to;
		uint16_t port, to_port;
		if (!take_pair(&rest, &host, &port) ||
			!take_pair(&rest, &address, &to_port) ||
			!endpoint_parse_address(&to, address))
			return err_set(e, STATUS_USAGE,
				"connect-to wants HOST:PORT:ADDR:PORT, not %s",
				*at);
		*found = span_equal_nocase(host, span_of(l->host)) &&
			 port == wanted;
		if (*found)
			add_target(l, &to, to_port);
	}
	return true;
}

static bool locate_start(struct sip_locate *l, struct span text, struct err *e)
{
	struct sip_uri u;
	struct endpoint address;
	struct span host;

	if (!sip_uri_parse(&u, text, e))
		return false;
	if (u.kind != SIP_SCHEME_SIP && u.kind != SIP_SCHEME_SIPS)
		return err_set(e, STATUS_USAGE,
			"only sip: and sips: URIs can be reached, not %.*s:",
			SPAN_ARGS(u.scheme));
	if (!choose_kind(l, &u, e))
		return false;
	if (!sip_uri_param(&u, "maddr", &host) || host.n == 0)
		host = u.host;
	l->port = u.port;
	if (!span_copy(l->host, NAME_MAX_DNS + 1, host))
		return err_set(e, STATUS_MALFORMED,
			"a host name has at most %d characters", NAME_MAX_DNS);
	bool is_redirected;
	if (!redirect(l, &is_redirected, e))
		return false;
	if (is_redirected) {
		locate_end_soon(l);
	} else if (endpoint_parse_address(&address, host)) {
		int family = endpoint_family(&address);
		if ((family == AF_INET && l->s.family == RESOLVE_V6) ||
			(family == AF_INET6 && l->s.family == RESOLVE_V4))
			return err_set(e, STATUS_USAGE,
				"%s is not an IPv%d address", l->host,
				family == AF_INET ? 6 : 4);
		add_target(l, &address,
			l->port ? l->port : sip_transport_port(l->kind));
		locate_end_soon(l);
	} else if (!l->s.resolver) {
		return err_set(e, STATUS_UNREACHABLE,
			"%s is a name, and there is no resolver", l->host);
	} else if (l->port) {
		ask_addresses(l, l->host);
	} else {
		ask_srv(l);
	}
	return true;
}

struct sip_locate *sip_locate_new(const struct sip_locate_settings *s,
	struct span uri, sip_locate_done *done, void *arg)
{
	struct sip_locate *l = mem_alloc(sizeof(*l));

	l->s = *s;
	l->done = done;
	l->arg = arg;
	l->timer = timer_new(s->loop, locate_fire, l);
	if (!locate_start(l, uri, &l->e))
		locate_end_soon(l);
	return l;
}
