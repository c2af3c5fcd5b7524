#include "tests/common/test.h"

#include "tests/common/sip_asker.h"

#include <string.h>

#include "tests/common/sip_raw.h"

const struct sip_login_settings sip_asker_alice = {
	.secret = { .user = SPAN("alice"), .password = SPAN("secret") }
};

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct sip_asker *a = arg;

	(void)target;
	(void)local;
	(void)e;
	sip_msg_request_line(out, SPAN("MESSAGE"), span_of(a->uri));
	sip_msg_add(out, SIP_HDR_FROM, SPAN("<sip:alice@192.0.2.2>;tag=1"));
	sip_msg_add(out, SIP_HDR_TO, SPAN("<sip:b@b.example>"));
	sip_msg_add(out, SIP_HDR_CALL_ID, SPAN("1"));
	sip_msg_add_cseq(out, a->cseq, SPAN("MESSAGE"));
	return sip_msg_end(out, SPAN("text/plain"), SPAN("hello"));
}

static void on_response(void *arg, struct sip_scan *m)
{
	struct sip_asker *a = arg;

	a->code = m->status_code;
	a->responses++;
	if (m->status_code >= 300)
		assert_false(sip_request_refused(a->request, m, &a->e));
}

static void on_ended(void *arg, const struct err *e)
{
	struct sip_asker *a = arg;

	a->ended++;
	a->request = NULL;
	if (e)
		a->e = *e;
}

void sip_asker_open(struct sip_asker *a, const struct sip_login_settings *login)
{
	struct endpoint us = sip_raw_at(SIP_ASKER_AT);
	struct err e = ERR_NONE;

	memset(a, 0, sizeof(*a));
	a->sim = sim_new(31);
	a->login = sip_login_new(login);
	struct sip_ua_settings s = { .loop = sim_loop(a->sim),
		.login = a->login };
	a->ua = sip_ua_new(&s);
	assert_ok(sip_ua_listen(a->ua, &us, NULL, &e), &e);
	a->uri = "sip:b@192.0.2.2";
	a->cseq = 7;
}

void sip_asker_close(struct sip_asker *a, void (*gone)(void *arg), void *arg)
{
	sip_raw_run(a->sim, 80000);
	sip_ua_free(a->ua);
	sip_login_free(a->login);
	gone(arg);
	assert_int_equal(sim_set_timers(a->sim), 0);
	sim_free(a->sim);
}

void sip_asker_send(struct sip_asker *a, const char *next_hop, bool is_theirs)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose, .response = on_response, .ended = on_ended
	};
	struct sip_request_settings s = { .next_hop = span_of(next_hop),
		.cseq = &a->cseq,
		.is_theirs = is_theirs };

	a->responses = a->ended = a->code = 0;
	a->e = ERR_NONE;
	a->request = sip_request_new(a->ua, &s, &handlers, a);
	sip_raw_run(a->sim, 100);
	assert_int_equal(a->ended, 1);
	assert_true(a->responses <= 1);
	assert_true(a->responses == 1 || err_is_set(&a->e));
}
