/* Stanzas as trees: built, read, formatted; their errors. */
#include "tests/common/test.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "xml/text.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/stanza.h"

static struct xml_element *a_message(void)
{
	struct xml_element *m = xml_element_new("message", XMPP_NS_CLIENT);
	xml_element_attr(m, "to", "juliet@example.com");
	xml_element_attr(m, "id", "m1");
	xml_element_text(xml_element_child(m, "body", NULL), "wherefore");
	return m;
}

/* Formats s, frees it and compares. */
static void assert_formats(
	struct xml_element *s, const char *ns, const char *want)
{
	struct buf out = BUF_INIT(100000);
	struct err e = ERR_NONE;
	assert_ok(xmpp_stanza_format(&out, s, ns, &e), &e);
	assert_span(buf_view(&out), want);
	buf_clear(&out);
	xml_element_free(s);
}

static void a_stanza_of_the_streams_namespace_declares_none(void **state)
{
	(void)state;
	assert_formats(a_message(), XMPP_NS_CLIENT,
		"<message to='juliet@example.com' id='m1'>"
		"<body>wherefore</body></message>");
}

static void a_document_declares_its_namespace(void **state)
{
	(void)state;
	assert_formats(a_message(), NULL,
		"<message xmlns='jabber:client' to='juliet@example.com' "
		"id='m1'><body>wherefore</body></message>");
}

static void a_namespace_is_declared_where_it_changes(void **state)
{
	(void)state;
	struct xml_element *iq = xml_element_new("iq", XMPP_NS_CLIENT);
	struct xml_element *q = xml_element_child(iq, "query", XMPP_NS_ROSTER);
	xml_element_attr(xml_element_child(q, "item", NULL), "jid", "a@b");
	xml_element_child(q, "back", XMPP_NS_CLIENT);
	xml_element_child(q, "nowhere", "");
	xml_element_child(iq, "ping", XMPP_NS_PING);
	assert_formats(iq, XMPP_NS_CLIENT,
		"<iq><query xmlns='jabber:iq:roster'><item jid='a@b'/>"
		"<back xmlns='jabber:client'/><nowhere xmlns=''/></query>"
		"<ping xmlns='urn:xmpp:ping'/></iq>");
}

static void features_and_errors_have_the_prefix_of_streams(void **state)
{
	(void)state;
	struct xml_element *f = xml_element_new("features", XMPP_NS_STREAM);
	xml_element_child(f, "bind", XMPP_NS_BIND);
	assert_formats(xml_element_dup(f), XMPP_NS_CLIENT,
		"<stream:features><bind "
		"xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>");
	assert_formats(f, NULL,
		"<stream:features "
		"xmlns:stream='http://etherx.jabber.org/streams'><bind "
		"xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>");
}

static void what_xml_would_change_is_escaped(void **state)
{
	(void)state;
	struct xml_element *m = xml_element_new("m", "");
	xml_element_attr(m, "a", "<&>'\"\t\n\r");
	xml_element_text(m, "<&>'\"\t\n\r]]>");
	assert_formats(m, NULL,
		"<m a='&lt;&amp;&gt;&apos;\"&#9;&#10;&#13;'>"
		"&lt;&amp;&gt;'\"\t\n&#13;]]&gt;</m>");
}

static void attributes_may_have_a_namespace(void **state)
{
	(void)state;
	struct xml_element *m = xml_element_new("m", "");
	xml_element_attr(m, "xml:lang", "sv");
	xml_element_attr_ns(m, "urn:x", "one", SPAN("1"));
	xml_element_attr_ns(m, "urn:y", "one", SPAN("2"));
	xml_element_attr_u64(m, "one", 18446744073709551615ull);
	assert_string_equal(
		xml_element_attr_find(m, "one"), "18446744073709551615");
	assert_formats(m, NULL,
		"<m xml:lang='sv' xmlns:a0='urn:x' a0:one='1' "
		"xmlns:a1='urn:y' a1:one='2' one='18446744073709551615'/>");
}

