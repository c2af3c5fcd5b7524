#include "xmpp/sm.h"

#include <string.h>

#include "base/mem.h"
#include "xmpp/ns.h"

struct item {
	struct link link;
	struct xml_element *stanza;
	uint64_t ordinal;
};

struct xmpp_sm_deferred {
	uint32_t number;
	bool handled;
};

#define DEFERRED_FIRST 16

void xmpp_sm_init(struct xmpp_sm *sm)
{
	*sm = (struct xmpp_sm){ 0 };
	link_init(&sm->queue);
	sm->unsent = &sm->queue;
	sm->max = XMPP_SM_QUEUE_MAX;
}

static void forget_deferred(struct xmpp_sm *sm)
{
	sm->deferred_first = sm->deferred_count = 0;
}

void xmpp_sm_clear(struct xmpp_sm *sm)
{
	struct xml_element *s;
	while ((s = xmpp_sm_take(sm)))
		xml_element_free(s);
	mem_free(sm->deferred);
	mem_free(sm->id);
	mem_free(sm->location);
	xmpp_sm_init(sm);
}

static void move_links(struct link *to, struct link *from)
{
	struct link *first;
	link_init(to);
	while ((first = list_first(from))) {
		list_remove(first);
		list_append(to, first);
	}
}

void xmpp_sm_move(struct xmpp_sm *to, struct xmpp_sm *from)
{
	xmpp_sm_clear(to);
	*to = *from;
	move_links(&to->queue, &from->queue);
	if (from->unsent == &from->queue)
		to->unsent = &to->queue;
	xmpp_sm_init(from);
}

/* ---- what we send ---- */

bool xmpp_sm_is_full(const struct xmpp_sm *sm)
{
	return sm->count >= sm->max;
}

bool xmpp_sm_push(struct xmpp_sm *sm, struct xml_element *s)
{
	if (xmpp_sm_is_full(sm))
		return false;
	struct item *item = mem_alloc(sizeof(*item));
	item->stanza = s;
	item->ordinal = ++sm->pushed;
	list_append(&sm->queue, &item->link);
	if (sm->unsent == &sm->queue)
		sm->unsent = &item->link;
	sm->count++;
	return true;
}

const struct xml_element *xmpp_sm_next(const struct xmpp_sm *sm)
{
	if (sm->unsent == &sm->queue)
		return NULL;
	return LIST_ITEM(sm->unsent, struct item, link)->stanza;
}

static struct xml_element *take_out(struct xmpp_sm *sm, struct link *at)
{
	struct item *item = LIST_ITEM(at, struct item, link);
	struct xml_element *s = item->stanza;
	if (sm->unsent == at)
		sm->unsent = at->next;
	list_remove(at);
	sm->count--;
	mem_free(item);
	return s;
}

struct xml_element *xmpp_sm_take(struct xmpp_sm *sm)
{
	struct link *first = list_first(&sm->queue);
	return first ? take_out(sm, first) : NULL;
}

void xmpp_sm_sent(struct xmpp_sm *sm)
{
	sm->unsent = sm->unsent->next;
	if (sm->state == XMPP_SM_OFF)
		xml_element_free(xmpp_sm_take(sm));
	else
		sm->sent++;
}

size_t xmpp_sm_unacked(const struct xmpp_sm *sm)
{
	return sm->state == XMPP_SM_OFF ? 0 : sm->sent - sm->acked;
}

bool xmpp_sm_ack(struct xmpp_sm *sm, uint32_t h, struct err *e)
{
	uint32_t more = h - sm->acked;
	if (more > xmpp_sm_unacked(sm)) {
		err_set(e, STATUS_MALFORMED,
			"%u stanzas are acknowledged where %u were sent", h,
			sm->sent);
		err_condition(e, "undefined-condition", false);
		return false;
	}
	for (; more; more--)
		xml_element_free(xmpp_sm_take(sm));
	sm->acked = h;
	sm->asking = false;
	return true;
}

void xmpp_sm_rewind(struct xmpp_sm *sm)
{
	sm->unsent = sm->queue.next;
	sm->sent = sm->asked_at = sm->acked;
	sm->asking = false;
}

/* ---- a session that is gone ---- */

static bool is_before(const struct xmpp_sm *sm, uint64_t n, struct link *at)
{
	return at == &sm->queue ||
	       n < LIST_ITEM(at, struct item, link)->ordinal;
}

enum xmpp_sm_place xmpp_sm_place(const struct xmpp_sm *sm, uint64_t n)
{
	if (is_before(sm, n, sm->queue.next))
		return XMPP_SM_GONE;
	return is_before(sm, n, sm->unsent) ? XMPP_SM_UNACKED : XMPP_SM_UNSENT;
}

void xmpp_sm_sift(struct xmpp_sm *sm, xmpp_sm_keep *keep, void *arg)
{
	bool was_written = true;
	LIST_EACH(&sm->queue, at)
	{
		was_written = was_written && at != sm->unsent;
		if (!keep(arg, LIST_ITEM(at, struct item, link)->stanza,
			    was_written))
			xml_element_free(take_out(sm, at));
	}
}

/* Numbers that were given are not given again. */
static void begin_receiving(struct xmpp_sm *sm)
{
	sm->before += sm->received;
	sm->received = sm->told = 0;
	forget_deferred(sm);
}

