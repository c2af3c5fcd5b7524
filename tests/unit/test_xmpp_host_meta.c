/* What host-meta says of WebSockets (XEP-0156). */
#include "tests/common/test.h"

#include "xmpp/host_meta.h"

#define XRD(links)                                                             \
	"<?xml version='1.0'?>\n<XRD xmlns="                                   \
	"'http://docs.oasis-open.org/ns/xri/xrd-1.0'>" links "</XRD>\n"
#define LINK(rel, href) "<Link rel='" rel "' href='" href "'/>"
#define WS "urn:xmpp:alt-connections:websocket"

static size_t parse(const char *text, struct xmpp_target *found, size_t room)
{
	size_t count = 99;
	struct err e = ERR_NONE;
	assert_ok(xmpp_host_meta_parse(span_of(text), found, room, &count, &e),
		&e);
	return count;
}

static void websockets_with_tls_are_taken_in_their_order(void **state)
{
	(void)state;
	struct xmpp_target t[4];
	/* The example of the XEP, and what is to be passed over. */
	assert_int_equal(
		parse(XRD(LINK("urn:xmpp:alt-connections:xbosh",
			      "https://web.example.com:5280/bosh") LINK(WS,
			      "ws://plain.example.com/ws") LINK(WS,
			      "wss://web.example.com:443/ws") LINK(WS,
			      "nonsense") LINK(WS,
			      "wss://two.example.com") "<Link rel='" WS "'/>"
						       "<Other/>"),
			t, 4),
		2);
	assert_string_equal(t[0].host, "web.example.com");
	assert_int_equal(t[0].port, 443);
	assert_string_equal(t[0].path, "/ws");
	assert_string_equal(t[1].host, "two.example.com");
	assert_string_equal(t[1].path, "/");
	assert_int_equal(
		parse(XRD(LINK(WS, "wss://a/") LINK(WS, "wss://b/")), t, 1), 1);
	assert_int_equal(parse(XRD(""), t, 4), 0);
}

static void what_is_no_host_meta_is_refused(void **state)
{
	(void)state;
	static const char *const rows[] = { "", "<html/>", "{}", "<XRD/>",
		"<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>",
		"<!DOCTYPE a [<!ENTITY b 'c'>]>" XRD(""), XRD("") XRD("") };
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct xmpp_target t[4];
		size_t count = 99;
		struct err e = ERR_NONE;
		if (xmpp_host_meta_parse(span_of(rows[i]), t, 4, &count, &e))
			fail_msg("%s is taken", rows[i]);
		assert_int_equal(e.status, STATUS_MALFORMED);
		assert_int_equal(count, 0);
	}
}

TEST_MAIN(cmocka_unit_test(websockets_with_tls_are_taken_in_their_order),
	cmocka_unit_test(what_is_no_host_meta_is_refused))
