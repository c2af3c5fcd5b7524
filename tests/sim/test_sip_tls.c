/* SIP over TLS (RFC 3261 section 26, RFC 5922): whose certificate will do,
 * which connection is used again, and calls in both directions. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "sip/compose.h"
#include "sip/invite.h"
#include "tests/common/certs.h"
#include "tests/common/sip_raw.h"

#define SERVER "192.0.2.2:5061"
#define OTHER "192.0.2.3:5061"

struct world {
	struct sim *sim;
	struct resolver *resolver;
	struct cert root, leaf;
	struct tls_config *client, *server;
	struct sip_ua *near, *far;
	const char *uri;
	unsigned code, ended, connections;
	struct err e;
	struct sip_invite *called; /* at the far end */
	unsigned hung_up;
};

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct world *w = arg;
	struct sip_compose s = { .method = SPAN("OPTIONS"),
		.request_uri = span_of(w->uri),
		.tag = SPAN("1"),
		.call_id = SPAN("one"),
		.cseq = 1 };

	(void)e;
	sip_compose(out, w->near, &s, target, local);
	return sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
}

static void on_response(void *arg, struct sip_scan *m)
{
	struct world *w = arg;

	w->code = m->status_code;
}

static void on_ended(void *arg, const struct err *e)
{
	struct world *w = arg;

	w->ended++;
	w->e = e ? *e : ERR_NONE;
}

static struct tls_config *give_client(void *arg, struct err *e)
{
	struct world *w = arg;

	(void)e;
	return w->client;
}

static struct tls_config *config(const struct tls_settings *s)
{
	struct err e = ERR_NONE;
	struct tls_config *c = tls_config_new(s, &e);

	assert_ok(c, &e);
	return c;
}

/* The server shows a certificate like that; the client trusts the root, and
 * has `more` on top. */
static void begin(struct world *w, struct cert_spec leaf,
	const struct tls_settings *more, const char *tls_name)
{
	struct endpoint us = sip_raw_at("192.0.2.1:5060");
	struct endpoint them = sip_raw_at(SERVER), plain;
	struct cert_spec root = { .cn = "root", .ca = true, .purposes = "" };
	struct tls_settings cs = *more, ss = { .server = true };
	struct err e = ERR_NONE;

	memset(w, 0, sizeof(*w));
	w->sim = sim_new(51);
	sim_run(w->sim, NULL, NULL, CERTS_WALL - loop_wall(sim_loop(w->sim)));
	w->resolver = resolver_new(sim_loop(w->sim), NULL, &e);
	assert_ok(w->resolver, &e);
	w->root = cert_make(&root);
	if (!leaf.issuer)
		leaf.issuer = &w->root;
	w->leaf = cert_make(&leaf);
	cert_save(&w->root, "root.pem", false);
	cert_save(&w->leaf, "leaf.pem", true);
	char *ca = mem_str(certs_path("root.pem"));
	char *own = mem_str(certs_path("leaf.pem"));
	cs.ca_file = ca;
	ss.cert_file = own;
	w->client = config(&cs);
	w->server = config(&ss);
	mem_free(ca);
	mem_free(own);
	struct sip_ua_settings s = { .loop = sim_loop(w->sim),
		.resolver = w->resolver,
		.tls = { .client = give_client, .arg = w, .name = tls_name } };
	w->near = sip_ua_new(&s);
	assert_ok(sip_ua_listen(w->near, &us, NULL, &e), &e);
	s.tls = (struct sip_tls){
		.server = w->server, .client = give_client, .arg = w
	};
	w->far = sip_ua_new(&s);
	assert_ok(sip_transport_listen(sip_ua_transport(w->far),
			  SIP_TRANSPORT_TLS, &them, NULL, &e),
		&e);
	plain = them;
	endpoint_set_port(&plain, 5060);
	assert_ok(sip_ua_listen(w->far, &plain, NULL, &e), &e);
	sim_add_address(w->sim, "pbx.good.example", "192.0.2.2");
	sim_add_address(w->sim, "also.example", "192.0.2.2");
	w->uri = "sips:bob@pbx.good.example";
}

static void end(struct world *w)
{
	sip_raw_run(w->sim, 400000);
	sip_ua_free(w->near);
	sip_ua_free(w->far);
	resolver_free(w->resolver);
	tls_config_free(w->client);
	tls_config_free(w->server);
	cert_free(&w->root);
	cert_free(&w->leaf);
	assert_int_equal(sim_set_timers(w->sim), 0);
	sim_free(w->sim);
	certs_clear();
}

static void ask(struct world *w, const char *uri)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose, .response = on_response, .ended = on_ended
	};
	struct sip_request_settings s = { .next_hop = span_of(uri),
		.patience = 5 * USEC_SEC };

	w->uri = uri;
	w->code = w->ended = 0;
	sip_request_new(w->near, &s, &handlers, w);
	sip_raw_run(w->sim, 6000);
	assert_int_equal(w->ended, 1);
	w->connections =
		(unsigned)sip_transport_connections(sip_ua_transport(w->near));
}

static const struct tls_settings nothing_more = { .server = false };

