/* Is the certificate believed: pin, chain and names, and the sentence where
 * it is not. */
#include "net/tls_openssl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"

#define SENTENCE_MAX 400 /* leaves room in an err for who and where */
#define NAME_SHOWN 96

/* ---- pins: the key itself instead of a chain (as RFC 7469 section 2.4) ---- */

bool tls_pin_of(X509 *certificate, unsigned char pin[TLS_PIN_SIZE])
{
	unsigned char *der = NULL, hash[HASH_MAX];
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	if (n <= 0)
		return false;
	hash_bytes(HASH_SHA256, span_from((char *)der, (size_t)n), hash);
	memcpy(pin, hash, TLS_PIN_SIZE);
	OPENSSL_free(der);
	return true;
}

char *tls_pin_format(
	char out[TLS_PIN_TEXT_SIZE], const unsigned char pin[TLS_PIN_SIZE])
{
	struct buf text = BUF_INIT(TLS_PIN_TEXT_SIZE - 1);
	buf_str(&text, "sha256//");
	base64_add(&text, span_from((const char *)pin, TLS_PIN_SIZE));
	span_copy(out, TLS_PIN_TEXT_SIZE, buf_view(&text));
	buf_clear(&text);
	return out;
}

static int verify_pin(struct tls *t, X509 *certificate)
{
	unsigned char pin[TLS_PIN_SIZE] = { 0 };
	char is[TLS_PIN_TEXT_SIZE], wanted[TLS_PIN_TEXT_SIZE];
	if (tls_pin_of(certificate, pin) &&
		hash_equal(pin, t->config->pin, TLS_PIN_SIZE))
		return 1;
	t->refusal = mem_format("the key is %s, the pinned one %s",
		tls_pin_format(is, pin),
		tls_pin_format(wanted, t->config->pin));
	return 0;
}

/* ---- what a certificate may be used for ---- */

/* OpenSSL wants serverAuth of a server.  RFC 5280 section 4.2.1.12: any
 * purpose allows this one too; RFC 5924 section 4: so does id-kp-sipDomain
 * for SIP. */
static bool purpose_is_good(X509 *certificate, enum tls_naming naming)
{
	uint32_t usage = X509_get_key_usage(certificate);
	if (!(usage & (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT |
			      KU_KEY_AGREEMENT)))
		return false;
	EXTENDED_KEY_USAGE *purposes =
		X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
	ASN1_OBJECT *sip_domain = OBJ_txt2obj("1.3.6.1.5.5.7.3.20", 1);
	bool good = false;
	for (int i = 0; i < sk_ASN1_OBJECT_num(purposes); i++) {
		const ASN1_OBJECT *p = sk_ASN1_OBJECT_value(purposes, i);
		good |= OBJ_obj2nid(p) == NID_anyExtendedKeyUsage ||
			(naming == TLS_NAMING_SIP &&
				OBJ_cmp(p, sip_domain) == 0);
	}
	ASN1_OBJECT_free(sip_domain);
	EXTENDED_KEY_USAGE_free(purposes);
	return good;
}

static struct tls *tls_of(X509_STORE_CTX *ctx)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
	return SSL_get_app_data(ssl);
}

static int overlook(int fine, X509_STORE_CTX *ctx)
{
	return fine ||
	       (X509_STORE_CTX_get_error(ctx) == X509_V_ERR_INVALID_PURPOSE &&
		       X509_STORE_CTX_get_error_depth(ctx) == 0 &&
		       purpose_is_good(X509_STORE_CTX_get_current_cert(ctx),
			       tls_of(ctx)->naming));
}

/* ---- sentences ---- */

static char *subject_shown(char out[NAME_SHOWN], const X509_NAME *name)
{
	char text[256] = "";
	int at = X509_NAME_get_index_by_NID(
		(X509_NAME *)name, NID_commonName, -1);
	if (at >= 0) {
		ASN1_STRING *cn =
			X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
		return utf8_printable_to(out, NAME_SHOWN,
			span_from((const char *)ASN1_STRING_get0_data(cn),
				(size_t)ASN1_STRING_length(cn)));
	}
	X509_NAME_oneline(name, text, sizeof(text));
	return utf8_printable_to(out, NAME_SHOWN, span_of(text));
}

/* "2026-11-22", or "an unreadable date". */
static void add_date(struct buf *out, const ASN1_TIME *time)
{
	struct tm tm;
	if (ASN1_TIME_to_tm(time, &tm) == 1)
		buf_printf(out, "%04d-%02d-%02d", tm.tm_year + 1900,
			tm.tm_mon + 1, tm.tm_mday);
	else
		buf_str(out, "an unreadable date");
}

