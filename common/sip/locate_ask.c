/* The questions of RFC 3263, one after the other. */
#include <stdio.h>

#include "base/mem.h"
#include "sip/locate_private.h"

#define WHY_ROOM 160

static void go_on(struct sip_locate *l);

/* ---- steps ------------------------------------------------------------------ */

static void tell(struct sip_locate *l, struct sip_locate_step step)
{
	if (!l->s.step)
		return;
	step.question = l->asking;
	l->s.step(l->arg, &step);
}

static void tell_nothing(
	struct sip_locate *l, const char *type, const struct err *e)
{
	tell(l, (struct sip_locate_step){
			.type = type, .ttl = RESOLVE_NO_TTL, .why = e->text });
}

static const char *type_of(enum resolve_family family)
{
	return family == RESOLVE_V4   ? "A"
	       : family == RESOLVE_V6 ? "AAAA"
				      : "A,AAAA";
}

/* ---- A and AAAA ------------------------------------------------------------- */

static void addresses_found(void *arg, const struct endpoint *found,
	size_t count, const struct err *e)
{
	struct sip_locate *l = arg;
	char why[WHY_ROOM];

	for (size_t i = 0; i < count; i++) {
		size_t before = l->count;
		sip_locate_add(l, &found[i]);
		bool is_new = l->count > before;
		snprintf(why, sizeof(why),
			is_new ? "target %zu, %s port %u"
			       : "left out: %zu targets are enough",
			is_new ? l->count : (size_t)SIP_TARGETS_MAX,
			sip_transport_name(l->kind),
			is_new ? endpoint_port(&l->targets[before].address)
			       : 0u);
		bool is_v4 = endpoint_family(&found[i]) == AF_INET;
		tell(l, (struct sip_locate_step){ .type = is_v4 ? "A" : "AAAA",
				.address = &found[i],
				.ttl = query_ttl(l->query, i),
				.is_chosen = is_new,
				.why = why });
	}
	l->query = NULL;
	if (count == 0) {
		l->e = *e;
		tell_nothing(l, type_of(l->s.family), e);
	}
	go_on(l);
}

static void ask_addresses(struct sip_locate *l, const char *name)
{
	span_copy(l->asking, sizeof(l->asking), span_of(name));
	l->query = resolve_addresses(
		l->s.resolver, name, l->s.family, addresses_found, l);
}

/* ---- SRV (RFC 3263 section 4.2) ---------------------------------------------- */

/* The name of a record's target is kept, where it is one. */
static void take_srv(
	struct sip_locate *l, const struct srv_record *r, bool is_only)
{
	struct sip_locate_place *place = &l->places[l->place_count];
	char why[WHY_ROOM];
	bool is_name =
		!span_is(span_of(r->target), ".") &&
		span_copy(place->name, sizeof(place->name), span_of(r->target));

	if (is_name) {
		place->port = r->port;
		l->place_count++;
		l->has_srv = true;
		snprintf(why, sizeof(why),
			"place %zu by priority %u, weight %u", l->place_count,
			r->priority, r->weight);
	} else {
		/* RFC 2782: decidedly not available. */
		snprintf(why, sizeof(why), "%s is not offered",
			sip_transport_name(l->kind));
	}
	if (!is_name && is_only) {
		l->is_denied = true;
		err_set(&l->e, STATUS_UNREACHABLE, "%s offers no SIP over %s",
			l->host, sip_transport_name(l->kind));
	}
	tell(l, (struct sip_locate_step){ .type = "SRV",
			.srv = r,
			.ttl = r->ttl,
			.is_chosen = is_name,
			.why = why });
}

static void srv_found(void *arg, const struct srv_record *found, size_t count,
	const struct err *e)
{
	struct sip_locate *l = arg;

	l->query = NULL;
	l->places = count ? mem_array(count, sizeof(*l->places)) : NULL;
	for (size_t i = 0; i < count; i++)
		take_srv(l, &found[i], count == 1);
	if (count == 0)
		tell_nothing(l, "SRV", e);
	if (count == 0 && e->status == STATUS_TIMEOUT) {
		l->e = *e;
		sip_locate_end(l);
		return;
	}
	go_on(l);
}

static void ask_srv(struct sip_locate *l, const struct sip_locate_srv *service)
{
	l->kind = service->kind;
	span_copy(l->asking, sizeof(l->asking), span_of(service->name));
	l->query = resolve_srv(l->s.resolver, service->name, srv_found, l);
}

