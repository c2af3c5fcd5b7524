/* opt - one table of options per tool: parsed, helped, completed, documented
 *
 * A tool has a struct of its settings and a table that says which option
 * fills which member.  Groups that several tools share (output, time, TLS,
 * accounts …) are tables over a struct of their own, nested by OPT_USE.  From
 * the tables come getopt_long's arrays, --help, and with --dump-options the
 * TSV (group, letter, name, kind, argument, words, help) from which
 * completions are generated and man pages are checked.  -h, -V and
 * --dump-options every tool has without saying so.
 *
 * Letters mean the same in every tool; the registry is in opt_registry.c and
 * a test compares the tools with it.
 */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum opt_kind {
	OPT_END,
	OPT_GROUP,    /* a heading in --help: only `help` */
	OPT_USE,      /* the table `use`, over the struct at offset */
	OPT_FLAG,     /* bool */
	OPT_COUNT,    /* unsigned: how often it was given */
	OPT_STRING,   /* const char * */
	OPT_FILE,     /* const char *, a path to complete */
	OPT_JID,      /* const char * */
	OPT_SIP_URI,  /* const char * */
	OPT_ACCOUNT,  /* const char *, a name in the accounts file */
	OPT_ENDPOINT, /* const char *, HOST[:PORT] */
	OPT_WORD,     /* const char *, one of words */
	OPT_NUMBER,   /* int64_t within min … max */
	OPT_DURATION, /* usec_t within min … max (clock_parse_duration) */
	OPT_LIST,     /* struct opt_list: a string each time it is given */
	OPT_REFUSED,  /* known, not there yet: `help` is the sentence; in no
		       * --help, and it takes an argument where `arg` is */
};

struct opt_list {
	const char **items; /* with a NULL at the end; NULL where empty */
	size_t count;
};

struct opt {
	enum opt_kind kind;
	char letter;      /* 0: none */
	const char *name; /* without the dashes; NULL: none */
	const char *arg;  /* "SECONDS"; NULL where it takes none */
	const char *help; /* one line, no full stop */
	size_t offset;
	const char *const *words; /* OPT_WORD, ends with NULL */
	const struct opt *use;
	int64_t min, max; /* of NUMBER and DURATION (in microseconds), both
			   * included; 0, 0: any that is not negative */
};

struct run;

struct command {
	const char *name;     /* "sipping" */
	const char *summary;  /* "ping a SIP server with OPTIONS" */
	const char *synopsis; /* "[options] URI" */
	const struct opt *options;
	int min_operands, max_operands; /* max -1: any number */
	const char *operand_kind; /* for completion: jid sip-uri file "" */
	/* All of the tool; settings is what main gave cli_main.  Returns the
	 * outcome: false with e.  See cli/run.h. */
	bool (*run)(
		struct run *r, void *settings, char **operands, struct err *e);
};

enum opt_parsed {
	OPT_RUN,  /* settings and operands are filled */
	OPT_HELP, /* the other three: print that and leave with 0 */
	OPT_VERSION,
	OPT_DUMP,
	OPT_FAILED, /* e has STATUS_USAGE and the sentence */
};

/* Fills settings; operands are what is left, NULL at the end, the strings
 * those of argv.  An option given twice keeps the last value. */
enum opt_parsed opt_parse(const struct command *c, int argc, char **argv,
	void *settings, char ***operands, struct err *e);

/* Gives back what opt_parse allocated in settings (the lists). */
void opt_clear(const struct command *c, void *settings);

void opt_help(const struct command *c, struct buf *out);
void opt_version(const struct command *c, struct buf *out);
void opt_dump(const struct command *c, struct buf *out);

/* Every option of the tool, tables in tables followed, one after the other
 * with the heading it stands under and the offset of its member; false when
 * there is no more.  *at is 0 at the start. */
struct opt_place {
	const struct opt *opt;
	const char *group; /* "" before the first heading */
	size_t offset;
};
bool opt_next(const struct command *c, size_t *at, struct opt_place *place);

/* The long name the letter has in this tool, by the registry; NULL where it
 * may not be used.  opt_letter walks the registry: a line of samtal(7) for
 * each, false at the end. */
const char *opt_registered(const char *tool, char letter);
struct opt_letter {
	char letter;
	const char *name;
	const char *tool; /* NULL: in all of them, else the exception's */
};
bool opt_letter_at(size_t index, struct opt_letter *out);

#endif
