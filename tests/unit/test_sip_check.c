/* What a user agent answers to messages that should not be. */
#include "tests/common/test.h"
#include "tests/common/torture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "sip/check.h"

static const char *const ua_types[] = { "application/sdp", "text/plain", NULL };
static const struct sip_check_policy policies[TORTURE_ROLES] = {
	[TORTURE_ELEMENT] = { .methods = 0 },
	[TORTURE_USER_AGENT] = {
		.methods = 1u << SIP_METHOD_INVITE | 1u << SIP_METHOD_ACK |
			1u << SIP_METHOD_BYE | 1u << SIP_METHOD_CANCEL |
			1u << SIP_METHOD_OPTIONS | 1u << SIP_METHOD_MESSAGE,
		.media_types = ua_types,
	},
};

#define REQUEST(method) method " sip:user@example.com SIP/2.0\r\n"
#define VIA "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-t;rport\r\n"
#define FROM_TO                                                                \
	"From: <sip:caller@example.net>;tag=f1\r\n"                            \
	"To: <sip:user@example.com>\r\nCall-ID: t.1@192.0.2.1\r\n"
#define HEAD(method) VIA FROM_TO "CSeq: 8 " method "\r\n"
#define NONE "Content-Length: 0\r\n\r\n"
#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

/* ---- holding a message to its row -------------------------------------------- */

static struct sip_scan m;

/* Every byte of the head is in one line or another. */
static void assert_shown_whole(const struct torture *row)
{
	size_t shown = 0;
	if (m.start_line.n == 0)
		return;
	for (unsigned i = 0; i < m.count; i++)
		shown += m.fields[i].raw.n;
	size_t start = m.start_line.n + 2;
	size_t end = sip_fault_has(&m.faults, SIP_FAULT_NO_END) ? 0 : 2;
	if (start + shown + end != m.head.n)
		fail_msg("%s: %zu bytes of %zu are shown", row->name,
			start + shown + end, m.head.n);
}

static int verdict_on(
	struct sip_verdict *v, struct span bytes, enum torture_role role)
{
	sip_scan(&m, bytes);
	bool ok = m.is_request || m.start_line.n == 0
			  ? sip_check_request(v, &m, &policies[role])
			  : sip_check_response(v, &m, &policies[role]);
	assert_int_equal(ok, v->action == SIP_CHECK_ACCEPT);
	return v->action == SIP_CHECK_ACCEPT ? TORTURE_ACCEPT
	       : v->action == SIP_CHECK_DROP ? TORTURE_DROP
					     : (int)v->code;
}

static void assert_reply(const struct torture *row, const struct sip_verdict *v,
	const struct sip_check_policy *policy)
{
	static struct sip_scan reply;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	const struct sip_msg_response via = { .to_tag = SPAN("totag"),
		.received = SPAN("192.0.2.99"),
		.rport = 4711 };
	if (!sip_check_reply(&b, &m, v, policy, &via))
		fail_msg("%s: no reply can be built", row->name);
	if (!sip_scan(&reply, buf_view(&b)))
		fail_msg("%s: the reply is malformed: %s", row->name,
			buf_text(&b));
	assert_int_equal(reply.status_code, v->code);
	assert_non_null(sip_scan_find(&reply, SIP_HDR_VIA));
	if (v->code == 420)
		assert_true(sip_scan_value(&reply, SIP_HDR_UNSUPPORTED).n > 0);
	if (v->code == 405)
		assert_span(sip_scan_value(&reply, SIP_HDR_ALLOW),
			"ACK, BYE, CANCEL, INVITE, MESSAGE, OPTIONS");
	if (v->code == 415)
		assert_span(sip_scan_value(&reply, SIP_HDR_ACCEPT),
			"application/sdp, text/plain");
	buf_clear(&b);
}

static void hold(const struct torture *row, struct span bytes)
{
	for (enum torture_role role = 0; role < TORTURE_ROLES; role++) {
		struct sip_verdict v;
		int got = verdict_on(&v, bytes, role);
		if (!torture_is_allowed(row, role, got))
			fail_msg("%s %s: %s gives %d (%s), expected %d",
				row->section, row->name, torture_roles[role],
				got, v.reason, row->allowed[role][0]);
		assert_shown_whole(row);
		if (v.action == SIP_CHECK_REPLY)
			assert_reply(row, &v, &policies[role]);
		if (v.action != SIP_CHECK_ACCEPT)
			assert_true(sip_fault_has(&m.faults, v.fault));
	}
}

