#include "tests/common/test.h"

#include "tests/common/call_party.h"

#include <stdlib.h>
#include <string.h>

#include "tests/common/sip_raw.h"

static void note(struct call_party *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void note(struct call_party *p, const char *format, ...)
{
	va_list ap;

	buf_printf(&p->log, "%lld ", (long long)sip_raw_ms(p->sim, p->start));
	va_start(ap, format);
	buf_vprintf(&p->log, format, ap);
	va_end(ap);
	buf_str(&p->log, "\n");
}

/* ---- audio ---- */

static size_t speak(void *arg, int16_t *out, size_t max, bool *ended)
{
	struct call_party *p = arg;
	size_t left = p->give - p->given;
	size_t count = left < max ? left : max;

	for (size_t i = 0; i < count; i++)
		out[i] = (int16_t)((p->given++ % 64) * 500 - 16000);
	*ended = p->give && p->given == p->give;
	return count;
}

static void drained(void *arg)
{
	struct call_party *p = arg;

	p->drained++;
}

static void hear(void *arg, const int16_t *samples, size_t count)
{
	struct call_party *p = arg;

	p->heard += (unsigned)count;
	for (size_t i = 0; i < count; i++)
		p->told += abs(samples[i]) > 100;
}

/* ---- calls ---- */

static void progress(void *arg, unsigned code, struct span reason)
{
	(void)reason;
	note(arg, "progress %u", code);
}

static void up(void *arg)
{
	struct call_party *p = arg;

	p->ups++;
	note(p, "up");
}

static void ended(void *arg, const struct sip_invite_end *end)
{
	static const char *const how[] = { "we left", "they left", "refused",
		"cancelled", "failed" };
	struct call_party *p = arg;

	p->ends++;
	p->how = end->how;
	p->code = end->code;
	p->status = end->e ? end->e->status : STATUS_DONE;
	p->text[0] = '\0';
	if (end->e)
		memcpy(p->text, end->e->text, sizeof(p->text));
	call_report(p->call, &p->report);
	p->call = NULL;
	if (end->how == SIP_INVITE_FAILED)
		note(p, "failed %d", p->status);
	else if (end->code >= 300)
		note(p, "%s %u", how[end->how], end->code);
	else
		note(p, "%s", how[end->how]);
}

static const struct call_handlers handlers = {
	.audio = { .source = speak, .drained = drained, .sink = hear },
	.progress = progress,
	.up = up,
	.ended = ended,
};

static void begin(struct call_party *p)
{
	p->given = p->heard = p->told = p->drained = 0;
}

static void on_invite(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct call_party *p = arg;
	struct sip_reply busy = { .reason = SPAN_EMPTY };
	struct err e = ERR_NONE;

	p->calls++;
	if (p->call) {
		sip_ua_reply(p->ua, s, 486, &busy, NULL);
		return;
	}
	begin(p);
	p->call = call_take(p->ua, s, m, &p->codecs, &handlers, p, &e);
	if (p->call) {
		note(p, "called");
		if (p->picks_up)
			call_party_accept(p);
		return;
	}
	p->refused++;
	p->status = e.status;
	memcpy(p->text, e.text, sizeof(p->text));
	note(p, "not taken %d", e.status);
}

void call_party_open(struct call_party *p, struct sim *sim, const char *address)
{
	static const char *const media_types[] = { "application/sdp", NULL };
	struct sip_ua_settings s = { .loop = sim_loop(sim),
		.user_agent = "party/1",
		.media_types = media_types };
	struct endpoint local = sip_raw_at(address);
	struct err e = ERR_NONE;

	memset(p, 0, sizeof(*p));
	p->sim = sim;
	p->start = loop_now(sim_loop(sim));
	buf_init(&p->log, 1 << 20);
	call_codecs_all(&p->codecs);
	p->ua = sip_ua_new(&s);
	sip_ua_serve(p->ua, SIP_METHOD_INVITE, on_invite, p);
	assert_ok(sip_ua_listen(p->ua, &local, NULL, &e), &e);
}

void call_party_close(struct call_party *p)
{
	assert_null(p->call);
	assert_int_equal(sip_ua_dialogs(p->ua), 0);
	assert_int_equal(sip_transactions_count(sip_ua_transactions(p->ua)), 0);
	sip_ua_free(p->ua);
	buf_clear(&p->log);
}

void call_party_call(struct call_party *p, const char *uri)
{
	struct sip_invite_settings s = { .request_uri = span_of(uri),
		.from = SPAN("<sip:caller@example.org>") };

	begin(p);
	p->call = call_place(p->ua, &s, &p->codecs, &handlers, p);
}

void call_party_accept(struct call_party *p)
{
	struct err e = ERR_NONE;

	assert_ok(call_accept(p->call, &e), &e);
}

void call_party_log(
	struct call_party *p, const char *want, const char *file, int line)
{
	if (strcmp(buf_text(&p->log), want) != 0) {
		print_error("expected\n%sgot\n%s%s\n", want, buf_text(&p->log),
			p->text);
		_fail(file, line);
	}
	buf_reset(&p->log);
}
