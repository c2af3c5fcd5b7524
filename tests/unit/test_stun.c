/* STUN messages: those of RFC 5769, round trips, and damaged ones. */
#include "tests/common/test.h"

#include <string.h>

#include "net/stun.h"

/* RFC 5769 section 2.2 and 2.3, without what is behind the mapped address,
 * and with the length of that. */
static const char id_5769[] =
	"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae";
#define HEADER(length)                                                         \
	"\x01\x01\x00" length "\x21\x12\xa4\x42"                               \
	"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
#define SOFTWARE                                                               \
	"\x80\x22\x00\x0b"                                                     \
	"test vector "
static const char v4_5769[] = HEADER("\x1c") SOFTWARE
	"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43";
static const char v6_5769[] = HEADER("\x28") SOFTWARE
	"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa"
	"\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9";

static void assert_at(const struct endpoint *a, const char *want)
{
	char text[ENDPOINT_TEXT_SIZE];

	assert_string_equal(endpoint_format(text, a), want);
}

static void the_vectors_of_rfc_5769_are_understood(void **state)
{
	struct stun s;

	(void)state;
	assert_true(stun_parse(&s, span_from(v4_5769, sizeof(v4_5769) - 1)));
	assert_int_equal(s.kind, STUN_SUCCESS);
	assert_memory_equal(s.id, id_5769, STUN_ID_SIZE);
	assert_at(&s.mapped, "192.0.2.1:32853");
	assert_true(stun_parse(&s, span_from(v6_5769, sizeof(v6_5769) - 1)));
	assert_at(&s.mapped, "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

static void an_answer_says_where_the_request_came_from(void **state)
{
	static const char *const from[] = { "192.0.2.7:5060",
		"[2001:db8::7]:65535" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf request = BUF_INIT(100), answer = BUF_INIT(100);
		struct endpoint a;
		struct stun s;
		assert_true(endpoint_parse(&a, span_of(from[i]), 0, NULL));
		assert_true(
			stun_request(&request, (const unsigned char *)id_5769));
		assert_true(stun_is_likely(buf_view(&request)));
		assert_true(stun_parse(&s, buf_view(&request)));
		assert_int_equal(s.kind, STUN_REQUEST);
		assert_true(stun_answer(&answer, &s, &a));
		assert_true(stun_parse(&s, buf_view(&answer)));
		assert_int_equal(s.kind, STUN_SUCCESS);
		assert_memory_equal(s.id, id_5769, STUN_ID_SIZE);
		assert_at(&s.mapped, from[i]);
		buf_clear(&request);
		buf_clear(&answer);
	}
}

static void a_request_that_wants_more_is_refused(void **state)
{
	/* PRIORITY (0x0024), as ICE has it */
	static const char request[] = "\x00\x01\x00\x08\x21\x12\xa4\x42"
				      "123456789012"
				      "\x00\x24\x00\x04\x00\x00\x00\x01";
	struct buf answer = BUF_INIT(100);
	struct endpoint a;
	struct stun s;

	(void)state;
	assert_true(endpoint_parse(&a, SPAN("192.0.2.1:1"), 0, NULL));
	assert_true(stun_parse(&s, span_from(request, sizeof(request) - 1)));
	assert_int_equal(s.unknown, 0x24);
	assert_true(stun_answer(&answer, &s, &a));
	assert_memory_equal(buf_text(&answer) + 20,
		"\x00\x09\x00\x04\x00\x00\x04\x14\x00\x0a\x00\x02\x00\x24\x00"
		"\x00",
		16);
	assert_true(stun_parse(&s, buf_view(&answer)));
	assert_int_equal(s.kind, STUN_ERROR);
	buf_clear(&answer);
}

static void what_is_damaged_is_nothing(void **state)
{
	char bytes[sizeof(v4_5769)];
	struct stun s;

	(void)state;
	for (size_t n = 0; n < sizeof(v4_5769) - 1; n++)
		assert_false(stun_parse(&s, span_from(v4_5769, n)));
	for (size_t i = 0; i < 8; i++) { /* type, length and cookie */
		memcpy(bytes, v4_5769, sizeof(bytes));
		bytes[i] ^= 0x40;
		assert_false(
			stun_parse(&s, span_from(bytes, sizeof(bytes) - 1)));
	}
	memcpy(bytes, v4_5769, sizeof(bytes));
	bytes[22] = 0x7f; /* an attribute longer than the message */
	assert_false(stun_parse(&s, span_from(bytes, sizeof(bytes) - 1)));
	assert_false(stun_is_likely(SPAN("OPTIONS sip:a SIP/2.0\r\n")));
}

TEST_MAIN(cmocka_unit_test(the_vectors_of_rfc_5769_are_understood),
	cmocka_unit_test(an_answer_says_where_the_request_came_from),
	cmocka_unit_test(a_request_that_wants_more_is_refused),
	cmocka_unit_test(what_is_damaged_is_nothing))
