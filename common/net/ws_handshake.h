/* ws_handshake - the opening handshake of a WebSocket (RFC 6455 section 4)
 *
 * Pure functions for both ends.  One subprotocol is asked for, and without it
 * there is no WebSocket: RFC 7118 section 4.1 and RFC 7395 section 3.1 want
 * it so.  Extensions are neither asked for nor agreed to.
 */
#ifndef NET_WS_HANDSHAKE_H
#define NET_WS_HANDSHAKE_H

#include "net/http_head.h"

#define WS_KEY_LENGTH 24 /* base64 of 16 bytes */

/* What a client asks for; a server has these as its conditions. */
struct ws_terms {
	const char *host;     /* "example.org", "[2001:db8::1]:8080"; client */
	const char *path;     /* "/ws?x=y"; NULL: "/", and any for a server */
	const char *protocol; /* "sip", "xmpp" */
	const char *origin;   /* NULL: sends none, takes any */
};

/* A fresh key of a client. */
void ws_key_make(char key[static WS_KEY_LENGTH + 1]);

/* False: a part of it cannot stand in a request. */
bool ws_request_format(struct buf *out, const struct ws_terms *t,
	const char *key, struct err *e);

/* Is it the answer to this key?  Else e: STATUS_REFUSED for another status of
 * HTTP, which is its code; retryable where that says so. */
bool ws_response_check(const struct http_head *h, const struct ws_terms *t,
	const char *key, struct err *e);

/* May this client come in?  Else e, whose code is the status to answer
 * with. */
bool ws_request_check(
	const struct http_head *h, const struct ws_terms *t, struct err *e);
/* The answer to a request that passed. */
bool ws_response_format(
	struct buf *out, const struct http_head *request, const char *protocol);
/* The answer to one that did not, after which the connection is closed. */
bool ws_refusal_format(struct buf *out, int status);

#endif
