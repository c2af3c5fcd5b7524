/* SIP found in captured payloads, and what a record says of it. */
#include "tests/common/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/out.h"
#include "cli/record_sip.h"
#include "trace/finder.h"

#define OPTIONS(body_length)                                                   \
	"OPTIONS sip:b@example.org SIP/2.0\r\n"                                \
	"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"                       \
	"From: \"A\" <sip:a@example.org>;tag=f1\r\n"                           \
	"To: sip:b@example.org\r\n"                                            \
	"Call-ID: c1\r\n"                                                      \
	"CSeq: 7 OPTIONS\r\n"                                                  \
	"Content-Length: " body_length "\r\n\r\n"
#define OK                                                                     \
	"SIP/2.0 200 OK\r\n"                                                   \
	"v: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n"                         \
	"Call-ID: c1\r\n"                                                      \
	"l: 0\r\n\r\n"

static struct trace_finder *find(
	enum capture_transport transport, struct span payload)
{
	static struct trace_finder f;
	static struct capture_segment s;
	s = (struct capture_segment){ .transport = transport,
		.payload = payload };
	trace_finder_init(&f);
	trace_finder_begin(&f, &s);
	return &f;
}

static void a_datagram_is_one_message(void **state)
{
	(void)state;
	struct trace_finder *f = find(CAPTURE_UDP, SPAN(OPTIONS("0") OK));
	assert_true(trace_finder_next(f));
	assert_span(f->message.method, "OPTIONS");
	assert_int_equal(f->message.faults.kinds, 0);
	assert_false(trace_finder_next(f));
	assert_int_equal(f->found, 1);
}

static void a_segment_has_as_many_messages_as_fit(void **state)
{
	(void)state;
	struct trace_finder *f = find(CAPTURE_TCP,
		SPAN("\r\n\r\n" OPTIONS("5") "hello" OK
					     "\r\n\r\n" OPTIONS("1")));
	assert_true(trace_finder_next(f));
	assert_span(f->message.body, "hello");
	assert_true(trace_finder_next(f));
	assert_int_equal(f->message.status_code, 200);
	assert_false(trace_finder_next(f));
	assert_int_equal(f->found, 2);
	assert_int_equal(f->unfinished, 1); /* its body is not there */
}

static void a_message_without_an_end_is_shown_by_its_head(void **state)
{
	(void)state;
	struct trace_finder *f =
		find(CAPTURE_TCP, SPAN(OPTIONS("many") "hello"));
	assert_true(trace_finder_next(f));
	assert_span(f->message.method, "OPTIONS");
	assert_true(
		sip_fault_has(&f->message.faults, SIP_FAULT_CONTENT_LENGTH));
	assert_false(trace_finder_next(f));
	assert_int_equal(f->with_faults, 1);
}

static void what_is_not_sip_is_passed_over(void **state)
{
	(void)state;
	static const struct span others[] = {
		{ "", 0 },
		SPAN("\r\n\r\n"),
		SPAN("\x80\0\x12\x34\0\0\0\xa0\xde\xad\xbe\xefxxxx"), /* RTP */
		SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
		SPAN("HTTP/1.1 200 OK\r\n\r\n"),
		SPAN("INVITE is a SIP/2.0 method\r\n"),
		SPAN("DESCRIBE rtsp://a/ RTSP/1.0\r\n\r\n"),
		SPAN("SIP/2.0"),
		SPAN("hello"),
		SPAN(" OPTIONS sip:b SIP/2.0\r\n"),
	};
	for (size_t i = 0; i < 2 * sizeof(others) / sizeof(others[0]); i++) {
		struct trace_finder *f =
			find(i % 2 ? CAPTURE_UDP : CAPTURE_TCP, others[i / 2]);
		if (trace_finder_next(f))
			fail_msg("row %zu: taken for SIP", i / 2);
	}
}

/* ---- records ---- */

/* The record as it was written, into a static array. */
static const char *record_of(struct span message, bool json, bool headers)
{
	static char line[4096];
	static struct sip_scan m;
	struct err e = ERR_NONE;
	char name[] = "/tmp/test_trace.XXXXXX";
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	unlink(name);
	struct out *out = out_new(fd, NULL, &e);
	struct buf text = BUF_INIT(4096), array = BUF_INIT(65536);
	struct record r;
	assert_non_null(out);
	out_set_json(out, json);
	sip_scan(&m, message);
	record_begin(&r, out, RECORD_SIP_MESSAGE, RECORD_SIP, 0);
	record_sip_message(&r, &m);
	record_sip_faults(&r, &m.faults, &text);
	if (headers)
		record_sip_headers(&r, &m, &array);
	assert_ok(record_end(&r, &e) && out_flush(out, &e), &e);
	ssize_t n = pread(fd, line, sizeof(line) - 1, 0);
	assert_true(n > 0);
	line[n] = '\0';
	out_free(out);
	buf_clear(&text);
	buf_clear(&array);
	close(fd);
	return line;
}

