/* source - standard input as stanzas, checked before anything of it goes out
 *
 * Whole: all of it is read and checked first, up to SOURCE_MAX bytes.  As a
 * stream: a stanza is given as soon as its end has come, and what is behind is
 * read when it was taken.
 */
#ifndef XMPPRAW_SOURCE_H
#define XMPPRAW_SOURCE_H

#include "cli/run.h"
#include "xmpp/stanza.h"

#define SOURCE_MAX (16 * 1024 * 1024)

struct source;

/* May a stanza be sent here?  False and e, without the place. */
typedef bool source_check(
	void *arg, const struct xml_element *s, struct err *e);

/* ready is called when there is more in a stream.  NULL: e, or a signal came
 * while it was read. */
struct source *source_open(struct run *r, int fd, bool stream,
	source_check *check, void (*ready)(void *arg), void *arg,
	struct err *e);
void source_close(struct source *i); /* NULL is fine */

enum source_got { SOURCE_NONE, SOURCE_STANZA, SOURCE_END, SOURCE_FAULT };
/* SOURCE_NONE: not yet, `ready` tells; *out is the caller's. */
enum source_got source_next(
	struct source *i, struct xml_element **out, struct err *e);

/* Of a whole one: begins again. */
void source_rewind(struct source *i);

#endif
