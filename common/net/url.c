#include "net/url.h"

#include <string.h>

#include "net/endpoint.h"
#include "net/http_head.h"

static const struct {
	const char *name;
	uint16_t port;
} schemes[URL_SCHEME_COUNT] = {
	[URL_WS] = { "ws", 80 },
	[URL_WSS] = { "wss", 443 },
	[URL_HTTP] = { "http", 80 },
	[URL_HTTPS] = { "https", 443 },
	[URL_SOCKS5] = { "socks5", 1080 },
};

/* The scheme off the front, "://" too. */
static bool take_scheme(struct span *text, enum url_scheme *scheme)
{
	size_t at = span_find_span(*text, SPAN("://"), 0);
	struct span name = span_first(*text, at);
	for (int i = 0; at < text->n && i < URL_SCHEME_COUNT; i++)
		if (span_is_nocase(name, schemes[i].name)) {
			*scheme = (enum url_scheme)i;
			*text = span_skip(*text, at + 3);
			return true;
		}
	return false;
}

bool url_is_likely(struct span text)
{
	enum url_scheme scheme;
	return take_scheme(&text, &scheme);
}

/* As in a name of DNS, with what people put there; not the whole of
 * RFC 3986's reg-name. */
static bool is_name(struct span host)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	for (size_t i = 0; i < host.n; i++)
		if (!host.p[i] || !strchr(good, host.p[i]))
			return false;
	return host.n > 0;
}

static bool take_authority(struct url *u, struct span authority, struct err *e)
{
	struct span host;
	struct endpoint numeric;
	u->port = schemes[u->scheme].port;
	if (span_has(authority, '@'))
		return err_set(e, STATUS_USAGE,
			"no user and no password in a URL: everybody can read "
			"them there");
	if (!endpoint_split(authority, &host, &u->port) || u->port == 0)
		return err_set(e, STATUS_USAGE, "no HOST or HOST:PORT");
	bool is_v6 = span_starts(authority, "[");
	if (is_v6 ? !endpoint_parse_address(&numeric, host) : !is_name(host))
		return err_set(e, STATUS_USAGE,
			"its host is no name in ASCII and no address");
	return span_copy(u->host, sizeof(u->host), host) ||
	       err_set(e, STATUS_USAGE, "its host is too long");
}

static bool take_path(struct url *u, struct span path, struct err *e)
{
	size_t n = 0;
	/* "wss://host?query" is one too. */
	if (!span_starts(path, "/"))
		u->path[n++] = '/';
	if (!span_copy(u->path + n, sizeof(u->path) - n, path))
		return err_set(e, STATUS_USAGE, "its path is too long");
	return http_head_is_path(span_of(u->path)) ||
	       err_set(e, STATUS_USAGE,
		       "its path has what must be written as %%20 and the "
		       "like");
}

static size_t find_path(struct span text)
{
	size_t at = 0;
	while (at < text.n && !strchr("/?#", text.p[at]))
		at++;
	return at;
}

bool url_parse(struct url *u, struct span text, struct err *e)
{
	struct url found = { .port = 0 };
	struct span rest = text;
	if (!take_scheme(&rest, &found.scheme))
		return err_set(e, STATUS_USAGE,
			"no URL with ws, wss, http, https or socks5");
	size_t at = find_path(rest);
	if (!take_authority(&found, span_first(rest, at), e) ||
		!take_path(&found, span_skip(rest, at), e))
		return false;
	*u = found;
	return true;
}

const char *url_scheme_name(enum url_scheme scheme)
{
	return schemes[scheme].name;
}

bool url_is_secure(const struct url *u)
{
	return u->scheme == URL_WSS || u->scheme == URL_HTTPS;
}

bool url_add_host(struct buf *out, const struct url *u)
{
	bool is_v6 = strchr(u->host, ':') != NULL;
	buf_printf(out, "%s%s%s", is_v6 ? "[" : "", u->host, is_v6 ? "]" : "");
	if (u->port != schemes[u->scheme].port)
		buf_printf(out, ":%u", u->port);
	return !out->failed;
}
