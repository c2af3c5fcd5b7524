/* The scanner: messages, their faults, streams, values and parameters. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/rand.h"
#include "sip/chars.h"
#include "sip/scan.h"

static struct sip_scan m;

static bool scan(const char *text)
{
	return sip_scan(&m, span_of(text));
}

static bool has(enum sip_fault_kind kind)
{
	return sip_fault_has(&m.faults, kind);
}

static void a_request_is_taken_apart(void **state)
{
	(void)state;
	assert_true(scan("INVITE sip:bob@example.com SIP/2.0\r\n"
			 "v: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			 "Subject:\r\n"
			 "X-Thing : one\r\n"
			 "  two\t\r\n"
			 "Via: SIP/2.0/TCP i\r\n"
			 "l: 4\r\n"
			 "\r\n"
			 "bodyand more"));
	assert_true(m.is_request);
	assert_span(m.start_line, "INVITE sip:bob@example.com SIP/2.0");
	assert_span(m.method, "INVITE");
	assert_int_equal(m.method_kind, SIP_METHOD_INVITE);
	assert_span(m.request_uri, "sip:bob@example.com");
	assert_span(m.version, "SIP/2.0");
	assert_span(m.body, "body");
	assert_int_equal(m.count, 5);
	assert_true(span_ends(m.raw, "\r\n\r\nbody"));
	assert_true(span_ends(m.head, "l: 4\r\n\r\n"));

	const struct sip_field *via = sip_scan_find(&m, SIP_HDR_VIA);
	assert_span(via->name, "v");
	assert_span(via->value, "SIP/2.0/UDP h;branch=z9hG4bK1");
	assert_span(via->raw, "v: SIP/2.0/UDP h;branch=z9hG4bK1\r\n");
	via = sip_scan_next(&m, via);
	assert_span(via->value, "SIP/2.0/TCP i");
	assert_null(sip_scan_next(&m, via));

	assert_span(sip_scan_value(&m, SIP_HDR_SUBJECT), "");
	assert_non_null(sip_scan_find(&m, SIP_HDR_SUBJECT));
	assert_null(sip_scan_find(&m, SIP_HDR_TO));
	const struct sip_field *x = sip_scan_find_name(&m, SPAN("x-thing"));
	assert_span(x->name, "X-Thing");
	assert_span(x->value, "one\r\n  two");
	assert_null(sip_scan_find_name(&m, SPAN("x-thin")));
}

static void a_response_is_taken_apart(void **state)
{
	(void)state;
	assert_true(scan("SIP/2.0 486 Busy Here\r\nl:0\r\n\r\n"));
	assert_false(m.is_request);
	assert_int_equal(m.status_code, 486);
	assert_span(m.reason, "Busy Here");
	assert_true(scan("SIP/2.0 100 \r\n\r\n"));
	assert_int_equal(m.status_code, 100);
	assert_span(m.reason, "");
	assert_true(scan("SIP/2.0 100\r\n\r\n"));
	assert_true(scan("SIP/2.0 200 \xd0\xb4\xd0\xb0 %20\r\n\r\n"));
}

static void every_name_and_compact_form_is_known_in_any_case(void **state)
{
	(void)state;
	for (unsigned kind = 1; kind < SIP_HDR_COUNT; kind++) {
		char name[40];
		size_t n = strlen(sip_hdr_name(kind));
		assert_true(n > 1 && n < sizeof(name));
		for (size_t i = 0; i < n; i++) {
			char c = sip_hdr_name(kind)[i];
			name[i] = c >= 'a' && c <= 'z'   ? c - 32
				  : c >= 'A' && c <= 'Z' ? c + 32
							 : c;
		}
		assert_int_equal(sip_hdr_find(span_from(name, n)), kind);
		assert_int_equal(
			sip_hdr_find(span_of(sip_hdr_name(kind))), kind);
		/* No other byte is taken for a letter or a dash. */
		for (size_t i = 0; i < n; i++)
			for (int c = 0; c < 256; c++) {
				char was = name[i];
				char folded = c >= 'A' && c <= 'Z' ? c + 32 : c;
				char lower = was >= 'A' && was <= 'Z' ? was + 32
								      : was;
				name[i] = (char)c;
				enum sip_hdr got =
					sip_hdr_find(span_from(name, n));
				if (folded != lower && got == kind)
					fail_msg("%s with 0x%02x at %zu",
						sip_hdr_name(kind), c, i);
				name[i] = was;
			}
	}
	static const struct {
		char form;
		enum sip_hdr kind;
	} compact[] = {
		{ 'a', SIP_HDR_ACCEPT_CONTACT },
		{ 'b', SIP_HDR_REFERRED_BY },
		{ 'c', SIP_HDR_CONTENT_TYPE },
		{ 'd', SIP_HDR_REQUEST_DISPOSITION },
		{ 'e', SIP_HDR_CONTENT_ENCODING },
		{ 'f', SIP_HDR_FROM },
		{ 'i', SIP_HDR_CALL_ID },
		{ 'j', SIP_HDR_REJECT_CONTACT },
		{ 'k', SIP_HDR_SUPPORTED },
		{ 'l', SIP_HDR_CONTENT_LENGTH },
		{ 'm', SIP_HDR_CONTACT },
		{ 'o', SIP_HDR_EVENT },
		{ 'r', SIP_HDR_REFER_TO },
		{ 's', SIP_HDR_SUBJECT },
		{ 't', SIP_HDR_TO },
		{ 'u', SIP_HDR_ALLOW_EVENTS },
		{ 'v', SIP_HDR_VIA },
		{ 'x', SIP_HDR_SESSION_EXPIRES },
		{ 'y', SIP_HDR_IDENTITY },
	};
	for (size_t i = 0; i < sizeof(compact) / sizeof(*compact); i++) {
		char upper = compact[i].form - 32;
		assert_int_equal(sip_hdr_find(span_from(&compact[i].form, 1)),
			compact[i].kind);
		assert_int_equal(
			sip_hdr_find(span_from(&upper, 1)), compact[i].kind);
	}
	assert_int_equal(sip_hdr_find(SPAN("z")), SIP_HDR_OTHER);
	assert_int_equal(sip_hdr_find(SPAN("")), SIP_HDR_OTHER);
	assert_int_equal(sip_hdr_find(SPAN("Vias")), SIP_HDR_OTHER);
}

