#include "cli/sip_agent.h"

#include <string.h>

#include "base/mem.h"
#include "cli/sip_agent_private.h"

#define NAME_AND_VERSION "samtal/" SAMTAL_VERSION

static const char *const transports[] = { "udp", "tcp", "tls", "ws", "wss",
	NULL };
static const char *const orders[] = { "strongest", "topmost", NULL };

const struct opt sip_agent_options[] = {
	{ OPT_USE, .use = sip_account_options,
		.offset = offsetof(struct sip_agent_options, account) },
	{ OPT_GROUP, .help = "SIP" },
	{ OPT_ENDPOINT, 0, "local", "ADDR[:PORT]",
		"the address to send from and to listen at",
		.offset = offsetof(struct sip_agent_options, local) },
	{ OPT_ENDPOINT, 0, "advertise", "ADDR[:PORT]",
		"the address to name in messages, as behind a NAT",
		.offset = offsetof(struct sip_agent_options, advertise) },
	{ OPT_WORD, 0, "transport", "PROTOCOL", "go by this",
		.offset = offsetof(struct sip_agent_options, transport),
		.words = transports },
	{ OPT_WORD, 0, "digest-order", "ORDER",
		"which challenge for a password to answer",
		.offset = offsetof(struct sip_agent_options, digest_order),
		.words = orders },
	{ OPT_STRING, 0, "from", "ADDRESS",
		"the From of requests, a URI or \"NAME\" <URI>",
		.offset = offsetof(struct sip_agent_options, from) },
	{ OPT_STRING, 0, "to", "ADDRESS", "their To",
		.offset = offsetof(struct sip_agent_options, to) },
	{ OPT_STRING, 0, "contact", "ADDRESS", "the Contact of what is sent",
		.offset = offsetof(struct sip_agent_options, contact) },
	{ OPT_STRING, 0, "user-agent", "TEXT", "name this program; \"\": none",
		.offset = offsetof(struct sip_agent_options, user_agent) },
	{ OPT_LIST, 'H', "header", "NAME: VALUE",
		"add this header field to requests; may be given again",
		.offset = offsetof(struct sip_agent_options, headers) },
	{ OPT_FLAG, 0, "follow", .help = "go on to where a 3xx says",
		.offset = offsetof(struct sip_agent_options, follow) },
	{ OPT_FILE, 0, "trace", "FILE",
		"write all SIP messages to a capture file (pcap)",
		.offset = offsetof(struct sip_agent_options, trace) },
	{ OPT_USE, .use = net_options,
		.offset = offsetof(struct sip_agent_options, net) },
	{ OPT_END },
};

/* ---- where to ---- */

static bool find_transport(struct sip_agent *a, const char *word, struct err *e)
{
	a->transport = SIP_TRANSPORT_NONE;
	if (!word)
		return true;
	for (const char *const *w = transports; *w; w++)
		if (strcmp(*w, word) == 0)
			a->transport = sip_transport_find(span_of(word));
	return a->transport != SIP_TRANSPORT_NONE ||
	       err_set(e, STATUS_USAGE,
		       "no transport is called \"%s\", only udp, tcp, tls, ws "
		       "and wss",
		       word);
}

static bool check_transport(const struct sip_uri *u, struct err *e)
{
	struct span name;
	if (!sip_uri_param(u, "transport", &name))
		return true;
	for (const char *const *w = transports; *w; w++)
		if (span_is_nocase(name, *w))
			return true;
	return err_set(e, STATUS_USAGE,
		"no transport is called \"%.*s\", only udp, tcp, tls, ws and "
		"wss",
		SPAN_ARGS(name));
}

static bool check_uri(
	struct sip_uri *u, const char *uri, bool is_next_hop, struct err *e)
{
	struct span method;
	bool good = sip_uri_parse(u, span_of(uri), e);
	if (good && u->kind != SIP_SCHEME_SIP && u->kind != SIP_SCHEME_SIPS)
		good = err_set(e, STATUS_USAGE,
			"only sip: URIs can be reached, not %.*s:",
			SPAN_ARGS(u->scheme));
	if (good && (u->headers.n || sip_uri_param(u, "method", &method)))
		good = err_set(e, STATUS_USAGE,
			"header fields and methods in a URI are not there yet");
	if (good && is_next_hop)
		good = check_transport(u, e);
	if (!good)
		e->status = STATUS_USAGE;
	return good;
}

