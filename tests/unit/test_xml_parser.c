/* Streams and frames to stanzas, cut anywhere, and what handlers may do. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "xmpp/ns.h"
#include "xmpp/stanza.h"

#define HEAD                                                                   \
	"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "           \
	"xmlns:stream='http://etherx.jabber.org/streams' from='example.com' "  \
	"xml:lang='en' version='1.0'>"

enum act { ACT_NONE, ACT_RESET, ACT_FREE, ACT_RESET_AT_OPEN, ACT_HOLD };

/* Writes down what it is told, one line each. */
struct log {
	struct buf text;
	struct xml_parser *parser;
	enum act act; /* at the next stanza, or header */
	size_t rest;  /* behind the last stanza */
};

static void on_open(
	void *arg, const struct xml_element *header, const char *content_ns)
{
	struct log *log = arg;
	buf_printf(&log->text, "open %s %s %s\n", content_ns,
		xml_element_attr_find(header, "from"),
		xml_element_attr_find(header, "xml:lang"));
	if (log->act == ACT_RESET_AT_OPEN)
		xml_parser_reset(log->parser);
}

static void on_stanza(void *arg, struct xml_element *stanza)
{
	struct log *log = arg;
	struct err e = ERR_NONE;
	log->rest = xml_parser_rest(log->parser);
	assert_ok(
		xmpp_stanza_format(&log->text, stanza, XMPP_NS_CLIENT, &e), &e);
	buf_char(&log->text, '\n');
	xml_element_free(stanza);
	if (log->act == ACT_RESET)
		xml_parser_reset(log->parser);
	else if (log->act == ACT_FREE)
		xml_parser_free(log->parser);
	else if (log->act == ACT_HOLD)
		xml_parser_hold(log->parser);
	log->act = ACT_NONE;
}

static void on_close(void *arg)
{
	struct log *log = arg;
	buf_str(&log->text, "close\n");
}

static const struct xml_parser_handler handler = {
	.open = on_open,
	.stanza = on_stanza,
	.close = on_close,
	.root_name = "stream",
	.root_ns = XMPP_NS_STREAM,
};

static void start(struct log *log, enum xml_parser_mode mode)
{
	*log = (struct log){ .text = BUF_INIT(1 << 20) };
	log->parser = xml_parser_new(mode, &handler, log);
}

static void finish(struct log *log)
{
	xml_parser_free(log->parser);
	buf_clear(&log->text);
}

static void feed(struct log *log, struct span bytes)
{
	struct err e = ERR_NONE;
	assert_ok(xml_parser_feed(log->parser, bytes, &e), &e);
}

static void assert_log(struct log *log, const char *want)
{
	assert_span(buf_view(&log->text), want);
}

static const char stream[] =
	HEAD "\n<stream:features><starttls "
	     "xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features> "
	     "<message to=\"a>b/c\" id = 'x' ><body>&lt;hi&gt; &#x1F642; "
	     "\xf0\x9f\x99\x82<![CDATA[<raw>]]]]></body>\r\n</message>\n"
	     "<presence/>\n"
	     "<iq type='set'><query xmlns='jabber:iq:roster'>"
	     "<item jid='\xc3\xa5@b' name='a&#10;b' x:y='z' xmlns:x='urn:x'/>"
	     "</query></iq></stream:stream>\nwhat follows is <ignored";

static const char stream_log[] =
	"open jabber:client example.com en\n"
	"<stream:features><starttls "
	"xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>\n"
	"<message to='a&gt;b/c' id='x'><body>&lt;hi&gt; \xf0\x9f\x99\x82 "
	"\xf0\x9f\x99\x82&lt;raw&gt;]]</body>\n</message>\n"
	"<presence/>\n"
	"<iq type='set'><query xmlns='jabber:iq:roster'>"
	"<item jid='\xc3\xa5@b' name='a&#10;b' xmlns:a0='urn:x' a0:y='z'/>"
	"</query></iq>\n"
	"close\n";

static void a_stream_comes_as_its_stanzas(void **state)
{
	(void)state;
	struct log log;
	start(&log, XML_PARSER_STREAM);
	feed(&log, span_of(stream));
	assert_log(&log, stream_log);
	finish(&log);
}

static void it_does_not_matter_where_a_stream_is_cut(void **state)
{
	(void)state;
	for (size_t size = 1; size < sizeof(stream); size++) {
		struct log log;
		start(&log, XML_PARSER_STREAM);
		for (struct span rest = span_of(stream); rest.n;
			rest = span_skip(rest, size))
			feed(&log, span_first(rest, size));
		assert_log(&log, stream_log);
		finish(&log);
	}
}

static void references_stand_for_their_character(void **state)
{
	(void)state;
	struct log log;
	start(&log, XML_PARSER_STREAM);
	feed(&log, SPAN(HEAD));
	buf_reset(&log.text);
	feed(&log, SPAN("<m a='&amp;&#38;&#x26;amp;&lt;&gt;&quot;&apos;'>"
			"&amp;&#38;&#x26;amp;&lt;&gt;&quot;&apos;</m>"));
	assert_log(&log, "<m a='&amp;&amp;&amp;amp;&lt;&gt;\"&apos;'>"
			 "&amp;&amp;&amp;amp;&lt;&gt;\"'</m>\n");
	finish(&log);
}

