/* From settings to an SSL_CTX: own certificate, versions, ALPN. */
#include "net/tls_openssl.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/openssl.h"

#define SECURITY_LEVEL 2 /* 112 bits: RSA 2048, no SHA-1 signatures */

static bool set_pin(struct tls_config *c, const char *text, struct err *e)
{
	const char *prefix = "sha256//";
	struct span s = span_of(text);
	struct buf bytes = BUF_INIT(TLS_PIN_SIZE);
	bool good = span_starts(s, prefix) &&
		    base64_decode(&bytes, span_skip(s, strlen(prefix))) &&
		    bytes.len == TLS_PIN_SIZE;
	if (good)
		memcpy(c->pin, bytes.data, TLS_PIN_SIZE);
	buf_clear(&bytes);
	c->pinned = good;
	return good || err_set(e, STATUS_USAGE,
			       "a pin is sha256// and the base64 of 32 bytes");
}

/* OpenSSL would ask on the terminal, in the middle of a pipeline. */
static int no_passphrase(char *to, int size, int writing, void *arg)
{
	(void)to;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static bool set_certificate(
	struct tls_config *c, const struct tls_settings *s, struct err *e)
{
	const char *key = s->key_file ? s->key_file : s->cert_file;
	SSL_CTX_set_default_passwd_cb(c->ctx, no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(c->ctx, s->cert_file) != 1)
		return err_set(e, STATUS_LOCAL_IO,
			"certificate file %s cannot be used: %s", s->cert_file,
			tls_reason());
	if (SSL_CTX_use_PrivateKey_file(c->ctx, key, SSL_FILETYPE_PEM) != 1)
		return err_set(e, STATUS_LOCAL_IO,
			"key file %s cannot be used: %s", key, tls_reason());
	return true;
}

/* RFC 7301 section 3.2: without one in common no_application_protocol, where
 * the client asked at all. */
static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *n,
	const unsigned char *offer, unsigned offer_n, void *arg)
{
	(void)ssl;
	const struct tls_config *c = arg;
	for (unsigned at = 0; at < offer_n; at += 1 + offer[at]) {
		if (offer[at] != c->alpn[0] || offer[at] >= offer_n - at ||
			memcmp(offer + at + 1, c->alpn + 1, offer[at]) != 0)
			continue;
		*out = offer + at + 1;
		*n = offer[at];
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool set_alpn(struct tls_config *c, const char *name, struct err *e)
{
	size_t n = strlen(name);
	if (n == 0 || n > TLS_ALPN_MAX)
		return err_set(e, STATUS_USAGE,
			"an ALPN protocol is 1 to %d bytes", TLS_ALPN_MAX);
	c->alpn[0] = (unsigned char)n;
	memcpy(c->alpn + 1, name, n);
	if (c->server)
		SSL_CTX_set_alpn_select_cb(c->ctx, select_alpn, c);
	else
		SSL_CTX_set_alpn_protos(c->ctx, c->alpn, (unsigned)n + 1);
	return true;
}

/* One write a line, so that parallel runs can share the file. */
static void log_key(const SSL *ssl, const char *line)
{
	const struct tls_config *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	char *text = mem_format("%s\n", line);
	/* A full disk must not end the connection that is looked at. */
	ssize_t ignored = write(c->keylog_fd, text, strlen(text));
	(void)ignored;
	mem_free_wiped(text);
}

static bool set_keylog(struct tls_config *c, const char *file, struct err *e)
{
	c->keylog_fd = open(file,
		O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (c->keylog_fd < 0)
		return err_errno(
			e, STATUS_LOCAL_IO, errno, "key log file %s", file);
	SSL_CTX_set_keylog_callback(c->ctx, log_key);
	return true;
}

static void set_versions(struct tls_config *c, enum tls_only only)
{
	static const int versions[] = { [TLS_ONLY_1_0] = TLS1_VERSION,
		[TLS_ONLY_1_1] = TLS1_1_VERSION,
		[TLS_ONLY_1_2] = TLS1_2_VERSION,
		[TLS_ONLY_1_3] = TLS1_3_VERSION };
	if (only != TLS_SAFE) {
		SSL_CTX_set_min_proto_version(c->ctx, versions[only]);
		SSL_CTX_set_max_proto_version(c->ctx, versions[only]);
		/* Old versions sign with hashes that level 1 refuses. */
		SSL_CTX_set_security_level(c->ctx, 0);
		SSL_CTX_set_cipher_list(c->ctx, "ALL:@SECLEVEL=0");
		return;
	}
	SSL_CTX_set_min_proto_version(c->ctx, TLS1_2_VERSION);
	int level = SSL_CTX_get_security_level(c->ctx);
	if (level < SECURITY_LEVEL)
		SSL_CTX_set_security_level(c->ctx, SECURITY_LEVEL);
}

/* What holds for every connection, whatever the settings. */
static void set_policy(struct tls_config *c)
{
	SSL_CTX_set_app_data(c->ctx, c);
	/* Nothing is resumed: a session would outlive the verification. */
	SSL_CTX_set_session_cache_mode(c->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(c->ctx, 0);
	SSL_CTX_set_options(c->ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
					    SSL_OP_NO_COMPRESSION |
					    SSL_OP_CIPHER_SERVER_PREFERENCE);
	/* 34 KB less for each connection that is quiet. */
	SSL_CTX_set_mode(c->ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_cert_verify_callback(c->ctx, tls_verify, NULL);
}

static bool fill(
	struct tls_config *c, const struct tls_settings *s, struct err *e)
{
	bool verify = !s->server || s->ask_client_certificate;
	SSL_CTX_set_verify(
		c->ctx, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	if (s->server && !s->cert_file)
		return err_set(
			e, STATUS_USAGE, "a TLS server needs a certificate");
	return (!s->pin || set_pin(c, s->pin, e)) &&
	       (!verify || s->insecure || tls_trust(c, s->ca_file, e)) &&
	       (!s->cert_file || set_certificate(c, s, e)) &&
	       (!s->alpn || set_alpn(c, s->alpn, e)) &&
	       (!s->keylog_file || set_keylog(c, s->keylog_file, e));
}

struct tls_config *tls_config_new(const struct tls_settings *s, struct err *e)
{
	openssl_start();
	ERR_clear_error();
	struct tls_config *c = mem_alloc(sizeof(*c));
	c->users = 1;
	c->keylog_fd = -1;
	c->server = s->server;
	c->insecure = s->insecure;
	c->ctx = SSL_CTX_new(
		s->server ? TLS_server_method() : TLS_client_method());
	if (!c->ctx) {
		err_set(e, STATUS_INTERNAL, "OpenSSL does not start: %s",
			tls_reason());
		goto out;
	}
	set_policy(c);
	set_versions(c, s->only);
	if (fill(c, s, e))
		return c;
out:
	tls_config_release(c);
	return NULL;
}

void tls_config_release(struct tls_config *c)
{
	if (--c->users > 0)
		return;
	SSL_CTX_free(c->ctx);
	if (c->keylog_fd >= 0)
		close(c->keylog_fd);
	mem_free(c);
}

void tls_config_free(struct tls_config *c)
{
	if (c)
		tls_config_release(c);
}
