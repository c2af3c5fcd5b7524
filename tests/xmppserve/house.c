#include "tests/xmppserve/house.h"

#include <string.h>

#include "base/mem.h"
#include "tests/common/test.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

#define TEXT_MAX (16 << 20)

struct house house;

static void on_stanza(void *arg, struct xml_element *s)
{
	(void)arg;
	session_take(house.speaker, s);
}

static const struct xml_parser_handler parser_handler = { .open = NULL,
	.stanza = on_stanza };

static void on_header(
	void *arg, const struct xml_element *header, const char *content_ns)
{
	(void)arg;
	(void)header;
	(void)content_ns;
}

static void on_event(void *arg, const struct event *e)
{
	(void)arg;
	buf_printf(&house.events, "%s %.*s|", e->name, SPAN_ARGS(e->who));
}

int house_setup(void **state)
{
	(void)state;
	static const char *const users[] = { "alice:pw", "bob:pw", "carol:pw" };
	static struct xml_parser_handler handler;
	struct err e = ERR_NONE;
	house = (struct house){ .sim = sim_new(1) };
	assert_ok(server_init(
			  &house.server, sim_loop(house.sim), HOUSE_DOMAIN, &e),
		&e);
	buf_init(&house.events, TEXT_MAX);
	house.server.tell = on_event;
	for (size_t i = 0; i < 3; i++)
		assert_ok(user_add(&house.server, span_of(users[i]), &e), &e);
	handler = parser_handler;
	handler.open = on_header;
	house.parser = xml_parser_new(XML_PARSER_STREAM, &handler, NULL);
	assert_ok(xml_parser_feed(house.parser,
			  SPAN("<stream:stream xmlns='jabber:client' "
			       "xmlns:stream='" XMPP_NS_STREAM "'>"),
			  &e),
		&e);
	return 0;
}

int house_teardown(void **state)
{
	(void)state;
	server_drop_all(&house.server);
	server_clear(&house.server);
	xml_parser_free(house.parser);
	buf_clear(&house.events);
	assert_int_equal(sim_set_timers(house.sim), 0);
	sim_free(house.sim);
	return 0;
}

/* ---- resources ---- */

struct session *house_bind(const char *user, const char *resource)
{
	struct err e = ERR_NONE;
	struct endpoint from;
	assert_ok(endpoint_parse(&from, SPAN("192.0.2.9:40000"), 0, &e), &e);
	struct session *c = session_new(&house.server, &from);
	c->user = user_find(&house.server, span_of(user));
	assert_non_null(c->user);
	assert_ok(xmpp_jid_make(&c->jid, c->user->jid.local,
			  c->user->jid.domain, span_of(resource), &e),
		&e);
	session_bound(c);
	return c;
}

struct session *house_enter(
	const char *user, const char *resource, int priority)
{
	struct session *c = house_bind(user, resource);
	char *presence = mem_format(
		"<presence><priority>%d</priority></presence>", priority);
	house_say(c, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/>"
		     "</iq>");
	house_say(c, presence);
	mem_free(presence);
	house_hear(c);
	return c;
}

/* ---- what is said ---- */

void house_say(struct session *c, const char *xml)
{
	struct err e = ERR_NONE;
	struct buf text = BUF_INIT(TEXT_MAX);
	house.speaker = c;
	for (; *xml; xml++)
		if (*xml == '~')
			buf_str(&text, HOUSE_DOMAIN);
		else
			buf_char(&text, *xml);
	assert_ok(xml_parser_feed(house.parser, buf_view(&text), &e), &e);
	buf_clear(&text);
}

/* ---- what is heard ---- */

static void add_address(struct buf *out, const char *jid)
{
	struct span rest = span_of(jid ? jid : "-");
	size_t at = span_find_span(rest, SPAN(HOUSE_DOMAIN), 0);
	if (at == rest.n) {
		buf_span(out, rest);
		return;
	}
	buf_span(out, span_first(rest, at));
	buf_char(out, '~');
	buf_span(out, span_skip(rest, at + strlen(HOUSE_DOMAIN)));
}

static void add_items(struct buf *out, const struct xml_element *query)
{
	XML_ELEMENT_EACH(query, item, "item", NULL)
	{
		buf_str(out, item->prev ? ", " : ": ");
		add_address(out, xml_element_attr_find(item, "jid"));
		buf_printf(out, " %s",
			xml_element_attr_find(item, "subscription"));
		if (xml_element_attr_is(item, "ask", "subscribe"))
			buf_str(out, " ask");
		if (xml_element_attr_find(item, "name"))
			buf_printf(out, " \"%s\"",
				xml_element_attr_find(item, "name"));
		XML_ELEMENT_EACH(item, group, "group", NULL)
		buf_printf(
			out, " [%.*s]", SPAN_ARGS(xml_element_text_get(group)));
	}
}

static void add_content(struct buf *out, const struct xml_element *s)
{
	struct xmpp_error error;
	const struct xml_element *first = xml_element_find(s, NULL, NULL);
	static const char *const texts[] = { "body", "show", "status" };
	if (xmpp_error_parse(&error, s)) {
		buf_printf(out, ": %s", error.condition->name);
		return;
	}
	if (first && xml_element_is(first, "query", XMPP_NS_ROSTER))
		add_items(out, first);
	else if (first && xml_element_is(s, "iq", NULL))
		buf_printf(out, ": %s", first->name);
	for (size_t i = 0; i < 3; i++) {
		struct span text = xml_element_child_text(s, texts[i], NULL);
		if (text.n)
			buf_printf(out, ": %.*s", SPAN_ARGS(text));
	}
	if (xml_element_find(s, "delay", XMPP_NS_DELAY))
		buf_str(out, " (delay)");
}

static void add_line(struct buf *out, const struct xml_element *s)
{
	const char *type = xml_element_attr_find(s, "type");
	buf_printf(out, "%s %s ", s->name, type ? type : "-");
	add_address(out, xml_element_attr_find(s, "from"));
	buf_str(out, " > ");
	add_address(out, xml_element_attr_find(s, "to"));
	add_content(out, s);
}

const char *house_hear(struct session *c)
{
	static struct buf heard;
	struct xml_element *s;
	buf_clear(&heard);
	buf_init(&heard, TEXT_MAX);
	while ((s = queue_take(&c->outbox))) {
		if (heard.len)
			buf_char(&heard, '|');
		add_line(&heard, s);
		xml_element_free(s);
	}
	timer_stop(c->limit);
	return buf_text(&heard);
}

void house_assert_heard(
	struct session *c, const char *expected, const char *file, int line)
{
	const char *came = house_hear(c);
	if (strcmp(came, expected) == 0)
		return;
	print_error("%s was to hear \"%s\"\n\tand heard \"%s\"\n", c->jid.text,
		expected, came);
	_fail(file, line);
}

void house_forget(struct session *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i])
			house_hear(list[i]);
}
