/* Replies of nameservers, byte by byte (RFC 1035 section 4). */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "net/dns.h"

/* The header of a reply to one question with n records, and "\1a\0" asked. */
#define REPLY(n) "\0\1\x81\x80\0\1\0" n "\0\0\0\0"
#define ASKED_A "\1a\0\0\1\0\1"
#define ASKED_SRV "\1a\0\0\x21\0\1"
#define OWNER "\xc0\x0c"
#define A_RECORD OWNER "\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"

static const struct {
	const char *what;
	struct span reply;
	enum record_type type;
	enum outcome outcome;
	size_t count;
} replies[] = {
	{ "one address", SPAN(REPLY("\1") ASKED_A A_RECORD), RECORD_A,
		OUTCOME_FOUND, 1 },
	{ "the same twice is one", SPAN(REPLY("\2") ASKED_A A_RECORD A_RECORD),
		RECORD_A, OUTCOME_FOUND, 1 },
	{ "no records", SPAN(REPLY("\0") ASKED_A), RECORD_A, OUTCOME_NO_RECORD,
		0 },
	{ "another owner",
		SPAN(REPLY("\1") ASKED_A
			"\1b\0\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"),
		RECORD_A, OUTCOME_NO_RECORD, 0 },
	{ "the owner in capitals",
		SPAN(REPLY("\1") ASKED_A
			"\1A\0\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"),
		RECORD_A, OUTCOME_FOUND, 1 },
	{ "behind an alias",
		SPAN(REPLY("\2") ASKED_A OWNER
			"\0\5\0\1\0\0\0\1\0\3\1b\0"
			"\1b\0\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"),
		RECORD_A, OUTCOME_FOUND, 1 },
	{ "another class",
		SPAN(REPLY("\1") ASKED_A OWNER
			"\0\1\0\3\0\0\1\x2c\0\4\xc0\0\2\1"),
		RECORD_A, OUTCOME_NO_RECORD, 0 },
	{ "an address of five bytes",
		SPAN(REPLY("\1") ASKED_A OWNER
			"\0\1\0\1\0\0\1\x2c\0\5\xc0\0\2\1\1"),
		RECORD_A, OUTCOME_NO_RECORD, 0 },
	{ "a service",
		SPAN(REPLY("\1") ASKED_SRV OWNER
			"\0\x21\0\1\0\0\0\1\0\x9\0\1\0\2\0\3\1b\0"),
		RECORD_SRV, OUTCOME_FOUND, 1 },
	{ "a service whose target has a dot in a label",
		SPAN(REPLY("\1") ASKED_SRV OWNER
			"\0\x21\0\1\0\0\0\1\0\xb\0\1\0\2\0\3\3b.c\0"),
		RECORD_SRV, OUTCOME_NO_RECORD, 0 },
	{ "a service whose data is longer than it says",
		SPAN(REPLY("\1") ASKED_SRV OWNER
			"\0\x21\0\1\0\0\0\1\0\x8\0\1\0\2\0\3\1b\0"),
		RECORD_SRV, OUTCOME_FAILED, 0 },
	{ "a service whose data is shorter",
		SPAN(REPLY("\1") ASKED_SRV OWNER
			"\0\x21\0\1\0\0\0\1\0\xa\0\1\0\2\0\3\1b\0\0"),
		RECORD_SRV, OUTCOME_FAILED, 0 },
	{ "a record that is not there", SPAN(REPLY("\2") ASKED_A A_RECORD),
		RECORD_A, OUTCOME_FAILED, 0 },
	{ "a name that points to itself",
		SPAN(REPLY("\1") ASKED_A "\xc0\x13"
					 "\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"),
		RECORD_A, OUTCOME_FAILED, 0 },
	{ "a name that points ahead",
		SPAN(REPLY("\1") ASKED_A "\xc0\x20"
					 "\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"),
		RECORD_A, OUTCOME_FAILED, 0 },
	{ "a label of the reserved kind",
		SPAN(REPLY("\1") ASKED_A "\x41"
					 "a\0\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"),
		RECORD_A, OUTCOME_FAILED, 0 },
	{ "no question", SPAN("\0\1\x81\x80\0\0\0\0\0\0\0\0"), RECORD_A,
		OUTCOME_FAILED, 0 },
	{ "half a header", SPAN("\0\1\x81"), RECORD_A, OUTCOME_FAILED, 0 },
	{ "nothing", { NULL, 0 }, RECORD_A, OUTCOME_FAILED, 0 },
};

