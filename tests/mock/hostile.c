/* hostile rows - prints how many messages the table has: those of RFC 4475 and
 *	RFC 5118, and those that broke others (tests/common/torture.h)
 * hostile row HOST PORT N - throws one of them at a SIP tool, over UDP
 * hostile all HOST PORT WAY... - throws all of them
 * hostile mutants HOST PORT SEED COUNT WAY... - throws so many mutated INVITEs,
 *	MESSAGEs and NOTIFYs
 * hostile judge METHOD,... - reads lines "N CODE" (the first status code that
 *	the tool gave to message N; 0: none) and prints those that the table
 *	does not allow to one who serves these methods
 *
 * A WAY is udp, tcp or ws; what goes by a stream has a connection of its own,
 * which is closed at once.  Where one is ws, all is by WebSocket (RFC 7118).
 *
 * Right after each an OPTIONS for sip:barrier-N must be answered; else it says
 * which it was, and ends with 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "tests/common/mutate.h"
#include "tests/common/torture.h"
#include "tests/common/ways.h"

#define ROWS (TORTURE_RFC4475 + TORTURE_RFC5118 + TORTURE_OTHERS)

static const struct torture *row_at(unsigned n)
{
	if (n < TORTURE_RFC4475)
		return &torture_rfc4475[n];
	n -= TORTURE_RFC4475;
	if (n < TORTURE_RFC5118)
		return &torture_rfc5118[n];
	return &torture_others[n - TORTURE_RFC5118];
}

/* Each by all of these ways; *count is how many were thrown before. */
static bool withstands(
	struct span text, char **names, unsigned *count, const char *what)
{
	for (; *names; names++) {
		const struct way *way = way_find(*names);
		way->send(text);
		if (ways_is_alive((*count)++))
			continue;
		printf("no answer after %s by %s\n", what, way->name);
		return false;
	}
	return true;
}

static int one_row(unsigned n)
{
	const struct torture *row = row_at(n);

	way_find("udp")->send(span_from(row->text, row->length));
	if (ways_is_alive(n))
		return 0;
	printf("no answer after %s\n", row->name);
	return 1;
}

static int throw_all(char **names)
{
	unsigned count = 0;

	for (unsigned n = 0; n < ROWS; n++) {
		const struct torture *row = row_at(n);
		if (!withstands(span_from(row->text, row->length), names,
			    &count, row->name))
			return 1;
	}
	return 0;
}

static char *sound_message(unsigned n)
{
	unsigned port = ways_port();
	static const char *const methods[] = { "MESSAGE", "INVITE", "INVITE",
		"NOTIFY", "INVITE" };
	const char *method = methods[n % 5];

	return mem_format("%s sip:b@127.0.0.1 SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKm%u\r\n"
			  "Max-Forwards: 70\r\nFrom: \"A\" <sip:a@127.0.0.1>"
			  ";tag=f%u\r\nTo: <sip:b@127.0.0.1>\r\n"
			  "Call-ID: m%u@127.0.0.1\r\nCSeq: %u %s\r\n"
			  "Contact: <sip:a@127.0.0.1:%u>\r\n"
			  "Record-Route: <sip:127.0.0.1:%u;lr>\r\n"
			  "Supported: timer, 100rel\r\nExpires: 5\r\n"
			  "Event: dialog;id=1\r\n"
			  "Subscription-State: active;expires=60\r\n"
			  "Content-Type: application/sdp\r\n"
			  "Content-Length: 111\r\n\r\n"
			  "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
			  "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
			  "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n",
		method, port, n, n, n, n + 1, method, port, port);
}

static int mutants(uint64_t seed, unsigned count, char **names)
{
	struct buf text = BUF_INIT(65536);
	unsigned thrown = 0;
	bool stands = true;

	rand_simulate(seed);
	for (unsigned n = 0; n < count && stands; n++) {
		char *whole = sound_message(n);
		char *what = mem_format(
			"mutant %u of seed %llu", n, (unsigned long long)seed);
		mutate(&text, span_of(whole));
		stands = withstands(buf_view(&text), names, &thrown, what);
		mem_free(whole);
		mem_free(what);
	}
	buf_clear(&text);
	return !stands;
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
		ways_open(argv[2], argv[3]);
	if (argc == 5 && strcmp(argv[1], "row") == 0)
		return one_row((unsigned)atoi(argv[4]) % ROWS);
	bool is_all = argc >= 5 && strcmp(argv[1], "all") == 0;
	bool is_mutants = argc >= 7 && strcmp(argv[1], "mutants") == 0;
	if (is_all || is_mutants) {
		char **names = argv + (is_all ? 4 : 6);
		if (strcmp(*names, "ws") == 0)
			ways_use_ws();
		return is_all ? throw_all(names)
			      : mutants(strtoull(argv[4], NULL, 10),
					(unsigned)atoi(argv[5]), names);
	}
	fprintf(stderr, "see the head of tests/mock/hostile.c\n");
	return 2;
}
