#include "sip/locate.h"

#include "base/mem.h"
#include "net/connect_to.h"
#include "sip/locate_private.h"

void sip_locate_cancel(struct sip_locate *l)
{
	if (!l)
		return;
	query_cancel(l->query);
	sip_enum_cancel(l->number);
	timer_free(l->timer);
	mem_free(l->places);
	mem_free(l->uri);
	mem_free(l);
}

const char *sip_locate_enum_uri(const struct sip_locate *l)
{
	return l->uri;
}

void sip_locate_end(struct sip_locate *l)
{
	sip_locate_done *done = l->done;
	const struct err *e = l->count ? &ERR_NONE : &l->e;

	done(l->arg, l->targets, l->count, e);
	sip_locate_cancel(l);
}

static void locate_end_soon(struct sip_locate *l)
{
	timer_set(l->timer, 0);
}

void sip_locate_add(struct sip_locate *l, const struct endpoint *address)
{
	if (l->count == SIP_TARGETS_MAX)
		return;
	struct sip_target *t = &l->targets[l->count++];

	t->kind = l->kind;
	t->address = *address;
	endpoint_set_port(
		&t->address, l->port ? l->port : sip_transport_port(l->kind));
	/* RFC 5922 section 7: the name is that of the URI, before DNS. */
	t->name = l->kind == SIP_TRANSPORT_UDP || l->kind == SIP_TRANSPORT_TCP
			  ? NULL
			  : l->host;
}

/* Nobody has answered for too long: what was found until now is all. */
static void locate_fire(void *arg)
{
	struct sip_locate *l = arg;

	if (l->query || l->number) {
		err_set(&l->e, STATUS_TIMEOUT,
			"%s: no nameserver answered in time", l->asking);
		err_condition(&l->e, "", true);
	}
	sip_locate_end(l);
}

/* ---- the beginning ------------------------------------------------------------ */

static bool take_number(struct sip_locate *l, const struct endpoint *address,
	uint16_t port, struct err *e)
{
	int family = endpoint_family(address);

	if ((family == AF_INET && l->s.family == RESOLVE_V6) ||
		(family == AF_INET6 && l->s.family == RESOLVE_V4))
		return err_set(e, STATUS_USAGE, "%s is not an IPv%d address",
			l->host, family == AF_INET ? 6 : 4);
	l->port = port;
	sip_locate_add(l, address);
	locate_end_soon(l);
	return true;
}

/* RFC 7118 appendix B: a client of a WebSocket is where it came from. */
static bool find_client(struct sip_locate *l, struct err *e)
{
	struct sip_target *t = &l->targets[l->count];

	if (!l->s.transport ||
		!sip_transport_find_alias(l->s.transport, span_of(l->host), t))
		return err_set(e, STATUS_UNREACHABLE,
			"%s: no host has a name under .invalid, and no "
			"WebSocket client that is connected has this one",
			l->host);
	l->kind = t->kind;
	l->count++;
	locate_end_soon(l);
	return true;
}

/* Where the host is to be looked for: here, or by which question first. */
static bool take_host(struct sip_locate *l, const struct sip_uri *u,
	enum sip_transport_kind said, struct err *e)
{
	struct endpoint address;
	uint16_t port = u->port ? u->port : sip_transport_port(l->kind);

	if (!connect_to_find(
		    l->s.connect_to, span_of(l->host), port, &address, e))
		return false;
	if (!address.len && sip_is_invalid_name(span_of(l->host)))
		return find_client(l, e);
	if (address.len) {
		l->port = endpoint_port(&address);
		sip_locate_add(l, &address);
		locate_end_soon(l);
	} else if (endpoint_parse_address(&address, span_of(l->host))) {
		return take_number(l, &address, port, e);
	} else if (!l->s.resolver) {
		return err_set(e, STATUS_UNREACHABLE,
			"%s is a name, and there is no resolver", l->host);
	} else if (u->port) {
		l->port = u->port;
		sip_locate_ask_host(l);
	} else if (said) {
		sip_locate_ask_srv(l, said);
	} else {
		sip_locate_ask_naptr(l);
	}
	return true;
}

static bool locate_sip(struct sip_locate *l, struct span text, struct err *e)
{
	struct sip_uri u;
	struct span host;
	enum sip_transport_kind said;

	if (!sip_uri_parse(&u, text, e) ||
		!sip_locate_kind(&u, l->s.kind, &said, e))
		return false;
	l->is_secure = u.kind == SIP_SCHEME_SIPS;
	l->kind = said           ? said
		  : l->is_secure ? SIP_TRANSPORT_TLS
				 : SIP_TRANSPORT_UDP;
	if (!sip_uri_param(&u, "maddr", &host) || host.n == 0)
		host = u.host;
	if (!span_copy(l->host, SIP_LOCATE_NAME_MAX + 1, host))
		return err_set(e, STATUS_MALFORMED,
			"a host name has at most %d characters",
			SIP_LOCATE_NAME_MAX);
	return take_host(l, &u, said, e);
}

/* ---- tel: (RFC 6116) ---------------------------------------------------------- */

static void number_found(void *arg, const char *uri, const struct err *e)
{
	struct sip_locate *l = arg;

	l->number = NULL;
	l->e = *e;
	l->uri = mem_str(uri);
	if (!uri || !locate_sip(l, span_of(uri), &l->e))
		locate_end_soon(l);
}

static void pass_step(void *arg, const struct sip_locate_step *step)
{
	struct sip_locate *l = arg;

	l->s.step(l->arg, step);
}

static bool locate_start(struct sip_locate *l, struct span text, struct err *e)
{
	struct sip_enum_settings s = { .resolver = l->s.resolver,
		.suffix = l->s.enum_suffix,
		.step = l->s.step ? pass_step : NULL };
	enum sip_scheme kind;
	struct span scheme;

	if (!sip_uri_scheme(text, &kind, &scheme))
		return err_set(e, STATUS_MALFORMED, "URI has no scheme");
	if (kind == SIP_SCHEME_TEL && l->s.resolver) {
		l->number = sip_enum_new(&s, text, number_found, l, e);
		return l->number != NULL;
	}
	if (kind != SIP_SCHEME_SIP && kind != SIP_SCHEME_SIPS)
		return err_set(e, STATUS_USAGE,
			"only sip: and sips: URIs can be reached, not %.*s:",
			SPAN_ARGS(scheme));
	return locate_sip(l, text, e);
}

struct sip_locate *sip_locate_new(const struct sip_locate_settings *s,
	struct span uri, sip_locate_done *done, void *arg)
{
	struct sip_locate *l = mem_alloc(sizeof(*l));

	l->s = *s;
	if (!l->s.kinds)
		l->s.kinds = ~0u;
	l->done = done;
	l->arg = arg;
	l->timer = timer_new(s->loop, locate_fire, l);
	timer_set(l->timer, RESOLVE_DEADLINE);
	if (!locate_start(l, uri, &l->e))
		locate_end_soon(l);
	return l;
}
