#include "sip/publication.h"

#include "base/mem.h"
#include "base/rand.h"
#include "sip/compose.h"
#include "sip/header.h"
#include "sip/ua_private.h"

#define CALL_ID_LENGTH 24
#define TAG_LENGTH 12
#define DOCUMENT_MAX (32 * 1024)

struct sip_publication {
	struct sip_ua_child child;
	struct sip_ua *ua;
	const struct sip_publication_handlers *handlers;
	void *arg;
	char *uri, *event, *content_type, *from;
	enum sip_transport_kind kind;
	uint32_t expires;

	char call_id[CALL_ID_LENGTH + 1], tag[TAG_LENGTH + 1];
	uint32_t cseq;
	struct buf document;
	char *etag; /* NULL: the server has nothing of ours */
	struct sip_request *request;
	struct timer *timer; /* the next one, or `ended` */
	bool is_new;         /* the document is not there yet */
	bool has_body;       /* the request under way has it */
	bool was_raised;
	bool is_ending, is_over;
	struct err failure;
};

/* ---- PUBLISH (section 4) ----------------------------------------------------------- */

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct sip_publication *p = arg;
	struct sip_compose c = { .method = SPAN("PUBLISH"),
		.request_uri = span_of(p->uri),
		.from = span_of(p->from),
		.tag = span_of(p->tag),
		.call_id = span_of(p->call_id),
		.cseq = p->cseq,
		.no_contact = true };
	bool with_body = p->has_body;

	(void)e;
	sip_compose(out, p->ua, &c, target, local);
	sip_msg_add(out, SIP_HDR_EVENT, span_of(p->event));
	sip_msg_add_number(out, SIP_HDR_EXPIRES, p->is_ending ? 0 : p->expires);
	if (p->etag)
		sip_msg_add(out, SIP_HDR_SIP_IF_MATCH, span_of(p->etag));
	sip_msg_end(out, with_body ? span_of(p->content_type) : SPAN_EMPTY,
		with_body ? buf_view(&p->document) : SPAN_EMPTY);
	return !out->failed;
}

static void publish(struct sip_publication *p);

static void end_soon(struct sip_publication *p)
{
	p->is_over = true;
	timer_set(p->timer, 0);
}

static void forget_etag(struct sip_publication *p)
{
	mem_free(p->etag);
	p->etag = NULL;
	p->is_new = true;
}

static void accepted(struct sip_publication *p, struct sip_scan *m)
{
	struct span etag = sip_scan_value(m, SIP_HDR_SIP_ETAG);
	uint32_t seconds = p->expires;

	if (p->is_ending) {
		end_soon(p);
		return;
	}
	mem_free(p->etag);
	p->etag = etag.n ? span_dup(etag) : NULL;
	sip_seconds_parse(&seconds, sip_scan_value(m, SIP_HDR_EXPIRES), NULL);
	if (p->is_new) { /* changed meanwhile */
		timer_set(p->timer, 0);
		return;
	}
	timer_set(p->timer, seconds > 120 ? (seconds - 60) * USEC_SEC
					  : seconds * USEC_SEC / 2);
	p->handlers->published(p->arg);
}

/* Section 4.1 and RFC 3261 section 21.4.17. */
static void refused(struct sip_publication *p, struct sip_scan *m)
{
	uint32_t least = 0;

	sip_seconds_parse(&least, sip_scan_value(m, SIP_HDR_MIN_EXPIRES), NULL);
	if (p->is_ending) {
		end_soon(p); /* it runs out by itself */
	} else if (m->status_code == 412 && p->etag) {
		forget_etag(p);
		timer_set(p->timer, 0);
	} else if (m->status_code == 423 && least > p->expires &&
		   !p->was_raised) {
		p->was_raised = p->is_new = true;
		p->expires = least;
		timer_set(p->timer, 0);
	} else {
		sip_request_refused(p->request, m, &p->failure);
		end_soon(p);
	}
}

static void on_response(void *arg, struct sip_scan *m)
{
	struct sip_publication *p = arg;

	if (m->status_code >= 300)
		refused(p, m);
	else if (m->status_code >= 200)
		accepted(p, m);
}

static void on_request_ended(void *arg, const struct err *e)
{
	struct sip_publication *p = arg;

	p->request = NULL;
	if (e && (p->is_ending || !p->etag)) {
		p->failure = *e;
		end_soon(p);
	} else if (e) {
		p->is_new |= p->has_body;
		timer_set(p->timer, SIP_PUBLICATION_RETRY);
	}
}

static void publish(struct sip_publication *p)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose,
		.response = on_response,
		.ended = on_request_ended,
	};
	struct sip_request_settings r = { .kind = p->kind,
		.cseq = &p->cseq,
		.next_hop = sip_compose_next_hop(
			p->ua, SPAN_EMPTY, span_of(p->uri)) };

	p->cseq++;
	p->has_body = !p->is_ending && (p->is_new || !p->etag);
	p->is_new = false;
	p->request = sip_request_new(p->ua, &r, &handlers, p);
}

static void fire(void *arg)
{
	struct sip_publication *p = arg;

	if (p->is_over)
		p->handlers->ended(p->arg, &p->failure);
	else if (!p->request)
		publish(p);
	else
		timer_set(p->timer, SIP_T1); /* one at a time (section 4) */
}

/* ---- the handle ----------------------------------------------------------------------- */

static void publication_gone(struct sip_ua_child *child)
{
	struct sip_publication *p =
		LIST_ITEM(child, struct sip_publication, child);

	sip_request_forget(p->request);
	list_remove(&p->child.link);
	timer_free(p->timer);
	buf_clear(&p->document);
	mem_free(p->uri);
	mem_free(p->event);
	mem_free(p->content_type);
	mem_free(p->from);
	mem_free(p->etag);
	mem_free(p);
}

struct sip_publication *sip_publication_new(
	const struct sip_publication_settings *s,
	const struct sip_publication_handlers *handlers, void *arg)
{
	struct sip_publication *p = mem_alloc(sizeof(*p));

	p->ua = s->ua;
	p->handlers = handlers;
	p->arg = arg;
	p->uri = span_dup(s->uri);
	p->event = span_dup(s->event);
	p->content_type = span_dup(s->content_type);
	p->from = s->from.n ? span_dup(s->from)
			    : mem_format("<%.*s>", SPAN_ARGS(s->uri));
	p->kind = s->kind;
	p->expires = s->expires ? s->expires : SIP_PUBLICATION_EXPIRES;
	buf_init(&p->document, DOCUMENT_MAX);
	rand_token(p->call_id, CALL_ID_LENGTH);
	rand_token(p->tag, TAG_LENGTH);
	p->timer = timer_new(sip_ua_loop(s->ua), fire, p);
	sip_ua_add_child(s->ua, &p->child, publication_gone);
	return p;
}

void sip_publication_free(struct sip_publication *p)
{
	if (p)
		publication_gone(&p->child);
}

void sip_publication_set(struct sip_publication *p, struct span document)
{
	buf_reset(&p->document);
	buf_span(&p->document, document);
	p->is_new = true;
	if (!p->request)
		timer_set(p->timer, 0);
}

void sip_publication_end(struct sip_publication *p)
{
	if (p->is_ending)
		return;
	p->is_ending = true;
	if (p->etag || p->request)
		timer_set(p->timer, 0);
	else
		end_soon(p);
}
