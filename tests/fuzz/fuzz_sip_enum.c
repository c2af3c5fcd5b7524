/* fuzz_sip_enum - services and rules of ENUM, out of anybody's DNS: what comes
 * out is within its bounds and nothing but a URI. */
#include <stdlib.h>

#include "sip/enum.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct span text = span_from((const char *)data, size), services;
	struct buf uri = BUF_INIT(SIP_ENUM_URI_MAX);
	char number[SIP_ENUM_NUMBER_MAX + 2];
	struct err e;

	span_cut(&text, '\n', &services);
	if (sip_enum_is_sip(services) && !sip_enum_is_enum(services))
		abort();
	if (sip_enum_apply(&uri, text, SPAN("+441632960083"), &e)) {
		for (size_t i = 0; i < uri.len; i++)
			if (uri.data[i] <= ' ' || uri.data[i] >= 0x7f)
				abort();
		if (uri.len == 0 || uri.failed)
			abort();
	}
	buf_clear(&uri);
	struct buf key = BUF_INIT(253);
	if (sip_enum_number(number, text, &e) &&
		!sip_enum_key(&key, span_of(number), SIP_ENUM_SUFFIX))
		abort();
	buf_clear(&key);
	return 0;
}
