#include "base/map.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"

#define FIRST_SIZE 16

static uint64_t secret[2];

static uint64_t rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline void mix(uint64_t v[4])
{
	v[0] += v[1], v[1] = rotate(v[1], 13) ^ v[0], v[0] = rotate(v[0], 32);
	v[2] += v[3], v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3], v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1], v[1] = rotate(v[1], 17) ^ v[2], v[2] = rotate(v[2], 32);
}

void map_new_secret(void)
{
	rand_bytes(secret, sizeof(secret));
}

/* SipHash-1-3 (Aumasson and Bernstein). */
uint64_t map_hash(struct span s)
{
	while (secret[0] == 0)
		rand_bytes(secret, sizeof(secret));
	uint64_t v[4] = { secret[0] ^ UINT64_C(0x736f6d6570736575),
		secret[1] ^ UINT64_C(0x646f72616e646f6d),
		secret[0] ^ UINT64_C(0x6c7967656e657261),
		secret[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t last = (uint64_t)s.n << 56;
	for (; s.n >= 8; s.p += 8, s.n -= 8) {
		uint64_t word;
		memcpy(&word, s.p, 8);
		v[3] ^= word;
		mix(v);
		v[0] ^= word;
	}
	for (size_t i = 0; i < s.n; i++)
		last |= (uint64_t)(unsigned char)s.p[i] << 8 * i;
	v[3] ^= last;
	mix(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	mix(v), mix(v), mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct map_node **slot_of(const struct map *m, uint64_t hash)
{
	return &m->slots[hash & (m->size - 1)];
}

static void grow(struct map *m)
{
	struct map old = *m;
	m->size = old.size ? old.size * 2 : FIRST_SIZE;
	m->slots = mem_array(m->size, sizeof(struct map_node *));
	for (size_t i = 0; i < old.size; i++)
		for (struct map_node *n = old.slots[i], *next; n; n = next) {
			struct map_node **slot = slot_of(m, n->hash);
			next = n->next;
			n->next = *slot;
			*slot = n;
		}
	mem_free(old.slots);
}

void map_clear(struct map *m)
{
	mem_free(m->slots);
	*m = MAP_INIT;
}

void map_add(struct map *m, struct map_node *node, struct span key)
{
	if (m->count >= m->size)
		grow(m);
	node->key = key;
	node->hash = map_hash(key);
	struct map_node **slot = slot_of(m, node->hash);
	node->next = *slot;
	*slot = node;
	m->count++;
}

struct map_node *map_find(const struct map *m, struct span key)
{
	if (m->count == 0)
		return NULL;
	uint64_t hash = map_hash(key);
	struct map_node *n = *slot_of(m, hash);
	while (n && (n->hash != hash || !span_equal(n->key, key)))
		n = n->next;
	return n;
}

bool map_remove(struct map *m, struct map_node *node)
{
	if (m->count == 0)
		return false;
	struct map_node **at = slot_of(m, node->hash);
	while (*at && *at != node)
		at = &(*at)->next;
	if (!*at)
		return false;
	*at = node->next;
	node->next = NULL;
	m->count--;
	return true;
}

struct map_node *map_next(const struct map *m, const struct map_node *at)
{
	if (at && at->next)
		return at->next;
	size_t i = at ? (at->hash & (m->size - 1)) + 1 : 0;
	for (; i < m->size; i++)
		if (m->slots[i])
			return m->slots[i];
	return NULL;
}
