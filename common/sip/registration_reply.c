/* What a registrar answers, and when it is asked again. */
#include "base/mem.h"
#include "base/rand.h"
#include "sip/registration_private.h"

/* A 423 may ask for more, but not again and again. */
#define BRIEF_MAX 3
/* What is left of a registration when it is refreshed: time for a lost request
 * and one more (Timer F), where the registration is that long. */
#define LEAD (64 * USEC_SEC)

/* ---- when to try again --------------------------------------------------------------- */

/* A little earlier each time than it need be, so that those who began together
 * do not stay together. */
static usec_t refresh_after(uint32_t granted)
{
	usec_t whole = (usec_t)granted * USEC_SEC;
	usec_t lead = whole / 5 > LEAD ? whole / 5 : LEAD;

	if (lead > whole / 2)
		lead = whole / 2;
	usec_t after = whole - lead;
	return after - (usec_t)rand_below((uint64_t)(after / 10 + 1));
}

/* RFC 5626 section 4.5 */
usec_t sip_registration_retry_after(const struct sip_registration *r)
{
	bool others = r->s.flows && *r->s.flows;
	usec_t most =
		others ? SIP_REGISTRATION_RETRY_OTHERS : SIP_REGISTRATION_RETRY;

	for (unsigned i = 0; i < r->failures; i++)
		if (most < SIP_REGISTRATION_RETRY_MAX)
			most *= 2;
	if (most > SIP_REGISTRATION_RETRY_MAX)
		most = SIP_REGISTRATION_RETRY_MAX;
	return most / 2 + (usec_t)rand_below((uint64_t)(most / 2 + 1));
}

/* Would the same request get the same answer tomorrow? */
static bool is_final(const struct err *e)
{
	switch (e->code) {
	case 0:
		return e->status == STATUS_USAGE ||
		       e->status == STATUS_MALFORMED ||
		       e->status == STATUS_TLS || e->status == STATUS_AUTH;
	case 408:
	case 480:
	case 491:
		return false;
	default:
		return e->code / 100 != 5;
	}
}

/* ---- responses ------------------------------------------------------------------------ */

static void find_own(struct sip_registration *r, struct sip_scan *m)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_addr a;

	if (!r->own || !sip_addr_parse(&a, span_of(r->own), NULL))
		return;
	while (!r->event.has_own && sip_binding_next(&r->event.own, m, &at))
		r->event.has_own = sip_binding_is_of(&r->event.own, a.uri,
			span_of(r->instance), sip_registration_reg_id(r));
}

/* RFC 3608 section 6.1: the service route goes with it. */
static void leave(struct sip_registration *r)
{
	sip_ua_clear_service_route(r->s.ua);
	sip_registration_drop_flow(r);
}

static void accepted(struct sip_registration *r, struct sip_scan *m)
{
	struct sip_registration_event *event = &r->event;
	uint32_t seconds;

	find_own(r, m);
	r->failures = r->briefs = 0;
	r->came_back = false;
	if (r->now == QUERY) {
		event->what = SIP_REGISTRATION_BINDINGS;
		return;
	}
	if (r->now == REMOVE) {
		event->what = SIP_REGISTRATION_REMOVED;
		sip_registration_set_there(
			r, r->is_there && r->uri && event->has_own);
		if (!r->is_there)
			leave(r);
		return;
	}
	/* INTEROP: a registrar that does not list our binding has it all the
	 * same, for as long as it says or we have asked. */
	event->what = SIP_REGISTRATION_DONE;
	event->granted = r->expires;
	if (event->has_own)
		event->granted = event->own.expires;
	else if (sip_seconds_parse(
			 &seconds, sip_scan_value(m, SIP_HDR_EXPIRES), NULL))
		event->granted = seconds;
	sip_registration_set_there(r, true);
	sip_ua_set_service_route(r->s.ua, m, NULL);
	event->is_outbound = sip_registration_hold_flow(r, m);
	event->no_outbound = r->no_outbound;
	sip_ua_set_outbound(r->s.ua,
		event->is_outbound || sip_ua_settings(r->s.ua)->outbound);
	if (r->keeping)
		event->again = refresh_after(event->granted);
}

