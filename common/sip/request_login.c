/* The credentials of a request (RFC 3261 section 22). */
#include "base/mem.h"
#include "sip/request_private.h"

const struct sip_target *sip_request_present(const struct sip_request *r)
{
	return &r->targets[r->next - 1];
}

static struct sip_login_way way_of(const struct sip_request *r)
{
	return (struct sip_login_way){ .next_hop = span_of(r->next_hop),
		.remote = &sip_request_present(r)->address,
		.is_theirs = r->is_theirs };
}

/* Keeps what a challenge to it has to be judged by. */
bool sip_request_sign(struct sip_request *r, struct buf *text, struct err *e)
{
	struct sip_login_way way = way_of(r);

	/* Without a login only what an INVITE of ours said is asked for. */
	if (r->login && !sip_login_sign(text, r->login, &way))
		return err_set(e, STATUS_MALFORMED,
			"the request with its credentials is larger than %d "
			"bytes",
			SIP_MSG_MAX);
	if (!r->login && !span_starts(buf_view(text), "INVITE "))
		return true;
	mem_free(r->sent);
	r->sent = mem_strn(text->data, text->len);
	r->sent_len = text->len;
	return true;
}

void sip_request_add_credentials(
	struct buf *out, const struct sip_request *r, struct span next_hop)
{
	if (!r->login || !r->sent || !sip_login_is_server(r->login, next_hop))
		return;
	struct sip_scan *m = mem_alloc(sizeof(*m));
	sip_scan(m, span_from(r->sent, r->sent_len));
	sip_msg_copy(out, m, SIP_HDR_PROXY_AUTHORIZATION);
	sip_msg_copy(out, m, SIP_HDR_AUTHORIZATION);
	mem_free(m);
}

bool sip_request_judge(struct sip_request *r, const struct sip_scan *response)
{
	struct sip_login_way way = way_of(r);
	unsigned code = response->status_code;
	bool good = true;

	r->is_again = false;
	if (!r->login || !r->sent || code < 200 ||
		!sip_login_is_concerned(response))
		return true;
	struct sip_scan *m = mem_alloc(sizeof(*m));
	sip_scan(m, span_from(r->sent, r->sent_len));
	if (code != 401 && code != 407)
		good = sip_login_learn(
			       r->login, m, response, &way, &r->denied) ||
		       code >= 300;
	else if (!r->is_cancelled)
		r->is_again = sip_login_challenged(
			r->login, &r->tries, m, response, &way, &r->denied);
	mem_free(m);
	return good;
}
