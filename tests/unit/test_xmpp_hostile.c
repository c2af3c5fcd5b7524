/* Streams that must be refused, each with its stream error condition (RFC
 * 6120 section 4.9.3) and next to a legitimate twin that must be taken; and
 * what the worst of them cost. */
#include "tests/common/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/mem.h"
#include "xmpp/ns.h"
#include "xmpp/parser.h"

#define NS_ATTRS                                                               \
	"xmlns='jabber:client' "                                               \
	"xmlns:stream='http://etherx.jabber.org/streams'"
#define HEAD "<stream:stream " NS_ATTRS ">"

/* {N*text} stands for text N times. */
struct hostile {
	const char *what, *condition;
	const char *bad, *good;
};

/* Behind the stream header. */
static const struct hostile within[] = {
	{ "comment in a stanza", "restricted-xml", "<m><!-- x --></m>",
		"<m>&lt;!-- x --></m>" },
	{ "comment between stanzas", "restricted-xml", "<m/><!----><m/>",
		"<m/> <m/>" },
	{ "comment in a CDATA section's clothes", "restricted-xml",
		"<m><!-[CDATA[x]]></m>", "<m><![CDATA[<!-- -->]]></m>" },
	{ "processing instruction in a stanza", "restricted-xml",
		"<m><?php x ?></m>", "<m>&lt;?php x ?></m>" },
	{ "processing instruction between stanzas", "restricted-xml",
		"<?x?><m/>", "<m/>" },
	{ "second XML declaration", "restricted-xml",
		"<?xml version='1.0'?><m/>", "\n<m/>" },
	{ "document type in a stanza", "restricted-xml", "<m><!DOCTYPE x></m>",
		"<m><DOCTYPE/></m>" },
	{ "entity declaration in a stanza", "restricted-xml",
		"<m><!ENTITY x 'y'></m>", "<m><ENTITY x='y'/></m>" },
	{ "parameter entity", "restricted-xml", "<!ENTITY % x 'y'><m/>",
		"<m>%x;</m>" },
	{ "element declaration", "restricted-xml", "<!ELEMENT m ANY><m/>",
		"<ELEMENT/>" },
	{ "conditional section", "restricted-xml", "<m><![INCLUDE[x]]></m>",
		"<m><![CDATA[INCLUDE]]></m>" },
	{ "CDATA in small letters", "restricted-xml", "<m><![cdata[x]]></m>",
		"<m><![CDATA[x]]></m>" },
	{ "entity in text", "restricted-xml", "<m>&x;</m>",
		"<m>&lt;&gt;&amp;&quot;&apos;</m>" },
	{ "HTML entity", "restricted-xml", "<m>&nbsp;</m>", "<m>&#160;</m>" },
	{ "entity in an attribute", "restricted-xml", "<m a='&x;'/>",
		"<m a='&amp;x;'/>" },

	{ "Latin-1 in text", "unsupported-encoding", "<m>\xe5</m>",
		"<m>\xc3\xa5</m>" },
	{ "Latin-1 in an attribute", "unsupported-encoding",
		"<m a='\xe5\xe4\xf6'/>", "<m a='\xc3\xa5'/>" },
	{ "overlong slash", "unsupported-encoding", "<m>\xc0\xaf</m>",
		"<m>/</m>" },
	{ "overlong less-than", "unsupported-encoding", "<m>\xe0\x80\xbc/m>",
		"<m>&lt;/m></m>" },
	{ "UTF-16 surrogates in UTF-8", "unsupported-encoding",
		"<m>\xed\xa0\xbd\xed\xb9\x82</m>", "<m>\xf0\x9f\x99\x82</m>" },
	{ "above U+10FFFF", "unsupported-encoding", "<m>\xf4\x90\x80\x80</m>",
		"<m>\xf4\x8f\xbf\xbd</m>" },
	{ "half a character at the end of text", "unsupported-encoding",
		"<m>\xe2\x82</m>", "<m>\xe2\x82\xac</m>" },
	{ "continuation without a start", "unsupported-encoding",
		"<m/>\x80<m/>", "<m/>\n<m/>" },
	{ "five-byte sequence", "unsupported-encoding",
		"<m>\xf8\x88\x80\x80\x80</m>", "<m>\xf0\x90\x80\x80</m>" },
	{ "byte order mark of UTF-16", "unsupported-encoding",
		"<m>\xff\xfe</m>", "<m>\xef\xbb\xbf</m>" },

	{ "tags that do not match", "not-well-formed", "<m><a></m></a>",
		"<m><a></a></m>" },
	{ "stanza ended by another name", "not-well-formed", "<m></n>",
		"<m></m>" },
	{ "stream ended by another name", "not-well-formed", "<m/></m>",
		"<m/></stream:stream>" },
	{ "stream ended by another prefix", "not-well-formed", "<m/></stream>",
		"<m/></stream:stream >" },
	{ "less-than in an attribute", "not-well-formed", "<m a='<'/>",
		"<m a='>'/>" },
	{ "less-than in a tag", "not-well-formed", "<m <a/>", "<m ><a/></m>" },
	{ "attribute twice", "not-well-formed", "<m a='1' a='2'/>",
		"<m a='1' A='2'/>" },
	{ "namespaced attribute twice", "not-well-formed",
		"<m xmlns:x='u' xmlns:y='u' x:a='1' y:a='2'/>",
		"<m xmlns:x='u' xmlns:y='v' x:a='1' y:a='2'/>" },
	{ "namespace declared twice", "not-well-formed",
		"<m xmlns:x='u' xmlns:x='u'/>", "<m xmlns:x='u'/>" },
	{ "unbound prefix of an element", "not-well-formed",
		"<m><foo:body>What is this foo?</foo:body></m>",
		"<m><foo:body xmlns:foo='bar'>This.</foo:body></m>" },
	{ "unbound prefix of an attribute", "not-well-formed", "<m x:a='1'/>",
		"<m xml:lang='en'/>" },
	{ "prefix of a sibling", "not-well-formed",
		"<m><a xmlns:x='u'/><x:b/></m>",
		"<m><a xmlns:x='u'><x:b/></a></m>" },
	{ "prefix bound to nothing", "not-well-formed", "<m xmlns:x=''/>",
		"<m xmlns=''/>" },
	{ "xml bound to another namespace", "not-well-formed",
		"<m xmlns:xml='u'/>",
		"<m xmlns:xml='http://www.w3.org/XML/1998/namespace'/>" },
	{ "xmlns bound", "not-well-formed",
		"<m xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>",
		"<m xmlns:x='u'/>" },
	{ "name with two colons", "not-well-formed", "<m a:b:c='1'/>",
		"<m a-b.c='1'/>" },
	{ "attribute without quotes", "not-well-formed", "<m a=1/>",
		"<m a='1'/>" },
	{ "attribute without value", "not-well-formed", "<m a/>", "<m a=''/>" },
	{ "attribute without name", "not-well-formed", "<m ='1'/>",
		"<m a = '1' />" },
	{ "attributes without a space", "not-well-formed", "<m a='1'b='2'/>",
		"<m a='1'\nb='2'/>" },
	{ "quotes of two kinds", "not-well-formed", "<m a='1\"></m>'/>x</m>",
		"<m a='1\">/m>'/>" },
	{ "slash in a tag", "not-well-formed", "<m / a='1'>", "<m a='/'/>" },
	{ "attribute in an end tag", "not-well-formed", "<m></m a='1'>",
		"<m></m \n>" },
	{ "tag without name", "not-well-formed", "<>", "<_/>" },
	{ "end tag without name", "not-well-formed", "<m></>", "<m></m>" },
	{ "space before the name", "not-well-formed", "< m/>", "<m />" },
	{ "name that begins with a digit", "not-well-formed", "<1/>", "<m1/>" },
	{ "bare ampersand", "not-well-formed", "<m>a & b</m>",
		"<m>a &amp; b</m>" },
	{ "reference without end", "not-well-formed", "<m>&lt</m>",
		"<m>&lt;</m>" },
	{ "NUL by reference", "not-well-formed", "<m>&#0;</m>", "<m>&#9;</m>" },
	{ "control character by reference", "not-well-formed", "<m>&#x1;</m>",
		"<m>&#xA;</m>" },
	{ "surrogate by reference", "not-well-formed",
		"<m>&#xD83D;&#xDE42;</m>", "<m>&#x1F642;</m>" },
	{ "reference above U+10FFFF", "not-well-formed", "<m>&#x110000;</m>",
		"<m>&#x10FFFD;</m>" },
	{ "reference that overflows", "not-well-formed", "<m>&#4294967361;</m>",
		"<m>&#65;</m>" },
	{ "control character", "not-well-formed", "<m>\x01</m>",
		"<m>\t\n\r</m>" },
	{ "U+FFFE", "not-well-formed", "<m>\xef\xbf\xbe</m>",
		"<m>\xef\xbf\xbd</m>" },
	{ "CDATA with the end of another", "not-well-formed",
		"<m><![CDATA[]>]x]]>]]></m>", "<m><![CDATA[]>]x]]]]></m>" },
	{ "end of CDATA in text", "not-well-formed", "<m>]]></m>",
		"<m>]]&gt;</m>" },

	{ "depth of 65", "policy-violation", "{65*<a>}{65*</a>}",
		"{64*<a>}{64*</a>}" },
	{ "depth of 65 by an empty tag", "policy-violation",
		"{64*<a>}<a/>{64*</a>}", "{63*<a>}<a/>{63*</a>}" },
	{ "stanza one byte over 256 KiB", "policy-violation",
		"<m>{262138*x}</m>", "<m>{262137*x}</m>" },
	{ "stanza of small elements over 256 KiB", "policy-violation",
		"<m>{65535*<a/>}</m>", "<m>{65534*<a/>}</m>" },
	{ "CDATA over 256 KiB", "policy-violation",
		"<m><![CDATA[{262126*x}]]></m>",
		"<m><![CDATA[{262125*x}]]></m>" },
	{ "references over 256 KiB", "policy-violation", "<m>{65536*&lt;}</m>",
		"<m>{65534*&lt;}</m>" },
	{ "attribute over 16 KiB", "policy-violation", "<m a='{16376*x}'/>",
		"<m a='{16375*x}'/>" },
	{ "name over 16 KiB", "policy-violation", "<{16384*x}/>",
		"<{16000*x}/>" },
	{ "end tag over 16 KiB", "policy-violation", "<m></m{16384* }>",
		"<m></m{16000* }>" },
	{ "attribute that never ends", "policy-violation", "<m a='{300000*>}",
		"<m a='{3000*>}'/>" },
};