/* 10.2.8; true: the same is asked again, for longer. */
static bool is_too_brief(struct sip_registration *r, struct sip_scan *m)
{
	uint32_t least;

	if (m->status_code != 423 || r->now != REGISTER ||
		r->briefs++ >= BRIEF_MAX ||
		!sip_seconds_parse(
			&least, sip_scan_value(m, SIP_HDR_MIN_EXPIRES), NULL) ||
		least <= r->expires)
		return false;
	r->expires = least;
	return true;
}

/* RFC 5626 section 4.2.1; true: the same is asked again, without outbound. */
static bool is_lacking(struct sip_registration *r, struct sip_scan *m)
{
	if (m->status_code != 439 || !sip_registration_reg_id(r))
		return false;
	r->no_outbound = true;
	return true;
}

/* Section 4.2.1: as long as it says, and 0 is at once; but who says so again
 * means nothing by it. */
static usec_t wait_of(struct sip_registration *r, const struct sip_scan *m)
{
	struct span value = sip_scan_value(m, SIP_HDR_RETRY_AFTER);
	usec_t wait = sip_registration_retry_after(r), asked;
	uint32_t seconds;

	if (!sip_retry_after_parse(&seconds, value, NULL))
		return wait;
	asked = (usec_t)seconds * USEC_SEC;
	if (asked > SIP_REGISTRATION_RETRY_AFTER_MAX)
		asked = SIP_REGISTRATION_RETRY_AFTER_MAX;
	if (!asked && !r->came_back) {
		r->came_back = true;
		return 1;
	}
	return asked > wait ? asked : wait;
}

static void refused(struct sip_registration *r, struct sip_scan *m)
{
	sip_request_refused(r->request, m, &r->failure);
	r->failures++;
	if (r->now != REGISTER || !r->keeping || is_final(&r->failure))
		return;
	r->event.again = wait_of(r, m);
}

static void tell(struct sip_registration *r)
{
	if (err_is_set(&r->failure)) {
		r->event.what = SIP_REGISTRATION_FAILED;
		r->event.e = &r->failure;
		if (r->now == REGISTER)
			sip_registration_set_there(r, false);
	}
	if (r->now == REGISTER)
		r->keeping = r->keeping && r->event.again;
	if (r->now == REGISTER && err_is_set(&r->failure)) {
		sip_ua_clear_service_route(r->s.ua);
		/* 4.2.2: a flow outlives an error that can be recovered. */
		if (!r->keeping || !r->event.m)
			sip_registration_drop_flow(r);
	}
	r->told(r->arg, &r->event);
}

/* Told at once, since the message lives no longer; what comes next begins in
 * `ended`. */
void sip_registration_response(void *arg, struct sip_scan *m)
{
	struct sip_registration *r = arg;

	if (m->status_code < 200)
		return;
	r->event.m = m;
	r->is_again = is_too_brief(r, m) || is_lacking(r, m);
	if (r->is_again)
		return;
	if (m->status_code < 300)
		accepted(r, m);
	else
		refused(r, m);
	tell(r);
}

void sip_registration_ended(void *arg, const struct err *e)
{
	struct sip_registration *r = arg;

	r->request = NULL;
	if (e) {
		r->failure = *e;
		r->failures++;
		if (r->now == REGISTER && r->keeping && !is_final(e))
			r->event.again = sip_registration_retry_after(r);
		tell(r);
	}
	r->now = NOTHING;
	if (r->next != NOTHING) {
		enum operation next = r->next;
		char *uri = r->next_uri;
		r->next = NOTHING;
		r->next_uri = NULL;
		sip_registration_begin(r, next, span_of(uri));
		mem_free(uri);
	} else if (r->is_again) {
		sip_registration_begin(r, REGISTER, SPAN_EMPTY);
	} else if (r->event.again && r->keeping) {
		timer_set(r->timer, r->event.again);
	}
}
