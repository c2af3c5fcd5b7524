#include "tests/common/test.h"

#include "tests/common/sip_raw.h"

#include <string.h>

#include "base/mem.h"
#include "sip/msg.h"

struct endpoint sip_raw_at(const char *text)
{
	struct endpoint a;
	struct err e = ERR_NONE;

	assert_ok(endpoint_parse(&a, span_of(text), 0, &e), &e);
	return a;
}

usec_t sip_raw_ms(struct sim *sim, usec_t start)
{
	return (loop_now(sim_loop(sim)) - start) / USEC_MS;
}

void sip_raw_run(struct sim *sim, usec_t ms)
{
	sim_run(sim, NULL, NULL, ms * USEC_MS);
}

static void packet(void *arg, const struct dgram_packet *p)
{
	struct sip_raw *r = arg;

	r->from = p->from;
	buf_reset(&r->last);
	buf_span(&r->last, p->bytes);
	sip_scan(&r->scan, buf_view(&r->last));
	buf_printf(&r->log, "%lld ", (long long)sip_raw_ms(r->sim, r->start));
	if (r->scan.is_request)
		buf_span(&r->log, r->scan.method);
	else
		buf_printf(&r->log, "%u", r->scan.status_code);
	buf_str(&r->log, "\n");
	if (r->auto_code && r->scan.is_request &&
		r->scan.method_kind != SIP_METHOD_ACK)
		sip_raw_reply(r, r->auto_code, "raw");
	if (r->answers && r->scan.is_request &&
		r->scan.method_kind != SIP_METHOD_ACK)
		r->answers(r);
}

void sip_raw_open(struct sip_raw *r, struct sim *sim, const char *address)
{
	static const struct dgram_handlers handlers = { .packet = packet };
	struct endpoint local = sip_raw_at(address);
	struct err e = ERR_NONE;

	memset(r, 0, sizeof(*r));
	r->sim = sim;
	r->start = loop_now(sim_loop(sim));
	buf_init(&r->log, 1 << 20);
	buf_init(&r->last, 1 << 16);
	r->dgram = dgram_new(sim_loop(sim), &local, &handlers, r, &e);
	assert_ok(r->dgram, &e);
}

void sip_raw_close(struct sip_raw *r)
{
	dgram_free(r->dgram);
	buf_clear(&r->log);
	buf_clear(&r->last);
}

void sip_raw_send(struct sip_raw *r, const char *to, const char *text)
{
	struct endpoint remote = sip_raw_at(to);
	struct err e = ERR_NONE;

	assert_ok(dgram_send(r->dgram, span_of(text), &remote, &e), &e);
}

static void reply(struct sip_raw *r, unsigned code, const char *tag,
	const char *lines, const char *sdp)
{
	struct buf out = BUF_INIT(SIP_MSG_MAX);
	struct sip_msg_response response = { .code = code,
		.to_tag = span_of(tag) };
	struct err e = ERR_NONE;

	sip_msg_respond(&out, &r->scan, &response);
	if (code > 100 && code < 300)
		sip_msg_add(&out, SIP_HDR_CONTACT, SPAN("<sip:192.0.2.9>"));
	buf_span(&out, span_of(lines));
	assert_true(sip_msg_end(&out,
		sdp ? SPAN("application/sdp") : SPAN_EMPTY, span_of(sdp)));
	assert_ok(dgram_send(r->dgram, buf_view(&out), &r->from, &e), &e);
	buf_clear(&out);
}

void sip_raw_reply(struct sip_raw *r, unsigned code, const char *tag)
{
	reply(r, code, tag, NULL, NULL);
}

void sip_raw_reply_sdp(
	struct sip_raw *r, unsigned code, const char *tag, const char *sdp)
{
	reply(r, code, tag, NULL, sdp);
}

void sip_raw_reply_lines(
	struct sip_raw *r, unsigned code, const char *tag, const char *lines)
{
	reply(r, code, tag, lines, NULL);
}

/* lines: whole header lines in front of the body */
static char *request(const char *method, const char *via, const char *branch,
	const char *to_tag, unsigned cseq, const char *lines, const char *body)
{
	return mem_format("%s sip:b@192.0.2.2 SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP %s;branch=%s\r\n"
			  "Max-Forwards: 70\r\n"
			  "From: <sip:a@192.0.2.1>;tag=fa\r\n"
			  "To: <sip:b@192.0.2.2>%s%s\r\n"
			  "Call-ID: one@192.0.2.1\r\n"
			  "CSeq: %u %s\r\n"
			  "Contact: <sip:a@192.0.2.1>\r\n"
			  "%s"
			  "Content-Length: %zu\r\n\r\n%s",
		method, via, branch, to_tag[0] ? ";tag=" : "", to_tag, cseq,
		method, lines, strlen(body), body);
}

char *sip_raw_request(const char *method, const char *via, const char *branch,
	const char *to_tag, unsigned cseq, const char *extra)
{
	return request(method, via, branch, to_tag, cseq, extra, "");
}

char *sip_raw_request_with(const char *method, const char *via,
	const char *branch, const char *to_tag, unsigned cseq, const char *type,
	const char *body)
{
	char *line = type[0] ? mem_format("Content-Type: %s\r\n", type)
			     : mem_str("");
	char *text = request(method, via, branch, to_tag, cseq, line, body);

	mem_free(line);
	return text;
}
