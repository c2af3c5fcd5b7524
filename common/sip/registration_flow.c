/* The flow of a registration, and what happens when it fails (RFC 5626
 * sections 4.2 to 4.5). */
#include "sip/registration_private.h"

/* RFC 5626 section 4.2.1: without its flow nothing reaches us. */
void sip_registration_drop_flow(struct sip_registration *r)
{
	sip_keepalive_free(r->keepalive);
	r->keepalive = NULL;
	sip_flow_drop(&r->flow);
}

/* Section 4.5: it was good where a keep-alive was answered; where none is in
 * use, when it has stayed for a while. */
static bool was_good(const struct sip_registration *r)
{
	usec_t age = loop_now(sip_ua_loop(r->s.ua)) - r->held_at;

	return r->keepalive ? sip_keepalive_is_proven(r->keepalive)
			    : age >= SIP_REGISTRATION_RETRY;
}

/* A good one is replaced at once; one that never was waits as if it had not
 * been made. */
static void lost_flow(struct sip_registration *r)
{
	bool good = was_good(r);

	sip_registration_drop_flow(r);
	sip_registration_set_there(r, false);
	r->failures += !good;
	if (r->keeping && r->now == NOTHING)
		timer_set(r->timer, good ? 0 : sip_registration_retry_after(r));
}

static void flow_failed(struct sip_flow_user *u, const struct err *e)
{
	(void)e;
	lost_flow(LIST_ITEM(u, struct sip_registration, flow));
}

static void keepalive_failed(void *arg, const struct err *e)
{
	(void)e;
	lost_flow(arg);
}

/* RFC 5626 section 6: the registrar says by Require that it keeps flows. */
static bool is_outbound(const struct sip_scan *m)
{
	struct sip_values at = SIP_VALUES_INIT;

	while (sip_scan_values(m, SIP_HDR_REQUIRE, &at))
		if (span_is_nocase(at.value, "outbound"))
			return true;
	return false;
}

/* Section 4.4: how often, where it says so. */
static usec_t flow_timer(const struct sip_scan *m)
{
	const struct sip_field *f = sip_scan_find_name(m, SPAN("Flow-Timer"));
	uint32_t seconds;

	return f && sip_seconds_parse(&seconds, f->value, NULL) && seconds
		       ? (usec_t)seconds * USEC_SEC
		       : 0;
}

bool sip_registration_hold_flow(
	struct sip_registration *r, const struct sip_scan *m)
{
	static const struct sip_flow_events events = { NULL, flow_failed };
	struct sip_client *c = sip_request_client(r->request);
	struct sip_flow *f = c ? sip_client_flow(c) : NULL;
	bool outbound = sip_registration_reg_id(r) && is_outbound(m);

	if (!r->keeping || !f || f == r->flow.flow ||
		(!outbound && !sip_flow_is_reliable(f)))
		return outbound;
	sip_registration_drop_flow(r);
	sip_flow_hold(f, &r->flow, &events);
	r->held_at = loop_now(sip_ua_loop(r->s.ua));
	if (outbound)
		r->keepalive = sip_keepalive_new(sip_ua_loop(r->s.ua), f,
			flow_timer(m), keepalive_failed, r);
	return outbound;
}
