/* What a registrar answers, and when it is asked again. */
#include "base/mem.h"
#include "base/rand.h"
#include "sip/registration_impl.h"

/* A 423 may ask for more, but not again and again. */
#define BRIEF_MAX 3
/* What is left of a registration when it is refreshed: time for a lost request
 * and one more (Timer F), where the registration is that long. */
#define LEAD (64 * USEC_SEC)

/* ---- when to try again --------------------------------------------------------------- */

/* A little earlier each time than it need be, so that those who began together
 * do not stay together. */
usec_t sip_registration_refresh_after(uint32_t granted)
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
	usec_t most = SIP_REGISTRATION_RETRY;

	for (unsigned i = 1; i < r->failures; i++)
		if (most < SIP_REGISTRATION_RETRY_MAX)
			most *= 2;
	if (most > SIP_REGISTRATION_RETRY_MAX)
		most = SIP_REGISTRATION_RETRY_MAX;
	return most / 2 + (usec_t)rand_below((uint64_t)(most / 2 + 1));
}

/* Would the same request get the same answer tomorrow? */
bool sip_registration_is_final(const struct err *e)
{
	switch (e->code) {
	case 0:
		return e->status == STATUS_USAGE ||
		       e->status == STATUS_MALFORMED || e->status == STATUS_TLS;
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
			span_of(r->instance), r->s.reg_id);
}

static void accepted(struct sip_registration *r, struct sip_scan *m)
{
	struct sip_registration_event *event = &r->event;
	uint32_t seconds;

	find_own(r, m);
	r->failures = r->briefs = 0;
	if (r->now == QUERY) {
		event->what = SIP_REGISTRATION_BINDINGS;
		return;
	}
	if (r->now == REMOVE) {
		event->what = SIP_REGISTRATION_REMOVED;
		r->is_there = r->is_there && r->uri && event->has_own;
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
	r->is_there = true;
	sip_ua_set_service_route(r->s.ua, m, NULL);
	sip_registration_hold_flow(r, m);
	if (r->keeping)
		event->again = sip_registration_refresh_after(event->granted);
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

static void refused(struct sip_registration *r, struct sip_scan *m)
{
	uint32_t seconds = 0;

	sip_request_refused(r->request, m, &r->failure);
	r->failures++;
	if (r->now != REGISTER || !r->keeping ||
		sip_registration_is_final(&r->failure))
		return;
	sip_retry_after_parse(
		&seconds, sip_scan_value(m, SIP_HDR_RETRY_AFTER), NULL);
	r->event.again = sip_registration_retry_after(r);
	if ((usec_t)seconds * USEC_SEC > r->event.again)
		r->event.again = (usec_t)seconds * USEC_SEC;
}

static void tell(struct sip_registration *r)
{
	if (err_is_set(&r->failure)) {
		r->event.what = SIP_REGISTRATION_FAILED;
		r->event.e = &r->failure;
		if (r->now == REGISTER)
			r->is_there = false;
	}
	if (r->now == REGISTER)
		r->keeping = r->keeping && r->event.again;
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
	r->was_brief = is_too_brief(r, m);
	if (r->was_brief)
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
		if (r->now == REGISTER && r->keeping &&
			!sip_registration_is_final(e))
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
	} else if (r->was_brief) {
		sip_registration_begin(r, REGISTER, SPAN_EMPTY);
	} else if (r->event.again && r->keeping) {
		timer_set(r->timer, r->event.again);
	}
}
