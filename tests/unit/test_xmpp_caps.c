/* Entity capabilities: the vectors of XEP-0115 section 5, and answers that are
 * not to be believed. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "xml/parser.h"
#include "xmpp/caps.h"
#include "xmpp/disco.h"

#define DISCO "http://jabber.org/protocol/disco#"
#define CAPS "<feature var='http://jabber.org/protocol/caps'/>"
#define INFO "<feature var='" DISCO "info'/>"
#define ITEMS "<feature var='" DISCO "items'/>"
#define MUC "<feature var='http://jabber.org/protocol/muc'/>"
#define EXODUS "<identity category='client' type='pc' name='Exodus 0.9.1'/>"
#define EXODUS_VER "QgayPKawpkPSDYmwT/WM94uAlu0="

#define TYPED(type)                                                            \
	"<field var='FORM_TYPE' type='hidden'><value>" type "</value></field>"
#define FORM(fields) "<x xmlns='jabber:x:data' type='result'>" fields "</x>"

static struct xml_element *parsed;

static void on_stanza(void *arg, struct xml_element *s)
{
	(void)arg;
	parsed = s;
}

/* A <query/> with that in it. */
static struct xml_element *query(const char *xml)
{
	static const struct xml_parser_handler handler = { .stanza =
								   on_stanza };
	struct xml_parser *p =
		xml_parser_new(XML_PARSER_DOCUMENT, &handler, NULL);
	struct err e = ERR_NONE;
	parsed = NULL;
	bool good =
		xml_parser_feed(p,
			SPAN("<query xmlns='" XMPP_NS_DISCO_INFO "'>"), &e) &&
		xml_parser_feed(p, span_of(xml), &e) &&
		xml_parser_feed(p, SPAN("</query>"), &e) &&
		xml_parser_end(p, &e);
	if (!good)
		fail_msg("%s", e.text);
	xml_parser_free(p);
	return parsed;
}

static void assert_ver(const char *xml, const char *hash, const char *ver)
{
	struct xml_element *s = query(xml);
	struct xmpp_caps c = { "http://node.example", ver, hash };
	struct err e = ERR_NONE;
	if (!xmpp_caps_verify(&c, s, &e))
		fail_msg("%s", e.text);
	xml_element_free(s);
}

static void assert_ill_formed(const char *xml, const char *part)
{
	struct xml_element *s = query(xml);
	struct buf out = BUF_INIT(200);
	struct err e = ERR_NONE;
	assert_false(xmpp_caps_compute(&out, s, "sha-1", &e));
	assert_int_equal(e.status, STATUS_MALFORMED);
	if (!strstr(e.text, part))
		fail_msg("expected \"%s\", came: %s", part, e.text);
	assert_int_equal(out.len, 0);
	buf_clear(&out);
	xml_element_free(s);
}

static void the_simple_example_has_its_hash(void **state)
{
	(void)state;
	assert_ver(EXODUS CAPS INFO ITEMS MUC, "sha-1", EXODUS_VER);
}

static void the_order_of_the_answer_does_not_matter(void **state)
{
	(void)state;
	assert_ver(MUC ITEMS INFO EXODUS CAPS, "sha-1", EXODUS_VER);
}

static void the_complex_example_has_its_hash(void **state)
{
	(void)state;
	static const char form[] = FORM(
		"<field var='software_version'>"
		"<value>0.11</value></field>" TYPED(
			"urn:xmpp:dataforms:softwareinfo") "<field "
							   "var='ip_version' "
							   "type='text-multi'>"
							   "<value>ipv6</"
							   "value><value>ipv4</"
							   "value></field>"
							   "<field "
							   "var='os'><value>"
							   "Mac</value></field>"
							   "<field "
							   "var='os_version'><"
							   "value>10.5.1</"
							   "value></field>"
							   "<field "
							   "var='software'><"
							   "value>Psi</value></"
							   "field>");
	static const char identities[] =
		"<identity xml:lang='en' category='client' name='Psi 0.11' "
		"type='pc'/>"
		"<identity xml:lang='el' category='client' "
		"name='\xce\xa8 0.11' type='pc'/>";
	char *answer =
		mem_format("%s%s%s", identities, CAPS INFO ITEMS MUC, form);
	assert_ver(answer, "sha-1", "q07IKJEyjvHSyhy//CH0CxmKi8w=");
	mem_free(answer);
}

