/* Does somebody answer, by each transport and at each address? */
#include "sipcheck.h"

#include "base/mem.h"

struct asks {
	struct ask all[PLACES_MAX];
	size_t count;
};

static bool all_are_over(void *arg)
{
	struct asks *asks = arg;

	for (size_t i = 0; i < asks->count; i++)
		if (!asks->all[i].is_over)
			return false;
	return true;
}

/* Transports nobody spoke of are tried too: RFC 3261 section 18 wants UDP and
 * TCP of everybody, 26.3.1 TLS of servers.  Where the URI has a port, TLS is
 * not there. */
static void add_other_transports(struct sipcheck *c)
{
	struct span said;
	struct err e;
	bool is_secure = c->at.kind == SIP_SCHEME_SIPS;

	if (c->agent.transport || sip_uri_param(&c->at, "transport", &said))
		return;
	if (!is_secure) {
		find_places(c, SIP_TRANSPORT_UDP, NULL, &e);
		find_places(c, SIP_TRANSPORT_TCP, NULL, &e);
	}
	if (is_secure || !c->at.port)
		find_places(c, SIP_TRANSPORT_TLS, NULL, &e);
}

static void judge_answer(
	struct sipcheck *c, struct place *p, const struct ask *a)
{
	p->is_answering = true;
	if (!c->answer) {
		c->answer = mem_str(a->text);
		c->answer_place = (size_t)(p - c->places);
	}
	finding_add(&c->findings, FINDING_OK, "reach", NULL,
		"OPTIONS is answered with %u in %g ms", a->code,
		(double)a->rtt / USEC_MS);
	if (a->code == 405 || a->code == 501)
		finding_add(&c->findings, FINDING_WARNING, "methods",
			"OPTIONS is for everybody (RFC 3261 section 11)",
			"OPTIONS is refused with %u", a->code);
	if (a->code == 503)
		finding_add(&c->findings, FINDING_WARNING, "reach",
			"clients go on to the next target",
			"the server is overloaded or out of service (503)");
}

static void judge_silence(
	struct sipcheck *c, const struct place *p, const struct ask *a)
{
	bool is_tls = p->target.kind == SIP_TRANSPORT_TLS;
	bool is_tcp = p->target.kind == SIP_TRANSPORT_TCP;

	if (p->is_announced)
		finding_add(&c->findings, FINDING_ERROR, "reach",
			"start it, let it through the firewall, or take it "
			"out of the DNS",
			"%s", a->e.text);
	else if (is_tcp)
		finding_add(&c->findings, FINDING_WARNING, "reach",
			"requests over 1,300 bytes need TCP (RFC 3261 section "
			"18.1.1)",
			"%s", a->e.text);
	else
		finding_add(&c->findings, FINDING_NOTE, "reach",
			is_tls ? "without TLS all can be read on the way"
			       : NULL,
			"%s", a->e.text);
}

void check_reach(struct sipcheck *c)
{
	struct asks *asks = mem_alloc(sizeof(*asks));

	add_other_transports(c);
	for (size_t i = 0; i < c->place_count && !c->is_over; i++)
		ask_start(&asks->all[asks->count++], c, &c->places[i].target,
			"OPTIONS");
	wait_until(c, all_are_over, asks);
	for (size_t i = 0; i < asks->count; i++) {
		struct ask *a = &asks->all[i];
		look_at(c, &c->places[i]);
		if (a->code)
			judge_answer(c, &c->places[i], a);
		else if (a->is_over)
			judge_silence(c, &c->places[i], a);
		ask_clear(a);
	}
	look_at(c, NULL);
	mem_free(asks);
}
