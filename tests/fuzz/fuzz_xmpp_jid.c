/* JIDs: what was taken is within its limits and parses to itself; a name
 * survives escaping. */
#include <stdlib.h>

#include "base/utf8.h"
#include "xmpp/jid.h"
#include "xmpp/prep.h"

static void check(bool good)
{
	if (!good)
		abort();
}

static void check_jid(const struct xmpp_jid *jid)
{
	struct xmpp_jid again, made, bare;
	struct span full = xmpp_jid_full(jid);
	check(jid->domain.n > 0 && jid->domain.n <= XMPP_JID_PART_MAX);
	check(jid->local.n <= XMPP_JID_PART_MAX);
	check(jid->resource.n <= XMPP_JID_PART_MAX);
	check(full.n <= XMPP_JID_MAX && utf8_is_valid(full));
	check(xmpp_jid_parse(&again, full, NULL));
	check(xmpp_jid_equal(jid, &again));
	check(xmpp_jid_make(
		&made, jid->local, jid->domain, jid->resource, NULL));
	check(xmpp_jid_equal(jid, &made));
	xmpp_jid_copy_bare(&bare, jid);
	check(xmpp_jid_equal_bare(jid, &bare) && xmpp_jid_is_bare(&bare));
	xmpp_jid_clear(&again);
	xmpp_jid_clear(&made);
	xmpp_jid_clear(&bare);
}

static void check_escaping(struct span name)
{
	struct buf escaped = BUF_INIT(1 << 20), back = BUF_INIT(1 << 20);
	if (xmpp_jid_escape(&escaped, name)) {
		xmpp_jid_unescape(&back, buf_view(&escaped));
		check(span_equal(buf_view(&back), name));
	}
	buf_clear(&escaped);
	buf_clear(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_from((const char *)data, size);
	struct buf out = BUF_INIT(1 << 16);
	struct xmpp_jid jid;
	if (xmpp_jid_parse(&jid, in, NULL)) {
		check_jid(&jid);
		/* what DNS is asked for exists for every domain taken */
		check(xmpp_prep_domain_ascii(&out, jid.domain, NULL));
	}
	xmpp_jid_clear(&jid);
	check_escaping(in);
	xmpp_prep_sasl(&out, in, NULL);
	buf_clear(&out);
	return 0;
}
