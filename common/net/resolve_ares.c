/* Nameservers of the system, by c-ares: its only door.  Its sockets and
 * timeouts are on our loop; it retries, changes servers, and goes to TCP where
 * a reply is truncated. */
/* Debian 12 has 1.18, in which what later versions want instead is not. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <arpa/nameser.h>
#include <sys/time.h>

#include "base/fatal.h"
#include "base/list.h"
#include "base/mem.h"
#include "net/answer.h"
#include "net/dns.h"

/* After this the next server is asked as well (the same one, where there is no
 * other), after twice that in the second round, and so on; RESOLVE_DEADLINE
 * ends it all.  It is no more than a hedge: a reply that comes later from one
 * who was asked before is still taken. */
#define TRY_MS 400
#define TRIES 4

struct names {
	struct loop *loop;
	ares_channel channel;
	struct timer *timer;
	struct link sockets;
};

struct ares_watch {
	struct link link;
	struct names *names;
	int fd;
	struct watch *watch;
};

/* c-ares cannot cancel one query: it outlives its question. */
struct lookup {
	struct question *question; /* NULL: forgotten */
};

/* ---- c-ares on the loop ---- */

static void set_timer(struct names *n)
{
	struct timeval left;
	if (ares_timeout(n->channel, NULL, &left))
		timer_set(n->timer,
			left.tv_sec * USEC_SEC + (usec_t)left.tv_usec);
	else
		timer_stop(n->timer);
}

static void time_is_up(void *arg)
{
	struct names *n = arg;
	ares_process_fd(n->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	set_timer(n);
}

static void socket_is_ready(void *arg, unsigned what)
{
	struct ares_watch *w = arg;
	struct names *n = w->names;
	int fd = w->fd; /* w may be gone with the first step */
	ares_process_fd(n->channel, what & WATCH_READ ? fd : ARES_SOCKET_BAD,
		what & WATCH_WRITE ? fd : ARES_SOCKET_BAD);
	set_timer(n);
}

static void unwatch(struct ares_watch *w)
{
	list_remove(&w->link);
	watch_free(w->watch);
	mem_free(w);
}

static struct ares_watch *find_watch(struct names *n, int fd)
{
	LIST_EACH(&n->sockets, at)
	{
		struct ares_watch *w = LIST_ITEM(at, struct ares_watch, link);
		if (w->fd == fd)
			return w;
	}
	return NULL;
}

/* Called with neither before c-ares closes the socket. */
static void socket_changed(void *arg, int fd, int readable, int writable)
{
	struct names *n = arg;
	struct ares_watch *w = find_watch(n, fd);
	if (!readable && !writable) {
		if (w)
			unwatch(w);
		return;
	}
	if (!w) {
		w = mem_alloc(sizeof(*w));
		w->names = n;
		w->fd = fd;
		w->watch = watch_new(n->loop, fd, socket_is_ready, w, NULL);
		list_append(&n->sockets, &w->link);
	}
	watch_want(w->watch,
		(readable ? WATCH_READ : 0) | (writable ? WATCH_WRITE : 0));
}

/* ---- asking ---- */

static enum outcome outcome_of(int status)
{
	switch (status) {
	case ARES_ENODATA:
		return OUTCOME_NO_RECORD;
	case ARES_ENOTFOUND:
	case ARES_EBADNAME:
		return OUTCOME_NO_NAME;
	case ARES_ETIMEOUT:
		return OUTCOME_SILENT;
	default:
		return OUTCOME_FAILED;
	}
}

static void answered(
	void *arg, int status, int timeouts, unsigned char *bytes, int n)
{
	struct lookup *k = arg;
	struct question *q = k->question;
	(void)timeouts;
	mem_free(k);
	if (!q)
		return;
	q->lookup = NULL;
	if (status == ARES_SUCCESS)
		dns_read_answer(&q->answer, q->type,
			span_from((const char *)bytes, (size_t)n));
	else
		q->answer.outcome = outcome_of(status);
	question_answered(q);
}

/* c-ares 1.28 deprecates these two for calls that 1.18 lacks, and that hand
 * over a parsed answer: ours is read from its bytes, by one reader of DNS for
 * every kind of nameserver. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static void names_ask(struct names *n, struct question *q)
{
	struct lookup *k = mem_alloc(sizeof(*k));
	k->question = q;
	q->lookup = k;
	/* Hosts are completed by the search list of resolv.conf(5), services
	 * are looked for where they were named. */
	if (q->type == RECORD_SRV || q->type == RECORD_NAPTR)
		ares_query(n->channel, q->name, ns_c_in, q->type, answered, k);
	else
		ares_search(n->channel, q->name, ns_c_in, q->type, answered, k);
	set_timer(n);
}
#pragma GCC diagnostic pop

static void names_forget(struct names *n, struct question *q)
{
	struct lookup *k = q->lookup;
	(void)n;
	k->question = NULL;
	q->lookup = NULL;
}

/* ---- opening and closing ---- */

static bool set_server(ares_channel channel, const struct endpoint *a)
{
	char text[ENDPOINT_TEXT_SIZE];
	return ares_set_servers_ports_csv(channel, endpoint_format(text, a)) ==
	       ARES_SUCCESS;
}

static struct names *names_open(struct loop *l, const struct endpoint *server)
{
	char dns_only[] = "b";
	struct names *n = mem_alloc(sizeof(*n));
	struct ares_options options = { .timeout = TRY_MS,
		.tries = TRIES,
		.lookups = dns_only,
		.flags = server ? ARES_FLAG_NOSEARCH : 0,
		.sock_state_cb = socket_changed,
		.sock_state_cb_data = n };
	n->loop = l;
	n->timer = timer_new(l, time_is_up, n);
	link_init(&n->sockets);
	if (ares_library_init_mem(ARES_LIB_INIT_ALL, mem_foreign_alloc,
		    mem_foreign_free, mem_foreign_resize) != ARES_SUCCESS ||
		ares_init_options(&n->channel, &options,
			ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
				ARES_OPT_SOCK_STATE_CB |
				(server ? ARES_OPT_FLAGS : 0)) !=
			ARES_SUCCESS ||
		(server && !set_server(n->channel, server)))
		fatal("c-ares does not start");
	return n;
}

static void names_close(struct names *n)
{
	ares_destroy(n->channel);
	timer_free(n->timer);
	mem_free(n);
	ares_library_cleanup();
}

const struct names_ops names_system = {
	.open = names_open,
	.close = names_close,
	.ask = names_ask,
	.forget = names_forget,
	.hosts_file = "/etc/hosts",
};
