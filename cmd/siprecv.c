/* siprecv - print the SIP messages that come
 *
 * RFC 3428.  A message is answered with 200 when its record has been written,
 * not before: whoever sent what a full disk or a kill has kept from the reader
 * is not told that it was delivered.  With --exec it is answered when its
 * command has ended with 0. */
#include "cli/exec.h"
#include "cli/out.h"
#include "cli/record.h"
#include "cli/sip_listen.h"
#include "sip/header.h"
#include "sip/inbox.h"

/* A body in a message of the largest size there can be. */
#define BODY_MAX SIP_MSG_MAX
/* While more messages or bytes wait for stdout, others are put off. */
#define WAITING_MAX 1000
#define WAITING_BYTES_MAX (4 * 1024 * 1024)
/* A flood of requests by UDP, each remembered for 32 s, has some hundred MB. */
#define TRANSACTIONS_MAX 100000

struct options {
	struct run_options run;
	struct sip_agent_options agent;
	struct sip_listen_options where;
	const char *exec;
	struct opt_list accept;
	int64_t count;
	usec_t listen_for; /* 0: without an end */
	bool body;
};

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Listening" },
	{ OPT_NUMBER, 'c', "count", "N", "end after so many messages",
		.offset = offsetof(struct options, count), .min = 1,
		.max = INT64_MAX },
	{ OPT_DURATION, 0, "for", "SECONDS", "listen so long, then end with 0",
		.offset = offsetof(struct options, listen_for), .min = USEC_MS,
		.max = 365 * 86400 * USEC_SEC },
	{ OPT_USE, .use = sip_listen_options,
		.offset = offsetof(struct options, where) },
	{ OPT_LIST, 0, "accept", "TYPE",
		"take this media type only; may be given again (any)",
		.offset = offsetof(struct options, accept) },
	{ OPT_FLAG, 0, "body",
		.help = "print the bare bytes of the body, and nothing else",
		.offset = offsetof(struct options, body) },
	{ OPT_STRING, 0, "exec", "COMMAND",
		"run it for each message, with the record on its input",
		.offset = offsetof(struct options, exec) },
	{ OPT_USE, .use = sip_agent_options,
		.offset = offsetof(struct options, agent) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

struct siprecv {
	struct run *run;
	const struct options *options;
	struct sip_agent agent;
	struct sip_listen where;
	struct sip_inbox *inbox;
	struct exec *exec; /* NULL: records are printed */
	int64_t taken;
	struct err fault; /* of stdout, or of the command */
};

static bool is_enough(const struct siprecv *t)
{
	return t->options->count && t->taken >= t->options->count;
}

/* ---- what comes ---- */

/* The URI; the whole value where it cannot be taken apart. */
static struct span party(const struct sip_scan *m, enum sip_hdr kind)
{
	struct span value = sip_scan_value(m, kind);
	struct sip_addr a;
	return sip_addr_parse(&a, value, NULL) ? a.uri : value;
}

static void add(struct record *r, enum record_key key, struct span value)
{
	if (value.n)
		record_text(r, key, value);
}

static bool write_record(
	struct siprecv *t, struct out *out, const struct sip_scan *m)
{
	struct record r;
	record_begin(
		&r, out, RECORD_MESSAGE, RECORD_SIP, loop_wall(t->run->loop));
	record_text(&r, KEY_FROM, party(m, SIP_HDR_FROM));
	record_text(&r, KEY_TO, party(m, SIP_HDR_TO));
	add(&r, KEY_CALL_ID, sip_scan_value(m, SIP_HDR_CALL_ID));
	add(&r, KEY_SUBJECT, sip_scan_value(m, SIP_HDR_SUBJECT));
	add(&r, KEY_CONTENT_TYPE, sip_scan_value(m, SIP_HDR_CONTENT_TYPE));
	record_text(&r, KEY_BODY, m->body);
	return record_end(&r, &t->fault);
}

static bool print(struct siprecv *t, const struct sip_scan *m)
{
	struct out *out = t->run->out;
	if (t->options->body)
		return out_write(out, m->body, &t->fault);
	if (!t->exec)
		return write_record(t, out, m);
	out = exec_begin(t->exec, &t->fault);
	return out && write_record(t, out, m) && exec_end(t->exec, &t->fault);
}

static bool is_busy(const struct siprecv *t)
{
	return t->exec ? exec_is_full(t->exec)
		       : out_waiting(t->run->out) > WAITING_BYTES_MAX;
}

/* What is not wanted any more is refused, so that its sender knows. */
static unsigned on_message(void *arg, struct sip_scan *m)
{
	struct siprecv *t = arg;
	if (is_enough(t) || t->run->signal || err_is_set(&t->fault) ||
		!out_has_reader(t->run->out))
		return 480;
	if (is_busy(t))
		return 503;
	if (!print(t, m))
		return 500;
	t->taken++;
	return 0;
}

static void on_written(void *arg)
{
	struct siprecv *t = arg;
	if (!t->exec)
		sip_inbox_answer_all(t->inbox, 200);
}

static void on_exec(void *arg, const struct err *e)
{
	struct siprecv *t = arg;
	sip_inbox_answer(t->inbox, err_is_set(e) ? 500 : 200);
	if (!err_is_set(e) || err_is_set(&t->fault))
		return;
	t->fault = *e;
	err_prefix(&t->fault, "--exec");
	exec_stop(t->exec);
}

/* ---- the run ---- */

static bool is_over(void *arg)
{
	const struct siprecv *t = arg;
	return err_is_set(&t->fault) ||
	       sip_listen_has_failed(&t->where, NULL) ||
	       (is_enough(t) && sip_inbox_waiting(t->inbox) == 0);
}

/* What was printed by now is answered when it is written; the rest stays with
 * its sender. */
static void finish(struct siprecv *t)
{
	sip_listen_leave(&t->where);
	usec_t until = loop_now(t->run->loop) + RUN_FAREWELL;
	if (t->exec) {
		exec_stop(t->exec);
		run_until(t->run, exec_is_idle, t->exec, until);
	}
	run_until(t->run, out_is_drained, t->run->out, until);
	sip_inbox_answer_all(t->inbox, 480);
}

static bool stay(struct siprecv *t, struct err *e)
{
	const struct options *o = t->options;
	run_listen(t->run, is_over, t, o->listen_for,
		o->count ? "not all messages came" : "it did not end", e);
	finish(t);
	if (out_has_failed(t->run->out, e))
		return false;
	if (err_is_set(&t->fault))
		*e = t->fault;
	else if (!err_is_set(e))
		sip_listen_has_failed(&t->where, e);
	return !err_is_set(e);
}

static bool listen_there(struct siprecv *t, struct err *e)
{
	const struct options *o = t->options;
	struct sip_ua_settings ua = { .max_transactions = TRANSACTIONS_MAX,
		.media_types = (const char *const *)o->accept.items };
	enum account_need need = sip_listen_registers(&o->where, &o->agent)
					 ? ACCOUNT_NEEDED
					 : ACCOUNT_OPTIONAL;
	if (!sip_agent_open(&t->agent, t->run, &o->agent, need, &ua, e))
		return false;
	if (o->exec && !(t->exec = exec_new(t->run, o->exec, on_exec, t, e)))
		return false;
	t->inbox =
		sip_inbox_new(&(struct sip_inbox_settings){ .ua = t->agent.ua,
				      .body_max = BODY_MAX,
				      .waiting_max = WAITING_MAX },
			on_message, t);
	return sip_listen_open(&t->where, &t->agent, &o->where,
		o->body ? NULL : t->run->out, e);
}

static bool check_options(const struct options *o, struct err *e)
{
	struct sip_media_type type;
	if (o->body && o->exec)
		return err_set(e, STATUS_USAGE,
			"--body and --exec exclude each other");
	for (size_t i = 0; i < o->accept.count; i++) {
		if (sip_media_type_parse(&type, span_of(o->accept.items[i]), e))
			continue;
		err_prefix(e, "--accept %s", o->accept.items[i]);
		e->status = STATUS_USAGE;
		return false;
	}
	return true;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct siprecv t = { .run = r, .options = o };
	(void)operands;
	run_use(r, &o->run, USEC_NEVER);
	if (!check_options(o, e))
		return false;
	out_on_written(r->out, on_written, &t);
	if (listen_there(&t, e))
		stay(&t, e);
	out_on_written(r->out, NULL, NULL);
	sip_listen_close(&t.where);
	exec_free(t.exec);
	sip_inbox_free(t.inbox);
	sip_agent_close(&t.agent);
	return !err_is_set(e);
}

static const struct command command = {
	.name = "siprecv",
	.summary = "print the SIP messages that come",
	.synopsis = "[options]",
	.options = options,
	.operand_kind = "",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { 0 };
	return cli_main(&command, argc, argv, &o);
}
