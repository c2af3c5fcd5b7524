/* guest - a client of xmppserve that does what a test wants, on a simulated
 * network
 *
 * It logs in by STARTTLS and binds by itself; what it says behind that is raw.
 * It counts the messages that come, whose ids are to be 1, 2, 3 …
 */
#ifndef TESTS_XMPPSERVE_GUEST_H
#define TESTS_XMPPSERVE_GUEST_H

#include "base/list.h"
#include "net/sim.h"
#include "xmpp/auth.h"
#include "xmpp/wire.h"

#define INN_DOMAIN "our.example"
#define INN_AT "192.0.2.7:5222"
#define INN_TLS_AT "192.0.2.7:5223"

struct server;

/* The server on its network: alice, bob and carol, whose passwords are pw. */
struct inn {
	struct sim *sim;
	struct server *server;
	struct tls_config *tls; /* of guests */
	struct link guests;
	struct buf events;
};
extern struct inn inn; /* one at a time */
int inn_setup(void **state);
int inn_teardown(void **state);
void inn_go(usec_t limit);
const char *inn_ca(void); /* the file of its authority */

struct guest {
	struct link link;            /* of inn.guests */
	const char *user, *resource; /* user NULL: says nothing by itself */
	bool direct_tls;
	bool manages;      /* XEP-0198: says <enable/> and answers <r/> */
	bool mute;         /* does not answer <r/> */
	bool stops_at_tls; /* does not authenticate */

	struct xmpp_wire *wire;
	struct xmpp_auth *auth;
	bool bound, closed, sm_on;
	struct err end;
	unsigned headers;
	unsigned messages, bounces, others; /* that came */
	unsigned pings;    /* answers to what had an id that begins so */
	unsigned expected; /* the id that is to come next */
	bool disordered;
	uint32_t received, acked; /* stanzas that came; our last word on it */
	/* What is still to be said: messages numbered from `next` on. */
	const char *to;
	unsigned next, last;
};

/* A copy of `like`, until the test ends or guest_free. */
struct guest *guest_new(struct guest like);
void guest_connect(struct guest *g);
/* Connected, logged in and bound, or the test fails with why not. */
void guest_enter(struct guest *g);
void guest_say(struct guest *g, const char *xml);
/* Messages with the ids first … last, as fast as they are taken. */
#define GUEST_BODY 1000 /* bytes */
void guest_flood(
	struct guest *g, const char *to, unsigned first, unsigned last);
void guest_leave(struct guest *g); /* </stream:stream> */
void guest_free(struct guest *g);  /* its connection is reset */

#endif
