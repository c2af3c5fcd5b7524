/* http_proxy - a transfer of libcurl through a proxy; private to net/http*.c
 *
 * The same proxies as net/tunnel.h's, with the same sentences.  Nothing of the
 * environment counts (http_proxy, no_proxy …): where a proxy is given
 * everything goes through it, and names are looked up there; where none is,
 * nothing does.
 */
#ifndef NET_HTTP_PROXY_H
#define NET_HTTP_PROXY_H

#include "net/endpoint.h"
#include "net/http_curl.h"
#include "net/tunnel.h"

/* via->host NULL: straight.  at: where the proxy is; len 0: where its name
 * says. */
void http_proxy_use(const struct http_curl *c, CURL *easy,
	const struct tunnel_settings *via, const struct endpoint *at);

/* Was it the proxy that made an end of it?  Then e says how: STATUS_AUTH,
 * STATUS_REFUSED, … as tunnel_step. */
bool http_proxy_explain(
	const struct http_curl *c, CURL *easy, CURLcode code, struct err *e);

#endif
