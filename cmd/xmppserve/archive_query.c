/* Questions about an archive (XEP-0313, XEP-0059, XEP-0441). */
#include <stdio.h>

#include "archive.h"
#include "base/clock.h"
#include "base/mem.h"
#include "xmpp/error.h"
#include "xmpp/form.h"
#include "xmpp/ns.h"

/* ---- asking ---- */

struct question {
	usec_t start, end; /* 0: none */
	struct xmpp_jid with;
	struct span after, before; /* ids; p NULL: none */
	bool backwards;
	uint32_t max;
};

static bool take_time(
	usec_t *time, const struct xml_element *form, const char *var)
{
	const struct xml_element *field = xmpp_form_field(form, var);
	return !field || clock_parse(span_trim(xml_element_child_text(
					     field, "value", XMPP_NS_DATA)),
				 time);
}

static bool take_form(struct question *q, const struct xml_element *form)
{
	const struct xml_element *with = xmpp_form_field(form, "with");
	return take_time(&q->start, form, "start") &&
	       take_time(&q->end, form, "end") &&
	       (!with || xmpp_jid_parse(&q->with,
				 span_trim(xml_element_child_text(
					 with, "value", XMPP_NS_DATA)),
				 NULL));
}

/* XEP-0059 sections 2.1 to 2.5 */
static bool take_set(struct question *q, const struct xml_element *set)
{
	const struct xml_element *max =
		xml_element_find(set, "max", XMPP_NS_RSM);
	const struct xml_element *before =
		xml_element_find(set, "before", XMPP_NS_RSM);
	q->after = xml_element_child_text(set, "after", XMPP_NS_RSM);
	q->backwards = before != NULL;
	if (before)
		q->before = xml_element_text_get(before);
	if (max && !span_to_u32(span_trim(xml_element_text_get(max)),
			   UINT32_MAX, &q->max))
		return false;
	if (q->max > ARCHIVE_PAGE_MAX)
		q->max = ARCHIVE_PAGE_MAX;
	return true;
}

static bool take_question(struct question *q, const struct xml_element *query)
{
	const struct xml_element *form =
		xml_element_find(query, "x", XMPP_NS_DATA);
	const struct xml_element *set =
		xml_element_find(query, "set", XMPP_NS_RSM);
	*q = (struct question){ .max = ARCHIVE_PAGE_MAX };
	return (!form || take_form(q, form)) && (!set || take_set(q, set));
}

/* Section 4.1.1: a bare JID means all its resources. */
static bool is_with(const struct archived *a, const struct xmpp_jid *with)
{
	static const char *const sides[] = { "from", "to" };
	bool found = false;
	for (size_t i = 0; i < 2 && !found; i++) {
		struct xmpp_jid jid;
		const char *text = xml_element_attr_find(a->message, sides[i]);
		if (!text || !xmpp_jid_parse(&jid, span_of(text), NULL))
			continue;
		found = with->resource.n ? xmpp_jid_equal(&jid, with)
					 : xmpp_jid_equal_bare(&jid, with);
		xmpp_jid_clear(&jid);
	}
	return found;
}

static bool is_wanted(const struct archived *a, const struct question *q)
{
	return (!q->start || a->wall >= q->start) &&
	       (!q->end || a->wall <= q->end) &&
	       (!xmpp_jid_is_set(&q->with) || is_with(a, &q->with));
}

/* ---- answering ---- */

/* All that are wanted, and the part between `after` and `before`. */
struct found {
	const struct archived **list;
	size_t count, first, end;
};

