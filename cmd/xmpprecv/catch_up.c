#include "catch_up.h"

#include <string.h>

#include "base/mem.h"
#include "base/state.h"
#include "base/recent.h"
#include "state_file.h"

enum step {
	ASLEEP, /* not begun, or there is no archive */
	FIRST,  /* the walk before presence */
	CHECK,  /* nothing came: is what was known the end of the archive? */
	SECOND, /* the walk after it */
	TIP,    /* asking where the archive ends: there was no file */
	LIVE,
};

struct held {
	struct link link;
	struct xml_element *stanza;
	uint32_t number;
};

struct catch_up {
	struct xmpp_listen *listen;
	struct catch_up_handlers handlers;
	void *arg;
	const char *path;
	int claim; /* of the file */
	enum step step;
	struct xmpp_archive *walk;
	char *given; /* id of the last one that was given on; NULL: not known */
	bool doubted; /* `given` is not the end, though nothing is behind it */
	struct recent recent;
	struct link held;
	size_t held_count;
	struct state_file kept; /* what the file is to say */
	bool dirty;
	struct timer *soon;
};

/* ---- the file ---- */

static bool write_file(struct catch_up *c, struct err *e)
{
	if (!c->dirty)
		return true;
	c->dirty = false;
	return state_file_save(&c->kept, c->path, e);
}

static void on_soon(void *arg)
{
	struct catch_up *c = arg;
	if (!c->dirty)
		return;
	timer_set(c->soon, CATCH_UP_WRITE_EVERY);
	if (!err_is_set(&c->listen->fault))
		write_file(c, &c->listen->fault);
}

void catch_up_mark(struct catch_up *c, struct catch_up_mark *mark,
	const struct xmpp_message *m)
{
	/* What was stored for us does not stand at the end of the archive. */
	bool is_last =
		m->archive_id && (m->way == XMPP_MESSAGE_ARCHIVE ||
					 (c->step == LIVE && !m->stored));
	*mark = (struct catch_up_mark){ 0 };
	if (m->archive_id)
		recent_add(&c->recent, span_of(m->archive_id));
	if (!is_last || !state_file_can_hold(m->archive_id))
		return;
	mem_free(c->given);
	c->given = mem_str(m->archive_id);
	mark->id = mem_str(m->archive_id);
	mark->time = m->stored ? m->stamp : loop_wall(c->listen->run->loop);
}

void catch_up_kept(struct catch_up *c, struct catch_up_mark *mark)
{
	if (!mark->time)
		return;
	mem_free(c->kept.id);
	c->kept.id = mark->id;
	c->kept.time = mark->time;
	mark->id = NULL;
	c->dirty = true;
	if (!timer_is_set(c->soon))
		timer_set(c->soon, 0);
}

/* ---- what is held back ---- */

static void release(struct catch_up *c)
{
	struct link *first;
	while ((first = list_first(&c->held))) {
		struct held *h = LIST_ITEM(first, struct held, link);
		struct xmpp_message m;
		list_remove(&h->link);
		c->held_count--;
		xmpp_message_read(&m, h->stanza,
			xmpp_client_jid(c->listen->login.client), true);
		if (m.archive_id &&
			recent_has(&c->recent, span_of(m.archive_id)))
			xmpp_client_handled(c->listen->login.client, h->number);
		else
			c->handlers.message(c->arg, &m, h->number);
		xml_element_free(h->stanza);
		mem_free(h);
	}
}

static void hold(struct catch_up *c, const struct xml_element *s)
{
	struct held *h = mem_alloc(sizeof(*h));
	h->stanza = xml_element_dup(s);
	h->number = xmpp_client_defer(c->listen->login.client);
	list_append(&c->held, &h->link);
	c->held_count++;
}

bool catch_up_is_due(struct catch_up *c, const struct xmpp_message *m,
	const struct xml_element *s)
{
	if (c->step == ASLEEP)
		return true;
	if (m->archive_id && recent_has(&c->recent, span_of(m->archive_id)))
		return false;
	if (c->step == TIP || c->step == LIVE)
		return true;
	if (m->archive_id && m->stored)
		return false;
	if (c->held_count >= CATCH_UP_HELD_MAX)
		return true;
	hold(c, s);
	return false;
}

/* ---- walking ---- */

static void on_message(void *arg, const struct xmpp_message *m)
{
	struct catch_up *c = arg;
	uint32_t number = xmpp_client_defer(c->listen->login.client);
	if (m->archive_id && recent_has(&c->recent, span_of(m->archive_id)))
		xmpp_client_handled(c->listen->login.client, number);
	else
		c->handlers.message(c->arg, m, number);
}

static void on_page(void *arg)
{
	struct catch_up *c = arg;
	xmpp_archive_next(c->walk);
}

static void on_done(void *arg, const char *last, const struct err *e);

static bool walk(struct catch_up *c, enum step step, struct err *e)
{
	static const struct xmpp_archive_handlers handlers = {
		.message = on_message, .page = on_page, .done = on_done
	};
	struct xmpp_archive_query q = { .tip = step == TIP || step == CHECK };
	if (!q.tip && c->given)
		q.after = c->given;
	else if (!q.tip)
		q.start = c->kept.time;
	xmpp_archive_free(c->walk);
	c->step = step;
	c->walk =
		xmpp_archive_walk(c->listen->login.client, &q, &handlers, c, e);
	return c->walk != NULL;
}

/* Nothing was known before: what the archive ends with now counts as given,
 * as soon as what was given so far is out. */
static void take_tip(struct catch_up *c, const char *last)
{
	struct catch_up_mark mark = { .time = loop_wall(c->listen->run->loop) };
	if (last && state_file_can_hold(last))
		mark.id = mem_str(last);
	c->given = mem_str(mark.id);
	c->handlers.mark(c->arg, &mark);
}