/* A stream from its first byte on. */
static const struct hostile from_the_start[] = {
	{ "comment before the header", "restricted-xml", "<!-- x -->" HEAD,
		"\n" HEAD "<m/>" },
	{ "document type", "restricted-xml", "<!DOCTYPE stream>" HEAD,
		HEAD "<m/>" },
	{ "document type behind the declaration", "restricted-xml",
		"<?xml version='1.0'?><!DOCTYPE x []>" HEAD,
		"<?xml version='1.0'?>\n" HEAD "<m/>" },
	{ "external document type", "restricted-xml",
		"<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" HEAD,
		HEAD "<m>file:///etc/passwd</m>" },
	{ "billion laughs", "restricted-xml",
		"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'ha'>"
		"<!ENTITY b '{100*&a;}'><!ENTITY c '{100*&b;}'>]>" HEAD
		"<m>&c;</m>",
		"<?xml version='1.0'?>" HEAD "<m>{100*ha}</m>" },
	{ "style sheet", "restricted-xml", "<?xml-stylesheet href='x'?>" HEAD,
		"<?xml version='1.0' ?>" HEAD "<m/>" },
	{ "declaration behind a space", "restricted-xml",
		" <?xml version='1.0'?>" HEAD, " " HEAD "<m/>" },
	{ "two declarations", "restricted-xml",
		"<?xml version='1.0'?><?xml version='1.0'?>" HEAD,
		"<?xml version='1.0'?> " HEAD "<m/>" },

	{ "Latin-1 by declaration", "unsupported-encoding",
		"<?xml version='1.0' encoding='ISO-8859-1'?>" HEAD,
		"<?xml version='1.0' encoding='UTF-8'?>" HEAD "<m/>" },
	{ "UTF-16 by declaration", "unsupported-encoding",
		"<?xml version='1.0' encoding='UTF-16'?>" HEAD,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>" HEAD "<m/>" },
	{ "US-ASCII by declaration", "unsupported-encoding",
		"<?xml version='1.0' encoding='US-ASCII'?>" HEAD,
		"<?xml version='1.0' standalone='yes'?>" HEAD "<m/>" },
	{ "UTF-16 with a byte order mark", "unsupported-encoding", "\xff\xfe<",
		HEAD "<m/>" },
	{ "UTF-16 of the other order", "unsupported-encoding", "\xfe\xff",
		HEAD "<m/>" },

	{ "byte order mark of UTF-8", "not-well-formed", "\xef\xbb\xbf" HEAD,
		HEAD "<m>\xef\xbb\xbf</m>" },
	{ "text before the header", "not-well-formed", "GET / HTTP/1.1\r\n",
		"\r\n" HEAD "<m/>" },
	{ "declaration without version", "not-well-formed",
		"<?xml encoding='UTF-8'?>" HEAD,
		"<?xml version='1.0' encoding='UTF-8' ?>" HEAD "<m/>" },
	{ "declaration without quotes", "not-well-formed",
		"<?xml version=1.0?>" HEAD,
		"<?xml version='1.0'?>" HEAD "<m/>" },
	{ "declaration without value", "not-well-formed",
		"<?xml version?>" HEAD, "<?xml version=\"1.0\"?>" HEAD "<m/>" },
	{ "declaration with half a value", "not-well-formed",
		"<?xml version='1.0?>" HEAD,
		"<?xml version='1.0'?>" HEAD "<m/>" },
	{ "declaration with more", "not-well-formed",
		"<?xml version='1.0' mode='x'?>" HEAD,
		"<?xml\tversion = '1.0'\n?>" HEAD "<m/>" },
	{ "declaration that is neither standalone nor not", "not-well-formed",
		"<?xml version='1.0' standalone='maybe'?>" HEAD,
		"<?xml version='1.0' standalone='no'?>" HEAD "<m/>" },
	{ "declaration in the wrong order", "not-well-formed",
		"<?xml encoding='UTF-8' version='1.0'?>" HEAD,
		"<?xml version='1.0' encoding='UTF-8'?>" HEAD "<m/>" },
	{ "declaration that never ends", "not-well-formed",
		"<?xml version='1.0' {300* }",
		"<?xml version='1.0'{200* }?>" HEAD "<m/>" },
	{ "end tag first", "not-well-formed", "</stream:stream>",
		HEAD "<m/></stream:stream>" },
	{ "unbound prefix of the header", "not-well-formed",
		"<stream:stream xmlns='jabber:client'>", HEAD "<m/>" },
	{ "CDATA before the header", "bad-format", "<![CDATA[x]]>" HEAD,
		HEAD "<m><![CDATA[x]]></m>" },

	{ "XML 1.1", "bad-format", "<?xml version='1.1'?>" HEAD,
		"<?xml version='1.0'?>" HEAD "<m/>" },
	{ "root of another name", "bad-format", "<stream:flow " NS_ATTRS ">",
		HEAD "<m/>" },
	{ "text between stanzas", "bad-format", HEAD "<m/>text<m/>",
		HEAD "<m/>\n\n<m/>" },
	{ "reference between stanzas", "bad-format", HEAD "&#32;<m/>",
		HEAD " <m/>" },
	{ "CDATA between stanzas", "bad-format", HEAD "<![CDATA[ ]]><m/>",
		HEAD "<m/>" },
	{ "root of another namespace", "invalid-namespace",
		"<stream:stream xmlns:stream='http://wrong.example/'>",
		HEAD "<m/>" },
	{ "root of no namespace", "invalid-namespace", "<stream><m/>",
		HEAD "<m/>" },
	{ "root of another namespace that ends at once", "invalid-namespace",
		"<stream:stream xmlns:stream='http://wrong.example/'/>",
		HEAD "<m/></stream:stream>" },
	{ "a page", "invalid-namespace", "<html><body/></html>",
		HEAD "<html><body/></html>" },

	{ "header of 65 attributes", "policy-violation",
		"<stream:stream " NS_ATTRS "{63* a='1'}>", HEAD "<m/>" },
	{ "header over 16 KiB", "policy-violation",
		"<stream:stream " NS_ATTRS " a='{16384*x}'>",
		"<stream:stream " NS_ATTRS " a='{16000*x}'><m/>" },
	{ "space in the header without end", "policy-violation",
		"<stream:stream {300000* }",
		"<stream:stream {3000* }" NS_ATTRS "><m/>" },
};

/* ---- feeding them ---- */

static void expand(struct buf *out, const char *text)
{
	while (*text) {
		if (*text != '{') {
			buf_char(out, *text++);
			continue;
		}
		char *at;
		unsigned long times = strtoul(text + 1, &at, 10);
		const char *end = strchr(at, '}');
		while (times--)
			buf_add(out, at + 1, (size_t)(end - at - 1));
		text = end + 1;
	}
}

struct outcome {
	bool refused;
	struct err e;
	unsigned stanzas;
};

static void on_open(
	void *arg, const struct xmpp_stanza *header, const char *content_ns)
{
	(void)arg;
	(void)header;
	(void)content_ns;
}

static void on_stanza(void *arg, struct xmpp_stanza *stanza)
{
	struct outcome *outcome = arg;
	outcome->stanzas++;
	xmpp_stanza_free(stanza);
}

static void on_close(void *arg)
{
	(void)arg;
}

static const struct xmpp_parser_handler handler = { on_open, on_stanza,
	on_close };

static struct outcome feed(struct span bytes, size_t size)
{
	struct outcome outcome = { .e = ERR_NONE };
	struct xmpp_parser *p =
		xmpp_parser_new(XMPP_PARSER_STREAM, &handler, &outcome);
	for (; bytes.n && !outcome.refused; bytes = span_skip(bytes, size))
		outcome.refused = !xmpp_parser_feed(
			p, span_first(bytes, size), &outcome.e);
	xmpp_parser_free(p);
	return outcome;
}

static void check(
	const struct hostile *h, const char *head, bool bad, size_t size)
{
	struct buf text = BUF_INIT(1 << 20);
	buf_str(&text, head);
	expand(&text, bad ? h->bad : h->good);
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
		for (size_t i = 0; i < COUNT(within); i++)
			check(&within[i], HEAD, bad, sizes[s]);
		for (size_t i = 0; i < COUNT(from_the_start); i++)
			check(&from_the_start[i], "", bad, sizes[s]);
	}
}

