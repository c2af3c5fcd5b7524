/* certs - certificates for tests, good ones and every kind of bad one
 *
 * All of them are of CERTS_WALL, a fixed day, so that no test depends on the
 * clock of the machine.  Files lie in a folder that certs_clear removes.
 */
#ifndef TESTS_CERTS_H
#define TESTS_CERTS_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/clock.h"

#define CERTS_WALL (1800000000 * USEC_SEC) /* 2027-01-15 */
#define CERTS_DAY 86400

struct cert {
	X509 *x;
	EVP_PKEY *key;
};

/* What is left out is as it should be for a server of TLS. */
struct cert_spec {
	const char *cn;
	const char *sans;     /* as in openssl.cnf: "DNS:a.example,IP:::1" */
	const char *purposes; /* "": no extended key usage; NULL: serverAuth */
	const char *usage;    /* key usage */
	const char *key;      /* "P-256", "RSA 1024", "ED25519" */
	const char *hash;     /* of the signature: "SHA256" */
	const struct cert *issuer; /* NULL: itself */
	long from, to;             /* days from CERTS_WALL; both 0: -1, 30 */
	bool ca;
	bool nul_in_name;      /* a DNS-ID "good.example\0.evil.example" */
	const char *xmpp_addr; /* UTF-8, which the syntax of sans cannot say */
	bool spoiled;          /* changed after it was signed */
};

struct cert cert_make(const struct cert_spec *s);
void cert_free(struct cert *c);

/* A file name in the folder of this run, until the next call. */
const char *certs_path(const char *name);
/* Certificate (and key, where with_key) in PEM. */
const char *cert_save(const struct cert *c, const char *name, bool with_key);
void certs_clear(void);

#endif
