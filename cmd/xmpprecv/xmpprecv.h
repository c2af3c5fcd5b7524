/* xmpprecv - what its files share
 *
 *	main.c		options, arriving, the run
 *	take.c		a message comes, and has been dealt with
 *	filter.c	which are wanted
 *	receipts.c	who is told that one has come
 *	catch_up.c	what came since the last run
 *	state_file.c	where that has ended
 */
#ifndef XMPPRECV_XMPPRECV_H
#define XMPPRECV_XMPPRECV_H

#include "catch_up.h"
#include "cli/exec.h"
#include "filter.h"
#include "receipts.h"
#include "xmpp/correction.h"

struct options {
	struct run_options run;
	struct xmpp_login_options login;
	struct xmpp_listen_options listen;
	struct filter_options filter;
	const char *exec, *state;
	usec_t idle;
	bool body, no_bind2, no_receipts, receipts_to_all;
};

struct xmpprecv {
	const struct options *options;
	struct xmpp_listen listen;
	struct filter *filter;
	struct receipts *receipts; /* NULL: none are given */
	struct catch_up *catch_up; /* NULL: no --state */
	struct exec *exec;         /* NULL: records are printed */
	struct xmpp_corrections seen;
	struct timer *idle; /* since the last message */
	usec_t active;      /* when that came; 0: never, or it was idle since */
	bool begun;         /* to catch up */
	bool ids; /* our account announces that its archive ids are true */
};

struct xmpp_client *xmpprecv_client(const struct xmpprecv *t);

/* ---- take.c: handlers; arg is a struct xmpprecv ---- */

/* Of xmpp_client: a message has come. */
void take_message(void *arg, const struct xml_element *s);
/* Of catch_up: its turn has come; number as xmpp_client_defer has it. */
void take_turn(void *arg, const struct xmpp_message *message, uint32_t number);
/* Of catch_up: the archive was read up to here. */
void take_mark(void *arg, struct catch_up_mark *mark);
/* Of xmpp_listen: a message has been dealt with, or will not be. */
void take_kept(void *arg, struct xmpp_pledge *p);
void take_broken(void *arg, struct xmpp_pledge *p);
/* Of exec: a command has ended. */
void take_exec(void *arg, const struct err *e);
/* Of the timer: nothing has come for --idle. */
void take_idle(void *arg);

#endif
