#include "tests/common/test.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/out.h"
#include "cli/record.h"
#include "cli/record_in.h"

/* 2026-11-22T10:15:30.123456Z */
#define WALL INT64_C(1795342530123456)

static int fd = -1;
static struct out *out;
static char written[1 << 20];

static int open_output(void **state)
{
	(void)state;
	fd = memfd_create("records", 0);
	out = out_new(fd, NULL, NULL);
	return out ? 0 : -1;
}

static int close_output(void **state)
{
	(void)state;
	out_free(out);
	close(fd);
	return 0;
}

static const char *all_written(void)
{
	assert_true(out_flush(out, NULL));
	ssize_t n = pread(fd, written, sizeof(written) - 1, 0);
	assert_true(n >= 0);
	written[n] = '\0';
	return written;
}

static void values_stand_in_the_order_they_were_added(void **state)
{
	(void)state;
	struct record r;
	out_set_json(out, true);
	record_begin(&r, out, RECORD_PING, RECORD_SIP, WALL);
	record_str(&r, KEY_FROM, "sip:pbx.example.org");
	record_int(&r, KEY_STATUS_CODE, 200);
	record_decimal(&r, KEY_RTT_MS, 12345, 3);
	record_decimal(&r, KEY_RTT_MIN_MS, -7, 3);
	record_bool(&r, KEY_RETRYABLE, false);
	record_time(&r, KEY_DELAY, 0);
	record_json(&r, KEY_HEADERS, SPAN("[{\"name\":\"To\"}]"));
	assert_true(record_end(&r, NULL));
	assert_string_equal(all_written(),
		"{\"type\":\"ping\",\"proto\":\"sip\","
		"\"time\":\"2026-11-22T10:15:30.123456Z\","
		"\"from\":\"sip:pbx.example.org\",\"status_code\":200,"
		"\"rtt_ms\":12.345,\"rtt_min_ms\":-0.007,"
		"\"retryable\":false,\"delay\":\"1970-01-01T00:00:00.000000Z\","
		"\"headers\":[{\"name\":\"To\"}]}\n");
}

static void without_a_protocol_there_is_no_such_key(void **state)
{
	(void)state;
	struct record r;
	out_set_json(out, true);
	record_begin(&r, out, RECORD_READY, RECORD_NO_PROTO, WALL);
	record_int(&r, KEY_PORT, INT64_MIN);
	assert_true(record_end(&r, NULL));
	assert_string_equal(all_written(),
		"{\"type\":\"ready\",\"time\":\"2026-11-22T10:15:30.123456Z\","
		"\"port\":-9223372036854775808}\n");
}

static void a_text_record_has_its_columns_and_a_dash_for_none(void **state)
{
	(void)state;
	struct record r;
	record_begin(&r, out, RECORD_PING, RECORD_SIP, WALL);
	record_decimal(&r, KEY_RTT_MS, 12345, 3);
	record_str(&r, KEY_FROM, "sip:pbx.example.org");
	record_str(&r, KEY_REASON, "");
	assert_true(record_end(&r, NULL));
	assert_string_equal(all_written(),
		"ping\t2026-11-22T10:15:30.123456Z\tsip:pbx.example.org\t-\t"
		"12.345\t-\t-\t-\t-\n");
}

