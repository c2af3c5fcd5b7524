/* Who is believed about a message: carbons, delays, ids, corrections.  Each
 * row of what is not believed has its genuine twin, which is. */
#include "tests/common/test.h"

#include <string.h>

#include "tests/common/xmpp_parsed.h"
#include "xmpp/correction.h"

static struct xmpp_jid self;

static int setup(void **state)
{
	(void)state;
	assert_true(xmpp_jid_parse(&self, SPAN("me@our.example/here"), NULL));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	xmpp_jid_clear(&self);
	parsed_clear();
	return 0;
}

/* ---- carbons: CVE-2017-5589 and its like ---- */

#define INNER(attrs)                                                           \
	"<forwarded xmlns='urn:xmpp:forward:0'><message "                      \
	"xmlns='jabber:client' " attrs                                         \
	"><body>inner</body></message></forwarded>"
#define CARBON(attrs, kind, inner)                                             \
	"<message " attrs "><" kind " xmlns='urn:xmpp:carbons:2'>" inner       \
	"</" kind "><body>outer</body></message>"
#define TO_ME INNER("from='bob@far.example/x' to='me@our.example/phone'")
#define FROM_ME INNER("from='me@our.example/phone' to='bob@far.example'")

static const struct carbon {
	const char *text;
	bool believed, sent;
} carbons[] = {
	{ CARBON("from='me@our.example'", "received", TO_ME), true, false },
	{ CARBON("", "received", TO_ME), true, false },
	{ CARBON("from='ME@Our.Example'", "received", TO_ME), true, false },
	{ CARBON("from='me@our.example'", "sent", FROM_ME), true, true },
	{ CARBON("from='me@our.example'", "sent",
		  INNER("from='me@our.example/a' to='me@our.example/b'")),
		true, true },
	{ CARBON("from='me@our.example'", "received",
		  INNER("from='me@our.example/a' to='me@our.example/b'")),
		true, false },

	{ CARBON("from='mallory@evil.example'", "received", TO_ME), false,
		false },
	{ CARBON("from='mallory@evil.example/x'", "sent", FROM_ME), false,
		false },
	{ CARBON("from='me@evil.example'", "received", TO_ME), false, false },
	{ CARBON("from='me2@our.example'", "received", TO_ME), false, false },
	{ CARBON("from='mallory@our.example'", "sent", FROM_ME), false, false },
	{ CARBON("from='our.example'", "received", TO_ME), false, false },
	{ CARBON("from='me@our.example/phone'", "received", TO_ME), false,
		false },
	{ CARBON("from='me@our.example/here'", "sent", FROM_ME), false, false },
	{ CARBON("from='me@our.example.evil.example'", "sent", FROM_ME), false,
		false },
	{ CARBON("from='evil.example/me@our.example'", "sent", FROM_ME), false,
		false },
	{ CARBON("from=' me@our.example'", "sent", FROM_ME), false, false },
	/* of us, but of what is not ours */
	{ CARBON("from='me@our.example'", "sent",
		  INNER("from='bob@far.example' to='me@our.example'")),
		false, false },
	{ CARBON("from='me@our.example'", "received",
		  INNER("from='bob@far.example' to='eve@far.example'")),
		false, false },
	{ CARBON("from='me@our.example'", "received",
		  "<message from='bob@far.example' to='me@our.example'>"
		  "<body>inner</body></message>"),
		false, false },
};

static void a_carbon_is_believed_of_our_own_account_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(carbons) / sizeof(carbons[0]); i++) {
		const struct carbon *row = &carbons[i];
		struct xmpp_message m;
		xmpp_message_read(&m, parsed(row->text), &self, true);
		struct span body = xml_element_child_text(
			m.stanza, "body", "jabber:client");
		if (!span_is(body, row->believed ? "inner" : "outer") ||
			m.sent != row->sent ||
			(m.way == XMPP_MESSAGE_CARBON) != row->believed)
			fail_msg("%s: %.*s", row->text, SPAN_ARGS(body));
	}
}

