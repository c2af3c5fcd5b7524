#include "sip/ack.h"

#include "base/mem.h"
#include "sip/locate.h"
#include "sip/outgoing.h"

struct sip_ack {
	struct sip_ua *ua;
	char *text, *next_hop;
	struct sip_locate *locate; /* or */
	struct sip_outgoing out;   /* text NULL: not located yet, or failed */
};

static void ack_ready(struct sip_outgoing *o)
{
	sip_outgoing_send(o, NULL);
}

/* The 2xx comes again, and then it is tried from the start. */
static void ack_failed(struct sip_outgoing *o, const struct err *e)
{
	(void)e;
	sip_outgoing_clear(o);
}

static void ack_located(void *arg, const struct sip_target *targets,
	size_t count, const struct err *e)
{
	static const struct sip_outgoing_events events = { .ready = ack_ready,
		.failed = ack_failed };
	struct sip_ack *a = arg;

	(void)e;
	a->locate = NULL;
	if (count && sip_outgoing_start(&a->out, sip_ua_transport(a->ua),
			     span_of(a->text), &targets[0], &events, NULL))
		sip_ack_again(a);
}

void sip_ack_again(struct sip_ack *a)
{
	const struct sip_ua_settings *s = sip_ua_settings(a->ua);
	struct sip_locate_settings locate = { .loop = s->loop,
		.resolver = s->resolver,
		.family = s->family,
		.kinds = sip_ua_kinds(a->ua),
		.connect_to = s->connect_to,
		.transport = sip_ua_transport(a->ua) };

	if (a->out.text && sip_outgoing_is_ready(&a->out))
		sip_outgoing_send(&a->out, NULL);
	else if (!a->out.text && !a->locate)
		a->locate = sip_locate_new(
			&locate, span_of(a->next_hop), ack_located, a);
}

struct sip_ack *sip_ack_new(
	struct sip_ua *ua, struct span text, struct span next_hop)
{
	struct sip_ack *a = mem_alloc(sizeof(*a));

	a->ua = ua;
	a->text = span_dup(text);
	a->next_hop = span_dup(next_hop);
	sip_ack_again(a);
	return a;
}

void sip_ack_free(struct sip_ack *a)
{
	if (!a)
		return;
	sip_locate_cancel(a->locate);
	sip_outgoing_clear(&a->out);
	mem_free(a->text);
	mem_free(a->next_hop);
	mem_free(a);
}