static void each_certificate_is_taken_or_refused(void **state)
{
	static const struct {
		struct cert_spec leaf;
		const char *tls_name;
		bool insecure;
		const char *refused; /* in the sentence; NULL: it will do */
	} rows[] = {
		{ { .sans = "DNS:pbx.good.example" }, NULL, false, NULL },
		{ { .sans = "DNS:PBX.GOOD.example" }, NULL, false, NULL },
		{ { .sans = "URI:sip:pbx.good.example" }, NULL, false, NULL },
		/* section 7.1: where there is a URI-ID, no DNS-ID counts */
		{ { .sans = "URI:sip:other.example,DNS:pbx.good.example" },
			NULL, false, "pbx.good.example" },
		{ { .sans = "DNS:*.good.example" }, NULL, false, "wildcard" },
		{ { .sans = "DNS:other.example" }, NULL, false,
			"pbx.good.example" },
		{ { .cn = "pbx.good.example" }, NULL, false,
			"pbx.good.example" },
		{ { .sans = "DNS:pbx.good.example", .from = -9, .to = -2 },
			NULL, false, "expired" },
		{ { .sans = "DNS:pbx.good.example", .from = 2, .to = 9 }, NULL,
			false, "not valid before" },
		{ { .sans = "DNS:pbx.good.example", .spoiled = true }, NULL,
			false, "" },
		{ { .sans = "DNS:server.internal" }, "server.internal", false,
			NULL },
		{ { .sans = "DNS:pbx.good.example" }, "server.internal", false,
			"server.internal" },
		{ { .sans = "DNS:*.good.example" }, NULL, true, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct world w;
		struct tls_settings more = { .insecure = rows[i].insecure };
		begin(&w, rows[i].leaf, &more, rows[i].tls_name);
		ask(&w, "sips:bob@pbx.good.example");
		bool taken = w.code == 200;
		if (taken != !rows[i].refused ||
			(!taken && (w.e.status != STATUS_TLS ||
					   !strstr(w.e.text, rows[i].refused))))
			fail_msg("row %zu: %u, %d, %s", i, w.code, w.e.status,
				w.e.text);
		/* RFC 5922 knows none: people learn what there is to do */
		if (rows[i].refused && strstr(rows[i].refused, "wildcard"))
			assert_true(strstr(w.e.text, "--tls-name") &&
				    strstr(w.e.text, "--pin"));
		end(&w);
	}
}

static void a_connection_is_used_again_by_name(void **state)
{
	struct cert_spec both = {
		.sans = "DNS:pbx.good.example,DNS:also.example"
	};
	struct cert_spec one = { .sans = "DNS:pbx.good.example" };
	struct world w;

	(void)state;
	begin(&w, both, &nothing_more, NULL);
	ask(&w, "sips:bob@pbx.good.example");
	ask(&w, "sips:alice@Pbx.Good.Example");
	assert_int_equal(w.code, 200);
	assert_int_equal(w.connections, 1);
	ask(&w, "sips:bob@also.example"); /* same address, another name */
	assert_int_equal(w.code, 200);
	assert_int_equal(w.connections, 2);
	end(&w);
	/* CVE-2020-15260: the address alone says nothing of who is there */
	begin(&w, one, &nothing_more, NULL);
	ask(&w, "sips:bob@pbx.good.example");
	assert_int_equal(w.code, 200);
	ask(&w, "sips:bob@also.example");
	assert_int_equal(w.code, 0);
	assert_int_equal(w.e.status, STATUS_TLS);
	/* but a Record-Route by address means the server that is there */
	ask(&w, "sip:" SERVER ";transport=tls");
	assert_int_equal(w.code, 200);
	assert_int_equal(w.connections, 1);
	end(&w);
	begin(&w, one, &nothing_more, NULL);
	ask(&w, "sip:" SERVER ";transport=tls"); /* and no other */
	assert_int_equal(w.code, 0);
	assert_int_equal(w.e.status, STATUS_TLS);
	end(&w);
}

/* ---- a call ------------------------------------------------------------------------- */

static void far_ended(void *arg, const struct sip_invite_end *end)
{
	struct world *w = arg;

	(void)end;
	w->called = NULL;
	w->hung_up++;
}

static const struct sip_invite_handlers call_handlers = { .ended = far_ended };

static void take(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct world *w = arg;
	struct err e = ERR_NONE;
	struct span contact = sip_scan_value(m, SIP_HDR_CONTACT);

	assert_true(span_starts(contact, "<sips:"));
	w->called =
		sip_invite_take(w->far, s, m, SPAN("far"), &call_handlers, w);
	assert_non_null(w->called);
	assert_ok(sip_invite_answer(w->called, NULL, &e), &e);
}

static void a_caller_without_a_certificate_is_hung_up_on_by_its_connection(
	void **state)
{
	struct world w;
	struct sip_invite_settings s = { .request_uri = SPAN(
						 "sips:bob@pbx.good.example") };
	struct cert_spec one = { .sans = "DNS:pbx.good.example" };

	(void)state;
	for (int by_far = 0; by_far < 2; by_far++) {
		begin(&w, one, &nothing_more, NULL);
		sip_ua_serve(w.far, SIP_METHOD_INVITE, take, &w);
		sip_ua_serve_in_dialog(w.far, SIP_METHOD_BYE);
		sip_ua_serve_in_dialog(w.near, SIP_METHOD_BYE);
		struct sip_invite *call =
			sip_invite_call(w.near, &s, &call_handlers, &w);
		sip_raw_run(w.sim, 1000);
		assert_int_equal(sip_invite_state(call), SIP_INVITE_CONFIRMED);
		assert_int_equal(
			sip_invite_state(w.called), SIP_INVITE_CONFIRMED);
		sip_invite_end(by_far ? w.called : call, 0, SPAN_EMPTY);
		sip_raw_run(w.sim, 1000);
		assert_int_equal(w.hung_up, 2);
		assert_int_equal(
			sip_transport_connections(sip_ua_transport(w.near)), 1);
		end(&w);
	}
}

TEST_MAIN(cmocka_unit_test(each_certificate_is_taken_or_refused),
	cmocka_unit_test(a_connection_is_used_again_by_name),
	cmocka_unit_test(
		a_caller_without_a_certificate_is_hung_up_on_by_its_connection))