static void a_carbon_in_a_carbon_is_not_opened(void **state)
{
	(void)state;
	struct xmpp_message m;
	xmpp_message_read(&m,
		parsed("<message from='me@our.example'><received "
		       "xmlns='urn:xmpp:carbons:2'><forwarded "
		       "xmlns='urn:xmpp:forward:0'>" CARBON(
			       "xmlns='jabber:client' "
			       "from='mallory@evil.example' "
			       "to='me@our.example'",
			       "sent", FROM_ME) "</forwarded></received>"
						"</message>"),
		&self, true);
	assert_int_equal(m.way, XMPP_MESSAGE_CARBON);
	assert_false(m.sent);
	assert_string_equal(xml_element_attr_find(m.stanza, "from"),
		"mallory@evil.example");
}

/* ---- ids of the archive: XEP-0359 section 4 ---- */

#define SID(by, id)                                                            \
	"<stanza-id xmlns='urn:xmpp:sid:0' by='" by "' id='" id "'/>"
#define WITH(content)                                                          \
	"<message from='bob@far.example/x' to='me@our.example'>" content       \
	"</message>"

static void an_archive_id_is_believed_of_our_account_only(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool announced;
		const char *id;
	} rows[] = {
		{ WITH(SID("me@our.example", "a1")), true, "a1" },
		{ WITH(SID("far.example", "x") SID("me@our.example", "a1")),
			true, "a1" },
		{ WITH(SID("me@our.example", "a1")), false, NULL },
		{ WITH(SID("me@our.example", "a1") SID("me@our.example", "a2")),
			true, NULL },
		{ WITH(SID("me@our.example/here", "a1")), true, NULL },
		{ WITH(SID("our.example", "a1")), true, NULL },
		{ WITH(SID("bob@far.example", "a1")), true, NULL },
		{ WITH(SID("", "a1")), true, NULL },
		{ WITH("<stanza-id xmlns='urn:xmpp:sid:0' id='a1'/>"), true,
			NULL },
		{ WITH("<x xmlns='u'>" SID("me@our.example", "a1") "</x>"),
			true, NULL },
		{ WITH("<stanza-id by='me@our.example' id='a1'/>"), true,
			NULL },
		{ WITH("<origin-id xmlns='urn:xmpp:sid:0' id='a1'/>"), true,
			NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xmpp_message m;
		xmpp_message_read(
			&m, parsed(rows[i].text), &self, rows[i].announced);
		const char *id = m.archive_id;
		if ((id != NULL) != (rows[i].id != NULL) ||
			(id && strcmp(id, rows[i].id) != 0))
			fail_msg("%s: %s", rows[i].text, id ? id : "none");
	}
}

/* ---- delays: XEP-0203 ---- */

#define DELAY(by, day)                                                         \
	"<delay xmlns='urn:xmpp:delay' from='" by "' stamp='2026-01-" day      \
	"T00:00:00Z'/>"

static void our_server_is_asked_before_the_sender(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int day; /* of January; 0: none */
		bool stored;
	} rows[] = {
		{ WITH(DELAY("our.example", "02")), 2, true },
		{ WITH(DELAY("me@our.example", "02")), 2, true },
		{ WITH(DELAY("far.example", "02")), 2, false },
		{ WITH(DELAY("bob@far.example", "02")
				  DELAY("our.example", "03")),
			3, true },
		{ WITH(DELAY("our.example", "03")
				  DELAY("bob@far.example", "02")),
			3, true },
		{ WITH(DELAY("evil.example", "02")), 0, false },
		{ WITH(DELAY("mallory@our.example", "02")), 0, false },
		{ WITH(DELAY("eve@far.example", "02")), 0, false },
		{ WITH(DELAY("room@rooms.our.example", "02")), 0, false },
		{ WITH(DELAY("evil.example", "02") DELAY("our.example", "04")),
			4, true },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xmpp_message m;
		xmpp_message_read(&m, parsed(rows[i].text), &self, true);
		/* 2026-01-01 is day 20454 since 1970. */
		usec_t day =
			m.delayed ? m.stamp / (86400 * USEC_SEC) - 20453 : 0;
		if (day != rows[i].day || m.stored != rows[i].stored)
			fail_msg("%s: %lld, %d", rows[i].text, (long long)day,
				m.stored);
	}
}

/* ---- corrections: CVE-2022-39835 ---- */

#define SAYS(from, type, id, content)                                          \
	"<message from='" from "' type='" type "' id='" id "'>" content        \
	"<body>b</body></message>"
