/* xmppraw - stanzas in, stanzas out: netcat for XMPP
 *
 * What stands on stdin goes out as it is, and what comes is printed, a stanza
 * a line.  Requests among them are waited for, and a ping behind all of them,
 * so that the end is an end (RFC 6120 section 10.1: in order). */
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/out.h"
#include "cli/xmpp_listen.h"
#include "source.h"
#include "xml/parser.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

#define WAIT (30 * USEC_SEC)
/* Requests of the input that are not answered yet. */
#define OPEN_MAX 1000
/* References may take nine bytes for two. */
#define LINE_MAX_BYTES (8 * XMPP_STANZA_MAX)

struct options {
	struct run_options run;
	struct xmpp_login_options login;
	struct xmpp_listen_options listen;
	bool iq, stream;
};

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Stanzas" },
	{ OPT_FLAG, 0, "iq",
		.help = "send one request and print its reply, no more",
		.offset = offsetof(struct options, iq) },
	{ OPT_FLAG, 0, "before-auth",
		.help = "talk before authentication, without a password",
		.offset = offsetof(struct options, login.unauthenticated) },
	{ OPT_FLAG, 0, "stream",
		.help = "send each stanza as soon as its end has been read",
		.offset = offsetof(struct options, stream) },
	{ OPT_USE, .use = xmpp_listen_options,
		.offset = offsetof(struct options, listen) },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

struct xmppraw {
	struct run *run;
	const struct options *options;
	struct xmpp_listen listen;
	struct source *input;
	bool online, ended;   /* ended: the input */
	size_t open;          /* requests of the input */
	struct xmpp_iq *last; /* the ping behind all */
	size_t errors;
	struct err error; /* the first of them */
};

static struct xmpp_client *client(const struct xmppraw *t)
{
	return t->listen.login.client;
}

/* ---- what comes ---- */

/* One line, whose XML is the same: what would break it, or what a terminal
 * obeys, is written as a reference. */
static void add_line(struct buf *line, struct span xml)
{
	while (xml.n) {
		uint32_t code;
		size_t n = utf8_decode(xml.p, xml.n, &code);
		if (utf8_is_hidden(code))
			buf_printf(line, "&#%u;", (unsigned)code);
		else
			buf_add(line, xml.p, n);
		xml = span_skip(xml, n);
	}
	buf_char(line, '\n');
}

static bool put_record(
	struct xmppraw *t, const struct xml_element *s, struct span xml)
{
	static const struct {
		enum record_key key;
		const char *name;
	} attrs[] = { { KEY_FROM, "from" }, { KEY_TO, "to" },
		{ KEY_ID, "id" } };
	struct record r;
	record_begin(&r, t->run->out, RECORD_STANZA, RECORD_XMPP,
		loop_wall(t->run->loop));
	if (t->listen.login.name)
		record_str(&r, KEY_ACCOUNT, t->listen.login.name);
	record_str(&r, KEY_DIRECTION, "in");
	for (size_t i = 0; i < 3; i++) {
		const char *value = xml_element_attr_find(s, attrs[i].name);
		if (value)
			record_str(&r, attrs[i].key, value);
	}
	record_text(&r, KEY_RAW, xml);
	return record_end(&r, &t->listen.fault);
}

static bool put_line(struct xmppraw *t, struct span xml)
{
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	add_line(&line, xml);
	bool good = out_write(t->run->out, buf_view(&line), &t->listen.fault);
	buf_clear(&line);
	return good;
}

static void print(struct xmppraw *t, const struct xml_element *s)
{
	struct buf xml = BUF_INIT(LINE_MAX_BYTES);
	bool good = xmpp_stanza_format(&xml, s, NULL, &t->listen.fault);
	if (good)
		good = t->options->run.output.json
			       ? put_record(t, s, buf_view(&xml))
			       : put_line(t, buf_view(&xml));
	xmpp_listen_wrote(&t->listen, good);
	buf_clear(&xml);
}

static void count_error(struct xmppraw *t, const struct err *why)
{
	if (t->errors++ == 0)
		t->error = *why;
}

