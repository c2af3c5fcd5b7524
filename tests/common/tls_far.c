#include "tests/common/tls_far.h"

#include <openssl/err.h>
#include <string.h>

#include "tests/common/test.h"

#define MAX (1 << 20)

void far_init(struct far *f, bool server, const struct cert *certificate)
{
	*f = (struct far){ 0 };
	f->ctx =
		SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	SSL_CTX_set_security_level(f->ctx, 0);
	if (certificate) {
		assert_int_equal(
			SSL_CTX_use_certificate(f->ctx, certificate->x), 1);
		assert_int_equal(
			SSL_CTX_use_PrivateKey(f->ctx, certificate->key), 1);
	}
	buf_init(&f->said, MAX);
	buf_init(&f->wire_in, MAX);
	buf_init(&f->wire_out, MAX);
	buf_init(&f->plain, MAX);
}

void far_start(struct far *f, const struct tls_settings *s,
	enum tls_naming naming, const char *name)
{
	struct tls_peer peer = { .naming = naming, .name = name };
	f->ssl = SSL_new(f->ctx);
	f->in = BIO_new(BIO_s_mem());
	f->out = BIO_new(BIO_s_mem());
	SSL_set_bio(f->ssl, f->in, f->out);
	if (s->server)
		SSL_set_connect_state(f->ssl);
	else
		SSL_set_accept_state(f->ssl);
	f->config = tls_config_new(s, &f->e);
	assert_ok(f->config != NULL, &f->e);
	f->tls = tls_new(f->config, &peer, CERTS_WALL, &f->e);
	assert_ok(f->tls != NULL, &f->e);
	/* The connection has its own hold on it. */
	tls_config_free(f->config);
}

static bool step_far(struct far *f)
{
	char bytes[4096];
	size_t before = f->said.len;
	ERR_clear_error();
	int n;
	while ((n = SSL_read(f->ssl, bytes, sizeof(bytes))) > 0)
		buf_add(&f->said, bytes, (size_t)n);
	int error = SSL_get_error(f->ssl, n);
	if (error == SSL_ERROR_SSL && !f->reason)
		f->reason = ERR_GET_REASON(ERR_peek_error());
	ERR_clear_error();
	return f->said.len > before;
}

static size_t limited(const struct far *f, size_t n)
{
	return f->piece && n > f->piece ? f->piece : n;
}

static bool carry_to_us(struct far *f)
{
	char *bytes;
	size_t n = limited(f, (size_t)BIO_get_mem_data(f->out, &bytes));
	if (n == 0)
		return false;
	char copy[65536];
	n = n > sizeof(copy) ? sizeof(copy) : n;
	BIO_read(f->out, copy, (int)n);
	buf_add(&f->wire_in, copy, n);
	return true;
}

static bool carry_to_far(struct far *f)
{
	size_t n = limited(f, f->wire_out.len);
	if (n == 0)
		return false;
	BIO_write(f->in, f->wire_out.data, (int)n);
	buf_consume(&f->wire_out, n);
	return true;
}

void far_run(struct far *f)
{
	bool moved = true;
	while (moved) {
		moved = false;
		if (!f->over)
			f->over = !tls_step(f->tls, &f->wire_in, &f->wire_out,
				&f->plain, &f->e);
		moved |= carry_to_far(f);
		moved |= step_far(f);
		moved |= carry_to_us(f);
	}
}

void far_say(struct far *f, const char *text)
{
	assert_int_equal(
		SSL_write(f->ssl, text, (int)strlen(text)), strlen(text));
}

void far_clear(struct far *f)
{
	tls_free(f->tls);
	SSL_free(f->ssl);
	SSL_CTX_free(f->ctx);
	buf_clear(&f->said);
	buf_clear(&f->wire_in);
	buf_clear(&f->wire_out);
	buf_clear(&f->plain);
}
