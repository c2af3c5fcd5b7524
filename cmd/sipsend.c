/* sipsend - send standard input as SIP messages, and know what became of them
 *
 * RFC 3428; the outcome by sip/message.h. */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/letters.h"
#include "cli/out.h"
#include "cli/record.h"
#include "cli/sip_agent.h"
#include "sip/message.h"

#define WAIT (30 * USEC_SEC)
/* A body that leaves room for the rest of its message. */
#define BODY_MAX (SIP_MSG_MAX - 4096)
/* Messages that are out or wait for their turn: what bounds memory. */
#define OUTSTANDING_MAX 64
#define PLAIN_TEXT "text/plain;charset=UTF-8"

struct options {
	struct run_options run;
	struct sip_agent_options agent;
	struct letters_options letters;
	const char *content_type, *subject;
	usec_t reply_wait;
	bool large;
};

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Message" },
	{ OPT_STRING, 0, "content-type", "TYPE",
		"what the input is (" PLAIN_TEXT ")",
		.offset = offsetof(struct options, content_type) },
	{ OPT_STRING, 0, "subject", "TEXT", "set the subject",
		.offset = offsetof(struct options, subject) },
	{ OPT_FLAG, 0, "large",
		.help = "send also what RFC 3428 finds too large",
		.offset = offsetof(struct options, large) },
	{ OPT_DURATION, 'W', "reply-wait", "SECONDS",
		"wait so long for the answer to each message (30)",
		.offset = offsetof(struct options, reply_wait), .min = USEC_MS,
		.max = 86400 * USEC_SEC },
	{ OPT_USE, .use = letters_options,
		.offset = offsetof(struct options, letters) },
	{ OPT_USE, .use = sip_agent_options,
		.offset = offsetof(struct options, agent) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

struct sipsend {
	struct run *run;
	const struct options *options;
	struct sip_agent agent;
	struct sip_messages *messages;
	struct letters *letters;
	struct recipients to;
	struct letter letter; /* which is being sent, to: */
	size_t next;          /* of the recipients */
	bool has_letter, input_ended;
	size_t sent, failed;
	struct err worst; /* of those that failed */
	struct err fault; /* of the input, or of stdout */
};

/* ---- what became of one ---- */

static void print(struct sipsend *t, const struct sip_message_end *end)
{
	struct record r;
	const struct err *e = end->e;
	record_begin(&r, t->run->out, e ? RECORD_ERROR : RECORD_MESSAGE,
		RECORD_SIP, loop_wall(t->run->loop));
	record_str(&r, KEY_DIRECTION, "out");
	if (sip_agent_from_uri(&t->agent).n)
		record_text(&r, KEY_FROM, sip_agent_from_uri(&t->agent));
	record_str(&r, KEY_TO, end->to);
	if (end->call_id)
		record_str(&r, KEY_CALL_ID, end->call_id);
	if (!e)
		record_str(&r, KEY_STATE,
			end->code == 202 ? "accepted" : "delivered");
	else if (e->condition[0])
		record_str(&r, KEY_CONDITION, e->condition);
	if (end->code) {
		record_int(&r, KEY_STATUS_CODE, end->code);
		record_str(&r, KEY_REASON, end->reason);
	}
	if (e) {
		record_str(&r, KEY_TEXT, e->text);
		record_bool(&r, KEY_RETRYABLE, e->retryable);
	}
	record_end(&r, &t->fault);
}

/* Several: each is said when it is known, and how many at the end. */
static void note_failure(
	struct sipsend *t, const struct err *why, const char *to)
{
	struct err e = *why;
	if (strcmp(e.condition, "too-large") == 0)
		err_set(&e, e.status, "%.400s; --large sends it all the same",
			why->text);
	err_prefix(&e, "%s", to);
	bool several =
		letters_is_stream(&t->options->letters) || t->to.count > 1;
	if (several && strcmp(e.condition, "not-sent") != 0)
		run_warn(t->run, "%s", e.text);
	if (t->failed++ == 0 ||
		status_worse(t->worst.status, e.status) != t->worst.status)
		t->worst = e;
}

static void decided(void *arg, const struct sip_message_end *end)
{
	struct sipsend *t = arg;
	t->sent++;
	if (t->options->run.output.json)
		print(t, end);
	if (end->e)
		note_failure(t, end->e, end->to);
	else
		run_note(t->run, "%s: %s", end->to,
			end->code == 202 ? "accepted, not delivered yet"
					 : "delivered");
}

/* What cannot be sent at all is told as what was refused is. */
static void refuse(struct sipsend *t, const char *to, const struct err *e)
{
	decided(t, &(struct sip_message_end){ .to = to, .e = e });
}

/* ---- sending ---- */

static bool compose(const struct sipsend *t, struct span to,
	struct sip_message *m, struct err *e)
{
	const struct options *o = t->options;
	const struct letter *l = &t->letter;
	*m = (struct sip_message){ .to = to,
		.content_type = l->content_type,
		.subject = o->subject ? span_of(o->subject) : l->subject,
		.body = l->body };
	if (o->content_type)
		m->content_type = span_of(o->content_type);
	if (!m->content_type.n && !utf8_is_valid(m->body))
		return err_set(e, STATUS_MALFORMED,
			"what is sent is not UTF-8: name its --content-type");
	if (!m->content_type.n)
		m->content_type = SPAN(PLAIN_TEXT);
	return sip_message_check(m, e);
}

static void send_to(struct sipsend *t, struct span recipient)
{
	char *to = span_dup(recipient);
	struct sip_message m;
	struct err e = ERR_NONE;
	if (strlen(to) != recipient.n || !*to)
		err_set(&e, STATUS_MALFORMED,
			"no recipient: the record has no "
			"SIP URI, and none was named");
	else if (sip_agent_check_foreign_uri(&t->agent, to, &e) &&
		 compose(t, span_of(to), &m, &e))
		sip_message_send(t->messages, &m, decided, t);
	if (err_is_set(&e))
		refuse(t, to, &e);
	mem_free(to);
}

static void send_next(struct sipsend *t)
{
	if (!t->to.count)
		send_to(t, t->letter.to);
	else
		send_to(t, span_of(t->to.items[t->next++]));
	t->has_letter = t->next < t->to.count;
}

static bool may_go_on(void *arg)
{
	const struct sipsend *t = arg;
	return err_is_set(&t->fault) ||
	       (sip_messages_count(t->messages) < OUTSTANDING_MAX &&
		       !out_is_full(t->run->out) &&
		       (t->has_letter || letters_has_next(t->letters)));
}

static bool all_decided(void *arg)
{
	const struct sipsend *t = arg;
	return sip_messages_count(t->messages) == 0;
}

/* Takes the next message of the input, if it is there and may be sent. */
static void step(struct sipsend *t)
{
	enum lines_got got = LINES_LINE;
	if (!t->has_letter) {
		got = letters_next(t->letters, &t->letter, &t->fault);
		t->has_letter = got == LINES_LINE;
		t->next = 0;
	}
	t->input_ended = got == LINES_END || got == LINES_FAILED;
	if (t->has_letter)
		send_next(t);
}

/* What is out when the run ends is told as what it is: unknown. */
static void send_all(struct sipsend *t, struct err *e)
{
	enum run_end how = RUN_DONE;
	while (how == RUN_DONE && !t->input_ended && !err_is_set(&t->fault)) {
		how = run_until(t->run, may_go_on, t, USEC_NEVER);
		if (how == RUN_DONE && !err_is_set(&t->fault))
			step(t);
	}
	/* Without a reader of records, messages still have an outcome. */
	if (how == RUN_DONE || how == RUN_READER_LEFT)
		how = run_until(t->run, all_decided, t, USEC_NEVER);
	sip_messages_give_up(t->messages);
	if (how == RUN_DEADLINE && !t->failed)
		run_timed_out(t->run, "the input did not end", e);
}

static void report(const struct sipsend *t, struct err *e)
{
	if (t->failed)
		*e = t->worst;
	if (t->failed && t->sent > 1)
		err_set(e, t->worst.status,
			"%zu of %zu messages were not delivered", t->failed,
			t->sent);
	if (err_is_set(&t->fault) &&
		status_worse(e->status, t->fault.status) != e->status)
		*e = t->fault;
}

/* ---- the run ---- */

static bool read_input(struct sipsend *t, char **operands, struct err *e)
{
	const struct options *o = t->options;
	if (!recipients_read(&t->to, t->run, &o->letters, operands, e))
		return false;
	for (size_t i = 0; i < t->to.count; i++)
		if (!sip_agent_check_uri(&t->agent, t->to.items[i], e))
			return false;
	t->letters = letters_open(t->run, &o->letters, RECORD_SIP, BODY_MAX, e);
	return t->letters != NULL;
}

static bool open_agent(struct sipsend *t, struct err *e)
{
	const struct options *o = t->options;
	struct sip_ua_settings ua = { 0 };
	if (!sip_agent_open(
		    &t->agent, t->run, &o->agent, ACCOUNT_OPTIONAL, &ua, e))
		return false;
	return !o->agent.local ||
	       sip_agent_listen(&t->agent, o->agent.local, 0, NULL, e);
}

static void open_messages(struct sipsend *t)
{
	const struct options *o = t->options;
	struct sip_messages_settings s = { .ua = t->agent.ua,
		.from = sip_agent_from(&t->agent),
		.to = sip_agent_to(&t->agent),
		.request = { .kind = t->agent.transport,
			.patience = o->reply_wait ? o->reply_wait : WAIT },
		.large = o->large };
	t->messages = sip_messages_new(&s);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct sipsend t = { .run = r, .options = o };
	run_use(r, &o->run, letters_is_stream(&o->letters) ? USEC_NEVER : WAIT);
	if (open_agent(&t, e) && read_input(&t, operands, e)) {
		open_messages(&t);
		send_all(&t, e);
		report(&t, e);
		sip_messages_free(t.messages);
	}
	sip_agent_close(&t.agent);
	letters_close(t.letters);
	recipients_clear(&t.to);
	return !err_is_set(e);
}

static const struct command command = {
	.name = "sipsend",
	.summary = "send standard input as SIP messages, and know what became "
		   "of them",
	.synopsis = "[options] [URI...]",
	.options = options,
	.max_operands = -1,
	.operand_kind = "sip-uri",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { 0 };
	return cli_main(&command, argc, argv, &o);
}
