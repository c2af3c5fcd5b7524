#include "change.h"

#include <string.h>

#include "base/mem.h"
#include "cli/lines.h"
#include "cli/record_in.h"
#include "cli/run.h"
#include "cli/xmpp_login.h"
#include "xml/parser.h"
#include "xmpp/ns.h"

/* ---- the list ---- */

struct change *changes_add(struct changes *c, struct span jid, struct err *e)
{
	struct change change = { 0 };
	if (!xmpp_jid_parse(&change.jid, jid, e))
		return NULL;
	if (!xmpp_jid_is_bare(&change.jid)) {
		err_set(e, STATUS_MALFORMED,
			"a contact is an account, without a resource");
		xmpp_jid_clear(&change.jid);
		return NULL;
	}
	if (c->count == CHANGES_MAX) {
		err_set(e, STATUS_MALFORMED, "more than %d contacts",
			CHANGES_MAX);
		xmpp_jid_clear(&change.jid);
		return NULL;
	}
	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 16;
		c->all = mem_grow(c->all, c->room, sizeof(*c->all));
	}
	c->all[c->count] = change;
	return &c->all[c->count++];
}

void changes_clear(struct changes *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct change *at = &c->all[i];
		for (size_t g = 0; g < at->group_count; g++)
			mem_free(at->groups[g]);
		mem_free(at->groups);
		mem_free(at->name);
		xmpp_jid_clear(&at->jid);
	}
	mem_free(c->all);
	*c = (struct changes){ 0 };
}

void change_set_name(struct change *c, struct span name)
{
	mem_free(c->name);
	c->name = span_dup(name);
}

static bool has(char *const *groups, size_t count, struct span name)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(name, groups[i]))
			return true;
	return false;
}

/* An empty one and one that is there twice the server would refuse (section
 * 2.3.3). */
void change_add_group(struct change *c, struct span name)
{
	if (name.n == 0 || has(c->groups, c->group_count, name))
		return;
	c->groups = mem_grow(c->groups, c->group_count + 1, sizeof(*c->groups));
	c->groups[c->group_count++] = span_dup(name);
}

/* ---- from records ---- */

static bool take_record(
	struct changes *c, const struct record_in *record, struct err *e)
{
	struct span text;
	struct buf groups = BUF_INIT(XMPP_STANZA_MAX);
	if (!record_in_text(record, KEY_JID, &text))
		return err_set(e, STATUS_MALFORMED, "it has no \"jid\"");
	struct change *change = changes_add(c, text, e);
	if (!change)
		return false;
	if (record_in_text(record, KEY_NAME, &text))
		change_set_name(change, text);
	change->only_these = record_in_json(record, KEY_GROUPS, &groups);
	for (size_t i = 0; record_in_item(record, KEY_GROUPS, i, &text); i++)
		change_add_group(change, text);
	change->subscribe = !record_in_text(record, KEY_SUBSCRIPTION, &text) ||
			    span_is(text, "to") || span_is(text, "both");
	buf_clear(&groups);
	return true;
}

static bool take_line(struct changes *c, struct record_filter *filter,
	struct span line, struct err *e)
{
	struct record_in record;
	if (!record_in_parse(&record, line, e))
		return false;
	enum record_taken taken = record_filter_take(filter, &record, e);
	bool good = taken == RECORD_SKIPPED ||
		    (taken == RECORD_TAKEN && take_record(c, &record, e));
	record_in_clear(&record);
	return good;
}

/* True: a line; false: the end, or e. */
static bool next_line(
	struct run *r, struct lines *lines, struct span *line, struct err *e)
{
	for (;;) {
		enum lines_got got = lines_next(lines, line, e);
		if (got != LINES_NONE)
			return got == LINES_LINE;
		if (run_until(r, lines_has_next, lines, USEC_NEVER) != RUN_DONE)
			return run_timed_out(r, "the input does not end", e);
	}
}

bool changes_read(
	struct changes *c, struct run *r, int fd, bool strict, struct err *e)
{
	struct lines_settings s = {
		.fd = fd, .end = '\n', .max = XMPP_STANZA_MAX
	};
	struct record_filter filter = {
		.type = RECORD_CONTACT, .proto = RECORD_XMPP, .strict = strict
	};
	struct lines *lines = lines_new(r->loop, &s, e);
	struct span line;
	long long number = 1;
	if (!lines)
		return false;
	for (; next_line(r, lines, &line, e); number++)
		if (!take_line(c, &filter, line, e)) {
			err_prefix(e, "line %lld", number);
			break;
		}
	lines_free(lines);
	if (filter.skipped && !err_is_set(e))
		run_warn(r, "%llu records of other types were passed over",
			(unsigned long long)filter.skipped);
	return !err_is_set(e);
}

/* ---- to the protocol ---- */

static bool is_named_so(
	const struct change *c, const struct xmpp_roster_item *i)
{
	return !c->name || strcmp(i->name ? i->name : "", c->name) == 0;
}

/* The groups it shall have: its own as the change says. */
static size_t find_groups(
	const struct change *c, const struct xmpp_roster_item *now, char ***out)
{
	struct change all = { 0 };
	if (now && !c->only_these)
		XML_ELEMENT_EACH(now->element, group, "group", XMPP_NS_ROSTER)
	change_add_group(&all, xml_element_text_get(group));
	for (size_t i = 0; i < c->group_count; i++)
		change_add_group(&all, span_of(c->groups[i]));
	*out = all.groups;
	return all.group_count;
}

static bool is_grouped_so(
	const struct xmpp_roster_item *now, char *const *groups, size_t count)
{
	size_t found = 0;
	XML_ELEMENT_EACH(now->element, group, "group", XMPP_NS_ROSTER)
	{
		if (!has(groups, count, xml_element_text_get(group)))
			return false;
		found++;
	}
	return found == count;
}

struct xml_element *change_make_set(
	const struct change *c, const struct xmpp_roster_item *now)
{
	char **groups;
	size_t count = find_groups(c, now, &groups);
	const char *name = c->name ? c->name : now ? now->name : NULL;
	struct xml_element *s = NULL;
	if (!now || !is_named_so(c, now) || !is_grouped_so(now, groups, count))
		s = xmpp_roster_make_set(c->jid.text,
			name && *name ? name : NULL,
			(const char *const *)groups, count);
	for (size_t i = 0; i < count; i++)
		mem_free(groups[i]);
	mem_free(groups);
	return s;
}