static void hold_all(const struct torture *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		hold(&rows[i], span_from(rows[i].text, rows[i].length));
}

static void our_messages_for_rfc_4475_get_their_verdicts(void **state)
{
	(void)state;
	hold_all(torture_rfc4475, TORTURE_RFC4475);
}

static void our_messages_for_rfc_5118_get_their_verdicts(void **state)
{
	(void)state;
	hold_all(torture_rfc5118, TORTURE_RFC5118);
}

static void messages_that_broke_others_get_their_verdicts(void **state)
{
	(void)state;
	hold_all(torture_others, TORTURE_OTHERS);
}

static void hold_files(const struct torture *rows, size_t count,
	const char *dir, const char *suffix)
{
	static char bytes[SIP_MSG_MAX];
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		struct span text = torture_file(
			&rows[i], dir, suffix, bytes, sizeof(bytes));
		if (text.n)
			hold(&rows[i], text);
		found += text.n > 0;
	}
	if (found == 0)
		print_message("# the files of %s are not here\n", dir);
	else
		assert_int_equal(found, count);
}

static void the_messages_of_rfc_4475_get_their_verdicts(void **state)
{
	(void)state;
	hold_files(torture_rfc4475, TORTURE_RFC4475, "rfc4475", ".dat");
}

static void the_messages_of_rfc_5118_get_their_verdicts(void **state)
{
	(void)state;
	hold_files(torture_rfc5118, TORTURE_RFC5118, "rfc5118", "");
}

/* ---- single points ------------------------------------------------------------------ */

static int verdict_with(const char *text, const struct sip_check_policy *p)
{
	struct sip_verdict v;
	sip_scan(&m, span_of(text));
	sip_check_request(&v, &m, p);
	return v.action == SIP_CHECK_ACCEPT ? TORTURE_ACCEPT
	       : v.action == SIP_CHECK_DROP ? TORTURE_DROP
					    : (int)v.code;
}

static void a_stream_needs_a_length_and_is_closed_without(void **state)
{
	(void)state;
	const struct sip_check_policy stream = { .is_stream = true };
	const char *text = REQUEST("OPTIONS") HEAD("OPTIONS") "\r\n";
	struct sip_verdict v;
	sip_scan(&m, span_of(text));
	assert_true(sip_check_request(&v, &m, NULL));
	assert_false(sip_check_request(&v, &m, &stream));
	assert_int_equal(v.code, 400);
	assert_true(v.close);
	text = REQUEST("OPTIONS") HEAD("OPTIONS") "Content-Length: -1\r\n\r\n";
	sip_scan(&m, span_of(text));
	assert_false(sip_check_request(&v, &m, &stream));
	assert_true(v.close);
	text = REQUEST("OPTIONS") VIA NONE;
	sip_scan(&m, span_of(text));
	assert_false(sip_check_request(&v, &m, &stream));
	assert_false(v.close);
}

static void a_proxy_has_its_own_extensions_and_counts_hops(void **state)
{
	(void)state;
	static const char *const tags[] = { "timer", NULL };
	const struct sip_check_policy proxy = { .is_proxy = true,
		.extensions = tags };
	assert_int_equal(verdict_with(REQUEST("OPTIONS") HEAD(
					      "OPTIONS") "Require: x\r\n" NONE,
				 &proxy),
		TORTURE_ACCEPT);
	assert_int_equal(
		verdict_with(
			REQUEST("OPTIONS") HEAD(
				"OPTIONS") "Proxy-Require: timer, x\r\n" NONE,
			&proxy),
		420);
	assert_span(m.faults.list[0].where, "x");
	assert_int_equal(
		verdict_with(REQUEST("OPTIONS") HEAD(
				     "OPTIONS") "Proxy-Require: Timer\r\n" NONE,
			&proxy),
		TORTURE_ACCEPT);
	assert_int_equal(verdict_with(REQUEST("OPTIONS") VIA FROM_TO
				 "CSeq: 8 OPTIONS\r\n"
				 "Max-Forwards: 0\r\n" NONE,
				 &proxy),
		483);
}

