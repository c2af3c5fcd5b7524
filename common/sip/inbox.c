#include "sip/inbox.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "sip/header.h"
#include "sip/ua.h"

/* One message: while it waits, and then as one that was seen. */
struct arrival {
	struct map_node node;
	struct link link; /* in waiting, or in a generation */
	struct sip_inbox *of;
	struct sip_server *server; /* NULL: nobody waits for an answer */
	bool is_waiting;
	unsigned char key[HASH_MAX];
};

/* Those of a time, forgotten together. */
struct generation {
	struct link arrivals;
	size_t count;
};

struct sip_inbox {
	struct sip_inbox_settings s;
	sip_inbox_message *message;
	void *arg;
	struct map by_key;
	struct link waiting; /* the oldest first */
	size_t waiting_count;
	struct generation young, old;
	usec_t young_since;
};

/* ---- what was seen ----------------------------------------------------------- */

static void arrival_free(struct arrival *a)
{
	sip_server_forget(a->server);
	map_remove(&a->of->by_key, &a->node);
	list_remove(&a->link);
	mem_free(a);
}

static void forget(struct generation *g)
{
	LIST_EACH(&g->arrivals, at)
	arrival_free(LIST_ITEM(at, struct arrival, link));
	g->count = 0;
}

/* Two generations: what is forgotten is at least SIP_INBOX_MEMORY old, unless
 * there were too many. */
static void grow_old(struct sip_inbox *i)
{
	usec_t now = loop_now(sip_ua_loop(i->s.ua));

	if (now - i->young_since < SIP_INBOX_MEMORY &&
		i->young.count < SIP_INBOX_SEEN_MAX / 2)
		return;
	forget(&i->old);
	LIST_EACH(&i->young.arrivals, at)
	{
		list_remove(at);
		list_append(&i->old.arrivals, at);
	}
	i->old.count = i->young.count;
	i->young.count = 0;
	i->young_since = now;
}

/* RFC 3261 section 8.2.2.2, and what it says: who counts wrong, or not at
 * all, still says something else. */
static void make_key(unsigned char key[HASH_MAX], const struct sip_scan *m)
{
	struct span parts[] = { sip_scan_value(m, SIP_HDR_CALL_ID), SPAN("\n"),
		sip_scan_value(m, SIP_HDR_CSEQ), SPAN("\n"),
		sip_tag(sip_scan_value(m, SIP_HDR_FROM)), SPAN("\n"), m->body };

	hash_parts(HASH_SHA256, parts, sizeof(parts) / sizeof(parts[0]), key);
}

static struct span key_of(const unsigned char *key)
{
	return span_from((const char *)key, hash_size(HASH_SHA256));
}

/* ---- requests ------------------------------------------------------------------- */

static void reply(struct sip_inbox *i, struct sip_server *s, unsigned code)
{
	struct buf lines = BUF_INIT(100);
	struct sip_reply with = { .reason = SPAN_EMPTY };

	if (code == 503)
		sip_msg_add_number(
			&lines, SIP_HDR_RETRY_AFTER, SIP_INBOX_RETRY_AFTER);
	else if (code == 415)
		sip_msg_add(&lines, SIP_HDR_ACCEPT_ENCODING, SPAN("identity"));
	with.headers = buf_view(&lines);
	sip_ua_reply(i->s.ua, s, code, &with, NULL);
	buf_clear(&lines);
}

/* Nobody waits for the answer any longer; the message is safe all the same. */
static void on_ended(void *arg, const struct err *e)
{
	struct arrival *a = arg;

	(void)e;
	a->server = NULL;
}

static void watch(struct arrival *a, struct sip_server *s)
{
	static const struct sip_server_handlers handlers = { .ended =
								     on_ended };

	a->server = s;
	sip_server_watch(s, &handlers, a);
}

