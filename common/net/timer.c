/* A binary heap of what is due next.  The entries carry the time and the order
 * themselves, so that sifting does not touch the timers of others. */
#include <string.h>

#include "base/mem.h"
#include "net/ops.h"

#define FIRST_ROOM 16

static bool is_before(const struct timer_entry *a, const struct timer_entry *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void put(struct timers *all, size_t place, struct timer_entry entry)
{
	all->heap[place - 1] = entry;
	entry.timer->place = place;
}

static void sift_up(struct timers *all, size_t place, struct timer_entry entry)
{
	while (place > 1) {
		struct timer_entry *parent = &all->heap[place / 2 - 1];
		if (!is_before(&entry, parent))
			break;
		put(all, place, *parent);
		place /= 2;
	}
	put(all, place, entry);
}

static void sift_down(
	struct timers *all, size_t place, struct timer_entry entry)
{
	for (size_t child; (child = 2 * place) <= all->count; place = child) {
		struct timer_entry *best = &all->heap[child - 1];
		if (child < all->count && is_before(best + 1, best)) {
			best++;
			child++;
		}
		if (!is_before(best, &entry))
			break;
		put(all, place, *best);
	}
	put(all, place, entry);
}

/* The entry may have to go either way from here. */
static void settle(struct timers *all, size_t place, struct timer_entry entry)
{
	if (place > 1 && is_before(&entry, &all->heap[place / 2 - 1]))
		sift_up(all, place, entry);
	else
		sift_down(all, place, entry);
}

void timer_init(struct timer *t, struct loop *l, timer_fire *fire, void *arg)
{
	*t = (struct timer){ .loop = l, .fire = fire, .arg = arg };
}

struct timer *timer_new(struct loop *l, timer_fire *fire, void *arg)
{
	struct timer *t = mem_alloc(sizeof(*t));
	timer_init(t, l, fire, arg);
	return t;
}

void timer_free(struct timer *t)
{
	if (!t)
		return;
	timer_stop(t);
	mem_free(t);
}

void timer_set(struct timer *t, usec_t after)
{
	usec_t now = loop_now(t->loop);
	if (after < 0)
		after = 0;
	timer_set_at(t, after > USEC_NEVER - now ? USEC_NEVER : now + after);
}

void timer_set_at(struct timer *t, usec_t at)
{
	struct timers *all = &t->loop->timers;
	if (at == USEC_NEVER) {
		timer_stop(t);
		return;
	}
	/* In the past is now, behind what is due already: a handler that
	 * always sets itself into the past must not starve the others. */
	struct timer_entry entry = { .at = at < all->floor ? all->floor : at,
		.order = all->order++,
		.timer = t };
	if (t->place) {
		settle(all, t->place, entry);
		return;
	}
	if (all->count == all->room) {
		all->room = all->room ? all->room * 2 : FIRST_ROOM;
		all->heap = mem_grow(all->heap, all->room, sizeof(*all->heap));
	}
	sift_up(all, ++all->count, entry);
}

void timer_stop(struct timer *t)
{
	struct timers *all = &t->loop->timers;
	size_t place = t->place;
	if (!place)
		return;
	t->place = 0;
	struct timer_entry last = all->heap[--all->count];
	if (last.timer != t)
		settle(all, place, last);
}

bool timer_is_set(const struct timer *t)
{
	return t->place != 0;
}

usec_t timers_next(const struct timers *all)
{
	return all->count ? all->heap[0].at : USEC_NEVER;
}

void timers_fire(struct timers *all, usec_t now)
{
	/* What handlers set from here on has a later order and is not before
	 * the floor, so it lies behind all that is due now. */
	uint64_t end = all->order;
	all->floor = now;
	while (all->count && all->heap[0].at <= now &&
		all->heap[0].order < end) {
		struct timer *t = all->heap[0].timer;
		timer_stop(t);
		t->fire(t->arg);
	}
}

void timers_clear(struct timers *all)
{
	mem_free(all->heap);
	*all = (struct timers){ 0 };
}