static void only_closed_stanzas_are_delivered(void **state)
{
	(void)state;
	struct log log;
	start(&log, XML_PARSER_STREAM);
	feed(&log, SPAN(HEAD "<message><body>never mind</body>"));
	assert_log(&log, "open jabber:client example.com en\n");
	assert_true(xml_parser_is_within_stanza(log.parser));
	feed(&log, SPAN("</message> "));
	assert_log(&log, "open jabber:client example.com en\n"
			 "<message><body>never mind</body></message>\n");
	assert_false(xml_parser_is_within_stanza(log.parser));
	feed(&log, SPAN("<mess"));
	assert_true(xml_parser_is_within_stanza(log.parser));
	finish(&log);
}

static void a_header_may_be_without_declaration_and_content(void **state)
{
	(void)state;
	struct log log;
	start(&log, XML_PARSER_STREAM);
	feed(&log,
		SPAN("\n <stream xmlns='http://etherx.jabber.org/streams'/>"));
	assert_log(&log, "open http://etherx.jabber.org/streams (null) (null)\n"
			 "close\n");
	finish(&log);
	start(&log, XML_PARSER_STREAM);
	feed(&log, SPAN("<s:stream xmlns:s='http://etherx.jabber.org/streams'"
			"><x/>"));
	assert_log(&log, "open  (null) (null)\n<x xmlns=''/>\n");
	finish(&log);
}

static void what_follows_a_reset_is_dropped(void **state)
{
	(void)state;
	struct log log;
	start(&log, XML_PARSER_STREAM);
	log.act = ACT_RESET;
	feed(&log, SPAN(HEAD "<proceed/><injected/>"));
	feed(&log, SPAN(HEAD "<a/>"));
	assert_log(&log, "open jabber:client example.com en\n<proceed/>\n"
			 "open jabber:client example.com en\n<a/>\n");
	finish(&log);
}

static void a_reset_at_the_header_drops_what_follows(void **state)
{
	(void)state;
	static const char closed[] =
		"<stream xmlns='http://etherx.jabber.org/streams'/>";
	struct log log;
	start(&log, XML_PARSER_STREAM);
	log.act = ACT_RESET_AT_OPEN;
	feed(&log, SPAN(HEAD "<a/></stream:stream>"));
	feed(&log, span_of(closed));
	log.act = ACT_NONE;
	feed(&log, SPAN(HEAD "<b/>"));
	assert_log(&log, "open jabber:client example.com en\n"
			 "open http://etherx.jabber.org/streams (null) (null)\n"
			 "open jabber:client example.com en\n<b/>\n");
	finish(&log);
}

static void a_handler_knows_what_stands_behind_its_stanza(void **state)
{
	(void)state;
	struct log log;
	start(&log, XML_PARSER_STREAM);
	feed(&log, SPAN(HEAD "<a/><b/>     \n<c"));
	assert_int_equal(log.rest, 8);
	finish(&log);
	start(&log, XML_PARSER_STREAM);
	feed(&log, SPAN(HEAD "<a>\xc3"));
	feed(&log, SPAN("\xa5</a>\n\n"));
	assert_int_equal(log.rest, 2);
	finish(&log);
}

/* Cut anywhere, in a character too, and held behind every stanza. */
static void what_stands_behind_a_hold_is_fed_again(void **state)
{
	(void)state;
	for (size_t size = 1; size < sizeof(stream); size++) {
		struct log log;
		start(&log, XML_PARSER_STREAM);
		for (struct span rest = span_of(stream), now; rest.n;) {
			now = span_first(rest, size);
			log.act = ACT_HOLD;
			log.rest = 0;
			feed(&log, now);
			rest = span_skip(rest, now.n - log.rest);
		}
		assert_log(&log, stream_log);
		finish(&log);
	}
}

static void half_of_a_stanza_is_forgotten_by_a_reset(void **state)
{
	(void)state;
	struct log log;
	start(&log, XML_PARSER_STREAM);
	feed(&log, SPAN(HEAD "<a><b>\xc3"));
	xml_parser_reset(log.parser);
	feed(&log, SPAN(HEAD "<c/>"));
	assert_log(&log, "open jabber:client example.com en\n"
			 "open jabber:client example.com en\n<c/>\n");
	finish(&log);
}

static void a_handler_may_free_the_parser(void **state)
{
	(void)state;
	struct log log;
	start(&log, XML_PARSER_STREAM);
	log.act = ACT_FREE;
	feed(&log, SPAN(HEAD "<a/><b/>"));
	assert_log(&log, "open jabber:client example.com en\n<a/>\n");
	buf_clear(&log.text);
	start(&log, XML_PARSER_DOCUMENT);
	log.act = ACT_FREE;
	feed(&log, SPAN("<a/>"));
	assert_true(xml_parser_end(log.parser, NULL));
	assert_log(&log, "<a xmlns=''/>\n");
	buf_clear(&log.text);
}

