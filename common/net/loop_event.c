/* The loop of the system: libevent's epoll for descriptors and signals, our
 * heap for timers.  The only file that includes libevent.
 *
 * libevent's own timers are not used: they fire in no order when due
 * together, by a clock of 4 ms or with a system call for every wait.  One
 * timerfd wakes us, to the microsecond, and is set again only where something
 * is due earlier than it would ring; an early ring handles nothing and is
 * cheap, since most protocol timers are stopped long before they are due.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/list.h"
#include "base/mem.h"
#include "net/ops.h"

struct event_loop {
	struct loop loop;
	struct event_base *base;
	int bell_fd; /* timerfd */
	struct event *bell;
	usec_t rings_at; /* USEC_NEVER: not set, or it has rung */
	struct link eager;
	bool has_asked; /* the last turn looked at the descriptors */
};

struct watch {
	struct event_loop *owner;
	int fd;
	watch_ready *ready;
	void *arg;
	unsigned want;
	struct event *read, *write; /* NULL where is_eager */
	bool is_eager;              /* always ready; epoll refuses it */
	struct link link;           /* in eager, while something is wanted */
};

struct signal_watch {
	struct event *event;
	signal_arrived *arrived;
	void *arg;
};

static struct event_loop *of(const struct loop *l)
{
	return (struct event_loop *)l;
}

static usec_t read_clock(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (usec_t)t.tv_sec * USEC_SEC + t.tv_nsec / 1000;
}

static usec_t event_now(const struct loop *l)
{
	(void)l;
	return read_clock(CLOCK_MONOTONIC);
}

static usec_t event_wall(const struct loop *l)
{
	(void)l;
	return read_clock(CLOCK_REALTIME);
}

/* ---- turning ---- */

static void bell_rang(evutil_socket_t fd, short what, void *arg)
{
	struct event_loop *l = arg;
	(void)fd, (void)what;
	l->rings_at = USEC_NEVER;
}

static void set_bell(struct event_loop *l, usec_t at)
{
	if (l->rings_at <= at)
		return;
	struct itimerspec when = { .it_value = { .tv_sec = at / USEC_SEC,
					   .tv_nsec = at % USEC_SEC * 1000 } };
	timerfd_settime(l->bell_fd, TFD_TIMER_ABSTIME, &when, NULL);
	l->rings_at = at;
}

/* Each watch goes back into the list before its handler runs, so that any
 * handler may free any of them. */
static void run_eager(struct event_loop *l)
{
	struct link now;
	link_init(&now);
	for (struct link *at; (at = list_first(&l->eager));) {
		list_remove(at);
		list_append(&now, at);
	}
	for (struct link *at; (at = list_first(&now));) {
		struct watch *w = LIST_ITEM(at, struct watch, link);
		list_remove(at);
		list_append(&l->eager, at);
		w->ready(w->arg, w->want);
	}
}

static void look_at_descriptors(struct event_loop *l, usec_t wake, usec_t now)
{
	int flags = EVLOOP_ONCE;
	if (!link_is_alone(&l->eager) || wake <= now)
		flags |= EVLOOP_NONBLOCK;
	else
		set_bell(l, wake);
	if (event_base_loop(l->base, flags) < 0)
		fatal("the event loop failed");
}

/* What handlers have left for "at once" is done before the kernel is asked
 * again; but not twice in a row, or timers could starve the descriptors. */
static void event_turn(struct loop *base, usec_t until)
{
	struct event_loop *l = of(base);
	usec_t wake = timers_next(&base->timers), now = event_now(base);
	l->has_asked = !l->has_asked || wake > now;
	if (l->has_asked) {
		look_at_descriptors(l, wake < until ? wake : until, now);
		now = event_now(base);
	}
	run_eager(l);
	timers_fire(&base->timers, now);
}

/* ---- descriptors ---- */

static void fd_is_ready(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;
	(void)fd;
	w->ready(w->arg, what & EV_READ ? WATCH_READ : WATCH_WRITE);
}

/* Regular files never block, and epoll refuses them with EPERM; so are some
 * devices (/dev/null, /dev/full), which only trying tells. */
static bool is_refused_by_epoll(int fd, mode_t mode)
{
	if (S_ISREG(mode) || S_ISDIR(mode))
		return true;
	if (!S_ISCHR(mode) && !S_ISBLK(mode))
		return false;
	struct epoll_event any = { .events = EPOLLIN };
	int trial = epoll_create1(EPOLL_CLOEXEC);
	bool refused = trial >= 0 &&
		       epoll_ctl(trial, EPOLL_CTL_ADD, fd, &any) < 0 &&
		       errno == EPERM;
	if (trial >= 0)
		close(trial);
	return refused;
}

