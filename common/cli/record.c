#include "cli/record.h"

#include <assert.h>
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/out.h"

static const struct span protos[] = {
	[RECORD_NO_PROTO] = { "", 0 },
	[RECORD_SIP] = { ",\"proto\":\"sip\"", 14 },
	[RECORD_XMPP] = { ",\"proto\":\"xmpp\"", 15 },
};

void record_begin(struct record *r, struct out *out, enum record_type type,
	enum record_proto proto, usec_t wall)
{
	r->out = out;
	r->type = type;
	r->proto = proto;
	r->time = wall;
	r->count = 0; /* the values are written as they come: they are large */
}

static struct record_value *add(
	struct record *r, enum record_key key, enum record_value_kind kind)
{
	assert(r->count < RECORD_VALUES_MAX);
	struct record_value *v = &r->values[r->count++];
	v->key = key;
	v->kind = kind;
	v->text = SPAN_EMPTY;
	return v;
}

void record_text(struct record *r, enum record_key key, struct span value)
{
	add(r, key, VALUE_TEXT)->text = value;
}

void record_str(struct record *r, enum record_key key, const char *value)
{
	record_text(r, key, span_of(value));
}

void record_int(struct record *r, enum record_key key, int64_t value)
{
	record_decimal(r, key, value, 0);
}

void record_decimal(
	struct record *r, enum record_key key, int64_t value, unsigned decimals)
{
	struct record_value *v = add(r, key, VALUE_NUMBER);
	v->number = value;
	v->decimals = decimals;
}

void record_bool(struct record *r, enum record_key key, bool value)
{
	add(r, key, VALUE_BOOL)->number = value;
}

void record_time(struct record *r, enum record_key key, usec_t wall)
{
	add(r, key, VALUE_TIME)->number = wall;
}

void record_json(struct record *r, enum record_key key, struct span json)
{
	add(r, key, VALUE_JSON)->text = json;
}

/* ---- one line of JSON, each byte copied once ---- */

static char *put(char *to, struct span s)
{
	memcpy(to, s.p, s.n);
	return to + s.n;
}

static char *put_time(char *to, usec_t wall)
{
	clock_format(to + 1, wall);
	to[0] = '"';
	to[CLOCK_TEXT_SIZE] = '"'; /* over the NUL */
	return to + CLOCK_TEXT_SIZE + 1;
}

static char *put_text(char *to, struct span text)
{
	bool valid;
	*to++ = '"';
	to = json_put_text(to, text, &valid);
	*to++ = '"';
	return to;
}

static char *put_value(char *to, const struct record_value *v, struct span key)
{
	to = put(to, key);
	switch (v->kind) {
	case VALUE_TEXT:
		return put_text(to, v->text);
	case VALUE_NUMBER:
		return json_put_decimal(to, v->number, v->decimals);
	case VALUE_BOOL:
		return put(to, v->number ? SPAN("true") : SPAN("false"));
	case VALUE_TIME:
		return put_time(to, v->number);
	case VALUE_JSON:
		return put(to, v->text);
	}
	return to;
}

/* The most that a record can take. */
static size_t worst_size(const struct record *r)
{
	size_t n = 256; /* type, proto, time */
	for (size_t i = 0; i < r->count; i++)
		n += 64 + JSON_WORST * r->values[i].text.n;
	return n;
}

/* Bytes that are not text go as base64, see below. */
static bool is_raw_bytes(
	const struct record_value *v, const struct record_key_info *key)
{
	return key->kind == KIND_BYTES && !utf8_is_valid(v->text);
}

/* raw: how many it has left out. */
static char *put_members(char *to, const struct record *r, size_t *raw)
{
	to = put(to, SPAN("{\"type\":\""));
	to = put(to, span_of(record_type_info(r->type)->name));
	*to++ = '"';
	to = put(to, protos[r->proto]);
	to = put(to, record_key_info(KEY_TIME)->json);
	to = put_time(to, r->time);
	*raw = 0;
	for (size_t i = 0; i < r->count; i++) {
		const struct record_value *v = &r->values[i];
		const struct record_key_info *key = record_key_info(v->key);
		if (is_raw_bytes(v, key))
			++*raw;
		else
			to = put_value(to, v, key->json);
	}
	return to;
}

static void write_json(const struct record *r, struct buf *out)
{
	char *to = buf_reserve(out, worst_size(r));
	if (!to)
		return;
	size_t raw;
	buf_added(out, (size_t)(put_members(to, r, &raw) - to));
	for (size_t i = 0; raw && i < r->count; i++) {
		const struct record_key_info *key =
			record_key_info(r->values[i].key);
		if (!is_raw_bytes(&r->values[i], key))
			continue;
		buf_printf(out, ",\"%s_base64\":\"", key->name);
		base64_add(out, r->values[i].text);
		buf_char(out, '"');
	}
	buf_add(out, "}\n", 2);
}

/* ---- one line of columns ---- */

static void column_time(struct buf *to, usec_t wall)
{
	char time[CLOCK_TEXT_SIZE];
	buf_add(to, clock_format(time, wall), CLOCK_TEXT_SIZE - 1);
}

static void column_value(struct buf *to, const struct record_value *v)
{
	switch (v->kind) {
	case VALUE_TEXT:
	case VALUE_JSON:
		utf8_printable(to, v->text, UTF8_ONE_LINE);
		break;
	case VALUE_NUMBER:
		json_add_decimal(to, v->number, v->decimals);
		break;
	case VALUE_BOOL:
		buf_str(to, v->number ? "true" : "false");
		break;
	case VALUE_TIME:
		column_time(to, v->number);
		break;
	}
}

static const struct record_value *find(
	const struct record *r, enum record_key key)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->values[i].key == key)
			return &r->values[i];
	return NULL;
}

/* "-" where there is nothing: read(1) in a shell takes two TABs for one. */
static void column(struct buf *to, const struct record *r, enum record_key key)
{
	size_t before = to->len;
	const struct record_value *v;
	if (key == KEY_TYPE)
		buf_str(to, record_type_info(r->type)->name);
	else if (key == KEY_TIME)
		column_time(to, r->time);
	else if ((v = find(r, key)) != NULL)
		column_value(to, v);
	if (to->len == before)
		buf_char(to, '-');
}

static void write_columns(const struct record *r, struct buf *to)
{
	const enum record_key *c = record_type_info(r->type)->columns;
	for (size_t i = 0; c[i] != KEY_COUNT; i++) {
		if (i)
			buf_char(to, '\t');
		column(to, r, c[i]);
	}
	buf_char(to, '\n');
}

bool record_end(struct record *r, struct err *e)
{
	struct buf *to = out_begin(r->out);
	if (out_is_json(r->out))
		write_json(r, to);
	else
		write_columns(r, to);
	return out_end(r->out, e);
}
