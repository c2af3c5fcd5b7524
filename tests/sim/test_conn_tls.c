/* TLS on a simulated stream: from the start, by STARTTLS, in pieces of one
 * byte, cut off, attacked. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "net/sim.h"
#include "tests/common/certs.h"
#include "tests/common/ends.h"

#define SEEDS 30
#define AT "192.0.2.7:5222"

static struct sim *sim;
static struct ends x;
static struct tls_config *client, *server;

static void make_configs(void)
{
	static const char *const names[] = { "a.example" };
	struct err e = ERR_NONE;
	char *ca = mem_str(certs_path("ca.pem"));
	char *cert = mem_str(certs_path("cert.pem"));
	char *key = mem_str(certs_path("key.pem"));
	struct tls_settings cs = { .ca_file = ca };
	struct tls_settings ss = {
		.server = true, .cert_file = cert, .key_file = key
	};
	assert_ok(tls_make_certificate(names, 1, ca, cert, key,
			  loop_wall(sim_loop(sim)), 30, &e),
		&e);
	client = tls_config_new(&cs, &e);
	assert_ok(client != NULL, &e);
	server = tls_config_new(&ss, &e);
	assert_ok(server != NULL, &e);
	mem_free(ca);
	mem_free(cert);
	mem_free(key);
}

static void begin(uint64_t seed)
{
	sim = sim_new(seed);
	make_configs();
	ends_init(&x, sim_loop(sim), AT);
	x.near.tls = client;
	x.near.peer.name = "a.example";
	x.far.tls = server;
}

/* Both ends with TLS from the start. */
static void direct(void)
{
	x.near_settings.tls = client;
	x.near_settings.peer.name = "a.example";
	x.far_settings.tls = server;
}

/* Both ends agree on it first, as XMPP does (RFC 6120 section 5.4). */
static void starttls(void)
{
	x.near.says_on_open = "<starttls/>";
	x.near.starts_tls_on = "<proceed/>";
	x.far.starts_tls_on = "<starttls/>";
	x.far.answers = "<proceed/>";
}

static void begin_open(uint64_t seed)
{
	begin(seed);
	direct();
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
}

static void end(void)
{
	ends_clear(&x);
	tls_config_free(client);
	tls_config_free(server);
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(sim_open_sockets(sim), 0);
	assert_int_equal(sim_set_timers(sim), 0);
	sim_free(sim);
}

static void fill(struct buf *b, size_t n)
{
	buf_init(b, n + 16);
	for (unsigned i = 0; b->len < n; i++)
		buf_printf(b, "%u;", i);
	b->len = n;
}

static void check_end(const struct end *n, enum status status,
	const char *condition, const char *sentence)
{
	assert_int_equal(n->closes, 1);
	if (n->e.status != status || !strstr(n->e.text, sentence) ||
		strcmp(n->e.condition, condition) != 0)
		fail_msg("expected %d (%s) \"%s\", got %d (%s) \"%s\"", status,
			condition, sentence, n->e.status, n->e.condition,
			n->e.text);
}

static void it_is_open_when_both_know_each_other(void **state)
{
	(void)state;
	begin(1);
	direct();
	x.near.says_on_open = "hello";
	usec_t start = loop_now(x.loop);
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	/* SYN, SYN-ACK; hello, hello … finished: two round trips. */
	assert_int_equal(x.near.opened_at - start, 4 * SIM_DELAY);
	assert_true(tls_is_open(conn_tls(x.near.conn)));
	assert_string_equal(tls_version(conn_tls(x.near.conn)), "TLSv1.3");
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	assert_span(buf_view(&x.far.got), "hello");
	end();
}

static void finished_and_the_first_words_are_one_segment(void **state)
{
	(void)state;
	begin(1);
	direct();
	uint64_t before = sim_packets_sent(sim);
	x.near.says_on_open = "hello";
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	assert_span(buf_view(&x.far.got), "hello");
	/* SYN, SYN-ACK, client hello, server hello … finished, then both. */
	assert_int_equal(sim_packets_sent(sim) - before, 5);
	end();
}