static void methods_count_their_case(void **state)
{
	(void)state;
	for (unsigned i = 1; i < SIP_METHOD_COUNT; i++)
		assert_int_equal(
			sip_method_find(span_of(sip_method_name(i))), i);
	assert_int_equal(sip_method_find(SPAN("invite")), SIP_METHOD_OTHER);
	assert_int_equal(sip_method_find(SPAN("IN%56ITE")), SIP_METHOD_OTHER);
	assert_string_equal(sip_reason_phrase(486), "Busy Here");
	assert_string_equal(sip_reason_phrase(299), "Unknown");
}

/* RFC 3261 section 25.1's own lists. */
static void the_character_classes_are_those_of_the_grammar(void **state)
{
	(void)state;
	static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789";
	static const struct {
		enum sip_chars class;
		bool has_alnum;
		const char *others;
	} classes[] = {
		{ SIP_CHAR_TOKEN, true, "-.!%*_+`'~" },
		{ SIP_CHAR_LWS, false, " \t\r\n" },
		{ SIP_CHAR_HOST, false, "[]:/&$" },
		{ SIP_CHAR_USER, true, "-_.!~*'()&=+$,;?/" },
		{ SIP_CHAR_PARAM, true, "-_.!~*'()[]/:&+$" },
		{ SIP_CHAR_HNV, true, "-_.!~*'()[]/?:+$" },
		{ SIP_CHAR_WORD, true, "-.!%*_+`'~()<>:\\\"/[]?{}" },
		{ SIP_CHAR_URIC, true, "-_.!~*'();/?:@&=+$,[]%" },
	};
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		for (int c = 0; c < 256; c++) {
			bool want =
				c &&
				((classes[i].has_alnum && strchr(alnum, c)) ||
					strchr(classes[i].others, c));
			if (sip_char_is(c, classes[i].class) != want)
				fail_msg("class %zu: 0x%02x", i, c);
		}
}

