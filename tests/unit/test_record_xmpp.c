/* Stanzas as records: what is taken from them, and of whom. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/out.h"
#include "cli/record_xmpp.h"
#include "tests/common/xmpp_parsed.h"

/* 2026-11-22T10:15:30.123456Z */
#define WALL INT64_C(1795342530123456)

static int fd = -1;
static struct out *out;
static struct xmpp_jid self;
static struct record_xmpp records;
static char written[1 << 16];

static int setup(void **state)
{
	(void)state;
	fd = memfd_create("records", 0);
	out = out_new(fd, NULL, NULL);
	out_set_json(out, true);
	assert_true(xmpp_jid_parse(&self, SPAN("me@our.example/here"), NULL));
	records = (struct record_xmpp){ out, &self, NULL };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	out_free(out);
	close(fd);
	xmpp_jid_clear(&self);
	parsed_clear();
	return 0;
}

/* The line without its first three keys, which are always the same. */
static void assert_record(const char *type, const char *rest)
{
	char start[128];
	snprintf(start, sizeof(start),
		"{\"type\":\"%s\",\"proto\":\"xmpp\","
		"\"time\":\"2026-11-22T10:15:30.123456Z\"",
		type);
	assert_true(out_flush(out, NULL));
	ssize_t n = pread(fd, written, sizeof(written) - 1, 0);
	assert_true(n > 0);
	written[n] = '\0';
	assert_true(ftruncate(fd, 0) == 0);
	lseek(fd, 0, SEEK_SET);
	size_t skip = strlen(start);
	if (strncmp(written, start, skip) != 0 ||
		strcmp(written + skip, rest) != 0)
		fail_msg("expected %s%s, got %s", start, rest, written);
}

static void message(const char *text)
{
	struct xmpp_message m;
	xmpp_message_read(&m, parsed(text), &self, true);
	assert_true(record_xmpp_message(&records, WALL, &m, NULL));
}

static void a_message_has_what_its_stanza_has(void **state)
{
	(void)state;
	message("<message from='bob@far.example/x' to='me@our.example' "
		"id='i1' type='chat' xml:lang='sv'><subject>s</subject>"
		"<thread>t</thread><body>a&#10;b</body></message>");
	assert_record("message",
		",\"direction\":\"in\",\"from\":\"bob@far.example/x\","
		"\"to\":\"me@our.example\",\"id\":\"i1\","
		"\"thread\":\"t\",\"message_type\":\"chat\","
		"\"subject\":\"s\",\"lang\":\"sv\","
		"\"body\":\"a\\nb\"}\n");
}

static void ids_are_told_apart(void **state)
{
	(void)state;
	message("<message from='bob@far.example' id='i1'><body/>"
		"<stanza-id xmlns='urn:xmpp:sid:0' by='me@our.example' "
		"id='s1'/><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"
		"<stanza-id xmlns='urn:xmpp:sid:0' by='far.example' id='s2'/>"
		"</message>");
	assert_record("message",
		",\"direction\":\"in\",\"from\":\"bob@far.example\","
		"\"id\":\"i1\",\"stanza_id\":\"s1\",\"origin_id\":\"o1\","
		"\"message_type\":\"normal\",\"body\":\"\"}\n");
}

static void reactions_and_replies_name_what_they_are_about(void **state)
{
	(void)state;
	message("<message from='bob@far.example/x' id='i2' type='chat'>"
		"<reactions xmlns='urn:xmpp:reactions:0' id='i1'>"
		"<reaction>\xf0\x9f\x91\x8d</reaction><reaction>+1</reaction>"
		"</reactions></message>");
	assert_record("message",
		",\"direction\":\"in\",\"from\":\"bob@far.example/x\","
		"\"id\":\"i2\",\"reacts_to\":\"i1\","
		"\"reactions\":[\"\xf0\x9f\x91\x8d\",\"+1\"],"
		"\"message_type\":\"chat\"}\n");
	message("<message from='bob@far.example/x' id='i3' type='chat'>"
		"<reactions xmlns='urn:xmpp:reactions:0' id='i1'/></message>");
	assert_record("message",
		",\"direction\":\"in\",\"from\":\"bob@far.example/x\","
		"\"id\":\"i3\",\"reacts_to\":\"i1\",\"reactions\":[],"
		"\"message_type\":\"chat\"}\n");
	message("<message from='bob@far.example/x' id='i4' type='chat'>"
		"<reply xmlns='urn:xmpp:reply:0' to='me@our.example' id='i1'/>"
		"<body>yes</body></message>");
	assert_record("message",
		",\"direction\":\"in\",\"from\":\"bob@far.example/x\","
		"\"id\":\"i4\",\"replies_to\":\"i1\","
		"\"message_type\":\"chat\",\"body\":\"yes\"}\n");
}

static void a_carbon_of_what_we_sent_has_its_direction(void **state)
{
	(void)state;
	message("<message from='me@our.example' to='me@our.example/here'>"
		"<sent xmlns='urn:xmpp:carbons:2'><forwarded "
		"xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
		"from='me@our.example/phone' to='bob@far.example'>"
		"<body>b</body></message></forwarded></sent></message>");
	assert_record("message",
		",\"direction\":\"out\",\"from\":\"me@our.example/phone\","
		"\"to\":\"bob@far.example\","
		"\"message_type\":\"normal\",\"body\":\"b\"}\n");
}