static void each_hostile_stream_is_refused_with_its_condition(void **state)
{
	(void)state;
	assert_true(COUNT(within) + COUNT(from_the_start) >= 60);
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
	o = feed(SPAN(HEAD "<m>\0</m>"), SIZE_MAX);
	assert_string_equal(o.e.condition, "not-well-formed");
	o = feed(SPAN(HEAD "<\0m/>"), SIZE_MAX);
	assert_string_equal(o.e.condition, "not-well-formed");
	o = feed(SPAN(HEAD "<m>0</m>"), SIZE_MAX);
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
			buf_str(&text, HEAD "<m");
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
	struct xmpp_parser *p =
		xmpp_parser_new(XMPP_PARSER_STREAM, &handler, &o);
	struct buf piece = BUF_INIT(16384);
	while (buf_str(&piece, unit))
		;
	assert_true(xmpp_parser_feed(p, SPAN(HEAD), &o.e));
	assert_true(xmpp_parser_feed(p, span_of(start), &o.e));
	for (size_t sent = 0; sent < total; sent += piece.len)
		if (!xmpp_parser_feed(p, buf_view(&piece), &o.e))
			o.refused = true;
	assert_true(o.refused);
	assert_string_equal(o.e.condition, condition);
	assert_int_equal(o.stanzas, 0);
	assert_small(what);
	xmpp_parser_free(p);
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
	struct xmpp_parser *p =
		xmpp_parser_new(XMPP_PARSER_STREAM, &handler, &o);
	struct buf stanza = BUF_INIT(XMPP_STANZA_MAX);
	unsigned name = 0;
	assert_true(xmpp_parser_feed(p, SPAN(HEAD), &o.e));
	for (unsigned i = 0; i < 100; i++) {
		buf_reset(&stanza);
		buf_str(&stanza, "<m>");
		while (stanza.len < XMPP_STANZA_MAX - 100)
			buf_printf(&stanza, "<n%u/>", name++);
		buf_str(&stanza, "</m>");
		assert_ok(xmpp_parser_feed(p, buf_view(&stanza), &o.e), &o.e);
	}
	assert_int_equal(o.stanzas, 100);
	assert_small("unique names");
	xmpp_parser_free(p);
	buf_clear(&stanza);
}

