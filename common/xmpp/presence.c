#include "xmpp/presence.h"

#include <stdlib.h>
#include <string.h>

#include "xmpp/ns.h"

static const char *const types[] = {
	[XMPP_PRESENCE_AVAILABLE] = NULL,
	[XMPP_PRESENCE_UNAVAILABLE] = "unavailable",
	[XMPP_PRESENCE_SUBSCRIBE] = "subscribe",
	[XMPP_PRESENCE_SUBSCRIBED] = "subscribed",
	[XMPP_PRESENCE_UNSUBSCRIBE] = "unsubscribe",
	[XMPP_PRESENCE_UNSUBSCRIBED] = "unsubscribed",
	[XMPP_PRESENCE_PROBE] = "probe",
	[XMPP_PRESENCE_ERROR] = "error",
};

static const char *const shows[] = {
	[XMPP_SHOW_NONE] = NULL,
	[XMPP_SHOW_AWAY] = "away",
	[XMPP_SHOW_CHAT] = "chat",
	[XMPP_SHOW_DND] = "dnd",
	[XMPP_SHOW_XA] = "xa",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *xmpp_presence_type_text(enum xmpp_presence_type type)
{
	return types[type];
}

const char *xmpp_show_text(enum xmpp_show show)
{
	return shows[show];
}

bool xmpp_show_parse(enum xmpp_show *show, struct span text)
{
	if (span_is(text, "available") || span_is(text, "online")) {
		*show = XMPP_SHOW_NONE;
		return true;
	}
	for (size_t i = XMPP_SHOW_NONE + 1; i < COUNT(shows); i++)
		if (span_is(text, shows[i])) {
			*show = (enum xmpp_show)i;
			return true;
		}
	return false;
}

static bool type_parse(enum xmpp_presence_type *type, const char *text)
{
	*type = XMPP_PRESENCE_AVAILABLE;
	for (size_t i = 1; text && i < COUNT(types); i++)
		if (strcmp(text, types[i]) == 0)
			*type = (enum xmpp_presence_type)i;
	return !text || *type != XMPP_PRESENCE_AVAILABLE;
}

/* xs:byte; spaces around it are allowed there. */
static int priority_parse(struct span text)
{
	text = span_trim(text);
	bool negative = span_starts(text, "-");
	if (negative || span_starts(text, "+"))
		text = span_skip(text, 1);
	uint32_t n;
	if (!span_to_u32(text, negative ? 128 : 127, &n))
		return 0;
	return negative ? -(int)n : (int)n;
}

bool xmpp_presence_parse(struct xmpp_presence *p, const struct xml_element *s)
{
	struct xmpp_presence found = { 0 };
	if (!xml_element_is(s, "presence", NULL) ||
		!type_parse(&found.type, xml_element_attr_find(s, "type")))
		return false;
	xmpp_show_parse(&found.show,
		span_trim(xml_element_child_text(s, "show", s->ns)));
	found.status = xml_element_child_text(s, "status", s->ns);
	found.priority =
		priority_parse(xml_element_child_text(s, "priority", s->ns));
	*p = found;
	return true;
}

struct xml_element *xmpp_presence_make(const struct xmpp_presence *p)
{
	struct xml_element *s = xml_element_new("presence", XMPP_NS_CLIENT);
	xml_element_attr(s, "type", types[p->type]);
	if (shows[p->show])
		xml_element_text(
			xml_element_child(s, "show", NULL), shows[p->show]);
	if (p->status.n)
		xml_element_text_span(
			xml_element_child(s, "status", NULL), p->status);
	if (p->priority) {
		struct buf text = BUF_INIT(8);
		buf_printf(&text, "%d", p->priority);
		xml_element_text(xml_element_child(s, "priority", NULL),
			buf_text(&text));
		buf_clear(&text);
	}
	return s;
}