static void what_a_peer_wrote_stays_in_its_column(void **state)
{
	(void)state;
	struct record r;
	record_begin(&r, out, RECORD_MESSAGE, RECORD_XMPP, WALL);
	record_str(&r, KEY_FROM, "a@b");
	record_str(&r, KEY_BODY, "1\t2\n3\\4\r\033[2J\xff\xe2\x80\xae\u00e9");
	assert_true(record_end(&r, NULL));
	const char *line = all_written();
	const char *body = "\t1\\t2\\n3\\\\4\\r\\x1b[2J\\xff\\u{202e}\u00e9\t";
	if (!strstr(line, body))
		fail_msg("expected \"%s\" in \"%s\"", body, line);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void json_escapes_and_replaces_what_is_not_text(void **state)
{
	(void)state;
	struct record r;
	out_set_json(out, true);
	record_begin(&r, out, RECORD_MESSAGE, RECORD_XMPP, WALL);
	record_text(&r, KEY_TEXT,
		SPAN("\"\\\b\f\n\r\t\x01\x1f\x7f\xc3\xa9\xf0\x9f\x98\x80\xc0"));
	record_text(&r, KEY_SUBJECT, SPAN("a\0b"));
	assert_true(record_end(&r, NULL));
	const char *want = "\"text\":\"\\\"\\\\\\u0008\\u000c\\n\\r\\t\\u0001"
			   "\\u001f\\u007f\u00e9\U0001f600\ufffd\","
			   "\"subject\":\"a\\u0000b\"}\n";
	if (!strstr(all_written(), want))
		fail_msg("expected %s in %s", want, written);
}

static void raw_is_text_or_base64(void **state)
{
	(void)state;
	struct record r;
	out_set_json(out, true);
	record_begin(&r, out, RECORD_STANZA, RECORD_XMPP, WALL);
	record_text(&r, KEY_RAW, SPAN("<a/>"));
	assert_true(record_end(&r, NULL));
	record_begin(&r, out, RECORD_SIP_MESSAGE, RECORD_SIP, WALL);
	record_text(&r, KEY_RAW, SPAN("\xff\x00"));
	record_str(&r, KEY_ID, "1");
	assert_true(record_end(&r, NULL));
	const char *text = all_written();
	assert_non_null(strstr(text, "\"raw\":\"<a/>\"}\n"));
	assert_non_null(
		strstr(text, "\"id\":\"1\",\"raw_base64\":\"/wA=\"}\n"));
}

/* Every byte at every place of an eight byte word, and over the end. */
static void no_byte_escapes_its_escape(void **state)
{
	(void)state;
	out_set_json(out, true);
	for (unsigned c = 1; c < 0x80; c++) {
		for (size_t at = 0; at < 19; at++) {
			char text[20] = "abcdefghijklmnopqrs";
			text[at] = (char)c;
			struct record r;
			record_begin(&r, out, RECORD_ERROR, RECORD_NO_PROTO, 0);
			record_str(&r, KEY_TEXT, text);
			record_end(&r, NULL);
			char *line = written;
			assert_true(out_flush(out, NULL));
			ssize_t n = pread(fd, line, 1000, 0);
			assert_true(n > 0);
			assert_int_equal(ftruncate(fd, 0), 0);
			assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
			struct record_in in;
			struct err e = ERR_NONE;
			assert_ok(record_in_parse(
					  &in, span_from(line, (size_t)n), &e),
				&e);
			struct span back;
			assert_true(record_in_text(&in, KEY_TEXT, &back));
			assert_span(back, text);
			record_in_clear(&in);
		}
	}
}

static void a_large_text_comes_through_whole(void **state)
{
	(void)state;
	struct record r;
	char *large = mem_alloc(300001);
	memset(large, 'x', 300000);
	out_set_json(out, true);
	record_begin(&r, out, RECORD_MESSAGE, RECORD_XMPP, WALL);
	record_str(&r, KEY_BODY, large);
	assert_true(record_end(&r, NULL));
	assert_non_null(strstr(all_written(), large));
	mem_free(large);
}

static void every_key_and_type_is_described(void **state)
{
	(void)state;
	for (enum record_key k = 0; k < KEY_COUNT; k++) {
		const struct record_key_info *i = record_key_info(k);
		assert_non_null(i->name);
		assert_non_null(i->meaning);
		assert_int_equal(i->json.n, strlen(i->json.p));
	}
	for (enum record_type t = 0; t < RECORD_TYPE_COUNT; t++) {
		const struct record_type_info *i = record_type_info(t);
		assert_non_null(i->name);
		assert_int_equal(i->columns[0], KEY_TYPE);
		assert_int_equal(i->columns[1], KEY_TIME);
		size_t n = 0;
		while (i->columns[n] != KEY_COUNT)
			assert_true(++n < RECORD_COLUMNS_MAX);
	}
}

/* ---- in ---- */

static void a_record_is_read_by_its_keys(void **state)
{
	(void)state;
	struct record_in in;
	struct err e = ERR_NONE;
	struct span text;
	int64_t number;
	bool flag;
	assert_ok(record_in_parse(&in,
			  SPAN("{\"type\":\"message\",\"proto\":\"xmpp\","
			       "\"to\":\"a@b\",\"body\":\"x\\u0000\\ny\","
			       "\"status_code\":200,\"retryable\":true,"
			       "\"subject\":null,\"mine\":[1]}"),
			  &e),
		&e);
	assert_int_equal(in.type, RECORD_MESSAGE);
	assert_int_equal(in.proto, RECORD_XMPP);
	assert_true(record_in_text(&in, KEY_TO, &text));
	assert_span(text, "a@b");
	assert_true(record_in_text(&in, KEY_BODY, &text));
	assert_int_equal(text.n, 4);
	assert_true(record_in_int(&in, KEY_STATUS_CODE, &number));
	assert_int_equal(number, 200);
	assert_true(record_in_bool(&in, KEY_RETRYABLE, &flag));
	assert_true(flag);
	assert_false(record_in_text(&in, KEY_SUBJECT, &text));
	assert_false(record_in_text(&in, KEY_FROM, &text));
	record_in_clear(&in);
}

static void what_is_no_record_is_refused_with_a_sentence(void **state)
{
	(void)state;
	static const struct {
		struct span line;
		const char *sentence;
	} rows[] = {
		{ SPAN("[]"), "the line is no JSON object" },
		{ SPAN("{\"to\":3}"), "\"to\" is not a string" },
		{ SPAN("{\"port\":\"3\"}"), "\"port\" is not a number" },
		{ SPAN("{\"to\":\"a\",\"to\":\"b\"}"), NULL },
		{ SPAN("{\"raw_base64\":\"YWI\"}"),
			"\"raw_base64\" is not base64" },
		{ SPAN("{\"headers\":[{\"name\":\"To\"}]}"),
			"headers: element 1 has no name and value" },
		{ SPAN("{\"to\":\"\xff\"}"), NULL },
		{ SPAN("{\"to\":\"a\"} x"), NULL },
		{ SPAN(""), NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record_in in;
		struct err e = ERR_NONE;
		assert_false(record_in_parse(&in, rows[i].line, &e));
		assert_int_equal(e.status, STATUS_MALFORMED);
		if (rows[i].sentence)
			assert_string_equal(e.text, rows[i].sentence);
		else
			assert_non_null(strstr(e.text, "no JSON at column"));
	}
}

static void raw_bytes_are_read_from_either_key(void **state)
{
	(void)state;
	static const struct {
		struct span line;
		bool there;
		const char *bytes;
	} rows[] = {
		{ SPAN("{\"raw\":\"ab\"}"), true, "ab" },
		{ SPAN("{\"raw_base64\":\"YWI=\"}"), true, "ab" },
		{ SPAN("{}"), false, "" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record_in in;
		struct buf bytes = BUF_INIT(100);
		assert_true(record_in_parse(&in, rows[i].line, NULL));
		assert_int_equal(
			record_in_bytes(&in, KEY_RAW, &bytes), rows[i].there);
		assert_string_equal(buf_text(&bytes), rows[i].bytes);
		buf_clear(&bytes);
		record_in_clear(&in);
	}
}

static void a_filter_counts_what_it_passes_over(void **state)
{
	(void)state;
	static const struct {
		struct span line;
		enum record_taken taken;
	} rows[] = {
		{ SPAN("{\"to\":\"a@b\"}"), RECORD_TAKEN },
		{ SPAN("{\"type\":\"message\",\"proto\":\"xmpp\"}"),
			RECORD_TAKEN },
		{ SPAN("{\"type\":\"message\",\"proto\":\"sip\"}"),
			RECORD_SKIPPED },
		{ SPAN("{\"type\":\"ping\"}"), RECORD_SKIPPED },
		{ SPAN("{\"type\":\"from-the-future\"}"), RECORD_SKIPPED },
	};
	struct record_filter f = { .type = RECORD_MESSAGE,
		.proto = RECORD_XMPP };
	struct record_in in;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(record_in_parse(&in, rows[i].line, NULL));
		assert_int_equal(
			record_filter_take(&f, &in, NULL), rows[i].taken);
		record_in_clear(&in);
	}
	assert_int_equal(f.skipped, 3);
	struct err e = ERR_NONE;
	f.strict = true;
	assert_true(record_in_parse(&in, SPAN("{\"type\":\"ping\"}"), NULL));
	assert_int_equal(record_filter_take(&f, &in, &e), RECORD_REFUSED);
	assert_string_equal(
		e.text, "a record of type \"ping\" is not for this");
	record_in_clear(&in);
}

#define WITH_OUTPUT(f)                                                         \
	cmocka_unit_test_setup_teardown(f, open_output, close_output)

TEST_MAIN(WITH_OUTPUT(values_stand_in_the_order_they_were_added),
	WITH_OUTPUT(without_a_protocol_there_is_no_such_key),
	WITH_OUTPUT(a_text_record_has_its_columns_and_a_dash_for_none),
	WITH_OUTPUT(what_a_peer_wrote_stays_in_its_column),
	WITH_OUTPUT(json_escapes_and_replaces_what_is_not_text),
	WITH_OUTPUT(raw_is_text_or_base64),
	WITH_OUTPUT(no_byte_escapes_its_escape),
	WITH_OUTPUT(a_large_text_comes_through_whole),
	cmocka_unit_test(every_key_and_type_is_described),
	cmocka_unit_test(a_record_is_read_by_its_keys),
	cmocka_unit_test(what_is_no_record_is_refused_with_a_sentence),
	cmocka_unit_test(raw_bytes_are_read_from_either_key),
	cmocka_unit_test(a_filter_counts_what_it_passes_over))
