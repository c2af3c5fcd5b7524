/* ways - how a message is thrown at a tool that listens, whatever it is
 *
 * With system calls alone, so that nothing of what is tested helps.  One
 * target at a time; what fails here ends the process with 1.
 */
#ifndef TESTS_WAYS_H
#define TESTS_WAYS_H

#include <stdbool.h>

#include "base/span.h"

/* "udp", "tcp" and "ws" (RFC 7118).  A stream is a connection of its own that
 * is closed at once. */
struct way {
	const char *name;
	void (*send)(struct span text);
};
const struct way *way_find(const char *name);

void ways_open(const char *host, const char *port);
/* The far side has nothing but WebSocket: it is asked by one too. */
void ways_use_ws(void);
unsigned ways_port(void); /* of our datagrams */

/* Is the OPTIONS with this number answered with 200?  What else comes is of
 * earlier messages. */
bool ways_is_alive(unsigned n);

#endif
