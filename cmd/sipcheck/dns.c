/* What the DNS says of the URI (RFC 3263), and where that leads. */
#include "sipcheck.h"

#include <strings.h>

#include "base/mem.h"
#include "sip/locate.h"

/* One way through the DNS. */
struct way {
	struct sipcheck *of;
	sip_locate_step *step;
	struct sip_locate *locate;
	bool has_srv;
	struct err e;
};

/* ---- places ---------------------------------------------------------------------- */

static bool is_there(const struct sipcheck *c, const struct sip_target *t)
{
	for (size_t i = 0; i < c->place_count; i++)
		if (c->places[i].target.kind == t->kind &&
			endpoint_equal(
				&c->places[i].target.address, &t->address))
			return true;
	return false;
}

static void located(void *arg, const struct sip_target *targets, size_t count,
	const struct err *e)
{
	struct way *w = arg;
	struct sipcheck *c = w->of;

	w->locate = NULL;
	w->e = *e;
	for (size_t i = 0; i < count && c->place_count < PLACES_MAX; i++) {
		if (is_there(c, &targets[i]))
			continue;
		struct place *p = &c->places[c->place_count++];
		p->target = targets[i];
		p->name = mem_str(targets[i].name);
		p->target.name = p->name;
		p->is_announced = w->has_srv || w->step;
	}
}

static void on_step(void *arg, const struct sip_locate_step *s)
{
	struct way *w = arg;

	w->has_srv = w->has_srv || (s->srv && s->is_chosen);
	if (w->step)
		w->step(w->of, s);
}

static bool is_located(void *arg)
{
	const struct way *w = arg;

	return !w->locate;
}

/* With a step it is the URI's own way, which is announced whatever it is. */
void find_places(struct sipcheck *c, enum sip_transport_kind kind,
	sip_locate_step *step, struct err *e)
{
	const struct sip_ua_settings *ua = sip_ua_settings(c->agent.ua);
	struct way w = { .of = c, .step = step };
	struct sip_locate_settings s = { .loop = c->run->loop,
		.resolver = ua->resolver,
		.family = ua->family,
		.kinds = sip_ua_kinds(c->agent.ua),
		.connect_to = ua->connect_to,
		.kind = kind,
		.step = on_step };

	w.locate = sip_locate_new(&s, c->at.text, located, &w);
	wait_until(c, is_located, &w);
	sip_locate_cancel(w.locate);
	*e = w.e;
}

/* ---- findings ---------------------------------------------------------------------- */

static void judge_naptr(struct sipcheck *c, const struct sip_locate_step *s)
{
	const struct naptr_record *r = s->naptr;
	bool is_udp = strcasecmp(r->services, "SIP+D2U") == 0;
	bool is_tcp = strcasecmp(r->services, "SIP+D2T") == 0;
	bool is_tls = strcasecmp(r->services, "SIPS+D2T") == 0;

	c->seen.udp = c->seen.udp || is_udp;
	c->seen.tcp = c->seen.tcp || is_tcp;
	c->seen.tls = c->seen.tls || is_tls;
	c->seen.naptr += is_udp || is_tcp || is_tls || s->is_chosen;
	if ((is_udp || is_tcp || is_tls) &&
		(strcasecmp(r->flags, "s") != 0 || *r->regexp))
		finding_add(&c->findings, FINDING_WARNING, "dns",
			"give it the flag \"s\", an empty regexp and the name "
			"of SRV records",
			"the NAPTR record for %s is of no use: %s", r->services,
			s->why);
}

static void judge_step(void *arg, const struct sip_locate_step *s)
{
	struct sipcheck *c = arg;

	if (s->naptr)
		judge_naptr(c, s);
	if (s->srv) {
		c->seen.srv++;
		if (!s->is_chosen)
			finding_add(&c->findings, FINDING_NOTE, "dns", NULL,
				"%s: %s", s->question, s->why);
	}
	if (s->address && endpoint_family(s->address) == AF_INET)
		c->seen.v4++;
	else if (s->address)
		c->seen.v6++;
	else if (c->seen.srv && *s->type == 'A')
		finding_add(&c->findings, FINDING_ERROR, "dns",
			"give the target of the SRV record an address",
			"an SRV record leads nowhere: %s", s->why);
	if (s->ttl == 0)
		finding_add(&c->findings, FINDING_NOTE, "dns",
			"a TTL of some minutes spares callers a question each",
			"the %s record of %s may not be kept at all (TTL 0)",
			s->type, s->question);
}

static void judge_services(struct sipcheck *c)
{
	if (!c->seen.naptr)
		finding_add(&c->findings, FINDING_NOTE, "dns",
			"NAPTR records say which transports there are, and "
			"which is preferred (RFC 3263 section 4.1)",
			"%.*s has no NAPTR records for SIP",
			SPAN_ARGS(c->at.host));
	else if (!c->seen.udp || !c->seen.tcp || !c->seen.tls)
		finding_add(&c->findings, FINDING_WARNING, "dns",
			"RFC 3263 section 4.1 wants one for each of the three",
			"there is no NAPTR record for%s%s%s",
			c->seen.udp ? "" : " UDP", c->seen.tcp ? "" : " TCP",
			c->seen.tls ? "" : " TLS");
	if (!c->seen.srv)
		finding_add(&c->findings, FINDING_NOTE, "dns",
			"SRV records allow other ports, and servers that "
			"stand in for each other",
			"%.*s has no SRV records for SIP",
			SPAN_ARGS(c->at.host));
}

void check_dns(struct sipcheck *c)
{
	struct endpoint number;
	struct err e = ERR_NONE;

	find_places(c, c->agent.transport, judge_step, &e);
	if (c->is_over)
		return;
	if (!c->place_count) {
		finding_add(&c->findings, FINDING_ERROR, "dns",
			"sipdig shows each step", "%s", e.text);
		return;
	}
	if (endpoint_parse_address(&number, c->at.host))
		return;
	if (!c->at.port)
		judge_services(c);
	if (c->seen.v4 && !c->seen.v6)
		finding_add(&c->findings, FINDING_NOTE, "dns", NULL,
			"%.*s has no IPv6 address", SPAN_ARGS(c->at.host));
	finding_add(&c->findings, FINDING_OK, "dns", NULL,
		"%.*s leads to %zu target%s", SPAN_ARGS(c->at.host),
		c->place_count, c->place_count == 1 ? "" : "s");
}