static void a_tel_uri_is_taken_where_it_is_known(void **state)
{
	(void)state;
	const struct sip_check_policy tel = { .accept_tel = true };
	assert_int_equal(
		verdict_with("OPTIONS tel:+1 SIP/2.0\r\n" HEAD("OPTIONS") NONE,
			&tel),
		TORTURE_ACCEPT);
}

static void a_reply_names_what_is_not_supported(void **state)
{
	(void)state;
	static const char *const tags[] = { "timer", NULL };
	const struct sip_check_policy policy = { .extensions = tags };
	struct sip_verdict v;
	struct buf b = BUF_INIT(10000);
	sip_scan(&m,
		SPAN(REQUEST("OPTIONS") HEAD(
			"OPTIONS") "Require: a, timer\r\nRequire: b\r\n" NONE));
	assert_false(sip_check_request(&v, &m, &policy));
	assert_int_equal(v.code, 420);
	assert_true(sip_check_reply(&b, &m, &v, &policy, NULL));
	assert_true(span_find_span(buf_view(&b), SPAN("Unsupported: a, b\r\n"),
			    0) < b.len);
	buf_clear(&b);
}

/* ---- limits ----------------------------------------------------------------------------- */

static void a_line_of_too_many_values_is_refused(void **state)
{
	(void)state;
	for (int count = 256; count <= 257; count++) {
		struct buf b = BUF_INIT(100000);
		struct sip_verdict v;
		buf_str(&b, REQUEST("INVITE") HEAD("INVITE") "m: <sip:a>");
		for (int i = 1; i < count; i++)
			buf_str(&b, ",<sip:a>");
		buf_str(&b, "\r\n" NONE);
		sip_scan(&m, buf_view(&b));
		assert_int_equal(sip_check_request(&v, &m, NULL), count == 256);
		if (count == 257)
			assert_int_equal(v.fault, SIP_FAULT_TOO_MANY_VALUES);
		buf_clear(&b);
	}
}

static void a_message_of_too_many_addresses_is_refused(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	struct sip_verdict v;
	buf_str(&b, REQUEST("INVITE") HEAD("INVITE"));
	for (int i = 0; i < SIP_PIECES_MAX / 16; i++)
		buf_str(&b, i % 2 ? "m: <s:a>;x,<s:a>;x,<s:a>;x,<s:a>;x,"
				    "<s:a>;x,<s:a>;x,<s:a>;x,<s:a>;x\r\n"
				  : "Route: <s:a;x>,<s:a;x>,<s:a;x>,<s:a;x>,"
				    "<s:a;x>,<s:a;x>,<s:a;x>,<s:a;x>\r\n");
	struct buf more = BUF_INIT(SIP_MSG_MAX);
	buf_span(&more, buf_view(&b));
	buf_str(&b, NONE);
	sip_scan(&m, buf_view(&b));
	assert_true(sip_check_request(&v, &m, NULL));
	buf_str(&more, "Record-Route: <sip:a>\r\n" NONE);
	sip_scan(&m, buf_view(&more));
	assert_false(sip_check_request(&v, &m, NULL));
	assert_int_equal(v.fault, SIP_FAULT_TOO_MANY_VALUES);
	buf_clear(&b);
	buf_clear(&more);
}

static double cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A line as full of a value as it may be; returns how many. */
static unsigned add_full_line(
	struct buf *b, const char *header, const char *value, unsigned most)
{
	unsigned count = 1;
	size_t from = b->len;
	buf_printf(b, "%s: %s", header, value);
	while (count < most &&
		b->len - from + strlen(value) + 3 <= SIP_LINE_MAX) {
		buf_printf(b, ",%s", value);
		count++;
	}
	buf_str(b, "\r\n");
	return count;
}

