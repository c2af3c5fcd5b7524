/* queue - stanzas that wait: for a connection to take them, or for a user to
 * come back
 *
 * It knows the memory it holds, so that its owner can set a bound.
 */
#ifndef XMPPSERVE_QUEUE_H
#define XMPPSERVE_QUEUE_H

#include "base/list.h"
#include "xmpp/stanza.h"

struct queue {
	struct link parcels; /* private, the oldest first */
	size_t count;
	size_t memory; /* bytes */
};

void queue_init(struct queue *q);
void queue_clear(struct queue *q); /* frees all that waits */

void queue_put(struct queue *q, struct xml_element *s); /* s is taken */
/* The oldest: borrowed, and the caller's; NULL where none waits. */
struct xml_element *queue_first(const struct queue *q);
struct xml_element *queue_take(struct queue *q);

/* All of `other` goes in front of, or behind, what waits in q. */
void queue_prepend_all(struct queue *q, struct queue *other);
void queue_append_all(struct queue *q, struct queue *other);

#endif