/* A ping is answered for who holds the other end, and so is everything where
 * nobody does. */
static bool is_for_client(const struct xmppraw *t, const struct xml_element *s)
{
	if (strcmp(s->name, "iq") != 0)
		return false;
	bool request = xml_element_attr_is(s, "type", "get") ||
		       xml_element_attr_is(s, "type", "set");
	return !request || !t->options->stream ||
	       xml_element_find(s, "ping", XMPP_NS_PING);
}

static bool is_last(const struct xmppraw *t, const struct xml_element *s)
{
	return t->last && strcmp(s->name, "iq") == 0 &&
	       xml_element_attr_is(s, "id", xmpp_iq_id(t->last));
}

static bool on_raw(void *arg, const struct xml_element *s)
{
	struct xmppraw *t = arg;
	struct xmpp_error error;
	if (t->options->iq || is_last(t, s))
		return false;
	/* Before authentication the answers may come while we close. */
	if (xmpp_listen_is_over(&t->listen) &&
		!t->options->login.unauthenticated) {
		xmpp_client_defer(client(t));
		return true;
	}
	xmpp_listen_hold(&t->listen);
	print(t, s);
	if (strcmp(s->name, "iq") != 0 && xmpp_error_parse(&error, s)) {
		struct err why = ERR_NONE;
		xmpp_error_to_err(&error, &why);
		count_error(t, &why);
	}
	return !is_for_client(t, s);
}

/* ---- what goes ---- */

static bool is_request(const struct xml_element *s)
{
	return xml_element_is(s, "iq", XMPP_NS_CLIENT) &&
	       (xml_element_attr_is(s, "type", "get") ||
		       xml_element_attr_is(s, "type", "set"));
}

static bool is_stanza(const struct xml_element *s)
{
	return xml_element_is(s, "message", XMPP_NS_CLIENT) ||
	       xml_element_is(s, "presence", XMPP_NS_CLIENT) ||
	       xml_element_is(s, "iq", XMPP_NS_CLIENT);
}

/* Other elements than stanzas would put out the counts of XEP-0198. */
static bool check(void *arg, const struct xml_element *s, struct err *e)
{
	const struct xmppraw *t = arg;
	if (strcmp(s->ns, XMPP_NS_STREAM) == 0)
		return err_set(e, STATUS_MALFORMED,
			"<stream:%s/>: the stream is not the input's", s->name);
	if (!t->options->login.unauthenticated && !is_stanza(s))
		return err_set(e, STATUS_MALFORMED,
			"<%s/> is no message, presence or iq", s->name);
	if (t->options->iq && !is_request(s))
		return err_set(e, STATUS_MALFORMED,
			"--iq sends an <iq/> of type get or set");
	return true;
}

static void settle(struct xmppraw *t);
static void pump(void *arg);

static void on_reply(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmppraw *t = arg;
	t->open--;
	if (t->options->iq && reply)
		print(t, reply);
	if (err_is_set(e))
		count_error(t, e);
	pump(t);
}

static bool send_stanza(struct xmppraw *t, struct xml_element *s, struct err *e)
{
	if (!is_request(s))
		return xmpp_client_send(client(t), s, e);
	if (!xmpp_client_request(client(t), s, USEC_NEVER, on_reply, t, e)) {
		/* Two with one id: nobody could tell their replies apart. */
		if (e->status == STATUS_INTERNAL)
			e->status = STATUS_MALFORMED;
		return false;
	}
	t->open++;
	return true;
}

/* As much of the input as is taken at the far side. */
static void pump(void *arg)
{
	struct xmppraw *t = arg;
	struct xml_element *s;
	struct err *fault = &t->listen.fault;
	while (t->online && !t->ended && !err_is_set(fault) &&
		t->open < OPEN_MAX && !xmpp_client_is_full(client(t))) {
		enum source_got got = source_next(t->input, &s, fault);
		if (got == SOURCE_STANZA)
			send_stanza(t, s, fault);
		else if (got == SOURCE_NONE)
			break;
		t->ended = got == SOURCE_END;
	}
	settle(t);
}

/* ---- the end ---- */

