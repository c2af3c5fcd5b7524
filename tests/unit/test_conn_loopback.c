/* The same connections on real sockets: among ourselves, and with OpenSSL's
 * own server and client on the other end. */
#include "tests/common/test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/common/certs.h"
#include "tests/common/ends.h"

static struct loop *loop;
static struct ends x;
static struct tls_config *client, *server;
static char *ca, *cert, *key;

static int setup(void **state)
{
	(void)state;
	static const char *const names[] = { "localhost", "127.0.0.1" };
	struct err e = ERR_NONE;
	signal(SIGPIPE, SIG_IGN);
	loop = loop_new(&e);
	assert_ok(loop != NULL, &e);
	ca = mem_str(certs_path("ca.pem"));
	cert = mem_str(certs_path("cert.pem"));
	key = mem_str(certs_path("key.pem"));
	assert_ok(tls_make_certificate(
			  names, 2, ca, cert, key, loop_wall(loop), 30, &e),
		&e);
	struct tls_settings cs = { .ca_file = ca };
	struct tls_settings ss = {
		.server = true, .cert_file = cert, .key_file = key
	};
	client = tls_config_new(&cs, &e);
	assert_ok(client != NULL, &e);
	server = tls_config_new(&ss, &e);
	assert_ok(server != NULL, &e);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tls_config_free(client);
	tls_config_free(server);
	mem_free(ca);
	mem_free(cert);
	mem_free(key);
	loop_free(loop);
	return 0;
}

static void run(bool (*done)(void *arg))
{
	usec_t until = loop_now(loop) + 10 * USEC_SEC;
	while (!done(&x) && loop_now(loop) < until)
		loop_turn(loop, until);
	if (!done(&x))
		fail_msg("not done in 10 s; near: %s, far: %s", x.near.e.text,
			x.far.e.text);
}

static void begin(const char *at)
{
	ends_init(&x, loop, at);
	x.near_settings.peer.name = "localhost";
	x.near_settings.tls = client;
	x.far_settings.tls = server;
}

static void fill(struct buf *b, size_t n)
{
	buf_init(b, n + 16);
	for (unsigned i = 0; b->len < n; i++)
		buf_printf(b, "%u;", i);
	b->len = n;
}

static void check_done(const struct end *n)
{
	assert_int_equal(n->closes, 1);
	assert_ok(n->e.status == STATUS_DONE, &n->e);
}

static void everything_arrives_both_ways(void **state)
{
	(void)state;
	struct buf text;
	fill(&text, 3 << 20);
	for (int with_tls = 0; with_tls <= 1; with_tls++) {
		begin("127.0.0.1");
		if (!with_tls)
			x.near_settings.tls = x.far_settings.tls = NULL;
		ends_connect(&x);
		run(both_open);
		end_feed(&x.near, buf_view(&text));
		end_feed(&x.far, buf_view(&text));
		while (x.near.got.len < text.len || x.far.got.len < text.len)
			loop_turn(loop, loop_now(loop) + USEC_SEC);
		conn_close(x.near.conn);
		run(both_closed);
		check_done(&x.near);
		check_done(&x.far);
		assert_true(span_equal(buf_view(&x.near.got), buf_view(&text)));
		assert_true(span_equal(buf_view(&x.far.got), buf_view(&text)));
		ends_clear(&x);
	}
	buf_clear(&text);
}

static void a_port_where_nobody_listens_refuses(void **state)
{
	(void)state;
	begin("127.0.0.1");
	struct endpoint closed = x.at;
	listener_free(x.listener);
	x.listener = NULL;
	x.near_settings.addresses = &closed;
	x.near_settings.count = 1;
	ends_connect(&x);
	run(near_closed);
	assert_int_equal(x.near.e.status, STATUS_UNREACHABLE);
	assert_string_equal(x.near.e.condition, "connection-refused");
	assert_non_null(strstr(x.near.e.text, "127.0.0.1:"));
	ends_clear(&x);
}

static void a_reset_is_told_as_such(void **state)
{
	(void)state;
	begin("127.0.0.1");
	ends_connect(&x);
	run(both_open);
	end_say(&x.far, "this is not sent any more");
	conn_free(x.far.conn);
	x.far.conn = NULL;
	run(near_closed);
	assert_int_equal(x.near.e.status, STATUS_UNREACHABLE);
	assert_string_equal(x.near.e.condition, "connection-reset");
	ends_clear(&x);
}

/* The last words of a server that refuses must not be lost to the reset that
 * our own next writes meet. */
