#include "tests/common/test.h"

#include "tests/common/sip_party.h"

#include <string.h>

#include "tests/common/sip_raw.h"

#define SDP(who) "v=0\r\no=" who " 1 1 IN IP4 192.0.2.1\r\n"

static void note(struct sip_party *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void note(struct sip_party *p, const char *format, ...)
{
	va_list ap;

	buf_printf(&p->log, "%lld ", (long long)sip_raw_ms(p->sim, p->start));
	va_start(ap, format);
	buf_vprintf(&p->log, format, ap);
	va_end(ap);
	buf_str(&p->log, "\n");
}

static bool on_offer(void *arg, struct buf *body, struct span *content_type,
	const struct endpoint *local, struct err *e)
{
	(void)arg;
	(void)local;
	(void)e;
	*content_type = SPAN("application/sdp");
	return buf_str(body, SDP("caller"));
}

static void on_progress(void *arg, struct sip_scan *m)
{
	note(arg, "progress %u", m->status_code);
}

static void on_confirmed(void *arg, struct sip_scan *m)
{
	struct sip_party *p = arg;

	p->confirmed++;
	if (m->is_request)
		note(p, "confirmed by %.*s", SPAN_ARGS(m->method));
	else
		note(p, "confirmed by %u", m->status_code);
}

static void on_reinvited(void *arg, struct sip_scan *m)
{
	struct sip_party *p = arg;
	struct sip_body body = { SPAN("application/sdp"), SPAN(SDP("again")) };
	struct err e = ERR_NONE;

	(void)m;
	note(p, "reinvited");
	if (p->takes_reinvites)
		assert_ok(sip_invite_answer(p->invite, &body, &e), &e);
	else
		assert_ok(sip_invite_refuse(
				  p->invite, 488, SPAN_EMPTY, SPAN_EMPTY, &e),
			&e);
}

static void on_ended(void *arg, const struct sip_invite_end *end)
{
	static const char *const how[] = { "we left", "they left", "refused",
		"cancelled", "failed" };
	struct sip_party *p = arg;

	p->ended++;
	p->invite = NULL;
	p->end = *end;
	p->status = end->e ? end->e->status : STATUS_DONE;
	if (end->how == SIP_INVITE_FAILED)
		note(p, "ended: failed %d", p->status);
	else if (end->code >= 300)
		note(p, "ended: %s %u", how[end->how], end->code);
	else
		note(p, "ended: %s", how[end->how]);
}

static const struct sip_invite_handlers handlers = {
	.offer = on_offer,
	.progress = on_progress,
	.confirmed = on_confirmed,
	.reinvited = on_reinvited,
	.ended = on_ended,
};

static void on_invite(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct sip_party *p = arg;
	struct sip_body body = { SPAN("application/sdp"), SPAN(SDP("callee")) };
	struct sip_reply busy = { .reason = SPAN_EMPTY };
	struct err e = ERR_NONE;

	p->calls++;
	if (p->invite) {
		sip_ua_reply(p->ua, s, 486, &busy, NULL);
		return;
	}
	note(p, "called");
	p->invite = sip_invite_take(p->ua, s, m, SPAN("callee"), &handlers, p);
	assert_non_null(p->invite);
	if (p->ring)
		assert_ok(sip_invite_ring(p->invite, p->ring, NULL, &e), &e);
	if (p->answer >= 300)
		assert_ok(sip_invite_refuse(p->invite, p->answer, SPAN_EMPTY,
				  SPAN_EMPTY, &e),
			&e);
	else if (p->answer)
		assert_ok(sip_invite_answer(p->invite, &body, &e), &e);
}

void sip_party_open(struct sip_party *p, struct sim *sim, const char *address)
{
	struct sip_ua_settings s = { .user_agent = "party/1" };

	sip_party_open_with(p, sim, address, &s);
}

void sip_party_open_with(struct sip_party *p, struct sim *sim,
	const char *address, const struct sip_ua_settings *settings)
{
	struct sip_ua_settings s = *settings;
	struct endpoint local = sip_raw_at(address);
	struct err e = ERR_NONE;

	s.loop = sim_loop(sim);
	memset(p, 0, sizeof(*p));
	p->sim = sim;
	p->start = loop_now(sim_loop(sim));
	buf_init(&p->log, 1 << 20);
	p->ua = sip_ua_new(&s);
	sip_ua_serve(p->ua, SIP_METHOD_INVITE, on_invite, p);
	sip_ua_serve_in_dialog(p->ua, SIP_METHOD_BYE);
	assert_ok(sip_ua_listen(p->ua, &local, NULL, &e), &e);
}

void sip_party_close(struct sip_party *p)
{
	assert_int_equal(sip_ua_dialogs(p->ua), 0);
	assert_int_equal(sip_transactions_count(sip_ua_transactions(p->ua)), 0);
	sip_ua_free(p->ua);
	buf_clear(&p->log);
}

void sip_party_call(struct sip_party *p, const char *uri)
{
	struct sip_invite_settings s = { .request_uri = span_of(uri),
		.from = SPAN("<sip:caller@example.org>"),
		.user = SPAN("caller") };

	p->invite = sip_invite_call(p->ua, &s, &handlers, p);
}

void sip_party_log(
	struct sip_party *p, const char *want, const char *file, int line)
{
	if (strcmp(buf_text(&p->log), want) != 0) {
		print_error("expected\n%sgot\n%s", want, buf_text(&p->log));
		_fail(file, line);
	}
	buf_reset(&p->log);
}
