/* torture - SIP messages that are hard, and what may become of them
 *
 * A row for each message of RFC 4475 and RFC 5118, and for messages that
 * broke other programs.  Each has a message of our own with the fault (or
 * the oddity) of that section, and the verdicts the RFC's text allows, per
 * role.  The RFCs' own messages, where they are on this machine, are held to
 * the same rows.  Another role is another column.
 */
#ifndef TESTS_TORTURE_H
#define TESTS_TORTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

enum torture_role {
	TORTURE_ELEMENT,    /* takes any method and body: a parser, a sniffer */
	TORTURE_USER_AGENT, /* INVITE, OPTIONS, MESSAGE; SDP and plain text */
	TORTURE_ROLES
};
extern const char *const torture_roles[TORTURE_ROLES];

/* A verdict is one of these or the status code of the reply. */
enum { TORTURE_ACCEPT = 1, TORTURE_DROP = 2 };

struct torture {
	const char *name, *section;
	int allowed[TORTURE_ROLES][3]; /* what we do stands first */
	const char *text;
	size_t length; /* there are NULs in some */
};

#define TORTURE_RFC4475 49
#define TORTURE_RFC5118 12
#define TORTURE_OTHERS 29
extern const struct torture torture_rfc4475[TORTURE_RFC4475];
extern const struct torture torture_rfc5118[TORTURE_RFC5118];
extern const struct torture torture_others[TORTURE_OTHERS];

bool torture_is_allowed(
	const struct torture *row, enum torture_role role, int verdict);

/* The RFC's own message of a row, from $SAMTAL_SHARED/data or
 * ../shared/data; empty where it is not there. */
struct span torture_file(const struct torture *row, const char *dir,
	const char *suffix, char *bytes, size_t size);

#endif
