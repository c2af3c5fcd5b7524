/* What is asked of a room from outside: its configuration and its lists. */
#include <string.h>

#include "base/mem.h"
#include "cli/record_disco.h"
#include "xmpp/form.h"
#include "xmppmuc.h"

/* ---- the configuration: XEP-0045 section 10.2 ---- */

#define PREFIX "muc#roomconfig_"

bool config_check(struct xmppmuc *t, struct err *e)
{
	for (size_t i = 0; t->operands[i]; i++)
		if (!strchr(t->operands[i], '='))
			return err_set(e, STATUS_USAGE,
				"%s: a field is set by FIELD=VALUE",
				t->operands[i]);
	return true;
}

/* By its name, or by what stands behind muc#roomconfig_. */
static const char *find_field(const struct xml_element *form, struct span name)
{
	XMPP_FORM_EACH_FIELD(form, field)
	{
		const char *var = xml_element_attr_find(field, "var");
		struct span full = span_of(var);
		if (span_equal(full, name) ||
			(span_starts(full, PREFIX) &&
				span_equal(
					span_skip(full, strlen(PREFIX)), name)))
			return var;
	}
	return NULL;
}

static bool fill_in(struct xmppmuc *t, const struct xml_element *form,
	struct xml_element *answer, struct err *e)
{
	struct span type = xmpp_form_type(form);
	if (type.p)
		xmpp_form_add(answer, "FORM_TYPE", type);
	for (size_t i = 0; t->operands[i]; i++) {
		struct span value = span_of(t->operands[i]), name;
		span_cut(&value, '=', &name);
		const char *var = find_field(form, name);
		if (!var)
			return err_set(e, STATUS_REFUSED,
				"the room has no field %.*s; config without "
				"FIELD=VALUE lists them",
				SPAN_ARGS(name));
		xmpp_form_add(answer, var, value);
	}
	return true;
}

static void on_form(
	void *arg, const struct xml_element *reply, const struct err *why)
{
	struct xmppmuc *t = arg;
	struct record_disco d = { t->run->out, t->listen.login.name,
		t->jid.text, NULL };
	const struct xml_element *query =
		err_is_set(why) ? NULL : xml_element_find(reply, "query", NULL);
	const struct xml_element *form = query ? xmpp_form_find(query) : NULL;
	struct err e = *why;
	if (!err_is_set(&e) && !form)
		err_set(&e, STATUS_REFUSED, "the room has no configuration");
	if (form && !t->operands[0]) {
		record_disco_form(
			&d, loop_wall(t->run->loop), form, &t->listen.fault);
	} else if (form) {
		struct xml_element *answer;
		struct xml_element *s =
			xmpp_muc_make_config_set(t->jid.text, &answer);
		if (fill_in(t, form, answer, &e))
			ask(t, s, NULL);
		else
			xml_element_free(s);
	}
	answered(t, &e);
}

void config_start(struct xmppmuc *t)
{
	ask(t, xmpp_muc_make_config_get(t->jid.text), on_form);
}

/* ---- lists: sections 9 and 10 ---- */

static bool check_affiliation(const char *word, struct err *e)
{
	enum xmpp_muc_affiliation a;
	return xmpp_muc_affiliation_parse(&a, word) ||
	       err_set(e, STATUS_USAGE,
		       "%s is no affiliation: owner, admin, member, outcast, "
		       "none",
		       word);
}

bool affiliations_check(struct xmppmuc *t, struct err *e)
{
	for (size_t i = 0; t->operands[i]; i++)
		if (!check_affiliation(t->operands[i], e))
			return false;
	return true;
}

static void print_item(struct xmppmuc *t, const struct xml_element *s)
{
	struct record r;
	struct xmpp_muc_item item;
	xmpp_muc_item_parse(&item, s);
	record_begin(&r, t->run->out, RECORD_OCCUPANT, RECORD_XMPP,
		loop_wall(t->run->loop));
	if (t->listen.login.name)
		record_str(&r, KEY_ACCOUNT, t->listen.login.name);
	record_str(&r, KEY_FROM, t->jid.text);
	if (item.nick)
		record_str(&r, KEY_NICK, item.nick);
	record_str(&r, KEY_AFFILIATION,
		xmpp_muc_affiliation_text(item.affiliation));
	if (item.jid)
		record_str(&r, KEY_JID, item.jid);
	record_end(&r, &t->listen.fault);
}

static void on_list(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmppmuc *t = arg;
	const struct xml_element *query =
		err_is_set(e)
			? NULL
			: xml_element_find(reply, "query", XMPP_NS_MUC_ADMIN);
	if (query)
		XML_ELEMENT_EACH(query, item, "item", XMPP_NS_MUC_ADMIN)
	print_item(t, item);
	answered(t, e);
}

static void ask_list(struct xmppmuc *t, const char *affiliation)
{
	ask(t, xmpp_muc_make_list(t->jid.text, "affiliation", affiliation),
		on_list);
}

void affiliations_start(struct xmppmuc *t)
{
	static const char *const all[] = { "owner", "admin", "member",
		"outcast" };
	for (size_t i = 0; t->operands[i]; i++)
		ask_list(t, t->operands[i]);
	for (size_t i = 0; i < 4 && !t->operands[0]; i++)
		ask_list(t, all[i]);
}

bool affiliate_check(struct xmppmuc *t, struct err *e)
{
	struct xmppmuc rest = { .operands = t->operands + 1 };
	return check_affiliation(t->operands[0], e) && jids_check(&rest, e);
}

void affiliate_start(struct xmppmuc *t)
{
	for (size_t i = 1; t->operands[i]; i++) {
		struct xml_element *s = xmpp_muc_make_set(t->jid.text);
		struct xml_element *item = xmpp_muc_add_item(s);
		xml_element_attr(item, "jid", t->operands[i]);
		xml_element_attr(item, "affiliation", t->operands[0]);
		ask(t, s, NULL);
	}
}
