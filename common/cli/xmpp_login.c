#include "cli/xmpp_login.h"

#include <string.h>

#include "base/mem.h"
#include "cli/secret.h"
#include "net/connect_to.h"
#include "net/url.h"

/* The stream gives up so much before the run, whose own deadline knows no
 * better sentence than that it is over. */
#define HEADSTART (50 * USEC_MS)
#define RECONNECT (300 * USEC_SEC)

const struct opt xmpp_login_options[] = {
	{ OPT_USE, .use = xmpp_account_options,
		.offset = offsetof(struct xmpp_login_options, account) },
	{ OPT_GROUP, .help = "Login" },
	{ OPT_FLAG, 0, "direct-tls",
		.help = "begin with TLS at --server, not with STARTTLS",
		.offset = offsetof(struct xmpp_login_options, direct_tls) },
	{ OPT_STRING, 0, "url", "URL",
		"connect by WebSocket, to wss://HOST/PATH, or by BOSH, to "
		"https://HOST/PATH",
		.offset = offsetof(struct xmpp_login_options, url) },
	{ OPT_FLAG, 0, "websocket",
		.help = "connect by the WebSocket that the domain's host-meta "
			"names",
		.offset = offsetof(struct xmpp_login_options, websocket) },
	{ OPT_FLAG, 0, "bosh",
		.help = "connect by the BOSH (HTTP) that the domain's "
			"host-meta names",
		.offset = offsetof(struct xmpp_login_options, bosh) },
	{ OPT_FLAG, 0, "no-fallback",
		.help = "where the ports of XMPP are not reached, do not look "
			"for WebSocket or BOSH",
		.offset = offsetof(struct xmpp_login_options, no_fallback) },
	{ OPT_STRING, 0, "via", "URL",
		"go through the proxy socks5://HOST:PORT or http://HOST:PORT",
		.offset = offsetof(struct xmpp_login_options, via) },
	{ OPT_FILE, 0, "via-login", "FILE",
		"its first line is USER:PASSWORD for the proxy",
		.offset = offsetof(struct xmpp_login_options, via_login) },
	{ OPT_FLAG, 0, "allow-plain",
		.help = "show the server the password where it knows no SCRAM",
		.offset = offsetof(struct xmpp_login_options, allow_plain) },
	{ OPT_FLAG, 0, "no-tokens",
		.help = "authenticate by the password, also where an earlier "
			"run got a token",
		.offset = offsetof(struct xmpp_login_options, no_tokens) },
	{ OPT_FLAG, 0, "unpin",
		.help = "accept weaker authentication than the server had "
			"before",
		.offset = offsetof(struct xmpp_login_options, unpin) },
	{ OPT_DURATION, 0, "reconnect", "SECONDS",
		"after a cut, try so long to come back (300)",
		.offset = offsetof(struct xmpp_login_options, reconnect),
		.min = USEC_SEC, .max = 365 * 86400 * USEC_SEC },
	{ OPT_FLAG, 0, "no-reconnect", .help = "let the first cut be the end",
		.offset = offsetof(struct xmpp_login_options, no_reconnect) },
	{ OPT_USE, .use = net_options,
		.offset = offsetof(struct xmpp_login_options, net) },
	{ OPT_END },
};

static void on_note(void *arg, const char *sentence)
{
	run_note(arg, "%s", sentence);
}

static void on_warn(void *arg, const char *sentence)
{
	run_warn(arg, "%s", sentence);
}

static void on_trace(void *arg, bool sent, struct span text)
{
	run_wire(arg, sent ? ">" : "<", text);
}

bool xmpp_login_parse_jid(struct xmpp_jid *jid, const char *text, struct err *e)
{
	if (xmpp_jid_parse(jid, span_of(text), e))
		return true;
	if (e)
		e->status = STATUS_USAGE;
	err_prefix(e, "%s", text);
	return false;
}

