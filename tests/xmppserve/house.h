/* house - xmppserve from inside: its server, and sessions without a wire
 *
 * What a session is sent stays in its outbox, so that a test can look at it:
 * each stanza as one line of what matters,
 *
 *	message chat alice@our.example/a > bob@our.example: hello
 *	presence unavailable alice@our.example/a > bob@our.example
 *	iq set - > bob@our.example/b: alice@our.example none ask
 *	message error bob@our.example > alice@our.example/a: service-unavailable
 *
 * with "-" for an address or type that is not there.  "our.example" is written
 * "~" in what is said and expected.
 */
#ifndef TESTS_XMPPSERVE_HOUSE_H
#define TESTS_XMPPSERVE_HOUSE_H

#include "base/buf.h"
#include "cmd/xmppserve/session.h"
#include "net/sim.h"
#include "xml/parser.h"

#define HOUSE_DOMAIN "our.example"

struct house {
	struct sim *sim;
	struct server server;
	struct xml_parser *parser;
	struct session *speaker;
	struct buf events; /* "bound alice@…/a|" … */
};

extern struct house house; /* one at a time */

/* For cmocka: users alice, bob and carol, whose passwords are pw. */
int house_setup(void **state);
int house_teardown(void **state);

/* A resource of one of them, connected; no presence yet. */
struct session *house_bind(const char *user, const char *resource);
/* The same with presence of that priority, and with the roster asked for;
 * what it is sent meanwhile is forgotten. */
struct session *house_enter(
	const char *user, const char *resource, int priority);

/* It says one stanza, or several. */
void house_say(struct session *c, const char *xml);
/* Everything that waits for it, taken: a line each, "|" between them. */
const char *house_hear(struct session *c);

/* What it heard is this, in this order. */
#define assert_heard(c, expected)                                              \
	house_assert_heard((c), (expected), __FILE__, __LINE__)
void house_assert_heard(
	struct session *c, const char *expected, const char *file, int line);
/* All of them but NULL forget what they heard. */
void house_forget(struct session *const *list, size_t count);

#endif
