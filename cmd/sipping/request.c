/* One OPTIONS request on its way to a target and back. */
#include "sipping.h"

#include "base/mem.h"
#include "sip/compose.h"

static bool send_it(struct request *r, struct err *e);

void request_free(struct request *r)
{
	list_remove(&r->link);
	timer_free(r->patience);
	mem_free(r->text);
	mem_free(r);
}

struct span server_of(const struct sip_scan *m)
{
	struct span server = sip_scan_value(m, SIP_HDR_SERVER);

	return server.n ? server : sip_scan_value(m, SIP_HDR_USER_AGENT);
}

/* The next address is tried only while none has ever answered: after that a
 * loss is a loss. */
static bool go_to_next_place(struct target *t)
{
	if (t->has_answered || t->place + 1 >= t->place_count)
		return false;
	t->place++;
	return true;
}

static void lost(struct request *r, const struct err *why)
{
	list_remove(&r->link);
	target_lost(r, why);
	request_free(r);
}

static void times_out(void *arg)
{
	struct request *r = arg;
	struct err e;

	sip_client_abandon(r->client);
	go_to_next_place(r->of);
	err_set(&e, STATUS_TIMEOUT, "no answer");
	err_condition(&e, "timeout", true);
	lost(r, &e);
}

/* ---- challenges ---------------------------------------------------------------- */

static struct sip_login_way way_of(const struct target *t)
{
	return (struct sip_login_way){ .next_hop = target_next_hop(t),
		.remote = &t->places[t->place].address };
}

/* A challenge that our account can answer is none to talk about.  False: it is
 * a 2xx that cannot be believed. */
static bool judge(struct request *r, const struct sip_scan *m)
{
	struct target *t = r->of;
	struct sip_login *login = t->tool->agent.login;
	struct sip_login_way way = way_of(t);
	bool good = true;

	r->is_again = false;
	if (!login || !sip_login_is_concerned(m))
		return true;
	struct sip_scan *sent = mem_alloc(sizeof(*sent));
	sip_scan(sent, span_of(r->text));
	if (m->status_code == 401 || m->status_code == 407)
		r->is_again = sip_login_challenged(
			login, &r->tries, sent, m, &way, &t->denied);
	else
		good = sip_login_learn(login, sent, m, &way, &r->distrust) ||
		       m->status_code >= 300;
	mem_free(sent);
	return good;
}

static void sign(struct request *r, struct buf *text)
{
	struct sip_login *login = r->of->tool->agent.login;
	struct sip_login_way way = way_of(r->of);

	if (!login)
		return;
	sip_login_sign(text, login, &way);
	mem_free(r->text);
	r->text = mem_strn(text->data, text->len);
}

/* ---- what comes back ------------------------------------------------------------ */

static void on_response(void *arg, struct sip_client *c, struct sip_scan *m)
{
	struct request *r = arg;

	if (m->status_code < 200)
		return; /* at work, says nothing yet */
	if (!judge(r, m) || r->is_again)
		return;
	r->of->has_answered = true;
	target_answered(
		r, loop_now(r->of->tool->run->loop) - sip_client_sent_at(c), m);
}

static void on_ended(void *arg, const struct err *e)
{
	struct request *r = arg;
	struct err again;

	r->client = NULL;
	if (!e && err_is_set(&r->distrust)) {
		lost(r, &r->distrust);
		return;
	}
	if (!e && !r->is_again) {
		request_free(r);
		return;
	}
	if (e && !go_to_next_place(r->of)) {
		lost(r, e);
		return;
	}
	r->is_again = false;
	if (!send_it(r, &again))
		lost(r, &again);
}

/* ---- what goes out ---------------------------------------------------------------- */

/* A whole request but for its Call-ID and the number of its CSeq, which are
 * empty in it. */
