/* proxy - a SOCKS5 and HTTP CONNECT proxy for tests
 *
 *	proxy [--port PORT=WHAT]... [USER:PASSWORD]
 *
 * Listens at a free port of 127.0.0.1, which it prints, and takes both kinds
 * at it.  Whatever name it is asked for, it connects to that port of
 * 127.0.0.1, or to the one that --port says, and prints "socks5 NAME:PORT" or
 * "http NAME:PORT".  A name that begins with "refused" is not allowed, nor is a
 * port that is "refused"; to one that is "silent" there is no answer.  Of rules
 * for a port the last one counts.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"

#define RULES_MAX 8

static const char *login;
static const char *rules[RULES_MAX]; /* PORT=WHAT */
static int rule_count;

enum { FAILED = -1, NOT_ALLOWED = -2, SILENT = -3 };

static bool read_all(int fd, void *to, size_t n)
{
	for (char *at = to; n > 0;) {
		ssize_t got = read(fd, at, n);
		if (got <= 0)
			return false;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

static bool say(int fd, const void *bytes, size_t n)
{
	return write(fd, bytes, n) == (ssize_t)n;
}

static int connect_to(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int reach(const char *kind, const char *name, int port)
{
	printf("%s %s:%d\n", kind, name, port);
	fflush(stdout);
	if (strncmp(name, "refused", 7) == 0)
		return NOT_ALLOWED;
	for (int i = rule_count; i-- > 0;) {
		char *what;
		if (strtol(rules[i], &what, 10) != port || *what++ != '=')
			continue;
		if (strcmp(what, "refused") == 0)
			return NOT_ALLOWED;
		if (strcmp(what, "silent") == 0)
			return SILENT;
		return connect_to(atoi(what));
	}
	return connect_to(port);
}

/* Until the far side gives up. */
static void be_silent(int fd)
{
	char byte;
	while (read_all(fd, &byte, 1))
		;
}

/* ---- SOCKS5, behind its version ---- */

static bool socks_login(int fd)
{
	unsigned char n, methods[255], user[256] = { 0 }, word[256] = { 0 };
	char both[520];
	if (!read_all(fd, &n, 1) || !read_all(fd, methods, n))
		return false;
	if (!login)
		return say(fd, "\x05\x00", 2);
	if (!memchr(methods, 2, n)) {
		say(fd, "\x05\xff", 2);
		return false;
	}
	if (!say(fd, "\x05\x02", 2) || !read_all(fd, &n, 1) ||
		!read_all(fd, &n, 1) || !read_all(fd, user, n) ||
		!read_all(fd, &n, 1) || !read_all(fd, word, n))
		return false;
	snprintf(both, sizeof(both), "%s:%s", (char *)user, (char *)word);
	bool good = strcmp(both, login) == 0;
	return say(fd, good ? "\x01\x00" : "\x01\x01", 2) && good;
}

static int socks(int fd)
{
	unsigned char head[4], n, port[2];
	char name[256] = "";
	if (!socks_login(fd) || !read_all(fd, head, 4))
		return -1;
	if (head[3] == 1) {
		unsigned char a[4];
		if (!read_all(fd, a, 4))
			return -1;
		snprintf(name, sizeof(name), "%u.%u.%u.%u", a[0], a[1], a[2],
			a[3]);
	} else if (head[3] != 3 || !read_all(fd, &n, 1) ||
		   !read_all(fd, name, n)) {
		return -1;
	}
	if (!read_all(fd, port, 2))
		return -1;
	int to = reach("socks5", name, port[0] * 256 + port[1]);
	const char reply[10] = { 5,
		to >= 0             ? 0
		: to == NOT_ALLOWED ? 2
				    : 5,
		0, 1 };
	if (to != SILENT)
		say(fd, reply, sizeof(reply));
	return to;
}

/* ---- HTTP, behind its first byte ---- */

static bool http_login(const char *head)
{
	struct buf want = BUF_INIT(1024);
	if (!login)
		return true;
	buf_str(&want, "Proxy-Authorization: Basic ");
	base64_add(&want, span_of(login));
	buf_str(&want, "\r\n");
	bool good = strstr(head, buf_text(&want)) != NULL;
	buf_clear(&want);
	return good;
}

static int http(int fd)
{
	char head[4096] = "", name[256];
	int port;
	for (size_t n = 0; n < sizeof(head) - 1 && !strstr(head, "\r\n\r\n");)
		if (!read_all(fd, &head[n++], 1))
			return -1;
	const char *answer = "HTTP/1.1 407 Who Are You\r\n\r\n";
	int to = FAILED;
	if (http_login(head)) {
		if (sscanf(head, "ONNECT %255[^: ]:%d HTTP/1.1", name, &port) !=
			2)
			return -1;
		to = reach("http", name, port);
		answer = to >= 0 ? "HTTP/1.1 200 Connection established\r\n\r\n"
			 : to == NOT_ALLOWED
				 ? "HTTP/1.1 403 Not There\r\n\r\n"
				 : "HTTP/1.1 502 Nobody Home\r\n\r\n";
	}
	if (to != SILENT)
		say(fd, answer, strlen(answer));
	return to;
}

/* ---- both ---- */

static void pump(int a, int b)
{
	struct pollfd fds[2] = { { a, POLLIN, 0 }, { b, POLLIN, 0 } };
	char bytes[16384];
	while (poll(fds, 2, -1) > 0)
		for (int i = 0; i < 2; i++) {
			if (!fds[i].revents)
				continue;
			ssize_t n = read(fds[i].fd, bytes, sizeof(bytes));
			if (n <= 0 || !say(fds[!i].fd, bytes, (size_t)n))
				return;
		}
}

static void serve(int fd)
{
	unsigned char first;
	if (!read_all(fd, &first, 1))
		return;
	int to = first == 5 ? socks(fd) : http(fd);
	if (to >= 0)
		pump(fd, to);
	else if (to == SILENT)
		be_silent(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(at);
	for (; argc > 2 && strcmp(argv[1], "--port") == 0; argc -= 2, argv += 2)
		if (rule_count < RULES_MAX)
			rules[rule_count++] = argv[2];
	login = argc > 1 ? argv[1] : NULL;
	signal(SIGCHLD, SIG_IGN);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 ||
		bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
		listen(listener, 16) != 0 ||
		getsockname(listener, (struct sockaddr *)&at, &length) != 0) {
		perror("proxy");
		return 1;
	}
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0 && errno != EINTR)
			return 1;
		if (fd >= 0 && fork() == 0) {
			close(listener);
			serve(fd);
			_exit(0);
		}
		if (fd >= 0)
			close(fd);
	}
}