static struct watch *event_watch_new(
	struct loop *l, int fd, watch_ready *ready, void *arg, struct err *e)
{
	struct stat st;
	if (fstat(fd, &st) < 0) {
		err_errno(e, STATUS_LOCAL_IO, errno, "descriptor %d", fd);
		return NULL;
	}
	struct watch *w = mem_alloc(sizeof(*w));
	*w = (struct watch){
		.owner = of(l), .fd = fd, .ready = ready, .arg = arg
	};
	link_init(&w->link);
	w->is_eager = is_refused_by_epoll(fd, st.st_mode);
	if (!w->is_eager) {
		w->read = event_new(w->owner->base, fd, EV_READ | EV_PERSIST,
			fd_is_ready, w);
		w->write = event_new(w->owner->base, fd, EV_WRITE | EV_PERSIST,
			fd_is_ready, w);
	}
	return w;
}

static void set_event(struct event *event, bool was, bool now)
{
	if (now && !was)
		event_add(event, NULL);
	else if (was && !now)
		event_del(event);
}

void watch_want(struct watch *w, unsigned what)
{
	if (w->is_eager) {
		list_remove(&w->link);
		if (what)
			list_append(&w->owner->eager, &w->link);
	} else {
		set_event(w->read, w->want & WATCH_READ, what & WATCH_READ);
		set_event(w->write, w->want & WATCH_WRITE, what & WATCH_WRITE);
	}
	w->want = what;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	list_remove(&w->link);
	if (!w->is_eager) {
		event_free(w->read);
		event_free(w->write);
	}
	mem_free(w);
}

/* ---- signals ---- */

static void signal_came(evutil_socket_t number, short what, void *arg)
{
	struct signal_watch *s = arg;
	(void)what;
	s->arrived(s->arg, number);
}

static struct signal_watch *event_signal_new(struct loop *l, int number,
	signal_arrived *arrived, void *arg, struct err *e)
{
	struct signal_watch *s = mem_alloc(sizeof(*s));
	s->arrived = arrived;
	s->arg = arg;
	s->event = event_new(
		of(l)->base, number, EV_SIGNAL | EV_PERSIST, signal_came, s);
	if (!s->event || event_add(s->event, NULL) < 0) {
		err_errno(e, STATUS_INTERNAL, errno, "signal %d", number);
		signal_watch_free(s);
		return NULL;
	}
	return s;
}

void signal_watch_free(struct signal_watch *s)
{
	if (!s)
		return;
	if (s->event)
		event_free(s->event);
	mem_free(s);
}

/* ---- the loop itself ---- */

static void keep_silent(int severity, const char *text)
{
	(void)severity, (void)text;
}

static void event_is_fatal(int number)
{
	(void)number;
	fatal("the event loop failed");
}

static void prepare_library(void)
{
	static bool is_prepared;
	if (is_prepared)
		return;
	is_prepared = true;
	event_set_mem_functions(
		mem_foreign_alloc, mem_foreign_resize, mem_foreign_free);
	event_set_log_callback(keep_silent);
	event_set_fatal_callback(event_is_fatal);
}

static void event_loop_free(struct loop *base)
{
	struct event_loop *l = of(base);
	if (l->bell)
		event_free(l->bell);
	if (l->base)
		event_base_free(l->base);
	if (l->bell_fd >= 0)
		close(l->bell_fd);
	timers_clear(&base->timers);
	mem_free(l);
}

static const struct loop_ops event_ops = {
	.free = event_loop_free,
	.now = event_now,
	.wall = event_wall,
	.turn = event_turn,
	.watch_new = event_watch_new,
	.signal_new = event_signal_new,
};

/* No environment variable changes the method, no locks in one thread. */
static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	event_config_set_flag(config, EVENT_BASE_FLAG_IGNORE_ENV);
	event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	event_config_require_features(config, EV_FEATURE_ET | EV_FEATURE_O1);
	struct event_base *base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

/* An epoll and a pipe for signals: without descriptors for them the library
 * would end the process. */
static bool has_room_for_base(void)
{
	int fds[3];
	int count = 0;
	while (count < 3 &&
		(fds[count] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
		count++;
	bool enough = count == 3;
	int number = errno;
	while (count > 0)
		close(fds[--count]);
	errno = number;
	return enough;
}

struct loop *loop_new(struct err *e)
{
	prepare_library();
	struct event_loop *l = mem_alloc(sizeof(*l));
	loop_init(&l->loop, &event_ops);
	link_init(&l->eager);
	l->rings_at = USEC_NEVER;
	l->bell_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	l->base = l->bell_fd >= 0 && has_room_for_base() ? new_base() : NULL;
	/* Edge-triggered: a bell that rang need not be read. */
	if (l->base)
		l->bell = event_new(l->base, l->bell_fd,
			EV_READ | EV_PERSIST | EV_ET, bell_rang, l);
	if (!l->bell || event_add(l->bell, NULL) < 0) {
		err_errno(e, STATUS_LOCAL_IO, errno, "cannot make a loop");
		loop_free(&l->loop);
		return NULL;
	}
	return &l->loop;
}
