#include "xmpp/correction.h"

#include "xmpp/ns.h"

/* An id that makes it longer is not kept: that message cannot be corrected,
 * which is no loss. */
#define KEY_MAX (XMPP_JID_MAX + 1024)

/* Who the sender is for this purpose, its length in front, and the id.  Empty
 * where there is no such pair. */
static void make_key(
	struct buf *key, const struct xmpp_message *m, const char *id)
{
	const struct xmpp_stanza *s = m->stanza;
	struct xmpp_jid from;
	buf_reset(key);
	if (!id || !xmpp_jid_parse(&from,
			   span_of(xmpp_stanza_attr_find(s, "from")), NULL))
		return;
	bool in_room = xmpp_stanza_attr_is(s, "type", "groupchat");
	struct span sender =
		in_room ? xmpp_jid_full(&from) : xmpp_jid_bare(&from);
	buf_printf(key, "%zu:", sender.n);
	buf_span(key, sender);
	buf_str(key, id);
	xmpp_jid_clear(&from);
	if (key->failed)
		buf_reset(key);
}

void xmpp_correction_read(struct recent *seen, struct xmpp_message *m)
{
	struct buf key = BUF_INIT(KEY_MAX);
	const struct xmpp_stanza *replace =
		xmpp_stanza_find(m->stanza, "replace", XMPP_NS_CORRECT);
	const char *id = replace ? xmpp_stanza_attr_find(replace, "id") : NULL;
	make_key(&key, m, id);
	m->replaces = key.len && recent_has(seen, buf_view(&key)) ? id : NULL;
	make_key(&key, m, xmpp_stanza_attr_find(m->stanza, "id"));
	if (key.len)
		recent_add(seen, buf_view(&key));
	buf_clear(&key);
}
