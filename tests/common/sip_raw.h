/* sip_raw - a SIP peer without a machine: it logs what comes and sends what
 * the test says, over UDP on the simulated network
 *
 * The log has a line per message, "MS START": the virtual time since the
 * start in milliseconds, and of a request its method, of a response its code.
 */
#ifndef TESTS_SIP_RAW_H
#define TESTS_SIP_RAW_H

#include "base/buf.h"
#include "net/dgram.h"
#include "net/sim.h"
#include "sip/scan.h"

struct sip_raw {
	struct sim *sim;
	usec_t start;
	struct dgram *dgram;
	struct endpoint from; /* of the last message */
	struct buf log;
	struct buf last;      /* the last message */
	struct sip_scan scan; /* of it */
	unsigned auto_code;   /* answers every request but ACK with it; 0: no */
	/* Is called for every request but ACK; NULL: not. */
	void (*answers)(struct sip_raw *r);
	void *arg;
};

void sip_raw_open(struct sip_raw *r, struct sim *sim, const char *address);
void sip_raw_close(struct sip_raw *r);
void sip_raw_send(struct sip_raw *r, const char *to, const char *text);
/* Answers the last request; tag may be NULL. */
void sip_raw_reply(struct sip_raw *r, unsigned code, const char *tag);
/* With a session description; NULL: none. */
void sip_raw_reply_sdp(
	struct sip_raw *r, unsigned code, const char *tag, const char *sdp);

/* With whole header lines. */
void sip_raw_reply_lines(
	struct sip_raw *r, unsigned code, const char *tag, const char *lines);

/* A whole request.  extra: more header lines.  branch with the cookie. */
char *sip_raw_request(const char *method, const char *via, const char *branch,
	const char *to_tag, unsigned cseq, const char *extra);
/* type "": without a Content-Type. */
char *sip_raw_request_with(const char *method, const char *via,
	const char *branch, const char *to_tag, unsigned cseq, const char *type,
	const char *body);

struct endpoint sip_raw_at(const char *text);
usec_t sip_raw_ms(struct sim *sim, usec_t start);
void sip_raw_run(struct sim *sim, usec_t ms);

#endif
