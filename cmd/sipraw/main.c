/* sipraw - send SIP messages as they are written, print what comes back
 *
 * netcat for SIP: RFC 3261 sections 7 and 18.  Messages are templates (see
 * template.h) over the variables of a dialog (session.h), of the place
 * (local, remote), of a row of a CSV file and of the environment. */
#include "cli/input.h"
#include "cli/out.h"
#include "cli/record_sip.h"
#include "cmd/sipraw/sipraw.h"
#include "sip/header.h"
#include "sip/split.h"

#define WAIT (32 * USEC_SEC)    /* 64*T1 */
#define INPUT_MAX (1024 * 1024) /* bytes of templates */

#define AT(member) .offset = offsetof(struct options, member)

static const char *const transports[] = { "udp", "tcp", "tls", NULL };

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Messages" },
	{ OPT_FLAG, 0, "as-is",
		.help = "send each file as it stands, without variables, "
			"completion or CRLF",
		AT(as_is) },
	{ OPT_FILE, 0, "csv", "FILE",
		"all messages once for each row; the first row names the "
		"variables",
		AT(csv) },
	{ OPT_FILE, 0, "state", "FILE",
		"the dialog's variables, read before and written after",
		AT(state) },
	{ OPT_FLAG, 0, "once", .help = "send nothing again, by UDP either",
		AT(once) },
	{ OPT_GROUP, .help = "Replies" },
	{ OPT_DURATION, 'W', "reply-wait", "SECONDS",
		"how long a final response may take (32)", AT(reply),
		.min = USEC_MS, .max = 86400 * USEC_SEC },
	{ OPT_DURATION, 0, "for", "SECONDS",
		"print what comes for so long behind the last message",
		AT(listen), .min = USEC_MS, .max = 365 * 86400 * USEC_SEC },
	{ OPT_GROUP, .help = "SIP" },
	{ OPT_ENDPOINT, 0, "local", "ADDR[:PORT]", "the address to send from",
		AT(local) },
	{ OPT_WORD, 0, "transport", "PROTOCOL", "udp, tcp or tls",
		AT(transport), .words = transports },
	{ OPT_USE, .use = net_options, AT(net) },
	{ OPT_USE, .use = tls_options, AT(tls) },
	{ OPT_USE, .use = run_options, AT(run) },
	{ OPT_END },
};

/* ---- what comes back ----------------------------------------------------------- */

static bool write_record(
	struct sipraw *t, struct sip_flow *f, const struct sip_scan *m)
{
	struct record r;
	struct buf faults = BUF_INIT(4096);
	char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
	struct endpoint local = sip_flow_local(f);
	record_begin(&r, t->run->out, RECORD_SIP_MESSAGE, RECORD_SIP,
		loop_wall(t->run->loop));
	record_str(&r, KEY_SRC, endpoint_format(src, sip_flow_remote(f)));
	record_str(&r, KEY_DST, endpoint_format(dst, &local));
	record_str(&r, KEY_TRANSPORT, sip_transport_param(sip_flow_kind(f)));
	record_sip_message(&r, m);
	record_sip_faults(&r, &m->faults, &faults);
	record_sip_headers(&r, m, &t->json);
	if (m->body.n)
		record_text(&r, KEY_BODY, m->body);
	bool good = record_end(&r, &t->fault);
	buf_clear(&faults);
	return good;
}

static void on_message(void *arg, struct sip_flow *f, struct sip_scan *m)
{
	struct sipraw *t = arg;
	if (!m->is_request)
		session_learn(&t->session, m);
	if (t->options->run.output.json)
		write_record(t, f, m);
	else
		out_write(t->run->out, m->raw, &t->fault);
}

/* ---- what is sent --------------------------------------------------------------- */

static bool send_one(struct sipraw *t, struct span bytes, struct err *e)
{
	const struct options *o = t->options;
	t->exchange.status_code = 0;
	bool good = exchange_send(&t->exchange, bytes, !o->once && !o->as_is,
		o->reply ? o->reply : WAIT, e);
	if (t->exchange.status_code) {
		t->last = t->exchange.status_code;
		if (t->last > t->worst)
			t->worst = t->last;
	}
	return good && !err_is_set(&t->fault);
}