/* One fault each, in a message that is fine otherwise. */
static void each_fault_of_shape_is_named(void **state)
{
	(void)state;
#define OK_LINE "OPTIONS sip:a@b SIP/2.0\r\n"
#define OK_END "l: 0\r\n\r\n"
	static const struct {
		const char *text;
		enum sip_fault_kind fault;
	} cases[] = {
		{ "OPTIONS  sip:a@b SIP/2.0\r\n" OK_END, SIP_FAULT_START_LINE },
		{ "OPTIONS sip:a@b  SIP/2.0\r\n" OK_END, SIP_FAULT_START_LINE },
		{ "OPTIONS sip:a@b SIP/2.0  \r\n" OK_END,
			SIP_FAULT_START_LINE },
		{ "OPTIONS sip:a@b SIP/two\r\n" OK_END, SIP_FAULT_START_LINE },
		{ "OPTIONS sip:a@b SIP/2.0.1\r\n" OK_END,
			SIP_FAULT_START_LINE },
		{ "OPTIONS sip:a@b SIP/7.0\r\n" OK_END, SIP_FAULT_VERSION },
		{ "SIP/3.0 200 OK\r\n" OK_END, SIP_FAULT_VERSION },
		{ "OPT\"IONS sip:a@b SIP/2.0\r\n" OK_END, SIP_FAULT_METHOD },
		{ "OPTIONS sip:a@b; lr SIP/2.0\r\n" OK_END,
			SIP_FAULT_REQUEST_URI },
		{ "OPTIONS <sip:a@b> SIP/2.0\r\n" OK_END,
			SIP_FAULT_REQUEST_URI },
		{ "OPTIONS sip:\xc3\xa4@b SIP/2.0\r\n" OK_END,
			SIP_FAULT_REQUEST_URI },
		{ "SIP/2.0 99 Low\r\n" OK_END, SIP_FAULT_STATUS_CODE },
		{ "SIP/2.0 2000 High\r\n" OK_END, SIP_FAULT_STATUS_CODE },
		{ "SIP/2.0 -1 Negative\r\n" OK_END, SIP_FAULT_STATUS_CODE },
		{ "SIP/2.0 700 Seven\r\n" OK_END, SIP_FAULT_STATUS_CODE },
		{ "SIP/2.0 4294967301 Wrapped\r\n" OK_END,
			SIP_FAULT_STATUS_CODE },
		{ "SIP/2.0  200 OK\r\n" OK_END, SIP_FAULT_STATUS_CODE },
		{ "SIP/2.0 200 O\x01K\r\n" OK_END, SIP_FAULT_CONTROL },
		{ OK_LINE "Subject: a\n" OK_END, SIP_FAULT_LINE_END },
		{ OK_LINE "Subject: a\rb\r\n" OK_END, SIP_FAULT_LINE_END },
		{ OK_LINE "Subject: a\n b\r\n" OK_END, SIP_FAULT_LINE_END },
		{ OK_LINE "l: 0\r\n\n", SIP_FAULT_LINE_END },
		{ OK_LINE "no colon\r\n" OK_END, SIP_FAULT_HEADER_LINE },
		{ OK_LINE " folded start line\r\n" OK_END,
			SIP_FAULT_HEADER_LINE },
		{ OK_LINE ": no name\r\n" OK_END, SIP_FAULT_HEADER_NAME },
		{ OK_LINE "To\x01: a\r\n" OK_END, SIP_FAULT_HEADER_NAME },
		{ OK_LINE "T o: a\r\n" OK_END, SIP_FAULT_HEADER_NAME },
		{ OK_LINE "Subject: a\x1b[2Jb\r\n" OK_END, SIP_FAULT_CONTROL },
		{ OK_LINE "Subject: \"a\x7f\"\r\n" OK_END, SIP_FAULT_CONTROL },
		{ OK_LINE "Subject: a\\\x01\r\n" OK_END, SIP_FAULT_CONTROL },
		{ OK_LINE "l: 0\r\n", SIP_FAULT_NO_END },
		{ OK_LINE "l: 0", SIP_FAULT_NO_END },
		{ OK_LINE "l: five\r\n\r\n", SIP_FAULT_CONTENT_LENGTH },
		{ OK_LINE "l: -1\r\n\r\n", SIP_FAULT_CONTENT_LENGTH },
		{ OK_LINE "l: +1\r\n\r\nx", SIP_FAULT_CONTENT_LENGTH },
		{ OK_LINE "l: 1 1\r\n\r\nx", SIP_FAULT_CONTENT_LENGTH },
		{ OK_LINE "l:\r\n\r\nx", SIP_FAULT_CONTENT_LENGTH },
		{ OK_LINE "l: 99999999999999999999\r\n\r\n",
			SIP_FAULT_CONTENT_LENGTH },
		{ OK_LINE "l: 1\r\nContent-Length: 2\r\n\r\nxx",
			SIP_FAULT_CONTENT_LENGTHS },
		{ OK_LINE "l: 4294967301\r\n\r\nxxxxx", SIP_FAULT_BODY_SHORT },
		{ OK_LINE "l: 2\r\n\r\nx", SIP_FAULT_BODY_SHORT },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (scan(cases[i].text))
			fail_msg("taken as good: %s", cases[i].text);
		if (m.faults.kinds != (uint64_t)1 << cases[i].fault)
			fail_msg("faults %llx, expected only \"%s\": %s",
				(unsigned long long)m.faults.kinds,
				sip_fault_reason(cases[i].fault),
				cases[i].text);
		if (m.start_line.n == 0)
			fail_msg("not shown: %s", cases[i].text);
	}
	assert_true(scan(OK_LINE "Subject: \"a\\\x01\\\x7f\"\r\n" OK_END));
	assert_true(scan(OK_LINE "Subject: a\r\n\tb\r\n" OK_END));
	assert_true(scan("\r\n\r\n" OK_LINE OK_END));
	assert_true(scan("OPTIONS sip:a@b sip/2.0\r\n" OK_END));
}

