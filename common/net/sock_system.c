/* Sockets of the system (socket(7), ip(7), ipv6(7), tcp(7)).
 *
 * All are non-blocking and close-on-exec; an IPv6 socket is only that, so
 * that every address has one spelling; SIGPIPE is never raised. */
#include <time.h> /* errqueue.h needs it first */

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/ops.h"

struct system_sock {
	struct sock sock;
	int fd;
	struct watch *watch;
	bool is_wildcard; /* a sender may choose among the local addresses */
	unsigned reads;   /* of a stream */
};

/* INTEROP: a far side that writes twice with Nagle's algorithm on (Prosody:
 * header, features) holds the second piece back until the first is
 * acknowledged, which our system delays by 40 ms.  While two sides negotiate,
 * which takes so many reads, it is acknowledged at once (tcp(7)). */
#define QUICK_READS 32

/* Room for every control message that is asked for, and for the extended
 * error with the address of who reported it. */
union control {
	struct cmsghdr align;
	char bytes[512];
};

static struct system_sock *of(const struct sock *s)
{
	return (struct system_sock *)s;
}

static void fd_is_ready(void *arg, unsigned what)
{
	struct system_sock *s = arg;
	s->sock.ready(s->sock.arg, what);
}

static bool switch_on(int fd, int level, int option)
{
	int on = 1;
	return setsockopt(fd, level, option, &on, sizeof(on)) == 0;
}

static struct sock *adopt(struct loop *l, int fd)
{
	struct system_sock *s = mem_alloc(sizeof(*s));
	s->fd = fd;
	s->watch = watch_new(l, fd, fd_is_ready, s, NULL);
	return &s->sock;
}

static int open_fd(const struct endpoint *like, int type)
{
	int family = endpoint_family(like);
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && family == AF_INET6)
		switch_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	return fd;
}

/* Closes fd, which may be -1, and says in e what errno was. */
static struct sock *failed(int fd, struct err *e, enum status status,
	const char *what, const struct endpoint *a)
{
	char text[ENDPOINT_TEXT_SIZE];
	int number = errno;
	if (fd >= 0)
		close(fd);
	if (number == EMFILE || number == ENFILE || number == ENOBUFS)
		status = STATUS_LOCAL_IO;
	err_errno(e, status, number, "%s %s", what, endpoint_format(text, a));
	return NULL;
}

/* ---- opening ---- */

static bool ask_for_details(int fd, int family)
{
	return switch_on(fd, SOL_SOCKET, SO_TIMESTAMPNS) &&
	       (family == AF_INET
			       ? switch_on(fd, IPPROTO_IP, IP_RECVERR) &&
					 switch_on(fd, IPPROTO_IP, IP_PKTINFO)
			       : switch_on(fd, IPPROTO_IPV6, IPV6_RECVERR) &&
					 switch_on(fd, IPPROTO_IPV6,
						 IPV6_RECVPKTINFO));
}

static struct sock *system_udp(
	struct loop *l, const struct endpoint *local, struct err *e)
{
	int fd = open_fd(local, SOCK_DGRAM);
	if (fd < 0 || !ask_for_details(fd, endpoint_family(local)) ||
		bind(fd, &local->any, local->len) < 0)
		return failed(fd, e, STATUS_LOCAL_IO, "cannot use UDP", local);
	struct sock *s = adopt(l, fd);
	of(s)->is_wildcard = endpoint_is_any(local);
	return s;
}

static struct sock *system_listen(
	struct loop *l, const struct endpoint *local, struct err *e)
{
	int fd = open_fd(local, SOCK_STREAM);
	if (fd < 0 || !switch_on(fd, SOL_SOCKET, SO_REUSEADDR) ||
		bind(fd, &local->any, local->len) < 0 ||
		listen(fd, SOMAXCONN) < 0)
		return failed(
			fd, e, STATUS_LOCAL_IO, "cannot listen at", local);
	return adopt(l, fd);
}

