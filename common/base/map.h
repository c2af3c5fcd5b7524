/* map - find a thing by its key, through the things themselves
 *
 * A struct that can be in a map has a struct map_node in it and keeps the
 * bytes of its key for as long as it is in.  Peers choose many of the keys,
 * so the hash (SipHash-1-3) has a secret of this process.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct map_node {
	struct map_node *next; /* private */
	uint64_t hash;         /* private */
	struct span key;       /* borrowed from the thing */
};

struct map {
	struct map_node **slots; /* private */
	size_t size, count;      /* slots; nodes in it */
};

#define MAP_INIT ((struct map){ 0 })
#define MAP_ITEM(node, type, member)                                           \
	((type *)((char *)(node)-offsetof(type, member)))

/* For simulations, while no map is in use: a secret from base/rand as it is
 * now, so that the order of map_next repeats with its seed. */
void map_new_secret(void);

/* The hash itself: for who keeps that alone, where a chance of 2^-64 that two
 * keys share one does no harm.  Who does not know the secret cannot look for
 * such a pair. */
uint64_t map_hash(struct span key);

void map_clear(struct map *m); /* forgets the nodes, frees none of them */

/* key must not be in the map yet. */
void map_add(struct map *m, struct map_node *node, struct span key);
struct map_node *map_find(const struct map *m, struct span key);
bool map_remove(struct map *m, struct map_node *node); /* false: not in */

/* Every node in no order: map_next(m, NULL) is the first, NULL the end.  The
 * node at hand may be removed after the next one was asked for. */
struct map_node *map_next(const struct map *m, const struct map_node *at);

#endif
