/* What a sniffer makes of RFC 4475, RFC 5118 and what broke others: each
 * message is shown, whatever is wrong with it. */
#include "tests/common/test.h"

#include <string.h>

#include "tests/common/torture.h"
#include "trace/finder.h"

static char bytes[65536];

/* The Call-ID of the first message, as plain text search finds it. */
static struct span plain_call_id(struct span text)
{
	struct span line;
	do {
		span_cut(&text, '\n', &line);
		if (span_starts(line, "Call-ID:") || span_starts(line, "i:"))
			return span_trim(
				span_skip(line, span_find(line, ':', 0) + 1));
	} while (text.n && line.n > 1);
	return SPAN_EMPTY;
}

static void assert_shown(const struct torture *row, struct span text)
{
	static struct trace_finder f;
	struct capture_segment s = { .transport = CAPTURE_UDP,
		.payload = text };
	struct span call_id = plain_call_id(text);
	struct span rest = text, line;
	trace_finder_init(&f);
	trace_finder_begin(&f, &s);
	if (!trace_finder_next(&f))
		fail_msg("%s: not shown", row->name);
	const struct sip_scan *m = &f.message;
	span_cut(&rest, '\n', &line);
	if (!span_equal(m->start_line, span_first(line, m->start_line.n)))
		fail_msg("%s: not from its start line", row->name);
	if (m->is_request ? m->method.n == 0
			  : m->status_code == 0 && m->faults.kinds == 0)
		fail_msg("%s: neither request nor response", row->name);
	if (call_id.n &&
		!span_equal(call_id, sip_scan_value(m, SIP_HDR_CALL_ID)))
		fail_msg("%s: Call-ID \"%.*s\" was lost", row->name,
			SPAN_ARGS(call_id));
	if (trace_finder_next(&f))
		fail_msg("%s: a second one in a datagram", row->name);
}

/* What says nothing of SIP in its first line is for others to show. */
static bool is_sip(const struct torture *row)
{
	return strcmp(row->name, "not SIP at all") != 0;
}

static void assert_all_shown(const struct torture *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_sip(&rows[i]))
			assert_shown(&rows[i],
				span_from(rows[i].text, rows[i].length));
}

static void every_kind_of_torture_is_shown(void **state)
{
	(void)state;
	assert_all_shown(torture_rfc4475, TORTURE_RFC4475);
	assert_all_shown(torture_rfc5118, TORTURE_RFC5118);
	assert_all_shown(torture_others, TORTURE_OTHERS);
}

static void the_messages_of_the_rfcs_are_shown(void **state)
{
	(void)state;
	unsigned there = 0;
	for (size_t i = 0; i < TORTURE_RFC4475 + TORTURE_RFC5118; i++) {
		bool is_4475 = i < TORTURE_RFC4475;
		const struct torture *row =
			is_4475 ? &torture_rfc4475[i]
				: &torture_rfc5118[i - TORTURE_RFC4475];
		struct span text =
			torture_file(row, is_4475 ? "rfc4475" : "rfc5118",
				is_4475 ? ".dat" : "", bytes, sizeof(bytes));
		if (text.n == 0)
			continue;
		assert_shown(row, text);
		there++;
	}
	/* None where they are not on this machine: cmocka's skip() is no TAP. */
	if (there > 0)
		assert_int_equal(there, TORTURE_RFC4475 + TORTURE_RFC5118);
	else
		print_message("# the RFCs' own messages are not here\n");
}

TEST_MAIN(cmocka_unit_test(every_kind_of_torture_is_shown),
	cmocka_unit_test(the_messages_of_the_rfcs_are_shown))