static void what_is_not_sip_is_said_to_be_none(void **state)
{
	(void)state;
	static const char *const others[] = { "", "\r\n\r\n", "hello",
		"GET / HTTP/1.1\r\n\r\n", "SIP/2.0", "INVITE sip:a@b\r\n\r\n",
		"OPTIONS sip:a@b RTSP/1.0\r\n\r\n", " SIP/2.0\r\n",
		"\x16\x03\x01\x02" };
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_false(scan(others[i]));
		assert_int_equal(m.start_line.n, 0);
		assert_int_equal(m.count, 0);
		assert_true(has(SIP_FAULT_START_LINE));
	}
	assert_false(sip_scan(&m, SPAN_EMPTY));
	assert_false(sip_scan_is_likely(SPAN_EMPTY));
	assert_false(sip_scan_is_likely(SPAN("GET / HTTP/1.1\r\n")));
	assert_false(sip_scan_is_likely(SPAN("\x80\x00 SIP/2.0")));
	assert_true(sip_scan_is_likely(SPAN("SIP/2.0 200 OK\r\n")));
	assert_true(sip_scan_is_likely(SPAN("\r\nX sip:a@b SIP/2.0\r\n")));
}

static void a_message_over_a_limit_is_still_shown(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(1 << 20);
	buf_str(&b, OK_LINE);
	for (int i = 0; i < 300; i++)
		buf_printf(&b, "X-%d: y\r\n", i);
	buf_str(&b, "Content-Length: 2\r\n\r\nabc");
	assert_false(sip_scan(&m, buf_view(&b)));
	assert_true(has(SIP_FAULT_TOO_MANY_LINES));
	assert_int_equal(m.count, SIP_LINES_MAX);
	assert_span(m.body, "ab"); /* the length counts from any line */

	buf_reset(&b);
	buf_str(&b, OK_LINE "Call-ID: ");
	for (int i = 0; i < SIP_LINE_MAX; i++)
		buf_char(&b, 'c');
	buf_str(&b, "\r\n" OK_END);
	assert_false(sip_scan(&m, buf_view(&b)));
	assert_int_equal(m.faults.count, 1);
	assert_true(has(SIP_FAULT_LINE_TOO_LONG));
	assert_int_equal(sip_scan_value(&m, SIP_HDR_CALL_ID).n, SIP_LINE_MAX);

	buf_reset(&b);
	buf_str(&b, OK_LINE "l: 65536\r\n\r\n");
	for (int i = 0; i < 65536; i++)
		buf_char(&b, 'b');
	assert_false(sip_scan(&m, buf_view(&b)));
	assert_int_equal(m.faults.count, 1);
	assert_true(has(SIP_FAULT_MSG_TOO_LARGE));
	assert_int_equal(m.body.n, 65536);
	buf_clear(&b);
}

