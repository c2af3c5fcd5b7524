/* record_in - a line of JSON as a record, by jansson
 *
 * What --json-input reads: one JSON object a line, by samtal-records(5).
 * Strict: a line that is no object, is not UTF-8, has a key twice or a known
 * key with a value of the wrong kind is STATUS_MALFORMED.  Keys that are not
 * in the schema are ignored, null is as absent.
 */
#ifndef CLI_RECORD_IN_H
#define CLI_RECORD_IN_H

#include "cli/record.h"

struct record_in {
	enum record_type type;   /* RECORD_TYPE_COUNT: absent, or unknown */
	struct span type_name;   /* as it stands there; empty where absent */
	enum record_proto proto; /* RECORD_NO_PROTO: absent, or unknown */
	void *json;              /* private */
};

bool record_in_parse(struct record_in *r, struct span line, struct err *e);
void record_in_clear(struct record_in *r);

/* Borrowed until record_in_clear; false where absent, also where bytes are
 * there as NAME_base64 only. */
bool record_in_text(
	const struct record_in *r, enum record_key key, struct span *out);
bool record_in_int(
	const struct record_in *r, enum record_key key, int64_t *out);
bool record_in_bool(const struct record_in *r, enum record_key key, bool *out);
/* Appends the bytes of a KIND_BYTES, as text or as NAME_base64; false: neither
 * is there, or it is longer than out may be. */
bool record_in_bytes(
	const struct record_in *r, enum record_key key, struct buf *out);
/* The header field at index of KEY_HEADERS; false behind the last. */
bool record_in_header(const struct record_in *r, size_t index,
	struct span *name, struct span *value);

/* The string at index of an array of them; false behind the last. */
bool record_in_item(const struct record_in *r, enum record_key key,
	size_t index, struct span *out);

/* The value as JSON text, for headers and other arrays; false where absent. */
bool record_in_json(
	const struct record_in *r, enum record_key key, struct buf *out);

/* Which records a tool takes and what it has passed over. */
struct record_filter {
	enum record_type type;   /* this one, or absent */
	enum record_proto proto; /* RECORD_NO_PROTO: both; or absent */
	bool strict;             /* --strict: another one is an error */
	uint64_t skipped;
};
enum record_taken { RECORD_TAKEN, RECORD_SKIPPED, RECORD_REFUSED };
enum record_taken record_filter_take(
	struct record_filter *f, const struct record_in *r, struct err *e);

#endif
