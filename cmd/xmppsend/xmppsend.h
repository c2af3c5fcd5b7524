/* xmppsend - what its files share
 *
 *	main.c		options, the run
 *	send.c		from the input to the recipients, and what became of it
 *	compose.c	one stanza
 */
#ifndef XMPPSEND_XMPPSEND_H
#define XMPPSEND_XMPPSEND_H

#include "cli/letters.h"
#include "cli/xmpp_login.h"
#include "compose.h"
#include "xmpp/deliver.h"

#define WAIT (30 * USEC_SEC)

struct options {
	struct output_options output;
	struct opt_list wait; /* SECONDS, or one of `untils` */
	usec_t reply_wait;
	struct xmpp_login_options login;
	struct letters_options letters;
	struct compose_options compose;
	int64_t rate;
	bool resend;
	/* of `wait` */
	struct time_options time;
	enum xmpp_deliver_until until;
};

struct xmppsend {
	struct run *run;
	const struct options *options;
	struct xmpp_login login;
	struct letters *letters; /* NULL: there is nothing to be said */
	struct recipients names;
	struct xmpp_jid *to;  /* of the names */
	struct letter letter; /* which is being sent, to: */
	size_t next;          /* of the recipients */
	bool has_letter, input_ended;
	bool is_sure;      /* the session can be resumed, or never will be */
	usec_t not_before; /* --rate: the next one */
	size_t sent, failed, open;
	struct err worst; /* of those that failed */
	struct err fault; /* of the input, or of stdout */
};

/* ---- send.c ---- */

/* Until the input has ended and the fate of all is known, or the run ends. */
void send_all(struct xmppsend *t, struct err *e);
/* The worst of what became of them. */
void send_report(const struct xmppsend *t, struct err *e);

#endif
