/* The answers of a session, in the order of their requests: what they say of
 * the session itself, the elements in them, and what is asked next. */
#include "base/mem.h"
#include "xmpp/bosh_private.h"
#include "xmpp/ns.h"

/* Who answers nothing to nothing, and at once, is not asked in a circle. */
#define POLL_LEAST (1 * USEC_SEC)

/* Section 7.2: what holds for the session. */
static bool take_session(struct xmpp_bosh *b)
{
	const struct xmpp_bosh_answer *a = &b->answer;
	if (!a->sid.n || a->sid.n > XMPP_BOSH_SID_MAX)
		return xmpp_bosh_refuse(b, STATUS_MALFORMED,
			"opens a session of BOSH without a usable sid");
	b->sid = span_dup(a->sid);
	b->requests = a->requests && a->requests < XMPP_BOSH_REQUESTS
			      ? a->requests
			      : XMPP_BOSH_REQUESTS;
	b->polling = a->polling;
	if (a->wait && a->wait < b->wait)
		b->wait = a->wait;
	b->phase = XMPP_BOSH_ON;
	return true;
}

static void on_root(void *arg, const struct xml_element *root, const char *ns)
{
	struct xmpp_bosh *b = arg;
	(void)ns;
	xmpp_bosh_answer_parse(&b->answer, root);
	span_copy(b->condition, sizeof(b->condition), b->answer.condition);
	if (b->answer.condition.n && !*b->condition)
		span_copy(b->condition, sizeof(b->condition),
			SPAN("undefined-condition"));
	if (b->answer.type != XMPP_BOSH_PLAIN || !b->posted[0].opens)
		return;
	b->posted[0].opens = false;
	if (b->phase != XMPP_BOSH_NEW || take_session(b))
		b->handlers.header(b->arg, b->answer.from, b->answer.sid);
}

/* XEP-0206 section 2: many servers leave the namespace out. */
static void on_element(void *arg, struct xml_element *s)
{
	struct xmpp_bosh *b = arg;
	struct xmpp_bosh_posted *p = &b->posted[0];
	if (b->phase == XMPP_BOSH_OVER || b->seen++ < p->taken) {
		xml_element_free(s);
		return;
	}
	p->taken++;
	xml_element_change_ns(s, XMPP_NS_BOSH, XMPP_NS_CLIENT);
	b->handlers.element(b->arg, s);
}

static void on_root_end(void *arg)
{
	struct xmpp_bosh *b = arg;
	b->is_whole = true;
}

const struct xml_parser_handler xmpp_bosh_parser_handler = {
	.open = on_root,
	.stanza = on_element,
	.close = on_root_end,
	.root_name = "body",
	.root_ns = XMPP_NS_BOSH,
};

size_t xmpp_bosh_take(struct xmpp_bosh *b, struct span bytes)
{
	struct err e = ERR_NONE;
	xmpp_bosh_hold(b);
	b->left = 0;
	b->feeding = true;
	bool good = xml_parser_feed(b->parser, bytes, &e);
	b->feeding = false;
	size_t used = bytes.n - b->left;
	if (!good && !b->freed) {
		err_prefix(&e, "what came is no BOSH");
		xmpp_bosh_end(b, &e);
	}
	xmpp_bosh_release(b);
	return used;
}

void xmpp_bosh_begin_answer(struct xmpp_bosh *b)
{
	xml_parser_reset(b->parser);
	b->is_whole = false;
	b->seen = 0;
	b->answer = (struct xmpp_bosh_answer){ 0 };
}

/* The oldest has its answer: the other one moves up. */
static void drop_oldest(struct xmpp_bosh *b)
{
	buf_clear_wiped(&b->posted[0].body);
	for (size_t i = 1; i < b->count; i++) {
		b->posted[i - 1] = b->posted[i];
		if (b->posted[i - 1].line)
			b->posted[i - 1].line->carries = &b->posted[i - 1];
	}
	b->count--;
	b->posted[b->count] = (struct xmpp_bosh_posted){ 0 };
}

/* Section 17.3: once more the same, as long as the server does not ask for it
 * for ever. */
static void repeat(struct xmpp_bosh *b)
{
	if (b->posted[0].tries >= XMPP_BOSH_TRIES)
		xmpp_bosh_refuse(b, STATUS_UNREACHABLE,
			"wants one request again and again");
	else
		xmpp_bosh_post(b, &b->posted[0]);
}

/* At the end of the turn, when those above have said what they have to. */
static void poll_soon(struct xmpp_bosh *b, bool was_idle)
{
	usec_t rest = b->polling * USEC_SEC;
	if (rest < POLL_LEAST)
		rest = POLL_LEAST;
	timer_set(b->poll, was_idle ? rest : 0);
}

static void go_on(struct xmpp_bosh *b, bool was_idle)
{
	xmpp_bosh_listen(b);
	xmpp_bosh_open_stream(b);
	b->handlers.ready(b->arg);
	if (!b->freed && b->phase == XMPP_BOSH_ON && b->count == 0)
		poll_soon(b, was_idle);
}

void xmpp_bosh_take_end(struct xmpp_bosh *b)
{
	const struct xmpp_bosh_posted *p = &b->posted[0];
	enum xmpp_bosh_type type = b->answer.type;
	struct err e = ERR_NONE;
	bool is_whole = b->is_whole;
	bool was_idle = p->is_empty && !p->taken && b->count == 1 &&
			loop_now(b->loop) - p->at < POLL_LEAST;
	xmpp_bosh_hold(b);
	xmpp_bosh_begin_answer(b);
	if (!is_whole) {
		xmpp_bosh_refuse(b, STATUS_MALFORMED,
			"an answer without a whole <body/>");
	} else if (type == XMPP_BOSH_ERROR) {
		repeat(b);
	} else if (type == XMPP_BOSH_TERMINATE) {
		xmpp_bosh_condition_to_err(span_of(b->condition), &e);
		xmpp_bosh_end(b, &e);
	} else {
		drop_oldest(b);
		if (b->phase == XMPP_BOSH_LEAVING && b->count == 0)
			xmpp_bosh_end(b, &e);
		else
			go_on(b, was_idle);
	}
	xmpp_bosh_release(b);
}
