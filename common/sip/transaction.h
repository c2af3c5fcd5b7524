/* transaction - requests and responses that find each other, each seen once
 *
 * RFC 3261 section 17 with RFC 6026 (state Accepted, timers L and M) and RFC
 * 4320 (non-INVITE: no 408, no provisional but a late 100).  Transactions are
 * found by branch, sent-by and method in one hash; peers that speak RFC 2543
 * by what section 17.2.3 says.  Timers run on the loop.
 *
 * The transaction user (TU) sees every response and every request once,
 * however often it was retransmitted, but for the 2xx of an INVITE: each is
 * handed over, since the TU has to ACK each (13.2.2.4).
 *
 * OWNERSHIP  A transaction lives as long as its state machine.  Its handle
 * may be used until `ended`, which is called exactly once and is the last
 * call, or until the TU calls *_forget; the machine then goes on without it.
 * No handler is called from within sip_client_new.
 */
#ifndef SIP_TRANSACTION_H
#define SIP_TRANSACTION_H

#include "sip/msg.h"
#include "sip/transport.h"

#define SIP_T1 (500 * USEC_MS)
#define SIP_T2 (4 * USEC_SEC)
#define SIP_T4 (5 * USEC_SEC)
#define SIP_TIMER_D (32 * USEC_SEC) /* at least; 17.1.1.2 */

/* More at once are refused: clients by an error, servers by a stateless 503.
 * Bounds what a flood can take to about a gigabyte. */
#define SIP_TRANSACTIONS_MAX 500000

struct sip_transactions;
struct sip_client; /* a client transaction */
struct sip_server; /* a server transaction */

struct sip_timing {
	usec_t t1, t2, t4;
};
#define SIP_TIMING ((struct sip_timing){ SIP_T1, SIP_T2, SIP_T4 })

struct sip_transactions_handlers {
	/* A request that no transaction knows; also one with faults, so long
	 * as it has a Via and a CSeq.  The TU answers with sip_server_respond,
	 * now or later, and says with sip_server_watch whom to tell.  merged:
	 * the same request already came on another path (8.2.2.2). */
	void (*request)(void *arg, struct sip_server *s, struct sip_scan *m,
		bool merged);
	/* An ACK that is nobody's here: that of a 2xx (13.3.1.4). */
	void (*ack)(void *arg, struct sip_flow *flow, struct sip_scan *m);
	/* A request without a Via or CSeq that can be read: no transaction. */
	void (*unreadable)(
		void *arg, struct sip_flow *flow, struct sip_scan *m);
	/* A response that no transaction knows; may be NULL.  A user agent
	 * drops it, but for a late 2xx to an INVITE, which it may ACK. */
	void (*stray)(void *arg, struct sip_flow *flow, struct sip_scan *m);
};

struct sip_transactions_settings {
	struct loop *loop;
	struct sip_timing timing; /* all 0: SIP_TIMING */
	size_t max;               /* 0: SIP_TRANSACTIONS_MAX */
	bool is_proxy;            /* responses may have a Via below ours */
};

struct sip_transactions *sip_transactions_new(
	const struct sip_transactions_settings *s,
	const struct sip_transport_settings *transport,
	const struct sip_transactions_handlers *handlers, void *arg);
/* Ends all without calling anybody, and frees the transport. */
void sip_transactions_free(struct sip_transactions *ts);

struct sip_transport *sip_transactions_transport(struct sip_transactions *ts);
const struct sip_timing *sip_transactions_timing(
	const struct sip_transactions *ts);
size_t sip_transactions_count(const struct sip_transactions *ts);

/* ---- client transactions (17.1) ---------------------------------------------- */

struct sip_client_handlers {
	void (*response)(void *arg, struct sip_client *c, struct sip_scan *m);
	/* e is NULL where a final response was handed over.  Else: nobody
	 * answered (STATUS_TIMEOUT, Timer B or F), or it could not be sent
	 * (of the transport).  Of a cancelled INVITE that was never answered:
	 * condition "cancelled". */
	void (*ended)(void *arg, const struct err *e);
};

