/* tls - TLS by OpenSSL, as bytes in and bytes out; net/conn puts it on a wire
 *
 * A tls_config is what many connections share: trust, own certificate, ALPN.
 * Verification is on unless `insecure`, TLS 1.2 at least.  Whom the
 * certificate must name is said per connection, by the rules of its protocol.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

struct tls_config;
struct tls;

enum tls_only {
	TLS_SAFE, /* TLS 1.2 and later */
	TLS_ONLY_1_0,
	TLS_ONLY_1_1,
	TLS_ONLY_1_2,
	TLS_ONLY_1_3,
};

struct tls_settings {
	bool server;
	/* To see what the far side accepts: this version alone, with any
	 * cipher it has.  For nothing else. */
	enum tls_only only;
	bool insecure;           /* verify nothing; tests only */
	const char *ca_file;     /* PEM; NULL: the system's */
	const char *cert_file;   /* own chain, PEM; NULL: none */
	const char *key_file;    /* NULL: in cert_file */
	const char *pin;         /* "sha256//BASE64" of the public key: this key
				    and no chain; NULL: none */
	const char *alpn;        /* one protocol; NULL: none */
	const char *keylog_file; /* SSLKEYLOGFILE; NULL: none */
	bool ask_client_certificate; /* server: ask, do not require */
};

/* The strings are copied or read before it returns. */
struct tls_config *tls_config_new(const struct tls_settings *s, struct err *e);
void tls_config_free(struct tls_config *c); /* its connections may live on */

/* How the certificate must name the far side. */
enum tls_naming {
	TLS_NAMING_HOST, /* RFC 9525: DNS-ID or IP-ID; "*" may be the whole
			    first label, in front of two or more */
	TLS_NAMING_XMPP, /* RFC 6120 section 13.7: the same, or SRV-ID
			    _xmpp-client, or XmppAddr */
	TLS_NAMING_SIP,  /* RFC 5922 section 7: URI-ID sip:domain; only where
			    there is none DNS-ID; no wildcards */
};

/* The common name never counts.  An address as name wants an IP-ID. */
struct tls_peer {
	enum tls_naming naming;
	const char *name; /* reference identity, A-labels; NULL on a server */
	const char *unicode; /* the same in U-labels, which XmppAddr has;
				NULL: name */
	const char *sni;     /* NULL: name; "": none */
};

/* wall: loop_wall, the time at which the certificates must be valid.  The
 * strings are copied. */
struct tls *tls_new(struct tls_config *c, const struct tls_peer *peer,
	usec_t wall, struct err *e);
void tls_free(struct tls *t);

/* One step: takes what came from the wire out of `wire_in`, puts what must go
 * there into `wire_out` and what the far side said into `plain`, until that is
 * full (then again, when there is room).  The first step of a client makes
 * its hello.  False: the connection is over (e: STATUS_TLS with a sentence for
 * a person, such as which names the certificate has and which was wanted);
 * send wire_out first, an alert may be in it. */
bool tls_step(struct tls *t, struct buf *wire_in, struct buf *wire_out,
	struct buf *plain, struct err *e);
/* In records of up to TLS_RECORD_MAX bytes; wire_out needs room for each and
 * for TLS_RECORD_OVERHEAD more. */
#define TLS_RECORD_MAX 16384
#define TLS_RECORD_OVERHEAD 128
bool tls_write(
	struct tls *t, struct span plain, struct buf *wire_out, struct err *e);
void tls_close(struct tls *t, struct buf *wire_out); /* close_notify */
bool tls_is_open(const struct tls *t);   /* the handshake is complete */
bool tls_has_ended(const struct tls *t); /* close_notify came */

/* ---- once open ---- */

const char *tls_version(const struct tls *t); /* "TLSv1.3" */
const char *tls_cipher(const struct tls *t);
struct span tls_alpn(const struct tls *t); /* empty: none agreed */
/* The days of the far side's certificate; false: there is none. */
bool tls_peer_times(const struct tls *t, usec_t *from, usec_t *until);

/* Does the far side's verified certificate name this one too?  For a server
 * that asked for a certificate, and for using a connection for another domain
 * of the same server.  False where there was none, or a pin or `insecure`
 * stood in for the verification. */
bool tls_peer_is(const struct tls *t, enum tls_naming naming, const char *name);

/* Channel bindings: RFC 9266 tls-exporter (TLS 1.3, or 1.2 with extended
 * master secret), RFC 5929 tls-server-end-point and tls-unique (TLS 1.2 with
 * extended master secret only).  False: not usable on this connection. */
enum tls_binding {
	TLS_BINDING_EXPORTER,
	TLS_BINDING_SERVER_END_POINT,
	TLS_BINDING_UNIQUE,
};
bool tls_binding_data(
	const struct tls *t, enum tls_binding type, struct buf *out);

/* Makes a CA and a certificate for these DNS names (and IP addresses) in
 * PEM files, for servers of tests and labs: RSA-free (P-256), a day back to
 * `days` ahead.  wall: loop_wall.  The key file is 0600; the CA's own key is
 * not kept, so that nobody can sign with it again.  Files of these names are
 * replaced. */
bool tls_make_certificate(const char *const *names, size_t count,
	const char *ca_file, const char *cert_file, const char *key_file,
	usec_t wall, int days, struct err *e);

#endif