static bool open_account(
	struct xmpp_login *l, const struct xmpp_login_options *o, struct err *e)
{
	struct endpoint nowhere;
	if (!connect_to_find(
		    o->net.connect_to.items, SPAN_EMPTY, 0, &nowhere, e)) {
		err_prefix(e, "--connect-to");
		return false;
	}
	if (o->net.v4 && o->net.v6)
		return err_set(e, STATUS_USAGE, "-4 and -6 exclude each other");
	return account_open_xmpp(&l->account, &o->account, e);
}

static bool find_jid(struct xmpp_login *l, struct err *e)
{
	struct xmpp_jid given;
	if (!xmpp_login_parse_jid(&given, l->account.address, e))
		return false;
	struct span resource = given.resource;
	if (l->account.resource && !resource.n)
		resource = span_of(l->account.resource);
	bool good =
		xmpp_jid_make(&l->jid, given.local, given.domain, resource, e);
	xmpp_jid_clear(&given);
	if (!good)
		e->status = STATUS_USAGE;
	return good;
}

/* The kinds that are looked for in host-meta. */
static unsigned web_kinds(const struct xmpp_login_options *o)
{
	return (o->websocket ? XMPP_TARGET_KIND(WEBSOCKET) : 0) |
	       (o->bosh ? XMPP_TARGET_KIND(BOSH) : 0);
}

/* Where the options say to connect, if anywhere: *is_told. */
static bool find_server(struct xmpp_target *t, const struct xmpp_login *l,
	const struct xmpp_login_options *o, bool *is_told, struct err *e)
{
	const char *server = l->account.server;
	*is_told = o->url || (server && !web_kinds(o));
	if ((o->url || web_kinds(o)) && (o->direct_tls || o->account.server))
		return err_set(e, STATUS_USAGE,
			"--url, --websocket and --bosh say already where to "
			"connect, and how");
	if (o->url) {
		if (xmpp_target_parse_url(t, span_of(o->url), e))
			return true;
		err_prefix(e, "--url %s", o->url);
		return false;
	}
	if (web_kinds(o))
		return true;
	if (server)
		return xmpp_target_parse(t, span_of(server),
			o->direct_tls ? XMPP_SECURITY_DIRECT
				      : XMPP_SECURITY_STARTTLS,
			e);
	return !o->direct_tls ||
	       err_set(e, STATUS_USAGE,
		       "--direct-tls wants --server: the DNS knows which "
		       "servers begin with TLS");
}

/* The proxy; *login is what its strings point into, to mem_free_wiped. */
static bool find_proxy(struct tunnel_settings *via, struct url *u, char **login,
	const struct xmpp_login *l, const struct xmpp_login_options *o,
	struct err *e)
{
	struct secret_options file = { .file = o->via_login };
	if (!o->via)
		return !o->via_login ||
		       err_set(e, STATUS_USAGE, "--via-login wants --via");
	bool good = url_parse(u, span_of(o->via), e);
	if (good && u->scheme != URL_SOCKS5 && u->scheme != URL_HTTP)
		good = err_set(e, STATUS_USAGE,
			"a proxy is socks5: or http:, not %s:",
			url_scheme_name(u->scheme));
	if (!good) {
		err_prefix(e, "--via %s", o->via);
		return false;
	}
	*via = (struct tunnel_settings){
		.kind = u->scheme == URL_SOCKS5 ? TUNNEL_SOCKS5 : TUNNEL_HTTP,
		.host = u->host,
		.port = u->port
	};
	if (!o->via_login)
		return true;
	*login = secret_read(l->run, &file, o->via, e);
	if (!*login)
		return false;
	char *colon = strchr(*login, ':');
	if (!colon || colon - *login > TUNNEL_LOGIN_MAX ||
		strlen(colon + 1) > TUNNEL_LOGIN_MAX)
		return err_set(e, STATUS_USAGE,
			"%s: its first line is not USER:PASSWORD",
			o->via_login);
	*colon = '\0';
	via->user = *login;
	via->password = colon + 1;
	return true;
}