/* Every message of the input, once. */
static bool send_all(struct sipraw *t, struct err *e)
{
	struct sip_split split = { .by_start_line = true };
	struct span rest = buf_view(&t->input), piece;
	if (t->options->as_is)
		return send_one(t, rest, e);
	for (unsigned number = 1;; number++) {
		switch (sip_split_next(&split, &rest, true, &piece)) {
		case SIP_SPLIT_MESSAGE:
			if (variables_compose(t, piece, e) &&
				send_one(t, buf_view(&t->message), e))
				continue;
			break;
		case SIP_SPLIT_OTHER:
			err_set(e, STATUS_MALFORMED,
				"it does not begin as a SIP message; --as-is "
				"sends anything");
			break;
		case SIP_SPLIT_MORE:
		case SIP_SPLIT_END:
			return true;
		}
		if (err_is_set(e))
			err_prefix(e, "message %u", number);
		return false;
	}
}

static bool send_rows(struct sipraw *t, struct err *e)
{
	if (!t->options->csv)
		return send_all(t, e);
	while (table_next(&t->table)) {
		session_begin(&t->session, span_of(t->uri));
		if (!send_all(t, e)) {
			if (err_is_set(e))
				err_prefix(e, "%s: row %zu", t->options->csv,
					table_row(&t->table));
			return false;
		}
	}
	return true;
}

/* ---- the run -------------------------------------------------------------------- */

static bool read_input(struct sipraw *t, char **files, struct err *e)
{
	if (!files[0])
		return input_read_whole(t->run, "-", &t->input, e);
	for (size_t i = 0; files[i]; i++)
		if (!input_read_whole(t->run, files[i], &t->input, e))
			return false;
	return true;
}

static struct tls_config *make_tls(void *arg, struct err *e)
{
	struct sipraw *t = arg;
	if (!t->tls)
		t->tls = run_tls_config(t->run, &t->options->tls, NULL, e);
	return t->tls;
}

static bool open_exchange(struct sipraw *t, struct err *e)
{
	const struct options *o = t->options;
	const char *kind = o->transport;
	return exchange_open(&t->exchange,
		&(struct exchange_settings){
			.uri = t->uri,
			.kind = kind ? sip_transport_find(span_of(kind))
				     : SIP_TRANSPORT_NONE,
			.local = o->local,
			.net = &o->net,
			.tls = { .client = make_tls,
				.arg = t,
				.name = o->tls.tls_name },
		},
		e);
}

static bool report(const struct sipraw *t, struct err *e)
{
	if (err_is_set(&t->fault))
		*e = t->fault;
	else if (t->last == 401 || t->last == 407)
		err_set(e, STATUS_AUTH, "%s: %u %s", t->uri, t->last,
			sip_reason_phrase(t->last));
	else if (t->worst >= 300)
		err_set(e, STATUS_REFUSED, "%s: %u %s", t->uri, t->worst,
			sip_reason_phrase(t->worst));
	return !err_is_set(e);
}

static bool prepare(struct sipraw *t, char **operands, struct err *e)
{
	const struct options *o = t->options;
	if (o->as_is && (o->csv || o->state))
		return err_set(e, STATUS_USAGE,
			"--as-is knows no variables: without --csv and "
			"--state");
	if (o->csv && o->state)
		return err_set(e, STATUS_USAGE,
			"each row of --csv is a dialog of its own: without "
			"--state");
	session_begin(&t->session, span_of(t->uri));
	return read_input(t, operands + 1, e) &&
	       (!o->csv || table_open(&t->table, t->run, o->csv, e)) &&
	       (!o->state || session_load(&t->session, o->state, e));
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct sipraw t = { .run = r,
		.options = o,
		.uri = operands[0],
		.exchange = { .run = r, .came = on_message },
		.input = BUF_INIT(INPUT_MAX),
		.text = BUF_INIT(SIP_MSG_MAX),
		.message = BUF_INIT(SIP_MSG_MAX),
		.json = BUF_INIT(8 * SIP_MSG_MAX) };
	t.exchange.arg = &t;
	run_use(r, &o->run, USEC_NEVER);
	bool good = prepare(&t, operands, e) && open_exchange(&t, e);
	bool sent = good && send_rows(&t, e) &&
		    (!o->listen || exchange_listen(&t.exchange, o->listen, e));
	if (good && o->state) {
		struct err fault = ERR_NONE;
		if (!session_save(&t.session, o->state, &fault)) {
			*e = fault;
			sent = false;
		}
	}
	sent = sent && report(&t, e);
	exchange_close(&t.exchange);
	tls_config_free(t.tls);
	session_clear(&t.session);
	table_close(&t.table);
	buf_clear(&t.input);
	buf_clear(&t.text);
	buf_clear(&t.message);
	buf_clear(&t.json);
	return sent;
}

static const struct command command = {
	.name = "sipraw",
	.summary = "send SIP messages as they are written, print what comes "
		   "back",
	.synopsis = "[options] URI [FILE...]",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.operand_kind = "sip-uri",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { .state = NULL };
	return cli_main(&command, argc, argv, &o);
}