/* ---- streams ---------------------------------------------------------------- */

static void a_stream_is_cut_into_the_same_messages_however_it_arrives(
	void **state)
{
	(void)state;
	static const char first[] = "OPTIONS sip:a@b SIP/2.0\r\nA: b\r\n "
				    "c\r\nl : 4\r\n\r\n\r\n\r\n";
	static const char second[] =
		"SIP/2.0 200 OK\r\nContent-Length:\r\n 0\r\n\r\n";
	char stream[300];
	int n = snprintf(stream, sizeof(stream), "\r\n%s\r\n\r\n%s\r\n%s",
		first, second, first);
	for (size_t step = 1; step <= (size_t)n; step++) {
		struct buf in = BUF_INIT(1000);
		struct sip_framer f = { 0 };
		unsigned messages = 0, pings = 0;
		for (size_t at = 0; at < (size_t)n; at += step) {
			size_t skip, length, take = (size_t)n - at;
			buf_add(&in, stream + at, take < step ? take : step);
			enum sip_frame got;
			while ((got = sip_scan_frame(&f, buf_view(&in), &skip,
					&length)) != SIP_FRAME_MORE) {
				buf_consume(&in, skip);
				assert_int_not_equal(got, SIP_FRAME_BROKEN);
				if (got == SIP_FRAME_PING) {
					pings++;
					continue;
				}
				struct span text =
					span_first(buf_view(&in), length);
				assert_span(
					text, messages == 1 ? second : first);
				assert_true(sip_scan(&m, text));
				buf_consume(&in, length);
				messages++;
			}
			buf_consume(&in, skip);
		}
		assert_int_equal(messages, 3);
		assert_int_equal(pings, 1);
		assert_int_equal(in.len, 0);
		buf_clear(&in);
	}
}

static void a_stream_without_a_boundary_is_broken(void **state)
{
	(void)state;
	static const char *const broken[] = {
		OK_LINE "\r\n",
		OK_LINE "l: -1\r\n\r\n",
		OK_LINE "l: 1\r\nl: 2\r\n\r\nxxx",
		OK_LINE "l: 4294967301\r\n\r\n",
		OK_LINE "l: 65536\r\n\r\n",
		"\x16\x03\x01",
		"\n",
		"\r\n\n",
	};
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct sip_framer f = { 0 };
		size_t skip, length;
		if (sip_scan_frame(&f, span_of(broken[i]), &skip, &length) !=
			SIP_FRAME_BROKEN)
			fail_msg("case %zu has a boundary", i);
	}
	/* What is there can still be answered. */
	struct sip_framer f = { 0 };
	size_t skip, length;
	struct span bytes = SPAN(OK_LINE "Via: x\r\nl: -1\r\n\r\nrest");
	assert_int_equal(
		sip_scan_frame(&f, bytes, &skip, &length), SIP_FRAME_BROKEN);
	sip_scan(&m, span_first(bytes, length));
	assert_span(sip_scan_value(&m, SIP_HDR_VIA), "x");
	assert_true(has(SIP_FAULT_CONTENT_LENGTH));
	assert_int_equal(m.body.n, 0);
}

static void a_head_that_never_ends_is_broken_at_the_limit(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(1 << 20);
	struct sip_framer f = { 0 };
	size_t skip, length;
	buf_str(&b, OK_LINE);
	while (b.len < SIP_MSG_MAX) {
		assert_int_equal(
			sip_scan_frame(&f, buf_view(&b), &skip, &length),
			SIP_FRAME_MORE);
		for (int i = 0; i < 1024; i++)
			buf_char(&b, 'x');
	}
	assert_int_equal(sip_scan_frame(&f, buf_view(&b), &skip, &length),
		SIP_FRAME_BROKEN);
	buf_clear(&b);
}

/* ---- values ------------------------------------------------------------------ */

