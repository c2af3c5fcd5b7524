/* The names in a certificate of a peer (its subjectAltName, in DER): whom they
 * are for by each protocol's rules, and what is said of them to a person. */
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "net/tls_openssl.h"

#define WANTED "im.a.example"
#define SENTENCE_MAX 400

static bool is_printable(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return utf8_is_valid(s);
}

/* A certificate with these names and nothing else: to parse a key each time
 * would be most of the work. */
static X509 *with_names(const uint8_t *data, size_t size)
{
	X509 *x = X509_new();
	ASN1_OCTET_STRING *names = ASN1_OCTET_STRING_new();
	ASN1_OCTET_STRING_set(names, data, (int)size);
	X509_EXTENSION *e = X509_EXTENSION_create_by_NID(
		NULL, NID_subject_alt_name, 0, names);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(names);
	return x;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	X509 *x = with_names(data, size);
	for (int n = TLS_NAMING_HOST; n <= TLS_NAMING_SIP; n++) {
		struct tls_reference r;
		struct buf text = BUF_INIT(SENTENCE_MAX);
		tls_reference_init(&r, (enum tls_naming)n, WANTED, NULL);
		bool named = tls_names(x, &r);
		/* OpenSSL's own check is laxer, never stricter. */
		if (n == TLS_NAMING_HOST && named &&
			X509_check_host(x, WANTED, 0,
				X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) != 1)
			abort();
		tls_describe_mismatch(x, &r, &text);
		if (text.len == 0 || text.failed ||
			!is_printable(buf_view(&text)))
			abort();
		buf_clear(&text);
	}
	X509_free(x);
	return 0;
}
