/* invite - a session from INVITE to BYE, of the caller and of the callee
 *
 * RFC 3261 sections 9, 13, 14.2 and 15; RFC 6026.  Bodies are opaque here:
 * common/call puts offers and answers into them.  What a session sees to
 * itself: retransmission of a 2xx until its ACK, an ACK for each 2xx, a BYE
 * to those who answered too late or on another fork, provisional responses
 * once a minute, and the right farewell in every state:
 *
 *	caller, nothing heard	waits for a provisional response, then CANCEL;
 *				a 2xx gets its ACK and a BYE
 *	caller, ringing		CANCEL; a 2xx that crosses it, ACK and BYE
 *	callee, ringing		480, or the code given
 *	callee, 2xx without ACK	goes on until the ACK, or 64*T1, then BYE
 *	both, confirmed		BYE
 *
 * OWNERSHIP  A handle may be used until `ended`, the last call, which comes
 * exactly once, after the farewell was answered or given up; or until
 * sip_invite_forget, which says farewell without telling anybody.  No handler
 * is called from within a function of this header.
 */
#ifndef SIP_INVITE_H
#define SIP_INVITE_H

#include "sip/request.h"
#include "sip/ua.h"

/* Dialogs one INVITE may be forked to; more are left to time out. */
#define SIP_FORKS_MAX 16
/* 13.3.1.1: a proxy gives up after three minutes without a word. */
#define SIP_RING_INTERVAL (60 * USEC_SEC)

struct sip_invite;

enum sip_invite_state {
	SIP_INVITE_CALLING,   /* caller: nothing heard yet */
	SIP_INVITE_RINGING,   /* a provisional response came or went */
	SIP_INVITE_ANSWERED,  /* callee: the 2xx went, its ACK is missing */
	SIP_INVITE_CONFIRMED, /* 2xx and ACK */
	SIP_INVITE_LEAVING,   /* the farewell is under way */
};

enum sip_invite_how {
	SIP_INVITE_WE_LEFT,   /* sip_invite_end, of a session that was up */
	SIP_INVITE_THEY_LEFT, /* their BYE */
	SIP_INVITE_REFUSED,   /* a final response of 300 and above: code */
	SIP_INVITE_CANCELLED, /* by either side, before it was up */
	SIP_INVITE_FAILED,    /* e: unreachable, timeout, no ACK … */
};

struct sip_invite_end {
	enum sip_invite_how how;
	unsigned code;         /* the final response to the INVITE; or 0 */
	const char *reason;    /* its phrase; "" */
	const struct err *e;   /* FAILED and REFUSED; else NULL */
	struct sip_scan *last; /* what ended it: response, BYE or CANCEL; may
				  be NULL */
};

/* A body on its way; empty: none. */
struct sip_body {
	struct span content_type, bytes;
};

struct sip_invite_handlers {
	/* Caller: writes the offer for our address towards the callee, and
	 * says its type; called again for each target that is tried.  NULL:
	 * an INVITE without a body. */
	bool (*offer)(void *arg, struct buf *body, struct span *content_type,
		const struct endpoint *local, struct err *e);
	/* Caller: a provisional response but 100, each once; its To tag tells
	 * forks apart, its body may be an answer. */
	void (*progress)(void *arg, struct sip_scan *response);
	/* The session is up.  Caller: the 2xx, whose ACK goes after this
	 * returns, with the body of sip_invite_set_ack where one was set.
	 * Callee: the ACK. */
	void (*confirmed)(void *arg, struct sip_scan *m);
	/* A re-INVITE (14.2), with or without an offer: sip_invite_answer or
	 * sip_invite_refuse, now or later.  NULL: 488 and all stays. */
	void (*reinvited)(void *arg, struct sip_scan *m);
	/* Another request within the dialog: must be answered with
	 * sip_ua_reply.  NULL: 405 or 501. */
	void (*request)(void *arg, struct sip_server *s, struct sip_scan *m);
	void (*ended)(void *arg, const struct sip_invite_end *end);
};

/* ---- the caller ---------------------------------------------------------------- */

struct sip_invite_settings {
	struct span request_uri;
	struct span to, from, user, proxy; /* see sip/compose.h */
	struct span headers; /* whole lines with CRLF; may be empty */
	enum sip_transport_kind kind;
	usec_t patience; /* as sip_request_settings has it */
};

/* All of s is copied. */
struct sip_invite *sip_invite_call(struct sip_ua *ua,
	const struct sip_invite_settings *s,
	const struct sip_invite_handlers *handlers, void *arg);
/* The body of the ACK, from within `confirmed`: an answer, where the INVITE
 * had no offer. */
void sip_invite_set_ack(struct sip_invite *i, const struct sip_body *body);

/* ---- the callee ------------------------------------------------------------------ */

/* From within the handler of INVITE (sip_ua_serve): takes it over; user is of
 * our Contact.  NULL: it could not make a dialog and has been refused. */
struct sip_invite *sip_invite_take(struct sip_ua *ua, struct sip_server *s,
	struct sip_scan *m, struct span user,
	const struct sip_invite_handlers *handlers, void *arg);
/* 180, 183 …, again once a minute until it is answered; body may be NULL. */
bool sip_invite_ring(struct sip_invite *i, unsigned code,
	const struct sip_body *body, struct err *e);
/* 200 to the INVITE or re-INVITE at hand. */
bool sip_invite_answer(
	struct sip_invite *i, const struct sip_body *body, struct err *e);
/* A final response of 300 and above to it; a re-INVITE's leaves the session
 * as it was.  headers: whole lines; may be empty. */
bool sip_invite_refuse(struct sip_invite *i, unsigned code, struct span reason,
	struct span headers, struct err *e);

/* ---- both -------------------------------------------------------------------------- */

/* The farewell of the table above; `ended` follows.  code: what a ringing
 * callee says, 0 for 480.  headers: whole lines, as a Reason, of the CANCEL
 * or BYE.  Again: nothing. */
void sip_invite_end(struct sip_invite *i, unsigned code, struct span headers);
void sip_invite_forget(struct sip_invite *i); /* NULL is fine */

enum sip_invite_state sip_invite_state(const struct sip_invite *i);
bool sip_invite_is_caller(const struct sip_invite *i);
/* The confirmed dialog, or the callee's early one; NULL: not there yet. */
const struct sip_dialog *sip_invite_dialog(const struct sip_invite *i);
struct span sip_invite_call_id(const struct sip_invite *i);
/* Our address in this session, for SDP (its port is SIP's); the callee's is
 * known from the start, the caller's with the first target. */
const struct endpoint *sip_invite_local(const struct sip_invite *i);

#endif