static void values_are_walked_over_lines_and_commas(void **state)
{
	(void)state;
	assert_true(scan(OK_LINE "m: \"a, \\\"b\" <sip:a,b@c>;q=1 ,\r\n"
				 " <sip:d>\r\n"
				 "Contact:\r\n"
				 "Contact: sip:e\r\n" OK_END));
	struct sip_values at = SIP_VALUES_INIT;
	assert_true(sip_scan_values(&m, SIP_HDR_CONTACT, &at));
	assert_span(at.value, "\"a, \\\"b\" <sip:a,b@c>;q=1");
	assert_true(sip_scan_values(&m, SIP_HDR_CONTACT, &at));
	assert_span(at.value, "<sip:d>");
	assert_true(sip_scan_values(&m, SIP_HDR_CONTACT, &at));
	assert_span(at.value, "sip:e");
	assert_false(sip_scan_values(&m, SIP_HDR_CONTACT, &at));
	assert_false(at.malformed);

	/* A date has a comma and is one value. */
	assert_true(scan(OK_LINE "Date: Sat, 13 Nov 2010\r\n" OK_END));
	at = SIP_VALUES_INIT;
	assert_true(sip_scan_values(&m, SIP_HDR_DATE, &at));
	assert_span(at.value, "Sat, 13 Nov 2010");
	assert_false(sip_scan_values(&m, SIP_HDR_DATE, &at));
}

static void what_stays_open_ends_the_walk(void **state)
{
	(void)state;
	static const char *const open[] = { "\"a", "\"a\\", "<sip:a", "a, \"",
		"a, <" };
	for (size_t i = 0; i < sizeof(open) / sizeof(*open); i++) {
		char text[100];
		snprintf(text, sizeof(text), OK_LINE "m: %s\r\n" OK_END,
			open[i]);
		assert_true(scan(text));
		struct sip_values at = SIP_VALUES_INIT;
		while (sip_scan_values(&m, SIP_HDR_CONTACT, &at))
			assert_span(at.value, "a");
		assert_true(at.malformed);
	}
}

static void an_empty_value_between_commas_is_seen(void **state)
{
	(void)state;
	struct span rest = SPAN("a,,b,"), value;
	static const char *const want[] = { "a", "", "b", "" };
	for (int i = 0; i < 4; i++) {
		assert_true(sip_value_next(&rest, &value));
		assert_span(value, want[i]);
	}
	assert_false(sip_value_next(&rest, &value));
	assert_null(rest.p);
}

static void a_line_has_at_most_256_values(void **state)
{
	(void)state;
	for (unsigned count = 256; count <= 257; count++) {
		struct buf b = BUF_INIT(10000);
		buf_str(&b, OK_LINE "k: a");
		for (unsigned i = 1; i < count; i++)
			buf_str(&b, ",a");
		buf_str(&b, "\r\n" OK_END);
		assert_true(sip_scan(&m, buf_view(&b)));
		struct sip_values at = SIP_VALUES_INIT;
		unsigned seen = 0;
		while (sip_scan_values(&m, SIP_HDR_SUPPORTED, &at))
			seen++;
		assert_int_equal(seen, 256);
		assert_int_equal(at.malformed, count == 257);
		buf_clear(&b);
	}
}

static void parameters_are_taken_one_by_one(void **state)
{
	(void)state;
	struct span rest = SPAN(" ; a\t; b = c ;\r\n d=\"x;\\\"y\";e=[::1]:5 ");
	struct sip_param p;
	assert_true(sip_param_next(&rest, &p));
	assert_span(p.name, "a");
	assert_false(p.has_value);
	assert_true(sip_param_next(&rest, &p));
	assert_span(p.name, "b");
	assert_span(p.value, "c");
	assert_true(sip_param_next(&rest, &p));
	assert_span(p.value, "\"x;\\\"y\"");
	assert_span(sip_unquote(p.value), "x;\\\"y");
	assert_true(sip_param_next(&rest, &p));
	assert_span(p.value, "[::1]:5");
	assert_false(sip_param_next(&rest, &p));
	assert_int_equal(rest.n, 0);
}

