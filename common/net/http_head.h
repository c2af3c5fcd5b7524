/* http_head - the heads of HTTP/1.1 messages, for what begins as HTTP
 *
 * RFC 9112 sections 2 to 5, as far as an upgrade (RFC 6455 section 4) and a
 * tunnel (RFC 9110 section 9.3.6) need it: one start line and its fields,
 * strictly: CRLF, no folding, no blank before a colon.  HTTP as such is
 * net/http.h's.
 *
 * Pure functions.  What is found points into the bytes that were parsed.
 */
#ifndef NET_HTTP_HEAD_H
#define NET_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* What servers take by default: 8 KiB (nginx, Apache). */
#define HTTP_HEAD_MAX 8192
#define HTTP_HEAD_FIELDS_MAX 64

struct http_field {
	struct span name, value; /* value without the blanks around it */
};

struct http_head {
	struct span method, target; /* of a request */
	uint16_t status;            /* of a response */
	struct span reason;         /* may be empty */
	bool is_1_0;                /* of an answer: HTTP/1.0 */
	struct http_field fields[HTTP_HEAD_FIELDS_MAX];
	size_t count;
	size_t length; /* bytes, with the empty line */
};

enum http_head_state {
	HTTP_HEAD_MORE, /* not all of it is there */
	HTTP_HEAD_DONE,
	HTTP_HEAD_BAD, /* e, STATUS_MALFORMED */
};

enum http_head_state http_head_parse_request(
	struct http_head *h, struct span bytes, struct err *e);
enum http_head_state http_head_parse_response(
	struct http_head *h, struct span bytes, struct err *e);

/* The value of the one field of this name; false where there is none, or
 * more than one. */
bool http_head_find(
	const struct http_head *h, const char *name, struct span *value);
size_t http_head_count(const struct http_head *h, const char *name);
/* Is the word in the comma-separated list that all fields of this name are
 * together?  Words of HTTP are compared without regard to case, others, as
 * those of a subprotocol, with. */
bool http_head_has_word(
	const struct http_head *h, const char *name, const char *word);
bool http_head_has_exact_word(
	const struct http_head *h, const char *name, const char *word);

/* May it stand in a request line as it is: "/…", visible ASCII, no
 * fragment? */
bool http_head_is_path(struct span path);

#endif