static void writes_of_one_turn_are_one_record(void **state)
{
	(void)state;
	begin_open(1);
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	uint64_t before = sim_packets_sent(sim);
	for (int i = 0; i < 10; i++)
		end_say(&x.near, "<stanza/>");
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	assert_int_equal(x.far.got.len, 90);
	assert_int_equal(x.far.pieces, 1);
	assert_int_equal(sim_packets_sent(sim) - before, 1);
	end();
}

static void everything_arrives_in_pieces_of_one_byte(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		sim_set_faults(sim, &(struct sim_faults){ .delay_min = 0,
					    .delay_max = 2 * USEC_MS,
					    .segment = 1 });
		if (seed % 2)
			direct();
		else
			starttls();
		ends_connect(&x);
		assert_true(sim_run(sim, both_open, &x, 60 * USEC_SEC));
		if (seed % 2 == 0)
			assert_true(
				sim_run(sim, near_secured, &x, 60 * USEC_SEC));
		buf_reset(&x.near.got);
		end_say(&x.near, "a letter to the far side");
		conn_close(x.near.conn);
		assert_true(sim_run(sim, both_closed, &x, 60 * USEC_SEC));
		assert_true(span_ends(
			buf_view(&x.far.got), "a letter to the far side"));
		check_end(&x.near, STATUS_DONE, "", "");
		check_end(&x.far, STATUS_DONE, "", "");
		end();
	}
}

static void a_close_delivers_everything_that_was_written(void **state)
{
	(void)state;
	struct buf up, down;
	fill(&up, 700000);
	fill(&down, 300000);
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		direct();
		sim_set_faults(sim, &(struct sim_faults){ .delay_min = 0,
					    .delay_max = 100 * USEC_MS,
					    .segment = 1 + rand_below(20000) });
		x.far_settings.max_in = 1 + rand_below(40000);
		ends_connect(&x);
		assert_true(sim_run(sim, both_open, &x, 5 * USEC_SEC));
		assert_true(conn_write(x.near.conn, buf_view(&up)));
		assert_true(conn_write(x.far.conn, buf_view(&down)));
		conn_close(x.near.conn);
		assert_true(sim_run(sim, near_closed, &x, 600 * USEC_SEC));
		sim_run(sim, far_closed, &x, 10 * USEC_SEC);
		assert_true(span_equal(buf_view(&x.far.got), buf_view(&up)));
		assert_true(span_equal(buf_view(&x.near.got),
			span_first(buf_view(&down), x.near.got.len)));
		check_end(&x.near, STATUS_DONE, "", "");
		end();
	}
	buf_clear(&up);
	buf_clear(&down);
}

static void a_paused_reader_holds_the_writer_back(void **state)
{
	(void)state;
	struct buf text;
	begin(1);
	fill(&text, 1 << 20);
	direct();
	x.near_settings.max_out = 65536;
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	conn_pause(x.far.conn, true);
	end_feed(&x.near, buf_view(&text));
	sim_run(sim, NULL, NULL, 10 * USEC_SEC);
	assert_int_equal(x.far.got.len, 0);
	assert_in_range(text.len - x.near.feed.n, 65536, 6 * 65536);
	conn_pause(x.far.conn, false);
	sim_run(sim, NULL, NULL, 10 * USEC_SEC);
	assert_true(span_equal(buf_view(&x.far.got), buf_view(&text)));
	buf_clear(&text);
	end();
}

/* The far side's TLS in the hands of the test. */
static void serve_by_hand(struct tls *t, const char *text)
{
	struct buf out = BUF_INIT(65536), plain = BUF_INIT(65536);
	struct err e = ERR_NONE;
	for (int i = 0; i < 10; i++) {
		sim_run(sim, NULL, NULL, SIM_DELAY);
		assert_ok(tls_step(t, &x.far.got, &out, &plain, &e), &e);
		if (x.far.conn)
			assert_true(conn_write(x.far.conn, buf_view(&out)));
		buf_reset(&out);
	}
	assert_true(tls_is_open(t));
	assert_ok(tls_write(t, span_of(text), &out, &e), &e);
	assert_true(conn_write(x.far.conn, buf_view(&out)));
	buf_clear(&out);
	buf_clear(&plain);
}