static void malformed_parameters_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { ";", ";;a", ";a;", ";a=", ";=b",
		";a=\"b", ";a=b c", "a=b", ";a b", ";a=\"b\"c", ";a;A",
		";tag=1;x;TAG=2", ";a=b,c", ";a=<b>", ";a=b\\" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (sip_params_are_valid(span_of(bad[i])))
			fail_msg("taken as good: %s", bad[i]);
	static const char *const good[] = { "", " ", ";a", ";a;b", ";a=b;ab=a",
		";received=2001:db8::9:255", "; a = \"\"" };
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!sip_params_are_valid(span_of(good[i])))
			fail_msg("refused: %s", good[i]);
}

static void a_value_has_at_most_64_parameters(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(10000);
	for (int i = 0; i < SIP_PARAMS_MAX; i++)
		buf_printf(&b, ";p%d", i);
	struct sip_param p;
	assert_true(sip_params_are_valid(buf_view(&b)));
	assert_true(sip_param_find(buf_view(&b), "P63", &p));
	buf_str(&b, ";p64");
	assert_false(sip_params_are_valid(buf_view(&b)));
	assert_false(sip_param_find(buf_view(&b), "p64", &p));
	buf_clear(&b);
}

static void tokens_and_quoted_strings_are_told_apart(void **state)
{
	(void)state;
	assert_true(sip_is_token(SPAN("a-.!%*_+`'~9")));
	assert_false(sip_is_token(SPAN("")));
	assert_false(sip_is_token(SPAN("a b")));
	assert_false(sip_is_token(SPAN("\xc3\xa4")));
	assert_true(sip_is_quoted(SPAN("\"\"")));
	assert_false(sip_is_quoted(SPAN("\"")));
	assert_false(sip_is_quoted(SPAN("\"\\\"")));
	assert_false(sip_is_quoted(SPAN("\"a\"b")));
	assert_span(sip_unquote(SPAN("plain")), "plain");
}

/* Any cut and any changed byte of a message gives spans inside of it. */
static void nothing_points_outside_of_the_bytes(void **state)
{
	(void)state;
	static const char text[] = "INVITE sip:b@e SIP/2.0\r\n"
				   "v: SIP/2.0/UDP h;branch=z9hG4bK1,x\r\n"
				   "Subject: \"a\r\n b\r\nl:3\r\n\r\nabc";
	char copy[sizeof(text)];
	rand_simulate(1);
	for (unsigned round = 0; round < 20000; round++) {
		size_t n = rand_below(sizeof(text));
		memcpy(copy, text, sizeof(text));
		copy[rand_below(sizeof(text))] = (char)rand_below(256);
		sip_scan(&m, span_from(copy, n));
		for (unsigned i = 0; i < m.count; i++) {
			struct span s = m.fields[i].value;
			assert_true(s.p >= copy && s.p + s.n <= copy + n);
			s = m.fields[i].raw;
			assert_true(s.p >= copy && s.p + s.n <= copy + n);
		}
		assert_true(m.body.n == 0 || m.body.p + m.body.n <= copy + n);
	}
}

TEST_MAIN(cmocka_unit_test(a_request_is_taken_apart),
	cmocka_unit_test(a_response_is_taken_apart),
	cmocka_unit_test(every_name_and_compact_form_is_known_in_any_case),
	cmocka_unit_test(methods_count_their_case),
	cmocka_unit_test(the_character_classes_are_those_of_the_grammar),
	cmocka_unit_test(each_fault_of_shape_is_named),
	cmocka_unit_test(what_is_not_sip_is_said_to_be_none),
	cmocka_unit_test(a_message_over_a_limit_is_still_shown),
	cmocka_unit_test(
		a_stream_is_cut_into_the_same_messages_however_it_arrives),
	cmocka_unit_test(a_stream_without_a_boundary_is_broken),
	cmocka_unit_test(a_head_that_never_ends_is_broken_at_the_limit),
	cmocka_unit_test(values_are_walked_over_lines_and_commas),
	cmocka_unit_test(what_stays_open_ends_the_walk),
	cmocka_unit_test(an_empty_value_between_commas_is_seen),
	cmocka_unit_test(a_line_has_at_most_256_values),
	cmocka_unit_test(parameters_are_taken_one_by_one),
	cmocka_unit_test(malformed_parameters_are_refused),
	cmocka_unit_test(a_value_has_at_most_64_parameters),
	cmocka_unit_test(tokens_and_quoted_strings_are_told_apart),
	cmocka_unit_test(nothing_points_outside_of_the_bytes))
