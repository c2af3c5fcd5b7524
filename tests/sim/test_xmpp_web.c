/* By the Web, where the ports of XMPP are silent: when host-meta is asked for,
 * which way is taken, and what is bound to which channel there (XEP-0156, RFC
 * 7395, XEP-0206, RFC 5802 section 6). */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/common/ends.h"
#include "tests/common/xmpp_near.h"
#include "xml/document.h"
#include "xmpp/ns.h"
#include "xmpp/wire.h"

#define ROOM 4 /* connections of BOSH */
#define WEB_AT "192.0.2.8:443"
#define PORTS_AT "192.0.2.7"
#define DOCUMENT "https://our.example/.well-known/host-meta"
#define LINK(kind, url)                                                        \
	"<Link rel='urn:xmpp:alt-connections:" kind "' href='" url "'/>"
#define HOST_META(links)                                                       \
	"<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>" links "</"   \
	"XRD>"
#define WEBSOCKET LINK("websocket", "wss://our.example/ws")
#define BOSH LINK("xbosh", "https://our.example/bind")

/* ---- a WebSocket that lets in whoever comes, or a BOSH that hears the first
 * word of SASL ---- */

static struct {
	struct listener *listener;
	bool is_bosh;
	const char *mechanisms, *bindings; /* as elements */
	struct xmpp_wire *wire;
	struct conn *conns[ROOM];
	struct buf in;
	bool authenticated;
	int connections, requests;
	char word[200]; /* of the last <auth/> */
} web;

static const struct ws_terms terms = { .host = "our.example", .path = "/ws" };

static void say(const char *text)
{
	struct xml_element *s = xml_document_read(span_of(text), NULL);
	assert_non_null(s);
	assert_true(xmpp_wire_send(web.wire, s, NULL));
	xml_element_free(s);
}

static void on_header(void *arg, const struct xmpp_header *h)
{
	char *features = mem_format(
		"<stream:features xmlns:stream='" XMPP_NS_STREAM "'>%s%s%s%s"
		"</stream:features>",
		web.authenticated ? "<bind xmlns='" XMPP_NS_BIND "'/>"
				  : "<mechanisms xmlns='" XMPP_NS_SASL "'>",
		web.authenticated ? "" : web.mechanisms,
		web.authenticated ? "" : "</mechanisms>",
		web.authenticated ? "" : web.bindings);
	(void)arg;
	(void)h;
	xmpp_wire_open(
		web.wire, &(struct xmpp_header){ .from = SPAN(PEER_DOMAIN) });
	say(features);
	mem_free(features);
}

static void take_auth(const struct xml_element *s)
{
	span_copy(web.word, sizeof(web.word), xml_element_text_get(s));
	if (strcmp(xml_element_attr_find(s, "mechanism"), "PLAIN") != 0)
		return;
	web.authenticated = true;
	say("<success xmlns='" XMPP_NS_SASL "'/>");
	xmpp_wire_restart(web.wire);
}

