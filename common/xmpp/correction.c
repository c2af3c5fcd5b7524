#include "xmpp/correction.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "xmpp/ns.h"

/* An id that makes it longer is not kept: that message cannot be corrected,
 * which is no loss. */
#define KEY_MAX (XMPP_JID_MAX + 1024)

void xmpp_corrections_init(struct xmpp_corrections *c)
{
	*c = (struct xmpp_corrections){ .sender = BUF_INIT(KEY_MAX) };
	c->seen = mem_array(XMPP_CORRECTIONS_MAX, sizeof(*c->seen));
}

void xmpp_corrections_clear(struct xmpp_corrections *c)
{
	mem_free(c->seen);
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

/* False where it would be too long. */
static bool make_mark(
	struct xmpp_corrections *c, const char *id, uint64_t *mark)
{
	size_t before = c->sender.len;
	bool fits = buf_str(&c->sender, id);
	*mark = map_hash(buf_view(&c->sender));
	c->sender.len = before;
	c->sender.failed = false;
	return fits;
}

static bool has_seen(struct xmpp_corrections *c, const char *id)
{
	uint64_t mark;
	if (!make_mark(c, id, &mark))
		return false;
	for (size_t i = 0; i < c->count && i < XMPP_CORRECTIONS_MAX; i++)
		if (c->seen[i] == mark)
			return true;
	return false;
}

static void keep(struct xmpp_corrections *c, const char *id)
{
	uint64_t mark;
	if (make_mark(c, id, &mark))
		c->seen[c->count++ % XMPP_CORRECTIONS_MAX] = mark;
}

static const char *id_of(
	const struct xmpp_message *m, const char *name, const char *ns)
{
	const struct xml_element *about = xml_element_find(m->stanza, name, ns);
	return about ? xml_element_attr_find(about, "id") : NULL;
}

void xmpp_corrections_read(struct xmpp_corrections *c, struct xmpp_message *m)
{
	const char *id = xml_element_attr_find(m->stanza, "id");
	const char *old = id_of(m, "replace", XMPP_NS_CORRECT);
	const char *gone = id_of(m, "retract", XMPP_NS_RETRACT);
	m->replaces = m->retracts = NULL;
	if ((!old && !gone && !id) || !find_sender(c, m->stanza))
		return;
	if (old && has_seen(c, old))
		m->replaces = old;
	if (gone && has_seen(c, gone))
		m->retracts = gone;
	if (id)
		keep(c, id);
	/* XEP-0424 section 3: in a room it is named as the room named it. */
	if (c->in_room && m->archive_id)
		keep(c, m->archive_id);
}
