/* token - what a client may show instead of its password (XEP-0484)
 *
 * Per client, known by the id of its user agent, and per mechanism.  Two slots,
 * as section 5 has them: a new token ends the current one only when it is used,
 * so that who was cut off before it came can still log in.
 */
#ifndef XMPPSERVE_TOKEN_H
#define XMPPSERVE_TOKEN_H

#include "user.h"
#include "xmpp/ht.h"

#define TOKEN_LIFE ((usec_t)14 * 86400 * USEC_SEC)
/* A client that shows one with less than this left gets a new one. */
#define TOKEN_RENEWAL ((usec_t)7 * 86400 * USEC_SEC)
#define TOKENS_MAX 100 /* of one user: the one not used for longest goes */
#define TOKEN_LENGTH 52

struct token {
	char text[TOKEN_LENGTH + 1]; /* "": none */
	usec_t expiry;               /* wall */
};

/* A new one for that client, by the mechanism; NULL where the agent's id is
 * none. */
const struct token *token_make(
	struct user *u, const char *agent, const char *mechanism, usec_t wall);

/* Does the proof show a token of that client?  It is the current one from then
 * on.  *used is it, until the next call. */
bool token_check(struct user *u, const char *agent, const char *mechanism,
	struct span proof, struct span data, usec_t wall,
	const struct token **used);

void token_forget_all(struct user *u);

#endif
