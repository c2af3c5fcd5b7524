#include "net/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"

void answer_clear(struct answer *a)
{
	for (size_t i = 0; a->srv && i < a->count; i++)
		mem_free((char *)a->srv[i].target);
	for (size_t i = 0; a->naptr && i < a->count; i++) {
		mem_free((char *)a->naptr[i].flags);
		mem_free((char *)a->naptr[i].services);
		mem_free((char *)a->naptr[i].regexp);
		mem_free((char *)a->naptr[i].replacement);
	}
	mem_free(a->addresses);
	mem_free(a->ttls);
	mem_free(a->srv);
	mem_free(a->naptr);
	*a = (struct answer){ .outcome = OUTCOME_OPEN };
}

/* One place more; NULL where there are enough. */
static void *another(struct answer *a, void *array, size_t size)
{
	if (a->count == ANSWER_MAX)
		return NULL;
	a->outcome = OUTCOME_FOUND;
	return mem_grow(array, ++a->count, size);
}

void answer_add_address(
	struct answer *a, const struct endpoint *address, uint32_t ttl)
{
	for (size_t i = 0; i < a->count; i++)
		if (endpoint_equal(&a->addresses[i], address))
			return;
	void *more = another(a, a->addresses, sizeof(*a->addresses));
	if (!more)
		return;
	a->addresses = more;
	a->addresses[a->count - 1] = *address;
	a->ttls = mem_grow(a->ttls, a->count, sizeof(*a->ttls));
	a->ttls[a->count - 1] = ttl;
}

void answer_add_srv(struct answer *a, const struct srv_record *r)
{
	void *more = another(a, a->srv, sizeof(*a->srv));
	if (!more)
		return;
	a->srv = more;
	a->srv[a->count - 1] = *r;
	a->srv[a->count - 1].target = mem_str(r->target);
}

void answer_add_naptr(struct answer *a, const struct naptr_record *r)
{
	void *more = another(a, a->naptr, sizeof(*a->naptr));
	if (!more)
		return;
	a->naptr = more;
	struct naptr_record *own = &a->naptr[a->count - 1];
	*own = *r;
	own->flags = mem_str(r->flags);
	own->services = mem_str(r->services);
	own->regexp = mem_str(r->regexp);
	own->replacement = mem_str(r->replacement);
}

/* ---- order ---- */

/* Weight 0 comes first within a priority, as the algorithm below wants it. */
static int compare_srv(const void *left, const void *right)
{
	const struct srv_record *a = left, *b = right;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return (a->weight != 0) - (b->weight != 0);
}

static void swap_to_front(struct srv_record *r, size_t chosen)
{
	struct srv_record one = r[chosen];
	memmove(r + 1, r, chosen * sizeof(*r)); /* weight 0 stays in front */
	r[0] = one;
}

/* RFC 2782, "Weight": one of n records of the same priority, each as often
 * as its weight says, those of weight 0 hardly ever. */
static size_t choose(const struct srv_record *r, size_t n)
{
	uint64_t sum = 0, running = 0;
	for (size_t i = 0; i < n; i++)
		sum += r[i].weight;
	uint64_t number = rand_below(sum + 1);
	for (size_t i = 0; i < n; i++) {
		running += r[i].weight;
		if (running >= number)
			return i;
	}
	return n - 1;
}

void answer_order_srv(struct answer *a)
{
	if (!a->srv)
		return;
	qsort(a->srv, a->count, sizeof(*a->srv), compare_srv);
	for (size_t i = 0; i < a->count; i++) {
		size_t n = 1;
		while (i + n < a->count &&
			a->srv[i + n].priority == a->srv[i].priority)
			n++;
		swap_to_front(&a->srv[i], choose(&a->srv[i], n));
	}
}

static int compare_naptr(const void *left, const void *right)
{
	const struct naptr_record *a = left, *b = right;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return a->preference < b->preference ? -1
					     : a->preference > b->preference;
}

void answer_order_naptr(struct answer *a)
{
	if (a->naptr)
		qsort(a->naptr, a->count, sizeof(*a->naptr), compare_naptr);
}

void answer_merge(struct answer *out, struct answer *v6, struct answer *v4)
{
	for (size_t i = 0; i < v6->count || i < v4->count; i++) {
		if (i < v6->count)
			answer_add_address(out, &v6->addresses[i], v6->ttls[i]);
		if (i < v4->count)
			answer_add_address(out, &v4->addresses[i], v4->ttls[i]);
	}
	answer_clear(v6);
	answer_clear(v4);
}

/* ---- hosts(5) ---- */

static struct span next_word(struct span *line)
{
	*line = span_trim(*line);
	size_t n = 0;
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	struct span word = span_first(*line, n);
	*line = span_skip(*line, n);
	return word;
}

static void take_line(
	struct answer *a, struct span line, const char *name, int family)
{
	struct endpoint address;
	struct span rest = line;
	span_cut(&rest, '#', &line); /* the rest is a comment */
	if (!endpoint_parse_address(&address, next_word(&line)) ||
		endpoint_family(&address) != family)
		return;
	for (struct span word; (word = next_word(&line)).n;)
		if (span_is_nocase(word, name))
			answer_add_address(a, &address, RESOLVE_NO_TTL);
}

void answer_add_hosts(
	struct answer *a, const char *path, const char *name, int family)
{
	char *line = NULL;
	size_t room = 0;
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	for (ssize_t n; (n = getline(&line, &room, file)) >= 0;)
		take_line(a, span_from(line, (size_t)n), name, family);
	free(line);
	fclose(file);
}