/* The next name to be asked for, until there is no more. */
static void go_on(struct sip_locate *l)
{
	if (l->count == SIP_TARGETS_MAX) {
		sip_locate_end(l);
	} else if (l->place_next < l->place_count) {
		struct sip_locate_place *place = &l->places[l->place_next++];
		l->port = place->port;
		ask_addresses(l, place->name);
	} else if (l->service_next < l->service_count) {
		mem_free(l->places);
		l->places = NULL;
		l->place_count = l->place_next = 0;
		ask_srv(l, &l->services[l->service_next++]);
	} else if (!l->is_fallback && !l->has_srv && !l->is_denied) {
		l->kind = l->services[0].kind;
		l->port = 0;
		sip_locate_ask_host(l);
	} else {
		sip_locate_end(l);
	}
}

void sip_locate_ask_host(struct sip_locate *l)
{
	l->is_fallback = true;
	ask_addresses(l, l->host);
}

/* ---- NAPTR (section 4.1) ------------------------------------------------------ */

static bool add_service(
	struct sip_locate *l, enum sip_transport_kind kind, struct span name)
{
	struct sip_locate_srv *s = &l->services[l->service_count];

	if (l->service_count == SIP_LOCATE_SERVICES_MAX ||
		!span_copy(s->name, sizeof(s->name), name))
		return false;
	s->kind = kind;
	l->service_count++;
	return true;
}

static void add_srv_of(struct sip_locate *l, enum sip_transport_kind kind)
{
	struct buf name = BUF_INIT(SIP_LOCATE_NAME_ROOM - 1);

	/* One that is too long for the DNS is not there. */
	if (!sip_locate_srv_name(&name, kind, l->host))
		buf_reset(&name);
	add_service(l, kind, buf_view(&name));
	buf_clear(&name);
}

/* Without a word of the DNS: the transports by their SRV records. */
static void add_default_services(struct sip_locate *l)
{
	static const enum sip_transport_kind plain[] = { SIP_TRANSPORT_UDP,
		SIP_TRANSPORT_TCP };

	if (l->is_secure) {
		add_srv_of(l, SIP_TRANSPORT_TLS);
		return;
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (l->s.kinds & SIP_KIND(plain[i]))
			add_srv_of(l, plain[i]);
	if (l->service_count == 0)
		add_srv_of(l, SIP_TRANSPORT_UDP);
}

void sip_locate_ask_srv(struct sip_locate *l, enum sip_transport_kind kind)
{
	add_srv_of(l, kind);
	go_on(l);
}

static void take_naptr(
	struct sip_locate *l, const struct naptr_record *r, uint16_t *order)
{
	char text[WHY_ROOM];
	const char *why;
	enum sip_transport_kind kind =
		sip_locate_service(r, l->is_secure, l->s.kinds, &why);
	bool is_chosen = kind && (!l->service_count || r->order == *order) &&
			 add_service(l, kind, span_of(r->replacement));

	if (is_chosen) {
		*order = r->order;
		snprintf(text, sizeof(text), "%s, place %zu",
			sip_transport_name(kind), l->service_count);
		why = text;
	} else if (!why) {
		/* RFC 3403 section 4.1: once one matches, no other order. */
		snprintf(text, sizeof(text), "left out: order %u matched",
			*order);
		why = text;
	}
	tell(l, (struct sip_locate_step){ .type = "NAPTR",
			.naptr = r,
			.ttl = r->ttl,
			.is_chosen = is_chosen,
			.why = why });
}

static void naptr_found(void *arg, const struct naptr_record *found,
	size_t count, const struct err *e)
{
	struct sip_locate *l = arg;
	uint16_t order = 0;

	l->query = NULL;
	for (size_t i = 0; i < count; i++)
		take_naptr(l, &found[i], &order);
	if (count == 0)
		tell_nothing(l, "NAPTR", e);
	if (count == 0 && e->status == STATUS_TIMEOUT) {
		l->e = *e;
		sip_locate_end(l);
		return;
	}
	if (l->service_count == 0)
		add_default_services(l);
	go_on(l);
}

void sip_locate_ask_naptr(struct sip_locate *l)
{
	span_copy(l->asking, sizeof(l->asking), span_of(l->host));
	l->query = resolve_naptr(l->s.resolver, l->host, naptr_found, l);
}
