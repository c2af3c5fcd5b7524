#include "xmpp/message.h"

#include <string.h>

#include "xmpp/iq.h"
#include "xmpp/ns.h"

/* ---- XEP-0203 ---- */

static bool is_server_of(
	const struct xmpp_jid *by, const struct xmpp_jid *account)
{
	return !by->local.n && !by->resource.n &&
	       span_equal(by->domain, account->domain);
}

enum authority { NOBODY, SENDER, OUR_SERVER };

/* Who speaks where a delay has this `from`. */
static enum authority authority_of(const char *from,
	const struct xmpp_jid *self, const struct xml_element *s)
{
	struct xmpp_jid by, sender;
	if (!from)
		return SENDER;
	if (!xmpp_jid_parse(&by, span_of(from), NULL))
		return NOBODY;
	enum authority who = NOBODY;
	const char *of = xml_element_attr_find(s, "from");
	if (xmpp_jid_equal_bare(&by, self) || is_server_of(&by, self))
		who = OUR_SERVER;
	else if (xmpp_jid_parse(&sender, span_of(of), NULL)) {
		if (xmpp_jid_equal_bare(&by, &sender) ||
			is_server_of(&by, &sender))
			who = SENDER;
		xmpp_jid_clear(&sender);
	}
	xmpp_jid_clear(&by);
	return who;
}

static void take_stamp(struct xmpp_message *m, const struct xml_element *delay,
	enum authority who)
{
	usec_t stamp;
	if (who == NOBODY || m->stored || (m->delayed && who == SENDER) ||
		!clock_parse(
			span_of(xml_element_attr_find(delay, "stamp")), &stamp))
		return;
	m->delayed = true;
	m->stored = who == OUR_SERVER;
	m->stamp = stamp;
}

/* Our server's before the sender's, wherever they stand. */
static void read_delays(struct xmpp_message *m, const struct xml_element *s,
	const struct xmpp_jid *self)
{
	XML_ELEMENT_EACH(s, delay, "delay", XMPP_NS_DELAY)
	take_stamp(m, delay,
		authority_of(xml_element_attr_find(delay, "from"), self, s));
}

bool xmpp_delay_read(
	const struct xml_element *s, const struct xmpp_jid *self, usec_t *stamp)
{
	struct xmpp_message m = { .stanza = s };
	read_delays(&m, s, self);
	*stamp = m.stamp;
	return m.delayed;
}

/* ---- XEP-0359 ---- */

static bool is_by_account(
	const struct xml_element *id, const struct xmpp_jid *self)
{
	const char *by = xml_element_attr_find(id, "by");
	return by && xmpp_from_account(by, self);
}

/* Section 3: there is one of each `by`; where there are two, one is a lie.
 * INTEROP: Prosody 0.12 passes on what claims to be of our account, and adds
 * its own. */
static const char *find_archive_id(
	const struct xml_element *s, const struct xmpp_jid *self)
{
	const char *found = NULL;
	XML_ELEMENT_EACH(s, id, "stanza-id", XMPP_NS_SID)
	{
		if (!is_by_account(id, self))
			continue;
		if (found)
			return NULL;
		found = xml_element_attr_find(id, "id");
	}
	return found;
}

/* ---- a message inside a message ---- */

static bool is_ours(const char *jid, const struct xmpp_jid *self)
{
	struct xmpp_jid parsed;
	if (!jid || !xmpp_jid_parse(&parsed, span_of(jid), NULL))
		return false;
	bool ours = xmpp_jid_equal_bare(&parsed, self);
	xmpp_jid_clear(&parsed);
	return ours;
}

/* The message of holder, whose <delay/> is of who forwards it. */
static bool read_forwarded(struct xmpp_message *m,
	const struct xml_element *holder, const struct xmpp_jid *self)
{
	const struct xml_element *forwarded =
		xml_element_find(holder, "forwarded", XMPP_NS_FORWARD);
	const struct xml_element *inner =
		forwarded
			? xml_element_find(forwarded, "message", XMPP_NS_CLIENT)
			: NULL;
	if (!inner)
		return false;
	m->stanza = inner;
	m->sent = is_ours(xml_element_attr_find(inner, "from"), self);
	const struct xml_element *delay =
		xml_element_find(forwarded, "delay", XMPP_NS_DELAY);
	if (delay)
		take_stamp(m, delay, OUR_SERVER);
	read_delays(m, inner, self);
	return true;
}

