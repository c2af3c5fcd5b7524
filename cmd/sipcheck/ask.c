/* One request to one place, without going on to another. */
#include "sipcheck.h"

#include "base/mem.h"
#include "base/rand.h"
#include "sip/compose.h"

#define CALL_ID_LENGTH 24
#define TAG_LENGTH 12

static void on_response(
	void *arg, struct sip_client *client, struct sip_scan *m)
{
	struct ask *a = arg;

	if (m->status_code < 200)
		return;
	a->code = m->status_code;
	a->rtt = loop_now(a->of->run->loop) - sip_client_sent_at(client);
	a->text = mem_strn(m->raw.p, m->raw.n);
}

static void on_ended(void *arg, const struct err *e)
{
	struct ask *a = arg;

	a->client = NULL;
	a->is_over = true;
	if (e)
		a->e = *e;
}

static void times_out(void *arg)
{
	struct ask *a = arg;

	sip_client_abandon(a->client);
	a->client = NULL;
	a->is_over = true;
	err_set(&a->e, STATUS_TIMEOUT, "no answer within %g s",
		(double)a->of->options->reply_wait / USEC_SEC);
	err_condition(&a->e, "timeout", true);
}

static bool send_it(
	struct ask *a, const struct sip_target *to, const char *method)
{
	static const struct sip_client_handlers handlers = {
		.response = on_response, .ended = on_ended
	};
	struct sipcheck *c = a->of;
	struct sip_ua *ua = c->agent.ua;
	struct buf text = BUF_INIT(SIP_MSG_MAX), from = BUF_INIT(SIP_LINE_MAX);
	char call_id[CALL_ID_LENGTH + 1], tag[TAG_LENGTH + 1];
	char address[ENDPOINT_TEXT_SIZE];
	struct endpoint local;

	if (!sip_transport_local(sip_ua_transport(ua), to, &local, &a->e))
		return false;
	rand_token(call_id, CALL_ID_LENGTH);
	rand_token(tag, TAG_LENGTH);
	if (sip_agent_from(&c->agent).n)
		buf_span(&from, sip_agent_from(&c->agent));
	else
		buf_printf(&from, "<sip:sipcheck@%s>",
			endpoint_format_address(address, &local, true));
	/* A REGISTER without a Contact changes nothing (10.2.3). */
	struct sip_compose compose = { .method = span_of(method),
		.request_uri = span_of(c->uri),
		.from = buf_view(&from),
		.to = sip_agent_to(&c->agent),
		.tag = span_of(tag),
		.call_id = span_of(call_id),
		.cseq = 1,
		.no_contact = span_is(span_of(method), "REGISTER"),
		.user = SPAN("sipcheck") };
	sip_compose(&text, ua, &compose, to, &local);
	sip_msg_add(&text, SIP_HDR_ACCEPT, SPAN("application/sdp"));
	sip_msg_end(&text, SPAN_EMPTY, SPAN_EMPTY);
	a->client = sip_client_new(sip_ua_transactions(ua), buf_view(&text), to,
		&handlers, a, &a->e);
	buf_clear(&from);
	buf_clear(&text);
	return a->client != NULL;
}

void ask_start(struct ask *a, struct sipcheck *c, const struct sip_target *to,
	const char *method)
{
	*a = (struct ask){ .of = c };
	a->patience = timer_new(c->run->loop, times_out, a);
	timer_set(a->patience, c->options->reply_wait);
	a->is_over = !send_it(a, to, method);
}

bool ask_is_over(void *ask)
{
	const struct ask *a = ask;

	return a->is_over;
}

void ask_clear(struct ask *a)
{
	sip_client_abandon(a->client);
	timer_free(a->patience);
	mem_free(a->text);
}
