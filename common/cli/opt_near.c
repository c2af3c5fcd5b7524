#include "cli/opt_private.h"

#include <string.h>

#define NAME_MAX_LEN 40

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edits from one word to the other, a swap of neighbours counting as one
 * (optimal string alignment). */
static unsigned distance(struct span a, struct span b)
{
	unsigned row[3][NAME_MAX_LEN + 1];
	if (a.n > NAME_MAX_LEN || b.n > NAME_MAX_LEN)
		return NAME_MAX_LEN;
	for (unsigned j = 0; j <= b.n; j++)
		row[0][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *now = row[i % 3], *above = row[(i - 1) % 3];
		const unsigned *before = row[(i + 1) % 3];
		now[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			bool same = a.p[i - 1] == b.p[j - 1];
			now[j] = least(above[j] + 1, now[j - 1] + 1);
			now[j] = least(now[j], above[j - 1] + !same);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
				a.p[i - 2] == b.p[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return row[a.n % 3][b.n];
}

const char *opt_nearest(const struct command *c, const char *word)
{
	word += strspn(word, "-");
	struct span typed = span_from(word, strcspn(word, "="));
	const char *near = NULL;
	unsigned best = (unsigned)typed.n / 3 + 1;
	size_t at = 0;
	struct opt_place place;
	while (opt_next(c, &at, &place)) {
		const char *name = place.opt->name;
		if (!name || place.opt->kind == OPT_REFUSED)
			continue;
		unsigned d = distance(typed, span_of(name));
		if (d <= best && (!near || d < best)) {
			best = d;
			near = name;
		}
	}
	return near;
}
