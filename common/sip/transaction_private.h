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

/* transaction.c */
void sip_deadlines_arm(struct sip_deadlines *d);
void sip_transaction_key_add(
	struct buf *key, struct span branch, struct span method);
usec_t sip_transaction_now(const struct sip_transactions *ts);

/* transaction_client.c */
void sip_client_receive(
	struct sip_client *c, struct sip_flow *flow, struct sip_scan *m);
struct sip_client *sip_client_of(struct map_node *node);
void sip_client_free(struct sip_client *c);
bool sip_client_is_sent_by(
	const struct sip_client *c, const struct sip_via *via);

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
