/* invite_private - what the files of sip/invite share, and nobody else
 *
 * A leg is one dialog of the session.  The caller has one for each To tag it
 * has heard of (forks), of which one becomes the session's; the callee has
 * one.  The INVITE at hand, the first or a later one, is answered by
 * `server`.
 *
 * After `ended` was called the struct lives on while there is still something
 * to be polite about: a 2xx that comes again, the BYE of another fork.
 */
#ifndef SIP_INVITE_PRIVATE_H
#define SIP_INVITE_PRIVATE_H

#include "sip/ack.h"
#include "sip/invite.h"
#include "sip/ua_private.h"

struct sip_leg {
	struct link link;
	struct sip_invite *invite;
	struct sip_dialog dialog;
	struct sip_ack *ack;     /* caller: of its 2xx */
	struct sip_request *bye; /* under way */
	bool is_over;            /* a BYE came or went */
};

struct sip_invite {
	struct sip_ua_child child;
	struct sip_ua *ua;
	const struct sip_invite_handlers *handlers; /* NULL: nobody is told */
	void *arg;
	enum sip_invite_state state;
	bool is_caller;
	bool is_leaving;  /* sip_invite_end was called */
	bool is_finished; /* `ended` was called, or would have been */
	char *farewell;   /* header lines of CANCEL and BYE */
	char *user;       /* of our Contact */
	char *call_id;
	struct endpoint local;
	enum sip_transport_kind kind; /* in our Contact */
	struct link legs;
	size_t leg_count;
	struct sip_leg *leg; /* the session's; NULL: none yet */

	/* what `ended` will say */
	enum sip_invite_how how;
	unsigned code; /* of the final response */
	char *reason;
	struct err failure;

	/* the caller */
	struct sip_request *request; /* the INVITE, until timer M */
	char *request_uri, *from, *tag, *to, *headers, *proxy;
	uint32_t cseq;
	char *sent; /* the INVITE as it was composed last */
	size_t sent_len;
	char *ack_type; /* sip_invite_set_ack */
	char *ack_body;
	size_t ack_len;

	/* the INVITE that came, unanswered or without ACK */
	struct sip_server *server;
	struct sip_flow_user flow; /* callee: by which the first one came */
	bool is_reinvite;
	bool is_accepted; /* with a 2xx */
	uint32_t invite_cseq;
	char *answer; /* the response to send again, or NULL */
	size_t answer_len;
	unsigned answer_code;
	struct timer *timer; /* for that */
	usec_t interval, answer_until, expires_at;
};

/* invite.c */
struct sip_invite *sip_invite_new(struct sip_ua *ua, struct span user,
	const struct sip_invite_handlers *handlers, void *arg);
struct sip_leg *sip_leg_new(struct sip_invite *i);
void sip_leg_free(struct sip_leg *leg);
void sip_leg_bye(struct sip_leg *leg);
extern const struct sip_dialog_handlers sip_leg_dialog_handlers;
/* Tells `ended`, once; last may be NULL.  i may be gone afterwards. */
void sip_invite_finish(struct sip_invite *i, struct sip_scan *last);
/* Frees it where nothing is left to do. */
void sip_invite_release(struct sip_invite *i);

/* invite_caller.c */
void sip_caller_end(struct sip_invite *i);

/* invite_callee.c */
void sip_callee_end(struct sip_invite *i, unsigned code);
void sip_callee_receive_ack(struct sip_invite *i, struct sip_scan *m);
void sip_callee_receive_reinvite(
	struct sip_invite *i, struct sip_server *s, struct sip_scan *m);
/* The session is over: nothing is sent again, what is open gets a 487. */
void sip_callee_drop_server(struct sip_invite *i);

#endif
