/* What host-meta says of WebSockets and BOSH, as XML and as JSON (XEP-0156). */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "xmpp/host_meta.h"

#define XRD(links)                                                             \
	"<?xml version='1.0'?>\n<XRD xmlns="                                   \
	"'http://docs.oasis-open.org/ns/xri/xrd-1.0'>" links "</XRD>\n"
#define LINK(rel, href) "<Link rel='" rel "' href='" href "'/>"
#define JRD(links) "{ \"subject\": \"x\", \"links\": [ " links " ] }\n"
#define MEMBER(rel, href) "{ \"rel\": \"" rel "\", \"href\": \"" href "\" }"
#define WS "urn:xmpp:alt-connections:websocket"
#define BOSH "urn:xmpp:alt-connections:xbosh"

typedef bool parse_fn(struct span document, unsigned kinds,
	struct xmpp_target *found, size_t room, size_t *count, struct err *e);

static char listed[8192];

/* "w:host:port/path" of each, with blanks between. */
static const char *list(
	parse_fn *parse, const char *text, unsigned kinds, size_t room)
{
	struct xmpp_target t[4];
	size_t count = 99;
	struct err e = ERR_NONE;
	assert_ok(parse(span_of(text), kinds, t, room, &count, &e), &e);
	assert_in_range(count, 0, room);
	listed[0] = '\0';
	for (size_t i = 0; i < count; i++)
		snprintf(listed + strlen(listed),
			sizeof(listed) - strlen(listed), "%s%c:%s:%u%s",
			i ? " " : "",
			t[i].security == XMPP_SECURITY_BOSH ? 'b' : 'w',
			t[i].host, t[i].port, t[i].path);
	return listed;
}

/* The example of the XEP, and what is to be passed over: no TLS, no URL, a
 * relation of the one with a URL of the other. */
/* clang-format off */
static const char xrd[] = XRD(
	LINK(BOSH, "https://web.example.com:5280/bosh")
	LINK(WS, "ws://plain.example.com/ws")
	LINK(WS, "wss://web.example.com:443/ws")
	LINK(WS, "nonsense")
	LINK(BOSH, "http://plain.example.com/")
	LINK(BOSH, "wss://wrong.example.com/")
	LINK(WS, "https://wrong.example.com/")
	LINK("other", "wss://other.example/")
	LINK(WS, "wss://two.example.com")
	"<Link rel='" WS "'/><Other/>");
static const char jrd[] = JRD(
	MEMBER(BOSH, "https://web.example.com:5280/bosh") ","
	MEMBER(WS, "ws://plain.example.com/ws") ","
	MEMBER(WS, "wss://web.example.com:443/ws") ","
	MEMBER(WS, "nonsense") ","
	MEMBER(BOSH, "http://plain.example.com/") ","
	MEMBER(BOSH, "wss://wrong.example.com/") ","
	MEMBER(WS, "https://wrong.example.com/") ","
	"{ \"rel\": \"" WS "\" }, 7, null, [], { \"rel\": 1, \"href\": {} },"
	MEMBER(WS, "wss://two.example.com"));
/* clang-format on */

#define WEBSOCKETS "w:web.example.com:443/ws w:two.example.com:443/"
#define MANAGERS "b:web.example.com:5280/bosh"

static void links_with_tls_of_the_kinds_wanted_are_taken(void **state)
{
	(void)state;
	static const struct {
		parse_fn *parse;
		const char *text;
	} forms[] = { { xmpp_host_meta_parse, xrd },
		{ xmpp_host_meta_parse_json, jrd } };
	for (size_t i = 0; i < 2; i++) {
		parse_fn *parse = forms[i].parse;
		const char *text = forms[i].text;
		assert_string_equal(
			list(parse, text, XMPP_TARGET_KIND(WEBSOCKET), 4),
			WEBSOCKETS);
		assert_string_equal(
			list(parse, text, XMPP_TARGET_KIND(BOSH), 4), MANAGERS);
		/* WebSockets first, whatever the order of the document. */
		assert_string_equal(list(parse, text, XMPP_TARGET_WEB, 4),
			WEBSOCKETS " " MANAGERS);
		/* Where room is short BOSH gives way. */
		assert_string_equal(
			list(parse, text, XMPP_TARGET_WEB, 2), WEBSOCKETS);
		assert_string_equal(list(parse, text, XMPP_TARGET_WEB, 1),
			"w:web.example.com:443/ws");
		assert_string_equal(list(parse, text, XMPP_TARGET_WEB, 0), "");
	}
}

static void a_document_without_links_is_a_good_one(void **state)
{
	(void)state;
	assert_string_equal(
		list(xmpp_host_meta_parse, XRD(""), XMPP_TARGET_WEB, 4), "");
	static const char *const rows[] = { "{}", "{\"links\":[]}",
		"{\"links\":{}}", "{\"links\":\"x\"}", " {\"links\":null} " };
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(list(xmpp_host_meta_parse_json, rows[i],
					    XMPP_TARGET_WEB, 4),
			"");
}

static void assert_refused(parse_fn *parse, struct span document)
{
	struct xmpp_target t[4];
	size_t count = 99;
	struct err e = ERR_NONE;
	if (parse(document, XMPP_TARGET_WEB, t, 4, &count, &e))
		fail_msg("%.*s is taken", SPAN_ARGS(span_first(document, 80)));
	assert_int_equal(e.status, STATUS_MALFORMED);
	assert_int_equal(count, 0);
}

static void what_is_no_host_meta_is_refused(void **state)
{
	(void)state;
	static const char *const rows[] = { "", "<html/>", "{}", "<XRD/>",
		"<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>",
		"<!DOCTYPE a [<!ENTITY b 'c'>]>" XRD(""), XRD("") XRD("") };
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_refused(xmpp_host_meta_parse, span_of(rows[i]));
	static const char *const json[] = { "", "<XRD/>", "[]", "7", "null",
		"\"links\"", "{\"links\":[}", "{} {}", "{\"links\":[],}",
		"{\"links\":[],\"links\":[]}", "{\"a\":\"\xff\"}",
		"{\"links\":[{\"rel\":\"\\u0000\"}]}" };
	for (size_t i = 0; i < sizeof(json) / sizeof(*json); i++)
		assert_refused(xmpp_host_meta_parse_json, span_of(json[i]));
}

/* Depth, and bytes. */
static void what_is_endless_is_refused(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(1 << 20);
	buf_str(&b, "{\"links\":");
	for (int i = 0; i < 20000; i++)
		buf_char(&b, '[');
	for (int i = 0; i < 20000; i++)
		buf_char(&b, ']');
	buf_char(&b, '}');
	assert_refused(xmpp_host_meta_parse_json, buf_view(&b));
	buf_reset(&b);
	buf_str(&b, "{\"a\":\"");
	while (b.len <= XMPP_HOST_META_MAX)
		buf_char(&b, 'x');
	buf_str(&b, "\"}");
	assert_refused(xmpp_host_meta_parse_json, buf_view(&b));
	buf_clear(&b);
}

TEST_MAIN(cmocka_unit_test(links_with_tls_of_the_kinds_wanted_are_taken),
	cmocka_unit_test(a_document_without_links_is_a_good_one),
	cmocka_unit_test(what_is_no_host_meta_is_refused),
	cmocka_unit_test(what_is_endless_is_refused))
