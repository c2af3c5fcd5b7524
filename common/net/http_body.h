/* http_body - where the body of an answer of HTTP/1.1 ends
 *
 * RFC 9112 sections 6.3 and 7.1, for answers to requests that are neither HEAD
 * nor CONNECT: by Content-Length, by chunks, or by the end of the connection.
 * Strictly, since whoever lies about an end smuggles a second answer: one
 * length in digits, no other coding than "chunked", never both.
 *
 * Pure functions on the bytes behind the head, which may be cut anywhere.
 */
#ifndef NET_HTTP_BODY_H
#define NET_HTTP_BODY_H

#include "net/http_head.h"

#define HTTP_CHUNK_LINE_MAX 1024 /* a size, and extensions nobody reads */

enum http_body_state {
	HTTP_BODY_MORE, /* and what of it is there */
	HTTP_BODY_DONE,
	HTTP_BODY_BAD, /* e, STATUS_MALFORMED */
};

/* By value; nothing to clear. */
struct http_body {
	int step; /* private */
	bool chunked;
	bool until_close; /* the end of the connection is its own */
	uint64_t left;    /* bytes of the content, or of this chunk */
	size_t trailer;   /* bytes */
};

/* False and e: its framing is contradictory or unknown. */
bool http_body_begin(
	struct http_body *b, const struct http_head *h, struct err *e);

/* bytes go on where the last call's *skip and http_body_take have led: *skip
 * of them are framing, and behind those stands *content, a view, as much as is
 * there of one chunk; empty where nothing is.  DONE: what is behind *skip is
 * of another answer. */
enum http_body_state http_body_next(struct http_body *b, struct span bytes,
	size_t *skip, struct span *content, struct err *e);
void http_body_take(struct http_body *b, size_t n); /* n of the content */
bool http_body_is_done(const struct http_body *b);

#endif
