/* fuzz_sip_uri - what is parsed as a URI is written back as it was, equals
 * itself, and decodes. */
#include <stdlib.h>

#include "base/buf.h"
#include "sip/uri.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct span text = span_from((const char *)data, size);
	struct sip_uri u;
	struct err e;
	if (!sip_uri_parse(&u, text, &e))
		return 0;
	struct buf b = BUF_INIT(2 * SIP_URI_MAX);
	bool is_sip = u.kind == SIP_SCHEME_SIP || u.kind == SIP_SCHEME_SIPS;
	/* A port may have been written with zeroes in front. */
	if (!sip_uri_format(&b, &u) ||
		(!span_equal(buf_view(&b), text) && !(is_sip && u.port)))
		abort();
	struct sip_uri again;
	if (!sip_uri_parse(&again, buf_view(&b), NULL) ||
		!sip_uri_equal(&u, &again) || !sip_uri_equal(&u, &u))
		abort();
	buf_reset(&b);
	if (!sip_uri_decode(&b, u.opaque))
		abort();
	buf_clear(&b);
	return 0;
}
