/* Messages somebody has sent: a copy is believed of our own account only, an
 * id of the archive likewise; a message replaces one that its sender has sent;
 * and a receipt goes to no copy.  Each reading is the same twice. */
#include <stdlib.h>
#include <string.h>

#include "xmpp/correction.h"
#include "xmpp/message.h"
#include "xmpp/snippets.h"

static struct xmpp_jid self;

static void check(bool good)
{
	if (!good)
		abort();
}

/* Section 8.1.2.1 of RFC 6120: without `from` it is our account's. */
static bool is_of_account(const struct xml_element *s)
{
	const char *from = xml_element_attr_find(s, "from");
	struct xmpp_jid jid;
	if (!from)
		return true;
	bool good = xmpp_jid_parse(&jid, span_of(from), NULL) &&
		    xmpp_jid_is_bare(&jid) && xmpp_jid_equal_bare(&jid, &self);
	xmpp_jid_clear(&jid);
	return good;
}

static void look_at(const struct xml_element *s, struct xmpp_corrections *seen)
{
	struct xmpp_message m, blind;
	xmpp_message_read(&m, s, &self, true);
	xmpp_message_read(&blind, s, &self, false);
	check(m.stanza == blind.stanza && m.way == blind.way);
	check(m.way == XMPP_MESSAGE_DIRECT ? m.stanza == s
					   : m.stanza != s && is_of_account(s));
	check(!blind.archive_id || m.way == XMPP_MESSAGE_ARCHIVE);
	check(!m.stored || m.delayed);
	xmpp_message_has_text(&m);
	struct xml_element *receipt = xmpp_receipt_make(&m);
	check(!receipt || m.way == XMPP_MESSAGE_DIRECT);
	xml_element_free(receipt);
	check(!m.replaces);
	xmpp_corrections_read(seen, &m);
	check(!m.replaces || xml_element_find(m.stanza, "replace", NULL));
	check(!m.retracts || xml_element_find(m.stanza, "retract", NULL));
	xmpp_message_reactions(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_from((const char *)data, size);
	struct xmpp_snippets *s = xmpp_snippets_new();
	struct xmpp_corrections seen;
	struct xml_element *stanza;
	if (!xmpp_jid_is_set(&self))
		check(xmpp_jid_parse(&self, SPAN("me@our.example/here"), NULL));
	xmpp_corrections_init(&seen);
	while (xmpp_snippets_take(s, &in, &stanza, NULL) ==
		XMPP_SNIPPETS_STANZA) {
		look_at(stanza, &seen);
		xml_element_free(stanza);
	}
	xmpp_corrections_clear(&seen);
	xmpp_snippets_free(s);
	return 0;
}
