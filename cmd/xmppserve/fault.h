/* fault - what xmppserve does wrong on purpose, and when
 *
 * --fault WHEN:WHAT[:N]: at the N-th time (the first) that WHEN happens, on
 * whatever connection, and for bounce from then on, WHAT is done.  Of several
 * that are due at the same time the one given first is done.
 *
 *	WHEN	connect		a client is connected
 *		proceed		it was told to go on with TLS
 *		success		it was told that it is authenticated, and goes on
 *		bound		it was told its resource
 *		message ping	it sent one
 *	WHAT	silent		nothing more is said on that connection
 *		close		the stream is closed in order
 *		reset		the connection is dropped without a word
 *		half		half an element is sent, and nothing more
 *		malformed	what is no XML is sent, and nothing more
 *		bounce		of message and ping: service-unavailable
 */
#ifndef XMPPSERVE_FAULT_H
#define XMPPSERVE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum fault_when {
	FAULT_CONNECT,
	FAULT_PROCEED,
	FAULT_SUCCESS,
	FAULT_BOUND,
	FAULT_MESSAGE,
	FAULT_PING,
	FAULT_WHEN_COUNT
};

enum fault_what {
	FAULT_NONE,
	FAULT_SILENT,
	FAULT_CLOSE,
	FAULT_RESET,
	FAULT_HALF,
	FAULT_MALFORMED,
	FAULT_BOUNCE,
	FAULT_WHAT_COUNT
};

#define FAULTS_MAX 64

struct faults {
	struct fault {
		enum fault_when when;
		enum fault_what what;
		uint32_t at;
	} list[FAULTS_MAX];
	size_t count;
	uint32_t seen[FAULT_WHEN_COUNT];
};

/* One --fault more; false and STATUS_USAGE. */
bool fault_add(struct faults *f, const char *option, struct err *e);
/* It happened once more: what is to be done. */
enum fault_what fault_now(struct faults *f, enum fault_when when);

#endif
