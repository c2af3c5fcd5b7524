/* fault - what xmppserve does wrong on purpose, and when
 *
 * --fault WHEN:WHAT[:N]: at the N-th time (1) that WHEN happens, and for
 * bounce from then on, WHAT is done.
 *
 *	WHEN	connect proceed success bound message ping
 *	WHAT	silent	nothing more is said on that connection
 *		close	the stream is closed in order
 *		reset	the connection is dropped without a word
 *		half	half a stanza is sent, and no more
 *		malformed	what is no XML is sent
 *		bounce	of message and ping: an error, service-unavailable
 */
#ifndef XMPPSERVE_FAULT_H
#define XMPPSERVE_FAULT_H

#include "cli/opt.h"

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

struct faults {
	struct fault {
		enum fault_what what;
		uint32_t at, seen;
	} of[FAULT_WHEN_COUNT];
};

bool fault_parse(
	struct faults *f, const struct opt_list *options, struct err *e);
/* It happened once more: what is to be done. */
enum fault_what fault_now(struct faults *f, enum fault_when when);

#endif
