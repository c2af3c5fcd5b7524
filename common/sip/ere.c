/* From the text of an expression to its program. */
#include <string.h>

#include "base/mem.h"
#include "sip/ere_private.h"

#define REPEAT_MAX 255 /* RE_DUP_MAX */
#define NO_LIMIT (-1)

struct parser {
	struct ere *x;
	struct span text;
	size_t at;
	unsigned groups;
	const char *fault; /* what is wrong; NULL so far */
};

static void parse_alternatives(struct parser *p, unsigned depth);

static bool fail(struct parser *p, const char *fault)
{
	if (!p->fault)
		p->fault = fault;
	return false;
}

static int peek(const struct parser *p)
{
	return p->at < p->text.n ? (unsigned char)p->text.p[p->at] : -1;
}

static bool take(struct parser *p, char c)
{
	if (peek(p) != (unsigned char)c)
		return false;
	p->at++;
	return true;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- the program ---- */

/* Room for n instructions at `place`, where what is behind moves on. */
static bool make_room(struct parser *p, size_t place, size_t n)
{
	struct ere *x = p->x;

	if (n > ERE_PROGRAM_MAX - x->count)
		return fail(p, "it is too large");
	memmove(x->program + place + n, x->program + place,
		(x->count - place) * sizeof(*x->program));
	x->count += n;
	return true;
}

static void put(struct parser *p, size_t place, struct ere_inst inst)
{
	if (make_room(p, place, 1))
		p->x->program[place] = inst;
}

static void add(struct parser *p, enum ere_op op, unsigned value)
{
	put(p, p->x->count, (struct ere_inst){ op, (uint16_t)value, 0, 0 });
}

/* Jumps are relative, so a block is the same everywhere. */
static void copy_block(struct parser *p, const struct ere_inst *block, size_t n)
{
	size_t place = p->x->count;

	if (make_room(p, place, n))
		memcpy(p->x->program + place, block, n * sizeof(*block));
}

/* ---- bracket expressions (XBD section 9.3.5) ---- */

static void set_add(uint8_t set[32], unsigned c)
{
	set[c / 8] = (uint8_t)(set[c / 8] | 1u << c % 8);
}

static bool in_class(struct span name, unsigned c)
{
	bool digit = is_digit((int)c), letter = is_letter((int)c);
	bool graph = c > ' ' && c < 0x7f;
	unsigned lower = c | 0x20;

	return (span_is(name, "digit") && digit) ||
	       (span_is(name, "alpha") && letter) ||
	       (span_is(name, "alnum") && (digit || letter)) ||
	       (span_is(name, "upper") && letter && c != lower) ||
	       (span_is(name, "lower") && letter && c == lower) ||
	       (span_is(name, "xdigit") &&
		       (digit || (letter && lower <= 'f'))) ||
	       (span_is(name, "space") &&
		       (c == ' ' || (c >= '\t' && c <= '\r'))) ||
	       (span_is(name, "blank") && (c == ' ' || c == '\t')) ||
	       (span_is(name, "graph") && graph) ||
	       (span_is(name, "print") && (graph || c == ' ')) ||
	       (span_is(name, "punct") && graph && !digit && !letter) ||
	       (span_is(name, "cntrl") && (c < ' ' || c == 0x7f));
}

/* Behind "[:"; what it names is added. */
static bool take_class(struct parser *p, uint8_t set[32])
{
	size_t end = span_find_span(p->text, SPAN(":]"), p->at);
	bool any = false;

	if (end >= p->text.n)
		return fail(p, "a character class has no end");
	struct span name = span_between(p->text.p + p->at, p->text.p + end);
	for (unsigned c = 0; c < 256; c++) {
		if (!in_class(name, c))
			continue;
		set_add(set, c);
		any = true;
	}
	p->at = end + 2;
	return any || fail(p, "a character class is unknown");
}

static bool take_range(struct parser *p, uint8_t set[32])
{
	int from = peek(p), to = from;

	p->at++;
	if (peek(p) == '-' && p->at + 1 < p->text.n &&
		p->text.p[p->at + 1] != ']') {
		p->at++;
		to = peek(p);
		p->at++;
	}
	if (to < from)
		return fail(p, "a range goes backwards");
	for (int c = from; c <= to; c++)
		set_add(set, (unsigned)c);
	return true;
}

/* Behind the '['. */
static void parse_set(struct parser *p)
{
	uint8_t set[32] = { 0 };
	bool negated = take(p, '^');

	if (p->x->set_count == ERE_SETS_MAX) {
		fail(p, "it has too many bracket expressions");
		return;
	}
	for (bool first = true; first || peek(p) != ']'; first = false) {
		if (peek(p) < 0) {
			fail(p, "a bracket expression has no end");
			return;
		}
		bool is_named = peek(p) == '[' && p->at + 1 < p->text.n;
		char kind = is_named ? p->text.p[p->at + 1] : '\0';
		if (kind == '.' || kind == '=') {
			fail(p, "collating elements are not understood");
			return;
		}
		if (kind == ':')
			p->at += 2;
		if (!(kind == ':' ? take_class(p, set) : take_range(p, set)))
			return;
	}
	p->at++;
	for (size_t i = 0; i < sizeof(set); i++)
		p->x->sets[p->x->set_count][i] =
			(uint8_t)(negated ? ~set[i] : set[i]);
	add(p, ERE_SET, (unsigned)p->x->set_count++);
}

/* ---- the grammar (XBD section 9.5.3) ---- */

static void parse_group(struct parser *p, unsigned depth)
{
	unsigned number = ++p->groups;

	if (number < ERE_GROUPS)
		add(p, ERE_SAVE, 2 * number);
	parse_alternatives(p, depth + 1);
	if (!take(p, ')'))
		fail(p, "a parenthesis is not closed");
	if (number < ERE_GROUPS)
		add(p, ERE_SAVE, 2 * number + 1);
}

static void parse_escape(struct parser *p)
{
	int c = peek(p);

	if (c < 0 || is_digit(c) || is_letter(c)) {
		fail(p, "a backslash has no meaning there");
		return;
	}
	p->at++;
	add(p, ERE_BYTE, (unsigned)c);
}

static void parse_atom(struct parser *p, unsigned depth)
{
	int c = peek(p);

	p->at++;
	switch (c) {
	case '(':
		parse_group(p, depth);
		break;
	case '[':
		parse_set(p);
		break;
	case '\\':
		parse_escape(p);
		break;
	case '.':
		add(p, ERE_ANY, 0);
		break;
	case '^':
		add(p, ERE_BEGIN, 0);
		break;
	case '$':
		add(p, ERE_END, 0);
		break;
	case '*':
	case '+':
	case '?':
	case '{':
		fail(p, "a repetition repeats nothing");
		break;
	default:
		add(p, ERE_BYTE, (unsigned)c);
	}
}

/* Behind the '{'. */
static bool take_bounds(struct parser *p, int *min, int *max)
{
	struct span rest = span_skip(p->text, p->at), bounds, low;
	uint32_t number;

	if (!span_cut(&rest, '}', &bounds))
		return fail(p, "an interval has no end");
	p->at += bounds.n + 1;
	bool has_comma = span_cut(&bounds, ',', &low);
	if (!span_to_u32(low, REPEAT_MAX, &number))
		return fail(p, "an interval has no number");
	*min = *max = (int)number;
	if (has_comma && bounds.n == 0)
		*max = NO_LIMIT;
	else if (has_comma && !span_to_u32(bounds, REPEAT_MAX, &number))
		return fail(p, "an interval has no number");
	else if (has_comma)
		*max = (int)number;
	return *max == NO_LIMIT || *min <= *max ||
	       fail(p, "an interval goes backwards");
}

static bool take_repetition(struct parser *p, int *min, int *max)
{
	*min = 0;
	*max = NO_LIMIT;
	if (take(p, '*'))
		return true;
	if (take(p, '?')) {
		*max = 1;
		return true;
	}
	if (take(p, '+')) {
		*min = 1;
		return true;
	}
	return take(p, '{') && take_bounds(p, min, max);
}

/* The block from `from` on, min to max times instead of once. */
static void repeat(struct parser *p, size_t from, int min, int max)
{
	struct ere *x = p->x;
	size_t n = x->count - from;
	int16_t over = (int16_t)(n + 1);
	struct ere_inst *block = mem_array(n + 1, sizeof(*block));

	memcpy(block, x->program + from, n * sizeof(*block));
	x->count = from;
	for (int i = 0; i < min && !p->fault; i++)
		copy_block(p, block, n);
	for (int i = min; i < max && !p->fault; i++) {
		put(p, x->count, (struct ere_inst){ ERE_SPLIT, 0, 1, over });
		copy_block(p, block, n);
	}
	if (max == NO_LIMIT && !p->fault) {
		put(p, x->count,
			(struct ere_inst){
				ERE_SPLIT, 0, 1, (int16_t)(over + 1) });
		copy_block(p, block, n);
		put(p, x->count,
			(struct ere_inst){ ERE_JUMP, 0, (int16_t)-over, 0 });
	}
	mem_free(block);
}

static void parse_branch(struct parser *p, unsigned depth)
{
	int min, max;

	while (!p->fault && peek(p) >= 0 && peek(p) != '|' &&
		!(peek(p) == ')' && depth)) {
		size_t from = p->x->count;
		parse_atom(p, depth);
		while (!p->fault && take_repetition(p, &min, &max))
			repeat(p, from, min, max);
	}
}

static void parse_alternatives(struct parser *p, unsigned depth)
{
	struct ere *x = p->x;
	size_t from = x->count;

	parse_branch(p, depth);
	while (!p->fault && take(p, '|')) {
		/* split, what stands so far, jump behind the next branch */
		put(p, from,
			(struct ere_inst){ ERE_SPLIT, 0, 1,
				(int16_t)(x->count - from + 2) });
		size_t jump = x->count;
		add(p, ERE_JUMP, 0);
		parse_branch(p, depth);
		if (!p->fault)
			x->program[jump].first = (int16_t)(x->count - jump);
	}
}

struct ere *ere_new(struct span expression, struct err *e)
{
	struct parser p = { .text = expression };

	if (expression.n > ERE_LENGTH_MAX) {
		err_set(e, STATUS_MALFORMED,
			"the regular expression is longer than %d bytes",
			ERE_LENGTH_MAX);
		return NULL;
	}
	p.x = mem_alloc(sizeof(*p.x));
	add(&p, ERE_SAVE, 0);
	parse_alternatives(&p, 0);
	add(&p, ERE_SAVE, 1);
	add(&p, ERE_MATCH, 0);
	if (!p.fault)
		return p.x;
	err_set(e, STATUS_MALFORMED, "the regular expression is not valid: %s",
		p.fault);
	ere_free(p.x);
	return NULL;
}

void ere_free(struct ere *x)
{
	mem_free(x);
}
