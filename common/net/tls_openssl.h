/* tls_openssl - what the tls*.c files share, in OpenSSL's types
 *
 * Included by them (and by their tests) alone: the door stays one door.
 */
#ifndef NET_TLS_OPENSSL_H
#define NET_TLS_OPENSSL_H

#include <openssl/ssl.h>

#include "net/tls.h"

#define TLS_PIN_SIZE 32      /* of SHA-256 */
#define TLS_PIN_TEXT_SIZE 64 /* "sha256//" and base64 of it */
#define TLS_ALPN_MAX 255     /* RFC 7301 section 3.1 */

struct tls_config {
	SSL_CTX *ctx;
	unsigned users; /* the creator and each connection */
	bool server, insecure, pinned;
	bool trust_is_read; /* the file with the system's CAs */
	unsigned char pin[TLS_PIN_SIZE];
	unsigned char alpn[1 + TLS_ALPN_MAX]; /* length and name */
	int keylog_fd;                        /* -1: none */
};

struct tls {
	SSL *ssl;
	struct tls_config *config;
	char *name, *unicode; /* of the peer; NULL: not checked */
	enum tls_naming naming;
	usec_t wall;
	struct buf *wire_in, *wire_out; /* of the call that is going on */
	char *refusal;                  /* why its certificate was refused */
	bool open, ended, failed;
	bool verified; /* its certificate, by chain and name */
};

void tls_config_release(struct tls_config *c);

/* ---- tls_trust.c ---- */

/* The CAs of this file; NULL: those of the system. */
bool tls_trust(struct tls_config *c, const char *ca_file, struct err *e);

/* ---- tls_verify.c ---- */

/* For SSL_CTX_set_cert_verify_callback. */
int tls_verify(X509_STORE_CTX *ctx, void *arg);
bool tls_pin_of(X509 *certificate, unsigned char pin[TLS_PIN_SIZE]);
char *tls_pin_format(
	char out[TLS_PIN_TEXT_SIZE], const unsigned char pin[TLS_PIN_SIZE]);

/* ---- tls_name.c ---- */

/* Whom a certificate must name, ready for comparing; borrows the strings. */
struct tls_reference {
	enum tls_naming naming;
	struct span name, unicode; /* without a dot at the end */
	unsigned char ip[16];
	size_t ip_n; /* 4 or 16; 0: a name */
};

void tls_reference_init(struct tls_reference *r, enum tls_naming naming,
	const char *name, const char *unicode);
bool tls_names(X509 *certificate, const struct tls_reference *r);
/* The sentence for when it does not: which names it has, which was wanted,
 * what to do. */
void tls_describe_mismatch(
	X509 *certificate, const struct tls_reference *r, struct buf *out);

/* ---- tls_error.c ---- */

/* From OpenSSL's queue of errors, which is empty afterwards. */
bool tls_error(const struct tls *t, struct err *e);
/* The first of the queue's reasons as words. */
const char *tls_reason(void);

#endif
