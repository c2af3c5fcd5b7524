/* sip_asker - a user agent with a login that sends one MESSAGE after the other,
 * "hello" from sip:alice@192.0.2.2, on the simulated network, and knows what
 * became of the last
 */
#ifndef TESTS_SIP_ASKER_H
#define TESTS_SIP_ASKER_H

#include "net/sim.h"
#include "sip/request.h"
#include "sip/ua.h"

#define SIP_ASKER_AT "192.0.2.1:5060"
#define SIP_ASKER_SERVER "192.0.2.2:5060" /* of the URI, at the start */

struct sip_asker {
	struct sim *sim;
	struct sip_login *login;
	struct sip_ua *ua;
	const char *uri;             /* sip:b@192.0.2.2 */
	uint32_t cseq;               /* of the first: 7 */
	struct sip_request *request; /* the one under way */
	unsigned code, responses, ended;
	struct err e; /* of the refusal, or why there was no answer */
};

/* Alice, whose password is "secret". */
extern const struct sip_login_settings sip_asker_alice;

void sip_asker_open(
	struct sip_asker *a, const struct sip_login_settings *login);
/* Runs until all is over; `gone` is called before the simulation goes. */
void sip_asker_close(struct sip_asker *a, void (*gone)(void *arg), void *arg);

/* Sends one, and lets 100 ms go by: it has ended then. */
void sip_asker_send(struct sip_asker *a, const char *next_hop, bool is_theirs);

#endif
