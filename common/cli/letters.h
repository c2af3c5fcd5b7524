/* letters - the messages that a sending tool takes from its input
 *
 * Standard input is one message, or with -l a message a line, or with
 * --json-input a record each (samtal-records(5)).  Recipients are those of the
 * command line and of --to-file; without any, a record says its own.  However
 * long the input, memory stays the same: who takes slowly lets the writer
 * wait.
 *
 *	while (run_until(r, letters_has_next, letters, USEC_NEVER) == RUN_DONE &&
 *		letters_next(letters, &letter, e) == LINES_LINE)
 *		…
 */
#ifndef CLI_LETTERS_H
#define CLI_LETTERS_H

#include "cli/lines.h"
#include "cli/record_in.h"
#include "cli/run.h"

struct letters_options {
	bool lines, json, strict, reply, allow_empty;
	const char *to_file;
};
extern const struct opt letters_options[];

struct letter {
	struct span body;
	/* Of a record, and empty where it has none. */
	struct span to, subject, content_type, message_type, thread, lang;
};

struct letters;

/* proto: records of the other one are passed over.  body_max bytes of a body.
 * NULL: e; where the input is one message, it is read now. */
struct letters *letters_open(struct run *r, const struct letters_options *o,
	enum record_proto proto, size_t body_max, struct err *e);
/* Says on stderr what was passed over. */
void letters_close(struct letters *l); /* NULL is fine */

/* As lines_next.  One final newline is not part of a message; an empty one is
 * STATUS_MALFORMED, an empty line is passed over, unless --allow-empty.  The
 * letter is borrowed until the next call. */
enum lines_got letters_next(
	struct letters *l, struct letter *letter, struct err *e);
bool letters_has_next(void *letters); /* it would not be LINES_NONE */

/* Does the input say when it ends?  Then the run has no deadline of its own
 * but for -w. */
bool letters_is_stream(const struct letters_options *o);

/* ---- recipients ---- */

/* Those of the operands and of --to-file, where empty lines and those that
 * begin with '#' do not count. */
struct recipients {
	char **items;
	size_t count;
};
/* False: e; also where there is none, unless records may say them. */
bool recipients_read(struct recipients *to, struct run *r,
	const struct letters_options *o, char **operands, struct err *e);
void recipients_clear(struct recipients *to);

#endif
