#include "filter.h"

#include <regex.h>
#include <string.h>

#include "base/mem.h"
#include "cli/xmpp_login.h"

const struct opt filter_options[] = {
	{ OPT_LIST, 0, "from", "JID", "only of this sender; may be given again",
		.offset = offsetof(struct filter_options, from) },
	{ OPT_LIST, 0, "type", "TYPE",
		"only chat, groupchat, headline, normal or error; may be "
		"given again",
		.offset = offsetof(struct filter_options, types) },
	{ OPT_STRING, 0, "match", "REGEX",
		"only with a body in which this extended expression matches",
		.offset = offsetof(struct filter_options, match) },
	{ OPT_END },
};

static const char *const types[] = { "chat", "groupchat", "headline", "normal",
	"error" };

struct filter {
	const struct opt_list *types;
	struct xmpp_jid *senders;
	size_t count;
	bool has_match;
	regex_t match;
};

static bool check_types(const struct opt_list *given, struct err *e)
{
	for (size_t i = 0; i < given->count; i++) {
		size_t k = 0;
		while (k < sizeof(types) / sizeof(types[0]) &&
			strcmp(given->items[i], types[k]) != 0)
			k++;
		if (k == sizeof(types) / sizeof(types[0]))
			return err_set(e, STATUS_USAGE,
				"--type: \"%s\" is not one of chat, "
				"groupchat, headline, normal, error",
				given->items[i]);
	}
	return true;
}

static bool take_senders(
	struct filter *f, const struct opt_list *given, struct err *e)
{
	f->senders = mem_array(given->count + 1, sizeof(*f->senders));
	for (; f->count < given->count; f->count++)
		if (!xmpp_login_parse_jid(
			    &f->senders[f->count], given->items[f->count], e)) {
			err_prefix(e, "--from");
			return false;
		}
	return true;
}

static bool take_match(struct filter *f, const char *expression, struct err *e)
{
	char why[256];
	int failed = regcomp(&f->match, expression, REG_EXTENDED | REG_NOSUB);
	f->has_match = !failed;
	if (!failed)
		return true;
	regerror(failed, &f->match, why, sizeof(why));
	return err_set(e, STATUS_USAGE, "--match %s: %s", expression, why);
}

struct filter *filter_new(const struct filter_options *o, struct err *e)
{
	struct filter *f = mem_alloc(sizeof(*f));
	f->types = &o->types;
	if (check_types(&o->types, e) && take_senders(f, &o->from, e) &&
		(!o->match || take_match(f, o->match, e)))
		return f;
	filter_free(f);
	return NULL;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		xmpp_jid_clear(&f->senders[i]);
	mem_free(f->senders);
	if (f->has_match)
		regfree(&f->match);
	mem_free(f);
}

/* ---- one message ---- */

/* A full JID is that client, a bare one the account, a domain all that is
 * there. */
static bool is_of(const struct xmpp_jid *from, const struct xmpp_jid *wanted)
{
	if (xmpp_jid_is_full(wanted))
		return xmpp_jid_equal(from, wanted);
	if (wanted->local.n)
		return xmpp_jid_equal_bare(from, wanted);
	return span_equal(from->domain, wanted->domain);
}

static bool has_sender(const struct filter *f, const struct xml_element *s)
{
	struct xmpp_jid from;
	if (!f->count)
		return true;
	const char *text = xml_element_attr_find(s, "from");
	if (!text || !xmpp_jid_parse(&from, span_of(text), NULL))
		return false;
	bool found = false;
	for (size_t i = 0; i < f->count && !found; i++)
		found = is_of(&from, &f->senders[i]);
	xmpp_jid_clear(&from);
	return found;
}

static bool has_type(const struct filter *f, const struct xml_element *s)
{
	if (!f->types->count)
		return true;
	const char *type = xml_element_attr_find(s, "type");
	for (size_t i = 0; i < f->types->count; i++)
		if (strcmp(type ? type : "normal", f->types->items[i]) == 0)
			return true;
	return false;
}

static bool has_match(const struct filter *f, const struct xml_element *s)
{
	if (!f->has_match)
		return true;
	struct span body = xml_element_child_text(s, "body", s->ns);
	return body.p && regexec(&f->match, body.p, 0, NULL, 0) == 0;
}

bool filter_takes(const struct filter *f, const struct xmpp_message *m)
{
	return has_type(f, m->stanza) && has_sender(f, m->stanza) &&
	       has_match(f, m->stanza);
}