void xmpp_sm_forget(struct xmpp_sm *sm)
{
	mem_free(sm->id);
	mem_free(sm->location);
	sm->id = sm->location = NULL;
	sm->state = XMPP_SM_OFF;
	xmpp_sm_rewind(sm);
	begin_receiving(sm);
}

/* ---- asking ---- */

bool xmpp_sm_should_ask(const struct xmpp_sm *sm, bool idle)
{
	if (xmpp_sm_unacked(sm) == 0 || sm->sent == sm->asked_at)
		return false;
	return sm->sent - sm->asked_at >= XMPP_SM_ASK_EVERY ||
	       (idle && !sm->asking);
}

void xmpp_sm_asked(struct xmpp_sm *sm)
{
	sm->asking = true;
	sm->asked_at = sm->sent;
}

/* ---- what we receive ---- */

uint32_t xmpp_sm_came(struct xmpp_sm *sm)
{
	return sm->before + ++sm->received;
}

void xmpp_sm_defer(struct xmpp_sm *sm, uint32_t number)
{
	size_t end = sm->deferred_first + sm->deferred_count;
	/* Moving costs as many as have gone in front of them. */
	if (end == sm->deferred_room && sm->deferred_first >= end / 2) {
		end = sm->deferred_count;
		if (end)
			memmove(sm->deferred, sm->deferred + sm->deferred_first,
				end * sizeof(*sm->deferred));
		sm->deferred_first = 0;
	}
	if (end == sm->deferred_room) {
		sm->deferred_room = end ? 2 * end : DEFERRED_FIRST;
		sm->deferred = mem_grow(
			sm->deferred, sm->deferred_room, sizeof(*sm->deferred));
	}
	sm->deferred[end] = (struct xmpp_sm_deferred){ .number = number };
	sm->deferred_count++;
}

static struct xmpp_sm_deferred *first_deferred(const struct xmpp_sm *sm)
{
	return sm->deferred_count ? sm->deferred + sm->deferred_first : NULL;
}

void xmpp_sm_handled(struct xmpp_sm *sm, uint32_t number)
{
	struct xmpp_sm_deferred *first = first_deferred(sm);
	size_t i = 0;
	while (i < sm->deferred_count && first[i].number != number)
		i++;
	if (i < sm->deferred_count)
		first[i].handled = true;
	while ((first = first_deferred(sm)) && first->handled) {
		sm->deferred_first++;
		sm->deferred_count--;
	}
	if (!first)
		sm->deferred_first = 0;
}

uint32_t xmpp_sm_h(const struct xmpp_sm *sm)
{
	const struct xmpp_sm_deferred *first = first_deferred(sm);
	return first ? first->number - sm->before - 1 : sm->received;
}

bool xmpp_sm_should_tell(const struct xmpp_sm *sm)
{
	return sm->state == XMPP_SM_ON &&
	       xmpp_sm_h(sm) - sm->told >= XMPP_SM_ASK_EVERY;
}

/* ---- its elements ---- */

bool xmpp_sm_is(const struct xml_element *s, const char *name)
{
	return xml_element_is(s, name, XMPP_NS_SM);
}

struct xml_element *xmpp_sm_make(const char *name)
{
	return xml_element_new(name, XMPP_NS_SM);
}

static struct xml_element *make_with_h(struct xmpp_sm *sm, const char *name)
{
	sm->told = xmpp_sm_h(sm);
	return xml_element_attr_u64(xmpp_sm_make(name), "h", sm->told);
}

struct xml_element *xmpp_sm_make_a(struct xmpp_sm *sm)
{
	return make_with_h(sm, "a");
}

struct xml_element *xmpp_sm_make_resume(struct xmpp_sm *sm)
{
	return xml_element_attr(make_with_h(sm, "resume"), "previd", sm->id);
}

bool xmpp_sm_parse_h(const struct xml_element *s, uint32_t *h)
{
	const char *text = xml_element_attr_find(s, "h");
	return text && span_to_u32(span_of(text), UINT32_MAX, h);
}

struct xml_element *xmpp_sm_enable(struct xmpp_sm *sm, unsigned resume)
{
	struct xml_element *s = xmpp_sm_make("enable");
	sm->state = XMPP_SM_ASKED;
	sm->sent = sm->acked = sm->asked_at = 0;
	sm->asking = false;
	if (resume) {
		xml_element_attr(s, "resume", "true");
		xml_element_attr_u64(s, "max", resume);
	}
	return s;
}

void xmpp_sm_enabled(struct xmpp_sm *sm, const struct xml_element *s)
{
	const char *resume = xml_element_attr_find(s, "resume");
	const char *id = xml_element_attr_find(s, "id");
	bool resumable = resume && (strcmp(resume, "true") == 0 ||
					   strcmp(resume, "1") == 0);
	if (sm->state == XMPP_SM_OFF)
		sm->sent = sm->acked = sm->asked_at = 0;
	sm->state = XMPP_SM_ON;
	begin_receiving(sm);
	if (!resumable || !id)
		return;
	mem_free(sm->id);
	mem_free(sm->location);
	sm->id = mem_str(id);
	sm->location = mem_str(xml_element_attr_find(s, "location"));
}

void xmpp_sm_off(struct xmpp_sm *sm)
{
	while (sm->queue.next != sm->unsent)
		xml_element_free(xmpp_sm_take(sm));
	sm->state = XMPP_SM_OFF;
	sm->sent = sm->acked = sm->asked_at = 0;
	sm->asking = false;
}
