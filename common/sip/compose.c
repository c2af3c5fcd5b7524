#include "sip/compose.h"

#include "sip/ua_private.h"

/* RFC 3261 section 8.1.1.3 */
#define ANONYMOUS "\"Anonymous\" <sip:anonymous@anonymous.invalid>"

bool sip_compose_identity(struct buf *out, struct span uri)
{
	struct sip_uri u;

	buf_char(out, '<');
	if (sip_uri_parse(&u, uri, NULL))
		sip_uri_add_identity(out, &u);
	else
		buf_span(out, uri);
	return buf_char(out, '>');
}

/* ---- the route set --------------------------------------------------------------- */

static bool is_loose(struct span uri)
{
	struct sip_uri u;

	return sip_uri_parse(&u, uri, NULL) && sip_uri_is_loose(&u);
}

static struct span uri_of_route(const char *value)
{
	struct sip_addr a;

	return sip_addr_parse(&a, span_of(value), NULL) ? a.uri : SPAN_EMPTY;
}

static struct span proxy_of(const struct sip_ua *ua, struct span proxy)
{
	return proxy.n ? proxy : span_of(ua->s.proxy);
}

struct span sip_compose_next_hop(
	const struct sip_ua *ua, struct span proxy, struct span request_uri)
{
	proxy = proxy_of(ua, proxy);
	if (proxy.n)
		return proxy;
	return ua->route_count ? uri_of_route(ua->routes[0]) : request_uri;
}

struct span sip_compose_register_hop(
	const struct sip_ua *ua, struct span registrar)
{
	return ua->s.proxy ? span_of(ua->s.proxy) : registrar;
}

/* INTEROP: a proxy without ;lr is where the request goes, but no part of it:
 * people write the bare address, and mean no strict router. */
static void add_start(
	struct buf *out, const struct sip_ua *ua, const struct sip_compose *c)
{
	struct span proxy = proxy_of(ua, c->proxy);
	size_t routes = c->is_register ? 0 : ua->route_count;
	bool strict =
		!proxy.n && routes && !is_loose(uri_of_route(ua->routes[0]));

	sip_msg_request_line(out, c->method,
		strict ? uri_of_route(ua->routes[0]) : c->request_uri);
	if (proxy.n && is_loose(proxy))
		sip_msg_addf(out, SIP_HDR_ROUTE, "<%.*s>", SPAN_ARGS(proxy));
	for (size_t i = strict; i < routes; i++)
		sip_msg_add(out, SIP_HDR_ROUTE, span_of(ua->routes[i]));
	if (strict)
		sip_msg_addf(out, SIP_HDR_ROUTE, "<%.*s>",
			SPAN_ARGS(c->request_uri));
}

/* ---- the rest ----------------------------------------------------------------------- */

/* RFC 3261 section 8.1.1.8: behind sips: there is sips: here as well. */
static bool is_secure(const struct sip_ua *ua, const struct sip_compose *c)
{
	return span_starts_nocase(
		       sip_compose_next_hop(ua, c->proxy, c->request_uri),
		       "sips:") ||
	       span_starts_nocase(c->request_uri, "sips:");
}

static void add_to(struct buf *out, const struct sip_compose *c)
{
	struct buf to = BUF_INIT(SIP_LINE_MAX);

	if (c->to.n)
		buf_span(&to, c->to);
	else
		sip_compose_identity(&to, c->request_uri);
	sip_msg_add(out, SIP_HDR_TO, buf_view(&to));
	buf_clear(&to);
}

bool sip_compose(struct buf *out, struct sip_ua *ua,
	const struct sip_compose *c, const struct sip_target *target,
	const struct endpoint *local)
{
	struct span from = c->from.n ? c->from : SPAN(ANONYMOUS);

	add_start(out, ua, c);
	sip_msg_add_number(out, SIP_HDR_MAX_FORWARDS,
		c->max_forwards ? *c->max_forwards : SIP_MAX_FORWARDS);
	sip_msg_addf(out, SIP_HDR_FROM, "%.*s;tag=%.*s", SPAN_ARGS(from),
		SPAN_ARGS(c->tag));
	add_to(out, c);
	sip_msg_add(out, SIP_HDR_CALL_ID, c->call_id);
	sip_msg_add_cseq(out, c->cseq, c->method);
	if (!c->no_contact)
		sip_ua_add_contact(out, ua, target->kind, local, c->user,
			is_secure(ua, c));
	/* RFC 5626 section 4.3; an INVITE says so with the rest of it. */
	if (ua->is_outbound && !c->is_register && !span_is(c->method, "INVITE"))
		sip_ua_add_supported(out, ua);
	buf_span(out, span_of(ua->s.headers));
	sip_ua_add_name(out, ua, SIP_HDR_USER_AGENT);
	return !out->failed;
}
