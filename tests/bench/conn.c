/* conn - what a connection costs, on loopback, beside bare sockets and bare
 * OpenSSL
 *
 * Prints lines of "what figure".  One process sends, another receives; the
 * time is that of the processors, of both, which does not depend on what else
 * the machine does.  Memory is what a thousand quiet connections, both ends of
 * each in one process, add to the resident set.
 */
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/conn.h"
#include "net/loop.h"

#define BYTES (256L << 20)
#define PIECE 16384
#define QUIET 1000
#define ROUNDS 20000

static char ca[64], cert[64], key[64], folder[] = "/tmp/samtal-bench-XXXXXX";
static char piece[PIECE];

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

/* Of this process and of the children it has waited for. */
static double now(void)
{
	struct rusage own, children;
	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return seconds(&own.ru_utime) + seconds(&own.ru_stime) +
	       seconds(&children.ru_utime) + seconds(&children.ru_stime);
}

static struct tls_config *config(bool server)
{
	struct err e = ERR_NONE;
	struct tls_settings s = { .server = server,
		.ca_file = server ? NULL : ca,
		.cert_file = server ? cert : NULL,
		.key_file = server ? key : NULL };
	struct tls_config *c = tls_config_new(&s, &e);
	if (!c) {
		fprintf(stderr, "bench/conn: %s\n", e.text);
		exit(1);
	}
	return c;
}

/* ---- ours ---- */

struct side {
	struct loop *loop;
	struct conn *conn;
	struct conn_settings settings;
	long left; /* bytes to be sent, or to come */
	long rounds;
	int *opened;
	bool sends, answers, over;
};

static void send_on(void *arg)
{
	struct side *s = arg;
	while (s->sends && s->left > 0) {
		if (!conn_write(s->conn, span_from(piece, PIECE)))
			return;
		s->left -= PIECE;
	}
	if (s->sends)
		conn_close(s->conn);
}

static void opened(void *arg)
{
	struct side *s = arg;
	if (s->opened)
		++*s->opened;
	if (s->sends)
		send_on(s);
	else if (s->rounds > 0)
		conn_write(s->conn, SPAN("ping"));
}

static size_t came(void *arg, struct span bytes)
{
	struct side *s = arg;
	s->left -= (long)bytes.n;
	if (s->answers)
		conn_write(s->conn, SPAN("pong"));
	else if (s->rounds > 0 && --s->rounds > 0)
		conn_write(s->conn, SPAN("ping"));
	else if (s->left < 0 && s->rounds == 0 && !s->sends)
		conn_close(s->conn);
	return bytes.n;
}

static void over(void *arg, const struct err *e)
{
	struct side *s = arg;
	if (err_is_set(e))
		fprintf(stderr, "bench/conn: %s\n", e->text);
	s->over = true;
}

static const struct conn_handlers handlers = {
	.open = opened, .data = came, .drained = send_on, .closed = over
};

static void take(void *arg, struct accepted *offer, const struct endpoint *from)
{
	(void)from;
	struct side *s = arg;
	s->conn = conn_accept(offer, &s->settings, &handlers, s);
}

static void turn_until_over(struct side *s)
{
	while (!s->over)
		loop_turn(s->loop, USEC_NEVER);
	conn_free(s->conn);
}

static struct endpoint any_port(void)
{
	struct endpoint a;
	endpoint_parse(&a, SPAN("127.0.0.1"), 0, NULL);
	return a;
}

/* A child that receives (or answers), this process that sends (or asks). */
static double between_ours(bool with_tls, long rounds)
{
	struct endpoint at = any_port();
	struct side far = { .loop = loop_new(NULL),
		.answers = rounds > 0,
		.left = rounds ? 0 : BYTES + 1 };
	struct listener *l = listener_new(far.loop, &at, take, &far, NULL);
	at = *listener_local(l);
	pid_t child = fork();
	if (child == 0) {
		/* A loop does not outlive a fork: this one is the child's. */
		struct loop *own = loop_new(NULL);
		struct side near = { .loop = own,
			.sends = rounds == 0,
			.left = BYTES,
			.rounds = rounds };
		near.settings = (struct conn_settings){ .addresses = &at,
			.count = 1,
			.tls = with_tls ? config(false) : NULL,
			.peer.name = "localhost" };
		near.left = rounds ? 0 : BYTES;
		near.conn = conn_new(own, &near.settings, &handlers, &near);
		turn_until_over(&near);
		_exit(0);
	}
	far.settings.tls = with_tls ? config(true) : NULL;
	double start = now();
	turn_until_over(&far);
	waitpid(child, NULL, 0);
	double took = now() - start;
	tls_config_free(far.settings.tls);
	listener_free(l);
	loop_free(far.loop);
	return took;
}

/* ---- bare ---- */

static int accept_one(struct endpoint *at, pid_t *child)
{
	int l = socket(AF_INET, SOCK_STREAM, 0);
	*at = any_port();
	socklen_t n = at->len;
	if (bind(l, &at->any, at->len) || listen(l, 1) ||
		getsockname(l, &at->any, &n))
		exit(1);
	*child = fork();
	int fd = -1;
	if (*child == 0) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(fd, &at->any, at->len))
			_exit(1);
	} else {
		fd = accept(l, NULL, NULL);
	}
	close(l);
	return fd;
}

