#include "tests/common/test.h"

#include "tests/common/sip_guard.h"

#include <stdio.h>

static bool is_good(struct sip_guard *g, const struct sip_credentials *c)
{
	struct sip_digest_login login = { .user = SPAN("alice"),
		.password = span_of(g->password) };

	return span_is(c->nonce, g->nonce) && span_is(c->realm, g->realm) &&
	       c->nonce_count == g->used + 1 &&
	       sip_digest_is_user(c, SPAN("alice")) &&
	       sip_digest_verify(
		       c, &login, g->raw.scan.method, g->raw.scan.body);
}

static void ask(struct sip_guard *g, bool stale)
{
	struct buf lines = BUF_INIT(4000);

	for (const char *at = g->challenges; *at; at++)
		if (*at == '@')
			buf_printf(&lines, "%s%s", g->nonce,
				stale ? "\", stale=\"true" : "");
		else
			buf_char(&lines, *at);
	g->used = 0;
	sip_raw_reply_lines(&g->raw, g->code, "guard", buf_text(&lines));
	buf_clear(&lines);
}

static void guard_answers(struct sip_raw *r)
{
	struct sip_guard *g = r->arg;
	struct span value = sip_scan_value(
		&r->scan, g->code == 407 ? SIP_HDR_PROXY_AUTHORIZATION
					 : SIP_HDR_AUTHORIZATION);
	struct sip_credentials c;
	struct sip_cseq cseq;
	char lines[200] = "";

	assert_true(sip_cseq_parse(
		&cseq, sip_scan_value(&r->scan, SIP_HDR_CSEQ), NULL));
	buf_printf(&g->log, "%.*s %u ", SPAN_ARGS(r->scan.method), cseq.number);
	bool has = value.n && sip_credentials_parse(&c, value, NULL);
	if (!has) {
		buf_str(&g->log, "nothing;");
		ask(g, false);
	} else if (g->is_fickle) {
		g->nonce = span_is(c.nonce, "even") ? "odd" : "even";
		buf_str(&g->log, "stale;");
		ask(g, true);
	} else if (g->uses && g->used >= g->uses &&
		   span_is(c.nonce, g->nonce)) {
		g->nonce = "fresher";
		buf_str(&g->log, "stale;");
		ask(g, true);
	} else if (!is_good(g, &c)) {
		buf_str(&g->log, "wrong;");
		ask(g, false);
	} else {
		g->used++;
		buf_printf(&g->log, "%s %u;", sip_digest_name(c.algorithm),
			c.nonce_count);
		if (g->next_nonce) {
			snprintf(lines, sizeof(lines),
				"Authentication-Info: nextnonce=\"%s\"\r\n",
				g->next_nonce);
			g->nonce = g->next_nonce;
			g->used = 0;
		}
		sip_raw_reply_lines(
			r, 200, "guard", g->lines ? g->lines : lines);
	}
}

void sip_guarded_open(
	struct sip_guarded *w, const struct sip_login_settings *login)
{
	sip_asker_open(&w->asker, login);
	w->guard = (struct sip_guard){ .code = 401,
		.challenges = "WWW-Authenticate: Digest realm=\"home\", "
			      "qop=\"auth\", nonce=\"@\"\r\n",
		.nonce = "first",
		.password = "secret",
		.realm = "home" };
	sip_raw_open(&w->guard.raw, w->asker.sim, SIP_ASKER_SERVER);
	buf_init(&w->guard.log, 1 << 16);
	w->guard.raw.answers = guard_answers;
	w->guard.raw.arg = &w->guard;
}

static void gone(void *arg)
{
	struct sip_guarded *w = arg;

	sip_raw_close(&w->guard.raw);
	buf_clear(&w->guard.log);
}

void sip_guarded_close(struct sip_guarded *w)
{
	sip_asker_close(&w->asker, gone, w);
}

void sip_guarded_send(
	struct sip_guarded *w, const char *next_hop, bool is_theirs)
{
	sip_asker_send(&w->asker, next_hop, is_theirs);
	assert_int_equal(w->asker.responses, 1);
}
