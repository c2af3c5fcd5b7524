#include "tests/common/certs.h"

#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/common/test.h"

static EVP_PKEY *make_key(const char *kind)
{
	if (!kind || strcmp(kind, "P-256") == 0)
		return EVP_EC_gen("P-256");
	if (strncmp(kind, "RSA ", 4) == 0)
		return EVP_RSA_gen((unsigned)atoi(kind + 4));
	return EVP_PKEY_Q_keygen(NULL, NULL, kind);
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (!e)
		fail_msg("not an extension: %s", value);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static void add_name(X509 *x, GENERAL_NAME *n)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	sk_GENERAL_NAME_push(names, n);
	X509_add1_ext_i2d(
		x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT);
	GENERAL_NAMES_free(names);
}

static void add_nul_name(X509 *x)
{
	static const char name[] = "good.example\0.evil.example";
	GENERAL_NAME *n = GENERAL_NAME_new();
	ASN1_IA5STRING *s = ASN1_IA5STRING_new();
	ASN1_STRING_set(s, name, sizeof(name) - 1);
	GENERAL_NAME_set0_value(n, GEN_DNS, s);
	add_name(x, n);
}

static void add_xmpp_addr(X509 *x, const char *address)
{
	GENERAL_NAME *n = GENERAL_NAME_new();
	ASN1_TYPE *value = ASN1_TYPE_new();
	ASN1_UTF8STRING *s = ASN1_UTF8STRING_new();
	ASN1_STRING_set(s, address, -1);
	ASN1_TYPE_set(value, V_ASN1_UTF8STRING, s);
	GENERAL_NAME_set0_othername(n, OBJ_nid2obj(NID_XmppAddr), value);
	add_name(x, n);
}

static void name_it(X509 *x, const char *cn)
{
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
		MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
}

static void extend_all(X509 *x, X509 *issuer, const struct cert_spec *s)
{
	const char *purposes = s->purposes ? s->purposes : "serverAuth";
	extend(x, issuer, NID_basic_constraints,
		s->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	extend(x, issuer, NID_key_usage,
		s->usage ? s->usage
		: s->ca  ? "critical,keyCertSign"
			 : "critical,digitalSignature");
	if (!s->ca && *purposes)
		extend(x, issuer, NID_ext_key_usage, purposes);
	if (s->sans)
		extend(x, issuer, NID_subject_alt_name, s->sans);
	if (s->nul_in_name)
		add_nul_name(x);
	if (s->xmpp_addr)
		add_xmpp_addr(x, s->xmpp_addr);
}

struct cert cert_make(const struct cert_spec *s)
{
	static long serial = 1;
	bool dated = s->from || s->to;
	time_t now = (time_t)(CERTS_WALL / USEC_SEC);
	struct cert c = { X509_new(), make_key(s->key) };
	const struct cert *issuer = s->issuer ? s->issuer : &c;
	X509_set_version(c.x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(c.x), serial++);
	ASN1_TIME_adj(
		X509_getm_notBefore(c.x), now, (int)(dated ? s->from : -1), 0);
	ASN1_TIME_adj(
		X509_getm_notAfter(c.x), now, (int)(dated ? s->to : 30), 0);
	X509_set_pubkey(c.x, c.key);
	name_it(c.x, s->cn ? s->cn : "a test");
	X509_set_issuer_name(c.x, X509_get_subject_name(issuer->x));
	extend_all(c.x, issuer->x, s);
	bool own_hash = EVP_PKEY_is_a(issuer->key, "ED25519");
	const EVP_MD *hash =
		own_hash ? NULL
			 : EVP_get_digestbyname(s->hash ? s->hash : "SHA256");
	assert_int_not_equal(X509_sign(c.x, issuer->key, hash), 0);
	if (s->spoiled) {
		ASN1_BIT_STRING *signature;
		X509_get0_signature(
			(const ASN1_BIT_STRING **)&signature, NULL, c.x);
		signature->data[signature->length - 1] ^= 1;
	}
	return c;
}

void cert_free(struct cert *c)
{
	X509_free(c->x);
	EVP_PKEY_free(c->key);
	*c = (struct cert){ NULL, NULL };
}

/* ---- files ---- */

static char folder[64];

const char *certs_path(const char *name)
{
	static char path[160];
	if (!folder[0]) {
		strcpy(folder, "/tmp/samtal-test-XXXXXX");
		assert_non_null(mkdtemp(folder));
		atexit(certs_clear);
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

const char *cert_save(const struct cert *c, const char *name, bool with_key)
{
	const char *path = certs_path(name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	PEM_write_X509(f, c->x);
	if (with_key)
		PEM_write_PrivateKey(f, c->key, NULL, NULL, 0, NULL, NULL);
	assert_int_equal(fclose(f), 0);
	return path;
}

void certs_clear(void)
{
	DIR *d = folder[0] ? opendir(folder) : NULL;
	struct dirent *entry;
	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
	if (folder[0])
		rmdir(folder);
	folder[0] = '\0';
}
