/* Replies of nameservers: of every type, from the same bytes. */
#include <stddef.h>
#include <stdint.h>

#include "net/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum record_type types[] = { RECORD_A, RECORD_AAAA,
		RECORD_SRV, RECORD_NAPTR };
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct answer a = { 0 };
		dns_read_answer(
			&a, types[i], span_from((const char *)data, size));
		if (a.outcome == OUTCOME_OPEN || a.count > ANSWER_MAX ||
			(a.count > 0) != (a.outcome == OUTCOME_FOUND))
			__builtin_trap();
		answer_clear(&a);
	}
	return 0;
}
