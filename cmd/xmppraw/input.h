/* input - standard input as stanzas, checked before anything of it goes out
 *
 * Whole: all of it is read and checked first, up to INPUT_MAX bytes.  As a
 * stream: a stanza is given as soon as its end has come, and what is behind is
 * read when it was taken.
 */
#ifndef XMPPRAW_INPUT_H
#define XMPPRAW_INPUT_H

#include "cli/run.h"
#include "xmpp/stanza.h"

#define INPUT_MAX (16 * 1024 * 1024)

struct input;

/* May a stanza be sent here?  False and e, without the place. */
typedef bool input_check(void *arg, const struct xml_element *s, struct err *e);

/* ready is called when there is more in a stream.  NULL: e, or a signal came
 * while it was read. */
struct input *input_open(struct run *r, int fd, bool stream, input_check *check,
	void (*ready)(void *arg), void *arg, struct err *e);
void input_close(struct input *i); /* NULL is fine */

enum input_got { INPUT_NONE, INPUT_STANZA, INPUT_END, INPUT_FAULT };
/* INPUT_NONE: not yet, `ready` tells; *out is the caller's. */
enum input_got input_next(
	struct input *i, struct xml_element **out, struct err *e);

/* Of a whole one: begins again. */
void input_rewind(struct input *i);

#endif
