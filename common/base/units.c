#include "base/units.h"

#include <string.h>

static size_t length_at(const struct units *u, size_t index)
{
	size_t n;
	memcpy(&n, u->lengths.data + index * sizeof(n), sizeof(n));
	return n;
}

static void set_length(struct units *u, size_t index, size_t n)
{
	memcpy(u->lengths.data + index * sizeof(n), &n, sizeof(n));
}

static size_t count(const struct units *u)
{
	return u->lengths.len / sizeof(size_t);
}

void units_init(struct units *u, size_t max)
{
	buf_init(&u->lengths, max * sizeof(size_t));
	u->total = 0;
}

void units_clear(struct units *u)
{
	buf_clear(&u->lengths);
	u->total = 0;
}

void units_end(struct units *u, size_t end)
{
	if (end <= u->total)
		return;
	size_t n = end - u->total, last = count(u);
	if (!buf_add(&u->lengths, &n, sizeof(n)))
		set_length(u, last - 1, length_at(u, last - 1) + n);
	u->total = end;
}

size_t units_front(const struct units *u, size_t max)
{
	size_t sum = 0;
	for (size_t i = 0; i < count(u); i++) {
		size_t n = length_at(u, i);
		if (sum && n > max - sum)
			break;
		sum += n;
		if (sum >= max)
			break;
	}
	return sum;
}

void units_consume(struct units *u, size_t n)
{
	while (n > 0 && u->lengths.len > 0) {
		size_t first = length_at(u, 0);
		size_t used = n < first ? n : first;
		u->total -= used;
		n -= used;
		if (used < first)
			set_length(u, 0, first - used);
		else
			buf_consume(&u->lengths, sizeof(first));
	}
}
