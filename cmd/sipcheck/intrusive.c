/* What is done with requests that nobody should send (RFC 4475): each by UDP,
 * and an OPTIONS right behind it, which must still be answered. */
#include "sipcheck.h"

#include "base/mem.h"
#include "base/rand.h"
#include "net/dgram.h"

/* Silence is an answer too; nobody needs longer for a bad request. */
#define SILENCE (500 * USEC_MS)
#define TOKEN_LENGTH 16
#define FILLER 60000 /* a datagram has 65,507 bytes */

/* A datagram, and what came back. */
struct throw
{
	struct timer *patience;
	bool is_over;
	unsigned code; /* 0: nothing that is SIP */
};

static void on_packet(void *arg, const struct dgram_packet *p)
{
	struct throw *t = arg;
	struct sip_scan *m = mem_alloc(sizeof(*m));

	sip_scan(m, p->bytes);
	if (!m->is_request && m->status_code >= 200) {
		t->code = m->status_code;
		t->is_over = true;
	}
	mem_free(m);
}

static void time_is_up(void *arg)
{
	struct throw *t = arg;

	t->is_over = true;
}

static bool is_over(void *arg)
{
	const struct throw *t = arg;

	return t->is_over;
}

/* ---- what is thrown ----------------------------------------------------------------- */

struct fault {
	const char *what;
	/* Instead of the right ones; NULL: they are right.  "": left out. */
	const char *call_id, *cseq, *length, *version;
	bool is_garbage;
	bool is_sound; /* too large, but any answer to it is right */
	size_t filler; /* bytes of a header field nobody knows */
};

static const struct fault faults[] = {
	{ .what = "a datagram that is no SIP", .is_garbage = true },
	{ .what = "a request without a Call-ID", .call_id = "" },
	{ .what = "a request whose CSeq is of another method",
		.cseq = "CSeq: 1 INVITE\r\n" },
	{ .what = "a request with a negative Content-Length",
		.length = "Content-Length: -999\r\n" },
	{ .what = "a request of SIP/7.0", .version = "SIP/7.0" },
	{ .what = "a header field of 60,000 bytes",
		.filler = FILLER,
		.is_sound = true },
};

static void compose(struct buf *out, const struct sipcheck *c,
	const struct endpoint *local, const struct fault *f)
{
	char token[TOKEN_LENGTH + 1], at[ENDPOINT_TEXT_SIZE];

	rand_token(token, TOKEN_LENGTH);
	endpoint_format(at, local);
	if (f->is_garbage) {
		buf_printf(out, "%s\r\n\r\n", token);
		return;
	}
	buf_printf(out,
		"OPTIONS %s %s\r\n"
		"Via: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <sip:sipcheck@%s>;tag=%s\r\n"
		"To: <%s>\r\n",
		c->uri, f->version ? f->version : "SIP/2.0", at, token, at,
		token, c->uri);
	if (f->call_id)
		buf_str(out, f->call_id);
	else
		buf_printf(out, "Call-ID: %s\r\n", token);
	buf_str(out, f->cseq ? f->cseq : "CSeq: 1 OPTIONS\r\n");
	if (f->filler) {
		buf_str(out, "X-Filler: ");
		for (size_t i = 0; i < f->filler; i++)
			buf_char(out, 'x');
		buf_str(out, "\r\n");
	}
	buf_printf(
		out, "%s\r\n", f->length ? f->length : "Content-Length: 0\r\n");
}

/* ---- one after the other --------------------------------------------------------------- */

static bool throw_it(struct sipcheck *c, const struct place *p,
	const struct fault *f, struct throw *t)
{
	static const struct dgram_handlers handlers = { .packet = on_packet };
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	struct endpoint local;
	struct err e;

	if (!dgram_route(c->run->loop, &p->target.address, &local, &e))
		return false;
	struct dgram *d = dgram_new(c->run->loop, &local, &handlers, t, &e);
	if (!d)
		return false;
	t->patience = timer_new(c->run->loop, time_is_up, t);
	timer_set(t->patience, SILENCE);
	compose(&text, c, dgram_local(d), f);
	bool sent = dgram_send(d, buf_view(&text), &p->target.address, &e) &&
		    wait_until(c, is_over, t);
	timer_free(t->patience);
	dgram_free(d);
	buf_clear(&text);
	return sent;
}

static void judge(struct sipcheck *c, const struct fault *f, unsigned code)
{
	if (code >= 400 || (code && f->is_sound))
		finding_add(&c->findings, FINDING_OK, "malformed", NULL,
			"%s is answered with %u", f->what, code);
	else if (code)
		finding_add(&c->findings, FINDING_WARNING, "malformed",
			"what is not sound is to be refused (RFC 4475)",
			"%s is answered with %u, as if it were sound", f->what,
			code);
	else
		finding_add(&c->findings, FINDING_NOTE, "malformed", NULL,
			"%s is not answered", f->what);
}

/* False: nobody is at home any more, or the run is over. */
static bool is_alive(
	struct sipcheck *c, const struct place *p, const struct fault *f)
{
	struct ask a;

	ask_start(&a, c, &p->target, "OPTIONS");
	bool waited = wait_until(c, ask_is_over, &a);
	if (waited && !a.code)
		finding_add(&c->findings, FINDING_ERROR, "malformed",
			"it has fallen over, or a ban against attacks has "
			"begun",
			"after %s nothing is answered any more: %s", f->what,
			a.e.text);
	bool alive = a.code != 0;
	ask_clear(&a);
	return waited && alive;
}

void check_intrusive(struct sipcheck *c)
{
	size_t i = 0;

	while (i < c->place_count &&
		!(c->places[i].is_answering &&
			c->places[i].target.kind == SIP_TRANSPORT_UDP))
		i++;
	if (i == c->place_count) {
		finding_add(&c->findings, FINDING_NOTE, "malformed", NULL,
			"nobody answers by UDP: nothing malformed was sent");
		return;
	}
	look_at(c, &c->places[i]);
	for (size_t k = 0; k < sizeof(faults) / sizeof(*faults); k++) {
		struct throw t = { .code = 0 };
		if (!throw_it(c, &c->places[i], &faults[k], &t))
			break;
		judge(c, &faults[k], t.code);
		if (!is_alive(c, &c->places[i], &faults[k]))
			break;
	}
	look_at(c, NULL);
}
