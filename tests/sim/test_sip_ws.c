/* SIP over WebSocket (RFC 7118), our two ends with each other and each with a
 * far side that is only a WebSocket. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "net/ws.h"
#include "sip/request.h"
#include "tests/common/certs.h"
#include "tests/common/sip_party.h"
#include "tests/common/sip_raw.h"

#define SERVER "192.0.2.7:80"
#define SECURE "192.0.2.7:443"
#define CLIENT "192.0.2.9:5060"

static struct sim *sim;
static struct sip_party near, far;
static struct buf wire; /* what the near end sent and got */

static void on_wire(void *arg, const struct sip_wire *w)
{
	(void)arg;
	buf_str(&wire, w->outgoing ? "> " : "< ");
	buf_span(&wire, w->bytes);
}

static void listen_by(
	struct sip_party *p, enum sip_transport_kind kind, const char *address)
{
	struct endpoint at = sip_raw_at(address);
	struct err e = ERR_NONE;

	assert_ok(sip_transport_listen(
			  sip_ua_transport(p->ua), kind, &at, NULL, &e),
		&e);
}

static void begin(void)
{
	sim = sim_new(7);
	buf_init(&wire, 1 << 20);
	sip_party_open(&far, sim, "192.0.2.7:5060");
	far.ring = 180;
	far.answer = 200;
	listen_by(&far, SIP_TRANSPORT_WS, SERVER);
	sip_party_open(&near, sim, CLIENT);
	sip_transport_set_trace(sip_ua_transport(near.ua), on_wire, NULL);
}

static void end(void)
{
	sip_raw_run(sim, 40000); /* for the transactions */
	sip_party_close(&near);
	sip_party_close(&far);
	buf_clear(&wire);
	sim_run(sim, NULL, NULL, 5 * USEC_SEC);
	assert_int_equal(sim_open_sockets(sim), 0);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
}

static size_t connections(const struct sip_party *p)
{
	return sip_transport_connections(sip_ua_transport(p->ua));
}

static bool wire_has(const char *text)
{
	return strstr(buf_text(&wire), text) != NULL;
}

/* What stands in the first line that begins so. */
static struct span after(const char *start)
{
	const char *at = strstr(buf_text(&wire), start);
	struct span line = span_of(at ? at + strlen(start) : NULL);

	span_cut(&line, '\r', &line);
	return line;
}

static void a_call_goes_both_ways_over_one_connection(void **state)
{
	(void)state;
	begin();
	sip_party_call(&near, "sip:bob@192.0.2.7;transport=ws");
	sip_raw_run(sim, 1000);
	assert_int_equal(near.confirmed, 1);
	assert_int_equal(far.confirmed, 1);
	assert_int_equal(connections(&near), 1);
	assert_int_equal(connections(&far), 1);
	/* The callee ends it: its BYE finds the caller, who has no address. */
	sip_invite_end(far.invite, 0, SPAN_EMPTY);
	sip_raw_run(sim, 1000);
	assert_int_equal(near.ended, 1);
	assert_int_equal(near.end.how, SIP_INVITE_THEY_LEFT);
	assert_int_equal(far.ended, 1);
	assert_int_equal(connections(&near), 1);
	assert_int_equal(connections(&far), 1);
	end();
}

static void a_client_calls_itself_by_a_name_that_is_none(void **state)
{
	(void)state;
	begin();
	sip_party_call(&near, "sip:bob@192.0.2.7;transport=ws");
	sip_raw_run(sim, 1000);
	struct span via = after("Via: SIP/2.0/WS "), name = via;
	span_cut(&name, ';', &name);
	assert_true(sip_is_invalid_name(name));
	char *contact = mem_format(
		"Contact: <sip:caller@%.*s;transport=ws>\r\n", SPAN_ARGS(name));
	assert_true(wire_has(contact));
	mem_free(contact);
	/* The server has an address. */
	assert_true(
		wire_has("Contact: <sip:callee@192.0.2.7:80;transport=ws>"));
	sip_invite_end(near.invite, 0, SPAN_EMPTY);
	sip_raw_run(sim, 1000);
	assert_int_equal(far.end.how, SIP_INVITE_THEY_LEFT);
	end();
}

static void nobody_guesses_where_a_client_is(void **state)
{
	(void)state;
	begin();
	sip_party_call(&far, "sip:alice@df7jal23ls0d.invalid;transport=ws");
	sip_raw_run(sim, 1000);
	assert_int_equal(far.status, STATUS_UNREACHABLE);
	end();
}

/* ---- TLS ---------------------------------------------------------------------- */

