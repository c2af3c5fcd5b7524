#include "cli/pace.h"

#include "base/mem.h"

struct pace {
	pace_pause *pause;
	void *arg;
	struct timer *rest;
	usec_t length;  /* of the last rest */
	size_t at_once; /* records since all was written */
	bool gathers;
	bool is_full;
	bool is_paused;
	bool ended;
};

static void settle(struct pace *p)
{
	bool paused = !p->ended && (p->is_full || timer_is_set(p->rest));
	if (p->is_paused == paused)
		return;
	p->is_paused = paused;
	p->pause(p->arg, paused);
}

static void on_rested(void *arg)
{
	settle(arg);
}

struct pace *pace_new(struct loop *l, pace_pause *pause, void *arg)
{
	struct pace *p = mem_alloc(sizeof(*p));
	p->pause = pause;
	p->arg = arg;
	p->rest = timer_new(l, on_rested, p);
	p->length = PACE_REST;
	return p;
}

void pace_end(struct pace *p)
{
	p->ended = true;
	timer_stop(p->rest);
	settle(p);
}

void pace_free(struct pace *p)
{
	if (!p)
		return;
	timer_free(p->rest);
	mem_free(p);
}

void pace_gather(struct pace *p, bool gathers)
{
	p->gathers = gathers;
}

void pace_record(struct pace *p, bool is_full)
{
	p->at_once++;
	p->is_full = is_full;
	settle(p);
}

/* As long as lets the next be as many as may gather, by the last. */
static void rest(struct pace *p)
{
	p->length = p->length * PACE_GATHERED / (usec_t)p->at_once;
	if (p->length > PACE_REST)
		p->length = PACE_REST;
	if (p->length < PACE_REST_LEAST)
		p->length = PACE_REST_LEAST;
	timer_set(p->rest, p->length);
}

void pace_written(struct pace *p, bool more_waits)
{
	if (p->gathers && !more_waits && p->at_once >= PACE_FLOOD)
		rest(p);
	p->at_once = 0;
	p->is_full = false;
	settle(p);
}