static void compose_pattern(struct target *t, const struct pattern *p)
{
	const struct sip_agent *agent = &t->tool->agent;
	struct buf from = BUF_INIT(SIP_LINE_MAX);
	struct buf *out = &t->pattern.text;
	char address[ENDPOINT_TEXT_SIZE];

	if (sip_agent_from(agent).n)
		buf_span(&from, sip_agent_from(agent));
	else
		buf_printf(&from, "<sip:sipping@%s>",
			endpoint_format_address(address, &p->local, true));
	struct sip_compose c = { .method = SPAN("OPTIONS"),
		.request_uri = t->uri,
		.from = buf_view(&from),
		.to = sip_agent_to(agent),
		.tag = span_of(t->from_tag),
		.call_id = span_of(t->call_id),
		.max_forwards = &p->max_forwards,
		.user = SPAN("sipping") };
	buf_reset(out);
	sip_compose(out, agent->ua, &c, &t->places[p->place], &p->local);
	sip_msg_add(out, SIP_HDR_ACCEPT, SPAN("application/sdp"));
	sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
	buf_clear(&from);
}

/* Thousands go to one place, and differ in a few bytes only: the pattern is
 * made again where anything else of it is another. */
static bool use_pattern(struct target *t, const struct pattern *wanted)
{
	struct pattern *p = &t->pattern;
	struct span text;
	size_t call_id, cseq;

	if (p->text.len && p->place == wanted->place &&
		p->max_forwards == wanted->max_forwards &&
		endpoint_equal(&p->local, &wanted->local))
		return true;
	p->place = wanted->place;
	p->max_forwards = wanted->max_forwards;
	p->local = wanted->local;
	compose_pattern(t, p);
	text = buf_view(&p->text);
	call_id = span_find_span(text, SPAN("\r\nCall-ID: "), 0) + 11;
	cseq = span_find_span(text, SPAN("\r\nCSeq: "), 0) + 8;
	p->head = call_id + CALL_ID_LENGTH;
	p->middle = cseq;
	return !p->text.failed && cseq < text.n && p->head < cseq;
}

static bool compose(
	struct buf *out, struct request *r, const struct endpoint *local)
{
	struct target *t = r->of;
	struct pattern wanted = { .place = t->place,
		.max_forwards = r->max_forwards,
		.local = *local };

	if (!use_pattern(t, &wanted))
		return false;
	struct span text = buf_view(&t->pattern.text);
	size_t head = t->pattern.head, middle = t->pattern.middle;
	/* RFC 3261 section 8.1.1.4: another one for each, but not where it is
	 * the same again with credentials (8.1.3.5). */
	buf_reserve(out, text.n + 64);
	buf_span(out, span_first(text, head));
	buf_char(out, '-');
	buf_u64(out, (unsigned long long)r->sequence);
	buf_span(out, span_between(text.p + head, text.p + middle));
	buf_u64(out, ++r->cseq);
	return buf_span(out, span_skip(text, middle + 1)); /* its "0" */
}

static bool send_it(struct request *r, struct err *e)
{
	static const struct sip_client_handlers handlers = {
		.response = on_response, .ended = on_ended
	};
	struct target *t = r->of;
	struct sip_ua *ua = t->tool->agent.ua;
	const struct sip_target *place = &t->places[t->place];
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	struct endpoint local;

	if (!sip_transport_local(sip_ua_transport(ua), place, &local, e))
		return false;
	if (compose(&text, r, &local)) {
		sign(r, &text);
		r->client = sip_client_new(sip_ua_transactions(ua),
			buf_view(&text), place, &handlers, r, e);
	} else {
		err_set(e, STATUS_USAGE, "the request is too large");
	}
	buf_clear(&text);
	return r->client != NULL;
}

void request_send(struct target *t, int64_t sequence, unsigned max_forwards)
{
	struct request *r = mem_alloc(sizeof(*r));
	struct err e;

	r->of = t;
	r->sequence = sequence;
	r->max_forwards = max_forwards;
	list_append(&t->requests, &r->link);
	r->patience = timer_new(t->tool->run->loop, times_out, r);
	timer_set(r->patience, t->tool->options->probe.reply_wait);
	if (!send_it(r, &e))
		lost(r, &e);
}
