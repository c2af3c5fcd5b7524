#include "sip/message.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "sip/compose.h"
#include "sip/outgoing.h"
#include "sip/ua.h"

#define CALL_ID_LENGTH 24
#define TAG_LENGTH 12

/* A URI and those who wait for it; there is one while somebody does. */
struct destination {
	struct map_node node;
	struct link queue; /* the first is under way, or due */
	struct link due;   /* in sip_messages, where its first is to start */
	char *key;
};

struct message {
	struct link in_queue, in_all;
	struct sip_messages *of;
	struct destination *destination;
	struct sip_request *request; /* NULL: it waits */
	sip_message_done *done;
	void *arg;
	char *to, *content_type, *subject, *headers, *body;
	size_t len;
	char call_id[CALL_ID_LENGTH + 1], tag[TAG_LENGTH + 1];
	uint32_t cseq;
	unsigned code; /* of a final response that came */
	char *reason;
	struct err failure;
};

struct sip_messages {
	struct sip_messages_settings s;
	struct map destinations;
	struct link all, due;
	struct timer *next; /* starts those that are due */
	size_t count;
};

/* ---- the request (RFC 3428 section 4) --------------------------------------- */

/* What the transport layer will put in front of it, see sip/outgoing.h. */
static size_t via_length(
	const struct sip_target *target, const struct endpoint *local)
{
	char sent_by[ENDPOINT_TEXT_SIZE];

	return strlen("Via: SIP/2.0/") +
	       strlen(sip_transport_name(target->kind)) + 1 +
	       strlen(endpoint_format(sent_by, local)) + strlen(";branch=") +
	       SIP_BRANCH_SIZE + strlen(";rport\r\n");
}

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct message *m = arg;
	const struct sip_messages_settings *s = &m->of->s;

	struct sip_compose c = { .method = SPAN("MESSAGE"),
		.request_uri = span_of(m->to),
		.from = s->from,
		.to = s->to,
		.tag = span_of(m->tag),
		.call_id = span_of(m->call_id),
		.cseq = m->cseq,
		.no_contact = true };

	sip_compose(out, s->ua, &c, target, local);
	if (m->subject[0])
		sip_msg_add(out, SIP_HDR_SUBJECT, span_of(m->subject));
	buf_span(out, span_of(m->headers));
	sip_msg_end(out, span_of(m->content_type), span_from(m->body, m->len));
	size_t whole = out->len + via_length(target, local);
	if (out->failed || s->large || whole <= SIP_MESSAGE_MAX)
		return true;
	err_set(e, STATUS_MALFORMED,
		"the request would have %zu bytes, and a MESSAGE may have %d "
		"(RFC 3428 section 8)",
		whole, SIP_MESSAGE_MAX);
	err_condition(e, "too-large", false);
	return false;
}

/* ---- one after the other (section 8) ------------------------------------------ */

static void message_free(struct message *m)
{
	struct destination *d = m->destination;

	sip_request_forget(m->request);
	list_remove(&m->in_queue);
	list_remove(&m->in_all);
	m->of->count--;
	if (link_is_alone(&d->queue)) {
		list_remove(&d->due);
		map_remove(&m->of->destinations, &d->node);
		mem_free(d->key);
		mem_free(d);
	}
	mem_free(m->to);
	mem_free(m->content_type);
	mem_free(m->subject);
	mem_free(m->headers);
	mem_free(m->body);
	mem_free(m->reason);
	mem_free(m);
}

static void message_end(struct message *m, const struct err *e)
{
	struct message copy = *m;
	struct err why = e ? *e : m->failure;
	struct sip_message_end end = { .code = m->code,
		.call_id = copy.call_id,
		.e = err_is_set(&why) ? &why : NULL };

	m->to = m->reason = NULL;
	end.to = copy.to;
	end.reason = copy.reason ? copy.reason : "";
	/* The next one's turn; `done` may give more, or free us all. */
	list_remove(&m->destination->due);
	list_append(&m->of->due, &m->destination->due);
	timer_set(m->of->next, 0);
	message_free(m);
	copy.done(copy.arg, &end);
	mem_free(copy.to);
	mem_free(copy.reason);
}

static void on_response(void *arg, struct sip_scan *r)
{
	struct message *m = arg;
	char reason[ERR_CONDITION_MAX * 2];

	if (r->status_code < 200)
		return;
	utf8_printable_to(reason, sizeof(reason), r->reason);
	mem_free(m->reason);
	m->reason = mem_str(reason);
	m->code = r->status_code;
	err_clear(&m->failure);
	if (m->code < 300)
		return;
	sip_request_refused(m->request, r, &m->failure);
	m->failure.retryable = m->code == 408 || m->code == 480 ||
			       m->code == 486 || m->code / 100 == 5;
}

