/* fuzz_sip_binding - the bindings of a response to REGISTER: each is taken once,
 * is the one of its own URI, and none is made of what is no Contact. */
#include <stdlib.h>

#include "sip/binding.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct sip_scan m;
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_binding b;
	struct sip_uri u;
	const char *last = NULL;

	sip_scan(&m, span_from((const char *)data, size));
	while (sip_binding_next(&b, &m, &at)) {
		/* in order, and within the message */
		if (b.uri.n && (b.uri.p <= last || b.uri.p < m.raw.p ||
				       b.uri.p + b.uri.n > m.raw.p + m.raw.n))
			abort();
		last = b.uri.p;
		if (b.q > 1000)
			abort();
		sip_binding_is_of(&b, SPAN("sip:a@b"), SPAN("urn:uuid:1"), 1);
		bool is_own =
			sip_binding_is_of(&b, b.uri, b.instance, b.reg_id);
		bool has_uri = sip_uri_parse(&u, b.uri, NULL);
		if ((b.instance.n || has_uri) && !is_own)
			abort();
	}
	return 0;
}
