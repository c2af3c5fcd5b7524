#include "net/conn_race.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/list.h"
#include "base/mem.h"

struct attempt {
	struct link link; /* in race.open */
	struct race *race;
	struct sock *sock;
	struct endpoint remote;
};

struct race {
	struct loop *loop;
	struct endpoint *addresses;
	size_t count, next; /* the next one to begin with */
	struct endpoint local;
	struct link open; /* attempts */
	struct timer *turn;
	race_over *over;
	void *arg;
	struct err e; /* the most telling failure so far */
};

void conn_errno(struct err *e, int number)
{
	enum status status = STATUS_UNREACHABLE;
	const char *condition = "no-route";
	switch (number) {
	case ECONNREFUSED:
		condition = "connection-refused";
		break;
	case ETIMEDOUT:
		status = STATUS_TIMEOUT;
		condition = "timeout";
		break;
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE: /* the same, seen when writing */
		condition = "connection-reset";
		number = ECONNRESET;
		break;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		status = STATUS_LOCAL_IO;
		condition = "";
		break;
	default:
		break;
	}
	err_set(e, status, "%s", strerror(number));
	err_condition(e, condition, true);
}

/* A host that answers "no" says more than a route that is not there, which
 * is all that many hosts know of IPv6. */
static int weight(const struct err *e)
{
	if (e->status == STATUS_DONE)
		return 0;
	return strcmp(e->condition, "no-route") == 0 ? 1 : 2;
}

static void attempt_free(struct attempt *a)
{
	list_remove(&a->link);
	sock_free(a->sock);
	mem_free(a);
}

static void add_count(struct err *e, size_t count)
{
	size_t n = strlen(e->text);
	if (count > 1)
		snprintf(e->text + n, sizeof(e->text) - n,
			" (none of its %zu addresses could be reached)", count);
}

static void finish(struct race *r, struct attempt *winner)
{
	race_over *over = r->over;
	void *arg = r->arg;
	struct err e = r->e;
	if (!winner) {
		if (r->count == 0)
			err_set(&e, STATUS_UNREACHABLE,
				"there is no address to connect to");
		add_count(&e, r->count);
		over(arg, NULL, NULL, &e);
		return;
	}
	struct sock *sock = winner->sock;
	struct endpoint remote = winner->remote;
	winner->sock = NULL;
	over(arg, sock, &remote, NULL);
}

static void failed(struct race *r, const struct err *e)
{
	if (weight(e) > weight(&r->e))
		r->e = *e;
}

/* Begins with the next address that can be begun with. */
static void begin_next(struct race *r);

static void attempt_is_ready(void *arg, unsigned what)
{
	(void)what;
	struct attempt *a = arg;
	struct race *r = a->race;
	int number = sock_error(a->sock);
	struct endpoint self = sock_local(a->sock);
	/* A port of our own that nobody listens at may meet itself. */
	if (!number && endpoint_equal(&self, &a->remote))
		number = ECONNREFUSED;
	if (!number) {
		sock_want(a->sock, 0);
		finish(r, a);
		return;
	}
	struct err e = ERR_NONE;
	char who[ENDPOINT_TEXT_SIZE];
	conn_errno(&e, number);
	err_prefix(&e, "%s", endpoint_format(who, &a->remote));
	failed(r, &e);
	attempt_free(a);
	begin_next(r);
}

static bool begin(struct race *r, const struct endpoint *remote)
{
	struct err e = ERR_NONE;
	struct attempt *a = mem_alloc(sizeof(*a));
	link_init(&a->link);
	a->race = r;
	a->remote = *remote;
	a->sock = sock_connect(r->loop, r->local.len ? &r->local : NULL, remote,
		attempt_is_ready, a, &e);
	if (!a->sock) {
		if (e.status == STATUS_UNREACHABLE)
			err_condition(&e, "no-route", true);
		failed(r, &e);
		attempt_free(a);
		return false;
	}
	sock_want(a->sock, WATCH_WRITE);
	list_append(&r->open, &a->link);
	return true;
}

static void begin_next(struct race *r)
{
	while (r->next < r->count) {
		if (!begin(r, &r->addresses[r->next++]))
			continue;
		if (r->next < r->count)
			timer_set(r->turn, CONN_RACE_DELAY);
		return;
	}
	timer_stop(r->turn);
	if (link_is_alone(&r->open))
		finish(r, NULL);
}

static void turn_has_come(void *arg)
{
	begin_next(arg);
}

struct race *race_new(struct loop *l, const struct endpoint *addresses,
	size_t count, const struct endpoint *local, race_over *over, void *arg)
{
	struct race *r = mem_alloc(sizeof(*r));
	r->loop = l;
	r->addresses = mem_array(count, sizeof(*addresses));
	if (count)
		memcpy(r->addresses, addresses, count * sizeof(*addresses));
	r->count = count;
	if (local)
		r->local = *local;
	r->over = over;
	r->arg = arg;
	link_init(&r->open);
	r->turn = timer_new(l, turn_has_come, r);
	timer_set(r->turn, 0);
	return r;
}

void race_free(struct race *r)
{
	if (!r)
		return;
	LIST_EACH(&r->open, at)
	{
		attempt_free(LIST_ITEM(at, struct attempt, link));
	}
	timer_free(r->turn);
	mem_free(r->addresses);
	mem_free(r);
}

void race_describe(const struct race *r, usec_t after, struct err *e)
{
	char who[ENDPOINT_TEXT_SIZE] = "";
	const struct link *first = list_first(&r->open);
	if (first)
		endpoint_format(
			who, &LIST_ITEM(first, struct attempt, link)->remote);
	err_set(e, STATUS_TIMEOUT, "%s: no answer within %g s", who,
		(double)after / USEC_SEC);
	add_count(e, r->count);
	err_condition(e, "timeout", true);
}
