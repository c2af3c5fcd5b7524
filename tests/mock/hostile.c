/* hostile rows - prints how many messages the table has: those of RFC 4475 and
 *	RFC 5118, and those that broke others (tests/common/torture.h)
 * hostile row HOST PORT N - throws one of them at a SIP tool, over UDP
 * hostile mutants HOST PORT SEED COUNT - throws so many mutated INVITEs and
 *	MESSAGEs, each over UDP and over TCP
 * hostile judge METHOD,... - reads lines "N CODE" (the first status code that
 *	the tool gave to message N; 0: none) and prints those that the table
 *	does not allow to one who serves these methods
 *
 * Right after each an OPTIONS for sip:barrier-N must be answered; else it says
 * which it was, and ends with 1.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rand.h"
#include "tests/common/mutate.h"
#include "tests/common/torture.h"

#define PATIENCE_MS 5000
#define ROWS (TORTURE_RFC4475 + TORTURE_RFC5118 + TORTURE_OTHERS)

static struct sockaddr_in far;
static int udp;
static unsigned own_port;

static const struct torture *row_at(unsigned n)
{
	if (n < TORTURE_RFC4475)
		return &torture_rfc4475[n];
	n -= TORTURE_RFC4475;
	if (n < TORTURE_RFC5118)
		return &torture_rfc5118[n];
	return &torture_others[n - TORTURE_RFC5118];
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void open_udp(const char *host, const char *port)
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

/* On a connection of its own, which is closed at once. */
static void throw_tcp(struct span text)
{
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (s < 0 || connect(s, (struct sockaddr *)&far, sizeof(far)) < 0)
		die("tcp");
	if (send(s, text.p, text.n, MSG_NOSIGNAL) < 0)
		perror("send");
	close(s);
}

/* Is it there?  What else comes is of earlier messages. */
static bool is_alive(unsigned n)
{
	char text[600], got[65536], want[64];
	struct pollfd p = { .fd = udp, .events = POLLIN };
	int len = snprintf(text, sizeof(text),
		"OPTIONS sip:barrier-%u@127.0.0.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 127.0.0.1:%u;rport;branch=z9hG4bKbar%u\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:x@127.0.0.1>;tag=b\r\n"
		"To: <sip:barrier@127.0.0.1>\r\nCall-ID: barrier-%u-%u\r\n"
		"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		n, own_port, n, n, own_port);

	snprintf(want, sizeof(want), "branch=z9hG4bKbar%u", n);
	throw_udp(span_from(text, (size_t)len));
	while (poll(&p, 1, PATIENCE_MS) > 0) {
		ssize_t size = recv(udp, got, sizeof(got), 0);
		struct span answer = span_from(got, size > 0 ? (size_t)size : 0);
		size_t at = span_find_span(answer, span_of(want), 0);
		struct span behind = span_skip(answer, at + strlen(want));
		if (span_starts(answer, "SIP/2.0 200 ") && at < answer.n &&
			behind.n && (*behind.p < '0' || *behind.p > '9'))
			return true;
	}
	return false;
}

static int throw_row(unsigned n)
{
	const struct torture *row = row_at(n);

	throw_udp(span_from(row->text, row->length));
	if (is_alive(n))
		return 0;
	printf("no answer after %s\n", row->name);
	return 1;
}

static int mutants(uint64_t seed, unsigned count)
{
	struct buf text = BUF_INIT(65536);

	rand_simulate(seed);
	for (unsigned n = 0; n < count; n++) {
		const char *method = n % 3 ? "INVITE" : "MESSAGE";
		char *whole = mem_format(
			"%s sip:b@127.0.0.1 SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKm%u\r\n"
			"Max-Forwards: 70\r\nFrom: \"A\" <sip:a@127.0.0.1>"
			";tag=f%u\r\nTo: <sip:b@127.0.0.1>\r\n"
			"Call-ID: m%u@127.0.0.1\r\nCSeq: %u %s\r\n"
			"Contact: <sip:a@127.0.0.1:%u>\r\n"
			"Record-Route: <sip:127.0.0.1:%u;lr>\r\n"
			"Supported: timer, 100rel\r\nExpires: 5\r\n"
			"Content-Type: application/sdp\r\n"
			"Content-Length: 111\r\n\r\n"
			"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
			"c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
			"m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n",
			method, own_port, n, n, n, n + 1, method, own_port,
			own_port);
		mutate(&text, span_of(whole));
		mem_free(whole);
		throw_udp(buf_view(&text));
		if (!is_alive(2 * n)) {
			printf("no answer after mutant %u of seed %llu by UDP\n",
				n, (unsigned long long)seed);
			return 1;
		}
		throw_tcp(buf_view(&text));
		if (!is_alive(2 * n + 1)) {
			printf("no answer after mutant %u of seed %llu by TCP\n",
				n, (unsigned long long)seed);
			return 1;
		}
	}
	buf_clear(&text);
	return 0;
}

/* ---- what it said ---------------------------------------------------------------- */

static bool is_served(const struct torture *row, const char *methods)
{
	struct span rest = span_of(methods), method;
	struct span text = span_from(row->text, row->length);
	bool more = true;

	span_cut(&text, ' ', &text);
	while (more) {
		more = span_cut(&rest, ',', &method);
		if (span_equal(method, text))
			return true;
	}
	return false;
}

/* A telephone reads on where the table stops: those INVITEs have a description
 * without a medium, and it cannot do without. */
static bool is_no_call(const struct torture *row)
{
	struct span text = span_from(row->text, row->length);

	return span_starts(text, "INVITE ") &&
	       span_find_span(text, SPAN("\r\nm="), 0) == text.n;
}

/* Accepted: whatever the tool itself says to a sound request. */
static bool is_acceptance(const struct torture *row, int code)
{
	return code < 300 || code == 480 || code == 481 || code == 486 ||
	       code == 488 || (code == 400 && is_no_call(row));
}

static bool is_right(const struct torture *row, int code, const char *methods)
{
	if (code && torture_is_allowed(row, TORTURE_USER_AGENT, code))
		return true;
	if (!code && torture_is_allowed(row, TORTURE_USER_AGENT, TORTURE_DROP))
		return true;
	if (torture_is_allowed(row, TORTURE_USER_AGENT, TORTURE_ACCEPT) &&
		is_acceptance(row, code))
		return true;
	return (code == 405 || code == 501) && !is_served(row, methods);
}

static int judge(const char *methods)
{
	unsigned n, seen = 0, wrong = 0;
	int code;

	while (scanf("%u %d", &n, &code) == 2 && n < ROWS) {
		const struct torture *row = row_at(n);
		seen++;
		if (is_right(row, code, methods))
			continue;
		wrong++;
		printf("%s %s gets %d, expected %d\n", row->section, row->name,
			code, row->allowed[TORTURE_USER_AGENT][0]);
	}
	printf("%u messages, %u wrong\n", seen, wrong);
	return wrong || seen != ROWS;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "judge") == 0)
		return judge(argv[2]);
	if (argc == 2 && strcmp(argv[1], "rows") == 0)
		return printf("%d\n", ROWS) < 0;
	if (argc >= 4)
		open_udp(argv[2], argv[3]);
	if (argc == 5 && strcmp(argv[1], "row") == 0)
		return throw_row((unsigned)atoi(argv[4]) % ROWS);
	if (argc == 6 && strcmp(argv[1], "mutants") == 0)
		return mutants(strtoull(argv[4], NULL, 10),
			(unsigned)atoi(argv[5]));
	fprintf(stderr, "see the head of tests/mock/hostile.c\n");
	return 2;
}