#define REPLACE(id) "<replace xmlns='urn:xmpp:message-correct:0' id='" id "'/>"

static void a_correction_is_believed_of_the_same_sender_only(void **state)
{
	(void)state;
	static const struct {
		const char *text, *replaces;
	} rows[] = {
		{ SAYS("bob@far.example/x", "chat", "b1", ""), NULL },
		{ SAYS("room@rooms.example/bob", "groupchat", "r1", ""), NULL },
		{ SAYS("mallory@evil.example", "chat", "m1", REPLACE("b1")),
			NULL },
		{ SAYS("mallory@far.example/x", "chat", "m2", REPLACE("b1")),
			NULL },
		{ SAYS("far.example", "chat", "m3", REPLACE("b1")), NULL },
		{ SAYS("bob@far.example/x", "chat", "b2", REPLACE("b0")),
			NULL },
		{ SAYS("bob@far.example/x", "chat", "b3", REPLACE("b1")),
			"b1" },
		{ SAYS("bob@far.example/y", "chat", "b4", REPLACE("b1")),
			"b1" },
		{ SAYS("room@rooms.example/eve", "groupchat", "r2",
			  REPLACE("r1")),
			NULL },
		{ SAYS("room@rooms.example/bob", "groupchat", "r3",
			  REPLACE("r1")),
			"r1" },
		{ SAYS("bob@far.example/x", "chat", "b5", "<replace id='b1'/>"),
			NULL },
		/* Nobody can take an id before its owner does. */
		{ SAYS("mallory@evil.example", "chat", "b6", ""), NULL },
		{ SAYS("bob@far.example", "chat", "b6", ""), NULL },
		{ SAYS("mallory@evil.example", "chat", "m4", REPLACE("b6")),
			"b6" }, /* her own b6, not Bob's: `from` tells */
		{ SAYS("eve@evil.example", "chat", "m5", REPLACE("b6")), NULL },
	};
	struct xmpp_corrections seen;
	xmpp_corrections_init(&seen);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xmpp_message m;
		xmpp_message_read(&m, parsed(rows[i].text), &self, true);
		xmpp_corrections_read(&seen, &m);
		const char *want = rows[i].replaces;
		if ((m.replaces != NULL) != (want != NULL) ||
			(want && strcmp(m.replaces, want) != 0))
			fail_msg("%s: %s", rows[i].text,
				m.replaces ? m.replaces : "none");
	}
	xmpp_corrections_clear(&seen);
}

#define RETRACT(id) "<retract xmlns='urn:xmpp:message-retract:1' id='" id "'/>"
#define BY_ROOM(id)                                                            \
	"<stanza-id xmlns='urn:xmpp:sid:0' by='room@rooms.example' id='" id    \
	"'/>"

static void a_retraction_likewise_and_in_a_room_by_the_id_of_the_room(
	void **state)
{
	(void)state;
	static const struct {
		const char *text, *archive_id, *retracts;
	} rows[] = {
		{ SAYS("bob@far.example/x", "chat", "b1", ""), NULL, NULL },
		{ SAYS("eve@far.example/x", "chat", "e1", RETRACT("b1")), NULL,
			NULL },
		{ SAYS("bob@far.example/y", "chat", "b2", RETRACT("b1")), NULL,
			"b1" },
		{ SAYS("bob@far.example/y", "chat", "b3", RETRACT("b0")), NULL,
			NULL },
		{ SAYS("room@rooms.example/bob", "groupchat", "r1",
			  BY_ROOM("s1")),
			"s1", NULL },
		{ SAYS("room@rooms.example/eve", "groupchat", "r2",
			  RETRACT("s1")),
			"s2", NULL },
		{ SAYS("room@rooms.example/bob", "groupchat", "r3",
			  RETRACT("s1")),
			"s3", "s1" },
		/* Outside of a room it is the sender's id that counts. */
		{ SAYS("bob@far.example/x", "chat", "b4", ""), "a4", NULL },
		{ SAYS("bob@far.example/x", "chat", "b5", RETRACT("a4")), NULL,
			NULL },
	};
	struct xmpp_corrections seen;
	xmpp_corrections_init(&seen);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xmpp_message m;
		xmpp_message_read(&m, parsed(rows[i].text), &self, false);
		m.archive_id = rows[i].archive_id;
		xmpp_corrections_read(&seen, &m);
		const char *want = rows[i].retracts;
		if ((m.retracts != NULL) != (want != NULL) ||
			(want && strcmp(m.retracts, want) != 0))
			fail_msg("%s: %s", rows[i].text,
				m.retracts ? m.retracts : "none");
	}
	xmpp_corrections_clear(&seen);
}

