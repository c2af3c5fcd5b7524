/* Streams that must be refused, each with its stream error condition (RFC
 * 6120 section 4.9.3) and next to a legitimate twin that must be taken; and
 * what the worst of them cost. */
#include "tests/common/test.h"

#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tests/common/xmpp_hostile.h"
#include "xml/parser.h"
#include "xmpp/ns.h"

/* ---- feeding them ---- */

struct outcome {
	bool refused;
	struct err e;
	unsigned stanzas;
};

static void on_open(
	void *arg, const struct xml_element *header, const char *content_ns)
{
	(void)arg;
	(void)header;
	(void)content_ns;
}

static void on_stanza(void *arg, struct xml_element *stanza)
{
	struct outcome *outcome = arg;
	outcome->stanzas++;
	xml_element_free(stanza);
}

static void on_close(void *arg)
{
	(void)arg;
}

static const struct xml_parser_handler handler = {
	.open = on_open,
	.stanza = on_stanza,
	.close = on_close,
	.root_name = "stream",
	.root_ns = XMPP_NS_STREAM,
};

static struct outcome feed(struct span bytes, size_t size)
{
	struct outcome outcome = { .e = ERR_NONE };
	struct xml_parser *p =
		xml_parser_new(XML_PARSER_STREAM, &handler, &outcome);
	for (; bytes.n && !outcome.refused; bytes = span_skip(bytes, size))
		outcome.refused = !xml_parser_feed(
			p, span_first(bytes, size), &outcome.e);
	xml_parser_free(p);
	return outcome;
}

static void check(
	const struct hostile *h, const char *head, bool bad, size_t size)
{
	struct buf text = BUF_INIT(1 << 20);
	buf_str(&text, head);
	hostile_expand(&text, bad ? h->bad : h->good);
	assert_false(text.failed);
	struct outcome o = feed(buf_view(&text), size);
	if (bad && (!o.refused || strcmp(o.e.condition, h->condition) != 0))
		fail_msg("%s in pieces of %zu: %s, expected %s (%s)", h->what,
			size, o.refused ? o.e.condition : "taken", h->condition,
			o.e.text);
	if (bad && (o.e.status != STATUS_MALFORMED || !*o.e.text))
		fail_msg("%s: refused without a sentence", h->what);
	if (!bad && (o.refused || o.stanzas == 0))
		fail_msg("%s: its twin is refused in pieces of %zu: %s",
			h->what, size, o.e.text);
	buf_clear(&text);
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
static const size_t sizes[] = { SIZE_MAX, 1000, 7, 1 };

static void check_all(bool bad)
{
	for (size_t s = 0; s < COUNT(sizes); s++) {
		for (size_t i = 0; i < hostile_within_count; i++)
			check(&hostile_within[i], HOSTILE_HEAD, bad, sizes[s]);
		for (size_t i = 0; i < hostile_from_the_start_count; i++)
			check(&hostile_from_the_start[i], "", bad, sizes[s]);
	}
}

static void each_hostile_stream_is_refused_with_its_condition(void **state)
{
	(void)state;
	assert_true(hostile_within_count + hostile_from_the_start_count >= 60);
	check_all(true);
}

static void each_legitimate_twin_is_taken(void **state)
{
	(void)state;
	check_all(false);
}

/* Those with NULs, which no string literal of a table can show. */
static void utf16_without_a_mark_is_refused(void **state)
{
	(void)state;
	static const char little[] = { '<', 0, '?', 0, 'x', 0, 'm', 0 };
	static const char big[] = { 0, '<', 0, '?', 0, 'x', 0, 'm' };
	struct outcome o = feed(span_from(little, sizeof(little)), 1);
	assert_string_equal(o.e.condition, "unsupported-encoding");
	o = feed(span_from(big, sizeof(big)), SIZE_MAX);
	assert_string_equal(o.e.condition, "unsupported-encoding");
	o = feed(SPAN(HOSTILE_HEAD "<m>\0</m>"), SIZE_MAX);
	assert_string_equal(o.e.condition, "not-well-formed");
	o = feed(SPAN(HOSTILE_HEAD "<\0m/>"), SIZE_MAX);
	assert_string_equal(o.e.condition, "not-well-formed");
	o = feed(SPAN(HOSTILE_HEAD "<m>0</m>"), SIZE_MAX);
	assert_int_equal(o.stanzas, 1);
}

static void add_numbered(struct buf *out, unsigned kind, int number)
{
	static const char *const before[] = { " a", " xmlns:a", " a" };
	static const char *const after[] = { "='1'", "='urn:x'",
		"=\"&apos;='\"" };
	buf_printf(out, "%s%d%s", before[kind], number, after[kind]);
}

static void sixty_five_attributes_are_refused(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 3; kind++) {
		for (int count = 64; count <= 65; count++) {
			struct buf text = BUF_INIT(10000);
			buf_str(&text, HOSTILE_HEAD "<m");
			for (int i = 0; i < count; i++)
				add_numbered(&text, kind, i);
			buf_str(&text, "/>");
			struct outcome o = feed(buf_view(&text), SIZE_MAX);
			assert_int_equal(o.stanzas, count == 64);
			assert_string_equal(o.e.condition,
				count == 64 ? "" : "policy-violation");
			buf_clear(&text);
		}
	}
}