static struct tls_config *make_tls(bool server)
{
	static const char *const names[] = { "*.example.org" };
	struct err e = ERR_NONE;
	char *ca = mem_str(certs_path("ca.pem"));
	char *cert = mem_str(certs_path("cert.pem"));
	char *key = mem_str(certs_path("key.pem"));
	struct tls_settings s = { .ca_file = server ? NULL : ca,
		.server = server,
		.cert_file = server ? cert : NULL,
		.key_file = server ? key : NULL };

	if (server)
		assert_ok(tls_make_certificate(names, 1, ca, cert, key,
				  loop_wall(sim_loop(sim)), 30, &e),
			&e);
	struct tls_config *c = tls_config_new(&s, &e);
	assert_ok(c != NULL, &e);
	mem_free(ca);
	mem_free(cert);
	mem_free(key);
	return c;
}

static struct tls_config *give(void *arg, struct err *e)
{
	(void)e;
	return arg;
}

/* RFC 7118 section 7: the names are those of HTTP, with wildcards, which RFC
 * 5922 would not have. */
static void over_tls_the_url_names_the_server(void **state)
{
	struct err e = ERR_NONE;

	(void)state;
	sim = sim_new(7);
	buf_init(&wire, 1 << 20);
	struct tls_config *server = make_tls(true), *client = make_tls(false);
	struct resolver *names = resolver_new(sim_loop(sim), NULL, &e);
	struct sip_ua_settings fs = { .tls = { .server = server } };
	struct sip_ua_settings ns = { .tls = { .client = give, .arg = client },
		.resolver = names,
		.ws_path = "/sip?a=b" };
	sim_add_address(sim, "ws.example.org", "192.0.2.7");
	sim_add_address(sim, "ws.example.net", "192.0.2.7");
	sip_party_open_with(&far, sim, "192.0.2.7:5060", &fs);
	far.answer = 200;
	listen_by(&far, SIP_TRANSPORT_WSS, SECURE);
	sip_party_open_with(&near, sim, CLIENT, &ns);
	sip_transport_set_trace(sip_ua_transport(near.ua), on_wire, NULL);

	sip_party_call(&near, "sips:bob@ws.example.org;transport=ws");
	sip_raw_run(sim, 1000);
	assert_int_equal(near.confirmed, 1);
	assert_true(wire_has("Via: SIP/2.0/WSS "));
	sip_invite_end(far.invite, 0, SPAN_EMPTY);
	sip_raw_run(sim, 1000);
	assert_int_equal(near.end.how, SIP_INVITE_THEY_LEFT);
	/* As some proxies write it into a Record-Route. */
	sip_party_call(&near, "sip:bob@192.0.2.7:443;transport=ws");
	sip_raw_run(sim, 1000);
	assert_int_equal(near.confirmed, 2);
	assert_int_equal(connections(&near), 1);
	sip_invite_end(far.invite, 0, SPAN_EMPTY);
	sip_raw_run(sim, 1000);
	sip_party_call(&near, "sips:bob@ws.example.net;transport=ws");
	sip_raw_run(sim, 1000);
	assert_int_equal(near.end.how, SIP_INVITE_FAILED);
	assert_int_equal(near.status, STATUS_TLS);

	resolver_free(names);
	tls_config_free(server);
	tls_config_free(client);
	end();
	certs_clear();
}

/* ---- a far side that is only a WebSocket ------------------------------------------ */

struct browser {
	struct ws *ws;
	struct buf got;
	int opens, closes;
	bool binary;
};

static void browser_open(void *arg)
{
	struct browser *b = arg;
	b->opens++;
}

static void browser_message(void *arg, bool is_text, struct span bytes)
{
	struct browser *b = arg;
	b->binary = !is_text;
	buf_span(&b->got, bytes);
}

static void browser_closed(void *arg, const struct err *e)
{
	struct browser *b = arg;
	(void)e;
	b->closes++;
}

static const struct ws_handlers browser_handlers = { .open = browser_open,
	.message = browser_message,
	.closed = browser_closed };

static void browser_connect(struct browser *b, const char *protocol)
{
	struct endpoint at = sip_raw_at(SERVER);
	struct ws_settings s = { .conn = { .addresses = &at, .count = 1 },
		.terms = { .host = "192.0.2.7",
			.path = "/any",
			.protocol = protocol },
		.max_message = SIP_MSG_MAX };

	*b = (struct browser){ .got = BUF_INIT(1 << 20) };
	b->ws = ws_connect(sim_loop(sim), &s, &browser_handlers, b);
	sip_raw_run(sim, 100);
}

static void browser_leave(struct browser *b)
{
	ws_free(b->ws);
	buf_clear(&b->got);
}

/* As of a browser: no Content-Length, which section 5 does not want. */
#define OPTIONS                                                                \
	"OPTIONS sip:192.0.2.7 SIP/2.0\r\n"                                    \
	"Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKasudf\r\n"         \
	"From: <sip:alice@example.com>;tag=65bnmj\r\n"                         \
	"To: <sip:192.0.2.7>\r\nCall-ID: aiuy7k9njasd\r\n"                     \
	"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"

