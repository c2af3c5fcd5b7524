/* xmpp_listen - to be online and print what comes, until it is enough
 *
 * What every XMPP tool that listens has in common: the login, the `ready`
 * record, -c and --for, signals, faults; and that a stanza is acknowledged to
 * the server (XEP-0198) only when its record has been written: what a full
 * disk or a kill has kept from the reader stays with the server.
 *
 *	struct xmpp_listen l = XMPP_LISTEN_NONE;
 *	if (xmpp_listen_open(&l, r, &o->listen, &o->login, &handlers, t, e) &&
 *		say_presence(…) && xmpp_listen_announce(&l, e) &&
 *		xmpp_login_wait(&l.login, e))
 *		good = xmpp_listen_stay(&l, "not all messages came", e);
 *	xmpp_listen_close(&l);
 *
 * and in a handler, for each record:
 *
 *	xmpp_listen_hold(l);
 *	xmpp_listen_wrote(l, record_…(…, &l->fault));
 */
#ifndef CLI_XMPP_LISTEN_H
#define CLI_XMPP_LISTEN_H

#include "base/list.h"
#include "cli/record_xmpp.h"
#include "cli/xmpp_login.h"

struct xmpp_listen_options {
	int64_t count;  /* -c; 0: without end */
	usec_t seconds; /* --for; 0: without end */
};
/* Stands under the heading of the tool that uses it. */
extern const struct opt xmpp_listen_options[];

/* A stanza that is not handled yet; the first member of what a tool has to
 * remember with it. */
struct xmpp_pledge {
	struct link link; /* private */
	uint32_t number;  /* of xmpp_client_defer */
	bool waits;       /* for its own record; else for those before it */
};

struct xmpp_listen {
	struct run *run;
	const struct xmpp_listen_options *options;
	struct xmpp_login login;
	bool silent;      /* no `ready` record: stdout has other bytes */
	bool is_ready;    /* it is printed, or would be */
	int64_t counted;  /* towards -c */
	bool done;        /* the tool's own end: it has what it waited for */
	struct err fault; /* set: it ends with this */
	/* Called as each pledge is kept, before the stanza is acknowledged;
	 * the pledge is mem_free'd after it.  May be NULL. */
	void (*kept)(void *arg, struct xmpp_pledge *p);
	/* The same for those that are not kept when all is over. */
	void (*broken)(void *arg, struct xmpp_pledge *p);
	void *arg;         /* of both: that of _open */
	bool by_hand;      /* not stdout keeps them but xmpp_listen_keep */
	bool gathers;      /* from `ready` on, see cli/pace.h */
	struct link held;  /* private: the oldest first */
	struct pace *pace; /* private */
};

#define XMPP_LISTEN_NONE ((struct xmpp_listen){ 0 })

/* As xmpp_login_open; `ended` may be NULL, the wait sees it.  stdout's
 * on_written is ours until _close. */
bool xmpp_listen_open(struct xmpp_listen *l, struct run *r,
	const struct xmpp_listen_options *options,
	const struct xmpp_login_options *login,
	const struct xmpp_client_handlers *handlers, void *arg, struct err *e);
void xmpp_listen_close(struct xmpp_listen *l); /* says farewell */

/* A ping behind what was given to the client so far: when it is answered, the
 * server has processed that, and `ready` is printed. */
bool xmpp_listen_announce(struct xmpp_listen *l, struct err *e);

/* Until `ready`, or what ends _stay. */
bool xmpp_listen_arrive(
	struct xmpp_listen *l, const char *unfinished, struct err *e);
/* Until done, enough, --for (which counts from `ready`), a fault, a signal or
 * the end of the stream, and then until stdout is written.  unfinished is the
 * sentence where -w comes first. */
bool xmpp_listen_stay(
	struct xmpp_listen *l, const char *unfinished, struct err *e);

bool xmpp_listen_is_enough(const struct xmpp_listen *l); /* -c is reached */
/* What comes now is for the next who listens: to be deferred, and no more. */
bool xmpp_listen_is_over(const struct xmpp_listen *l);

/* In a handler: the stanza is acknowledged when all that was given to stdout
 * by now or within this handler has been written. */
void xmpp_listen_hold(struct xmpp_listen *l);
/* The same of a stanza that was deferred, maybe earlier; p is mem_alloc'd and
 * taken.  One that does not wait is kept with those before it, or now. */
void xmpp_listen_promise(struct xmpp_listen *l, struct xmpp_pledge *p);
/* by_hand: the oldest pledge that waits is kept. */
void xmpp_listen_keep(struct xmpp_listen *l);
/* A record was given to stdout (or not: good as record_end has it); it counts.
 * While stdout is full, nothing more is read. */
void xmpp_listen_wrote(struct xmpp_listen *l, bool good);

/* For cli/record_xmpp.h. */
struct record_xmpp xmpp_listen_records(const struct xmpp_listen *l);

#endif
