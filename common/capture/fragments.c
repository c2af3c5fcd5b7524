#include "capture/fragments.h"

#include <string.h>

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"

#define DATAGRAM_MAX 65535
#define UNIT 8 /* octets: offsets count in these */
#define UNITS ((DATAGRAM_MAX + UNIT) / UNIT)

/* What fragments of one datagram have in common: addresses, protocol where it
 * is IPv4 (RFC 791), id. */
#define KEY_MAX (1 + 16 + 16 + 1 + 4)

struct datagram {
	struct link age; /* in order of the first fragment */
	struct map_node node;
	char key[KEY_MAX];
	usec_t first;     /* time of the first fragment that came */
	size_t total;     /* octets; 0 until the last fragment came */
	size_t have;      /* octets */
	size_t end;       /* of the farthest fragment */
	size_t room;      /* of data */
	uint8_t protocol; /* as the fragment with offset 0 says */
	char *data;
	uint64_t seen[UNITS / 64 + 1]; /* units that came */
};

struct capture_fragments {
	struct map datagrams;
	struct link ages;
	size_t memory;
	struct datagram *done; /* the last whole one: its payload is borrowed */
	struct capture_fragment_counts counts;
};

struct capture_fragments *capture_fragments_new(void)
{
	struct capture_fragments *f = mem_alloc(sizeof(*f));
	link_init(&f->ages);
	return f;
}

static void datagram_free(struct datagram *d)
{
	if (d)
		mem_free(d->data);
	mem_free(d);
}

/* Takes it out of the table; it is the caller's then. */
static void forget(struct capture_fragments *f, struct datagram *d)
{
	map_remove(&f->datagrams, &d->node);
	list_remove(&d->age);
	f->memory -= sizeof(*d) + d->room;
}

static void drop(struct capture_fragments *f, struct datagram *d)
{
	forget(f, d);
	datagram_free(d);
}

void capture_fragments_free(struct capture_fragments *f)
{
	if (!f)
		return;
	LIST_EACH(&f->ages, at)
	drop(f, LIST_ITEM(at, struct datagram, age));
	map_clear(&f->datagrams);
	datagram_free(f->done);
	mem_free(f);
}

static struct datagram *oldest(const struct capture_fragments *f)
{
	struct link *first = list_first(&f->ages);
	return first ? LIST_ITEM(first, struct datagram, age) : NULL;
}

static void expire(struct capture_fragments *f, usec_t now)
{
	for (struct datagram *d = oldest(f);
		d && now - d->first > CAPTURE_FRAGMENTS_TIMEOUT;
		d = oldest(f)) {
		f->counts.incomplete++;
		drop(f, d);
	}
}

/* Room for `more` octets, at the price of the oldest, but never of `keep`. */
static void make_room(
	struct capture_fragments *f, size_t more, const struct datagram *keep)
{
	for (struct datagram *d = oldest(f);
		d && d != keep && f->memory + more > CAPTURE_FRAGMENTS_MEMORY;
		d = oldest(f)) {
		f->counts.incomplete++;
		drop(f, d);
	}
}

static struct span make_key(char key[KEY_MAX], const struct capture_ip *ip)
{
	size_t n = ip->version == 4 ? 4 : 16;
	char *p = key;
	*p++ = (char)ip->version;
	p = mempcpy(p, ip->src, n);
	p = mempcpy(p, ip->dst, n);
	if (ip->version == 4)
		*p++ = (char)ip->protocol;
	p = mempcpy(p, &ip->id, sizeof(ip->id));
	return span_between(key, p);
}

static struct datagram *find_or_add(struct capture_fragments *f,
	const struct capture_ip *fragment, usec_t time)
{
	char bytes[KEY_MAX];
	struct span key = make_key(bytes, fragment);
	struct map_node *node = map_find(&f->datagrams, key);
	if (node)
		return MAP_ITEM(node, struct datagram, node);
	make_room(f, sizeof(struct datagram), NULL);
	struct datagram *d = mem_alloc(sizeof(*d));
	d->first = time;
	memcpy(d->key, key.p, key.n);
	map_add(&f->datagrams, &d->node, span_from(d->key, key.n));
	list_append(&f->ages, &d->age);
	f->memory += sizeof(*d);
	return d;
}