static void browsers_are_answered_on_their_connection(void **state)
{
	(void)state;
	begin();
	struct browser b;
	browser_connect(&b, "sip");
	assert_int_equal(b.opens, 1);
	assert_true(ws_send(b.ws, true, SPAN(OPTIONS "\r\n")));
	sip_raw_run(sim, 100);
	assert_true(span_starts(buf_view(&b.got), "SIP/2.0 200 OK\r\n"));
	assert_false(b.binary);
	assert_non_null(strstr(buf_text(&b.got),
		"Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKasudf"));
	/* And can be called by that name. */
	buf_reset(&b.got);
	sip_party_call(&far, "sip:alice@DF7jal23ls0d.invalid;transport=ws");
	sip_raw_run(sim, 100);
	assert_true(span_starts(buf_view(&b.got),
		"INVITE sip:alice@DF7jal23ls0d.invalid;transport=ws SIP/2.0"));
	sip_invite_end(far.invite, 0, SPAN_EMPTY);
	browser_leave(&b);
	end();
}

static void what_is_not_utf_8_goes_as_binary(void **state)
{
	(void)state;
	begin();
	struct browser b;
	browser_connect(&b, "sip");
	assert_true(ws_send(b.ws, false,
		SPAN(OPTIONS "Subject: \xff\r\nContent-Length: 0\r\n\r\n")));
	sip_raw_run(sim, 100);
	assert_true(span_starts(buf_view(&b.got), "SIP/2.0 200"));
	buf_reset(&b.got);
	assert_true(ws_send(b.ws, false,
		SPAN("OPTIONS sip:192.0.2.7 SIP/2.0\r\n"
		     "Via: SIP/2.0/WS a.invalid;branch=z9hG4bKb\r\n"
		     "From: \"\xff\" <sip:a@example.com>;tag=1\r\n"
		     "To: <sip:192.0.2.7>\r\nCall-ID: b\r\nCSeq: 1 OPTIONS\r\n"
		     "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n")));
	sip_raw_run(sim, 100);
	assert_true(span_starts(buf_view(&b.got), "SIP/2.0 200"));
	assert_true(b.binary);
	browser_leave(&b);
	end();
}

static void keep_alives_are_answered_and_no_sip_is_the_end(void **state)
{
	(void)state;
	begin();
	struct browser b;
	browser_connect(&b, "sip");
	ws_send(b.ws, true, SPAN("\r\n\r\n"));
	ws_send(b.ws, true, SPAN("\r\n"));
	sip_raw_run(sim, 100);
	assert_string_equal(buf_text(&b.got), "\r\n");
	assert_int_equal(b.closes, 0);
	ws_send(b.ws, true, SPAN("hello"));
	sip_raw_run(sim, 2000);
	assert_int_equal(b.closes, 1);
	assert_int_equal(connections(&far), 0);
	browser_leave(&b);
	end();
}

static void another_subprotocol_is_refused(void **state)
{
	(void)state;
	begin();
	struct browser b;
	browser_connect(&b, "xmpp");
	sip_raw_run(sim, 2000);
	assert_int_equal(b.opens, 0);
	assert_int_equal(b.closes, 1);
	browser_leave(&b);
	end();
}

static void a_lost_server_fails_what_is_under_way(void **state)
{
	(void)state;
	begin();
	struct endpoint at = sip_raw_at("192.0.2.7:0");
	far.answer = 0;
	sip_party_call(&near, "sip:bob@192.0.2.7;transport=ws");
	sip_raw_run(sim, 1000);
	sim_reset_streams(sim, &at);
	sip_raw_run(sim, 1000);
	assert_int_equal(near.ended, 1);
	assert_int_equal(near.status, STATUS_UNREACHABLE);
	sip_invite_refuse(far.invite, 480, SPAN_EMPTY, SPAN_EMPTY, NULL);
	end();
}

TEST_MAIN(cmocka_unit_test(a_call_goes_both_ways_over_one_connection),
	cmocka_unit_test(a_client_calls_itself_by_a_name_that_is_none),
	cmocka_unit_test(nobody_guesses_where_a_client_is),
	cmocka_unit_test(over_tls_the_url_names_the_server),
	cmocka_unit_test(browsers_are_answered_on_their_connection),
	cmocka_unit_test(what_is_not_utf_8_goes_as_binary),
	cmocka_unit_test(keep_alives_are_answered_and_no_sip_is_the_end),
	cmocka_unit_test(another_subprotocol_is_refused),
	cmocka_unit_test(a_lost_server_fails_what_is_under_way))
