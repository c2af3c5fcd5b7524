/* opt - one table of options per tool: parsed, helped, completed, documented
 *
 * A tool has a struct of its settings and a table that says which option
 * fills which member.  Groups that several tools share (output, time, TLS,
 * accounts …) are tables over a struct of their own, nested by OPT_USE.  From
 * the tables come getopt_long's arrays, --help, and with --dump-options the
 * TSV (group, letter, name, kind, argument, words, help) from which
 * completions are generated and man pages are checked.
 *
 * Letters mean the same in every tool; the registry is in opt_registry.c and
 * a test compares the tools with it.
 */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	OPT_REFUSED,  /* known, not there yet: `help` is the sentence */
};

struct opt_list {
	const char **items;
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
	int64_t min, max; /* 0, 0: any that is not negative */
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

/* Fills settings; operands are what is left, NULL at the end, the strings
 * those of argv.  False: e has STATUS_USAGE and the sentence. */
bool opt_parse(const struct command *c, int argc, char **argv, void *settings,
	char ***operands, struct err *e);

#endif