static bool from_its_time(struct catch_up *c, struct err *e)
{
	run_warn(c->listen->run,
		"%s: the archive does not have that message any more; going "
		"on from its time",
		c->path);
	mem_free(c->given);
	c->given = NULL;
	return walk(c, c->step, e);
}

/* INTEROP: Prosody 13 says of an id that it does not have, and not only of the
 * last one, that nothing is behind it.  What the archive ends with tells them
 * apart; asked twice, for something may have come in between. */
static bool go_on_first(struct catch_up *c, const char *last, struct err *e)
{
	if (!last && c->given && c->doubted)
		return from_its_time(c, e);
	if (!last && c->given)
		return walk(c, CHECK, e);
	return c->handlers.arrive(c->arg, e) && walk(c, SECOND, e);
}

static bool go_on(struct catch_up *c, const char *last, struct err *e)
{
	switch (c->step) {
	case FIRST:
		return go_on_first(c, last, e);
	case CHECK:
		c->doubted = last && strcmp(last, c->given) != 0;
		if (c->doubted)
			return walk(c, FIRST, e);
		return c->handlers.arrive(c->arg, e) && walk(c, SECOND, e);
	case SECOND:
		c->step = LIVE;
		release(c);
		return c->listen->is_ready || c->handlers.ready(c->arg, e);
	case TIP:
		c->step = LIVE;
		take_tip(c, last);
		return true;
	default:
		return true;
	}
}

static void on_done(void *arg, const char *last, const struct err *e)
{
	struct catch_up *c = arg;
	struct err why = *e;
	/* With the session the question was lost: catch_up_renew asks again. */
	if (why.retryable && !why.condition[0])
		return;
	if (strcmp(why.condition, "item-not-found") == 0 && c->given) {
		why = ERR_NONE;
		from_its_time(c, &why);
	} else if (err_is_set(&why)) {
		err_prefix(&why, "the archive");
	} else {
		go_on(c, last, &why);
	}
	if (err_is_set(&why) && !err_is_set(&c->listen->fault))
		c->listen->fault = why;
}

bool catch_up_take(struct catch_up *c, const struct xml_element *s)
{
	return xmpp_archive_take(c->walk, s);
}

/* ---- beginning, again, the end ---- */

bool catch_up_is_recent(const struct catch_up *c)
{
	usec_t age = loop_wall(c->listen->run->loop) - c->kept.time;
	return c->kept.id && age > CATCH_UP_RECENT_MIN &&
	       age < CATCH_UP_RECENT_LIMIT;
}

/* The server has said where the archive ends: there, nothing waits. */
static bool is_at_end(const struct catch_up *c)
{
	const char *end = xmpp_client_archive_end(c->listen->login.client);
	return end && c->given && strcmp(end, c->given) == 0;
}

bool catch_up_begin(struct catch_up *c, bool announced, struct err *e)
{
	if (!announced) {
		run_warn(c->listen->run,
			"--state: the server keeps no archive for us; what "
			"comes while nobody listens is left to it");
		return c->handlers.arrive(c->arg, e) &&
		       c->handlers.ready(c->arg, e);
	}
	if (c->kept.time && is_at_end(c))
		return c->handlers.arrive(c->arg, e) && walk(c, SECOND, e);
	if (c->kept.time)
		return walk(c, FIRST, e);
	return c->handlers.arrive(c->arg, e) && c->handlers.ready(c->arg, e) &&
	       walk(c, TIP, e);
}

/* The presence was said again: what came since the cut is stored or in the
 * archive.  What was held back from the old session goes first. */
void catch_up_renew(struct catch_up *c)
{
	struct err e = ERR_NONE;
	if (c->step == ASLEEP)
		return;
	enum step step = c->step == CHECK                     ? FIRST
			 : c->step == FIRST || c->step == TIP ? c->step
							      : SECOND;
	c->step = SECOND;
	release(c);
	if (!walk(c, step, &e) && !err_is_set(&c->listen->fault))
		c->listen->fault = e;
}

/* Two at a time would print the same, and the later end would win. */
static bool claim_file(struct catch_up *c, struct err *e)
{
	struct err why = ERR_NONE;
	c->claim = state_file_claim(c->path, &why);
	if (c->claim >= 0 || err_is_set(&why))
		return true;
	return err_set(e, STATUS_LOCAL_IO,
		"%s: another xmpprecv is running with this file", c->path);
}

struct catch_up *catch_up_new(struct xmpp_listen *l, const char *path,
	const struct catch_up_handlers *handlers, void *arg, struct err *e)
{
	struct catch_up *c = mem_alloc(sizeof(*c));
	c->listen = l;
	c->path = path;
	c->handlers = *handlers;
	c->arg = arg;
	link_init(&c->held);
	recent_init(&c->recent, CATCH_UP_RECENT_MAX);
	c->soon = timer_new(l->run->loop, on_soon, c);
	c->claim = -1;
	if (!claim_file(c, e) ||
		!state_file_load(&c->kept, path, &l->login.jid, e)) {
		catch_up_close(c, NULL);
		return NULL;
	}
	c->given = mem_str(c->kept.id);
	return c;
}

bool catch_up_close(struct catch_up *c, struct err *e)
{
	if (!c)
		return true;
	bool good = write_file(c, e);
	LIST_EACH(&c->held, at)
	{
		struct held *h = LIST_ITEM(at, struct held, link);
		xml_element_free(h->stanza);
		mem_free(h);
	}
	xmpp_archive_free(c->walk);
	recent_clear(&c->recent);
	timer_free(c->soon);
	state_file_clear(&c->kept);
	state_release(c->claim);
	mem_free(c->given);
	mem_free(c);
	return good;
}
