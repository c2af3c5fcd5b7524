/* Presence as a document: sip/pidf.h. */
#include "sip/pidf.h"
#include "tests/common/test.h"

#define HEAD                                                                   \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>"                           \
	"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\""                      \
	" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\""                 \
	" xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\""                     \
	" entity='sip:a@b'>"

static void presence_is_a_document_for_both_kinds_of_reader(void **state)
{
	(void)state;
	static const struct {
		struct sip_pidf p;
		const char *body;
	} rows[] = {
		{ { .entity = SPAN("sip:a@b"), .is_open = true },
			"<tuple id=\"t\"><status><basic>open</basic></status>"
			"</tuple></presence>" },
		{ { .entity = SPAN("sip:a@b"), .show = SPAN("away") },
			"<tuple id=\"t\"><status><basic>closed</basic></status>"
			"</tuple></presence>" },
		{ { .entity = SPAN("sip:a@b"),
			  .is_open = true,
			  .show = SPAN("dnd"),
			  .contact = SPAN("sip:c"),
			  .note = SPAN("<&>\"'") },
			"<tuple id=\"t\"><status><basic>open</basic>"
			"<show xmlns=\"jabber:client\">dnd</show></status>"
			"<contact>sip:c</contact>"
			"<note>&lt;&amp;&gt;\"'</note></tuple>"
			"<dm:person id=\"p\"><rpid:activities><rpid:busy/>"
			"</rpid:activities></dm:person></presence>" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b = BUF_INIT(4096), want = BUF_INIT(4096);
		assert_true(sip_pidf_format(&b, &rows[i].p));
		buf_printf(&want, "%s%s", HEAD, rows[i].body);
		assert_string_equal(buf_text(&b), buf_text(&want));
		buf_clear(&b);
		buf_clear(&want);
	}
}

static void what_xml_cannot_carry_makes_no_document(void **state)
{
	(void)state;
	static const struct span notes[] = { { "a\1", 2 }, { "a\0", 2 },
		{ "\xff", 1 } };
	for (size_t i = 0; i < 3; i++) {
		struct buf b = BUF_INIT(4096);
		assert_false(sip_pidf_format(
			&b, &(struct sip_pidf){ .entity = SPAN("sip:a"),
				    .note = notes[i] }));
		buf_clear(&b);
	}
}

TEST_MAIN(cmocka_unit_test(presence_is_a_document_for_both_kinds_of_reader),
	cmocka_unit_test(what_xml_cannot_carry_makes_no_document))
