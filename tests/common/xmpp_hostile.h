/* xmpp_hostile - streams that must be refused, each with its stream error
 * condition (RFC 6120 section 4.9.3) and next to a legitimate twin that must be
 * taken
 */
#ifndef TESTS_XMPP_HOSTILE_H
#define TESTS_XMPP_HOSTILE_H

#include "base/buf.h"

#define HOSTILE_NS                                                             \
	"xmlns='jabber:client' "                                               \
	"xmlns:stream='http://etherx.jabber.org/streams'"
#define HOSTILE_HEAD "<stream:stream " HOSTILE_NS ">"

/* {N*text} stands for text N times. */
struct hostile {
	const char *what, *condition;
	const char *bad, *good;
};

extern const struct hostile hostile_within[]; /* behind the stream header */
extern const size_t hostile_within_count;
extern const struct hostile hostile_from_the_start[];
extern const size_t hostile_from_the_start_count;

void hostile_expand(struct buf *out, const char *text);

#endif