static void an_attribute_is_set_replaced_and_removed(void **state)
{
	(void)state;
	struct xml_element *m = a_message();
	xml_element_attr(m, "to", "romeo@example.net");
	xml_element_attr(m, "id", NULL);
	xml_element_attr(m, "absent", NULL);
	assert_null(xml_element_attr_find(m, "id"));
	assert_true(xml_element_attr_is(m, "to", "romeo@example.net"));
	assert_false(xml_element_attr_is(m, "id", "m1"));
	assert_formats(m, XMPP_NS_CLIENT,
		"<message to='romeo@example.net'><body>wherefore</body>"
		"</message>");
}

static void children_are_found_by_name_and_namespace(void **state)
{
	(void)state;
	struct xml_element *m = a_message();
	xml_element_text(m, "between");
	xml_element_text(xml_element_child(m, "body", "urn:other"), "not me");
	xml_element_text(xml_element_child(m, "body", NULL), "second");
	assert_span(xml_element_child_text(m, "body", "urn:other"), "not me");
	assert_null(xml_element_find(m, "body", "urn:none"));
	assert_null(xml_element_child_text(m, "subject", NULL).p);
	unsigned bodies = 0, all = 0;
	XML_ELEMENT_EACH(m, c, "body", XMPP_NS_CLIENT)
	bodies++;
	XML_ELEMENT_EACH(m, c, NULL, NULL)
	all++;
	assert_int_equal(bodies, 2);
	assert_int_equal(all, 3);
	xml_element_free(m);
}

static void text_is_all_there_is_around_the_children(void **state)
{
	(void)state;
	struct xml_element *m = xml_element_new("m", "");
	assert_span(xml_element_text_get(m), "");
	assert_non_null(xml_element_text_get(m).p);
	assert_span(xml_element_text_get(NULL), "");
	xml_element_text(m, "one ");
	xml_element_text(xml_element_child(m, "b", NULL), "not this");
	xml_element_text_span(m, SPAN("two"));
	assert_span(xml_element_text_get(m), "one two");
	assert_string_equal(xml_element_text_get(m).p, "one two");
	assert_formats(m, "", "<m>one <b>not this</b>two</m>");
}

static void children_can_be_removed(void **state)
{
	(void)state;
	struct xml_element *m = xml_element_new("m", "");
	struct xml_element *a = xml_element_child(m, "a", NULL);
	struct xml_element *b = xml_element_child(m, "b", NULL);
	struct xml_element *c = xml_element_child(m, "c", NULL);
	xml_element_remove(b);
	xml_element_remove(b);
	assert_ptr_equal(a->next, c);
	assert_ptr_equal(c->prev, a);
	xml_element_remove(a);
	xml_element_remove(c);
	assert_null(m->first);
	assert_null(m->last);
	xml_element_remove(m);
	xml_element_child(m, "d", NULL);
	xml_element_text(m, "e");
	xml_element_empty(m);
	assert_formats(m, "", "<m/>");
}

static void a_copy_outlives_what_it_was_made_of(void **state)
{
	(void)state;
	struct xml_element *m = a_message();
	struct xml_element *f = xml_element_new("forwarded", XMPP_NS_FORWARD);
	xml_element_add(f, m);
	struct xml_element *body = xml_element_dup(m->first);
	xml_element_free(m);
	assert_formats(f, NULL,
		"<forwarded xmlns='urn:xmpp:forward:0'>"
		"<message xmlns='jabber:client' to='juliet@example.com' "
		"id='m1'><body>wherefore</body></message></forwarded>");
	assert_formats(body, XMPP_NS_CLIENT, "<body>wherefore</body>");
}

static void a_stanza_changes_the_stream_it_is_on(void **state)
{
	(void)state;
	struct xml_element *m = a_message();
	struct xml_element *f = xml_element_child(m, "x", XMPP_NS_FORWARD);
	xml_element_child(f, "message", XMPP_NS_CLIENT);
	xml_element_change_ns(m, XMPP_NS_CLIENT, XMPP_NS_SERVER);
	assert_formats(m, XMPP_NS_SERVER,
		"<message to='juliet@example.com' id='m1'>"
		"<body>wherefore</body><x xmlns='urn:xmpp:forward:0'>"
		"<message xmlns='jabber:client'/></x></message>");
}

