/* records - how many records a second the writer makes, to /dev/null
 *
 * Prints lines of "what rate": the hot path of sipsniff -j and of every
 * server.  tests/bench/run puts them beside others' figures.
 */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/out.h"
#include "cli/record.h"

#define RECORDS 1000000

static void fill(struct record *r, int i)
{
	record_str(r, KEY_SRC, "192.0.2.17:5060");
	record_str(r, KEY_DST, "198.51.100.4:5060");
	record_str(r, KEY_TRANSPORT, "udp");
	record_str(r, KEY_METHOD, "INVITE");
	record_str(r, KEY_REQUEST_URI, "sip:bob@biloxi.example.com");
	record_str(r, KEY_FROM, "sip:alice@atlanta.example.com");
	record_str(r, KEY_TO, "sip:bob@biloxi.example.com");
	record_str(r, KEY_CALL_ID, "a84b4c76e66710@pc33.atlanta.example.com");
	record_str(r, KEY_CSEQ, "314159 INVITE");
	record_str(r, KEY_USER_AGENT, "Example Phone \"2\"");
	record_int(r, KEY_BODY_LENGTH, i & 0xfff);
}

static double rate(bool json)
{
	struct timespec from, to;
	struct record r;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct out *out = out_new(fd, NULL, NULL);
	out_set_json(out, json);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < RECORDS; i++) {
		record_begin(&r, out, RECORD_SIP_MESSAGE, RECORD_SIP,
			INT64_C(1795342530123456) + i);
		fill(&r, i);
		record_end(&r, NULL);
	}
	out_flush(out, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	out_free(out);
	close(fd);
	return RECORDS / ((double)(to.tv_sec - from.tv_sec) +
				 (double)(to.tv_nsec - from.tv_nsec) / 1e9);
}

int main(void)
{
	printf("records, text %.0f\n", rate(false));
	printf("records, JSON %.0f\n", rate(true));
	return 0;
}