static void the_oldest_are_forgotten(void **state)
{
	(void)state;
	struct xmpp_corrections seen;
	xmpp_corrections_init(&seen);
	struct xmpp_message m;
	for (int i = 0; i <= XMPP_CORRECTIONS_MAX; i++) {
		struct buf text = BUF_INIT(1024);
		buf_printf(&text,
			"<message from='bob@far.example' id='%d'><body/>"
			"</message>",
			i);
		xmpp_message_read(&m, parsed(buf_text(&text)), &self, true);
		xmpp_corrections_read(&seen, &m);
		buf_clear(&text);
	}
	xmpp_message_read(&m,
		parsed(SAYS("bob@far.example", "chat", "x", REPLACE("2"))),
		&self, true);
	xmpp_corrections_read(&seen, &m);
	assert_string_equal(m.replaces, "2");
	xmpp_message_read(&m,
		parsed(SAYS("bob@far.example", "chat", "y", REPLACE("0"))),
		&self, true);
	xmpp_corrections_read(&seen, &m);
	assert_null(m.replaces);
	xmpp_corrections_clear(&seen);
}

/* ---- receipts: XEP-0184 ---- */

#define ASKS "<body/><request xmlns='urn:xmpp:receipts'/>"

static void a_receipt_is_made_for_what_may_have_one(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool given;
	} rows[] = {
		{ "<message from='b@c/d' id='i' type='chat'>" ASKS "</message>",
			true },
		{ "<message from='b@c/d' id='i'>" ASKS "</message>", true },
		{ "<message from='b@c/d'>" ASKS "</message>", false },
		{ "<message id='i'>" ASKS "</message>", false },
		{ "<message from='b@c/d' id='i'><body/></message>", false },
		{ "<message from='b@c/d' id='i'><request "
		  "xmlns='urn:xmpp:receipts'/></message>",
			false },
		{ "<message from='b@c/d' id='i'>" ASKS
		  "<received xmlns='urn:xmpp:receipts' id='j'/></message>",
			false },
		{ "<message from='b@c/d' id='i' type='error'>" ASKS
		  "</message>",
			false },
		{ "<message from='b@c/d' id='i' type='groupchat'>" ASKS
		  "</message>",
			false },
		/* of another client of ours: it answers itself */
		{ "<message from='me@our.example'><received "
		  "xmlns='urn:xmpp:carbons:2'><forwarded "
		  "xmlns='urn:xmpp:forward:0'><message from='b@c/d' id='i' "
		  "xmlns='jabber:client' to='me@our.example'>" ASKS
		  "</message></forwarded></received></message>",
			false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xmpp_message m;
		xmpp_message_read(&m, parsed(rows[i].text), &self, true);
		struct xml_element *ack = xmpp_receipt_make(&m);
		if ((ack != NULL) != rows[i].given)
			fail_msg("%s: %d", rows[i].text, ack != NULL);
		xml_element_free(ack);
	}
	struct xmpp_message m;
	xmpp_message_read(&m, parsed(rows[0].text), &self, true);
	struct xml_element *ack = xmpp_receipt_make(&m);
	struct buf text = BUF_INIT(1024);
	assert_true(xmpp_stanza_format(&text, ack, "jabber:client", NULL));
	assert_string_equal(buf_text(&text),
		"<message to='b@c/d' type='chat'><received "
		"xmlns='urn:xmpp:receipts' id='i'/></message>");
	buf_clear(&text);
	xml_element_free(ack);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN(T(a_carbon_is_believed_of_our_own_account_only),
	T(a_carbon_in_a_carbon_is_not_opened),
	T(an_archive_id_is_believed_of_our_account_only),
	T(our_server_is_asked_before_the_sender),
	T(a_correction_is_believed_of_the_same_sender_only),
	T(a_retraction_likewise_and_in_a_room_by_the_id_of_the_room),
	T(the_oldest_are_forgotten), T(a_receipt_is_made_for_what_may_have_one))
