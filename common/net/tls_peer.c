/* What the far side's certificate says of itself. */
#include <time.h>

#include "net/tls_openssl.h"

static bool read_time(const ASN1_TIME *time, usec_t *out)
{
	struct tm tm;
	if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*out = (usec_t)timegm(&tm) * USEC_SEC;
	return true;
}

bool tls_peer_times(const struct tls *t, usec_t *from, usec_t *until)
{
	X509 *certificate = SSL_get0_peer_certificate(t->ssl);
	return certificate &&
	       read_time(X509_get0_notBefore(certificate), from) &&
	       read_time(X509_get0_notAfter(certificate), until);
}