static void a_pause_in_front_of_the_farewell_loses_nothing(void **state)
{
	(void)state;
	begin_open(1);
	x.far.pauses = true;
	end_say(&x.near, "last words");
	conn_close(x.near.conn);
	sim_run(sim, NULL, NULL, USEC_SEC);
	assert_int_equal(x.far.pieces, 1);
	assert_int_equal(x.far.closes, 0);
	x.far.pauses = false;
	conn_pause(x.far.conn, false);
	assert_true(sim_run(sim, far_closed, &x, USEC_SEC));
	assert_span(buf_view(&x.far.got), "last words");
	check_end(&x.far, STATUS_DONE, "", "");
	end();
}

static void an_end_without_farewell_is_a_cut(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	begin(1);
	direct();
	x.far_settings.tls = NULL;
	struct tls *t = tls_new(server, &(struct tls_peer){ .name = NULL },
		loop_wall(x.loop), &e);
	ends_connect(&x);
	serve_by_hand(t, "half of");
	conn_close(x.far.conn); /* FIN, and no close_notify */
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
	assert_span(buf_view(&x.near.got), "half of");
	check_end(&x.near, STATUS_TLS, "cut-off",
		AT ": the far side ended without saying so (close_notify)");
	tls_free(t);
	end();
}

static void a_farewell_is_an_end_in_order(void **state)
{
	(void)state;
	struct err e = ERR_NONE;
	struct buf out = BUF_INIT(1024);
	begin(1);
	direct();
	x.far_settings.tls = NULL;
	struct tls *t = tls_new(server, &(struct tls_peer){ .name = NULL },
		loop_wall(x.loop), &e);
	ends_connect(&x);
	serve_by_hand(t, "all of it");
	tls_close(t, &out);
	assert_true(conn_write(x.far.conn, buf_view(&out)));
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
	assert_span(buf_view(&x.near.got), "all of it");
	check_end(&x.near, STATUS_DONE, "", "");
	buf_clear(&out);
	tls_free(t);
	end();
}

static void a_reset_is_said_with_the_address(void **state)
{
	(void)state;
	begin_open(1);
	end_say(&x.far, "half of");
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	sim_reset_streams(sim, &x.at);
	assert_true(sim_run(sim, both_closed, &x, USEC_SEC));
	assert_span(buf_view(&x.near.got), "half of");
	check_end(&x.near, STATUS_UNREACHABLE, "connection-reset",
		AT ": Connection reset by peer");
	end();
}

static void a_handshake_without_an_answer_has_a_deadline(void **state)
{
	(void)state;
	begin(1);
	direct();
	x.far_settings.tls = NULL; /* it listens and says nothing */
	usec_t start = loop_now(x.loop);
	ends_connect(&x);
	assert_true(sim_run(sim, near_closed, &x, 60 * USEC_SEC));
	assert_int_equal(
		x.near.closed_at - start, CONN_TLS_DEADLINE + 2 * SIM_DELAY);
	check_end(
		&x.near, STATUS_TIMEOUT, "timeout", AT ": no TLS within 10 s");
	assert_int_equal(x.near.opens, 0);
	end();
}

static void a_far_side_that_leaves_in_the_handshake_is_named(void **state)
{
	(void)state;
	begin(1);
	direct();
	x.far_settings.tls = NULL;
	x.far.closes_on_open = true;
	ends_connect(&x);
	assert_true(sim_run(sim, near_closed, &x, 60 * USEC_SEC));
	check_end(&x.near, STATUS_TLS, "cut-off",
		AT ": the far side ended in the middle of the TLS handshake");
	end();
}

static void one_that_speaks_no_tls_is_told_apart(void **state)
{
	(void)state;
	begin(1);
	direct();
	x.far_settings.tls = NULL;
	x.far.says_on_open = "220 mail.example ESMTP\r\n";
	ends_connect(&x);
	assert_true(sim_run(sim, near_closed, &x, 60 * USEC_SEC));
	check_end(&x.near, STATUS_TLS, "",
		AT ": what the far side sends is not TLS");
	end();
}