static void on_ended(void *arg, const struct err *e)
{
	struct message *m = arg;

	m->request = NULL;
	message_end(m, e);
}

static void message_start(struct message *m)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose,
		.response = on_response,
		.ended = on_ended,
	};
	struct sip_request_settings s = m->of->s.request;

	s.cseq = &m->cseq;
	s.next_hop =
		sip_compose_next_hop(m->of->s.ua, SPAN_EMPTY, span_of(m->to));
	m->request = sip_request_new(m->of->s.ua, &s, &handlers, m);
}

static void start_next(void *arg)
{
	struct sip_messages *s = arg;
	struct link *at;

	while ((at = list_first(&s->due)) != NULL) {
		struct destination *d = LIST_ITEM(at, struct destination, due);
		list_remove(at);
		message_start(LIST_ITEM(
			list_first(&d->queue), struct message, in_queue));
	}
}

/* The same URI: as it is written, but for the case of scheme and host. */
static char *destination_key(struct span uri)
{
	char *key = span_dup(uri);
	char *host = strchr(key, '@');
	char *end;

	for (end = key; *end && *end != ':'; end++)
		*end |= 0x20;
	host = host ? host : end;
	for (; *host && *host != ';' && *host != '?'; host++)
		if (*host >= 'A' && *host <= 'Z')
			*host |= 0x20;
	return key;
}

static struct destination *get_destination(
	struct sip_messages *s, struct span uri)
{
	char *key = destination_key(uri);
	struct map_node *node = map_find(&s->destinations, span_of(key));

	if (node) {
		mem_free(key);
		return MAP_ITEM(node, struct destination, node);
	}
	struct destination *d = mem_alloc(sizeof(*d));
	link_init(&d->queue);
	link_init(&d->due);
	d->key = key;
	map_add(&s->destinations, &d->node, span_of(key));
	return d;
}

/* ---- the sender ------------------------------------------------------------------ */

void sip_message_send(struct sip_messages *s, const struct sip_message *what,
	sip_message_done *done, void *arg)
{
	struct message *m = mem_alloc(sizeof(*m));

	m->of = s;
	m->done = done;
	m->arg = arg;
	m->to = span_dup(what->to);
	m->content_type = span_dup(what->content_type);
	m->subject = span_dup(what->subject);
	m->headers = span_dup(what->headers);
	m->body = mem_strn(what->body.p, what->body.n);
	m->len = what->body.n;
	m->cseq = 1;
	rand_token(m->call_id, CALL_ID_LENGTH);
	rand_token(m->tag, TAG_LENGTH);
	m->destination = get_destination(s, what->to);
	list_append(&m->destination->queue, &m->in_queue);
	list_append(&s->all, &m->in_all);
	s->count++;
	if (list_first(&m->destination->queue) == &m->in_queue)
		message_start(m);
}

struct sip_messages *sip_messages_new(const struct sip_messages_settings *s)
{
	struct sip_messages *ms = mem_alloc(sizeof(*ms));

	ms->s = *s;
	link_init(&ms->all);
	link_init(&ms->due);
	ms->next = timer_new(sip_ua_loop(s->ua), start_next, ms);
	return ms;
}

void sip_messages_free(struct sip_messages *s)
{
	if (!s)
		return;
	LIST_EACH(&s->all, at)
	message_free(LIST_ITEM(at, struct message, in_all));
	timer_free(s->next);
	map_clear(&s->destinations);
	mem_free(s);
}

size_t sip_messages_count(const struct sip_messages *s)
{
	return s->count;
}

void sip_messages_give_up(struct sip_messages *s)
{
	struct link *at;

	while ((at = list_first(&s->all)) != NULL) {
		struct message *m = LIST_ITEM(at, struct message, in_all);
		struct err e = ERR_NONE;
		if (m->request)
			err_set(&e, STATUS_TIMEOUT,
				"no answer yet: it may have arrived or not");
		else
			err_set(&e, STATUS_TIMEOUT, "it was not sent any more");
		err_condition(&e, m->request ? "timeout" : "not-sent", true);
		message_end(m, &e);
	}
}

bool sip_message_check(const struct sip_message *m, struct err *e)
{
	struct sip_media_type type;

	for (size_t i = 0; i < m->subject.n; i++)
		if ((unsigned char)m->subject.p[i] < ' ' ||
			m->subject.p[i] == 0x7f)
			return err_set(e, STATUS_MALFORMED,
				"the subject has a control character or more "
				"than one line");
	if (!utf8_is_valid(m->subject))
		return err_set(e, STATUS_MALFORMED, "the subject is not UTF-8");
	return sip_media_type_parse(&type, m->content_type, e);
}