static double between_sockets(void)
{
	static char in[65536];
	struct endpoint at;
	pid_t child;
	double start = now();
	int fd = accept_one(&at, &child);
	if (child == 0) {
		for (long left = BYTES; left > 0; left -= PIECE)
			if (write(fd, piece, PIECE) != PIECE)
				_exit(1);
		_exit(0);
	}
	while (read(fd, in, sizeof(in)) > 0)
		continue;
	close(fd);
	waitpid(child, NULL, 0);
	return now() - start;
}

static double between_openssl(void)
{
	static char in[65536];
	struct endpoint at;
	pid_t child;
	double start = now();
	int fd = accept_one(&at, &child);
	SSL_CTX *ctx =
		SSL_CTX_new(child ? TLS_server_method() : TLS_client_method());
	if (child) {
		SSL_CTX_use_certificate_chain_file(ctx, cert);
		SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM);
	}
	SSL *ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	if (child == 0) {
		SSL_connect(ssl);
		for (long left = BYTES; left > 0; left -= PIECE)
			if (SSL_write(ssl, piece, PIECE) != PIECE)
				_exit(1);
		SSL_shutdown(ssl);
		_exit(0);
	}
	SSL_accept(ssl);
	while (SSL_read(ssl, in, sizeof(in)) > 0)
		continue;
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	waitpid(child, NULL, 0);
	return now() - start;
}

/* ---- memory ---- */

static long resident(void)
{
	long all = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%ld %ld", &all, &pages) != 2)
		exit(1);
	fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

struct crowd {
	struct conn_settings settings;
	struct side far[QUIET];
	int count, opened;
};

static void take_one(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	(void)from;
	struct crowd *c = arg;
	struct side *s = &c->far[c->count++];
	s->opened = &c->opened;
	s->conn = conn_accept(offer, &c->settings, &handlers, s);
}

/* Bytes for one end. */
static double quiet_memory(bool with_tls)
{
	struct crowd *c = mem_alloc(sizeof(*c));
	struct side *near = mem_array(QUIET, sizeof(*near));
	struct endpoint at = any_port();
	struct loop *loop = loop_new(NULL);
	c->settings.tls = with_tls ? config(true) : NULL;
	struct listener *l = listener_new(loop, &at, take_one, c, NULL);
	at = *listener_local(l);
	struct conn_settings s = { .addresses = &at,
		.count = 1,
		.tls = with_tls ? config(false) : NULL,
		.peer.name = "localhost" };
	long before = 0;
	/* The first ones bring in what all share. */
	for (int i = 0; i < QUIET; i++) {
		if (i == QUIET / 10)
			before = resident();
		near[i].opened = &c->opened;
		near[i].conn = conn_new(loop, &s, &handlers, &near[i]);
		while (c->opened < 2 * (i + 1))
			loop_turn(loop, USEC_NEVER);
	}
	double each = (double)(resident() - before) / (2 * QUIET * 9 / 10);
	for (int i = 0; i < QUIET; i++) {
		conn_free(near[i].conn);
		conn_free(c->far[i].conn);
	}
	tls_config_free(c->settings.tls);
	tls_config_free(s.tls);
	listener_free(l);
	loop_free(loop);
	mem_free(near);
	mem_free(c);
	return each;
}

int main(void)
{
	static const char *const names[] = { "localhost" };
	struct err e = ERR_NONE;
	if (!mkdtemp(folder))
		return 1;
	signal(SIGPIPE, SIG_IGN);
	snprintf(ca, sizeof(ca), "%s/ca", folder);
	snprintf(cert, sizeof(cert), "%s/cert", folder);
	snprintf(key, sizeof(key), "%s/key", folder);
	struct loop *l = loop_new(NULL);
	if (!tls_make_certificate(
		    names, 1, ca, cert, key, loop_wall(l), 30, &e)) {
		fprintf(stderr, "bench/conn: %s\n", e.text);
		return 1;
	}
	loop_free(l);
	const double mega = (double)BYTES / 1e6;
	printf("conn, MB per CPU second %.0f\n", mega / between_ours(false, 0));
	printf("bare socket, MB per CPU second %.0f\n",
		mega / between_sockets());
	printf("conn with TLS, MB per CPU second %.0f\n",
		mega / between_ours(true, 0));
	printf("bare OpenSSL, MB per CPU second %.0f\n",
		mega / between_openssl());
	printf("conn, round trips per CPU second %.0f\n",
		ROUNDS / between_ours(false, ROUNDS));
	printf("conn with TLS, round trips per CPU second %.0f\n",
		ROUNDS / between_ours(true, ROUNDS));
	printf("conn, bytes each %.0f\n", quiet_memory(false));
	printf("conn with TLS, bytes each %.0f\n", quiet_memory(true));
	unlink(ca);
	unlink(cert);
	unlink(key);
	rmdir(folder);
	return 0;
}
