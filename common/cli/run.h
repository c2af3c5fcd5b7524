/* run - from main to exit: what every tool does the same way
 *
 *	int main(int argc, char **argv)
 *	{
 *		struct sipping s = SIPPING_DEFAULTS;
 *		return cli_main(&command, argc, argv, &s);
 *	}
 *
 * cli_main sees to descriptors 0-2, SIGPIPE, the locale, options, signals, the
 * loop, and at the end to stdout, the one line on stderr and the status; a
 * signal that ended the run is raised again, so that a shell sees 130 or 143.
 *
 * The tool's run() is a straight line of waits: it starts something, calls
 * run_until, looks at what came.  Nobody else pumps the loop.  A pure filter
 * calls run_goes_on between two pieces of its work instead.
 *
 * However a run ends, run() still has RUN_FAREWELL for its farewell (BYE,
 * </stream:stream>), by further calls of run_until.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "base/list.h"
#include "cli/opt.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "net/tls.h"

/* Groups every tool or many tools have; tables in cli/groups.c. */
struct output_options {
	bool json;
	bool quiet;
	unsigned verbose; /* 2: the wire, secrets redacted */
};
extern const struct opt output_options[]; /* -j -q -v; -h and -V come free */

struct time_options {
	usec_t wait; /* -w: the whole run's; 0: the tool's default */
};
extern const struct opt time_options[];

/* Both: what nearly every tool ends its table with. */
struct run_options {
	struct time_options time;
	struct output_options output;
};
extern const struct opt run_options[];

struct net_options {
	bool v4, v6;
	const char *resolver;
	struct opt_list connect_to; /* HOST:PORT:ADDR:PORT */
};
extern const struct opt net_options[];

struct tls_options {
	const char *ca, *cert, *key, *tls_name, *pin;
	bool insecure; /* run_tls_config warns of it */
};
extern const struct opt tls_options[];

struct out;

struct run {
	const struct command *command;
	struct loop *loop;
	struct out *out; /* stdout's records */
	struct output_options output;
	usec_t deadline; /* monotonic; USEC_NEVER */
	usec_t allowed;  /* what -w or its default gave; for sentences */
	int signal;      /* that asked to end; 0: none */
	int exit_code; /* instead of the outcome's: --nagios; 0: the outcome's */
	struct resolver *resolver; /* private: see run_resolver */
	struct link outputs;       /* private: see run_output */
	bool turning;              /* private: inside a handler */
	bool ending;               /* private: an end was reported */
};

int cli_main(const struct command *c, int argc, char **argv, void *settings);

/* What a tool's run() calls first: its groups become the run's.  fallback is
 * the deadline where -w gives none, in microseconds from now; USEC_NEVER:
 * none. */
void run_use(struct run *r, const struct run_options *o, usec_t fallback);
void run_use_output(struct run *r, const struct output_options *o);
void run_use_deadline(
	struct run *r, const struct time_options *o, usec_t fallback);

/* A client's TLS by these options, with SSLKEYLOGFILE, after a warning where
 * nothing is verified; alpn may be NULL.  The caller's to free; NULL and e. */
struct tls_config *run_tls_config(struct run *r, const struct tls_options *o,
	const char *alpn, struct err *e);
/* The same as settings, for who makes several of them; strings of o. */
struct tls_settings run_tls_settings(
	struct run *r, const struct tls_options *o);

/* The resolver of the run, made when first asked for; NULL and e. */
struct resolver *run_resolver(
	struct run *r, const struct net_options *o, struct err *e);

/* A second place for records, next to stdout: --records FILE|FD, where FD is
 * a number.  Waited for, checked and closed by cli_main as stdout is; NULL and
 * e where it cannot be opened.  It starts with the form of r->out. */
struct out *run_output(struct run *r, const char *file_or_fd, struct err *e);

#define RUN_FAREWELL (1500 * USEC_MS)

enum run_end {
	RUN_DONE,        /* done(arg) is true */
	RUN_DEADLINE,    /* it came first */
	RUN_SIGNAL,      /* SIGINT, SIGTERM, SIGHUP: say farewell and leave */
	RUN_READER_LEFT, /* stdout is gone: its reader, or the disk is full */
};

/* Turns the loop until one of them is so; deadline is monotonic and the run's
 * own one counts as well.  done may be NULL: until one of the others.
 *
 * A second signal ends the process at once.  After a signal, a lost stdout or
 * the run's own deadline was reported once, further calls go on to wait, so
 * that a farewell can be sent with the same function; the run's deadline is
 * RUN_FAREWELL from then. */
enum run_end run_until(
	struct run *r, bool (*done)(void *arg), void *arg, usec_t deadline);

/* The wait of who listens: until done(arg), until a signal or the reader of
 * stdout ends it, or for so many seconds (--for; 0: without end), which is a
 * good end too.  False and e where the run's own deadline came first, of which
 * unfinished is the sentence, or where stdout is lost.  What done saw is the
 * caller's to judge. */
bool run_listen(struct run *r, bool (*done)(void *arg), void *arg,
	usec_t seconds, const char *unfinished, struct err *e);

/* The sentence and status for RUN_DEADLINE, with the seconds that were given;
 * what is "no answer from sip:pbx.example.org".  Returns false. */
bool run_timed_out(const struct run *r, const char *what, struct err *e);

/* For filters, between two blocks of input: sees to stdout and signals, waits
 * while stdout is full; false: leave, the reader is gone or a signal came. */
bool run_goes_on(struct run *r);

/* stderr: "tool: sentence", peer's text made printable.  warn not with -q,
 * note only with -v, wire only with -vv: there what is a direction or a peer,
 * secrets already taken out, lines kept. */
void run_warn(const struct run *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void run_note(const struct run *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void run_wire(const struct run *r, const char *what, struct span bytes);

#endif
