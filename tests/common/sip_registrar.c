#include "tests/common/test.h"

#include "tests/common/sip_registrar.h"

#include <stdio.h>
#include <string.h>

static void reply_bound(struct sip_registrar *g, struct sip_raw *raw)
{
	struct buf lines = BUF_INIT(4000);
	struct sip_contact c = { .has_expires = false };
	struct sip_param p;

	sip_contact_parse(
		&c, sip_scan_value(&raw->scan, SIP_HDR_CONTACT), NULL);
	buf_printf(&lines, "%s", g->lines ? g->lines : "");
	if (g->is_bound && !g->says_no_contact && !c.is_star) {
		buf_printf(&lines, "Contact: <%.*s>;expires=%u",
			SPAN_ARGS(c.addr.uri), g->grant);
		if (sip_param_find(c.addr.params, "+sip.instance", &p))
			buf_printf(&lines,
				";+sip.instance=%.*s"
				";pub-gruu=\"sip:a@192.0.2.2;gr=1\""
				";temp-gruu=\"sip:t@192.0.2.2;gr\"",
				SPAN_ARGS(p.value));
		if (sip_param_find(c.addr.params, "reg-id", &p))
			buf_printf(&lines, ";reg-id=%.*s", SPAN_ARGS(p.value));
		buf_str(&lines, "\r\n");
	}
	sip_raw_reply_lines(raw, 200, "registrar", buf_text(&lines));
	buf_clear(&lines);
}

static void note_binding(struct sip_registrar *g, const struct sip_contact *c)
{
	usec_t now = loop_now(sim_loop(g->raw.sim));
	uint32_t asked = c->has_expires ? c->expires : 3600;

	if (g->is_bound && now > g->expires_at && now - g->expires_at > g->gap)
		g->gap = now - g->expires_at;
	g->refreshes += g->is_bound && asked;
	g->is_bound = asked && !c->is_star;
	g->expires_at = now + (usec_t)g->grant * USEC_SEC;
}

static bool asks_for_outbound(const struct sip_raw *raw)
{
	struct span supported = sip_scan_value(&raw->scan, SIP_HDR_SUPPORTED);

	return span_find_span(supported, SPAN("outbound"), 0) < supported.n;
}

static void registrar_answers(struct sip_raw *raw)
{
	struct sip_registrar *g = raw->arg;
	struct sip_contact c = { .has_expires = false };
	struct sip_cseq cseq;
	char lines[60];

	g->requests++;
	assert_true(sip_cseq_parse(
		&cseq, sip_scan_value(&raw->scan, SIP_HDR_CSEQ), NULL));
	assert_true(cseq.number >= g->last_cseq);
	bool again = cseq.number == g->last_cseq;
	g->last_cseq = cseq.number;
	if (g->is_silent)
		return;
	if (g->refuse && !(g->refuse == 439 && !asks_for_outbound(raw))) {
		sip_raw_reply_lines(raw, g->refuse, "registrar",
			g->refuse_lines ? g->refuse_lines : "");
		return;
	}
	struct span contact = sip_scan_value(&raw->scan, SIP_HDR_CONTACT);
	if (contact.n)
		assert_true(sip_contact_parse(&c, contact, NULL));
	if (g->least && c.has_expires && c.expires && c.expires < g->least) {
		snprintf(lines, sizeof(lines), "Min-Expires: %u\r\n", g->least);
		sip_raw_reply_lines(raw, 423, "registrar", lines);
		return;
	}
	if (contact.n && !again)
		note_binding(g, &c);
	reply_bound(g, raw);
}

static void registrar_open(struct sip_registrar *g, struct sim *sim)
{
	memset(g, 0, sizeof(*g));
	sip_raw_open(&g->raw, sim, SIP_REGISTRAR_AT);
	g->raw.answers = registrar_answers;
	g->raw.arg = g;
	g->grant = 3600;
}

static void told(void *arg, const struct sip_registration_event *event)
{
	struct sip_registered *c = arg;

	c->again = event->again;
	switch (event->what) {
	case SIP_REGISTRATION_DONE:
		buf_printf(&c->log, "done %u%s%s", event->granted,
			event->is_outbound ? " outbound" : "",
			event->no_outbound ? " without" : "");
		if (event->has_own && event->own.pub_gruu.n)
			buf_printf(&c->log, " %.*s %.*s",
				SPAN_ARGS(event->own.pub_gruu),
				SPAN_ARGS(event->own.temp_gruu));
		break;
	case SIP_REGISTRATION_BINDINGS:
		buf_str(&c->log, "bindings");
		break;
	case SIP_REGISTRATION_REMOVED:
		buf_str(&c->log, "removed");
		break;
	case SIP_REGISTRATION_FAILED:
		buf_printf(&c->log, "failed %d", event->e->status);
		break;
	}
	buf_char(&c->log, ';');
}

void sip_registered_open(struct sip_registered *c, uint64_t seed,
	const struct sip_registration_settings *settings)
{
	struct sip_registration_settings s = *settings;
	struct endpoint local = sip_raw_at("192.0.2.1:5060");
	struct err e = ERR_NONE;

	memset(c, 0, sizeof(*c));
	c->sim = sim_new(seed);
	registrar_open(&c->registrar, c->sim);
	buf_init(&c->log, 1 << 20);
	struct sip_ua_settings ua = { .loop = sim_loop(c->sim) };
	c->ua = sip_ua_new(&ua);
	assert_ok(sip_ua_listen(c->ua, &local, NULL, &e), &e);
	s.ua = c->ua;
	s.aor = SPAN("sip:alice@192.0.2.2");
	s.user = SPAN("alice");
	s.expires = 600;
	c->registration = sip_registration_new(&s, told, c, &e);
	assert_ok(c->registration, &e);
}

void sip_registered_close(struct sip_registered *c)
{
	sip_registration_free(c->registration);
	sip_ua_free(c->ua);
	buf_clear(&c->log);
	sip_raw_close(&c->registrar.raw);
	assert_int_equal(sim_set_timers(c->sim), 0);
	sim_free(c->sim);
}

void sip_registered_run(struct sip_registered *c, usec_t ms)
{
	sip_raw_run(c->sim, ms);
}
