#include "sip/keepalive.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "net/stun.h"

struct sip_keepalive {
	struct loop *loop;
	struct sip_flow_user user;
	struct timer *timer;
	usec_t interval;
	void (*failed)(void *arg, const struct err *e);
	void *arg;
	bool is_proven, has_failed;
	usec_t asked_at; /* 0: nothing is out */
	/* of UDP */
	unsigned char id[STUN_ID_SIZE];
	unsigned sent; /* transmissions of this request */
	usec_t rto;
	struct endpoint mapped; /* len 0: not known yet */
};

static void fail(struct sip_keepalive *k, const struct err *e)
{
	if (k->has_failed)
		return;
	k->has_failed = true;
	timer_stop(k->timer);
	k->failed(k->arg, e);
}

static void flow_failed(struct sip_flow_user *u, const struct err *e)
{
	fail(LIST_ITEM(u, struct sip_keepalive, user), e);
}

static void wait_for_next(struct sip_keepalive *k)
{
	usec_t fifth = k->interval / 5;

	k->asked_at = 0;
	timer_set(k->timer,
		k->interval - (usec_t)rand_below((uint64_t)fifth + 1));
}

/* ---- UDP: STUN ------------------------------------------------------------------ */

static void send_stun(struct sip_keepalive *k)
{
	struct buf request = BUF_INIT(64);

	stun_request(&request, k->id);
	sip_flow_send_raw(k->user.flow, buf_view(&request));
	buf_clear(&request);
	k->sent++;
	timer_set(k->timer, k->sent < SIP_STUN_REQUESTS
				    ? k->rto
				    : SIP_STUN_LAST * SIP_STUN_RTO);
	k->rto *= 2;
}

static void start_stun(struct sip_keepalive *k)
{
	rand_bytes(k->id, sizeof(k->id));
	k->sent = 0;
	k->rto = SIP_STUN_RTO;
	send_stun(k);
}

static void on_stun(struct sip_flow_user *u, const struct stun *s)
{
	struct sip_keepalive *k = LIST_ITEM(u, struct sip_keepalive, user);
	struct err e;

	if (k->has_failed || !k->asked_at ||
		memcmp(s->id, k->id, STUN_ID_SIZE) != 0)
		return;
	if (s->kind == STUN_ERROR) {
		err_set(&e, STATUS_REFUSED,
			"the server refuses to keep the flow open by STUN");
		fail(k, &e);
		return;
	}
	if (k->mapped.len && !endpoint_equal(&k->mapped, &s->mapped)) {
		err_set(&e, STATUS_UNREACHABLE,
			"the address that the server sees has changed");
		err_condition(&e, "flow-failed", true);
		fail(k, &e);
		return;
	}
	k->mapped = s->mapped;
	k->is_proven = true;
	wait_for_next(k);
}

/* ---- both ------------------------------------------------------------------------- */

static bool is_udp(const struct sip_keepalive *k)
{
	return sip_flow_kind(k->user.flow) == SIP_TRANSPORT_UDP;
}

static void ask(struct sip_keepalive *k)
{
	k->asked_at = loop_now(k->loop);
	if (is_udp(k)) {
		start_stun(k);
	} else {
		sip_flow_send_raw(k->user.flow, SPAN("\r\n\r\n"));
		timer_set(k->timer, SIP_PONG_WAIT);
	}
}

static void on_timer(void *arg)
{
	struct sip_keepalive *k = arg;
	struct err e;

	if (!k->asked_at) {
		ask(k);
	} else if (is_udp(k) && k->sent < SIP_STUN_REQUESTS) {
		send_stun(k);
	} else if (!is_udp(k) &&
		   sip_flow_heard_at(k->user.flow) > k->asked_at) {
		k->is_proven = true;
		wait_for_next(k);
	} else {
		err_set(&e, STATUS_TIMEOUT,
			"the server does not answer keep-alives");
		err_condition(&e, "flow-failed", true);
		fail(k, &e);
	}
}

struct sip_keepalive *sip_keepalive_new(struct loop *loop,
	struct sip_flow *flow, usec_t interval,
	void (*failed)(void *arg, const struct err *e), void *arg)
{
	static const struct sip_flow_events events = { .failed = flow_failed,
		.stun = on_stun };
	struct sip_keepalive *k = mem_alloc(sizeof(*k));
	enum sip_transport_kind kind = sip_flow_kind(flow);

	k->loop = loop;
	k->failed = failed;
	k->arg = arg;
	k->timer = timer_new(loop, on_timer, k);
	k->interval = interval                    ? interval
		      : kind == SIP_TRANSPORT_UDP ? SIP_KEEPALIVE_UDP
						  : SIP_KEEPALIVE_STREAM;
	sip_flow_hold(flow, &k->user, &events);
	if (kind != SIP_TRANSPORT_WS && kind != SIP_TRANSPORT_WSS)
		wait_for_next(k);
	return k;
}

void sip_keepalive_free(struct sip_keepalive *k)
{
	if (!k)
		return;
	timer_free(k->timer);
	sip_flow_drop(&k->user);
	mem_free(k);
}

bool sip_keepalive_is_proven(const struct sip_keepalive *k)
{
	return k->is_proven;
}
