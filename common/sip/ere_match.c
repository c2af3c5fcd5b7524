/* A program is walked over the text with all its possibilities at once, one
 * byte after the other (as Thompson did): no instruction is looked at twice
 * for the same byte. */
#include <string.h>

#include "base/mem.h"
#include "sip/ere_private.h"

#define BORDERS (2 * ERE_GROUPS)
#define UNSET UINT16_MAX

struct borders {
	uint16_t at[BORDERS];
};

struct thread {
	const struct ere_inst *inst;
	struct borders borders;
};

/* Those that are at the same byte, the preferred one first. */
struct threads {
	size_t count;
	struct thread all[ERE_PROGRAM_MAX];
};

struct walk {
	const struct ere *x;
	struct span text;
	struct threads lists[2];
	/* The byte for which an instruction was looked at last, and one. */
	uint16_t seen[ERE_PROGRAM_MAX];
};

/* Follows what takes no byte; b is as it was when it returns. */
static void enter(struct walk *w, struct threads *to,
	const struct ere_inst *inst, struct borders *b, size_t at)
{
	uint16_t *seen = &w->seen[inst - w->x->program];
	uint16_t before;

	if (*seen == at + 1)
		return;
	*seen = (uint16_t)(at + 1);
	switch (inst->op) {
	case ERE_JUMP:
		enter(w, to, inst + inst->first, b, at);
		break;
	case ERE_SPLIT:
		enter(w, to, inst + inst->first, b, at);
		enter(w, to, inst + inst->second, b, at);
		break;
	case ERE_BEGIN:
		if (at == 0)
			enter(w, to, inst + 1, b, at);
		break;
	case ERE_END:
		if (at == w->text.n)
			enter(w, to, inst + 1, b, at);
		break;
	case ERE_SAVE:
		before = b->at[inst->value];
		b->at[inst->value] = (uint16_t)at;
		enter(w, to, inst + 1, b, at);
		b->at[inst->value] = before;
		break;
	default:
		to->all[to->count++] = (struct thread){ inst, *b };
	}
}

static bool takes(
	const struct ere *x, const struct ere_inst *inst, unsigned char c)
{
	return inst->op == ERE_ANY ||
	       (inst->op == ERE_BYTE && inst->value == c) ||
	       (inst->op == ERE_SET &&
		       (x->sets[inst->value][c / 8] >> c % 8 & 1));
}

/* All threads over the byte at `at`; true and *best where one has matched. */
static bool step(struct walk *w, struct threads *now, struct threads *next,
	size_t at, struct borders *best)
{
	bool found = false;

	for (size_t i = 0; i < now->count; i++) {
		struct thread *t = &now->all[i];
		if (t->inst->op == ERE_MATCH) {
			*best = t->borders;
			found = true;
		} else if (at < w->text.n &&
			   takes(w->x, t->inst, (unsigned char)w->text.p[at])) {
			enter(w, next, t->inst + 1, &t->borders, at + 1);
		}
	}
	return found;
}

/* From this byte on; true and *best where it matches. */
static bool walk_from(struct walk *w, size_t start, struct borders *best)
{
	struct threads *now = &w->lists[0], *next = &w->lists[1];
	struct borders none;
	bool found = false;

	memset(&none, 0xff, sizeof(none));
	memset(w->seen, 0, sizeof(w->seen));
	now->count = 0;
	enter(w, now, w->x->program, &none, start);
	for (size_t at = start; now->count; at++) {
		next->count = 0;
		/* A later match is a longer one; at the same byte the thread
		 * that came to it first is the preferred one. */
		if (step(w, now, next, at, best))
			found = true;
		struct threads *swap = now;
		now = next;
		next = swap;
	}
	return found;
}

bool ere_match(
	const struct ere *x, struct span text, struct span groups[ERE_GROUPS])
{
	struct borders best;
	bool found = false;

	if (text.n > ERE_TEXT_MAX)
		return false;
	struct walk *w = mem_alloc(sizeof(*w));
	w->x = x;
	w->text = text;
	for (size_t start = 0; start <= text.n && !found; start++)
		found = walk_from(w, start, &best);
	mem_free(w);
	for (size_t i = 0; found && i < ERE_GROUPS; i++) {
		uint16_t from = best.at[2 * i], to = best.at[2 * i + 1];
		groups[i] = from == UNSET || to == UNSET
				    ? SPAN_EMPTY
				    : span_between(text.p + from, text.p + to);
	}
	return found;
}
