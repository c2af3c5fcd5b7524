/* One TLS connection: OpenSSL reads from and writes to the caller's bufs
 * through a BIO of ours, without copies between. */
#include "net/tls_openssl.h"

#include <openssl/err.h>
#include <string.h>

#include "base/fatal.h"
#include "base/mem.h"
#include "base/utf8.h"

/* ---- the wire, as OpenSSL sees it ---- */

static int wire_read(BIO *bio, char *to, int n)
{
	struct buf *in = ((struct tls *)BIO_get_data(bio))->wire_in;
	BIO_clear_retry_flags(bio);
	if (!in || in->len == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	if ((size_t)n > in->len)
		n = (int)in->len;
	memcpy(to, in->data, (size_t)n);
	buf_consume(in, (size_t)n);
	return n;
}

static int wire_write(BIO *bio, const char *from, int n)
{
	struct buf *out = ((struct tls *)BIO_get_data(bio))->wire_out;
	BIO_clear_retry_flags(bio);
	return out && buf_add(out, from, (size_t)n) ? n : -1;
}

static long wire_control(BIO *bio, int command, long number, void *p)
{
	(void)bio;
	(void)number;
	(void)p;
	return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO *wire_new(struct tls *t)
{
	static BIO_METHOD *method;
	if (!method) {
		method = BIO_meth_new(
			BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bufs");
		BIO_meth_set_read(method, wire_read);
		BIO_meth_set_write(method, wire_write);
		BIO_meth_set_ctrl(method, wire_control);
	}
	BIO *bio = BIO_new(method);
	if (!bio)
		fatal("OpenSSL cannot make a BIO");
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	return bio;
}

/* ---- birth and death ---- */

/* RFC 6066 section 3: a host name, never an address. */
static void set_sni(struct tls *t, const char *name)
{
	struct tls_reference r;
	tls_reference_init(&r, TLS_NAMING_HOST, name, NULL);
	if (r.ip_n || r.name.n == 0)
		return;
	char *host = span_dup(r.name);
	SSL_set_tlsext_host_name(t->ssl, host);
	mem_free(host);
}

struct tls *tls_new(struct tls_config *c, const struct tls_peer *peer,
	usec_t wall, struct err *e)
{
	/* An unnamed server would be any server that any CA knows. */
	if (!c->server && !c->insecure && !c->pinned &&
		(!peer->name || !*peer->name)) {
		err_set(e, STATUS_INTERNAL, "TLS without a name to verify");
		return NULL;
	}
	ERR_clear_error();
	SSL *ssl = SSL_new(c->ctx);
	if (!ssl) {
		tls_error(NULL, e);
		return NULL;
	}
	struct tls *t = mem_alloc(sizeof(*t));
	t->ssl = ssl;
	t->config = c;
	c->users++;
	t->naming = peer->naming;
	t->name = mem_str(peer->name);
	t->unicode = mem_str(peer->unicode);
	t->wall = wall;
	SSL_set_app_data(ssl, t);
	X509_VERIFY_PARAM_set_time(
		SSL_get0_param(ssl), (time_t)(wall / USEC_SEC));
	BIO *bio = wire_new(t);
	SSL_set_bio(ssl, bio, bio);
	if (c->server) {
		SSL_set_accept_state(ssl);
	} else {
		SSL_set_connect_state(ssl);
		set_sni(t, peer->sni ? peer->sni : peer->name);
	}
	return t;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	tls_config_release(t->config);
	mem_free(t->name);
	mem_free(t->unicode);
	mem_free(t->refusal);
	mem_free(t);
}

/* ---- bytes ---- */

/* RFC 7301 section 3.2: a server answers with one that was offered, which
 * OpenSSL began to check in 3.0.15.  One that answers nothing does not know
 * ALPN, which tls_alpn tells. */
static bool alpn_is_ours(const struct tls *t, struct err *e)
{
	struct span answer = tls_alpn(t);
	struct span ours = span_from(
		(const char *)t->config->alpn + 1, t->config->alpn[0]);
	char shown[64];
	return answer.n == 0 || span_equal(answer, ours) ||
	       err_set(e, STATUS_TLS,
		       "the server answers with the protocol \"%s\", not "
		       "\"%.*s\" (ALPN)",
		       utf8_printable_to(shown, sizeof(shown), answer),
		       SPAN_ARGS(ours));
}

static bool fail(struct tls *t, struct err *e)
{
	t->failed = true;
	return tls_error(t, e);
}

/* What SSL_get_error makes of result; true where there is just no more. */
static bool settle(struct tls *t, int result, struct err *e)
{
	switch (SSL_get_error(t->ssl, result)) {
	case SSL_ERROR_NONE:
	case SSL_ERROR_WANT_READ:
		return true;
	case SSL_ERROR_ZERO_RETURN:
		t->ended = true;
		return true;
	default:
		return fail(t, e);
	}
}

static bool shake_hands(struct tls *t, struct err *e)
{
	int result = SSL_do_handshake(t->ssl);
	if (result != 1)
		return settle(t, result, e);
	if (!alpn_is_ours(t, e)) {
		t->failed = true;
		return false;
	}
	t->open = true;
	return true;
}

static bool read_plain(struct tls *t, struct buf *plain, struct err *e)
{
	while (plain->len < plain->max && !t->ended) {
		size_t room = plain->max - plain->len;
		if (room > TLS_RECORD_MAX)
			room = TLS_RECORD_MAX;
		/* Do not grow a buf by a record where nothing came. */
		if (t->wire_in->len == 0 && SSL_pending(t->ssl) == 0)
			return true;
		char *to = buf_reserve(plain, room);
		int n = SSL_read(t->ssl, to, (int)room);
		if (n <= 0)
			return settle(t, n, e);
		buf_added(plain, (size_t)n);
	}
	return true;
}

bool tls_step(struct tls *t, struct buf *wire_in, struct buf *wire_out,
	struct buf *plain, struct err *e)
{
	if (t->failed)
		return err_set(e, STATUS_TLS, "TLS has failed before");
	ERR_clear_error();
	t->wire_in = wire_in;
	t->wire_out = wire_out;
	bool fine = (t->open || shake_hands(t, e)) &&
		    (!t->open || read_plain(t, plain, e));
	t->wire_in = t->wire_out = NULL;
	return fine;
}

static bool fits(struct span plain, const struct buf *out)
{
	size_t records = plain.n / TLS_RECORD_MAX + 1;
	size_t room = out->max - out->len;
	return room >= plain.n &&
	       room - plain.n >= records * TLS_RECORD_OVERHEAD;
}

bool tls_write(
	struct tls *t, struct span plain, struct buf *wire_out, struct err *e)
{
	if (!t->open || t->failed || !fits(plain, wire_out))
		return err_set(e, STATUS_INTERNAL,
			"TLS cannot take %zu bytes now", plain.n);
	ERR_clear_error();
	t->wire_out = wire_out;
	int result = 1;
	while (plain.n > 0 && result > 0) {
		struct span record = span_first(plain, TLS_RECORD_MAX);
		result = SSL_write(t->ssl, record.p, (int)record.n);
		plain = span_skip(plain, record.n);
	}
	t->wire_out = NULL;
	return result > 0 || fail(t, e);
}

void tls_close(struct tls *t, struct buf *wire_out)
{
	bool said = SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN;
	if (!t->open || t->failed || said)
		return;
	ERR_clear_error();
	t->wire_out = wire_out;
	SSL_shutdown(t->ssl);
	t->wire_out = NULL;
}

bool tls_is_open(const struct tls *t)
{
	return t->open;
}

bool tls_has_ended(const struct tls *t)
{
	return t->ended;
}