static bool connect_client(struct xmpp_login *l,
	const struct xmpp_login_options *o,
	const struct xmpp_client_handlers *handlers, void *arg, char *password,
	struct err *e)
{
	struct run *r = l->run;
	struct xmpp_target server;
	struct xmpp_stream_settings s = { .jid = &l->jid,
		.username = span_of(l->account.username),
		.password = span_of(password),
		.allow_plain = o->allow_plain,
		.unauthenticated = o->unauthenticated,
		.tls = run_tls_settings(r, &l->account.tls),
		.tls_name = l->account.tls.tls_name,
		.family = o->net.v4   ? RESOLVE_V4
			  : o->net.v6 ? RESOLVE_V6
				      : RESOLVE_ANY,
		.deadline = USEC_NEVER,
		.remember = true,
		.no_tokens = o->no_tokens,
		.unpin = o->unpin,
		.reconnect = o->no_reconnect || o->unauthenticated ? 0
			     : o->reconnect ? o->reconnect
					    : RECONNECT,
		.log = { on_note, on_warn,
			r->output.verbose > 1 ? on_trace : NULL, r } };
	if (r->deadline != USEC_NEVER)
		s.deadline = r->deadline -
			     (r->allowed > 10 * HEADSTART ? HEADSTART : 0);
	bool is_told;
	if (!find_server(&server, l, o, &is_told, e))
		return false;
	struct tunnel_settings via;
	struct url u;
	char *proxy_login = NULL;
	if (!find_proxy(&via, &u, &proxy_login, l, o, e)) {
		mem_free_wiped(proxy_login);
		return false;
	}
	s.via = o->via ? &via : NULL;
	s.server = is_told ? &server : NULL;
	s.web = web_kinds(o);
	s.fall_back = !o->no_fallback;
	s.connect_to = o->net.connect_to.items;
	struct resolver *resolver = run_resolver(r, &o->net, e);
	if (resolver)
		l->client = xmpp_client_new(
			r->loop, resolver, &s, handlers, arg, e);
	mem_free_wiped(proxy_login);
	return l->client != NULL;
}

/* Who is nobody, or shows a certificate, is not asked for one. */
static char *find_password(
	struct xmpp_login *l, const struct xmpp_login_options *o, struct err *e)
{
	const struct account *a = &l->account;
	bool given = a->password || a->secret.file || a->secret.command ||
		     a->secret.fd;
	if (o->unauthenticated || !l->jid.local.n || (a->tls.cert && !given))
		return mem_str("");
	return account_password(l->run, a, e);
}

bool xmpp_login_open(struct xmpp_login *l, struct run *r,
	const struct xmpp_login_options *o,
	const struct xmpp_client_handlers *handlers, void *arg, struct err *e)
{
	l->run = r;
	if (!open_account(l, o, e))
		return false;
	if (l->account.name && *l->account.name)
		l->name = l->account.name;
	char *password = NULL;
	bool good = find_jid(l, e) && (password = find_password(l, o, e)) &&
		    connect_client(l, o, handlers, arg, password, e);
	mem_free_wiped(password);
	return good;
}

bool xmpp_login_wait(struct xmpp_login *l, struct err *e)
{
	enum run_end end = run_until(
		l->run, xmpp_client_is_online_or_ended, l->client, USEC_NEVER);
	if (end == RUN_DEADLINE)
		return run_timed_out(l->run, "not online", e);
	if (end != RUN_DONE)
		return false;
	if (!xmpp_client_has_ended(l->client))
		return true;
	*e = *xmpp_client_end(l->client);
	return false;
}

/* A signal, or a stdout that is lost, may be news here: it is said once, and
 * the farewell goes on.  Without it the server would keep the session, to be
 * resumed, and what waits for us with it. */
void xmpp_login_leave(struct xmpp_login *l)
{
	usec_t until = loop_now(l->run->loop) + RUN_FAREWELL;
	enum run_end end;
	xmpp_client_close(l->client);
	do
		end = run_until(
			l->run, xmpp_client_has_ended, l->client, until);
	while ((end == RUN_SIGNAL || end == RUN_READER_LEFT) &&
		loop_now(l->run->loop) < until);
}

void xmpp_login_close(struct xmpp_login *l)
{
	if (l->client)
		xmpp_login_leave(l);
	xmpp_client_free(l->client);
	xmpp_jid_clear(&l->jid);
	account_clear(&l->account);
	*l = XMPP_LOGIN_NONE;
}
