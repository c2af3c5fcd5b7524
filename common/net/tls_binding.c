/* What an open connection tells about itself, and its channel bindings. */
#include "net/tls_openssl.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

const char *tls_version(const struct tls *t)
{
	return SSL_get_version(t->ssl);
}

const char *tls_cipher(const struct tls *t)
{
	return SSL_get_cipher_name(t->ssl);
}

struct span tls_alpn(const struct tls *t)
{
	const unsigned char *name;
	unsigned n;
	SSL_get0_alpn_selected(t->ssl, &name, &n);
	return span_from((const char *)name, n);
}

bool tls_peer_is(const struct tls *t, enum tls_naming naming, const char *name)
{
	struct tls_reference wanted;
	X509 *certificate = SSL_get0_peer_certificate(t->ssl);
	if (!t->open || !t->verified || !certificate)
		return false;
	tls_reference_init(&wanted, naming, name, NULL);
	return tls_names(certificate, &wanted);
}

/* RFC 9266 section 2, RFC 7627: without it a man in the middle can make two
 * connections with one master secret. */
static bool master_secret_is_unique(const struct tls *t)
{
	return SSL_version(t->ssl) >= TLS1_3_VERSION ||
	       SSL_get_extms_support(t->ssl) == 1;
}

static bool exporter(const struct tls *t, struct buf *out)
{
	const char *label = "EXPORTER-Channel-Binding";
	unsigned char secret[32];
	return master_secret_is_unique(t) &&
	       SSL_export_keying_material(t->ssl, secret, sizeof(secret), label,
		       strlen(label), (const unsigned char *)"", 0, 1) == 1 &&
	       buf_add(out, secret, sizeof(secret));
}

/* RFC 5929 section 4.1: by the hash of the certificate's signature; SHA-256
 * for MD5 and SHA-1; not defined where the signature has no hash of its own
 * (Ed25519). */
static bool server_end_point(const struct tls *t, struct buf *out)
{
	X509 *certificate = t->config->server
				    ? SSL_get_certificate(t->ssl)
				    : SSL_get0_peer_certificate(t->ssl);
	int hash = NID_undef;
	if (!certificate ||
		X509_get_signature_info(certificate, &hash, NULL, NULL, NULL) !=
			1 ||
		hash == NID_undef)
		return false;
	if (hash == NID_md5 || hash == NID_sha1)
		hash = NID_sha256;
	const EVP_MD *algorithm = EVP_get_digestbynid(hash);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n;
	return algorithm && X509_digest(certificate, algorithm, digest, &n) &&
	       buf_add(out, digest, n);
}

/* RFC 5929 section 3.1: the first Finished message of the last handshake; it
 * is the client's, since nothing is resumed. */
static bool unique(const struct tls *t, struct buf *out)
{
	unsigned char finished[EVP_MAX_MD_SIZE];
	if (SSL_version(t->ssl) != TLS1_2_VERSION ||
		!master_secret_is_unique(t) || SSL_session_reused(t->ssl))
		return false;
	size_t n = t->config->server ? SSL_get_peer_finished(t->ssl, finished,
					       sizeof(finished))
				     : SSL_get_finished(t->ssl, finished,
					       sizeof(finished));
	return n > 0 && n <= sizeof(finished) && buf_add(out, finished, n);
}

bool tls_binding_data(
	const struct tls *t, enum tls_binding type, struct buf *out)
{
	if (!t->open)
		return false;
	switch (type) {
	case TLS_BINDING_EXPORTER:
		return exporter(t, out);
	case TLS_BINDING_SERVER_END_POINT:
		return server_end_point(t, out);
	case TLS_BINDING_UNIQUE:
		return unique(t, out);
	}
	return false;
}
