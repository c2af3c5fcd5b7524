#include "sip/outgoing.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/rand.h"

/* Bytes that a Via of ours has at most: an IPv6 address with its scope. */
#define VIA_MAX 160

static void outgoing_ready(struct sip_flow_user *u)
{
	struct sip_outgoing *o = LIST_ITEM(u, struct sip_outgoing, user);

	/* From now on it may have arrived: a second copy by another transport
	 * would be a merged request. */
	o->may_fall_back = false;
	o->events->ready(o);
}

static void outgoing_failed(struct sip_flow_user *u, const struct err *e);

static const struct sip_flow_events flow_events = { .ready = outgoing_ready,
	.failed = outgoing_failed };

static void outgoing_failed(struct sip_flow_user *u, const struct err *e)
{
	struct sip_outgoing *o = LIST_ITEM(u, struct sip_outgoing, user);

	if (o->may_fall_back) {
		/* RFC 3261 section 18.1.1: the stream was refused.  INTEROP:
		 * also where it was not answered, as behind a firewall. */
		struct sip_target udp = { SIP_TRANSPORT_UDP, o->remote, NULL };
		o->may_fall_back = false;
		sip_flow_drop(&o->user);
		if (sip_flow_open(
			    o->transport, &udp, &o->user, &flow_events, NULL)) {
			o->events->ready(o);
			return;
		}
	}
	o->events->failed(o, e);
}

static void format_via(struct buf *out, const struct sip_outgoing *o)
{
	struct sip_flow *f = o->user.flow;

	buf_str(out, "Via: SIP/2.0/");
	buf_str(out, sip_transport_name(sip_flow_kind(f)));
	buf_char(out, ' ');
	sip_flow_sent_by(out, f);
	buf_str(out, ";branch=");
	buf_str(out, o->branch);
	buf_str(out, ";rport\r\n");
}

/* RFC 3261 section 18.1.1 counts the Via as well. */
static bool is_over_udp(const struct sip_outgoing *o, size_t len)
{
	struct buf via = BUF_INIT(VIA_MAX);

	if (len + VIA_MAX <= SIP_UDP_REQUEST_MAX)
		return false;
	format_via(&via, o);
	len += via.len;
	buf_clear(&via);
	return len > SIP_UDP_REQUEST_MAX;
}

static void outgoing_take(struct sip_outgoing *o, struct span request)
{
	o->text = mem_strn(request.p, request.n);
	o->len = request.n;
}

bool sip_outgoing_start(struct sip_outgoing *o, struct sip_transport *t,
	struct span request, const struct sip_target *target,
	const struct sip_outgoing_events *events, struct err *e)
{
	struct sip_target to = *target;
	char token[17];

	*o = (struct sip_outgoing){
		.transport = t, .events = events, .remote = target->address
	};
	if (span_find_span(request, SPAN("\r\n"), 0) == request.n)
		return err_set(e, STATUS_INTERNAL, "a request without a line");
	rand_token(token, 16);
	snprintf(o->branch, sizeof(o->branch), SIP_BRANCH_COOKIE "%s", token);
	if (!sip_flow_open(t, &to, &o->user, &flow_events, e))
		return false;
	if (to.kind == SIP_TRANSPORT_UDP && is_over_udp(o, request.n)) {
		struct sip_flow_user udp = { .flow = NULL };
		sip_flow_hold(o->user.flow, &udp, &flow_events);
		sip_flow_drop(&o->user);
		to.kind = SIP_TRANSPORT_TCP;
		if (!sip_flow_open(t, &to, &o->user, &flow_events, NULL))
			sip_flow_hold(udp.flow, &o->user, &flow_events);
		sip_flow_drop(&udp);
		o->may_fall_back = !sip_flow_is_ready(o->user.flow);
	}
	outgoing_take(o, request);
	return true;
}

void sip_outgoing_start_on(struct sip_outgoing *o, struct sip_transport *t,
	struct sip_flow *flow, struct span request, const char *branch,
	const struct sip_outgoing_events *events)
{
	*o = (struct sip_outgoing){ .transport = t,
		.events = events,
		.remote = *sip_flow_remote(flow),
		.is_whole = true };
	snprintf(o->branch, sizeof(o->branch), "%s", branch);
	sip_flow_hold(flow, &o->user, &flow_events);
	outgoing_take(o, request);
}

void sip_outgoing_clear(struct sip_outgoing *o)
{
	sip_flow_drop(&o->user);
	mem_free(o->text);
	o->text = NULL;
	o->len = 0;
}

bool sip_outgoing_is_ready(const struct sip_outgoing *o)
{
	return o->user.flow && sip_flow_is_ready(o->user.flow);
}

bool sip_outgoing_format(struct buf *out, const struct sip_outgoing *o)
{
	struct span text = span_from(o->text, o->len);
	size_t line = span_find_span(text, SPAN("\r\n"), 0) + 2;

	if (o->is_whole)
		return buf_span(out, text);
	buf_span(out, span_first(text, line));
	format_via(out, o);
	return buf_span(out, span_skip(text, line)) && !out->failed;
}

bool sip_outgoing_send(struct sip_outgoing *o, struct err *e)
{
	struct buf wire = BUF_INIT(SIP_MSG_MAX);
	bool sent;

	buf_reserve(&wire, o->len + VIA_MAX);
	buf_reset(&wire); /* a request near the maximum still may fit */
	if (sip_outgoing_format(&wire, o))
		sent = sip_flow_send(o->user.flow, buf_view(&wire), e);
	else
		sent = err_set(e, STATUS_MALFORMED,
			"the request is larger than %d bytes", SIP_MSG_MAX);
	buf_clear(&wire);
	return sent;
}
