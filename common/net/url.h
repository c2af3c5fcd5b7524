/* url - the URLs of servers: scheme, host, port, path (RFC 3986)
 *
 * What a person gives as an option: ws, wss, http, https, socks5.  A host is
 * a name in ASCII or an address; user and password are refused, since what
 * stands on a command line everybody can read, and a fragment too, since no
 * server ever sees it.
 */
#ifndef NET_URL_H
#define NET_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define URL_HOST_MAX 255
#define URL_PATH_MAX 2000

enum url_scheme {
	URL_WS,
	URL_WSS,
	URL_HTTP,
	URL_HTTPS,
	URL_SOCKS5,
	URL_SCHEME_COUNT
};

struct url {
	enum url_scheme scheme;
	char host[URL_HOST_MAX + 1]; /* an IPv6 address without brackets */
	uint16_t port;               /* the scheme's where none is given */
	char path[URL_PATH_MAX + 1]; /* with the query; "/" at least */
};

/* Does it begin as one of these does? */
bool url_is_likely(struct span text);
bool url_parse(struct url *u, struct span text, struct err *e);

const char *url_scheme_name(enum url_scheme scheme);
bool url_is_secure(const struct url *u); /* wss, https */

/* Appends HOST or HOST:PORT where that is not the scheme's, an IPv6 address in
 * brackets: what Host of HTTP has. */
bool url_add_host(struct buf *out, const struct url *u);

#endif
