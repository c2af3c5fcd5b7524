#include "sip/registration.h"

#include "base/mem.h"
#include "base/rand.h"
#include "sip/compose.h"
#include "sip/keepalive.h"

#define CALL_ID_LENGTH 24
#define TAG_LENGTH 12
/* A 423 may ask for more, but not again and again. */
#define BRIEF_MAX 3
/* What is left of a registration when it is refreshed: time for a lost request
 * and one more (Timer F), where the registration is that long. */
#define LEAD (64 * USEC_SEC)

enum operation { NOTHING, REGISTER, QUERY, REMOVE };

struct sip_registration {
	struct sip_registration_settings s;
	sip_registration_told *told;
	void *arg;
	char *aor, *registrar, *user, *instance;
	char call_id[CALL_ID_LENGTH + 1], tag[TAG_LENGTH + 1];
	uint32_t cseq, expires;
	enum operation now, next;
	char *uri, *next_uri; /* of REMOVE; NULL: our own; "*": all */
	char *own;            /* the Contact value we have registered */
	struct sip_request *request;
	struct sip_flow_user flow; /* by which requests come back to us */
	struct sip_keepalive *keepalive; /* NULL: it needs none */
	struct timer *timer;       /* the next refresh or try */
	unsigned failures, briefs;
	bool is_there, keeping, was_brief;
	struct sip_registration_event event; /* of the present request */
	struct err failure;
};

static void begin(
	struct sip_registration *r, enum operation what, struct span uri);

/* ---- the request (10.2) ------------------------------------------------------------ */

static void add_own(struct buf *value, const struct sip_registration *r)
{
	buf_str(value, r->own);
	if (!r->instance[0])
		return;
	buf_printf(value, ";+sip.instance=\"<%s>\"", r->instance);
	if (r->s.reg_id)
		buf_printf(value, ";reg-id=%u", r->s.reg_id);
}

static void add_contact(struct buf *out, struct sip_registration *r)
{
	struct buf value = BUF_INIT(SIP_LINE_MAX);
	bool all = r->now == REMOVE && r->uri && r->uri[0] == '*';

	if (all)
		buf_char(&value, '*');
	else if (r->now == REMOVE && r->uri)
		buf_printf(&value, "<%s>;expires=0", r->uri);
	else
		add_own(&value, r);
	if (r->now == REMOVE && !r->uri)
		buf_str(&value, ";expires=0");
	else if (r->now == REGISTER)
		buf_printf(&value, ";expires=%u", r->expires);
	if (value.failed)
		out->failed = true;
	sip_msg_add(out, SIP_HDR_CONTACT, buf_view(&value));
	if (all)
		sip_msg_add_number(out, SIP_HDR_EXPIRES, 0);
	buf_clear(&value);
}

/* What is registered now is what is refreshed and removed later. */
static void take_own(struct sip_registration *r,
	const struct sip_target *target, const struct endpoint *local)
{
	struct buf value = BUF_INIT(SIP_LINE_MAX);

	if (r->now != REGISTER && r->own)
		return;
	sip_ua_contact(&value, r->s.ua, target->kind, local,
		span_of(r->user), span_starts_nocase(span_of(r->aor), "sips:"));
	mem_free(r->own);
	r->own = buf_take(&value);
}

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct sip_registration *r = arg;
	struct buf aor = BUF_INIT(SIP_LINE_MAX);

	(void)e;
	take_own(r, target, local);
	sip_compose_identity(&aor, span_of(r->aor));
	struct sip_compose c = { .method = SPAN("REGISTER"),
		.request_uri = span_of(r->registrar),
		.from = buf_view(&aor),
		.to = buf_view(&aor),
		.tag = span_of(r->tag),
		.call_id = span_of(r->call_id),
		.cseq = r->cseq,
		.no_contact = true };
	sip_compose(out, r->s.ua, &c, target, local);
	if (r->now != QUERY)
		add_contact(out, r);
	sip_msg_addf(out, SIP_HDR_SUPPORTED, "path%s%s",
		r->instance[0] ? ", gruu" : "",
		r->s.reg_id ? ", outbound" : "");
	sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
	buf_clear(&aor);
	return true;
}

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
static usec_t retry_after(const struct sip_registration *r)
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
static bool is_final(const struct err *e)
{
	switch (e->code) {
	case 0:
		return e->status == STATUS_USAGE ||
		       e->status == STATUS_MALFORMED ||
		       e->status == STATUS_TLS;
	case 408:
	case 480:
	case 491:
		return false;
	default:
		return e->code / 100 != 5;
	}
}

static void try_again(void *arg)
{
	struct sip_registration *r = arg;

	if (r->keeping && r->now == NOTHING)
		begin(r, REGISTER, SPAN_EMPTY);
}

/* RFC 5626 section 4.2.1: without its flow nothing reaches us. */
static void drop_flow(struct sip_registration *r)
{
	sip_keepalive_free(r->keepalive);
	r->keepalive = NULL;
	sip_flow_drop(&r->flow);
}