static void add_pin(struct buf *out, X509 *leaf)
{
	unsigned char pin[TLS_PIN_SIZE];
	char text[TLS_PIN_TEXT_SIZE];
	if (leaf && tls_pin_of(leaf, pin))
		buf_printf(out, "--pin %s", tls_pin_format(text, pin));
}

static void describe_unknown(struct buf *out, X509 *leaf, X509 *last)
{
	char who[NAME_SHOWN];
	buf_printf(out,
		"certificate is signed by \"%s\", which is not known "
		"here: --ca FILE trusts a CA, ",
		subject_shown(who, X509_get_issuer_name(last)));
	add_pin(out, leaf);
	buf_str(out, " this key alone");
}

static void describe_date(struct buf *out, const struct tls *t,
	X509_STORE_CTX *ctx, X509 *at, bool expired)
{
	char now[CLOCK_TEXT_SIZE], who[NAME_SHOWN];
	buf_printf(out, "certificate %s%s ",
		X509_STORE_CTX_get_error_depth(ctx) > 0 ? "of the CA " : "",
		expired ? "expired on" : "is not valid before");
	add_date(out,
		expired ? X509_get0_notAfter(at) : X509_get0_notBefore(at));
	buf_printf(out, " (\"%s\"; it is %.10s here)",
		subject_shown(who, X509_get_subject_name(at)),
		clock_format(now, t->wall));
}

/* What is wrong with the one certificate at hand, as "certificate of WHO …". */
static const char *fault_of(const struct tls *t, X509_STORE_CTX *ctx)
{
	int error = X509_STORE_CTX_get_error(ctx);
	switch (error) {
	case X509_V_ERR_INVALID_PURPOSE:
		return X509_STORE_CTX_get_error_depth(ctx) > 0
			       ? "may not sign for this purpose"
		       : t->config->server
			       ? "may not be used by TLS clients (key usage)"
			       : "may not be used by TLS servers (key usage)";
	case X509_V_ERR_INVALID_CA:
	case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
		return "may not sign others, and has";
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return "was changed after it was signed";
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
		return "has a key that is too short";
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return "is signed by too weak a hash";
	default:
		return X509_verify_cert_error_string(error);
	}
}

static void describe(struct buf *out, const struct tls *t, X509_STORE_CTX *ctx)
{
	X509 *leaf = X509_STORE_CTX_get0_cert(ctx);
	X509 *at = X509_STORE_CTX_get_current_cert(ctx);
	char who[NAME_SHOWN];
	at = at ? at : leaf;
	switch (X509_STORE_CTX_get_error(ctx)) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		describe_date(out, t, ctx, at, true);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		describe_date(out, t, ctx, at, false);
		break;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		buf_str(out,
			"certificate is self-signed: --ca FILE trusts it, ");
		add_pin(out, leaf);
		buf_str(out, " its key");
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		describe_unknown(out, leaf, at);
		break;
	default:
		buf_printf(out, "certificate of \"%s\" %s",
			subject_shown(who, X509_get_subject_name(at)),
			fault_of(t, ctx));
	}
}

/* ---- all of it ---- */

static int verify_name(struct tls *t, X509_STORE_CTX *ctx, struct buf *text)
{
	struct tls_reference wanted;
	X509 *leaf = X509_STORE_CTX_get0_cert(ctx);
	if (!t->name)
		return 1; /* a client, whose name tls_peer_is asks for */
	tls_reference_init(&wanted, t->naming, t->name, t->unicode);
	if (tls_names(leaf, &wanted))
		return 1;
	X509_STORE_CTX_set_error(ctx, X509_V_ERR_HOSTNAME_MISMATCH);
	tls_describe_mismatch(leaf, &wanted, text);
	buf_str(text, ", ");
	add_pin(text, leaf);
	buf_str(text, " this key");
	return 0;
}

int tls_verify(X509_STORE_CTX *ctx, void *arg)
{
	(void)arg;
	struct tls *t = tls_of(ctx);
	if (t->config->insecure)
		return 1;
	if (t->config->pinned) {
		int fine = verify_pin(t, X509_STORE_CTX_get0_cert(ctx));
		X509_STORE_CTX_set_error(ctx,
			fine ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
		return fine;
	}
	struct buf text = BUF_INIT(SENTENCE_MAX);
	X509_STORE_CTX_set_verify_cb(ctx, overlook);
	int fine = X509_verify_cert(ctx) == 1;
	if (!fine)
		describe(&text, t, ctx);
	else
		fine = verify_name(t, ctx, &text);
	t->verified = fine;
	if (!fine)
		t->refusal = mem_str(buf_text(&text));
	buf_clear(&text);
	return fine;
}
