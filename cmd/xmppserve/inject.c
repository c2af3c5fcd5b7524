#include "inject.h"

#include "base/mem.h"
#include "cli/lines.h"
#include "route.h"
#include "xml/parser.h"
#include "xmpp/snippets.h"

struct inject {
	struct server *server;
	struct lines *lines;
	struct xmpp_snippets *snippets;
	struct err fault;
};

/* To all that are bound, whether they are available or not. */
static void send_to_account(struct user *u, const struct xml_element *s)
{
	LIST_EACH(&u->sessions, at)
	session_send(
		LIST_ITEM(at, struct session, of_user), xml_element_dup(s));
}

static bool deliver(
	struct inject *i, const struct xml_element *s, struct err *e)
{
	struct xmpp_jid to;
	const char *text = xml_element_attr_find(s, "to");
	if (!text)
		return err_set(e, STATUS_MALFORMED,
			"<%s/> has no `to`: nobody gets it", s->name);
	if (!xmpp_jid_parse(&to, span_of(text), e))
		return false;
	struct user *u = user_of(i->server, &to);
	struct session *one =
		u && xmpp_jid_is_full(&to) ? route_find(i->server, &to) : NULL;
	bool is_bare = xmpp_jid_is_bare(&to);
	xmpp_jid_clear(&to);
	if (one)
		session_send(one, xml_element_dup(s));
	else if (u && is_bare)
		send_to_account(u, s);
	else
		return err_set(e, STATUS_REFUSED, "%s is not connected", text);
	return true;
}

static bool take(struct inject *i, struct span bytes, struct err *e)
{
	struct xml_element *s;
	enum xmpp_snippets_got got;
	while ((got = xmpp_snippets_take(i->snippets, &bytes, &s, e)) ==
		XMPP_SNIPPETS_STANZA) {
		bool good = deliver(i, s, e);
		xml_element_free(s);
		if (!good)
			return false;
	}
	return got == XMPP_SNIPPETS_MORE;
}

static void on_line(void *arg)
{
	struct inject *i = arg;
	struct span line;
	enum lines_got got = LINES_NONE;
	while (!err_is_set(&i->fault) &&
		(got = lines_next(i->lines, &line, &i->fault)) == LINES_LINE)
		if (take(i, line, &i->fault))
			take(i, SPAN("\n"), &i->fault);
	if (got == LINES_END)
		xmpp_snippets_end(i->snippets, &i->fault);
	if (err_is_set(&i->fault))
		err_prefix(&i->fault, "--inject");
}

struct inject *inject_new(struct server *s, int fd, struct err *e)
{
	struct inject *i = mem_alloc(sizeof(*i));
	i->server = s;
	i->snippets = xmpp_snippets_new();
	i->lines = lines_new(s->loop,
		&(struct lines_settings){ .fd = fd,
			.end = '\n',
			.max = XMPP_STANZA_MAX,
			.ready = on_line,
			.arg = i },
		e);
	if (i->lines)
		return i;
	inject_free(i);
	return NULL;
}

void inject_free(struct inject *i)
{
	if (!i)
		return;
	lines_free(i->lines);
	xmpp_snippets_free(i->snippets);
	mem_free(i);
}

bool inject_has_failed(void *inject)
{
	const struct inject *i = inject;
	return i && err_is_set(&i->fault);
}

const struct err *inject_fault(const struct inject *i)
{
	return &i->fault;
}