/* One 64 KiB datagram, legal to the last byte, full of this value. */
static double time_datagram(const char *header, const char *value)
{
	struct buf b = BUF_INIT(SIP_MSG_MAX);
	struct sip_verdict v;
	unsigned pieces = 1, left = *header == 'v' ? 100000 : SIP_PIECES_MAX;
	for (const char *at = value; *at; at++)
		pieces += *at == ';';
	buf_str(&b, REQUEST("INVITE") HEAD("INVITE") "Content-Length: 0\r\n");
	while (b.max - b.len > SIP_LINE_MAX && left >= pieces) {
		unsigned most = left / pieces < SIP_VALUES_MAX ? left / pieces
							       : SIP_VALUES_MAX;
		left -= pieces * add_full_line(&b, header, value, most);
	}
	while (b.max - b.len > SIP_LINE_MAX)
		add_full_line(&b, "Subject", "\"x\"", 100000);
	buf_str(&b, "\r\n");
	double from = cpu_ms();
	sip_scan(&m, buf_view(&b));
	bool ok = sip_check_request(&v, &m, NULL);
	double took = cpu_ms() - from;
	if (!ok)
		fail_msg("%s: %s was refused: %s", header, value, v.reason);
	buf_clear(&b);
	return took;
}

static void the_worst_legal_datagram_is_accepted_in_little_time(void **state)
{
	(void)state;
	char params[700] = "<sip:a>", uri[700] = "<sip:a", via[720];
	for (int i = 0; i < SIP_PARAMS_MAX; i++) {
		char p[8];
		snprintf(p, sizeof(p), ";%c%c", 'a' + i % 26, 'a' + i / 26);
		strcat(params, p);
		strcat(uri, p);
	}
	strcat(uri, ">");
	snprintf(via, sizeof(via), "SIP/2.0/UDP h%s", params + 7);
	const struct {
		const char *header, *value;
	} cases[] = { { "m", "sip:a" }, { "m", "<sip:a@b;lr>" },
		{ "Route", "<sip:a>" }, { "m", params }, { "m", uri },
		{ "v", "SIP/2.0/UDP h" }, { "v", via },
		{ "m", "<sip:%41%41%41%41%41%41@b>" },
		{ "m", "<sip:h?a=b&c=d&e=f&g=h>" }, { "m", "<x:y>" } };
	double worst = 0;
	for (size_t i = 0; i < COUNT(cases); i++) {
		double best = 1e9; /* of three: others use this machine too */
		for (int round = 0; round < 3; round++) {
			double ms =
				time_datagram(cases[i].header, cases[i].value);
			best = ms < best ? ms : best;
		}
		worst = best > worst ? best : worst;
	}
	print_message("# worst legal 64 KiB datagram: %.2f ms CPU\n", worst);
}

static void a_response_with_a_malformed_contact_is_still_one(void **state)
{
	struct sip_verdict v;
	const char *text =
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1"
		"\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2"
		"\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
		"Contact: <sip:%>, <\r\nContent-Length: 0\r\n\r\n";

	(void)state;
	sip_scan(&m, span_of(text));
	assert_true(sip_check_response(&v, &m, NULL));
	assert_true(sip_fault_has(&m.faults, SIP_FAULT_CONTACT));
}

TEST_MAIN(cmocka_unit_test(a_response_with_a_malformed_contact_is_still_one),
	cmocka_unit_test(our_messages_for_rfc_4475_get_their_verdicts),
	cmocka_unit_test(our_messages_for_rfc_5118_get_their_verdicts),
	cmocka_unit_test(messages_that_broke_others_get_their_verdicts),
	cmocka_unit_test(the_messages_of_rfc_4475_get_their_verdicts),
	cmocka_unit_test(the_messages_of_rfc_5118_get_their_verdicts),
	cmocka_unit_test(a_stream_needs_a_length_and_is_closed_without),
	cmocka_unit_test(a_proxy_has_its_own_extensions_and_counts_hops),
	cmocka_unit_test(a_tel_uri_is_taken_where_it_is_known),
	cmocka_unit_test(a_reply_names_what_is_not_supported),
	cmocka_unit_test(a_line_of_too_many_values_is_refused),
	cmocka_unit_test(a_message_of_too_many_addresses_is_refused),
	cmocka_unit_test(the_worst_legal_datagram_is_accepted_in_little_time))
