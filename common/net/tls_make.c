/* A CA of one certificate, for servers of tests and labs. */
#include "net/tls_openssl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/openssl.h"
#include "base/rand.h"

#define DAY (24 * 3600)
#define SERIAL_SIZE 16     /* RFC 5280 section 4.1.2.2: at most 20 */
#define COMMON_NAME_MAX 64 /* RFC 5280 appendix A: ub-common-name */

static bool add_extension(
	X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
	X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	bool added = x && X509_add_ext(certificate, x, -1) == 1;
	X509_EXTENSION_free(x);
	return added;
}

static bool set_serial(X509 *certificate)
{
	unsigned char bytes[SERIAL_SIZE];
	rand_bytes(bytes, sizeof(bytes));
	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive and of full length */
	BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	bool set = number && BN_to_ASN1_INTEGER(number,
				     X509_get_serialNumber(certificate));
	BN_free(number);
	return set;
}

/* Everything that a CA and a server have in common; not signed yet. */
static X509 *certificate_new(
	const char *common_name, EVP_PKEY *key, usec_t wall, int days)
{
	X509 *x = X509_new();
	time_t now = (time_t)(wall / USEC_SEC);
	time_t from = now - DAY, to = now + (time_t)days * DAY;
	if (x && X509_set_version(x, X509_VERSION_3) && set_serial(x) &&
		ASN1_TIME_adj(X509_getm_notBefore(x), from, 0, 0) &&
		ASN1_TIME_adj(X509_getm_notAfter(x), to, 0, 0) &&
		X509_set_pubkey(x, key) &&
		X509_NAME_add_entry_by_NID(X509_get_subject_name(x),
			NID_commonName, MBSTRING_UTF8,
			(const unsigned char *)common_name, -1, -1, 0))
		return x;
	X509_free(x);
	return NULL;
}

static X509 *ca_new(EVP_PKEY *key, usec_t wall, int days)
{
	/* A name of its own: of two CAs of one name in a file only one is
	 * found. */
	char id[9], name[COMMON_NAME_MAX];
	rand_token(id, sizeof(id) - 1);
	snprintf(name, sizeof(name), "samtal test CA %s", id);
	X509 *x = certificate_new(name, key, wall, days);
	if (x && X509_set_issuer_name(x, X509_get_subject_name(x)) &&
		add_extension(x, x, NID_basic_constraints,
			"critical,CA:TRUE,pathlen:0") &&
		add_extension(x, x, NID_key_usage, "critical,keyCertSign") &&
		add_extension(x, x, NID_subject_key_identifier, "hash") &&
		X509_sign(x, key, EVP_sha256()))
		return x;
	X509_free(x);
	return NULL;
}

static bool add_names(X509 *x, const char *const *names, size_t count)
{
	GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();
	bool good = all != NULL;
	for (size_t i = 0; i < count && good; i++) {
		unsigned char address[16];
		bool is_ip = inet_pton(AF_INET, names[i], address) == 1 ||
			     inet_pton(AF_INET6, names[i], address) == 1;
		GENERAL_NAME *n = a2i_GENERAL_NAME(NULL, NULL, NULL,
			is_ip ? GEN_IPADD : GEN_DNS, names[i], 0);
		good = n && sk_GENERAL_NAME_push(all, n) > 0;
		if (!good)
			GENERAL_NAME_free(n);
	}
	good = good && X509_add1_ext_i2d(x, NID_subject_alt_name, all, 0,
			       X509V3_ADD_DEFAULT);
	GENERAL_NAMES_free(all);
	return good;
}

static X509 *leaf_new(const char *const *names, size_t count, EVP_PKEY *key,
	X509 *ca, EVP_PKEY *ca_key, usec_t wall, int days)
{
	char common_name[COMMON_NAME_MAX + 1];
	snprintf(common_name, sizeof(common_name), "%s", names[0]);
	X509 *x = certificate_new(common_name, key, wall, days);
	if (x && X509_set_issuer_name(x, X509_get_subject_name(ca)) &&
		add_extension(
			x, ca, NID_basic_constraints, "critical,CA:FALSE") &&
		add_extension(
			x, ca, NID_key_usage, "critical,digitalSignature") &&
		add_extension(
			x, ca, NID_ext_key_usage, "serverAuth,clientAuth") &&
		add_extension(x, ca, NID_authority_key_identifier, "keyid") &&
		add_names(x, names, count) &&
		X509_sign(x, ca_key, EVP_sha256()))
		return x;
	X509_free(x);
	return NULL;
}

/* A new file: of one that was there the mode and other open descriptors
 * would stay. */
static bool write_file(const char *file, int mode, X509 *certificate,
	EVP_PKEY *key, struct err *e)
{
	unlink(file);
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		err_errno(e, STATUS_LOCAL_IO, errno, "%s", file);
		if (fd >= 0)
			close(fd);
		return false;
	}
	bool done = certificate ? PEM_write_X509(f, certificate) == 1
				: PEM_write_PKCS8PrivateKey(f, key, NULL, NULL,
					  0, NULL, NULL) == 1;
	if (fclose(f) != 0 || !done) {
		err_errno(e, STATUS_LOCAL_IO, errno, "%s", file);
		unlink(file);
		return false;
	}
	return true;
}

bool tls_make_certificate(const char *const *names, size_t count,
	const char *ca_file, const char *cert_file, const char *key_file,
	usec_t wall, int days, struct err *e)
{
	if (count == 0)
		return err_set(e, STATUS_USAGE, "a certificate for nobody");
	openssl_start();
	ERR_clear_error();
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = NULL, *leaf = NULL;
	bool done = false;
	if (ca_key && key)
		ca = ca_new(ca_key, wall, days);
	if (ca)
		leaf = leaf_new(names, count, key, ca, ca_key, wall, days);
	if (!leaf)
		err_set(e, STATUS_INTERNAL, "cannot make a certificate: %s",
			tls_reason());
	else
		done = write_file(ca_file, 0644, ca, NULL, e) &&
		       write_file(cert_file, 0644, leaf, NULL, e) &&
		       write_file(key_file, 0600, NULL, key, e);
	X509_free(leaf);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	return done;
}