static void a_refused_certificate_is_told_to_both(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		direct();
		x.near_settings.peer.name = "b.example";
		x.near.says_on_open = "a secret";
		ends_connect(&x);
		assert_true(sim_run(sim, both_closed, &x, USEC_SEC));
		check_end(&x.near, STATUS_TLS, "",
			AT ": certificate is for a.example, not for b.example");
		/* The alert came through. */
		check_end(&x.far, STATUS_TLS, "",
			": the far side refuses our certificate: bad "
			"certificate");
		assert_int_equal(x.near.opens, 0);
		assert_int_equal(x.far.opens, 0);
		assert_int_equal(x.far.got.len, 0);
		end();
	}
}

static void a_certificate_is_as_old_as_the_network_says(void **state)
{
	(void)state;
	begin(1);
	direct();
	sim_run(sim, NULL, NULL, (usec_t)31 * 86400 * USEC_SEC);
	ends_connect(&x);
	assert_true(sim_run(sim, both_closed, &x, USEC_SEC));
	check_end(&x.near, STATUS_TLS, "", "certificate of the CA expired on ");
	end();
}

static void without_a_name_nothing_is_opened(void **state)
{
	(void)state;
	begin(1);
	direct();
	x.near_settings.peer.name = NULL;
	ends_connect(&x);
	assert_int_equal(x.near.closes, 0);
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
	check_end(&x.near, STATUS_INTERNAL, "", "TLS without a name");
	assert_int_equal(x.offers, 0);
	end();
}

/* ---- STARTTLS ---- */

static void tls_begins_behind_the_last_plain_byte(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		begin(seed);
		starttls();
		ends_connect(&x);
		assert_true(sim_run(sim, near_secured, &x, USEC_SEC));
		assert_int_equal(x.near.opens, 1);
		assert_span(buf_view(&x.far.got), "<starttls/>");
		assert_span(buf_view(&x.near.got), "<proceed/>");
		end_say(&x.near, "<stream>");
		sim_run(sim, NULL, NULL, 10 * SIM_DELAY);
		assert_span(buf_view(&x.far.got), "<starttls/><stream>");
		assert_int_equal(x.far.secures, 1);
		conn_close(x.near.conn);
		assert_true(sim_run(sim, both_closed, &x, USEC_SEC));
		check_end(&x.near, STATUS_DONE, "", "");
		end();
	}
}

static bool near_has_begun(void *arg)
{
	(void)arg;
	return conn_tls(x.near.conn) != NULL;
}

static void what_is_written_meanwhile_waits_for_tls(void **state)
{
	(void)state;
	begin(1);
	starttls();
	ends_connect(&x);
	assert_true(sim_run(sim, near_has_begun, &x, USEC_SEC));
	end_say(&x.near, "secret");
	assert_true(sim_run(sim, near_secured, &x, USEC_SEC));
	sim_run(sim, NULL, NULL, 10 * SIM_DELAY);
	assert_span(buf_view(&x.far.got), "<starttls/>secret");
	end();
}

/* Plain text behind <proceed/> in the same segment must not be read as if it
 * had come through TLS (CVE-2011-0411). */
static void text_behind_the_agreement_is_an_injection(void **state)
{
	(void)state;
	static const size_t segments[] = { 0, 11, 13 };
	for (size_t i = 0; i < 3; i++) {
		begin(1);
		starttls();
		x.far.starts_tls_on = NULL;
		sim_set_faults(
			sim, &(struct sim_faults){ .segment = segments[i] });
		ends_connect(&x);
		assert_true(sim_run(sim, both_open, &x, USEC_SEC));
		/* near sees only the first: data is asked again with the
		 * rest, by which time TLS has begun. */
		x.near.takes = strlen("<proceed/>");
		end_say(&x.far, "<proceed/><features>evil</features>");
		assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
		assert_int_equal(x.near.e.status, STATUS_TLS);
		assert_true(strstr(x.near.e.text, "an injection?") ||
			    strstr(x.near.e.text, "is not TLS"));
		if (segments[i] == 0)
			assert_non_null(strstr(x.near.e.text, "injection"));
		assert_span(buf_view(&x.near.got), "<proceed/>");
		assert_int_equal(x.near.secures, 0);
		end();
	}
}

