/* sip_guard - a server on the simulated network that asks for a password, and
 * a user agent that sends it one request after the other
 */
#ifndef TESTS_SIP_GUARD_H
#define TESTS_SIP_GUARD_H

#include "tests/common/sip_asker.h"
#include "tests/common/sip_raw.h"

/* Answers 200 to who has the password, a challenge to all others; its log has
 * "METHOD CSEQ WHAT NC;" for each request. */
struct sip_guard {
	struct sip_raw raw;
	unsigned code;          /* 401 or 407 */
	const char *challenges; /* lines, with @ for the nonce */
	const char *nonce;
	const char *password;
	const char *realm;
	const char *next_nonce; /* told with the 200 */
	const char *lines;      /* of the 200 */
	unsigned uses;          /* of a nonce, then it is stale; 0: any */
	unsigned used;
	bool is_fickle; /* every nonce is stale at once */
	struct buf log;
};

#define assert_log(g, want)                                                    \
	do {                                                                   \
		assert_span(buf_view(&(g)->log), want);                        \
		buf_reset(&(g)->log);                                          \
	} while (0)

struct sip_guarded {
	struct sip_asker asker;
	struct sip_guard guard;
};

/* The guard asks by a 401 with MD5 in the realm "home", until told otherwise. */
void sip_guarded_open(
	struct sip_guarded *w, const struct sip_login_settings *login);
void sip_guarded_close(struct sip_guarded *w);
/* One request, which has exactly one answer. */
void sip_guarded_send(
	struct sip_guarded *w, const char *next_hop, bool is_theirs);

#endif
