#include "tests/common/ways.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 5000

static struct sockaddr_in far;
static int udp;
static unsigned own_port;
static int web = -1; /* a WebSocket that stays, where all is by that */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

void ways_open(const char *host, const char *port)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	socklen_t n = sizeof(own);

	far.sin_family = AF_INET;
	far.sin_port = htons((uint16_t)atoi(port));
	if (inet_pton(AF_INET, host, &far.sin_addr) != 1)
		die(host);
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (udp < 0 || bind(udp, (struct sockaddr *)&own, n) < 0 ||
		getsockname(udp, (struct sockaddr *)&own, &n) < 0)
		die("udp");
	own_port = ntohs(own.sin_port);
}

static void throw_udp(struct span text)
{
	sendto(udp, text.p, text.n, 0, (struct sockaddr *)&far, sizeof(far));
}

static int connect_tcp(void)
{
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (s < 0 || connect(s, (struct sockaddr *)&far, sizeof(far)) < 0)
		die("tcp");
	return s;
}

static void throw_tcp(struct span text)
{
	int s = connect_tcp();

	if (send(s, text.p, text.n, MSG_NOSIGNAL) < 0)
		perror("send");
	close(s);
}

/* ---- WebSocket, by hand (RFC 6455 sections 4.1, 5.2) -------------------------- */

static int connect_ws(void)
{
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Protocol: sip\r\n\r\n";
	int s = connect_tcp();
	struct pollfd p = { .fd = s, .events = POLLIN };
	char got[2048];
	size_t n = 0;

	if (send(s, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		die("handshake");
	while (n < 4 || memcmp(got + n - 4, "\r\n\r\n", 4) != 0) {
		if (n == sizeof(got) || poll(&p, 1, PATIENCE_MS) <= 0 ||
			recv(s, got + n, 1, 0) != 1)
			die("handshake");
		n++;
	}
	return s;
}

/* One binary frame; a mask of zeros is one. */
static void send_ws(int s, struct span text)
{
	unsigned char frame[65536 + 14] = { 0x82 };
	size_t n = 2;

	if (text.n < 126) {
		frame[1] = (unsigned char)(0x80 | text.n);
	} else {
		frame[1] = 0x80 | 126;
		frame[n++] = (unsigned char)(text.n >> 8);
		frame[n++] = (unsigned char)text.n;
	}
	n += 4;
	memcpy(frame + n, text.p, text.n);
	if (send(s, frame, n + text.n, MSG_NOSIGNAL) < 0)
		perror("send");
}

static void throw_ws(struct span text)
{
	int s = connect_ws();

	send_ws(s, text);
	close(s);
}

void ways_use_ws(void)
{
	web = connect_ws();
}

unsigned ways_port(void)
{
	return own_port;
}

/* ---- is it there? ------------------------------------------------------------------- */

static bool has_answer(struct span got, const char *want)
{
	while (got.n) {
		size_t at = span_find_span(got, SPAN("SIP/2.0 200 "), 0);
		got = span_skip(got, at);
		at = span_find_span(got, span_of(want), 0);
		got = span_skip(got, at + strlen(want));
		if (got.n && (*got.p < '0' || *got.p > '9'))
			return true;
	}
	return false;
}

/* What else comes is of earlier messages. */
bool ways_is_alive(unsigned n)
{
	char text[600], got[65536], want[64];
	int fd = web < 0 ? udp : web;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int len = snprintf(text, sizeof(text),
		"OPTIONS sip:barrier-%u@127.0.0.1 SIP/2.0\r\n"
		"Via: SIP/2.0/%s 127.0.0.1:%u;rport;branch=z9hG4bKbar%u\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:x@127.0.0.1>;tag=b\r\n"
		"To: <sip:barrier@127.0.0.1>\r\nCall-ID: barrier-%u-%u\r\n"
		"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		n, web < 0 ? "UDP" : "WS", own_port, n, n, own_port);

	snprintf(want, sizeof(want), "branch=z9hG4bKbar%u", n);
	if (web < 0)
		throw_udp(span_from(text, (size_t)len));
	else
		send_ws(web, span_from(text, (size_t)len));
	while (poll(&p, 1, PATIENCE_MS) > 0) {
		ssize_t size = recv(fd, got, sizeof(got), 0);
		if (size <= 0 && web >= 0)
			return false;
		if (has_answer(
			    span_from(got, size > 0 ? (size_t)size : 0), want))
			return true;
	}
	return false;
}

static const struct way ways[] = {
	{ "udp", throw_udp },
	{ "tcp", throw_tcp },
	{ "ws", throw_ws },
};

const struct way *way_find(const char *name)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	fprintf(stderr, "hostile: no such way: %s\n", name);
	exit(2);
}
