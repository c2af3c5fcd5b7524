#include "sip/fault.h"

static const struct {
	unsigned short code;
	const char *reason;
} faults[SIP_FAULT_COUNT] = {
#define FAULT(constant, code, reason) [SIP_FAULT_##constant] = { code, reason },
	SIP_FAULT_LIST(FAULT)
#undef FAULT
};

_Static_assert(SIP_FAULT_COUNT <= 64, "a bit for each kind of fault");

void sip_fault_add(
	struct sip_faults *f, enum sip_fault_kind kind, struct span where)
{
	if (sip_fault_has(f, kind))
		return;
	f->kinds |= (uint64_t)1 << kind;
	if (f->count < SIP_FAULTS_MAX)
		f->list[f->count++] = (struct sip_fault){ kind, where };
}

bool sip_fault_has(const struct sip_faults *f, enum sip_fault_kind kind)
{
	return f->kinds >> kind & 1;
}

unsigned sip_fault_code(enum sip_fault_kind kind)
{
	return faults[kind].code;
}

const char *sip_fault_reason(enum sip_fault_kind kind)
{
	return faults[kind].reason;
}

bool sip_faults_list(struct buf *out, const struct sip_faults *f)
{
	size_t start = out->len;
	for (unsigned i = 0; i < SIP_FAULT_COUNT; i++) {
		if (!sip_fault_has(f, (enum sip_fault_kind)i))
			continue;
		if (out->len > start)
			buf_str(out, ", ");
		buf_str(out, sip_fault_reason((enum sip_fault_kind)i));
	}
	return !out->failed;
}