/* False: there is none of that id. */
static bool find_all(
	struct found *f, const struct user *u, const struct question *q)
{
	bool after = !q->after.n, before = !q->before.n;
	*f = (struct found){ .list = mem_array(
				     u->archive_count + 1, sizeof(*f->list)) };
	f->end = SIZE_MAX;
	LIST_EACH(&u->archive, at)
	{
		const struct archived *a = LIST_ITEM(at, struct archived, link);
		if (!before && span_is(q->before, a->id)) {
			before = true;
			f->end = f->count;
		}
		if (is_wanted(a, q))
			f->list[f->count++] = a;
		if (!after && span_is(q->after, a->id)) {
			after = true;
			f->first = f->count;
		}
	}
	if (f->end > f->count)
		f->end = f->count;
	if (f->first > f->end)
		f->first = f->end;
	return after && before;
}

static void send_result(struct session *c, const struct xml_element *query,
	const struct archived *a)
{
	char stamp[CLOCK_TEXT_SIZE];
	const char *query_id = xml_element_attr_find(query, "queryid");
	struct xml_element *s = xml_element_new("message", XMPP_NS_CLIENT);
	xml_element_attr(s, "from", c->user->jid.text);
	xml_element_attr_span(s, "to", xmpp_jid_full(&c->jid));
	struct xml_element *result =
		xml_element_child(s, "result", XMPP_NS_MAM);
	xml_element_attr(result, "queryid", query_id);
	xml_element_attr(result, "id", a->id);
	struct xml_element *forwarded =
		xml_element_child(result, "forwarded", XMPP_NS_FORWARD);
	xml_element_attr(xml_element_child(forwarded, "delay", XMPP_NS_DELAY),
		"stamp", clock_format(stamp, a->wall));
	xml_element_add(forwarded, a->message);
	session_send(c, s);
}

static void add_number(struct xml_element *to, const char *name, size_t n)
{
	char text[24];
	snprintf(text, sizeof(text), "%zu", n);
	xml_element_text(xml_element_child(to, name, NULL), text);
}

static void send_page(struct session *c, const struct xml_element *request,
	const struct question *q, const struct found *f)
{
	const struct xml_element *query = xml_element_find(request, NULL, NULL);
	size_t first = f->first, end = f->end;
	bool complete = end - first <= q->max;
	if (!complete && q->backwards)
		first = end - q->max;
	else if (!complete)
		end = first + q->max;
	for (size_t i = first; i < end; i++)
		send_result(c, query, f->list[i]);
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	struct xml_element *fin = xml_element_child(reply, "fin", XMPP_NS_MAM);
	if (complete)
		xml_element_attr(fin, "complete", "true");
	struct xml_element *set = xml_element_child(fin, "set", XMPP_NS_RSM);
	if (end > first) {
		xml_element_text(xml_element_child(set, "first", NULL),
			f->list[first]->id);
		xml_element_text(xml_element_child(set, "last", NULL),
			f->list[end - 1]->id);
	}
	add_number(set, "count", f->count);
	session_send(c, reply);
}

static bool has_archive(struct session *c, const struct xml_element *request)
{
	if (!c->server->archive)
		session_send(c,
			xmpp_error_reply(request, "service-unavailable", NULL));
	return c->server->archive;
}

void archive_query(struct session *c, const struct xml_element *request)
{
	struct question q;
	struct found f = { 0 };
	if (!has_archive(c, request))
		return;
	if (!take_question(&q, xml_element_find(request, NULL, NULL)))
		session_send(c, xmpp_error_reply(request, "bad-request", NULL));
	else if (!find_all(&f, c->user, &q))
		session_send(
			c, xmpp_error_reply(request, "item-not-found", NULL));
	else
		send_page(c, request, &q, &f);
	mem_free(f.list);
	xmpp_jid_clear(&q.with);
}

void archive_preferences(struct session *c, const struct xml_element *request)
{
	if (!has_archive(c, request))
		return;
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	struct xml_element *prefs =
		xml_element_child(reply, "prefs", XMPP_NS_MAM);
	xml_element_attr(prefs, "default", "always");
	xml_element_child(prefs, "always", NULL);
	xml_element_child(prefs, "never", NULL);
	session_send(c, reply);
}
