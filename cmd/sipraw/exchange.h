/* exchange - the flow to somebody, and one message after the other on it
 *
 * RFC 3261 sections 17.1 and 18, without transactions: a request goes out, by
 * UDP again and again until something answers it, and whatever comes is handed
 * over, retransmissions too.
 */
#ifndef SIPRAW_EXCHANGE_H
#define SIPRAW_EXCHANGE_H

#include "cli/run.h"
#include "sip/locate.h"
#include "sip/transport.h"

struct exchange {
	struct sip_flow_user flow; /* first: handlers are given this */
	struct run *run;
	struct sip_transport *transport;
	struct timer *timer;
	/* Each message that comes, scanned. */
	void (*came)(void *arg, struct sip_flow *f, struct sip_scan *m);
	void *arg;
	unsigned
		status_code; /* the final one of the last request; 0: none yet */
	/* private */
	struct span bytes; /* of the request that waits for its answer */
	struct span branch;
	bool is_invite, is_answered, has_failed, is_ready, is_located;
	usec_t interval;
	struct sip_target targets[SIP_TARGETS_MAX];
	size_t count;
	char *name; /* of the targets */
	struct err failure;
};

struct exchange_settings {
	const char *uri;
	enum sip_transport_kind kind;
	const char *local; /* ADDR[:PORT]; NULL */
	const struct net_options *net;
	struct sip_tls tls;
};

/* Until a flow to one of the URI's targets is there.  After false, as after
 * all, exchange_close. */
bool exchange_open(
	struct exchange *x, const struct exchange_settings *s, struct err *e);
void exchange_close(struct exchange *x);

/* Sends a message; a request other than ACK is waited for: until its final
 * response, or `wait` is over (STATUS_TIMEOUT).  again: it is sent again by
 * UDP.  False and e untouched: a signal ends the run. */
bool exchange_send(struct exchange *x, struct span bytes, bool again,
	usec_t wait, struct err *e);
/* Listens on for as long. */
bool exchange_listen(struct exchange *x, usec_t wait, struct err *e);

#endif