static void lost_flow(struct sip_registration *r)
{
	drop_flow(r);
	r->failures++;
	if (r->keeping && r->now == NOTHING)
		timer_set(r->timer, retry_after(r));
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

static void hold_flow(struct sip_registration *r, const struct sip_scan *m)
{
	static const struct sip_flow_events events = { NULL, flow_failed };
	struct sip_client *c = sip_request_client(r->request);
	struct sip_flow *f = c ? sip_client_flow(c) : NULL;
	bool outbound = r->s.reg_id && is_outbound(m);

	if (!r->keeping || !f || f == r->flow.flow ||
		(!outbound && !sip_flow_is_reliable(f)))
		return;
	drop_flow(r);
	sip_flow_hold(f, &r->flow, &events);
	if (outbound)
		r->keepalive = sip_keepalive_new(sip_ua_loop(r->s.ua), f,
			flow_timer(m), keepalive_failed, r);
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
	else if (sip_seconds_parse(&seconds,
			 sip_scan_value(m, SIP_HDR_EXPIRES), NULL))
		event->granted = seconds;
	r->is_there = true;
	sip_ua_set_service_route(r->s.ua, m, NULL);
	hold_flow(r, m);
	if (r->keeping)
		event->again = refresh_after(event->granted);
}

/* 10.2.8; true: the same is asked again, for longer. */
static bool is_too_brief(struct sip_registration *r, struct sip_scan *m)
{
	uint32_t least;

	if (m->status_code != 423 || r->now != REGISTER ||
		r->briefs++ >= BRIEF_MAX ||
		!sip_seconds_parse(&least,
			sip_scan_value(m, SIP_HDR_MIN_EXPIRES), NULL) ||
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
	if (r->now != REGISTER || !r->keeping || is_final(&r->failure))
		return;
	sip_retry_after_parse(
		&seconds, sip_scan_value(m, SIP_HDR_RETRY_AFTER), NULL);
	r->event.again = retry_after(r);
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
static void on_response(void *arg, struct sip_scan *m)
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

static void on_ended(void *arg, const struct err *e)
{
	struct sip_registration *r = arg;

	r->request = NULL;
	if (e) {
		r->failure = *e;
		r->failures++;
		if (r->now == REGISTER && r->keeping && !is_final(e))
			r->event.again = retry_after(r);
		tell(r);
	}
	r->now = NOTHING;
	if (r->next != NOTHING) {
		enum operation next = r->next;
		char *uri = r->next_uri;
		r->next = NOTHING;
		r->next_uri = NULL;
		begin(r, next, span_of(uri));
		mem_free(uri);
	} else if (r->was_brief) {
		begin(r, REGISTER, SPAN_EMPTY);
	} else if (r->event.again && r->keeping) {
		timer_set(r->timer, r->event.again);
	}
}

/* ---- operations -------------------------------------------------------------------------- */

static void begin(
	struct sip_registration *r, enum operation what, struct span uri)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose,
		.response = on_response,
		.ended = on_ended,
	};
	struct sip_request_settings s = { .kind = r->s.kind,
		.patience = r->s.patience,
		.cseq = &r->cseq };
	char *copy = uri.n ? span_dup(uri) : NULL;

	if (r->now != NOTHING) {
		r->next = what;
		mem_free(r->next_uri);
		r->next_uri = copy;
		return;
	}
	timer_stop(r->timer);
	mem_free(r->uri);
	r->uri = copy;
	r->now = what;
	r->event = (struct sip_registration_event){ .m = NULL };
	err_clear(&r->failure);
	r->was_brief = false;
	r->cseq++;
	s.next_hop = sip_compose_next_hop(
		r->s.ua, SPAN_EMPTY, span_of(r->registrar));
	r->request = sip_request_new(r->s.ua, &s, &handlers, r);
}

void sip_registration_start(struct sip_registration *r)
{
	r->keeping = r->s.keep;
	begin(r, REGISTER, SPAN_EMPTY);
}

void sip_registration_query(struct sip_registration *r)
{
	begin(r, QUERY, SPAN_EMPTY);
}

void sip_registration_stop(struct sip_registration *r)
{
	r->keeping = false;
	begin(r, REMOVE, SPAN_EMPTY);
}

void sip_registration_remove(struct sip_registration *r, struct span uri)
{
	r->keeping = false;
	begin(r, REMOVE, uri);
}

bool sip_registration_is_there(const struct sip_registration *r)
{
	return r->is_there;
}

/* 10.2: the domain, without a user. */
static char *find_registrar(struct span given, struct span aor, struct err *e)
{
	struct buf out = BUF_INIT(SIP_URI_MAX);
	struct sip_uri u, registrar = { .has_user = false };

	if (!sip_uri_parse(&u, aor, e))
		return NULL;
	if (given.n)
		return sip_uri_parse(&u, given, e) ? span_dup(given) : NULL;
	registrar.kind = u.kind;
	registrar.scheme = u.scheme;
	registrar.host = u.host;
	registrar.is_ipv6 = u.is_ipv6;
	registrar.port = u.port;
	registrar.params = u.params;
	sip_uri_format(&out, &registrar);
	return buf_take(&out);
}

struct sip_registration *sip_registration_new(
	const struct sip_registration_settings *s, sip_registration_told *told,
	void *arg, struct err *e)
{
	char *registrar = find_registrar(s->registrar, s->aor, e);

	if (!registrar)
		return NULL;
	struct sip_registration *r = mem_alloc(sizeof(*r));
	r->s = *s;
	r->told = told;
	r->arg = arg;
	r->registrar = registrar;
	r->aor = span_dup(s->aor);
	r->user = span_dup(s->user);
	r->instance = span_dup(s->instance);
	r->expires = s->expires ? s->expires : SIP_BINDING_EXPIRES;
	r->timer = timer_new(sip_ua_loop(s->ua), try_again, r);
	rand_token(r->call_id, CALL_ID_LENGTH);
	rand_token(r->tag, TAG_LENGTH);
	return r;
}

void sip_registration_free(struct sip_registration *r)
{
	if (!r)
		return;
	sip_request_forget(r->request);
	drop_flow(r);
	timer_free(r->timer);
	mem_free(r->aor);
	mem_free(r->registrar);
	mem_free(r->user);
	mem_free(r->instance);
	mem_free(r->uri);
	mem_free(r->next_uri);
	mem_free(r->own);
	mem_free(r);
}
