/* sip_scan - messages a second through the SIP scanner, on one core
 *
 * Prints one line: what, figure, unit.
 */
#include <stdio.h>
#include <time.h>

#include "sip/scan.h"

static const char invite[] =
	"INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP pc33.atlanta.example.com:5060;"
	"branch=z9hG4bK776asdhds;rport\r\n"
	"Max-Forwards: 70\r\n"
	"From: \"Alice\" <sip:alice@atlanta.example.com>;tag=1928301774\r\n"
	"To: Bob <sip:bob@biloxi.example.com>\r\n"
	"Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r\n"
	"CSeq: 314159 INVITE\r\n"
	"Contact: <sip:alice@pc33.atlanta.example.com>\r\n"
	"Allow: INVITE, ACK, CANCEL, OPTIONS, BYE\r\n"
	"User-Agent: bench\r\n"
	"Content-Type: application/sdp\r\n"
	"Content-Length: 131\r\n"
	"\r\n"
	"v=0\r\n"
	"o=alice 2890844526 2890844526 IN IP4 192.0.2.1\r\n"
	"s=-\r\n"
	"c=IN IP4 192.0.2.1\r\n"
	"t=0 0\r\n"
	"m=audio 49170 RTP/AVP 0\r\n"
	"a=rtpmap:0 PCMU/8000\r\n";

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
	static struct sip_scan m;
	struct span bytes = span_from(invite, sizeof(invite) - 1);
	const unsigned rounds = 1000000;
	unsigned good = 0;
	double from = cpu_seconds();
	for (unsigned i = 0; i < rounds; i++)
		good += sip_scan(&m, bytes);
	double seconds = cpu_seconds() - from;
	if (good != rounds) {
		fprintf(stderr, "sip_scan: the INVITE was refused\n");
		return 1;
	}
	printf("sip_scan\t%.0f\tmessages/s (INVITE of %zu bytes)\n",
		rounds / seconds, bytes.n);
	return 0;
}
