#include "cmd/sipraw/exchange.h"

#include "base/mem.h"
#include "sip/header.h"
#include "sip/transaction.h"

/* ---- what comes ---------------------------------------------------------------- */

static bool is_answer(const struct exchange *x, const struct sip_scan *m)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_via via;
	return !m->is_request && x->bytes.n && m->status_code &&
	       sip_scan_values(m, SIP_HDR_VIA, &at) &&
	       sip_via_parse(&via, at.value, NULL) &&
	       span_equal(via.branch, x->branch);
}

static void on_message(void *arg, struct sip_flow *flow, struct sip_scan *m)
{
	struct exchange *x = arg;
	if (is_answer(x, m)) {
		x->is_answered = true;
		if (m->status_code >= 200) {
			x->status_code = m->status_code;
			timer_stop(x->timer);
		}
	}
	x->came(x->arg, flow, m);
}

static void on_ready(struct sip_flow_user *u)
{
	struct exchange *x = (struct exchange *)u;
	x->is_ready = true;
}

static void on_failed(struct sip_flow_user *u, const struct err *e)
{
	struct exchange *x = (struct exchange *)u;
	x->has_failed = true;
	x->failure = *e;
}

static const struct sip_flow_events events = { on_ready, on_failed };

/* ---- to whom -------------------------------------------------------------------- */

static void on_located(void *arg, const struct sip_target *targets,
	size_t count, const struct err *e)
{
	struct exchange *x = arg;
	x->is_located = true;
	x->count = count;
	for (size_t i = 0; i < count; i++) {
		x->targets[i] = targets[i];
		if (targets[i].name && !x->name)
			x->name = span_dup(span_of(targets[i].name));
		if (targets[i].name)
			x->targets[i].name = x->name;
	}
	if (count == 0)
		x->failure = *e;
}

static bool is_located(void *arg)
{
	return ((struct exchange *)arg)->is_located;
}

static bool is_settled(void *arg)
{
	const struct exchange *x = arg;
	return x->is_ready || x->has_failed;
}

static bool wait_for(struct exchange *x, bool (*done)(void *arg), struct err *e)
{
	switch (run_until(x->run, done, x, USEC_NEVER)) {
	case RUN_DONE:
		return true;
	case RUN_DEADLINE:
		return run_timed_out(x->run, "no connection", e);
	case RUN_SIGNAL:
	case RUN_READER_LEFT:
		return false;
	}
	return false;
}

static bool open_flow(
	struct exchange *x, const struct sip_target *target, struct err *e)
{
	x->is_ready = x->has_failed = false;
	if (!sip_flow_open(x->transport, target, &x->flow, &events, e))
		return false;
	if (sip_flow_is_ready(x->flow.flow))
		return true;
	if (!wait_for(x, is_settled, e))
		return false;
	if (x->is_ready)
		return true;
	sip_flow_drop(&x->flow);
	*e = x->failure;
	return false;
}

static bool locate(
	struct exchange *x, const struct exchange_settings *s, struct err *e)
{
	struct sip_locate_settings how = {
		.loop = x->run->loop,
		.resolver = run_resolver(x->run, s->net, e),
		.family = s->net->v4   ? RESOLVE_V4
			  : s->net->v6 ? RESOLVE_V6
				       : RESOLVE_ANY,
		.kind = s->kind,
		.connect_to = s->net->connect_to.items,
	};
	if (!how.resolver)
		return false;
	struct sip_locate *l =
		sip_locate_new(&how, span_of(s->uri), on_located, x);
	bool good = wait_for(x, is_located, e);
	if (!x->is_located)
		sip_locate_cancel(l);
	if (good && x->count == 0) {
		*e = x->failure;
		return false;
	}
	return good;
}