/* ---- what they cost ---- */

#if defined(__SANITIZE_ADDRESS__)
#define MEASURABLE false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEASURABLE false
#else
#define MEASURABLE true
#endif
#else
#define MEASURABLE true
#endif

static void assert_small(const char *what)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	if (MEASURABLE && usage.ru_maxrss >= 32 * 1024)
		fail_msg("%s: %ld KiB resident", what, usage.ru_maxrss);
}

/* The start, then unit again and again, until that many bytes were offered, in reads of 16
 * KiB; goes on after the refusal, as a peer would. */
static void offer(const char *what, const char *start, const char *unit,
	size_t total, const char *condition)
{
	struct outcome o = { .e = ERR_NONE };
	struct xml_parser *p = xml_parser_new(XML_PARSER_STREAM, &handler, &o);
	struct buf piece = BUF_INIT(16384);
	while (buf_str(&piece, unit))
		;
	assert_true(xml_parser_feed(p, SPAN(HOSTILE_HEAD), &o.e));
	assert_true(xml_parser_feed(p, span_of(start), &o.e));
	for (size_t sent = 0; sent < total; sent += piece.len)
		if (!xml_parser_feed(p, buf_view(&piece), &o.e))
			o.refused = true;
	assert_true(o.refused);
	assert_string_equal(o.e.condition, condition);
	assert_int_equal(o.stanzas, 0);
	assert_small(what);
	xml_parser_free(p);
	buf_clear(&piece);
}

#define GIB ((size_t)1 << 30)

static void a_gigabyte_costs_no_memory(void **state)
{
	(void)state;
	offer("text", "<m>", "lorem ipsum ", GIB, "policy-violation");
	offer("elements", "<m>", "<a/>", GIB, "policy-violation");
	offer("CDATA", "<m><![CDATA[", "lorem ", GIB, "policy-violation");
	offer("depth of a million", "<m>", "<a>", 3000000, "policy-violation");
	offer("an attribute", "<m a='", "lorem ", GIB, "policy-violation");
	offer("attributes", "<m", " a='b'", GIB, "policy-violation");
	offer("a name", "<", "lorem", GIB, "policy-violation");
	offer("entities", "<m>", "&a;", GIB, "policy-violation");
	offer("references", "<m>", "&amp;", GIB, "policy-violation");
}

static void unique_names_cost_no_memory(void **state)
{
	(void)state;
	struct outcome o = { .e = ERR_NONE };
	struct xml_parser *p = xml_parser_new(XML_PARSER_STREAM, &handler, &o);
	struct buf stanza = BUF_INIT(XML_ELEMENT_MAX);
	unsigned name = 0;
	assert_true(xml_parser_feed(p, SPAN(HOSTILE_HEAD), &o.e));
	for (unsigned i = 0; i < 100; i++) {
		buf_reset(&stanza);
		buf_str(&stanza, "<m>");
		while (stanza.len < XML_ELEMENT_MAX - 100)
			buf_printf(&stanza, "<n%u/>", name++);
		buf_str(&stanza, "</m>");
		assert_ok(xml_parser_feed(p, buf_view(&stanza), &o.e), &o.e);
	}
	assert_int_equal(o.stanzas, 100);
	assert_small("unique names");
	xml_parser_free(p);
	buf_clear(&stanza);
}

static void white_space_between_stanzas_has_no_end(void **state)
{
	(void)state;
	struct outcome o = { .e = ERR_NONE };
	struct xml_parser *p = xml_parser_new(XML_PARSER_STREAM, &handler, &o);
	struct buf space = BUF_INIT(16384);
	while (buf_str(&space, " \r\n\t"))
		;
	assert_true(xml_parser_feed(p, SPAN(HOSTILE_HEAD), &o.e));
	for (int i = 0; i < 1000; i++)
		assert_ok(xml_parser_feed(p, buf_view(&space), &o.e), &o.e);
	assert_true(xml_parser_feed(p, SPAN("<m/>"), &o.e));
	assert_int_equal(o.stanzas, 1);
	assert_small("white space");
	xml_parser_free(p);
	buf_clear(&space);
}

TEST_MAIN(cmocka_unit_test(a_gigabyte_costs_no_memory),
	cmocka_unit_test(unique_names_cost_no_memory),
	cmocka_unit_test(white_space_between_stanzas_has_no_end),
	cmocka_unit_test(each_hostile_stream_is_refused_with_its_condition),
	cmocka_unit_test(each_legitimate_twin_is_taken),
	cmocka_unit_test(utf16_without_a_mark_is_refused),
	cmocka_unit_test(sixty_five_attributes_are_refused))
