/* What a response makes of a client transaction (RFC 3261 sections 17.1.1.2 and
 * 17.1.2.2, RFC 6026 section 7.2). */
#include "sip/transaction_private.h"

#include "base/mem.h"

/* FNV-1a: a copy that the network made is the same in every byte. */
static uint64_t fingerprint(struct span s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return h;
}

static void tell_response(struct sip_client *c, struct sip_scan *m)
{
	if (c->handlers && c->handlers->response)
		c->handlers->response(c->arg, c, m);
}

static void receive_provisional(struct sip_client *c, struct sip_scan *m)
{
	uint64_t print = fingerprint(m->raw);

	if (c->state > SIP_PROCEEDING)
		return;
	bool is_first = c->state == SIP_TRYING;
	c->state = SIP_PROCEEDING;
	if (is_first && c->is_invite) {
		c->at.retransmit_at = c->at.end_at = USEC_NEVER;
		sip_deadlines_arm(&c->at);
		if (c->is_cancelled)
			sip_client_send_cancel(c);
	} else if (is_first && c->at.retransmit_at != USEC_NEVER) {
		sip_client_retransmit_in(c, c->ts->timing.t2);
		sip_deadlines_arm(&c->at);
	}
	if (print == c->seen[0] || print == c->seen[1])
		return;
	c->seen[1] = c->seen[0];
	c->seen[0] = print;
	tell_response(c, m);
}

static void send_ack(struct sip_client *c)
{
	if (c->ack && sip_outgoing_is_ready(&c->out))
		sip_flow_send(c->out.user.flow, span_of(c->ack), NULL);
}

static void make_ack(struct sip_client *c, const struct sip_scan *m)
{
	struct buf sent = BUF_INIT(SIP_MSG_MAX);
	struct buf ack = BUF_INIT(SIP_MSG_MAX);

	sip_client_scan_sent(c, &sent, &c->ts->stored);
	if (sip_msg_ack(&ack, &c->ts->stored, m))
		c->ack = buf_take(&ack);
	buf_clear(&sent);
	buf_clear(&ack);
}

static void client_wait(struct sip_client *c, usec_t rest)
{
	mem_free(c->out.text);
	c->out.text = NULL;
	c->out.len = 0;
	c->at.retransmit_at = USEC_NEVER;
	c->at.end_at = sip_transaction_now(c->ts) + rest;
	sip_deadlines_arm(&c->at);
}

static void receive_accepted(struct sip_client *c, struct sip_scan *m)
{
	if (c->state == SIP_COMPLETED)
		return;
	if (c->state != SIP_ACCEPTED) {
		c->state = SIP_ACCEPTED;
		client_wait(c, 64 * c->ts->timing.t1); /* timer M */
	}
	tell_response(c, m);
}

static void receive_final(struct sip_client *c, struct sip_scan *m)
{
	bool reliable = sip_flow_is_reliable(c->out.user.flow);

	if (c->state > SIP_PROCEEDING) {
		send_ack(c); /* of a retransmission; none but of an INVITE */
		return;
	}
	c->state = SIP_COMPLETED;
	if (c->is_invite) {
		usec_t d = 64 * c->ts->timing.t1;
		make_ack(c, m);
		send_ack(c);
		client_wait(c, reliable          ? 0
			       : d > SIP_TIMER_D ? d
						 : SIP_TIMER_D);
	} else {
		client_wait(c, reliable ? 0 : c->ts->timing.t4);
	}
	tell_response(c, m);
	sip_client_tell_ended(c, NULL);
}

void sip_client_receive(
	struct sip_client *c, struct sip_flow *flow, struct sip_scan *m)
{
	(void)flow;
	if (m->status_code < 200)
		receive_provisional(c, m);
	else if (m->status_code < 300 && c->is_invite)
		receive_accepted(c, m);
	else
		receive_final(c, m);
}
