/* The seam: what is the same for every kind of loop. */
#include "net/loop.h"

#include <assert.h>

#include "net/ops.h"

void loop_init(struct loop *l, const struct loop_ops *ops)
{
	*l = (struct loop){ .ops = ops };
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	assert(!l->turning);
	l->ops->free(l);
}

usec_t loop_now(const struct loop *l)
{
	return l->ops->now(l);
}

usec_t loop_wall(const struct loop *l)
{
	return l->ops->wall(l);
}

void loop_turn(struct loop *l, usec_t until)
{
	/* A handler that waits would see others run below it in the middle of
	 * what it does. */
	assert(!l->turning);
	l->turning = true;
	l->ops->turn(l, until);
	l->turning = false;
}

struct watch *watch_new(
	struct loop *l, int fd, watch_ready *ready, void *arg, struct err *e)
{
	if (!l->ops->watch_new) {
		err_set(e, STATUS_INTERNAL,
			"descriptor %d is not of the simulated network", fd);
		return NULL;
	}
	return l->ops->watch_new(l, fd, ready, arg, e);
}

struct signal_watch *signal_watch_new(struct loop *l, int number,
	signal_arrived *arrived, void *arg, struct err *e)
{
	if (!l->ops->signal_new) {
		err_set(e, STATUS_INTERNAL,
			"signal %d is not of the simulated network", number);
		return NULL;
	}
	return l->ops->signal_new(l, number, arrived, arg, e);
}