static void text_that_lay_there_before_is_one_too(void **state)
{
	(void)state;
	begin(1);
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	x.near.keeps = true;
	end_say(&x.far, "<half");
	sim_run(sim, NULL, NULL, 5 * SIM_DELAY);
	conn_start_tls(x.near.conn, client, &x.near.peer);
	assert_int_equal(x.near.closes, 0);
	assert_true(sim_run(sim, near_closed, &x, USEC_SEC));
	check_end(&x.near, STATUS_TLS, "", "an injection?");
	end();
}

static void on_a_quiet_line_it_may_begin_at_any_time(void **state)
{
	(void)state;
	begin(1);
	ends_connect(&x);
	assert_true(sim_run(sim, both_open, &x, USEC_SEC));
	conn_start_tls(x.far.conn, server, &x.far.peer);
	conn_start_tls(x.near.conn, client, &x.near.peer);
	assert_true(sim_run(sim, near_secured, &x, USEC_SEC));
	end();
}

static void closed_in_the_handshake_it_ends_at_once(void **state)
{
	(void)state;
	begin(1);
	starttls();
	ends_connect(&x);
	assert_true(sim_run(sim, near_has_begun, &x, USEC_SEC));
	conn_close(x.near.conn);
	assert_true(sim_run(sim, near_closed, &x, SIM_DELAY));
	check_end(&x.near, STATUS_DONE, "", "");
	end();
}

static void it_can_be_freed_at_any_moment(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		begin(seed);
		if (seed % 2)
			direct();
		else
			starttls();
		ends_connect(&x);
		sim_run(sim, NULL, NULL, (usec_t)seed * USEC_MS / 4);
		conn_free(x.near.conn);
		x.near.conn = NULL;
		sim_run(sim, NULL, NULL, USEC_SEC);
		assert_int_equal(x.near.closes, 0);
		if (x.far.conn)
			assert_int_equal(x.far.closes, 1);
		end();
	}
}

TEST_MAIN(cmocka_unit_test(it_is_open_when_both_know_each_other),
	cmocka_unit_test(finished_and_the_first_words_are_one_segment),
	cmocka_unit_test(writes_of_one_turn_are_one_record),
	cmocka_unit_test(everything_arrives_in_pieces_of_one_byte),
	cmocka_unit_test(a_close_delivers_everything_that_was_written),
	cmocka_unit_test(a_paused_reader_holds_the_writer_back),
	cmocka_unit_test(a_pause_in_front_of_the_farewell_loses_nothing),
	cmocka_unit_test(an_end_without_farewell_is_a_cut),
	cmocka_unit_test(a_farewell_is_an_end_in_order),
	cmocka_unit_test(a_reset_is_said_with_the_address),
	cmocka_unit_test(a_handshake_without_an_answer_has_a_deadline),
	cmocka_unit_test(a_far_side_that_leaves_in_the_handshake_is_named),
	cmocka_unit_test(one_that_speaks_no_tls_is_told_apart),
	cmocka_unit_test(a_refused_certificate_is_told_to_both),
	cmocka_unit_test(a_certificate_is_as_old_as_the_network_says),
	cmocka_unit_test(without_a_name_nothing_is_opened),
	cmocka_unit_test(tls_begins_behind_the_last_plain_byte),
	cmocka_unit_test(what_is_written_meanwhile_waits_for_tls),
	cmocka_unit_test(text_behind_the_agreement_is_an_injection),
	cmocka_unit_test(text_that_lay_there_before_is_one_too),
	cmocka_unit_test(on_a_quiet_line_it_may_begin_at_any_time),
	cmocka_unit_test(closed_in_the_handshake_it_ends_at_once),
	cmocka_unit_test(it_can_be_freed_at_any_moment))