static void a_request_is_recorded_with_all_that_joins_it(void **state)
{
	(void)state;
	assert_string_equal(record_of(SPAN(OPTIONS("0")), true, false),
		"{\"type\":\"sip\",\"proto\":\"sip\","
		"\"time\":\"1970-01-01T00:00:00.000000Z\","
		"\"method\":\"OPTIONS\",\"request_uri\":\"sip:b@example.org\","
		"\"from\":\"sip:a@example.org\",\"to\":\"sip:b@example.org\","
		"\"call_id\":\"c1\",\"cseq\":\"7 OPTIONS\","
		"\"from_tag\":\"f1\",\"branch\":\"z9hG4bK1\","
		"\"body_length\":0}\n");
}

static void header_fields_are_recorded_as_they_were_written(void **state)
{
	(void)state;
	const char *line = record_of(SPAN(OK), true, true);
	assert_non_null(strstr(line, "\"status_code\":200,\"reason\":\"OK\""));
	assert_non_null(strstr(line,
		"\"headers\":[{\"name\":\"v\",\"value\":\"SIP/2.0/TCP "
		"192.0.2.1;branch=z9hG4bK1\"},{\"name\":\"Call-ID\","
		"\"value\":\"c1\"},{\"name\":\"l\",\"value\":\"0\"}]"));
}

/* hazards.md section 3: each is shown, with its fault, and nothing breaks. */
static void messages_that_broke_others_are_shown_with_their_faults(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		int filler;
		const char *after, *fault;
	} rows[] = {
		{ "Call-ID: ", 4096, "\r\n\r\n", "" },
		{ "Call-ID: ", 9000, "\r\n\r\n", "Header Field Too Long" },
		{ "From: <sip:a@b>;tag=", 5000, "\r\n\r\n", "" },
		{ "Content-Length: 4294967301", 0, "\r\n\r\n",
			"Body Shorter Than Content-Length" },
		{ "Content-Length: -1", 0, "\r\n\r\n",
			"Malformed Content-Length" },
		{ "Content-Length: 1\r\nl: 2", 0, "\r\n\r\nab",
			"Conflicting Content-Length" },
		{ "To: <sip:a@b>;tag=\r\nTo: <sip:a@b>;tag=", 0, "\r\n\r\n",
			"" },
		{ "From\x01: <sip:a@b>", 0, "\r\n\r\n",
			"Malformed Header Field Name" },
		{ "Subject: no end", 0, "", "Header Fields Without End" },
		{ "Subject: a\nTo: <sip:a@b>", 0, "\r\n\r\n", "Bare CR Or LF" },
		{ "\r\n", 66000, "", "Message Too Large" },
	};
	char *filler = mem_alloc(70000);
	memset(filler, 'x', 69999);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = mem_format("INVITE sip:a@b SIP/2.0\r\n%s%.*s%s",
			rows[i].before, rows[i].filler, filler, rows[i].after);
		struct trace_finder *f = find(CAPTURE_UDP, span_of(text));
		assert_true(trace_finder_next(f));
		struct buf faults = BUF_INIT(1000);
		struct record r = { .count = 0 };
		record_sip_faults(&r, &f->message.faults, &faults);
		if (strcmp(buf_text(&faults), rows[i].fault) != 0)
			fail_msg("row %zu: expected \"%s\", got \"%s\"", i,
				rows[i].fault, buf_text(&faults));
		buf_clear(&faults);
		mem_free(text);
	}
	mem_free(filler);
}

TEST_MAIN(cmocka_unit_test(a_datagram_is_one_message),
	cmocka_unit_test(a_segment_has_as_many_messages_as_fit),
	cmocka_unit_test(a_message_without_an_end_is_shown_by_its_head),
	cmocka_unit_test(what_is_not_sip_is_passed_over),
	cmocka_unit_test(a_request_is_recorded_with_all_that_joins_it),
	cmocka_unit_test(header_fields_are_recorded_as_they_were_written),
	cmocka_unit_test(
		messages_that_broke_others_are_shown_with_their_faults))
