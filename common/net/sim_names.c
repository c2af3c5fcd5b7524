/* The zone of the simulated network: fake names, answered after the delay of
 * a question and its reply. */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "net/answer.h"
#include "net/sim_net.h"

#define TTL 3600

/* One record, or a name that is never answered. */
struct sim_name {
	struct link link;
	char *name;
	bool is_silent;
	enum record_type type;
	struct answer answer; /* of one record */
};

struct names {
	struct sim *sim;
};

struct lookup {
	struct question *question;
	struct timer *timer;
};

/* ---- the zone ---- */

static struct sim_name *add(
	struct sim *s, const char *name, enum record_type type)
{
	struct sim_name *n = mem_alloc(sizeof(*n));
	n->name = mem_str(name);
	n->type = type;
	list_append(&s->names, &n->link);
	return n;
}

void sim_add_address(struct sim *s, const char *name, const char *address)
{
	struct endpoint a;
	bool is_address = endpoint_parse_address(&a, span_of(address));
	assert(is_address);
	if (!is_address)
		return;
	bool is_v6 = endpoint_family(&a) == AF_INET6;
	struct sim_name *n = add(s, name, is_v6 ? RECORD_AAAA : RECORD_A);
	answer_add_address(&n->answer, &a, TTL);
	sim_add_host(s, &a);
}

void sim_add_srv(struct sim *s, const char *name, uint16_t priority,
	uint16_t weight, uint16_t port, const char *target)
{
	answer_add_srv(&add(s, name, RECORD_SRV)->answer,
		&(struct srv_record){ .priority = priority,
			.weight = weight,
			.port = port,
			.target = target,
			.ttl = TTL });
}

void sim_add_naptr(struct sim *s, const char *name, uint16_t order,
	uint16_t preference, const char *flags, const char *services,
	const char *regexp, const char *replacement)
{
	answer_add_naptr(&add(s, name, RECORD_NAPTR)->answer,
		&(struct naptr_record){ .order = order,
			.preference = preference,
			.flags = flags,
			.services = services,
			.regexp = regexp,
			.replacement = replacement,
			.ttl = TTL });
}

void sim_silent_name(struct sim *s, const char *name)
{
	add(s, name, 0)->is_silent = true;
}

void sim_names_free(struct sim *s)
{
	for (struct link *at; (at = list_first(&s->names));) {
		struct sim_name *n = LIST_ITEM(at, struct sim_name, link);
		list_remove(at);
		answer_clear(&n->answer);
		mem_free(n->name);
		mem_free(n);
	}
}

/* ---- answering ---- */

static void add_record(struct answer *a, const struct sim_name *n)
{
	if (n->answer.addresses)
		answer_add_address(a, n->answer.addresses, TTL);
	if (n->answer.srv)
		answer_add_srv(a, n->answer.srv);
	if (n->answer.naptr)
		answer_add_naptr(a, n->answer.naptr);
}

/* False where there is nothing of this name at all. */
static bool answer_for(struct sim *s, struct question *q, const char *name)
{
	bool exists = false;
	LIST_EACH(&s->names, at)
	{
		struct sim_name *n = LIST_ITEM(at, struct sim_name, link);
		if (strcasecmp(n->name, name) != 0)
			continue;
		exists = true;
		if (n->type == q->type)
			add_record(&q->answer, n);
		else if (n->is_silent)
			q->answer.outcome = OUTCOME_SILENT;
		if (q->answer.outcome == OUTCOME_SILENT)
			break;
	}
	if (exists && q->answer.outcome == OUTCOME_OPEN)
		q->answer.outcome = OUTCOME_NO_RECORD;
	return exists;
}

static void lookup_free(struct lookup *k)
{
	k->question->lookup = NULL;
	timer_free(k->timer);
	mem_free(k);
}

static void arrive(void *arg)
{
	struct lookup *k = arg;
	struct question *q = k->question;
	struct sim *s = sim_of(k->timer->loop);
	char *name = mem_str(q->name);
	size_t n = strlen(name);
	if (n && name[n - 1] == '.')
		name[n - 1] = '\0';
	if (!answer_for(s, q, name) && !answer_for(s, q, "*"))
		q->answer.outcome = OUTCOME_NO_NAME;
	mem_free(name);
	lookup_free(k);
	if (q->answer.outcome == OUTCOME_SILENT)
		q->answer.outcome = OUTCOME_OPEN; /* until the deadline */
	else
		question_answered(q);
}

static struct names *names_open(struct loop *l, const struct endpoint *server)
{
	struct names *n = mem_alloc(sizeof(*n));
	(void)server;
	n->sim = sim_of(l);
	return n;
}

static void names_close(struct names *n)
{
	mem_free(n);
}

static void names_ask(struct names *n, struct question *q)
{
	struct lookup *k = mem_alloc(sizeof(*k));
	k->question = q;
	k->timer = timer_new(&n->sim->loop, arrive, k);
	k->timer->internal = true;
	timer_set(k->timer, sim_delay(n->sim) + sim_delay(n->sim));
	q->lookup = k;
}

static void names_forget(struct names *n, struct question *q)
{
	(void)n;
	lookup_free(q->lookup);
}

const struct names_ops sim_names = {
	.open = names_open,
	.close = names_close,
	.ask = names_ask,
	.forget = names_forget,
};