static void on_element(void *arg, struct xml_element *s)
{
	(void)arg;
	if (xml_element_is(s, "auth", XMPP_NS_SASL)) {
		take_auth(s);
	} else if (xml_element_find(s, "bind", XMPP_NS_BIND)) {
		char *bound = mem_format(
			"<iq xmlns='" XMPP_NS_CLIENT
			"' type='result' id='%s'><bind xmlns='" XMPP_NS_BIND
			"'><jid>me@our.example/here</jid>"
			"</bind></iq>",
			xml_element_attr_find(s, "id"));
		say(bound);
		mem_free(bound);
	}
	xml_element_free(s);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void on_wire_closed(void *arg, const struct err *e)
{
	(void)arg;
	(void)e;
	xmpp_wire_free(web.wire);
	web.wire = NULL;
}

static const struct xmpp_wire_handlers wire_handlers = { .open = nothing,
	.header = on_header,
	.element = on_element,
	.closed = on_wire_closed };

/* To the first request, the session's; silence then. */
static void answer_bosh(struct conn *c)
{
	struct span all = buf_view(&web.in);
	char *body = mem_format(
		"<body xmlns='http://jabber.org/protocol/httpbind' sid='s' "
		"wait='45' requests='2' hold='1' from='our.example' ver='1.6' "
		"xmlns:xmpp='urn:xmpp:xbosh' xmpp:version='1.0' "
		"xmlns:stream='" XMPP_NS_STREAM "'><stream:features>"
		"<mechanisms xmlns='" XMPP_NS_SASL "'>%s</mechanisms>%s"
		"</stream:features></body>",
		web.mechanisms, web.bindings);
	char *text = mem_format("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
				"Content-Type: text/xml\r\n\r\n%s",
		strlen(body), body);
	if (web.requests++ == 0)
		conn_write(c, span_of(text));
	size_t auth = span_find_span(all, SPAN("<auth "), 0);
	if (auth < all.n) {
		all = span_skip(all, span_find(all, '>', auth) + 1);
		span_copy(web.word, sizeof(web.word),
			span_first(all, span_find(all, '<', 0)));
	}
	mem_free(text);
	mem_free(body);
	buf_reset(&web.in);
}

static size_t on_data(void *arg, struct span bytes)
{
	struct conn **c = arg;
	buf_span(&web.in, bytes);
	if (span_ends(buf_view(&web.in), "</body>") ||
		span_ends(buf_view(&web.in), "/>"))
		answer_bosh(*c);
	return bytes.n;
}

static void on_conn_closed(void *arg, const struct err *e)
{
	struct conn **c = arg;
	(void)e;
	conn_free(*c);
	*c = NULL;
}

static const struct conn_handlers conn_handlers = {
	.open = nothing, .data = on_data, .closed = on_conn_closed
};

static void on_offer(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	struct xmpp_wire_settings s = { .content_ns = XMPP_NS_CLIENT,
		.conn = { .tls = near.peer.tls },
		.ws = &terms };
	(void)arg;
	(void)from;
	struct conn **c = &web.conns[web.connections++];
	assert_in_range(web.connections, 1, ROOM);
	if (web.is_bosh)
		*c = conn_accept(offer, &s.conn, &conn_handlers, c);
	else
		web.wire = xmpp_wire_accept(
			near.loop, offer, &s, &wire_handlers, NULL);
}

/* ---- the world ---- */

static int setup(void **state)
{
	struct endpoint at = endpoint_at(WEB_AT);
	struct err e = ERR_NONE;
	near_setup(state);
	memset(&web, 0, sizeof(web));
	buf_init(&web.in, 1 << 16);
	web.mechanisms = "<mechanism>PLAIN</mechanism>";
	web.bindings = "";
	web.listener = listener_new(near.loop, &at, on_offer, NULL, &e);
	assert_ok(web.listener != NULL, &e);
	sim_add_srv(near.sim, "_xmpp-client._tcp.our.example", 1, 1, 5222,
		"xmpp.our.example");
	sim_add_address(near.sim, "xmpp.our.example", PORTS_AT);
	sim_add_address(near.sim, "our.example", "192.0.2.8");
	near.settings.server = NULL;
	near.settings.fall_back = true;
	near.settings.allow_plain = true;
	near.settings.deadline = loop_now(near.loop) + 30 * USEC_SEC;
	return 0;
}

static int teardown(void **state)
{
	xmpp_client_free(near.client);
	near.client = NULL;
	xmpp_wire_free(web.wire);
	for (int i = 0; i < ROOM; i++)
		conn_free(web.conns[i]);
	listener_free(web.listener);
	buf_clear(&web.in);
	return near_teardown(state);
}

static void silence_ports(bool silent)
{
	struct endpoint ports = endpoint_at(PORTS_AT ":0");
	sim_cut(near.sim, &ports, silent);
}

static void delay_packets(usec_t delay)
{
	sim_set_faults(near.sim,
		&(struct sim_faults){ .delay_min = delay, .delay_max = delay });
}

static bool is_settled(void *arg)
{
	return near.online || near_has_ended(arg);
}

/* How long it takes to be online. */
static usec_t come_online(usec_t limit)
{
	sim_run(near.sim, is_settled, NULL, limit);
	if (!near.online)
		fail_msg("not online: %d \"%s\"", near.end.status,
			near.end.text);
	return loop_now(near.loop) - near.started;
}

/* ---- which way, and when ---- */

static void silent_ports_cost_less_than_four_seconds(void **state)
{
	(void)state;
	silence_ports(true);
	sim_add_document(near.sim, DOCUMENT, HOST_META(BOSH WEBSOCKET));
	near_start();
	usec_t took = come_online(20 * USEC_SEC);
	assert_in_range(took, XMPP_STREAM_WEB_SILENCE, 4 * USEC_SEC);
	assert_int_equal(web.connections, 1);
	assert_int_equal(near.peer.connections, 0);
	assert_int_equal(sim_documents_asked(near.sim), 1);
}

/* A SYN that is lost goes out again after a second. */
static void a_slow_port_is_waited_for_without_a_word_to_the_web(void **state)
{
	(void)state;
	silence_ports(true);
	sim_add_document(near.sim, DOCUMENT, HOST_META(WEBSOCKET));
	near_start();
	near_go(900 * USEC_MS);
	silence_ports(false);
	delay_packets(250 * USEC_MS);
	near_go(700 * USEC_MS);
	delay_packets(SIM_DELAY);
	assert_int_equal(near.peer.connections, 1);
	come_online(20 * USEC_SEC);
	near_go(5 * USEC_SEC);
	assert_int_equal(near.peer.connections, 1);
	assert_int_equal(web.connections, 0);
	assert_int_equal(sim_documents_asked(near.sim), 0);
}

static void a_port_that_answers_late_still_wins(void **state)
{
	(void)state;
	silence_ports(true);
	sim_add_document(near.sim, DOCUMENT, HOST_META(WEBSOCKET));
	near_start();
	near_go(900 * USEC_MS);
	silence_ports(false);
	delay_packets(600 * USEC_MS);
	near_go(800 * USEC_MS);
	delay_packets(SIM_DELAY);
	usec_t took = come_online(20 * USEC_SEC);
	assert_in_range(took, XMPP_STREAM_WEB_SILENCE,
		XMPP_STREAM_WEB_SILENCE + XMPP_STREAM_WEB_PATIENCE);
	near_go(5 * USEC_SEC);
	assert_int_equal(sim_documents_asked(near.sim), 1);
	assert_int_equal(web.connections, 0);
	assert_int_equal(near.online, 1);
}

static void who_is_not_to_fall_back_does_not_ask(void **state)
{
	(void)state;
	near.settings.fall_back = false;
	silence_ports(true);
	sim_add_document(near.sim, DOCUMENT, HOST_META(WEBSOCKET));
	near_start();
	near_assert_end(STATUS_TIMEOUT, "xmpp.our.example:5222");
	assert_int_equal(sim_documents_asked(near.sim), 0);
	assert_int_equal(web.connections, 0);
}

static void a_server_that_is_told_is_no_reason_to_ask(void **state)
{
	(void)state;
	near.settings.server = &near.target;
	silence_ports(true);
	sim_add_document(near.sim, DOCUMENT, HOST_META(WEBSOCKET));
	near_start();
	near_assert_end(STATUS_TIMEOUT, NEAR_AT);
	assert_int_equal(sim_documents_asked(near.sim), 0);
}

/* Asked for in both forms, once each, although the ports are silent longer. */
static void a_domain_without_host_meta_is_asked_once(void **state)
{
	(void)state;
	silence_ports(true);
	near_start();
	near_assert_end(STATUS_TIMEOUT, "xmpp.our.example:5222");
	assert_int_equal(sim_documents_asked(near.sim), 2);
	assert_in_range(
		near.ended_at - near.started, 9 * USEC_SEC, 11 * USEC_SEC);
}

static void a_silent_host_meta_is_given_up(void **state)
{
	(void)state;
	silence_ports(true);
	sim_add_document(near.sim, DOCUMENT, NULL);
	near_start();
	near_assert_end(STATUS_TIMEOUT, "");
	assert_int_equal(sim_documents_asked(near.sim), 1);
	assert_true(near.ended_at - near.started <= 16 * USEC_SEC);
}

static void closed_ports_are_left_at_once(void **state)
{
	(void)state;
	sim_add_document(near.sim, DOCUMENT, HOST_META(WEBSOCKET));
	sim_add_srv(near.sim, "_xmpps-client._tcp.our.example", 0, 1, 1,
		"xmpp.our.example");
	listener_free(near.peer.listener);
	near.peer.listener = NULL;
	near_start();
	assert_true(come_online(20 * USEC_SEC) < USEC_SEC);
	assert_int_equal(web.connections, 1);
}

/* The Web comes last (XEP-0156 section 2). */
static void a_port_that_was_not_tried_yet_comes_first(void **state)
{
	struct endpoint dead = endpoint_at("192.0.2.9:0");
	(void)state;
	sim_add_srv(near.sim, "_xmpps-client._tcp.our.example", 0, 1, 443,
		"dead.our.example");
	sim_add_address(near.sim, "dead.our.example", "192.0.2.9");
	sim_cut(near.sim, &dead, true);
	sim_add_document(near.sim, DOCUMENT, HOST_META(WEBSOCKET));
	near_start();
	assert_true(come_online(20 * USEC_SEC) < 3 * USEC_SEC);
	assert_int_equal(near.peer.connections, 1);
	assert_int_equal(web.connections, 0);
}

static void many_silent_ports_cost_a_moment_each(void **state)
{
	(void)state;
	silence_ports(true);
	sim_add_srv(near.sim, "_xmpps-client._tcp.our.example", 0, 1, 443,
		"xmpp.our.example");
	sim_add_srv(near.sim, "_xmpps-client._tcp.our.example", 0, 1, 5223,
		"xmpp.our.example");
	sim_add_document(near.sim, DOCUMENT, HOST_META(WEBSOCKET));
	near_start();
	usec_t took = come_online(20 * USEC_SEC);
	assert_in_range(took,
		XMPP_STREAM_WEB_SILENCE + 3 * XMPP_STREAM_WEB_PATIENCE,
		4 * USEC_SEC);
	assert_int_equal(web.connections, 1);
}

/* What is named is closed too: the ports get the time that was theirs. */
static void where_the_web_fails_the_ports_have_their_time(void **state)
{
	(void)state;
	silence_ports(true);
	sim_add_document(near.sim, DOCUMENT,
		HOST_META(LINK("websocket", "wss://our.example:444/ws")));
	near_start();
	near_go(5 * USEC_SEC);
	assert_int_equal(near.online, 0);
	silence_ports(false);
	come_online(20 * USEC_SEC);
	assert_int_equal(near.peer.connections, 1);
	assert_int_equal(sim_documents_asked(near.sim), 1);
}

static void where_nothing_answers_it_is_the_port_that_is_told_of(void **state)
{
	(void)state;
	silence_ports(true);
	sim_add_document(near.sim, DOCUMENT,
		HOST_META(LINK("websocket", "wss://our.example:444/ws")));
	near_start();
	near_assert_end(STATUS_TIMEOUT, "xmpp.our.example:5222");
	assert_true(near.ended_at <= near.settings.deadline);
}

/* ---- the channel (RFC 5802 section 6) ---- */

static void assert_flag(const char *word)
{
	near_start();
	for (int i = 0; i < 50 && !*web.word; i++)
		near_go(100 * USEC_MS);
	if (strncmp(web.word, word, strlen(word)) != 0)
		fail_msg("expected %s…, the first word was \"%s\"", word,
			web.word);
}

/* One connection, and a server without -PLUS: "y,,". */
static void a_websocket_could_be_bound(void **state)
{
	(void)state;
	web.mechanisms = "<mechanism>SCRAM-SHA-1</mechanism>";
	near.settings.web = XMPP_TARGET_WEB;
	sim_add_document(near.sim, DOCUMENT, HOST_META(WEBSOCKET));
	assert_flag("eSws");
}

/* Several, none of them the stream's: "n,,". */
static void a_session_of_bosh_is_bound_to_no_channel(void **state)
{
	(void)state;
	web.is_bosh = true;
	web.mechanisms = "<mechanism>SCRAM-SHA-1</mechanism>";
	near.settings.web = XMPP_TARGET_WEB;
	sim_add_document(near.sim, DOCUMENT, HOST_META(BOSH));
	assert_flag("biws");
}

static void offer_plus(void)
{
	web.mechanisms = "<mechanism>SCRAM-SHA-1-PLUS</mechanism>"
			 "<mechanism>SCRAM-SHA-1</mechanism>";
	web.bindings = "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"
		       "<channel-binding type='tls-exporter'/>"
		       "<channel-binding type='tls-server-end-point'/>"
		       "</sasl-channel-binding>";
	near.settings.web = XMPP_TARGET_WEB;
}

/* "p=tls-…" */
static void a_websocket_is_bound_where_a_server_has_plus(void **state)
{
	(void)state;
	offer_plus();
	sim_add_document(near.sim, DOCUMENT, HOST_META(WEBSOCKET));
	assert_flag("cD10bHMt");
}

static void bosh_is_not_bound_where_a_server_has_plus(void **state)
{
	(void)state;
	offer_plus();
	web.is_bosh = true;
	sim_add_document(near.sim, DOCUMENT, HOST_META(BOSH));
	assert_flag("biws");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

TEST_MAIN(T(silent_ports_cost_less_than_four_seconds),
	T(a_slow_port_is_waited_for_without_a_word_to_the_web),
	T(a_port_that_answers_late_still_wins),
	T(who_is_not_to_fall_back_does_not_ask),
	T(a_server_that_is_told_is_no_reason_to_ask),
	T(a_domain_without_host_meta_is_asked_once),
	T(a_silent_host_meta_is_given_up), T(closed_ports_are_left_at_once),
	T(a_port_that_was_not_tried_yet_comes_first),
	T(many_silent_ports_cost_a_moment_each),
	T(where_the_web_fails_the_ports_have_their_time),
	T(where_nothing_answers_it_is_the_port_that_is_told_of),
	T(a_websocket_could_be_bound),
	T(a_session_of_bosh_is_bound_to_no_channel),
	T(a_websocket_is_bound_where_a_server_has_plus),
	T(bosh_is_not_bound_where_a_server_has_plus))