/* In memory of exactly its size, so that reading behind it is seen. */
static struct answer read_exactly(struct span reply, enum record_type type)
{
	struct answer a = { 0 };
	char *bytes = mem_alloc(reply.n);
	if (reply.n)
		memcpy(bytes, reply.p, reply.n);
	dns_read_answer(&a, type, span_from(bytes, reply.n));
	mem_free(bytes);
	return a;
}

static void a_reply_is_taken_or_refused_as_a_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		struct answer a =
			read_exactly(replies[i].reply, replies[i].type);
		if (a.outcome != replies[i].outcome ||
			a.count != replies[i].count)
			fail_msg("%s: expected outcome %d with %zu, "
				 "got %d with %zu",
				replies[i].what, replies[i].outcome,
				replies[i].count, a.outcome, a.count);
		answer_clear(&a);
	}
}

static void no_reply_that_breaks_off_is_believed(void **state)
{
	struct span whole = SPAN(REPLY("\1") ASKED_SRV OWNER
		"\0\x21\0\1\0\0\0\1\0\x9\0\1\0\2\0\3\1b\0");
	(void)state;
	for (size_t n = 0; n < whole.n; n++) {
		struct answer a =
			read_exactly(span_first(whole, n), RECORD_SRV);
		assert_int_equal(a.outcome, OUTCOME_FAILED);
		assert_int_equal(a.count, 0);
	}
}

static void an_address_lives_as_long_as_the_shortest_on_its_way(void **state)
{
	static const struct {
		struct span reply;
		uint32_t ttl;
	} rows[] = {
		{ SPAN(REPLY("\1") ASKED_A A_RECORD), 300 },
		/* an alias of one second */
		{ SPAN(REPLY("\2") ASKED_A OWNER
			  "\0\5\0\1\0\0\0\1\0\3\1b\0"
			  "\1b\0\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"),
			1 },
		/* RFC 2181 section 8: the top bit makes it none */
		{ SPAN(REPLY("\1") ASKED_A OWNER
			  "\0\1\0\1\x80\0\1\x2c\0\4\xc0\0\2\1"),
			0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct answer a = read_exactly(rows[i].reply, RECORD_A);
		assert_int_equal(a.count, 1);
		assert_int_equal(a.ttls[0], rows[i].ttl);
		answer_clear(&a);
	}
}

static void a_name_ends_at_its_limits(void **state)
{
	/* Labels of 63 and dots: 4 are 255 with the root, too long as text
	 * only with one byte more. */
	char wire[300], text[DNS_NAME_SIZE];
	size_t n = 0, at = 0;
	(void)state;
	for (int i = 0; i < 4; i++) {
		size_t label = i < 3 ? 63 : 61;
		wire[n++] = (char)label;
		memset(wire + n, 'a', label);
		n += label;
	}
	wire[n++] = '\0';
	assert_true(dns_read_name(span_from(wire, n), &at, text));
	assert_int_equal(at, n);
	assert_int_equal(strlen(text), 253);
	wire[3 * 64] = 62;
	wire[n - 1] = 'a';
	wire[n++] = '\0';
	at = 0;
	assert_false(dns_read_name(span_from(wire, n), &at, text));
	at = 0;
	assert_true(dns_read_name(SPAN("\0"), &at, text));
	assert_string_equal(text, ".");
}

TEST_MAIN(cmocka_unit_test(a_reply_is_taken_or_refused_as_a_whole),
	cmocka_unit_test(no_reply_that_breaks_off_is_believed),
	cmocka_unit_test(an_address_lives_as_long_as_the_shortest_on_its_way),
	cmocka_unit_test(a_name_ends_at_its_limits))
