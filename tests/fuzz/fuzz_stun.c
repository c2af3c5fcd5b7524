/* STUN Binding messages, and the answers to requests. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "net/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf answer = BUF_INIT(200);
	struct endpoint from;
	struct stun s, again;

	endpoint_parse(&from, SPAN("[2001:db8::1]:5060"), 0, NULL);
	if (stun_parse(&s, span_from((const char *)data, size)) &&
		(!stun_answer(&answer, &s, &from) ||
			!stun_parse(&again, buf_view(&answer))))
		abort();
	buf_clear(&answer);
	return 0;
}
