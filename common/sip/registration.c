#include "sip/registration_private.h"

#include "base/mem.h"
#include "base/rand.h"
#include "sip/compose.h"

void sip_registration_begin(
	struct sip_registration *r, enum operation what, struct span uri)
{
	static const struct sip_request_handlers handlers = {
		.compose = sip_registration_compose,
		.response = sip_registration_response,
		.ended = sip_registration_ended,
	};
	struct sip_request_settings s = {
		.kind = r->s.kind, .patience = r->s.patience, .cseq = &r->cseq
	};
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
	r->is_again = false;
	r->cseq++;
	s.next_hop = sip_compose_register_hop(r->s.ua, span_of(r->registrar));
	/* RFC 5626 section 4.2.2: a refresh goes by the flow that is there. */
	s.flow = r->flow.flow;
	s.flow_name = r->name;
	r->request = sip_request_new(r->s.ua, &s, &handlers, r);
}

uint32_t sip_registration_reg_id(const struct sip_registration *r)
{
	return r->no_outbound ? 0 : r->s.reg_id;
}

void sip_registration_set_there(struct sip_registration *r, bool there)
{
	if (r->s.flows && there != r->is_there)
		*r->s.flows += there ? 1 : -1u;
	r->is_there = there;
}

static void try_again(void *arg)
{
	struct sip_registration *r = arg;

	if (r->keeping && r->now == NOTHING)
		sip_registration_begin(r, REGISTER, SPAN_EMPTY);
}

void sip_registration_start(struct sip_registration *r)
{
	r->keeping = r->s.keep;
	sip_registration_begin(r, REGISTER, SPAN_EMPTY);
}

void sip_registration_query(struct sip_registration *r)
{
	sip_registration_begin(r, QUERY, SPAN_EMPTY);
}

void sip_registration_stop(struct sip_registration *r)
{
	r->keeping = false;
	sip_registration_begin(r, REMOVE, SPAN_EMPTY);
}

void sip_registration_remove(struct sip_registration *r, struct span uri)
{
	r->keeping = false;
	sip_registration_begin(r, REMOVE, uri);
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
	sip_registration_set_there(r, false);
	sip_registration_drop_flow(r);
	timer_free(r->timer);
	mem_free(r->aor);
	mem_free(r->registrar);
	mem_free(r->user);
	mem_free(r->instance);
	mem_free(r->uri);
	mem_free(r->next_uri);
	mem_free(r->own);
	mem_free(r->name);
	mem_free(r);
}