static void assert_refused(struct xml_element *s, const char *why)
{
	struct buf out = BUF_INIT(1000);
	struct err e = ERR_NONE;
	buf_str(&out, "before");
	assert_false(xmpp_stanza_format(&out, s, NULL, &e));
	assert_int_equal(e.status, STATUS_MALFORMED);
	assert_string_equal(e.text, why);
	assert_span(buf_view(&out), "before");
	assert_false(out.failed);
	buf_clear(&out);
	xml_element_free(s);
}

static void what_xml_cannot_carry_is_refused(void **state)
{
	(void)state;
	struct xml_element *m = a_message();
	xml_element_text_span(m->first, SPAN("bell \a"));
	assert_refused(m,
		"<body/>: byte 6 of the text is U+0007, which XML cannot "
		"carry");
	m = a_message();
	xml_element_text_span(m->first, SPAN("a\0b"));
	assert_refused(m,
		"<body/>: byte 2 of the text is U+0000, which XML cannot "
		"carry");
	m = a_message();
	xml_element_attr(m, "id", "\xef\xbf\xbe");
	assert_refused(m,
		"<message/>: byte 1 of the text is U+FFFE, which XML cannot "
		"carry");
	m = a_message();
	xml_element_attr(m, "id", "\xff");
	assert_refused(m, "<message/>: byte 1 of the text is not UTF-8");
	m = a_message();
	xml_element_child(m, "two words", NULL);
	xml_element_attr(m, "later", "\x01");
	assert_refused(m, "a name in <message/> is no XML name");
	m = a_message();
	xml_element_attr(m, "a='b' c", "");
	assert_refused(m, "a name in <message/> is no XML name");
	assert_refused(xml_element_new("a:b", "x"),
		"a name in <invalid/> is no XML name");
	assert_refused(xml_element_new("b", "\x02"),
		"<b/>: byte 1 of the text is U+0002, which XML cannot carry");
	m = xml_element_new("1", "");
	struct xml_element *copy = xml_element_dup(m);
	xml_element_free(m);
	assert_refused(copy, "a name in <invalid/> is no XML name");
}

static void a_stanza_that_does_not_fit_leaves_nothing(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(60);
	struct err e = ERR_NONE;
	struct xml_element *m = a_message();
	buf_str(&out, "before");
	assert_false(xmpp_stanza_format(&out, m, XMPP_NS_CLIENT, &e));
	assert_string_equal(e.condition, "policy-violation");
	assert_string_equal(e.text,
		"the <message/> is larger than the 54 bytes there are for it");
	assert_span(buf_view(&out), "before");
	assert_true(buf_str(&out, "after"));
	buf_clear(&out);
	xml_element_free(m);
}

static void every_character_of_xml_may_be_sent(void **state)
{
	(void)state;
	static const char good[] = "\t\n\r ~\x7f\xc2\x80\xed\x9f\xbf"
				   "\xee\x80\x80\xef\xbf\xbd\xf4\x8f\xbf\xbf";
	struct err e = ERR_NONE;
	assert_ok(xml_text_check(span_of(good), &e), &e);
	for (char c = 0; c < 0x20; c++) {
		bool is_good = c == '\t' || c == '\n' || c == '\r';
		assert_true(xml_text_check(span_from(&c, 1), NULL) == is_good);
	}
}

static void what_cannot_be_sent_can_be_replaced(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(100);
	assert_int_equal(
		xml_text_replace(&out, SPAN("a\x01"
					    "b\xff\xef\xbf\xbfgood\n")),
		3);
	assert_span(buf_view(&out), "a\xef\xbf\xbd"
				    "b\xef\xbf\xbd\xef\xbf\xbdgood\n");
	assert_true(xml_text_check(buf_view(&out), NULL));
	buf_clear(&out);
}

static void many_children_are_a_few_allocations(void **state)
{
	(void)state;
	struct xml_element *m = xml_element_new("m", "");
	/* The twentieth allocation from here would end the process. */
	mem_fail_at(20);
	for (int i = 0; i < 3000; i++)
		xml_element_text(xml_element_child(m, "child", NULL), "text");
	mem_fail_at(0);
	xml_element_free(m);
}

/* ---- errors ---- */

