#include "base/list.h"

void link_init(struct link *l)
{
	l->next = l->prev = l;
}

bool link_is_alone(const struct link *l)
{
	return l->next == l;
}

void list_append(struct link *list, struct link *l)
{
	l->next = list;
	l->prev = list->prev;
	list->prev->next = l;
	list->prev = l;
}

void list_prepend(struct link *list, struct link *l)
{
	list_append(list->next, l);
}

void list_remove(struct link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	link_init(l);
}

struct link *list_first(const struct link *list)
{
	return link_is_alone(list) ? NULL : list->next;
}