static struct arrival *arrival_new(struct sip_inbox *i, struct sip_server *s,
	const unsigned char key[HASH_MAX])
{
	struct arrival *a = mem_alloc(sizeof(*a));

	a->of = i;
	a->is_waiting = true;
	memcpy(a->key, key, sizeof(a->key));
	map_add(&i->by_key, &a->node, key_of(a->key));
	list_append(&i->waiting, &a->link);
	i->waiting_count++;
	watch(a, s);
	return a;
}

/* What was refused may come again, and is looked at again. */
static void answer(struct arrival *a, unsigned code)
{
	struct sip_inbox *i = a->of;

	if (a->server) {
		sip_server_forget(a->server);
		reply(i, a->server, code);
		a->server = NULL;
	}
	i->waiting_count--;
	a->is_waiting = false;
	if (code / 100 != 2) {
		arrival_free(a);
		return;
	}
	list_remove(&a->link);
	list_append(&i->young.arrivals, &a->link);
	i->young.count++;
}

/* RFC 3261 section 8.2.3: what nobody here can decode is no message. */
static bool is_encoded(const struct sip_scan *m)
{
	struct sip_values at = SIP_VALUES_INIT;

	while (sip_scan_values(m, SIP_HDR_CONTENT_ENCODING, &at))
		if (!span_is_nocase(at.value, "identity"))
			return true;
	return at.malformed;
}

static unsigned refusal(const struct sip_inbox *i, const struct sip_scan *m)
{
	if (is_encoded(m))
		return 415;
	if (m->body.n > i->s.body_max)
		return 413;
	return i->waiting_count >= i->s.waiting_max ? 503 : 0;
}

/* It is there before anybody hears of it: the answer may be given at once. */
static void take(struct sip_inbox *i, struct sip_server *s, struct sip_scan *m,
	const unsigned char key[HASH_MAX])
{
	unsigned code = refusal(i, m);

	if (code) {
		reply(i, s, code);
		return;
	}
	struct arrival *a = arrival_new(i, s, key);
	code = i->message(i->arg, m);
	if (code)
		answer(a, code);
}

static void take_again(struct arrival *a, struct sip_server *s)
{
	if (!a->is_waiting)
		reply(a->of, s, 200);
	else if (a->server)
		reply(a->of, s, 482);
	else
		watch(a, s);
}

static void on_request(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct sip_inbox *i = arg;
	unsigned char key[HASH_MAX];

	grow_old(i);
	make_key(key, m);
	struct map_node *node = map_find(&i->by_key, key_of(key));
	if (node)
		take_again(MAP_ITEM(node, struct arrival, node), s);
	else
		take(i, s, m, key);
}

/* ---- answers -------------------------------------------------------------------- */

void sip_inbox_answer(struct sip_inbox *i, unsigned code)
{
	struct link *at = list_first(&i->waiting);

	if (at)
		answer(LIST_ITEM(at, struct arrival, link), code);
}

void sip_inbox_answer_all(struct sip_inbox *i, unsigned code)
{
	while (i->waiting_count)
		sip_inbox_answer(i, code);
}

size_t sip_inbox_waiting(const struct sip_inbox *i)
{
	return i->waiting_count;
}

/* ---- the inbox ------------------------------------------------------------------- */

struct sip_inbox *sip_inbox_new(const struct sip_inbox_settings *s,
	sip_inbox_message *message, void *arg)
{
	struct sip_inbox *i = mem_alloc(sizeof(*i));

	i->s = *s;
	i->message = message;
	i->arg = arg;
	link_init(&i->waiting);
	link_init(&i->young.arrivals);
	link_init(&i->old.arrivals);
	i->young_since = loop_now(sip_ua_loop(s->ua));
	sip_ua_serve(s->ua, SIP_METHOD_MESSAGE, on_request, i);
	return i;
}

void sip_inbox_free(struct sip_inbox *i)
{
	if (!i)
		return;
	sip_ua_serve(i->s.ua, SIP_METHOD_MESSAGE, NULL, NULL);
	LIST_EACH(&i->waiting, at)
	arrival_free(LIST_ITEM(at, struct arrival, link));
	forget(&i->young);
	forget(&i->old);
	map_clear(&i->by_key);
	mem_free(i);
}
