/* A REGISTER request (RFC 3261 section 10.2). */
#include "base/mem.h"
#include "sip/compose.h"
#include "sip/registration_private.h"

static void add_own(struct buf *value, const struct sip_registration *r)
{
	buf_str(value, r->own);
	if (!r->instance[0])
		return;
	buf_printf(value, ";+sip.instance=\"<%s>\"", r->instance);
	if (sip_registration_reg_id(r))
		buf_printf(value, ";reg-id=%u", sip_registration_reg_id(r));
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
	sip_ua_contact(&value, r->s.ua, target->kind, local, span_of(r->user),
		span_starts_nocase(span_of(r->aor), "sips:"));
	mem_free(r->own);
	r->own = buf_take(&value);
}

bool sip_registration_compose(void *arg, struct buf *out,
	const struct sip_target *target, const struct endpoint *local,
	struct err *e)
{
	struct sip_registration *r = arg;
	struct buf aor = BUF_INIT(SIP_LINE_MAX);

	(void)e;
	take_own(r, target, local);
	mem_free(r->name);
	r->name = mem_str(target->name);
	sip_compose_identity(&aor, span_of(r->aor));
	struct sip_compose c = { .method = SPAN("REGISTER"),
		.request_uri = span_of(r->registrar),
		.from = buf_view(&aor),
		.to = buf_view(&aor),
		.tag = span_of(r->tag),
		.call_id = span_of(r->call_id),
		.cseq = r->cseq,
		.no_contact = true,
		.is_register = true };
	sip_compose(out, r->s.ua, &c, target, local);
	if (r->now != QUERY)
		add_contact(out, r);
	sip_msg_addf(out, SIP_HDR_SUPPORTED, "path%s%s",
		r->instance[0] ? ", gruu" : "",
		sip_registration_reg_id(r) ? ", outbound" : "");
	sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
	buf_clear(&aor);
	return true;
}
