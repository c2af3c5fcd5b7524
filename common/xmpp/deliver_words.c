/* What comes back for a message: bounces, receipts (XEP-0184), markers
 * (XEP-0333). */
#include <string.h>

#include "xmpp/deliver_private.h"
#include "xmpp/ns.h"

/* Errors come in the recipient's name, whoever found the fault; INTEROP: some
 * servers put their own. */
static bool may_bounce(const struct xmpp_delivery *d, const char *from)
{
	const struct xmpp_jid *self = xmpp_client_jid(d->client);
	if (xmpp_from_account(from, self))
		return true;
	struct xmpp_jid jid;
	if (!xmpp_jid_parse(&jid, span_of(from), NULL))
		return false;
	bool server = !jid.local.n && !jid.resource.n;
	bool may = xmpp_jid_equal_bare(&jid, &d->to) ||
		   (server && (span_equal(jid.domain, d->to.domain) ||
				      span_equal(jid.domain, self->domain)));
	xmpp_jid_clear(&jid);
	return may;
}

static bool is_of_recipient(const struct xmpp_delivery *d, const char *from)
{
	struct xmpp_jid jid;
	if (!from || !xmpp_jid_parse(&jid, span_of(from), NULL))
		return false;
	bool is = xmpp_jid_equal_bare(&jid, &d->to);
	xmpp_jid_clear(&jid);
	return is;
}

/* The one of that id that `from` may speak for. */
static struct xmpp_delivery *find(struct xmpp_client *c, const char *id,
	const char *from,
	bool (*may_speak)(const struct xmpp_delivery *d, const char *from))
{
	if (!id)
		return NULL;
	LIST_EACH(&c->deliveries, at)
	{
		struct xmpp_delivery *d =
			LIST_ITEM(at, struct xmpp_delivery, link);
		if (strcmp(d->id, id) == 0 && may_speak(d, from))
			return d;
	}
	return NULL;
}

static struct xmpp_delivery *find_up_to(
	const struct xmpp_client *c, const struct xmpp_jid *to, uint64_t number)
{
	LIST_EACH(&c->deliveries, at)
	{
		struct xmpp_delivery *d =
			LIST_ITEM(at, struct xmpp_delivery, link);
		if (d->number > number)
			break;
		if (d->until >= XMPP_UNTIL_RECEIVED &&
			xmpp_jid_equal_bare(&d->to, to))
			return d;
	}
	return NULL;
}

/* XEP-0333 section 2: a marker is for all messages up to the one it names. */
static void end_displayed(struct xmpp_delivery *last)
{
	struct xmpp_client *c = last->client;
	uint64_t number = last->number;
	struct xmpp_jid to;
	xmpp_jid_copy(&to, &last->to);
	xmpp_client_hold(c);
	for (struct xmpp_delivery *d;
		!c->doomed && (d = find_up_to(c, &to, number));)
		xmpp_delivery_end(d, &ERR_NONE);
	xmpp_client_release(c);
	xmpp_jid_clear(&to);
}

/* True: s says no more than what was waited for. */
static bool take_word(struct xmpp_client *c, const struct xml_element *s,
	const struct xml_element *word, enum xmpp_deliver_until got)
{
	struct xmpp_delivery *d = find(c, xml_element_attr_find(word, "id"),
		xml_element_attr_find(s, "from"), is_of_recipient);
	if (!d || d->until < XMPP_UNTIL_RECEIVED)
		return false;
	if (got == XMPP_UNTIL_DISPLAYED)
		end_displayed(d);
	else if (d->until == got)
		xmpp_delivery_end(d, &ERR_NONE);
	return !xml_element_find(s, "body", s->ns);
}

bool xmpp_deliveries_take(struct xmpp_client *c, const struct xml_element *s)
{
	struct xmpp_error error;
	if (link_is_alone(&c->deliveries))
		return false;
	if (xmpp_error_parse(&error, s)) {
		struct xmpp_delivery *d =
			find(c, xml_element_attr_find(s, "id"),
				xml_element_attr_find(s, "from"), may_bounce);
		if (d)
			xmpp_delivery_bounced(d, &error);
		return d != NULL;
	}
	const struct xml_element *word;
	if ((word = xml_element_find(s, "displayed", XMPP_NS_MARKERS)))
		return take_word(c, s, word, XMPP_UNTIL_DISPLAYED);
	if ((word = xml_element_find(s, "received", XMPP_NS_RECEIPTS)))
		return take_word(c, s, word, XMPP_UNTIL_RECEIVED);
	return false;
}