static void a_refused_stream_stays_refused_until_reset(void **state)
{
	(void)state;
	struct log log;
	struct err e = ERR_NONE, again = ERR_NONE;
	start(&log, XML_PARSER_STREAM);
	assert_false(
		xml_parser_feed(log.parser, SPAN(HEAD "<a/><!-- --><b/>"), &e));
	assert_string_equal(e.condition, "restricted-xml");
	assert_false(xml_parser_feed(log.parser, SPAN("<c/>"), &again));
	assert_string_equal(again.text, e.text);
	assert_string_equal(again.condition, e.condition);
	xml_parser_reset(log.parser);
	feed(&log, SPAN(HEAD "<d/>"));
	assert_log(&log, "open jabber:client example.com en\n<a/>\n"
			 "open jabber:client example.com en\n<d/>\n");
	finish(&log);
}

/* ---- frames ---- */

static void a_frame_is_a_document(void **state)
{
	(void)state;
	struct log log;
	start(&log, XML_PARSER_DOCUMENT);
	feed(&log, SPAN("<?xml version='1.0' encoding=\"utf-8\"?>\n"
			"<message xmlns='jabber:client'><bo"));
	feed(&log, SPAN("dy>hi</body></message>\n"));
	assert_log(&log, "");
	assert_true(xml_parser_end(log.parser, NULL));
	assert_log(&log, "<message><body>hi</body></message>\n");
	feed(&log, SPAN("<stream:features xmlns:stream='http://etherx.jabber."
			"org/streams'/>"));
	assert_true(xml_parser_end(log.parser, NULL));
	feed(&log,
		SPAN("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"));
	assert_true(xml_parser_end(log.parser, NULL));
	assert_log(&log,
		"<message><body>hi</body></message>\n"
		"<stream:features/>\n"
		"<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>\n");
	finish(&log);
}

static void a_frame_with_more_or_less_than_one_element_is_refused(void **state)
{
	(void)state;
	static const char *const frames[] = { "", "<a>", "<a><b/>", "<a/><b/>",
		"<a/>text", " <a/>", "</frames>", "<a></a></frames>", "text",
		"<a", "<a/>\xc3\xa5", "<a/>\xc3", "<a></b>" };
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		struct log log;
		struct err e = ERR_NONE;
		start(&log, XML_PARSER_DOCUMENT);
		if (xml_parser_feed(log.parser, span_of(frames[i]), &e) &&
			xml_parser_end(log.parser, &e))
			fail_msg("not refused: %s", frames[i]);
		assert_false(xml_parser_end(log.parser, NULL));
		if (strcmp(e.condition, "not-well-formed") != 0)
			fail_msg("%s: %s", frames[i], e.condition);
		assert_log(&log, "");
		finish(&log);
	}
}

/* ---- long lives ---- */

static void ten_thousand_unique_names_change_nothing(void **state)
{
	(void)state;
	struct log log;
	start(&log, XML_PARSER_STREAM);
	feed(&log, SPAN(HEAD));
	for (int i = 0; i < 10000; i++) {
		char text[100];
		int n = snprintf(text, sizeof(text),
			"<message xmlns:p%d='urn:%d'><p%d:n%d/></message>", i,
			i, i, i);
		/* cut somewhere in the middle */
		feed(&log, span_from(text, (size_t)(i % n)));
		feed(&log, span_skip(span_of(text), (size_t)(i % n)));
		int m = snprintf(text, sizeof(text),
			"<message><n%d xmlns='urn:%d'/></message>\n", i, i);
		struct span got = buf_view(&log.text);
		assert_span(span_skip(got, got.n - (size_t)m), text);
		buf_reset(&log.text);
	}
	finish(&log);
}

TEST_MAIN(cmocka_unit_test(a_stream_comes_as_its_stanzas),
	cmocka_unit_test(it_does_not_matter_where_a_stream_is_cut),
	cmocka_unit_test(references_stand_for_their_character),
	cmocka_unit_test(only_closed_stanzas_are_delivered),
	cmocka_unit_test(a_header_may_be_without_declaration_and_content),
	cmocka_unit_test(what_follows_a_reset_is_dropped),
	cmocka_unit_test(a_reset_at_the_header_drops_what_follows),
	cmocka_unit_test(a_handler_knows_what_stands_behind_its_stanza),
	cmocka_unit_test(what_stands_behind_a_hold_is_fed_again),
	cmocka_unit_test(half_of_a_stanza_is_forgotten_by_a_reset),
	cmocka_unit_test(a_handler_may_free_the_parser),
	cmocka_unit_test(a_refused_stream_stays_refused_until_reset),
	cmocka_unit_test(a_frame_is_a_document),
	cmocka_unit_test(a_frame_with_more_or_less_than_one_element_is_refused),
	cmocka_unit_test(ten_thousand_unique_names_change_nothing))
