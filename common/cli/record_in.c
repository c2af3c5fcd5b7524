#include "cli/record_in.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/utf8.h"

static const json_t *value_of(const struct record_in *r, const char *name)
{
	const json_t *v = json_object_get(r->json, name);
	return v && !json_is_null(v) ? v : NULL;
}

static bool is_of_kind(const json_t *v, enum record_kind kind)
{
	switch (kind) {
	case KIND_TEXT:
	case KIND_BYTES:
	case KIND_TIME:
		return json_is_string(v);
	case KIND_NUMBER:
		return json_is_number(v);
	case KIND_BOOL:
		return json_is_boolean(v);
	case KIND_ARRAY:
		return json_is_array(v);
	}
	return false;
}

/* NAME_base64, where that is how the bytes are there. */
static const json_t *base64_of(const struct record_in *r, enum record_key key)
{
	char name[32];
	snprintf(name, sizeof(name), "%s_base64", record_key_info(key)->name);
	return value_of(r, name);
}

static struct span text_of(const json_t *v)
{
	return span_from(json_string_value(v), json_string_length(v));
}

static bool is_base64(const json_t *v)
{
	struct buf bytes = BUF_INIT(json_string_length(v));
	bool good = json_is_string(v) && base64_decode(&bytes, text_of(v));
	buf_clear(&bytes);
	return good;
}

static bool check_kind(
	const struct record_in *r, enum record_key key, struct err *e)
{
	static const char *const words[] = {
		[KIND_TEXT] = "a string",
		[KIND_BYTES] = "a string",
		[KIND_TIME] = "a string",
		[KIND_NUMBER] = "a number",
		[KIND_BOOL] = "true or false",
		[KIND_ARRAY] = "an array",
	};
	const struct record_key_info *info = record_key_info(key);
	const json_t *v = value_of(r, info->name);
	if (v && !is_of_kind(v, info->kind))
		return err_set(e, STATUS_MALFORMED, "\"%s\" is not %s",
			info->name, words[info->kind]);
	v = info->kind == KIND_BYTES ? base64_of(r, key) : NULL;
	if (v && !is_base64(v))
		return err_set(e, STATUS_MALFORMED,
			"\"%s_base64\" is not base64", info->name);
	return true;
}

static bool check_headers(const struct record_in *r, struct err *e)
{
	const json_t *all = value_of(r, record_key_info(KEY_HEADERS)->name);
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *h = json_array_get(all, i);
		if (!json_is_string(json_object_get(h, "name")) ||
			!json_is_string(json_object_get(h, "value")))
			return err_set(e, STATUS_MALFORMED,
				"headers: element %zu has no name and value",
				i + 1);
	}
	return true;
}

static bool check_items(
	const struct record_in *r, enum record_key key, struct err *e)
{
	const char *name = record_key_info(key)->name;
	const json_t *all = value_of(r, name);
	for (size_t i = 0; i < json_array_size(all); i++)
		if (!json_is_string(json_array_get(all, i)))
			return err_set(e, STATUS_MALFORMED,
				"%s: element %zu is not a string", name, i + 1);
	return true;
}

static bool check(const struct record_in *r, struct err *e)
{
	for (enum record_key key = 0; key < KEY_COUNT; key++)
		if (!check_kind(r, key, e))
			return false;
	return check_headers(r, e) && check_items(r, KEY_GROUPS, e) &&
	       check_items(r, KEY_VALUES, e);
}

static void find_type(struct record_in *r)
{
	r->type = RECORD_TYPE_COUNT;
	r->proto = RECORD_NO_PROTO;
	if (record_in_text(r, KEY_TYPE, &r->type_name))
		for (enum record_type t = 0; t < RECORD_TYPE_COUNT; t++)
			if (span_is(r->type_name, record_type_info(t)->name))
				r->type = t;
	struct span proto;
	if (!record_in_text(r, KEY_PROTO, &proto))
		return;
	if (span_is(proto, "sip"))
		r->proto = RECORD_SIP;
	else if (span_is(proto, "xmpp"))
		r->proto = RECORD_XMPP;
}

bool record_in_parse(struct record_in *r, struct span line, struct err *e)
{
	json_error_t why;
	*r = (struct record_in){ .type = RECORD_TYPE_COUNT };
	json_t *json = json_loadb(line.p ? line.p : "", line.n,
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
	if (!json) {
		char text[160];
		utf8_printable_to(text, sizeof(text), span_of(why.text));
		return err_set(e, STATUS_MALFORMED, "no JSON at column %d: %s",
			why.column, text);
	}
	r->json = json;
	if (!json_is_object(json))
		err_set(e, STATUS_MALFORMED, "the line is no JSON object");
	else if (check(r, e)) {
		find_type(r);
		return true;
	}
	record_in_clear(r);
	return false;
}

void record_in_clear(struct record_in *r)
{
	json_decref(r->json);
	r->json = NULL;
}

bool record_in_text(
	const struct record_in *r, enum record_key key, struct span *out)
{
	const json_t *v = value_of(r, record_key_info(key)->name);
	if (!v || !json_is_string(v))
		return false;
	*out = text_of(v);
	return true;
}

bool record_in_int(const struct record_in *r, enum record_key key, int64_t *out)
{
	const json_t *v = value_of(r, record_key_info(key)->name);
	if (!v || !json_is_integer(v))
		return false;
	*out = json_integer_value(v);
	return true;
}

bool record_in_bool(const struct record_in *r, enum record_key key, bool *out)
{
	const json_t *v = value_of(r, record_key_info(key)->name);
	if (!v || !json_is_boolean(v))
		return false;
	*out = json_is_true(v);
	return true;
}

bool record_in_bytes(
	const struct record_in *r, enum record_key key, struct buf *out)
{
	struct span text;
	if (record_in_text(r, key, &text))
		return buf_span(out, text);
	const json_t *v = base64_of(r, key);
	return v && base64_decode(out, text_of(v));
}

bool record_in_header(const struct record_in *r, size_t index,
	struct span *name, struct span *value)
{
	const json_t *all = value_of(r, record_key_info(KEY_HEADERS)->name);
	const json_t *h = json_array_get(all, index);
	if (!h)
		return false;
	*name = text_of(json_object_get(h, "name"));
	*value = text_of(json_object_get(h, "value"));
	return true;
}

bool record_in_item(const struct record_in *r, enum record_key key,
	size_t index, struct span *out)
{
	const json_t *item =
		json_array_get(value_of(r, record_key_info(key)->name), index);
	if (!item || !json_is_string(item))
		return false;
	*out = text_of(item);
	return true;
}

bool record_in_json(
	const struct record_in *r, enum record_key key, struct buf *out)
{
	const json_t *v = value_of(r, record_key_info(key)->name);
	char *text = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	bool there = text && buf_str(out, text);
	free(text);
	return there;
}

static bool is_wanted(const struct record_filter *f, const struct record_in *r)
{
	struct span proto;
	if (r->type_name.n && r->type != f->type)
		return false;
	if (f->proto == RECORD_NO_PROTO ||
		!record_in_text(r, KEY_PROTO, &proto))
		return true;
	return r->proto == f->proto;
}

enum record_taken record_filter_take(
	struct record_filter *f, const struct record_in *r, struct err *e)
{
	if (is_wanted(f, r))
		return RECORD_TAKEN;
	f->skipped++;
	if (!f->strict)
		return RECORD_SKIPPED;
	char name[40];
	err_set(e, STATUS_MALFORMED, "a record of type \"%s\" is not for this",
		utf8_printable_to(name, sizeof(name), r->type_name));
	return RECORD_REFUSED;
}
