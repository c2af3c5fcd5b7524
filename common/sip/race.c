#include "sip/race.h"

#include "base/mem.h"

struct runner {
	struct sip_race *of;
	struct sip_flow_user user;
	bool is_out; /* failed */
};

struct sip_race {
	struct sip_transport *t;
	struct timer *timer;
	const struct sip_target *targets;
	size_t count, started, won;
	bool is_over; /* `done` is due */
	struct err e;
	sip_race_done *done;
	void *arg;
	struct runner runners[];
};

void sip_race_free(struct sip_race *r)
{
	if (!r)
		return;
	timer_free(r->timer);
	for (size_t i = 0; i < r->count; i++)
		sip_flow_drop(&r->runners[i].user);
	mem_free(r);
}

/* Told by the timer, when nobody is within a flow any more. */
static void race_end(struct sip_race *r, size_t won)
{
	r->is_over = true;
	r->won = won;
	timer_set(r->timer, 0);
}

static void runner_ready(struct sip_flow_user *u)
{
	struct runner *x = LIST_ITEM(u, struct runner, user);

	if (!x->of->is_over)
		race_end(x->of, (size_t)(x - x->of->runners));
}

static bool all_are_out(const struct sip_race *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (!r->runners[i].is_out)
			return false;
	return true;
}

static void runner_failed(struct sip_flow_user *u, const struct err *e)
{
	struct runner *x = LIST_ITEM(u, struct runner, user);
	struct sip_race *r = x->of;

	x->is_out = true;
	r->e = *e;
	if (r->is_over)
		return;
	if (all_are_out(r))
		race_end(r, r->count);
	else
		timer_set(r->timer, 0); /* the next need not wait */
}

static void start_next(struct sip_race *r)
{
	static const struct sip_flow_events events = { .ready = runner_ready,
		.failed = runner_failed };
	struct runner *x = &r->runners[r->started];
	const struct sip_target *target = &r->targets[r->started++];

	if (!sip_flow_open(r->t, target, &x->user, &events, &r->e)) {
		x->is_out = true;
		if (all_are_out(r))
			race_end(r, r->count);
		else
			timer_set(r->timer, 0);
	} else if (sip_flow_is_ready(x->user.flow)) {
		race_end(r, r->started - 1);
	} else if (r->started < r->count) {
		timer_set(r->timer, SIP_RACE_STEP);
	}
}

static void race_fire(void *arg)
{
	struct sip_race *r = arg;

	if (!r->is_over) {
		if (r->started < r->count)
			start_next(r);
		return;
	}
	/* What `done` makes finds the connections still held. */
	r->done(r->arg, r->won, &r->e);
	sip_race_free(r);
}

size_t sip_race_count(const struct sip_target *targets, size_t count)
{
	size_t n = 0;

	if (count == 0 || (targets[0].kind != SIP_TRANSPORT_TCP &&
				  targets[0].kind != SIP_TRANSPORT_TLS))
		return 0;
	while (n < count && targets[n].kind == targets[0].kind)
		n++;
	return n;
}

struct sip_race *sip_race_new(struct loop *loop, struct sip_transport *t,
	const struct sip_target *targets, size_t count, sip_race_done *done,
	void *arg)
{
	struct sip_race *r =
		mem_alloc(sizeof(*r) + count * sizeof(*r->runners));

	r->t = t;
	r->targets = targets;
	r->count = count;
	r->done = done;
	r->arg = arg;
	r->timer = timer_new(loop, race_fire, r);
	for (size_t i = 0; i < count; i++)
		r->runners[i].of = r;
	timer_set(r->timer, 0);
	return r;
}
