#include "xmpp/correction.h"

#include <string.h>

#include "base/mem.h"
#include "xmpp/ns.h"

/* An id that makes it longer is not kept: that message cannot be corrected,
 * which is no loss. */
#define KEY_MAX (XMPP_JID_MAX + 1024)

void xmpp_corrections_init(struct xmpp_corrections *c)
{
	*c = (struct xmpp_corrections){ .sender = BUF_INIT(KEY_MAX) };
	recent_init(&c->seen, XMPP_CORRECTIONS_MAX);
}

void xmpp_corrections_clear(struct xmpp_corrections *c)
{
	recent_clear(&c->seen);
	mem_free(c->from);
	buf_clear(&c->sender);
}

/* Who the sender is for this purpose, its length in front; false: nobody. */
static bool find_sender(struct xmpp_corrections *c, const struct xml_element *s)
{
	struct xmpp_jid jid;
	const char *from = xml_element_attr_find(s, "from");
	bool in_room = xml_element_attr_is(s, "type", "groupchat");
	if (!from)
		return false;
	if (c->from && c->in_room == in_room && strcmp(c->from, from) == 0)
		return c->sender.len > 0;
	mem_free(c->from);
	c->from = mem_str(from);
	c->in_room = in_room;
	buf_reset(&c->sender);
	if (!xmpp_jid_parse(&jid, span_of(from), NULL))
		return false;
	struct span sender =
		in_room ? xmpp_jid_full(&jid) : xmpp_jid_bare(&jid);
	buf_printf(&c->sender, "%zu:", sender.n);
	buf_span(&c->sender, sender);
	xmpp_jid_clear(&jid);
	return true;
}

/* Empty where it would be too long. */
static struct span make_key(
	const struct xmpp_corrections *c, struct buf *key, const char *id)
{
	buf_reset(key);
	buf_span(key, buf_view(&c->sender));
	buf_str(key, id);
	return key->failed ? SPAN_EMPTY : buf_view(key);
}

void xmpp_corrections_read(struct xmpp_corrections *c, struct xmpp_message *m)
{
	struct buf buf = BUF_INIT(KEY_MAX);
	const struct xml_element *replace =
		xml_element_find(m->stanza, "replace", XMPP_NS_CORRECT);
	const char *old = replace ? xml_element_attr_find(replace, "id") : NULL;
	const char *id = xml_element_attr_find(m->stanza, "id");
	struct span key;
	m->replaces = NULL;
	if ((!old && !id) || !find_sender(c, m->stanza))
		return;
	if (old && (key = make_key(c, &buf, old)).n &&
		recent_has(&c->seen, key))
		m->replaces = old;
	if (id && (key = make_key(c, &buf, id)).n)
		recent_add(&c->seen, key);
	buf_clear(&buf);
}
