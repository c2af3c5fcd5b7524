/* The flow of a registration, and what happens when it fails (RFC 5626
 * sections 4.2 to 4.5). */
#include "sip/registration_impl.h"

/* RFC 5626 section 4.2.1: without its flow nothing reaches us. */
void sip_registration_drop_flow(struct sip_registration *r)
{
	sip_keepalive_free(r->keepalive);
	r->keepalive = NULL;
	sip_flow_drop(&r->flow);
}

static void lost_flow(struct sip_registration *r)
{
	sip_registration_drop_flow(r);
	r->failures++;
	if (r->keeping && r->now == NOTHING)
		timer_set(r->timer, sip_registration_retry_after(r));
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

void sip_registration_hold_flow(
	struct sip_registration *r, const struct sip_scan *m)
{
	static const struct sip_flow_events events = { NULL, flow_failed };
	struct sip_client *c = sip_request_client(r->request);
	struct sip_flow *f = c ? sip_client_flow(c) : NULL;
	bool outbound = r->s.reg_id && is_outbound(m);

	if (!r->keeping || !f || f == r->flow.flow ||
		(!outbound && !sip_flow_is_reliable(f)))
		return;
	sip_registration_drop_flow(r);
	sip_flow_hold(f, &r->flow, &events);
	if (outbound)
		r->keepalive = sip_keepalive_new(sip_ua_loop(r->s.ua), f,
			flow_timer(m), keepalive_failed, r);
}
