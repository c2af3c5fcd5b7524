#include "net/http_transfer.h"

#include "base/list.h"
#include "base/mem.h"

struct http_transfer {
	const struct http_curl *curl;
	struct loop *loop;
	http_transfer_done *done;
	void *arg;
	CURLM *multi;
	CURL *easy;
	struct link sockets;
	struct timer *timer;
};

struct http_socket {
	struct link link;
	struct http_transfer *transfer;
	int fd;
	struct watch *watch;
};

static void drop_socket(struct http_socket *s)
{
	watch_free(s->watch);
	list_remove(&s->link);
	mem_free(s);
}

/* ---- what libcurl is told ---- */

static void act(struct http_transfer *t, int fd, int what)
{
	int running, left;
	CURLMsg *m;
	t->curl->multi_socket_action(t->multi, fd, what, &running);
	while ((m = t->curl->multi_info_read(t->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE) {
			t->done(t->arg, m->data.result);
			return;
		}
}

static void on_ready(void *arg, unsigned what)
{
	struct http_socket *s = arg;
	act(s->transfer, s->fd,
		((what & WATCH_READ) ? CURL_CSELECT_IN : 0) |
			((what & WATCH_WRITE) ? CURL_CSELECT_OUT : 0));
}

static void on_timer(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* ---- what it wants ---- */

static int want_socket(
	CURL *easy, curl_socket_t fd, int what, void *arg, void *of_fd)
{
	struct http_transfer *t = arg;
	struct http_socket *s = of_fd;
	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s)
			drop_socket(s);
		return 0;
	}
	if (!s) {
		s = mem_alloc(sizeof(*s));
		s->transfer = t;
		s->fd = fd;
		list_append(&t->sockets, &s->link);
		s->watch = watch_new(t->loop, fd, on_ready, s, NULL);
		t->curl->multi_assign(t->multi, fd, s);
	}
	if (!s->watch)
		return -1;
	watch_want(
		s->watch, ((what & CURL_POLL_IN) ? WATCH_READ : 0u) |
				  ((what & CURL_POLL_OUT) ? WATCH_WRITE : 0u));
	return 0;
}

static int want_timer(CURLM *multi, long ms, void *arg)
{
	struct http_transfer *t = arg;
	(void)multi;
	if (ms < 0)
		timer_stop(t->timer);
	else
		timer_set(t->timer, ms * USEC_MS);
	return 0;
}

/* ---- birth and death ---- */

struct http_transfer *http_transfer_new(const struct http_curl *curl,
	struct loop *l, http_transfer_done *done, void *arg)
{
	struct http_transfer *t = mem_alloc(sizeof(*t));
	t->curl = curl;
	t->loop = l;
	t->done = done;
	t->arg = arg;
	t->multi = curl->multi_init();
	t->easy = curl->easy_init();
	link_init(&t->sockets);
	t->timer = timer_new(l, on_timer, t);
	curl->multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl->multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
	curl->multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl->multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
	return t;
}

void http_transfer_free(struct http_transfer *t)
{
	if (!t)
		return;
	t->curl->multi_remove_handle(t->multi, t->easy);
	t->curl->easy_cleanup(t->easy);
	t->curl->multi_cleanup(t->multi);
	LIST_EACH(&t->sockets, at)
	drop_socket(LIST_ITEM(at, struct http_socket, link));
	timer_free(t->timer);
	mem_free(t);
}

CURL *http_transfer_easy(struct http_transfer *t)
{
	return t->easy;
}

void http_transfer_begin(struct http_transfer *t)
{
	t->curl->multi_add_handle(t->multi, t->easy); /* sets the timer */
}