/* By another implementation: openssl dgst over the string of section 5.2. */
static void other_hashes_are_computed_too(void **state)
{
	(void)state;
	assert_ver(EXODUS CAPS INFO ITEMS MUC, "sha-256",
		"Wr6IGEKhx6b9627gBmi/cCmpxXBc/GYq5zWuYfWGWoc=");
	assert_ver(EXODUS CAPS INFO ITEMS MUC, "SHA-1", EXODUS_VER);
}

/* "/" and "-" sort otherwise than the ends of words do. */
static void identities_are_sorted_by_their_parts(void **state)
{
	(void)state;
	assert_ver("<identity category='a' type='b-c'/>"
		   "<identity category='a' type='b' name='n'/>",
		"sha-1", "kvBZx4vyQBJ3z775E1x+8VcMF0s=");
}

static void forms_without_a_hidden_type_do_not_count(void **state)
{
	(void)state;
	assert_ver(EXODUS CAPS INFO ITEMS MUC FORM(
			   "<field var='os'><value>Mac</value></field>"),
		"sha-1", EXODUS_VER);
	assert_ver(EXODUS CAPS INFO ITEMS MUC FORM(
			   "<field var='FORM_TYPE'><value>a</value></field>"
			   "<field var='os'><value>Mac</value></field>"),
		"sha-1", EXODUS_VER);
}

static void what_could_be_two_things_at_once_is_ill_formed(void **state)
{
	(void)state;
	assert_ill_formed(EXODUS EXODUS, "identity is twice");
	assert_ill_formed(EXODUS
		"<identity category='client' type='pc' name='other'/>",
		"identity is twice");
	assert_ill_formed(EXODUS MUC INFO MUC, "feature is twice");
	assert_ill_formed(EXODUS FORM(TYPED("a")) FORM(TYPED("a")),
		"two forms are of one type");
	assert_ill_formed(
		EXODUS FORM("<field var='FORM_TYPE' type='hidden'>"
			    "<value>a</value><value>b</value></field>"),
		"of two types");
	assert_ill_formed(
		"<identity category='client' type='pc//x'/>", "separator");
	assert_ill_formed(EXODUS "<feature var='a&lt;b'/>", "\"<\"");
	assert_ill_formed(EXODUS FORM(TYPED("a") "<field var='v'>"
						 "<value>b&lt;c</value>"
						 "</field>"),
		"\"<\"");
}

static void another_hash_is_refused_and_both_are_named(void **state)
{
	(void)state;
	struct xml_element *s = query(EXODUS CAPS INFO ITEMS);
	struct xmpp_caps c = { "n", EXODUS_VER, "sha-1" };
	struct err e = ERR_NONE;
	assert_false(xmpp_caps_verify(&c, s, &e));
	assert_int_equal(e.status, STATUS_MALFORMED);
	assert_non_null(strstr(e.text, EXODUS_VER));
	c.hash = "sha-0";
	err_clear(&e);
	assert_false(xmpp_caps_verify(&c, s, &e));
	assert_int_equal(e.status, STATUS_USAGE);
	xml_element_free(s);
}

static void what_has_no_hash_is_of_before_and_no_promise(void **state)
{
	(void)state;
	struct xmpp_caps c;
	struct xml_element *s =
		query("<c xmlns='" XMPP_NS_CAPS "' node='n' ver='1.0'/>");
	assert_false(xmpp_caps_find(&c, s));
	xml_element_free(s);
	s = query(
		"<c xmlns='" XMPP_NS_CAPS "' node='n' ver='v' hash='sha-1'/>");
	assert_true(xmpp_caps_find(&c, s));
	char *node = xmpp_caps_make_node(&c);
	assert_string_equal(node, "n#v");
	mem_free(node);
	xml_element_free(s);
}

TEST_MAIN(cmocka_unit_test(the_simple_example_has_its_hash),
	cmocka_unit_test(the_order_of_the_answer_does_not_matter),
	cmocka_unit_test(the_complex_example_has_its_hash),
	cmocka_unit_test(other_hashes_are_computed_too),
	cmocka_unit_test(identities_are_sorted_by_their_parts),
	cmocka_unit_test(forms_without_a_hidden_type_do_not_count),
	cmocka_unit_test(what_could_be_two_things_at_once_is_ill_formed),
	cmocka_unit_test(another_hash_is_refused_and_both_are_named),
	cmocka_unit_test(what_has_no_hash_is_of_before_and_no_promise))
