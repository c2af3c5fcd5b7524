/* ends - two ends of a connection on a loop, for tests of net/conn
 *
 * A listener accepts one connection after the other into `far`; `near` is
 * what the test connects.  Each end keeps what it was told; what it does on
 * its own is said by its hooks.
 */
#ifndef TESTS_ENDS_H
#define TESTS_ENDS_H

#include "base/buf.h"
#include "net/conn.h"
#include "net/loop.h"

struct ends;

struct end {
	struct ends *all;
	struct conn *conn;
	struct buf got; /* what data was given and used */
	struct err e;   /* of closed */
	int opens, secures, drains, closes;
	usec_t opened_at, closed_at;
	size_t pieces; /* calls of data */
	bool keeps;    /* uses nothing of what comes */
	bool pauses;   /* when something comes, and uses nothing of it */
	size_t takes;  /* uses this much of all in one piece; 0: all */
	bool frees_on_open, frees_on_data, frees_on_close;
	bool closes_on_open;
	const char *says_on_open;
	const char *starts_tls_on; /* when all that was got ends so */
	const char *answers;       /* before it starts TLS */
	struct tls_config *tls;    /* to start then */
	struct tls_peer peer;
	struct span feed; /* written as fast as the queue takes it */
};

struct ends {
	struct loop *loop;
	struct listener *listener;
	struct endpoint at; /* of the listener */
	struct end near, far;
	struct conn_settings near_settings, far_settings;
	bool refuses; /* does not take what comes */
	int offers;
};

struct endpoint endpoint_at(const char *text);
/* A listener at `at` ("192.0.2.7:5222"; port 0 for any). */
void ends_init(struct ends *x, struct loop *l, const char *at);
/* near connects to x->at, by near_settings, of which addresses may be left
 * out. */
void ends_connect(struct ends *x);
void ends_clear(struct ends *x);

/* Conditions for sim_run; arg is the struct ends. */
bool both_open(void *arg);
bool both_closed(void *arg);
bool near_closed(void *arg);
bool far_closed(void *arg);
bool near_secured(void *arg);

void end_say(struct end *n, const char *text);
/* Writes all of it as there is room, over drained. */
void end_feed(struct end *n, struct span text);

#endif