/* How many of the fragment's units are there already. */
static size_t count_seen(const struct datagram *d, size_t from, size_t to)
{
	size_t seen = 0;
	for (size_t i = from; i < to; i++)
		seen += d->seen[i / 64] >> i % 64 & 1;
	return seen;
}

static void grow(struct capture_fragments *f, struct datagram *d, size_t end)
{
	if (end <= d->room)
		return;
	size_t room = 2 * d->room > end ? 2 * d->room : end;
	if (room > DATAGRAM_MAX)
		room = DATAGRAM_MAX;
	make_room(f, room - d->room, d);
	d->data = mem_grow(d->data, room, 1);
	f->memory += room - d->room;
	d->room = room;
}

static void put(struct capture_fragments *f, struct datagram *d,
	const struct capture_ip *fragment)
{
	size_t n = fragment->payload.n, end = fragment->offset + n;
	grow(f, d, end);
	memcpy(d->data + fragment->offset, fragment->payload.p, n);
	for (size_t i = fragment->offset / UNIT; i * UNIT < end; i++)
		d->seen[i / 64] |= UINT64_C(1) << i % 64;
	d->have += n;
	if (d->end < end)
		d->end = end;
	if (fragment->offset == 0)
		d->protocol = fragment->protocol;
	if (!fragment->has_more)
		d->total = end;
}

/* Could it be a part of this datagram?  The last one says where it ends. */
static bool contradicts(
	const struct datagram *d, const struct capture_ip *fragment)
{
	size_t end = fragment->offset + fragment->payload.n;
	if (!fragment->has_more)
		return d->total ? d->total != end : d->end > end;
	return d->total && end > d->total;
}

static bool is_sound(const struct capture_ip *fragment)
{
	size_t n = fragment->payload.n;
	if (n == 0 || fragment->is_cut || fragment->offset + n > DATAGRAM_MAX)
		return false;
	return !fragment->has_more || n % UNIT == 0;
}

static bool finish(struct capture_fragments *f, struct datagram *d,
	const struct capture_ip *fragment, struct capture_ip *whole)
{
	forget(f, d);
	datagram_free(f->done);
	f->done = d;
	f->counts.complete++;
	*whole = *fragment;
	whole->protocol = d->protocol;
	whole->payload = span_from(d->data, d->total);
	whole->is_fragment = whole->has_more = false;
	whole->offset = 0;
	/* A fragment header inside of fragments is nothing real. */
	return whole->version == 4 ||
	       (capture_ip_skip_extensions(whole) && !whole->is_fragment);
}

bool capture_fragments_add(struct capture_fragments *f,
	const struct capture_ip *fragment, usec_t time,
	struct capture_ip *whole)
{
	expire(f, time);
	if (!is_sound(fragment)) {
		f->counts.malformed++;
		return false;
	}
	struct datagram *d = find_or_add(f, fragment, time);
	size_t from = fragment->offset / UNIT;
	size_t to = (fragment->offset + fragment->payload.n + UNIT - 1) / UNIT;
	size_t seen = count_seen(d, from, to);
	if (seen == to - from && !contradicts(d, fragment))
		return false; /* the same once more */
	if (seen > 0 || contradicts(d, fragment)) {
		f->counts.overlapped++;
		drop(f, d);
		return false;
	}
	put(f, d, fragment);
	return d->total > 0 && d->have == d->total &&
	       finish(f, d, fragment, whole);
}

struct capture_fragment_counts capture_fragments_counts(
	const struct capture_fragments *f)
{
	struct capture_fragment_counts counts = f->counts;
	counts.incomplete += f->datagrams.count;
	return counts;
}
