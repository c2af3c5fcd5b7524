/* list - a doubly linked ring through the things themselves
 *
 * A struct that can be in a list has a struct link in it; the list is one
 * more link.  A link that is in no list points to itself after link_init or
 * list_remove, so that removing twice is harmless.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
	struct link *next, *prev;
};

/* The thing of the given type whose member is at link. */
#define LIST_ITEM(link, type, member)                                          \
	((type *)((char *)(link)-offsetof(type, member)))

void link_init(struct link *l);
bool link_is_alone(const struct link *l); /* an empty list; or in no list */
void list_append(struct link *list, struct link *l);
void list_prepend(struct link *list, struct link *l);
void list_remove(struct link *l);
struct link *list_first(const struct link *list); /* NULL where empty */

/* for each link at, which may be removed in the body; others may not. */
#define LIST_EACH(list, at)                                                    \
	for (struct link *at = (list)->next, *at##_next = (at)->next;          \
		at != (list); at = at##_next, at##_next = (at)->next)

#endif
