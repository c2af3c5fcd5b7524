/* trial - a tool that does nothing but what the cli does for every tool
 *
 * The tests of options, records, signals, deadlines, stdout and passwords
 * need no network: this is the tool they try them on.  It is built with the
 * tests and never installed.
 */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/account.h"
#include "cli/input.h"
#include "cli/lines.h"
#include "cli/out.h"
#include "cli/record.h"
#include "cli/run.h"

struct trial {
	struct run_options run;
	struct xmpp_account_options account;
	const char *records;
	int64_t count;
};

static const struct opt options[] = {
	{ OPT_FILE, 0, "records", "FILE|FD", "records go there",
		.offset = offsetof(struct trial, records) },
	{ OPT_NUMBER, 'c', "count", "N", "how many records",
		.offset = offsetof(struct trial, count), .min = 1,
		.max = 100000000 },
	{ OPT_REFUSED, 0, "muc", "ROOM", "rooms are not there yet" },
	{ OPT_USE, .use = run_options, .offset = offsetof(struct trial, run) },
	{ OPT_USE, .use = xmpp_account_options,
		.offset = offsetof(struct trial, account) },
	{ OPT_END },
};

static bool event(struct run *r, struct out *out, const char *name,
	const char *text, struct err *e)
{
	struct record record;
	record_begin(&record, out, RECORD_EVENT, RECORD_NO_PROTO,
		loop_wall(r->loop));
	record_str(&record, KEY_EVENT, name);
	if (text)
		record_str(&record, KEY_TEXT, text);
	return record_end(&record, e);
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

/* Waits to be ended, then takes a farewell that needs the loop. */
static bool do_wait(struct run *r, struct trial *t, struct err *e)
{
	static const char *const ends[] = { [RUN_DONE] = "done",
		[RUN_DEADLINE] = "deadline",
		[RUN_SIGNAL] = "signal",
		[RUN_READER_LEFT] = "reader-left" };
	struct record ready;
	(void)t;
	record_begin(&ready, r->out, RECORD_READY, RECORD_NO_PROTO,
		loop_wall(r->loop));
	record_int(&ready, KEY_PORT, getpid());
	if (!record_end(&ready, e))
		return false;
	enum run_end end = run_until(r, never, NULL, USEC_NEVER);
	run_until(r, never, NULL, loop_now(r->loop) + 20 * USEC_MS);
	run_note(r, "farewell after %s", ends[end]);
	event(r, r->out, "farewell", ends[end], NULL);
	if (end == RUN_DEADLINE)
		return run_timed_out(r, "no answer from nobody", e);
	return true;
}

/* A farewell that nobody answers: the run must end all the same. */
static bool do_linger(struct run *r, struct trial *t, struct err *e)
{
	(void)t;
	if (!event(r, r->out, "lingering", NULL, e))
		return false;
	run_until(r, never, NULL, USEC_NEVER);
	run_until(r, never, NULL, USEC_NEVER);
	return true;
}

/* As a filter does: as many records as stdout takes. */
static bool do_flood(struct run *r, struct trial *t, struct err *e)
{
	struct out *out = r->out;
	if (t->records && !(out = run_output(r, t->records, e)))
		return false;
	for (int64_t i = 0; i < t->count; i++) {
		if (!event(r, out, "flood", "0123456789abcdef", e))
			return !err_is_set(e);
		if (i % 256 == 0 && !run_goes_on(r))
			return true;
	}
	return true;
}

static bool do_refuse(struct run *r, struct trial *t, struct err *e)
{
	(void)r, (void)t;
	err_set(e, STATUS_REFUSED, "no such user: %s", "\033[2Jmallory\n9");
	err_prefix(e, "example.org");
	return false;
}

static bool do_nothing(struct run *r, struct trial *t, struct err *e)
{
	(void)r, (void)t, (void)e;
	return false;
}

static bool do_warn(struct run *r, struct trial *t, struct err *e)
{
	(void)t, (void)e;
	run_warn(r, "a warning");
	run_note(r, "a note");
	run_wire(r, ">", SPAN("OPTIONS\r\n\x1b\r\n"));
	return true;
}

static bool do_account(struct run *r, struct trial *t, struct err *e)
{
	struct account a;
	if (!account_open_xmpp(&a, &t->account, e))
		return false;
	bool done = event(r, r->out, "address", a.address, e);
	if (done && a.server)
		done = event(r, r->out, "server", a.server, e);
	if (done && a.tls.ca)
		done = event(r, r->out, "ca", a.tls.ca, e);
	account_clear(&a);
	return done;
}

/* Says the password: this is no tool that anybody has. */
static bool do_password(struct run *r, struct trial *t, struct err *e)
{
	struct account a;
	if (!account_open_xmpp(&a, &t->account, e))
		return false;
	char *password = account_password(r, &a, e);
	bool done = password && event(r, r->out, "password", password, e);
	mem_free_wiped(password);
	account_clear(&a);
	return done;
}

static bool do_copy(struct run *r, struct trial *t, struct err *e)
{
	struct buf in = BUF_INIT(1000);
	(void)t;
	bool done = input_read_whole(r, "-", &in, e) &&
		    out_write(r->out, buf_view(&in), e);
	buf_clear(&in);
	return done;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	static const struct {
		const char *word;
		bool (*perform)(struct run *r, struct trial *t, struct err *e);
	} words[] = {
		{ "wait", do_wait },
		{ "linger", do_linger },
		{ "flood", do_flood },
		{ "refuse", do_refuse },
		{ "nothing", do_nothing },
		{ "warn", do_warn },
		{ "account", do_account },
		{ "password", do_password },
		{ "copy", do_copy },
	};
	struct trial *t = settings;
	run_use(r, &t->run, USEC_NEVER);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, operands[0]) == 0)
			return words[i].perform(r, t, e);
	return err_set(e, STATUS_USAGE, "no such word: %s", operands[0]);
}

static const struct command command = {
	.name = "trial",
	.summary = "try what all tools have in common",
	.synopsis = "[options] WORD",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};

int main(int argc, char **argv)
{
	struct trial t = { .count = 1 };
	return cli_main(&command, argc, argv, &t);
}
