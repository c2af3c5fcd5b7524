/* transaction_private - what the files of sip/transaction share, and nobody else
 *
 * Each transaction has one timer, for whichever comes first of its next
 * retransmission and its end.  Keys are text: 'c' branch method of a client,
 * 's' branch sent-by method of a server, 'o' and more of a server whose
 * client speaks RFC 2543.
 */
#ifndef SIP_TRANSACTION_PRIVATE_H
#define SIP_TRANSACTION_PRIVATE_H

#include "base/map.h"
#include "sip/outgoing.h"
#include "sip/transaction.h"

struct sip_transactions {
	struct loop *loop;
	struct sip_timing timing;
	size_t max, count;
	bool is_proxy;
	struct sip_transport *transport;
	struct sip_transactions_handlers handlers;
	void *arg;
	struct map table;
	struct map merged; /* servers by Call-ID, From tag and CSeq */
	struct link clients, servers;
	struct sip_scan stored; /* of a request that was kept as text */
};

enum sip_transaction_state {
	SIP_TRYING, /* "Calling" of an INVITE client */
	SIP_PROCEEDING,
	SIP_COMPLETED,
	SIP_CONFIRMED, /* INVITE server */
	SIP_ACCEPTED,  /* INVITE, RFC 6026 */
};

struct sip_deadlines {
	struct timer *timer;
	usec_t retransmit_at, end_at; /* USEC_NEVER: not set */
	usec_t interval;              /* of the last retransmission */
};

struct sip_client {
	struct link link; /* first: see sip_transactions_free */
	struct map_node node;
	struct sip_transactions *ts;
	struct sip_outgoing out;
	const struct sip_client_handlers *handlers; /* NULL: forgotten */
	void *arg;
	struct sip_deadlines at;
	usec_t sent_at;
	char *ack;     /* of an INVITE that was refused; retransmitted */
	char *headers; /* of the CANCEL that waits for a response; or NULL */
	struct err *failure; /* to be told by the timer */
	uint64_t seen[2];    /* the last provisional responses, as hashes */
	enum sip_transaction_state state;
	bool is_invite, is_cancelled;
	char key[];
};

/* transaction.c */
void sip_deadlines_arm(struct sip_deadlines *d);
void sip_transaction_key_add(
	struct buf *key, struct span branch, struct span method);
usec_t sip_transaction_now(const struct sip_transactions *ts);

/* transaction_client.c */
struct sip_client *sip_client_of(struct map_node *node);
void sip_client_free(struct sip_client *c);
bool sip_client_is_sent_by(
	const struct sip_client *c, const struct sip_via *via);
/* Timers A and E, only where the transport may lose it. */
void sip_client_retransmit_in(struct sip_client *c, usec_t interval);
/* What was sent, formatted into text and scanned. */
void sip_client_scan_sent(
	struct sip_client *c, struct buf *text, struct sip_scan *m);
void sip_client_send_cancel(struct sip_client *c); /* section 9.1 */
/* Its handlers are called no more. */
void sip_client_tell_ended(struct sip_client *c, const struct err *e);

/* transaction_response.c */
void sip_client_receive(
	struct sip_client *c, struct sip_flow *flow, struct sip_scan *m);

/* transaction_server.c */
struct sip_server *sip_server_new(struct sip_transactions *ts,
	struct sip_flow *flow, const struct sip_scan *m,
	const struct sip_via *via, struct span key, struct span merged);
void sip_server_receive(struct sip_server *s); /* a retransmission */
void sip_server_receive_ack(
	struct sip_server *s, struct sip_flow *flow, struct sip_scan *m);
/* cancel: the transaction of the CANCEL, s: of its INVITE, or NULL. */
void sip_server_receive_cancel(
	struct sip_server *cancel, struct sip_server *s, struct sip_scan *m);
struct sip_server *sip_server_of(struct map_node *node);
void sip_server_free(struct sip_server *s);

#endif
