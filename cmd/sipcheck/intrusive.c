/* What is done with requests that nobody should send (RFC 4475), and with
 * streams that are cut as no stream should be but may: each by every kind of
 * transport that answers, and an OPTIONS right behind it, which must still be
 * answered. */
#include "throw.h"

#define FILLER 60000 /* bytes; a datagram has 65,507 */

static const struct fault faults[] = {
	{ .what = "what is no SIP", .by = BY_ALL, .is_garbage = true },
	{ .what = "a start line without a URI",
		.by = BY_ALL,
		.start = "OPTIONS SIP/2.0\r\n" },
	{ .what = "a request without a Call-ID", .by = BY_ALL, .call_id = "" },
	{ .what = "a request whose CSeq is of another method",
		.by = BY_ALL,
		.cseq = "CSeq: 1 INVITE\r\n" },
	{ .what = "a request with a negative Content-Length",
		.by = BY_ALL,
		.length = "Content-Length: -999\r\n" },
	{ .what = "a request with a Content-Length beyond its end",
		.by = BY_UDP | BY_WEB,
		.length = "Content-Length: 1000\r\n" },
	{ .what = "a request of SIP/7.0", .by = BY_ALL, .version = "SIP/7.0" },
	{ .what = "a header field of 60,000 bytes",
		.by = BY_ALL,
		.wants = WANTS_ANYTHING,
		.filler = FILLER },
	{ .what = "a body that is longer than its Content-Length",
		.by = BY_STREAM,
		.wants = WANTS_ANYTHING,
		.length = "Content-Type: text/plain\r\n"
			  "Content-Length: 4\r\n",
		.behind = "four, and more" },
	{ .what = "half a request, and then nothing",
		.by = BY_STREAM,
		.wants = WANTS_SILENCE,
		.is_half = true },
	{ .what = "a request behind empty lines",
		.by = BY_STREAM,
		.wants = WANTS_ANSWER,
		.answers = 1,
		.front = "\r\n\r\n\r\n\r\n",
		.advice = "empty lines in front of a request are to be passed "
			  "over (RFC 3261 section 7.5)" },
	{ .what = "a request in many small pieces",
		.by = BY_STREAM,
		.wants = WANTS_ANSWER,
		.answers = 1,
		.in_pieces = true,
		.advice = "a stream may be cut anywhere (RFC 3261 section "
			  "18.3)" },
	{ .what = "two requests in one piece",
		.by = BY_STREAM,
		.wants = WANTS_ANSWER,
		.answers = 2,
		.advice = "a request ends by its Content-Length, and the next "
			  "one begins there (RFC 3261 section 18.3)" },
};

/* ---- what is to be said of it ------------------------------------------------------- */

static void say(struct sipcheck *c, enum finding_level level,
	const char *advice, const struct fault *f, const struct thrown *t)
{
	if (t->code)
		finding_add(&c->findings, level, "malformed", advice,
			"%s is answered with %u%s", f->what, t->code,
			level == FINDING_WARNING ? ", as if it were sound"
						 : "");
	else
		finding_add(&c->findings, level, "malformed", advice, "%s %s",
			f->what,
			t->has_left ? "ends the connection"
				    : "is not answered");
}

static void judge_sound(
	struct sipcheck *c, const struct fault *f, const struct thrown *t)
{
	if (t->answers >= f->answers)
		finding_add(&c->findings, FINDING_OK, "malformed", NULL,
			"%s: each is answered", f->what);
	else
		finding_add(&c->findings, FINDING_WARNING, "malformed",
			f->advice, "%s: %u of %u answered%s", f->what,
			t->answers, f->answers,
			t->has_left ? ", and the connection is ended" : "");
}

static void judge(
	struct sipcheck *c, const struct fault *f, const struct thrown *t)
{
	bool is_refused = t->code >= 400 || (!t->code && t->has_left);

	if (f->wants == WANTS_ANSWER)
		judge_sound(c, f, t);
	else if (is_refused || (t->code && f->wants == WANTS_ANYTHING) ||
		 (!t->code && f->wants == WANTS_SILENCE))
		say(c, FINDING_OK, NULL, f, t);
	else if (t->code)
		say(c, FINDING_WARNING,
			"what is not sound is to be refused (RFC 4475)", f, t);
	else
		say(c, FINDING_NOTE, NULL, f, t);
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

/* ---- one after the other ------------------------------------------------------------- */

static unsigned way_of(enum sip_transport_kind kind)
{
	return kind == SIP_TRANSPORT_UDP ? BY_UDP
	       : kind == SIP_TRANSPORT_TCP || kind == SIP_TRANSPORT_TLS
		       ? BY_STREAM
		       : BY_WEB;
}

/* False: it is no use to go on. */
static bool check_place(struct sipcheck *c, const struct place *p)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct thrown t;
		if (!(faults[i].by & way_of(p->target.kind)))
			continue;
		if (!throw_it(c, p, &faults[i], &t))
			return false;
		if (!err_is_set(&t.e))
			judge(c, &faults[i], &t);
		if (!is_alive(c, p, &faults[i]))
			return false;
	}
	return true;
}

void check_intrusive(struct sipcheck *c)
{
	unsigned done = 0; /* kinds of transport */

	for (size_t i = 0; i < c->place_count; i++) {
		const struct place *p = &c->places[i];
		if (!p->is_answering || (done & 1u << p->target.kind))
			continue;
		done |= 1u << p->target.kind;
		look_at(c, p);
		if (!check_place(c, p))
			break;
	}
	look_at(c, NULL);
	if (!done)
		finding_add(&c->findings, FINDING_NOTE, "malformed", NULL,
			"nobody answers: nothing malformed was sent");
}
