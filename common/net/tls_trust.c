/* Whom a certificate must lead to: the CAs of --ca, or those of the system.
 *
 * A system has its CAs twice, in a folder where a name is looked up by its
 * hash and in one file.  To read the file takes 70 ms with OpenSSL 3.0 and 15
 * with 3.5, which is longer than all else that a run does.  So the folder is
 * asked first, and the file read when an issuer is looked for that the folder
 * does not have. */
#include "net/tls_openssl.h"

/* Of an X509_STORE: the tls_config it is of.  A chain is also looked for where
 * no connection is known: that of our own certificate. */
static int config_index(void)
{
	static int index = -1;
	if (index < 0)
		index = X509_STORE_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	return index;
}

/* Found, and of today. */
static bool is_good(int found, X509 *const *issuer, X509_STORE_CTX *ctx)
{
	return found == 1 && X509_cmp_timeframe(X509_STORE_CTX_get0_param(ctx),
				     X509_get0_notBefore(*issuer),
				     X509_get0_notAfter(*issuer)) == 0;
}

/* An X509_STORE_CTX_get_issuer_fn: 1, 0, or -1 for what cannot be. */
static int find_issuer(X509 **issuer, X509_STORE_CTX *ctx, X509 *x)
{
	struct tls_config *c = X509_STORE_get_ex_data(
		X509_STORE_CTX_get0_store(ctx), config_index());
	int found = X509_STORE_CTX_get1_issuer(issuer, ctx, x);
	if (found < 0 || c->trust_is_read || is_good(found, issuer, ctx))
		return found;
	c->trust_is_read = true;
	SSL_CTX_set_default_verify_file(c->ctx);
	if (found == 1)
		X509_free(*issuer);
	*issuer = NULL;
	return X509_STORE_CTX_get1_issuer(issuer, ctx, x);
}

static void trust_system(struct tls_config *c)
{
	X509_STORE *store = SSL_CTX_get_cert_store(c->ctx);
	SSL_CTX_set_default_verify_dir(c->ctx);
	X509_STORE_set_ex_data(store, config_index(), c);
	X509_STORE_set_get_issuer(store, find_issuer);
}

static bool trust_file(struct tls_config *c, const char *file, struct err *e)
{
	if (SSL_CTX_load_verify_file(c->ctx, file) != 1)
		return err_set(e, STATUS_LOCAL_IO,
			"CA file %s cannot be used: %s", file, tls_reason());
	/* Who is named in --ca is trusted, a root or not. */
	X509_VERIFY_PARAM_set_flags(
		SSL_CTX_get0_param(c->ctx), X509_V_FLAG_PARTIAL_CHAIN);
	return true;
}

bool tls_trust(struct tls_config *c, const char *ca_file, struct err *e)
{
	if (ca_file)
		return trust_file(c, ca_file, e);
	trust_system(c);
	return true;
}