static void last_words_are_read_before_the_reset_is_told(void **state)
{
	(void)state;
	begin("127.0.0.1");
	x.near_settings.tls = x.far_settings.tls = NULL;
	ends_connect(&x);
	run(both_open);
	conn_pause(x.near.conn, true);
	x.far.frees_on_close = true;
	end_say(&x.far, "<policy-violation/>");
	conn_close(x.far.conn);
	run(far_closed);
	/* The first write is answered by the reset, the second fails. */
	for (int i = 0; i < 4; i++) {
		conn_write(x.near.conn, SPAN("chatter"));
		loop_turn(loop, loop_now(loop) + USEC_MS);
	}
	assert_int_equal(x.near.closes, 0);
	assert_false(conn_write(x.near.conn, SPAN("chatter")));
	conn_pause(x.near.conn, false);
	run(near_closed);
	assert_span(buf_view(&x.near.got), "<policy-violation/>");
	assert_string_equal(x.near.e.condition, "connection-reset");
	ends_clear(&x);
}

/* ---- OpenSSL's own ---- */

struct child {
	pid_t pid;
	FILE *in, *out; /* of ours: what it reads, what it says */
};

static struct child start(const char *const *words)
{
	int to[2], from[2];
	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	struct child c = { .pid = fork() };
	if (c.pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		int null = open("/dev/null", O_WRONLY);
		dup2(null, 2);
		execvp(words[0], (char *const *)words);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	c.in = fdopen(to[1], "w");
	c.out = fdopen(from[0], "r");
	return c;
}

static int stop(struct child *c, bool kill_it)
{
	int status;
	fclose(c->in);
	fclose(c->out);
	if (kill_it)
		kill(c->pid, SIGTERM);
	waitpid(c->pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void need_openssl(void)
{
	if (system("command -v openssl >/dev/null") != 0) {
		print_message("needs the openssl command\n");
		skip();
	}
}

static bool has_line(void *arg)
{
	(void)arg;
	return span_has(buf_view(&x.near.got), '\n') || x.near.closes;
}

static void we_talk_to_s_server(void **state)
{
	(void)state;
	need_openssl();
	static const char *const versions[] = { "-tls1_3", "-tls1_2" };
	for (size_t i = 0; i < 2; i++) {
		const char *words[] = { "openssl", "s_server", "-accept",
			"127.0.0.1:0", "-cert", cert, "-key", key, "-rev",
			versions[i], NULL };
		struct child c = start(words);
		char line[256] = "";
		while (strncmp(line, "ACCEPT ", 7) != 0)
			assert_non_null(fgets(line, sizeof(line), c.out));
		line[strcspn(line, "\n")] = '\0';
		struct endpoint at = endpoint_at(line + 7);
		begin("127.0.0.1");
		x.near_settings.addresses = &at;
		x.near_settings.count = 1;
		x.near.says_on_open = "stressed\n";
		ends_connect(&x);
		run(has_line);
		assert_span(buf_view(&x.near.got), "desserts\n");
		assert_string_equal(tls_version(conn_tls(x.near.conn)),
			i ? "TLSv1.2" : "TLSv1.3");
		conn_close(x.near.conn);
		run(near_closed);
		check_done(&x.near);
		ends_clear(&x);
		stop(&c, true);
	}
}

static void s_client_talks_to_us(void **state)
{
	(void)state;
	need_openssl();
	char at[ENDPOINT_TEXT_SIZE], line[256];
	begin("127.0.0.1");
	x.far.says_on_open = "welcome\n";
	const char *words[] = { "openssl", "s_client", "-connect",
		endpoint_format(at, &x.at), "-CAfile", ca, "-quiet",
		"-verify_return_error", "-verify_hostname", "localhost", NULL };
	struct child c = start(words);
	fputs("hello\n", c.in);
	fflush(c.in);
	while (x.far.got.len < 6 && !x.far.closes)
		loop_turn(loop, loop_now(loop) + USEC_SEC);
	assert_span(buf_view(&x.far.got), "hello\n");
	assert_non_null(fgets(line, sizeof(line), c.out));
	assert_string_equal(line, "welcome\n");
	conn_close(x.far.conn);
	run(far_closed);
	check_done(&x.far);
	assert_int_equal(stop(&c, false), 0);
	ends_clear(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_arrives_both_ways),
		cmocka_unit_test(a_port_where_nobody_listens_refuses),
		cmocka_unit_test(a_reset_is_told_as_such),
		cmocka_unit_test(last_words_are_read_before_the_reset_is_told),
		cmocka_unit_test(we_talk_to_s_server),
		cmocka_unit_test(s_client_talks_to_us),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
