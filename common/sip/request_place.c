/* Where a request goes: its targets, and which of their connections is there
 * first (RFC 8305). */
#include "base/mem.h"
#include "sip/request_private.h"

void sip_request_forget_targets(struct sip_request *r)
{
	for (size_t i = 0; i < r->count; i++)
		mem_free(r->names[i]);
	r->count = r->next = 0;
}

static void race_done(void *arg, size_t won, const struct err *e)
{
	struct sip_request *r = arg;
	size_t racers = sip_race_count(r->targets, r->count);

	r->race = NULL;
	timer_stop(r->timer);
	if (won < racers) {
		struct sip_target target = r->targets[won];
		char *name = r->names[won];
		r->targets[won] = r->targets[0];
		r->names[won] = r->names[0];
		r->targets[0] = target;
		r->names[0] = name;
	} else {
		r->next = racers;
	}
	sip_request_try_next(r, e);
}

static void start_race(struct sip_request *r, size_t racers)
{
	struct loop *loop = sip_ua_loop(r->ua);
	usec_t left = r->deadline - loop_now(loop);

	r->race = sip_race_new(loop, sip_ua_transport(r->ua), r->targets,
		racers, race_done, r);
	if (r->deadline != USEC_NEVER)
		timer_set(r->timer,
			left > 0 ? left * (usec_t)racers / (usec_t)r->count
				 : 0);
}

void sip_request_stop_race(struct sip_request *r)
{
	struct err e;

	sip_race_free(r->race);
	r->race = NULL;
	r->next = sip_race_count(r->targets, r->count);
	err_set(&e, STATUS_TIMEOUT, "no connection within %g s",
		(double)r->patience / USEC_SEC);
	err_condition(&e, "timeout", true);
	sip_request_try_next(r, &e);
}

static void located(void *arg, const struct sip_target *targets, size_t count,
	const struct err *e)
{
	struct sip_request *r = arg;

	r->locate = NULL;
	for (size_t i = 0; i < count; i++) {
		r->names[i] = mem_str(targets[i].name);
		r->targets[i] = targets[i];
		r->targets[i].name = r->names[i];
	}
	r->count = count;
	if (sip_race_count(r->targets, count) > 1)
		start_race(r, sip_race_count(r->targets, count));
	else
		sip_request_try_next(r, e);
}

void sip_request_locate(struct sip_request *r)
{
	const struct sip_ua_settings *settings = sip_ua_settings(r->ua);
	struct sip_locate_settings s = { .loop = settings->loop,
		.resolver = settings->resolver,
		.family = settings->family,
		.kind = r->kind,
		.kinds = sip_ua_kinds(r->ua),
		.connect_to = settings->connect_to,
		.transport = sip_ua_transport(r->ua) };

	r->locate = sip_locate_new(&s, span_of(r->next_hop), located, r);
}