static void white_space_between_stanzas_has_no_end(void **state)
{
	(void)state;
	struct outcome o = { .e = ERR_NONE };
	struct xmpp_parser *p =
		xmpp_parser_new(XMPP_PARSER_STREAM, &handler, &o);
	struct buf space = BUF_INIT(16384);
	while (buf_str(&space, " \r\n\t"))
		;
	assert_true(xmpp_parser_feed(p, SPAN(HEAD), &o.e));
	for (int i = 0; i < 1000; i++)
		assert_ok(xmpp_parser_feed(p, buf_view(&space), &o.e), &o.e);
	assert_true(xmpp_parser_feed(p, SPAN("<m/>"), &o.e));
	assert_int_equal(o.stanzas, 1);
	assert_small("white space");
	xmpp_parser_free(p);
	buf_clear(&space);
}

TEST_MAIN(cmocka_unit_test(a_gigabyte_costs_no_memory),
	cmocka_unit_test(unique_names_cost_no_memory),
	cmocka_unit_test(white_space_between_stanzas_has_no_end),
	cmocka_unit_test(each_hostile_stream_is_refused_with_its_condition),
	cmocka_unit_test(each_legitimate_twin_is_taken),
	cmocka_unit_test(utf16_without_a_mark_is_refused),
	cmocka_unit_test(sixty_five_attributes_are_refused))
