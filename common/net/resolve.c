/* A query is one question, or two for the addresses of both families.  What
 * needs no asking is answered here; the rest by c-ares or the simulated zone.
 * A query's one timer ends it: set to the deadline when asked, to a short
 * grace when one family is found and the other is late, to now when all is
 * answered.  So `done` always comes from the loop. */
#include "net/resolve.h"

#include <string.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/answer.h"
#include "net/ops.h"

#define DNS_PORT 53
#define NAME_MAX_LENGTH 253 /* RFC 1035 section 2.3.4, as text */
#define LABEL_MAX_LENGTH 63

/* A nameserver or box that answers for one family only must not hold up the
 * other for the whole deadline (RFC 8305 section 3). */
#define OTHER_FAMILY_GRACE (500 * USEC_MS)

struct resolver {
	struct loop *loop;
	const struct names_ops *ops;
	struct names *names; /* NULL: nobody was asked yet */
	struct endpoint server;
	struct link queries;
};

struct query {
	struct resolver *resolver;
	struct link link; /* in queries, until it concludes */
	char *name;
	struct timer *timer;
	usec_t deadline;
	struct question questions[2]; /* of addresses: AAAA and A */
	size_t count;
	resolve_addresses_done *addresses_done; /* one of the three */
	resolve_srv_done *srv_done;
	resolve_naptr_done *naptr_done;
	void *arg;
	bool is_concluding;
	const struct answer *told; /* what done has in its hands */
};

struct resolver *resolver_new(struct loop *l, const char *server, struct err *e)
{
	struct endpoint address = { .len = 0 };
	if (server && !endpoint_parse(&address, span_of(server), DNS_PORT, e)) {
		err_prefix(e, "nameserver %s", server);
		return NULL;
	}
	struct resolver *r = mem_alloc(sizeof(*r));
	r->loop = l;
	r->ops = l->ops->names ? l->ops->names : &names_system;
	r->server = address;
	link_init(&r->queries);
	return r;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	LIST_EACH(&r->queries, at)
	{
		query_cancel(LIST_ITEM(at, struct query, link));
	}
	if (r->names)
		r->ops->close(r->names);
	mem_free(r);
}

/* ---- the end of a query ---- */

static void forget_questions(struct query *q)
{
	struct resolver *r = q->resolver;
	for (size_t i = 0; i < q->count; i++)
		if (q->questions[i].lookup)
			r->ops->forget(r->names, &q->questions[i]);
}

static void query_free(struct query *q)
{
	for (size_t i = 0; i < q->count; i++)
		answer_clear(&q->questions[i].answer);
	timer_free(q->timer);
	mem_free(q->name);
	mem_free(q);
}

void query_cancel(struct query *q)
{
	if (!q || q->is_concluding)
		return;
	list_remove(&q->link);
	forget_questions(q);
	query_free(q);
}

uint32_t query_ttl(const struct query *q, size_t i)
{
	return q->told->ttls[i];
}

static const char *wanted(const struct query *q)
{
	switch (q->questions[0].type) {
	case RECORD_SRV:
		return "SRV record";
	case RECORD_NAPTR:
		return "NAPTR record";
	case RECORD_A:
		return "IPv4 address";
	default:
		return q->count == 2 ? "address" : "IPv6 address";
	}
}

static void describe(struct err *e, const struct query *q, enum outcome why)
{
	char name[NAME_MAX_LENGTH + 8];
	utf8_printable_to(name, sizeof(name), span_of(q->name));
	switch (why) {
	case OUTCOME_NO_NAME:
		err_set(e, STATUS_UNREACHABLE, "%s: no such name", name);
		err_condition(e, "no-such-name", false);
		break;
	case OUTCOME_NO_RECORD:
		err_set(e, STATUS_UNREACHABLE, "%s: the name has no %s", name,
			wanted(q));
		err_condition(e, "no-such-record", false);
		break;
	case OUTCOME_FAILED:
		err_set(e, STATUS_UNREACHABLE,
			"%s: the nameserver failed to answer", name);
		err_condition(e, "", true);
		break;
	default:
		err_set(e, STATUS_TIMEOUT, "%s: no nameserver answered in time",
			name);
		err_condition(e, "", true);
		break;
	}
}

/* What two questions came to: what was found counts most, then what may be
 * otherwise next time. */
static enum outcome combined(const struct query *q)
{
	static const enum outcome ranks[] = { OUTCOME_FOUND, OUTCOME_OPEN,
		OUTCOME_SILENT, OUTCOME_FAILED, OUTCOME_NO_RECORD };
	for (size_t rank = 0; rank < sizeof(ranks) / sizeof(*ranks); rank++)
		for (size_t i = 0; i < q->count; i++)
			if (q->questions[i].answer.outcome == ranks[rank])
				return ranks[rank];
	return OUTCOME_NO_NAME;
}

static void call_done(struct query *q, struct answer *a, const struct err *e)
{
	if (q->addresses_done) {
		q->addresses_done(q->arg, a->addresses, a->count, e);
	} else if (q->srv_done) {
		answer_order_srv(a);
		q->srv_done(q->arg, a->srv, a->count, e);
	} else {
		answer_order_naptr(a);
		q->naptr_done(q->arg, a->naptr, a->count, e);
	}
}

/* The resolver itself may be freed by done. */
static void conclude(void *arg)
{
	struct query *q = arg;
	struct err e = ERR_NONE;
	struct answer merged = { 0 }, *answer = &q->questions[0].answer;
	enum outcome why = combined(q);
	q->is_concluding = true;
	list_remove(&q->link);
	forget_questions(q);
	if (why != OUTCOME_FOUND)
		describe(&e, q, why);
	if (q->count == 2) {
		answer_merge(&merged, &q->questions[0].answer,
			&q->questions[1].answer);
		answer = &merged;
	}
	q->told = answer;
	call_done(q, answer, &e);
	answer_clear(&merged);
	query_free(q);
}