bool sip_agent_check_foreign_uri(
	const struct sip_agent *a, const char *uri, struct err *e)
{
	struct sip_uri u;
	/* Through a proxy, it is the proxy that must know its transport. */
	if (check_uri(&u, uri, !a->proxy, e))
		return true;
	err_prefix(e, "%s", uri);
	return false;
}

bool sip_agent_check_uri(struct sip_agent *a, const char *uri, struct err *e)
{
	if (!sip_agent_check_foreign_uri(a, uri, e))
		return false;
	if (a->login && !a->account.address && !a->account.registrar &&
		!a->proxy)
		sip_login_trust(a->login, span_of(uri));
	return true;
}

static bool check_proxy(struct sip_agent *a, struct err *e)
{
	struct sip_uri u;
	a->proxy = a->account.proxy;
	if (!a->proxy || check_uri(&u, a->proxy, true, e))
		return true;
	err_prefix(e, "--proxy %s", a->proxy);
	return false;
}

/* ---- who we are ---- */

struct span sip_agent_user(const struct sip_agent *a)
{
	struct sip_uri u;
	if (!a->account.address ||
		!sip_uri_parse(&u, span_of(a->account.address), NULL))
		return SPAN_EMPTY;
	return u.user;
}

/* A From is written from it, which takes no more than a Request-URI does. */
static bool check_address(const struct sip_agent *a, struct err *e)
{
	struct sip_uri u;
	if (!a->account.address || check_uri(&u, a->account.address, false, e))
		return true;
	err_prefix(e, "%s", a->account.address);
	return false;
}

/* ---- the agent ---- */

static bool find_advertise(
	struct endpoint *advertise, const char *text, struct err *e)
{
	if (!text || endpoint_parse(advertise, span_of(text), 0, e))
		return true;
	err_prefix(e, "--advertise");
	e->status = STATUS_USAGE;
	return false;
}

bool sip_agent_open(struct sip_agent *a, struct run *r,
	const struct sip_agent_options *o, enum account_need need,
	struct sip_ua_settings *settings, struct err *e)
{
	const struct net_options *net = &o->net;
	struct endpoint advertise;
	*a = (struct sip_agent){ .run = r, .options = o };
	if (!find_advertise(&advertise, o->advertise, e) ||
		!sip_agent_log_in(a, o, need, e) || !check_address(a, e) ||
		!check_proxy(a, e) || !sip_agent_set_fields(a, o, e) ||
		!find_transport(a,
			o->transport ? o->transport : a->account.transport, e))
		return false;
	if (a->ws_uri && a->transport)
		return err_set(e, STATUS_USAGE,
			"--transport is said by the URL of --proxy already");
	settings->loop = r->loop;
	settings->resolver = run_resolver(r, net, e);
	if (!settings->resolver || !sip_agent_open_tls_server(a, e) ||
		(o->trace && !sip_agent_open_trace(a, o->trace, e)))
		return false;
	settings->family = net->v4   ? RESOLVE_V4
			   : net->v6 ? RESOLVE_V6
				     : RESOLVE_ANY;
	settings->user_agent = !o->user_agent   ? NAME_AND_VERSION
			       : *o->user_agent ? o->user_agent
						: NULL;
	settings->contact = a->contact;
	settings->headers = a->headers;
	settings->max_redirects = o->follow ? SIP_REDIRECTS_MAX : 0;
	settings->connect_to = net->connect_to.items;
	settings->advertise = o->advertise ? &advertise : NULL;
	settings->ws_path = a->ws_path;
	settings->login = a->login;
	settings->proxy = a->proxy;
	settings->tls = (struct sip_tls){ .client = sip_agent_tls_client,
		.arg = a,
		.server = a->tls_server,
		.name = a->account.tls.tls_name };
	a->ua = sip_ua_new(settings);
	sip_transport_set_trace(sip_ua_transport(a->ua), sip_agent_seen, a);
	return true;
}

void sip_agent_close(struct sip_agent *a)
{
	sip_ua_free(a->ua);
	sip_login_free(a->login);
	tls_config_free(a->tls_client);
	tls_config_free(a->tls_server);
	mem_free(a->ws_uri);
	mem_free(a->ws_path);
	sip_agent_clear_fields(a);
	account_clear(&a->account);
	*a = (struct sip_agent){ .run = a->run };
}