static void finish(struct xmppraw *t)
{
	const struct xmpp_listen_options *o = &t->options->listen;
	t->listen.is_ready = true;
	if (!o->seconds && !o->count)
		t->listen.done = true;
}

static void on_last(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmppraw *t = arg;
	t->last = NULL;
	(void)e;
	if (reply)
		finish(t);
}

/* All is sent and each request answered: has the rest been processed, too?
 * Before authentication a closing stream says so. */
static void settle(struct xmppraw *t)
{
	if (!t->ended || t->open || t->last || t->listen.is_ready ||
		xmpp_listen_is_over(&t->listen))
		return;
	if (t->options->iq || t->options->login.unauthenticated) {
		finish(t);
		return;
	}
	char *domain = span_dup(xmpp_client_jid(client(t))->domain);
	t->last = xmpp_client_request(client(t), xmpp_ping_make(domain),
		USEC_NEVER, on_last, t, &t->listen.fault);
	mem_free(domain);
}

/* Before authentication answers may come until the stream is closed. */
static bool judge(struct xmppraw *t, struct err *e)
{
	if (t->options->login.unauthenticated)
		xmpp_login_leave(&t->listen.login);
	const struct err *end = xmpp_client_end(client(t));
	if (err_is_set(&t->listen.fault))
		*e = t->listen.fault;
	else if (t->errors == 0 && xmpp_client_has_ended(client(t)))
		*e = *end;
	if (err_is_set(e))
		return false;
	if (t->errors == 0)
		return true;
	*e = t->error;
	if (t->errors > 1)
		err_prefix(e, "%zu errors came, the first", t->errors);
	return false;
}

/* ---- the run ---- */

static void on_online(void *arg)
{
	struct xmppraw *t = arg;
	t->online = true;
	pump(t);
}

static const struct xmpp_client_handlers handlers = {
	.online = on_online,
	.raw = on_raw,
	.progress = pump,
};

static bool check_options(const struct options *o, struct err *e)
{
	if (o->iq && (o->stream || o->listen.count || o->listen.seconds))
		return err_set(e, STATUS_USAGE,
			"--iq is one request and its reply: no --stream, -c, "
			"--for");
	return true;
}

/* With --iq the input is one request. */
static bool check_one(struct xmppraw *t, struct err *e)
{
	struct xml_element *s;
	bool good = source_next(t->input, &s, e) == SOURCE_STANZA;
	if (!good)
		return err_set(e, STATUS_MALFORMED,
			"--iq wants a request, and the input is empty");
	struct xml_element *second;
	if (source_next(t->input, &second, e) == SOURCE_STANZA) {
		xml_element_free(second);
		good = err_set(e, STATUS_MALFORMED,
			"--iq sends one request, and the input has more");
	}
	xml_element_free(s);
	source_rewind(t->input);
	return good;
}

static bool talk(struct xmppraw *t, struct err *e)
{
	const struct options *o = t->options;
	t->input =
		source_open(t->run, STDIN_FILENO, o->stream, check, pump, t, e);
	if (!t->input || (o->iq && !check_one(t, e)))
		return false;
	t->listen.silent = true;
	return xmpp_listen_open(&t->listen, t->run, &o->listen, &o->login,
		       &handlers, t, e) &&
	       xmpp_login_wait(&t->listen.login, e) &&
	       xmpp_listen_stay(&t->listen,
		       o->listen.count ? "not all stanzas came"
				       : "not all was answered",
		       e) &&
	       judge(t, e);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmppraw t = {
		.run = r, .options = o, .listen = XMPP_LISTEN_NONE
	};
	(void)operands;
	if (isatty(STDIN_FILENO) && !o->iq)
		o->stream = true;
	run_use(r, &o->run, o->stream || o->listen.seconds ? USEC_NEVER : WAIT);
	bool good = check_options(o, e) && talk(&t, e);
	xmpp_listen_close(&t.listen);
	source_close(t.input);
	return good;
}

static const struct command command = {
	.name = "xmppraw",
	.summary = "send XMPP stanzas as they are, print what comes back",
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
