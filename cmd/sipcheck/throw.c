#include "throw.h"

#include "base/mem.h"
#include "base/rand.h"
#include "sip/transport.h"

/* Silence is an answer too; nobody needs longer for a bad request. */
#define SILENCE (500 * USEC_MS)
#define TOKEN_LENGTH 16
#define PIECE 16                  /* bytes at once */
#define PIECE_PAUSE (1 * USEC_MS) /* so that they do not go together */

struct throwing {
	struct sipcheck *of;
	const struct place *place;
	const struct fault *fault;
	struct thrown *thrown;
	struct sip_flow_user flow;
	struct timer *patience, *pieces;
	struct buf text;
	size_t sent;
	bool is_over;
};

/* ---- what comes -------------------------------------------------------------------- */

static void on_message(void *arg, struct sip_flow *flow, struct sip_scan *m)
{
	struct throwing *t = arg;
	unsigned wanted = t->fault->answers > 1 ? t->fault->answers : 1;

	(void)flow;
	if (m->is_request || m->status_code < 200)
		return;
	if (!t->thrown->code)
		t->thrown->code = m->status_code;
	t->thrown->answers++;
	t->is_over = t->thrown->answers >= wanted;
}

static void on_failed(struct sip_flow_user *u, const struct err *e)
{
	struct throwing *t = LIST_ITEM(u, struct throwing, flow);

	if (t->text.len == 0) /* it was not open yet */
		t->thrown->e = *e;
	t->thrown->has_left = t->place->target.kind != SIP_TRANSPORT_UDP;
	t->is_over = true;
}

static void time_is_up(void *arg)
{
	struct throwing *t = arg;

	if (t->text.len == 0)
		err_set(&t->thrown->e, STATUS_TIMEOUT, "no connection");
	t->is_over = true;
}

static bool is_over(void *arg)
{
	const struct throwing *t = arg;

	return t->is_over;
}

/* ---- what is thrown ----------------------------------------------------------------- */

static void add_request(
	struct buf *out, const struct throwing *t, const struct sip_flow *flow)
{
	const struct fault *f = t->fault;
	const char *uri = t->of->uri;
	char token[TOKEN_LENGTH + 1];

	rand_token(token, TOKEN_LENGTH);
	if (f->start)
		buf_str(out, f->start);
	else
		buf_printf(out, "OPTIONS %s %s\r\n", uri,
			f->version ? f->version : "SIP/2.0");
	buf_printf(out, "Via: SIP/2.0/%s ",
		sip_transport_name(sip_flow_kind(flow)));
	sip_flow_sent_by(out, flow);
	buf_printf(out,
		";branch=z9hG4bK%s;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <sip:sipcheck@anonymous.invalid>;tag=%s\r\n"
		"To: <%s>\r\n",
		token, token, uri);
	if (f->call_id)
		buf_str(out, f->call_id);
	else
		buf_printf(out, "Call-ID: %s\r\n", token);
	buf_str(out, f->cseq ? f->cseq : "CSeq: 1 OPTIONS\r\n");
	if (f->filler) {
		buf_str(out, "X-Filler: ");
		for (size_t i = 0; i < f->filler; i++)
			buf_char(out, 'x');
		buf_str(out, "\r\n");
	}
	buf_printf(
		out, "%s\r\n", f->length ? f->length : "Content-Length: 0\r\n");
}

static void compose(struct throwing *t, const struct sip_flow *flow)
{
	const struct fault *f = t->fault;
	char token[TOKEN_LENGTH + 1];

	if (f->front)
		buf_str(&t->text, f->front);
	if (f->is_garbage) {
		rand_token(token, TOKEN_LENGTH);
		buf_printf(&t->text, "%s\r\n\r\n", token);
		return;
	}
	for (unsigned i = 0; i < (f->answers ? f->answers : 1); i++)
		add_request(&t->text, t, flow);
	if (f->behind)
		buf_str(&t->text, f->behind);
	if (f->is_half)
		t->text.len /= 2;
}

static void send_piece(void *arg)
{
	struct throwing *t = arg;
	struct span rest = span_skip(buf_view(&t->text), t->sent);
	struct span piece = span_first(rest, PIECE);

	if (!t->flow.flow || piece.n == 0)
		return;
	sip_flow_send_raw(t->flow.flow, piece);
	t->sent += piece.n;
	timer_set(t->pieces, PIECE_PAUSE);
}

static void send_all(struct throwing *t)
{
	compose(t, t->flow.flow);
	if (t->fault->in_pieces)
		send_piece(t);
	else if (!sip_flow_send(
			 t->flow.flow, buf_view(&t->text), &t->thrown->e))
		t->is_over = true;
	timer_set(t->patience, t->fault->wants == WANTS_ANSWER
				       ? t->of->options->reply_wait
				       : SILENCE);
}

static void on_ready(struct sip_flow_user *u)
{
	send_all(LIST_ITEM(u, struct throwing, flow));
}

/* ---- the throw ------------------------------------------------------------------------ */

static struct sip_transport *make_transport(struct throwing *t)
{
	static const struct sip_transport_handlers handlers = { on_message };
	struct sip_agent *a = &t->of->agent;

	return sip_transport_new(
		&(struct sip_transport_settings){ .loop = t->of->run->loop,
			.ws_path = a->ws_path,
			.tls = { .client = sip_agent_tls_client,
				.arg = a,
				.name = a->account.tls.tls_name } },
		&handlers, t);
}

bool throw_it(struct sipcheck *c, const struct place *p, const struct fault *f,
	struct thrown *thrown)
{
	static const struct sip_flow_events events = { .ready = on_ready,
		.failed = on_failed };
	struct throwing t = { .of = c,
		.place = p,
		.fault = f,
		.thrown = thrown,
		.text = BUF_INIT(2 * SIP_MSG_MAX) };
	struct sip_transport *transport = make_transport(&t);

	*thrown = (struct thrown){ .code = 0 };
	t.patience = timer_new(c->run->loop, time_is_up, &t);
	t.pieces = timer_new(c->run->loop, send_piece, &t);
	timer_set(t.patience, c->options->reply_wait);
	if (!sip_flow_open(transport, &p->target, &t.flow, &events, &thrown->e))
		t.is_over = true;
	else if (sip_flow_is_ready(t.flow.flow))
		send_all(&t);
	bool waited = wait_until(c, is_over, &t);
	sip_flow_drop(&t.flow);
	sip_transport_free(transport);
	timer_free(t.patience);
	timer_free(t.pieces);
	buf_clear(&t.text);
	return waited;
}