/* Is it of our account, and the message in it one that our account got or
 * sent?  XEP-0280 section 11: the outer `from` is what counts. */
static bool read_carbon(struct xmpp_message *m, const struct xml_element *s,
	const struct xmpp_jid *self)
{
	const struct xml_element *holder =
		xml_element_find(s, "received", XMPP_NS_CARBONS);
	bool received = holder != NULL;
	if (!holder)
		holder = xml_element_find(s, "sent", XMPP_NS_CARBONS);
	struct xmpp_message inner = { .way = XMPP_MESSAGE_CARBON };
	if (!holder ||
		!xmpp_from_account(xml_element_attr_find(s, "from"), self) ||
		!read_forwarded(&inner, holder, self))
		return false;
	const char *to = xml_element_attr_find(inner.stanza, "to");
	if (received ? !is_ours(to, self) : !inner.sent)
		return false;
	/* What we send to ourselves is received as well. */
	inner.sent = !received;
	*m = inner;
	return true;
}

void xmpp_message_read(struct xmpp_message *m, const struct xml_element *s,
	const struct xmpp_jid *self, bool ids)
{
	*m = (struct xmpp_message){ .stanza = s };
	if (!read_carbon(m, s, self))
		read_delays(m, s, self);
	if (ids)
		m->archive_id = find_archive_id(m->stanza, self);
}

bool xmpp_message_read_archived(struct xmpp_message *m,
	const struct xml_element *holder, const struct xmpp_jid *self)
{
	struct xmpp_message found = { .way = XMPP_MESSAGE_ARCHIVE,
		.archive_id = xml_element_attr_find(holder, "id") };
	if (!found.archive_id || !read_forwarded(&found, holder, self))
		return false;
	*m = found;
	return true;
}

/* ---- its content ---- */

bool xmpp_message_has_text(const struct xmpp_message *m)
{
	const struct xml_element *s = m->stanza;
	return xml_element_find(s, "body", s->ns) ||
	       xml_element_find(s, "subject", s->ns);
}

const struct xml_element *xmpp_message_reactions(const struct xmpp_message *m)
{
	const struct xml_element *all =
		xml_element_find(m->stanza, "reactions", XMPP_NS_REACTIONS);
	return all && xml_element_attr_find(all, "id") ? all : NULL;
}

struct xml_element *xmpp_carbons_make_enable(void)
{
	struct xml_element *s = xmpp_iq_make("set", NULL);
	xml_element_child(s, "enable", XMPP_NS_CARBONS);
	return s;
}

struct xml_element *xmpp_receipt_make(const struct xmpp_message *m)
{
	const struct xml_element *s = m->stanza;
	if (m->way != XMPP_MESSAGE_DIRECT ||
		!xml_element_find(s, "request", XMPP_NS_RECEIPTS) ||
		xml_element_find(s, "received", XMPP_NS_RECEIPTS) ||
		!xmpp_message_has_text(m))
		return NULL;
	const char *id = xml_element_attr_find(s, "id");
	const char *from = xml_element_attr_find(s, "from");
	const char *type = xml_element_attr_find(s, "type");
	if (!id || !from)
		return NULL;
	if (type &&
		(strcmp(type, "error") == 0 || strcmp(type, "groupchat") == 0))
		return NULL;
	struct xml_element *ack = xml_element_new("message", XMPP_NS_CLIENT);
	xml_element_attr(ack, "to", from);
	/* Section 7: best of the same type. */
	xml_element_attr(ack, "type", type);
	xml_element_attr(
		xml_element_child(ack, "received", XMPP_NS_RECEIPTS), "id", id);
	return ack;
}