static void a_reply_goes_back_with_the_same_id(void **state)
{
	(void)state;
	struct xml_element *m = a_message();
	xml_element_attr(m, "from", "romeo@example.net/o");
	struct xml_element *r = xmpp_stanza_reply(m, "result");
	xml_element_free(m);
	assert_formats(r, XMPP_NS_CLIENT,
		"<message from='juliet@example.com' to='romeo@example.net/o' "
		"id='m1' type='result'/>");
}

static void a_stanza_error_is_built_and_read(void **state)
{
	(void)state;
	struct xml_element *m = a_message();
	struct xml_element *r = xmpp_error_reply(m, "item-not-found", "no <x>");
	struct xmpp_error error;
	assert_false(xmpp_error_parse(&error, m));
	assert_true(xmpp_error_parse(&error, r));
	assert_string_equal(error.condition->name, "item-not-found");
	assert_int_equal(error.kind, XMPP_ERROR_STANZA);
	assert_int_equal(error.type, XMPP_ERROR_CANCEL);
	assert_span(error.text, "no <x>");
	assert_null(error.by);
	assert_null(error.application);
	struct err e = ERR_NONE;
	assert_false(xmpp_error_to_err(&error, &e));
	assert_int_equal(e.status, STATUS_REFUSED);
	assert_string_equal(e.condition, "item-not-found");
	assert_string_equal(e.text, "not found (item-not-found): no <x>");
	assert_false(e.retryable);
	xml_element_free(m);
	assert_formats(r, XMPP_NS_CLIENT,
		"<message from='juliet@example.com' id='m1' type='error'>"
		"<error type='cancel'><item-not-found "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>"
		"no &lt;x&gt;</text></error></message>");
}

static void all_parts_of_a_stanza_error_are_read(void **state)
{
	(void)state;
	struct xml_element *m = a_message();
	xml_element_attr(m, "type", "error");
	struct xml_element *x = xmpp_error_add(m, "gone", NULL, "example.com");
	xml_element_attr(x, "type", "wait");
	xml_element_text(x->first, "xmpp:new@example.com");
	xml_element_child(x, "too-many-parameters", "urn:app");
	struct xmpp_error error;
	assert_true(xmpp_error_parse(&error, m));
	assert_string_equal(error.condition->name, "gone");
	assert_int_equal(error.type, XMPP_ERROR_WAIT);
	assert_span(error.uri, "xmpp:new@example.com");
	assert_string_equal(error.by, "example.com");
	assert_string_equal(error.application->name, "too-many-parameters");
	struct err e = ERR_NONE;
	xmpp_error_to_err(&error, &e);
	assert_string_equal(e.text, "the address is gone for good (gone)");
	assert_true(e.retryable);
	xml_element_free(m);
}

static void an_unknown_condition_is_undefined_condition(void **state)
{
	(void)state;
	struct xml_element *m = a_message();
	struct xmpp_error error;
	xml_element_attr(m, "type", "error");
	xml_element_child(m, "payload", "urn:of-the-request");
	assert_true(xmpp_error_parse(&error, m));
	assert_string_equal(error.condition->name, "undefined-condition");
	assert_null(error.application);
	struct xml_element *x = xml_element_child(m, "error", NULL);
	xml_element_child(x, "quite-new", XMPP_NS_STANZA_ERROR);
	assert_true(xmpp_error_parse(&error, m));
	assert_string_equal(error.condition->name, "undefined-condition");
	xml_element_free(m);
}

static void stream_errors_and_sasl_failures_are_read(void **state)
{
	(void)state;
	struct xmpp_error error;
	struct err e = ERR_NONE;
	struct xml_element *s = xmpp_error_stream("host-unknown", NULL);
	assert_true(xmpp_error_parse(&error, s));
	assert_int_equal(error.kind, XMPP_ERROR_STREAM);
	xmpp_error_to_err(&error, &e);
	assert_string_equal(e.condition, "host-unknown");
	assert_formats(s, XMPP_NS_CLIENT,
		"<stream:error><host-unknown "
		"xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");

	s = xmpp_error_sasl("temporary-auth-failure", "later");
	assert_true(xmpp_error_parse(&error, s));
	assert_int_equal(error.kind, XMPP_ERROR_SASL);
	xmpp_error_to_err(&error, &e);
	assert_int_equal(e.status, STATUS_AUTH);
	assert_true(e.retryable);
	xml_element_free(s);

	s = xml_element_new("failure", XMPP_NS_TLS);
	assert_false(xmpp_error_parse(&error, s));
	xml_element_free(s);
}