static void what_is_absent_is_left_out(void **state)
{
	(void)state;
	records.account = "work";
	message("<message><body/></message>");
	/* RFC 6120 section 8.1.2.1: without from, it is of our account. */
	assert_record("message",
		",\"account\":\"work\",\"direction\":\"in\","
		"\"from\":\"me@our.example\","
		"\"message_type\":\"normal\",\"body\":\"\"}\n");
}

static void a_bounce_is_an_error(void **state)
{
	(void)state;
	message("<message from='bob@far.example' id='i1' type='error'>"
		"<body>mine</body><error type='wait'><resource-constraint "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
		"</message>");
	assert_record("error",
		",\"from\":\"bob@far.example\",\"id\":\"i1\","
		"\"condition\":\"resource-constraint\","
		"\"text\":\"the server is busy (resource-constraint)\","
		"\"retryable\":true}\n");
}

/* XEP-0203, and hazards: a delay of those who may not stamp. */
static void a_delay_counts_from_who_may_stamp(void **state)
{
	(void)state;
	static const struct {
		const char *by;
		bool believed;
	} rows[] = {
		{ "", true },
		{ " from='our.example'", true },
		{ " from='me@our.example'", true },
		{ " from='far.example'", true },
		{ " from='bob@far.example'", true },
		{ " from='bob@far.example/x'", true },
		{ " from='evil.example'", false },
		{ " from='carol@far.example'", false },
		{ " from='carol@our.example'", false },
		{ " from='@'", false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[512], want[512];
		snprintf(text, sizeof(text),
			"<message from='bob@far.example/x'><body>b</body>"
			"<delay xmlns='urn:xmpp:delay'%s "
			"stamp='2002-09-10T23:08:25Z'/></message>",
			rows[i].by);
		snprintf(want, sizeof(want),
			",\"direction\":\"in\",\"from\":\"bob@far.example/x\","
			"\"message_type\":\"normal\",\"body\":\"b\"%s}\n",
			rows[i].believed ? ",\"delay\":\"2002-09-10T23:08:25."
					   "000000Z\""
					 : "");
		message(text);
		assert_record("message", want);
	}
	message("<message from='bob@far.example/x'><body>b</body><delay "
		"xmlns='urn:xmpp:delay' stamp='yesterday'/></message>");
	assert_record("message",
		",\"direction\":\"in\",\"from\":\"bob@far.example/x\","
		"\"message_type\":\"normal\",\"body\":\"b\"}\n");
}

static void presence(const char *text)
{
	struct xmpp_presence p;
	const struct xml_element *s = parsed(text);
	assert_true(xmpp_presence_parse(&p, s));
	assert_true(record_xmpp_presence(&records, WALL, s, &p, NULL));
}

static void presence_is_in_the_words_of_the_schema(void **state)
{
	(void)state;
	presence("<presence from='b@far.example/x'><show>xa</show>"
		 "<status>gone</status><priority>5</priority></presence>");
	assert_record("presence", ",\"from\":\"b@far.example/x\","
				  "\"presence_type\":\"available\","
				  "\"show\":\"xa\",\"status\":\"gone\","
				  "\"priority\":5}\n");
	presence("<presence from='b@far.example/x'/>");
	assert_record("presence", ",\"from\":\"b@far.example/x\","
				  "\"presence_type\":\"available\","
				  "\"show\":\"available\",\"priority\":0}\n");
	presence("<presence from='b@far.example/x' type='unavailable'/>");
	assert_record("presence", ",\"from\":\"b@far.example/x\","
				  "\"presence_type\":\"unavailable\"}\n");
	presence("<presence from='b@far.example' type='error'/>");
	assert_record("error", ",\"from\":\"b@far.example\",\"condition\":"
			       "\"undefined-condition\",\"text\":\"an error of "
			       "no defined kind (undefined-condition)\","
			       "\"retryable\":false}\n");
}

static void what_was_sent_is_told_with_its_outcome(void **state)
{
	(void)state;
	struct err why = ERR_NONE;
	struct record_sent sent = { .id = "i1",
		.stanza_id = "s1",
		.to = "b@far.example",
		.message_type = "chat" };
	assert_true(record_xmpp_sent(&records, WALL, &sent, NULL));
	assert_record("message", ",\"direction\":\"out\","
				 "\"from\":\"me@our.example/here\","
				 "\"to\":\"b@far.example\",\"id\":\"i1\","
				 "\"stanza_id\":\"s1\","
				 "\"message_type\":\"chat\"}\n");
	err_set(&why, STATUS_REFUSED, "no");
	err_condition(&why, "gone", false);
	sent.why = &why;
	sent.stanza_id = NULL;
	assert_true(record_xmpp_sent(&records, WALL, &sent, NULL));
	assert_record("error",
		",\"direction\":\"out\",\"from\":\"me@our.example/here\","
		"\"to\":\"b@far.example\",\"id\":\"i1\","
		"\"message_type\":\"chat\",\"condition\":\"gone\","
		"\"text\":\"no\",\"retryable\":false}\n");
}

static void ready_says_who_we_are(void **state)
{
	(void)state;
	assert_true(record_xmpp_ready(&records, WALL, NULL));
	assert_record(
		"ready", ",\"from\":\"me@our.example/here\",\"schema\":1}\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(T(a_message_has_what_its_stanza_has), T(ids_are_told_apart),
	T(reactions_and_replies_name_what_they_are_about),
	T(a_carbon_of_what_we_sent_has_its_direction),
	T(what_is_absent_is_left_out), T(a_bounce_is_an_error),
	T(a_delay_counts_from_who_may_stamp),
	T(presence_is_in_the_words_of_the_schema),
	T(what_was_sent_is_told_with_its_outcome), T(ready_says_who_we_are))
