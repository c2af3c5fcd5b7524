#include "cli/record.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "cli/out.h"

static const char *const protos[] = {
	[RECORD_SIP] = "sip",
	[RECORD_XMPP] = "xmpp",
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

/* ---- one line of JSON ---- */

static void json_text(struct json *j, enum record_key key, struct span text)
{
	if (key == KEY_RAW && !utf8_is_valid(text))
		json_base64(j, "raw_base64", text);
	else
		json_string(j, record_key_info(key)->name, text);
}

static void json_value(struct json *j, const struct record_value *v)
{
	const char *name = record_key_info(v->key)->name;
	char time[CLOCK_TEXT_SIZE];
	switch (v->kind) {
	case VALUE_TEXT:
		json_text(j, v->key, v->text);
		break;
	case VALUE_NUMBER:
		json_decimal(j, name, v->number, v->decimals);
		break;
	case VALUE_BOOL:
		json_bool(j, name, v->number != 0);
		break;
	case VALUE_TIME:
		json_string(j, name, span_of(clock_format(time, v->number)));
		break;
	case VALUE_JSON:
		json_raw(j, name, v->text);
		break;
	}
}

static void write_json(const struct record *r, struct buf *to)
{
	struct json j;
	char time[CLOCK_TEXT_SIZE];
	json_init(&j, to);
	json_open(&j, NULL, '{');
	json_string(&j, "type", span_of(record_type_info(r->type)->name));
	if (r->proto != RECORD_NO_PROTO)
		json_string(&j, "proto", span_of(protos[r->proto]));
	json_string(&j, "time",
		span_from(clock_format(time, r->time), CLOCK_TEXT_SIZE - 1));
	for (size_t i = 0; i < r->count; i++)
		json_value(&j, &r->values[i]);
	json_close(&j, '}');
	buf_char(to, '\n');
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