static bool bind_from(int fd, const struct endpoint *local)
{
	if (!local || !local->len)
		return true;
	if (endpoint_port(local) == 0) /* the port by the whole tuple */
		switch_on(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
	else if (!switch_on(fd, SOL_SOCKET, SO_REUSEADDR))
		return false;
	return bind(fd, &local->any, local->len) == 0;
}

static struct sock *system_connect(struct loop *l, const struct endpoint *local,
	const struct endpoint *remote, struct err *e)
{
	int fd = open_fd(remote, SOCK_STREAM);
	if (fd < 0 || !bind_from(fd, local))
		return failed(fd, e, STATUS_LOCAL_IO, "cannot connect from",
			local && local->len ? local : remote);
	switch_on(fd, IPPROTO_TCP, TCP_NODELAY);
	if (connect(fd, &remote->any, remote->len) < 0 && errno != EINPROGRESS)
		return failed(
			fd, e, STATUS_UNREACHABLE, "cannot connect to", remote);
	struct sock *s = adopt(l, fd);
	watch_want(of(s)->watch, WATCH_WRITE);
	return s;
}

static struct sock *system_accept(struct sock *listener, struct endpoint *from)
{
	struct endpoint a = { .len = sizeof(a.v6) };
	int fd = accept4(
		of(listener)->fd, &a.any, &a.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return NULL;
	switch_on(fd, IPPROTO_TCP, TCP_NODELAY);
	if (from)
		*from = a;
	return adopt(listener->loop, fd);
}

static void system_free(struct sock *s)
{
	watch_free(of(s)->watch);
	close(of(s)->fd);
	mem_free(s);
}

/* ---- streams ---- */

static void system_want(struct sock *s, unsigned what)
{
	watch_want(of(s)->watch, what);
}

static int system_error(struct sock *s)
{
	int number = 0;
	socklen_t n = sizeof(number);
	if (getsockopt(of(s)->fd, SOL_SOCKET, SO_ERROR, &number, &n) < 0)
		return errno;
	return number;
}

static ssize_t system_read(struct sock *s, void *to, size_t n)
{
	ssize_t got = recv(of(s)->fd, to, n, 0);
	if (got > 0 && of(s)->reads < QUICK_READS) {
		of(s)->reads++;
		switch_on(of(s)->fd, IPPROTO_TCP, TCP_QUICKACK);
	}
	return got;
}

static ssize_t system_write(struct sock *s, const void *from, size_t n)
{
	return send(of(s)->fd, from, n, MSG_NOSIGNAL);
}

static void system_end(struct sock *s)
{
	shutdown(of(s)->fd, SHUT_WR);
}

static void system_abort(struct sock *s)
{
	struct linger at_once = { .l_onoff = 1 };
	setsockopt(of(s)->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static struct endpoint system_local(const struct sock *s)
{
	struct endpoint a = { .len = sizeof(a.v6) };
	if (getsockname(of(s)->fd, &a.any, &a.len) < 0)
		a.len = 0;
	return a;
}

static struct endpoint system_remote(const struct sock *s)
{
	struct endpoint a = { .len = sizeof(a.v6) };
	if (getpeername(of(s)->fd, &a.any, &a.len) < 0)
		a.len = 0;
	return a;
}

/* ---- datagrams ---- */

static bool is(const struct cmsghdr *c, int level, int type)
{
	return c->cmsg_level == level && c->cmsg_type == type;
}

static void set_v6(struct endpoint *a, const struct in6_pktinfo *info)
{
	*a = (struct endpoint){ .v6.sin6_family = AF_INET6,
		.v6.sin6_addr = info->ipi6_addr,
		.len = sizeof(a->v6) };
	if (IN6_IS_ADDR_LINKLOCAL(&a->v6.sin6_addr))
		a->v6.sin6_scope_id = info->ipi6_ifindex;
}

static void take_detail(struct sock_packet *p, struct cmsghdr *c)
{
	const void *data = CMSG_DATA(c);
	if (is(c, SOL_SOCKET, SCM_TIMESTAMPNS)) {
		struct timespec t;
		memcpy(&t, data, sizeof(t));
		p->when = (usec_t)t.tv_sec * USEC_SEC + t.tv_nsec / 1000;
	} else if (is(c, IPPROTO_IP, IP_PKTINFO)) {
		struct in_pktinfo info;
		memcpy(&info, data, sizeof(info));
		/* Not ipi_addr: of a broadcast that is no address to answer
		 * from. */
		p->to = (struct endpoint){ .v4.sin_family = AF_INET,
			.v4.sin_addr = info.ipi_spec_dst,
			.len = sizeof(p->to.v4) };
	} else if (is(c, IPPROTO_IPV6, IPV6_PKTINFO)) {
		struct in6_pktinfo info;
		memcpy(&info, data, sizeof(info));
		set_v6(&p->to, &info);
	}
}

static ssize_t system_receive(
	struct sock *s, void *to, size_t n, struct sock_packet *p)
{
	union control control;
	struct iovec bytes = { to, n };
	struct msghdr m = { .msg_name = &p->from.any,
		.msg_namelen = sizeof(p->from.v6),
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	ssize_t got = recvmsg(of(s)->fd, &m, 0);
	if (got < 0)
		return -1;
	p->from.len = m.msg_namelen;
	p->to = (struct endpoint){ .len = 0 };
	p->when = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		take_detail(p, c);
	return got;
}

/* Puts the local address into the control message that chooses it. */
static size_t choose_source(union control *control, const struct endpoint *a)
{
	struct cmsghdr *c = &control->align;
	memset(control, 0, sizeof(*control));
	if (endpoint_family(a) == AF_INET) {
		struct in_pktinfo info = { .ipi_spec_dst = a->v4.sin_addr };
		*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(info)),
			.cmsg_level = IPPROTO_IP,
			.cmsg_type = IP_PKTINFO };
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		return CMSG_SPACE(sizeof(info));
	}
	struct in6_pktinfo info = { .ipi6_addr = a->v6.sin6_addr,
		.ipi6_ifindex = a->v6.sin6_scope_id };
	*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(info)),
		.cmsg_level = IPPROTO_IPV6,
		.cmsg_type = IPV6_PKTINFO };
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	return CMSG_SPACE(sizeof(info));
}

static ssize_t system_send(struct sock *s, const void *from, size_t n,
	const struct endpoint *local, const struct endpoint *remote)
{
	union control control;
	struct iovec bytes = { (void *)from, n };
	struct msghdr m = { .msg_name = (void *)&remote->any,
		.msg_namelen = remote->len,
		.msg_iov = &bytes,
		.msg_iovlen = 1 };
	if (local && of(s)->is_wildcard && local->len &&
		!endpoint_is_any(local)) {
		m.msg_control = control.bytes;
		m.msg_controllen = choose_source(&control, local);
	}
	return sendmsg(of(s)->fd, &m, MSG_NOSIGNAL);
}

/* The name of the message is the destination of the packet that failed. */
static bool read_error(
	int fd, struct sock_extended_err *error, struct endpoint *about)
{
	union control control;
	struct msghdr m = { .msg_name = &about->any,
		.msg_namelen = sizeof(about->v6),
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	if (recvmsg(fd, &m, MSG_ERRQUEUE) < 0)
		return false;
	about->len = m.msg_namelen;
	*error = (struct sock_extended_err){ .ee_errno = EPROTO };
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (is(c, IPPROTO_IP, IP_RECVERR) ||
			is(c, IPPROTO_IPV6, IPV6_RECVERR))
			memcpy(error, CMSG_DATA(c), sizeof(*error));
	return true;
}

static int system_icmp_error(struct sock *s, struct endpoint *about)
{
	struct sock_extended_err error;
	/* What our own machine could not send, send itself has told. */
	do {
		if (!read_error(of(s)->fd, &error, about))
			return 0;
	} while (error.ee_origin == SO_EE_ORIGIN_LOCAL);
	return (int)error.ee_errno;
}

static int system_route(
	struct loop *l, const struct endpoint *to, struct endpoint *local)
{
	struct endpoint a = { .len = sizeof(a.v6) }, remote = *to;
	int number = 0, fd = open_fd(to, SOCK_DGRAM);
	(void)l;
	if (endpoint_port(to) == 0) /* connect wants one; nothing is sent */
		endpoint_set_port(&remote, 9);
	if (fd < 0 || connect(fd, &remote.any, remote.len) < 0 ||
		getsockname(fd, &a.any, &a.len) < 0)
		number = errno;
	if (fd >= 0)
		close(fd);
	if (number)
		return number;
	endpoint_set_port(&a, 0);
	*local = a;
	return 0;
}

const struct sock_ops sock_system = {
	.udp = system_udp,
	.listen = system_listen,
	.connect = system_connect,
	.accept = system_accept,
	.free = system_free,
	.want = system_want,
	.error = system_error,
	.read = system_read,
	.write = system_write,
	.end = system_end,
	.abort = system_abort,
	.receive = system_receive,
	.send = system_send,
	.icmp_error = system_icmp_error,
	.local = system_local,
	.remote = system_remote,
	.route = system_route,
};
