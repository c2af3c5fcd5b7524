/* sipraw - what the files of the tool share
 *
 * main.c reads, sends and reports; variables.c makes messages of templates by
 * template.h, message.h and the variables of session.h and table.h; exchange.h
 * is the way out and back.
 */
#ifndef SIPRAW_SIPRAW_H
#define SIPRAW_SIPRAW_H

#include "cli/run.h"
#include "cmd/sipraw/exchange.h"
#include "cmd/sipraw/session.h"
#include "cmd/sipraw/table.h"
#include "sip/header.h"

struct options {
	struct run_options run;
	struct net_options net;
	struct tls_options tls;
	const char *local, *transport, *state, *csv;
	usec_t reply, listen;
	bool as_is, once;
};

struct sipraw {
	struct run *run;
	const struct options *options;
	const char *uri;
	struct exchange exchange;
	struct tls_config *tls; /* made when it is needed */
	struct session session;
	struct table table;                          /* of --csv */
	char branch[sizeof(SIP_BRANCH_COOKIE) + 20]; /* of this message */
	struct buf input, text, message, json;
	struct err fault; /* of stdout */
	unsigned worst;   /* the highest final status code */
	unsigned last;    /* the last one */
};

/* The next message into t->message, of the template text: with a branch of its
 * own, and completed. */
bool variables_compose(struct sipraw *t, struct span text, struct err *e);

#endif
