#include "xmpp/muc.h"

#include <stdlib.h>
#include <string.h>

#include "xmpp/iq.h"
#include "xmpp/ns.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- words ---- */

static const char *const affiliations[] = {
	[XMPP_MUC_OUTCAST] = "outcast",
	[XMPP_MUC_NO_AFFILIATION] = "none",
	[XMPP_MUC_MEMBER] = "member",
	[XMPP_MUC_ADMIN] = "admin",
	[XMPP_MUC_OWNER] = "owner",
};

static const char *const roles[] = {
	[XMPP_MUC_NO_ROLE] = "none",
	[XMPP_MUC_VISITOR] = "visitor",
	[XMPP_MUC_PARTICIPANT] = "participant",
	[XMPP_MUC_MODERATOR] = "moderator",
};

const char *xmpp_muc_affiliation_text(enum xmpp_muc_affiliation a)
{
	return affiliations[a];
}

const char *xmpp_muc_role_text(enum xmpp_muc_role r)
{
	return roles[r];
}

static bool find(
	size_t *out, const char *const *words, size_t count, const char *text)
{
	for (size_t i = 0; text && i < count; i++)
		if (strcmp(words[i], text) == 0) {
			*out = i;
			return true;
		}
	return false;
}

bool xmpp_muc_affiliation_parse(enum xmpp_muc_affiliation *a, const char *text)
{
	size_t i;
	if (!find(&i, affiliations, COUNT(affiliations), text))
		return false;
	*a = (enum xmpp_muc_affiliation)i;
	return true;
}

bool xmpp_muc_role_parse(enum xmpp_muc_role *r, const char *text)
{
	size_t i;
	if (!find(&i, roles, COUNT(roles), text))
		return false;
	*r = (enum xmpp_muc_role)i;
	return true;
}

/* ---- what is in presence ---- */

void xmpp_muc_item_parse(
	struct xmpp_muc_item *item, const struct xml_element *s)
{
	*item = (struct xmpp_muc_item){
		.affiliation = XMPP_MUC_NO_AFFILIATION,
		.role = XMPP_MUC_NO_ROLE,
		.jid = xml_element_attr_find(s, "jid"),
		.nick = xml_element_attr_find(s, "nick"),
		.reason = xml_element_child_text(s, "reason", s->ns),
	};
	xmpp_muc_affiliation_parse(
		&item->affiliation, xml_element_attr_find(s, "affiliation"));
	xmpp_muc_role_parse(&item->role, xml_element_attr_find(s, "role"));
}

const struct xml_element *xmpp_muc_user_find(const struct xml_element *s)
{
	return xml_element_find(s, "x", XMPP_NS_MUC_USER);
}

bool xmpp_muc_has_status(const struct xml_element *x, unsigned code)
{
	uint32_t value;
	XML_ELEMENT_EACH(x, status, "status", XMPP_NS_MUC_USER)
	if (span_to_u32(span_of(xml_element_attr_find(status, "code")), 999,
		    &value) &&
		value == code)
		return true;
	return false;
}

/* ---- requests ---- */

static struct xml_element *make(
	const char *type, const char *room, const char *ns)
{
	struct xml_element *s = xmpp_iq_make(type, room);
	xml_element_child(s, "query", ns);
	return s;
}

struct xml_element *xmpp_muc_make_set(const char *room)
{
	return make("set", room, XMPP_NS_MUC_ADMIN);
}

struct xml_element *xmpp_muc_add_item(struct xml_element *set)
{
	return xml_element_child(
		xml_element_find(set, "query", NULL), "item", NULL);
}

struct xml_element *xmpp_muc_make_list(
	const char *room, const char *name, const char *value)
{
	struct xml_element *s = make("get", room, XMPP_NS_MUC_ADMIN);
	xml_element_attr(xmpp_muc_add_item(s), name, value);
	return s;
}

struct xml_element *xmpp_muc_make_config_get(const char *room)
{
	return make("get", room, XMPP_NS_MUC_OWNER);
}

static struct xml_element *add_form(struct xml_element *s, const char *type)
{
	struct xml_element *x = xml_element_child(
		xml_element_find(s, "query", NULL), "x", XMPP_NS_DATA);
	return xml_element_attr(x, "type", type);
}

struct xml_element *xmpp_muc_make_config_set(
	const char *room, struct xml_element **form)
{
	struct xml_element *s = make("set", room, XMPP_NS_MUC_OWNER);
	*form = add_form(s, "submit");
	return s;
}

struct xml_element *xmpp_muc_make_config_cancel(const char *room)
{
	struct xml_element *s = make("set", room, XMPP_NS_MUC_OWNER);
	add_form(s, "cancel");
	return s;
}
