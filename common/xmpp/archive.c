#include "xmpp/archive.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/disco.h"

#define ID_LENGTH 20

struct xmpp_archive {
	struct xmpp_client *client;
	struct xmpp_archive_handlers handlers;
	void *arg;
	usec_t start;
	bool tip;
	char *last; /* id; what is asked for next stands behind it */
	bool any;   /* has come */
	char *came; /* id of the last result of this page */
	char query_id[ID_LENGTH + 1];
	struct xmpp_iq *open; /* the question, NULL: none */
};

/* ---- asking ---- */

static void add_field(
	struct xml_element *form, const char *name, const char *value)
{
	struct xml_element *field = xml_element_child(form, "field", NULL);
	xml_element_attr(field, "var", name);
	xml_element_text(xml_element_child(field, "value", NULL), value);
}

/* Section 4.1.3 */
static void add_form(struct xml_element *query, usec_t start)
{
	char time[CLOCK_TEXT_SIZE];
	struct xml_element *form = xml_element_child(query, "x", XMPP_NS_DATA);
	xml_element_attr(form, "type", "submit");
	add_field(form, "FORM_TYPE", XMPP_NS_MAM);
	xml_element_attr(form->first, "type", "hidden");
	add_field(form, "start", clock_format(time, start));
}

/* XEP-0059 sections 2.1, 2.2 and 2.5 */
static void add_set(struct xml_element *query, const struct xmpp_archive *a)
{
	struct xml_element *set = xml_element_child(query, "set", XMPP_NS_RSM);
	struct buf max = BUF_INIT(24);
	buf_u64(&max, a->tip ? 1 : XMPP_ARCHIVE_PAGE);
	xml_element_text(xml_element_child(set, "max", NULL), buf_text(&max));
	buf_clear(&max);
	if (a->tip)
		xml_element_child(set, "before", NULL);
	else if (a->last)
		xml_element_text(
			xml_element_child(set, "after", NULL), a->last);
}

static void on_fin(
	void *arg, const struct xml_element *reply, const struct err *e);

static bool ask(struct xmpp_archive *a, struct err *e)
{
	struct xml_element *s = xmpp_iq_make("set", NULL);
	struct xml_element *query = xml_element_child(s, "query", XMPP_NS_MAM);
	rand_token(a->query_id, ID_LENGTH);
	xml_element_attr(query, "queryid", a->query_id);
	if (a->start)
		add_form(query, a->start);
	add_set(query, a);
	mem_free(a->came);
	a->came = NULL;
	a->open = xmpp_client_request(a->client, s, USEC_NEVER, on_fin, a, e);
	return a->open != NULL;
}

struct xmpp_archive *xmpp_archive_walk(struct xmpp_client *c,
	const struct xmpp_archive_query *q,
	const struct xmpp_archive_handlers *handlers, void *arg, struct err *e)
{
	struct xmpp_archive *a = mem_alloc(sizeof(*a));
	a->client = c;
	a->handlers = *handlers;
	a->arg = arg;
	a->start = q->start;
	a->tip = q->tip;
	a->last = mem_str(q->after);
	if (ask(a, e))
		return a;
	xmpp_archive_free(a);
	return NULL;
}

void xmpp_archive_free(struct xmpp_archive *a)
{
	if (!a)
		return;
	xmpp_iq_cancel(a->open);
	mem_free(a->last);
	mem_free(a->came);
	mem_free(a);
}

/* ---- results ---- */

bool xmpp_archive_take(struct xmpp_archive *a, const struct xml_element *s)
{
	const struct xml_element *result =
		xml_element_find(s, "result", XMPP_NS_MAM);
	const struct xmpp_jid *self;
	if (!a || !result || !a->open ||
		!xml_element_attr_is(result, "queryid", a->query_id))
		return false;
	self = xmpp_client_jid(a->client);
	const char *id = xml_element_attr_find(result, "id");
	if (!id || !xmpp_from_account(xml_element_attr_find(s, "from"), self))
		return false;
	mem_free(a->came);
	a->came = mem_str(id);
	struct xmpp_message m;
	if (!a->tip && xmpp_message_read_archived(&m, result, self))
		a->handlers.message(a->arg, &m);
	return true;
}

/* ---- the end of a page ---- */

static void finish(struct xmpp_archive *a, const struct err *e)
{
	a->handlers.done(a->arg, a->any ? a->last : NULL, e);
}

/* The id behind which the next page begins: what <fin/> says, or else what
 * came. */
static const char *end_of(
	const struct xmpp_archive *a, const struct xml_element *fin)
{
	const struct xml_element *set =
		xml_element_find(fin, "set", XMPP_NS_RSM);
	struct span last =
		set ? xml_element_child_text(set, "last", XMPP_NS_RSM)
		    : SPAN_EMPTY;
	return last.n ? last.p : a->came;
}

/* Section 4.4.2 */
static void on_fin(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmpp_archive *a = arg;
	struct err why = *e;
	a->open = NULL;
	if (err_is_set(&why)) {
		finish(a, &why);
		return;
	}
	const struct xml_element *fin =
		xml_element_find(reply, "fin", XMPP_NS_MAM);
	if (!fin) {
		err_set(&why, STATUS_MALFORMED,
			"the archive's answer has no <fin/>");
		finish(a, &why);
		return;
	}
	const char *end = end_of(a, fin);
	bool moved = end && (!a->last || strcmp(end, a->last) != 0);
	bool complete = a->tip ||
			xml_element_attr_is(fin, "complete", "true") ||
			xml_element_attr_is(fin, "complete", "1");
	if (moved) {
		mem_free(a->last);
		a->last = mem_str(end);
		a->any = true;
	}
	/* INTEROP: one that says neither `complete` nor anything new is at its
	 * end; to ask it again would never end. */
	if (complete || !moved)
		finish(a, &why);
	else
		a->handlers.page(a->arg);
}

void xmpp_archive_next(struct xmpp_archive *a)
{
	struct err e = ERR_NONE;
	if (!ask(a, &e))
		finish(a, &e);
}

/* ---- is there one? ---- */

struct xml_element *xmpp_archive_make_look(const struct xmpp_jid *self)
{
	char *account = span_dup(xmpp_jid_bare(self));
	struct xml_element *s = xmpp_disco_make_info(account, NULL);
	mem_free(account);
	return s;
}

bool xmpp_archive_is_announced(const struct xml_element *reply)
{
	const struct xml_element *query =
		xmpp_disco_query(reply, XMPP_NS_DISCO_INFO);
	return query && xmpp_disco_has_feature(query, XMPP_NS_MAM) &&
	       xmpp_disco_has_feature(query, XMPP_NS_SID);
}

/* ---- what does it take? ---- */

struct xml_element *xmpp_archive_make_ask(void)
{
	struct xml_element *s = xmpp_iq_make("get", NULL);
	xml_element_child(s, "prefs", XMPP_NS_MAM);
	return s;
}

bool xmpp_archive_takes_all(const struct xml_element *reply)
{
	const struct xml_element *prefs =
		xml_element_find(reply, "prefs", XMPP_NS_MAM);
	if (!prefs || !xml_element_attr_is(prefs, "default", "always"))
		return false;
	const struct xml_element *never =
		xml_element_find(prefs, "never", XMPP_NS_MAM);
	return !never || !xml_element_find(never, "jid", XMPP_NS_MAM);
}
