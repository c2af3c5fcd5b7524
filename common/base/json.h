/* json - writing JSON (RFC 8259); reading is jansson's, at its doors
 *
 * A writer appends to a buf and keeps track of commas only: the caller opens
 * and closes in pairs.  Keys are ASCII literals and not escaped.  Strings are
 * always valid UTF-8: what was not is replaced by U+FFFD, and json_string
 * says so by false, so that the caller can add the bytes as base64.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct json {
	struct buf *out;
	bool comma; /* the next member or element needs one in front */
};

void json_init(struct json *j, struct buf *out);

/* key is NULL inside an array and at the top. */
void json_open(struct json *j, const char *key, char bracket); /* { or [ */
void json_close(struct json *j, char bracket);                 /* } or ] */
bool json_string(struct json *j, const char *key, struct span value);
void json_base64(struct json *j, const char *key, struct span bytes);
void json_int(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
/* value / 10^decimals, exact: 12345, 3 gives 12.345 */
void json_decimal(
	struct json *j, const char *key, int64_t value, unsigned decimals);
void json_raw(struct json *j, const char *key, struct span text);

/* Only the escaped text, without quotes. */
bool json_escape(struct buf *out, struct span value);

/* The same number as text, for those who write no JSON. */
void json_add_decimal(struct buf *out, int64_t value, unsigned decimals);

/* Into memory that is there already, for the record writer, which is the hot
 * path: returns the end.  Room for JSON_WORST bytes per byte of the text, and
 * JSON_DECIMAL_ROOM for a number; *valid turns false as json_string does. */
#define JSON_WORST 6 /* \u001f */
#define JSON_DECIMAL_ROOM 48
char *json_put_text(char *to, struct span text, bool *valid);
char *json_put_decimal(char *to, int64_t value, unsigned decimals);

#endif
