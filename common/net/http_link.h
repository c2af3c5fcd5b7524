/* http_link - one connection of HTTP/1.1, one request after the other
 *
 * For who needs the connection itself: its TLS by our own rules, the proxy in
 * between, an answer that is read no faster than it is used, and time that a
 * test can hold still (RFC 9112 section 9.3).  A document from anywhere is
 * net/http.h's.  There is no pipelining and no redirect, and nothing is asked
 * for twice: what is lost with a connection is told, and the caller's.
 *
 * As with net/conn, handlers are given before there is a connection and none
 * of the functions calls one; each handler may call all functions, _free too.
 * `closed` is the last call, once; its err is that of conn, or
 * STATUS_MALFORMED where what came is no HTTP.
 */
#ifndef NET_HTTP_LINK_H
#define NET_HTTP_LINK_H

#include "net/conn.h"

struct http_link;

struct http_link_handlers {
	void (*open)(void *arg); /* a request may be sent before */
	/* An answer begins; until the handler returns. */
	void (*answer)(void *arg, unsigned status, struct span reason);
	/* Of its body; returns how many bytes were used.  Where it is not all,
	 * the link must have been paused. */
	size_t (*data)(void *arg, struct span bytes);
	/* It is whole.  The next request may be sent, unless
	 * http_link_is_over: then only `closed` follows. */
	void (*done)(void *arg);
	void (*closed)(void *arg, const struct err *e);
};

struct http_link_settings {
	struct conn_settings conn; /* max_in is set here */
	const char *host;          /* for the Host field; copied */
	const char *path;          /* as http_head_is_path has it; copied */
};

struct http_link *http_link_new(struct loop *l,
	const struct http_link_settings *s,
	const struct http_link_handlers *handlers, void *arg);
void http_link_free(struct http_link *l); /* at once; NULL is fine */

/* False: an answer is still awaited, or the connection takes no more. */
bool http_link_post(
	struct http_link *l, const char *content_type, struct span body);
bool http_link_is_busy(const struct http_link *l); /* an answer is awaited */
bool http_link_is_over(const struct http_link *l); /* it ends, or has */

void http_link_pause(struct http_link *l, bool paused);
void http_link_close(struct http_link *l); /* in order, then `closed` */

/* For its addresses and its TLS; NULL once there is none. */
const struct conn *http_link_conn(const struct http_link *l);

#endif
