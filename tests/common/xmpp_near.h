/* xmpp_near - a client on a simulated network against tests/common/xmpp_peer
 */
#ifndef TESTS_XMPP_NEAR_H
#define TESTS_XMPP_NEAR_H

#include "tests/common/xmpp_peer.h"
#include "xmpp/client.h"
#include "xmpp/deliver.h"
#include "xmpp/known.h"

#define NEAR_AT "192.0.2.7:5222"

struct near {
	struct sim *sim;
	struct loop *loop;
	struct resolver *resolver;
	struct peer peer;
	struct xmpp_stream_settings settings;
	struct xmpp_target target; /* of settings.server */
	struct xmpp_jid jid;
	struct xmpp_client *client;
	usec_t started, ended_at;
	/* what it was told */
	int online, ended, messages, presences, rosters;
	struct err end;
	struct buf bodies;             /* of the messages, each with a '|' */
	bool defers;                   /* messages are not handled */
	uint32_t deferred;             /* the last one's number */
	struct xmpp_archive **archive; /* is asked first; NULL */
	/* of one delivery */
	int delivered;
	struct err outcome;
};

extern struct near near; /* one at a time */

/* For cmocka: a network, a peer of PEER_DOMAIN, settings that fit it. */
int near_setup(void **state);
int near_teardown(void **state);
/* The same, with a state folder of its own in which things are kept. */
int near_setup_remembering(void **state);
int near_teardown_remembering(void **state);

void near_start(void); /* the client */
void near_go(usec_t limit);
bool near_has_ended(void *arg);
/* Online within 20 s, or the test fails with why not. */
void near_start_online(void);
/* It ended with this status, and a sentence of which this is a part. */
void near_assert_end(enum status status, const char *part);
/* Takes the client away, once it has said farewell, for another to come. */
void near_leave(void);
/* One run online, so that the server is known; and what is known of it. */
void near_get_to_know(void);
struct xmpp_known near_known(void);
struct xml_element *near_message(const char *to, const char *body);
void near_deliver(const char *to, usec_t wait);
void near_assert_outcome(enum status status, const char *part);

#endif
