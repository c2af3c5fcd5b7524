#include "resume.h"

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

#define ID_LENGTH 20

struct past {
	struct link link; /* of user.past, the oldest first */
	char *id;
	uint32_t h;
};

/* ---- enabling ---- */

/* Section 3: "true" or "1"; `max` where that is shorter than ours. */
static usec_t keep_of(const struct session *c, const struct xml_element *enable)
{
	const char *max = xml_element_attr_find(enable, "max");
	uint32_t seconds;
	if (!xml_element_attr_is(enable, "resume", "true") &&
		!xml_element_attr_is(enable, "resume", "1"))
		return 0;
	if (!max || !span_to_u32(span_of(max), UINT32_MAX, &seconds) ||
		seconds * USEC_SEC > c->server->keep)
		return c->server->keep;
	return seconds * USEC_SEC;
}

struct xml_element *resume_make_enabled(
	struct session *c, const struct xml_element *enable)
{
	char id[ID_LENGTH + 1];
	struct xml_element *enabled = xmpp_sm_make("enabled");
	c->keep = keep_of(c, enable);
	if (c->keep) {
		rand_token(id, ID_LENGTH);
		xml_element_attr(enabled, "id", id);
		xml_element_attr(enabled, "resume", "true");
		xml_element_attr_u64(enabled, "max",
			(unsigned long long)(c->keep / USEC_SEC));
	}
	xmpp_sm_enabled(&c->sm, enabled);
	return enabled;
}

/* ---- asleep ---- */

static size_t sleepers(const struct user *u)
{
	size_t count = 0;
	LIST_EACH(&u->sessions, at)
	count += LIST_ITEM(at, struct session, of_user)->asleep;
	return count;
}

bool resume_sleep(struct session *c, const struct err *why)
{
	if (c->phase != SESSION_BOUND || !c->sm.id || c->overflowing ||
		c->server->ending || sleepers(c->user) >= RESUME_MAX)
		return false;
	session_event(c, "cut", xmpp_jid_full(&c->jid),
		err_is_set(why) ? why->text : NULL);
	xmpp_wire_free(c->wire);
	c->wire = NULL;
	c->asleep = true;
	c->silent = false;
	c->waits_for = NULL;
	if (c->server->at_work == c)
		c->server->at_work = NULL;
	/* Nobody is to wait that long. */
	session_release(c);
	timer_set(c->limit, c->keep);
	return true;
}

/* ---- remembered ---- */

static void drop_past(struct past *p)
{
	list_remove(&p->link);
	mem_free(p->id);
	mem_free(p);
}

void resume_remember(const struct session *c)
{
	if (!c->sm.id)
		return;
	struct past *p = mem_alloc(sizeof(*p));
	p->id = mem_str(c->sm.id);
	p->h = xmpp_sm_h(&c->sm);
	list_append(&c->user->past, &p->link);
	if (++c->user->past_count <= RESUME_MAX)
		return;
	c->user->past_count--;
	drop_past(LIST_ITEM(list_first(&c->user->past), struct past, link));
}

void resume_forget_all(struct user *u)
{
	struct link *first;
	while ((first = list_first(&u->past)))
		drop_past(LIST_ITEM(first, struct past, link));
	u->past_count = 0;
}

/* ---- resuming ---- */

static struct session *find(const struct user *u, const char *id)
{
	LIST_EACH(&u->sessions, at)
	{
		struct session *c = LIST_ITEM(at, struct session, of_user);
		if (c->sm.id && span_is(span_of(id), c->sm.id))
			return c;
	}
	return NULL;
}

/* Section 5: with the count of a session that is gone, where it is known. */
static struct xml_element *make_failed(const struct session *c, const char *id)
{
	struct xml_element *failed = xmpp_sm_make("failed");
	LIST_EACH(&c->user->past, at)
	{
		const struct past *p = LIST_ITEM(at, struct past, link);
		if (id && span_is(span_of(id), p->id))
			xml_element_attr_u64(failed, "h", p->h);
	}
	xml_element_child(failed, "item-not-found", XMPP_NS_STANZA_ERROR);
	return failed;
}

static struct xml_element *make_resumed(struct session *c)
{
	struct xml_element *resumed = xmpp_sm_make("resumed");
	xml_element_attr(resumed, "previd", c->sm.id);
	xml_element_attr_u64(resumed, "h", xmpp_sm_h(&c->sm));
	session_event(c, "resumed", xmpp_jid_full(&c->jid), NULL);
	return resumed;
}

struct xml_element *resume_answer(
	struct session *c, const struct xml_element *s)
{
	const char *id = xml_element_attr_find(s, "previd");
	struct session *old = id ? find(c->user, id) : NULL;
	uint32_t h;
	if (!old)
		return make_failed(c, id);
	if (!xmpp_sm_parse_h(s, &h) || !xmpp_sm_ack(&old->sm, h, NULL)) {
		session_end(c, "undefined-condition");
		return NULL;
	}
	session_take_over(c, old);
	return make_resumed(c);
}

void resume_go_on(struct session *c)
{
	xmpp_sm_rewind(&c->sm);
	session_pump(c);
}

void resume_take(struct session *c, const struct xml_element *s)
{
	struct xml_element *answer = resume_answer(c, s);
	if (!answer)
		return;
	session_say(c, answer);
	if (c->phase == SESSION_BOUND)
		resume_go_on(c);
}