/* RFC 6120 section 8.3.3: 22 conditions, section 4.9.3: 25, section 6.5: 11 */
static void every_condition_of_the_rfc_has_a_row(void **state)
{
	(void)state;
	static const struct {
		enum xmpp_error_kind kind;
		const char *names;
		unsigned count;
	} all[] = {
		{ XMPP_ERROR_STANZA,
			"bad-request conflict feature-not-implemented "
			"forbidden gone internal-server-error item-not-found "
			"jid-malformed not-acceptable not-allowed "
			"not-authorized policy-violation "
			"recipient-unavailable redirect "
			"registration-required remote-server-not-found "
			"remote-server-timeout resource-constraint "
			"service-unavailable subscription-required "
			"undefined-condition unexpected-request",
			22 },
		{ XMPP_ERROR_STREAM,
			"bad-format bad-namespace-prefix conflict "
			"connection-timeout host-gone host-unknown "
			"improper-addressing internal-server-error "
			"invalid-from invalid-namespace invalid-xml "
			"not-authorized not-well-formed policy-violation "
			"remote-connection-failed reset resource-constraint "
			"restricted-xml see-other-host system-shutdown "
			"undefined-condition unsupported-encoding "
			"unsupported-feature unsupported-stanza-type "
			"unsupported-version",
			25 },
		{ XMPP_ERROR_SASL,
			"aborted account-disabled credentials-expired "
			"encryption-required incorrect-encoding "
			"invalid-authzid invalid-mechanism malformed-request "
			"mechanism-too-weak not-authorized "
			"temporary-auth-failure",
			11 },
	};
	for (size_t i = 0; i < 3; i++) {
		struct span rest = span_of(all[i].names), name;
		unsigned count = 0;
		bool more = true;
		while (more) {
			more = span_cut(&rest, ' ', &name);
			char *text = span_dup(name);
			const struct xmpp_condition *row =
				xmpp_condition_get(all[i].kind, text);
			assert_string_equal(row->name, text);
			assert_true(strlen(row->text) > 0);
			assert_true(strlen(text) < ERR_CONDITION_MAX);
			mem_free(text);
			count++;
		}
		assert_int_equal(count, all[i].count);
	}
}

TEST_MAIN(cmocka_unit_test(a_stanza_of_the_streams_namespace_declares_none),
	cmocka_unit_test(a_document_declares_its_namespace),
	cmocka_unit_test(a_namespace_is_declared_where_it_changes),
	cmocka_unit_test(features_and_errors_have_the_prefix_of_streams),
	cmocka_unit_test(what_xml_would_change_is_escaped),
	cmocka_unit_test(attributes_may_have_a_namespace),
	cmocka_unit_test(an_attribute_is_set_replaced_and_removed),
	cmocka_unit_test(children_are_found_by_name_and_namespace),
	cmocka_unit_test(text_is_all_there_is_around_the_children),
	cmocka_unit_test(children_can_be_removed),
	cmocka_unit_test(a_copy_outlives_what_it_was_made_of),
	cmocka_unit_test(a_stanza_changes_the_stream_it_is_on),
	cmocka_unit_test(what_xml_cannot_carry_is_refused),
	cmocka_unit_test(a_stanza_that_does_not_fit_leaves_nothing),
	cmocka_unit_test(every_character_of_xml_may_be_sent),
	cmocka_unit_test(what_cannot_be_sent_can_be_replaced),
	cmocka_unit_test(many_children_are_a_few_allocations),
	cmocka_unit_test(a_reply_goes_back_with_the_same_id),
	cmocka_unit_test(a_stanza_error_is_built_and_read),
	cmocka_unit_test(all_parts_of_a_stanza_error_are_read),
	cmocka_unit_test(an_unknown_condition_is_undefined_condition),
	cmocka_unit_test(stream_errors_and_sasl_failures_are_read),
	cmocka_unit_test(every_condition_of_the_rfc_has_a_row))