static bool listen_at(
	struct exchange *x, const struct exchange_settings *s, struct err *e)
{
	struct endpoint local;
	if (!s->local)
		return true;
	if (!endpoint_parse(&local, span_of(s->local), 0, e)) {
		e->status = STATUS_USAGE;
		return false;
	}
	return sip_transport_listen(
		x->transport, SIP_TRANSPORT_UDP, &local, NULL, e);
}

bool exchange_open(
	struct exchange *x, const struct exchange_settings *s, struct err *e)
{
	static const struct sip_transport_handlers handlers = { on_message };
	struct sip_transport_settings transport = { .loop = x->run->loop,
		.tls = s->tls };
	x->transport = sip_transport_new(&transport, &handlers, x);
	if (!listen_at(x, s, e) || !locate(x, s, e))
		return false;
	for (size_t i = 0; i < x->count; i++) {
		err_clear(e);
		if (open_flow(x, &x->targets[i], e))
			return true;
		if (!err_is_set(e))
			return false;
	}
	return false;
}

void exchange_close(struct exchange *x)
{
	timer_free(x->timer);
	sip_flow_drop(&x->flow);
	sip_transport_free(x->transport);
	mem_free(x->name);
}

/* ---- one message ------------------------------------------------------------------ */

/* RFC 3261 sections 17.1.1.2 and 17.1.2.2: timers A and E. */
static void send_again(void *arg)
{
	struct exchange *x = arg;
	if (x->status_code || (x->is_invite && x->is_answered))
		return;
	sip_flow_send(x->flow.flow, x->bytes, NULL);
	x->interval = x->interval * 2;
	if (x->interval > SIP_T2 && !x->is_invite)
		x->interval = SIP_T2;
	timer_set(x->timer, x->interval);
}

static bool is_over(void *arg)
{
	const struct exchange *x = arg;
	return x->status_code || x->has_failed;
}

static void expect(struct exchange *x, const struct sip_scan *m, bool again)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_via via = { .branch = SPAN_EMPTY };
	if (sip_scan_values(m, SIP_HDR_VIA, &at))
		sip_via_parse(&via, at.value, NULL);
	x->branch = via.branch;
	x->bytes = m->raw;
	x->is_invite = m->method_kind == SIP_METHOD_INVITE;
	x->is_answered = false;
	x->status_code = 0;
	x->interval = SIP_T1;
	if (!x->timer)
		x->timer = timer_new(x->run->loop, send_again, x);
	if (again && !sip_flow_is_reliable(x->flow.flow))
		timer_set(x->timer, x->interval);
}

static bool await_answer(struct exchange *x, usec_t wait, struct err *e)
{
	enum run_end end =
		run_until(x->run, is_over, x, loop_now(x->run->loop) + wait);
	timer_stop(x->timer);
	x->bytes = SPAN_EMPTY;
	if (end == RUN_SIGNAL || end == RUN_READER_LEFT)
		return false;
	if (x->has_failed && !x->status_code) {
		*e = x->failure;
		return false;
	}
	if (end == RUN_DEADLINE)
		return err_set(e, STATUS_TIMEOUT,
			x->is_answered ? "no final response in %.3g s"
				       : "no answer in %.3g s",
			(double)wait / USEC_SEC);
	return true;
}

bool exchange_send(struct exchange *x, struct span bytes, bool again,
	usec_t wait, struct err *e)
{
	struct sip_scan m;
	sip_scan(&m, bytes);
	bool is_waited_for = m.is_request && m.method_kind != SIP_METHOD_ACK;
	if (!sip_flow_send(x->flow.flow, bytes, e))
		return false;
	if (!is_waited_for)
		return true;
	expect(x, &m, again);
	return await_answer(x, wait, e);
}

static bool has_failed(void *arg)
{
	return ((struct exchange *)arg)->has_failed;
}

bool exchange_listen(struct exchange *x, usec_t wait, struct err *e)
{
	enum run_end end =
		run_until(x->run, has_failed, x, loop_now(x->run->loop) + wait);
	if (end == RUN_DONE)
		*e = x->failure;
	return end == RUN_DEADLINE;
}
