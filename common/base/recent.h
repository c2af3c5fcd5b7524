/* recent - was this seen a short while ago?
 *
 * A set of byte strings that forgets the oldest: for who must know a thing
 * again without keeping all there ever was.
 */
#ifndef BASE_RECENT_H
#define BASE_RECENT_H

#include "base/list.h"
#include "base/map.h"

struct recent {
	struct map map;    /* private */
	struct link order; /* private: the oldest first */
	size_t max;
};

void recent_init(struct recent *r, size_t max);
void recent_clear(struct recent *r);

/* Copies key; where it is in already, it stays as old as it was. */
void recent_add(struct recent *r, struct span key);
bool recent_has(const struct recent *r, struct span key);

#endif