/* No such name for one type does not settle the other: there are servers that
 * say so of every AAAA (RFC 4074 section 4.2). */
static bool is_final(const struct query *q)
{
	size_t answered = 0;
	for (size_t i = 0; i < q->count; i++)
		answered += q->questions[i].answer.outcome != OUTCOME_OPEN;
	return answered == q->count;
}

void question_answered(struct question *question)
{
	struct query *q = question->query;
	usec_t grace = loop_now(q->resolver->loop) + OTHER_FAMILY_GRACE;
	if (is_final(q))
		timer_set(q->timer, 0);
	else if (question->answer.outcome == OUTCOME_FOUND &&
		 grace < q->deadline)
		timer_set_at(q->timer, grace);
}

/* ---- the beginning of a query ---- */

/* A name that could be asked for: labels of printable ASCII (RFC 1035 section
 * 2.3.4); underscores are for services. */
static bool is_name(struct span s)
{
	struct span label;
	if (span_ends(s, "."))
		s.n--;
	if (s.n == 0 || s.n > NAME_MAX_LENGTH)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '\\')
			return false;
	for (bool more = true; more;) {
		more = span_cut(&s, '.', &label);
		if (label.n == 0 || label.n > LABEL_MAX_LENGTH)
			return false;
	}
	return true;
}

/* RFC 6761 section 6.3. */
static bool is_localhost(struct span s)
{
	if (span_ends(s, "."))
		s.n--;
	struct span last = span_skip(s, s.n > 10 ? s.n - 10 : 0);
	return span_is_nocase(s, "localhost") ||
	       span_is_nocase(last, ".localhost");
}

static int family_of(const struct question *q)
{
	return q->type == RECORD_A ? AF_INET : AF_INET6;
}

static void answer_number(struct question *q, const struct endpoint *address)
{
	if (endpoint_family(address) == family_of(q))
		answer_add_address(&q->answer, address, RESOLVE_NO_TTL);
	else
		q->answer.outcome = OUTCOME_NO_RECORD;
}

static void answer_localhost(struct question *q)
{
	struct endpoint loopback;
	endpoint_parse_address(&loopback,
		q->type == RECORD_A ? SPAN("127.0.0.1") : SPAN("::1"));
	answer_add_address(&q->answer, &loopback, RESOLVE_NO_TTL);
}

/* What needs no nameserver. */
static void answer_here(struct question *q, const char *hosts_file)
{
	struct endpoint number;
	struct span name = span_of(q->name);
	bool is_host = q->type == RECORD_A || q->type == RECORD_AAAA;
	if (is_host && endpoint_parse_address(&number, name))
		answer_number(q, &number);
	else if (is_host && is_localhost(name))
		answer_localhost(q);
	else if (!is_name(name))
		q->answer.outcome = OUTCOME_NO_NAME;
	else if (is_host && hosts_file)
		answer_add_hosts(&q->answer, hosts_file, q->name, family_of(q));
}

/* What the hosts file has of one family settles the other too (as the
 * "files" of nsswitch.conf(5) does). */
static bool is_answered_here(struct query *q)
{
	bool found = false;
	for (size_t i = 0; i < q->count; i++) {
		answer_here(&q->questions[i], q->resolver->ops->hosts_file);
		found = found ||
			q->questions[i].answer.outcome == OUTCOME_FOUND;
	}
	for (size_t i = 0; found && i < q->count; i++)
		if (q->questions[i].answer.outcome == OUTCOME_OPEN)
			q->questions[i].answer.outcome = OUTCOME_NO_RECORD;
	return is_final(q);
}

static struct query *query_new(struct resolver *r, const char *name, void *arg)
{
	struct query *q = mem_alloc(sizeof(*q));
	q->resolver = r;
	q->name = mem_str(name);
	q->arg = arg;
	q->timer = timer_new(r->loop, conclude, q);
	q->deadline = loop_now(r->loop) + RESOLVE_DEADLINE;
	timer_set_at(q->timer, q->deadline);
	list_append(&r->queries, &q->link);
	return q;
}

static void add_question(struct query *q, enum record_type type)
{
	q->questions[q->count++] =
		(struct question){ .query = q, .name = q->name, .type = type };
}

static struct query *ask(struct query *q)
{
	struct resolver *r = q->resolver;
	if (is_answered_here(q)) {
		timer_set(q->timer, 0);
		return q;
	}
	if (!r->names)
		r->names = r->ops->open(
			r->loop, r->server.len ? &r->server : NULL);
	for (size_t i = 0; i < q->count; i++)
		r->ops->ask(r->names, &q->questions[i]);
	return q;
}

struct query *resolve_addresses(struct resolver *r, const char *name,
	enum resolve_family family, resolve_addresses_done *done, void *arg)
{
	struct query *q = query_new(r, name, arg);
	q->addresses_done = done;
	if (family != RESOLVE_V4)
		add_question(q, RECORD_AAAA);
	if (family != RESOLVE_V6)
		add_question(q, RECORD_A);
	return ask(q);
}

struct query *resolve_srv(
	struct resolver *r, const char *name, resolve_srv_done *done, void *arg)
{
	struct query *q = query_new(r, name, arg);
	q->srv_done = done;
	add_question(q, RECORD_SRV);
	return ask(q);
}

struct query *resolve_naptr(struct resolver *r, const char *name,
	resolve_naptr_done *done, void *arg)
{
	struct query *q = query_new(r, name, arg);
	q->naptr_done = done;
	add_question(q, RECORD_NAPTR);
	return ask(q);
}