/* Sends a whole request that has no Via of ours (a proxy's has others'); it
 * gets one with a fresh branch.  Over SIP_UDP_REQUEST_MAX it goes by TCP and
 * comes back to UDP where that is refused (18.1.1).  The text is copied.
 * ACK is not sent this way: see sip/outgoing.h. */
struct sip_client *sip_client_new(struct sip_transactions *ts,
	struct span request, const struct sip_target *target,
	const struct sip_client_handlers *handlers, void *arg, struct err *e);
void sip_client_forget(struct sip_client *c); /* NULL is fine */
/* From now on others are told, who must not be told any more by then. */
void sip_client_watch(struct sip_client *c,
	const struct sip_client_handlers *handlers, void *arg);
/* Ends it at once, unanswered: nothing is sent again, what still comes is a
 * stray.  Not for an INVITE, nor from within one of its handlers. */
void sip_client_abandon(struct sip_client *c); /* NULL is fine */

/* Cancels an INVITE (9.1): now, or where there was no provisional response
 * yet, as soon as one comes.  A final response may still be any, also a 2xx.
 * Where none comes for 64*T1, it ends (condition "cancelled").  headers:
 * whole lines to add, such as a Reason; may be empty. */
void sip_client_cancel(struct sip_client *c, struct span headers);

struct span sip_client_branch(const struct sip_client *c);
/* By which it goes; NULL while a connection is being opened. */
struct sip_flow *sip_client_flow(const struct sip_client *c);
/* Monotonic, of the first transmission, for a round-trip time; 0: not yet. */
usec_t sip_client_sent_at(const struct sip_client *c);

/* ---- server transactions (17.2) ------------------------------------------------ */

struct sip_server_handlers {
	/* A CANCEL came in time and has its 200 (9.2); the INVITE still needs
	 * its 487.  m: the CANCEL.  NULL but for INVITE. */
	void (*cancelled)(void *arg, struct sip_scan *m);
	/* The last call.  e is NULL where a final response was sent and, of an
	 * INVITE that was refused, its ACK came; of one that was accepted, it
	 * is the end of state Accepted.  Else: no ACK came (Timer H;
	 * STATUS_TIMEOUT), no answer was given in time, or none could be
	 * sent. */
	void (*ended)(void *arg, const struct err *e);
};

/* Once, from within `request` or later; without it nobody is told. */
void sip_server_watch(struct sip_server *s,
	const struct sip_server_handlers *handlers, void *arg);
void sip_server_forget(struct sip_server *s); /* NULL is fine */
/* Ends it at once, without a response: for what must not be answered. */
void sip_server_abandon(struct sip_server *s);

/* Sends a whole response (sip_msg_respond with sip_server_response, header
 * fields, sip_msg_end).  Provisional ones any number of times, then one final
 * one; of an INVITE, a 2xx again for each time it is to be retransmitted
 * (13.3.1.4: the TU's timer).  False and e where the state does not allow it,
 * or (of non-INVITE) RFC 4320 does not, or it could not be sent now: then it
 * is still retransmitted. */
bool sip_server_respond(struct sip_server *s, unsigned code,
	struct span response, struct err *e);
/* What sip_msg_respond needs: Via's received and rport, and a To tag that is
 * the same for all responses of this transaction.  The spans live as long as
 * the transaction. */
struct sip_msg_response sip_server_response(
	const struct sip_server *s, unsigned code, struct span reason);
/* The request as it came, scanned into m, which points into the transaction;
 * until it was finally answered. */
void sip_server_request(const struct sip_server *s, struct sip_scan *m);

enum sip_method sip_server_method(const struct sip_server *s);
/* The request came by it. */
struct sip_flow *sip_server_flow(const struct sip_server *s);
struct span sip_server_to_tag(const struct sip_server *s); /* ours */
bool sip_server_is_answered(const struct sip_server *s);   /* finally */

#endif
