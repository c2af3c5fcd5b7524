#include "queue.h"

#include "base/mem.h"

struct parcel {
	struct link link;
	struct xml_element *stanza;
	size_t memory;
};

void queue_init(struct queue *q)
{
	*q = (struct queue){ 0 };
	link_init(&q->parcels);
}

void queue_clear(struct queue *q)
{
	struct xml_element *s;
	while ((s = queue_take(q)))
		xml_element_free(s);
}

void queue_put(struct queue *q, struct xml_element *s)
{
	struct parcel *p = mem_alloc(sizeof(*p));
	p->stanza = s;
	p->memory = sizeof(*p) + xml_element_memory(s);
	list_append(&q->parcels, &p->link);
	q->count++;
	q->memory += p->memory;
}

struct xml_element *queue_first(const struct queue *q)
{
	struct link *first = list_first(&q->parcels);
	return first ? LIST_ITEM(first, struct parcel, link)->stanza : NULL;
}

struct xml_element *queue_take(struct queue *q)
{
	struct link *first = list_first(&q->parcels);
	if (!first)
		return NULL;
	struct parcel *p = LIST_ITEM(first, struct parcel, link);
	struct xml_element *s = p->stanza;
	q->count--;
	q->memory -= p->memory;
	list_remove(first);
	mem_free(p);
	return s;
}

/* What moves is counted, and other is empty. */
static void count_moved(struct queue *q, struct queue *other)
{
	q->count += other->count;
	q->memory += other->memory;
	other->count = other->memory = 0;
}

void queue_prepend_all(struct queue *q, struct queue *other)
{
	for (struct link *l; !link_is_alone(&other->parcels);) {
		l = other->parcels.prev;
		list_remove(l);
		list_prepend(&q->parcels, l);
	}
	count_moved(q, other);
}

void queue_append_all(struct queue *q, struct queue *other)
{
	for (struct link *l; (l = list_first(&other->parcels));) {
		list_remove(l);
		list_append(&q->parcels, l);
	}
	count_moved(q, other);
}
