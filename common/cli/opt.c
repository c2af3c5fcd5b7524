#include "cli/opt.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/opt_private.h"

#define NESTING_MAX 4

/* What every tool has; --dump-options is for our own scripts. */
static const struct opt standard[] = {
	{ OPT_GROUP, .help = "Help" },
	{ OPT_FLAG, 'h', "help", .help = "print this and leave" },
	{ OPT_FLAG, 'V', "version", .help = "print the version and leave" },
	{ OPT_END },
};

static bool walk(const struct opt *table, size_t base, const char **group,
	size_t *skip, struct opt_place *place, int depth)
{
	for (const struct opt *o = table; o && o->kind != OPT_END; o++) {
		if (o->kind == OPT_GROUP) {
			*group = o->help;
			continue;
		}
		if (o->kind == OPT_USE) {
			const char *outer = *group;
			if (depth < NESTING_MAX &&
				walk(o->use, base + o->offset, group, skip,
					place, depth + 1))
				return true;
			*group = outer;
			continue;
		}
		if ((*skip)-- > 0)
			continue;
		*place = (struct opt_place){ o, *group, base + o->offset };
		return true;
	}
	return false;
}

bool opt_next(const struct command *c, size_t *at, struct opt_place *place)
{
	const char *group = "";
	size_t skip = (*at)++;
	return walk(c->options, 0, &group, &skip, place, 0) ||
	       walk(standard, 0, &group, &skip, place, 0);
}

bool opt_is_standard(const struct opt *o)
{
	return o >= standard &&
	       o < standard + sizeof(standard) / sizeof(standard[0]);
}

/* ---- getopt_long's arrays ---- */

#define OPTIONS_MAX 128
#define NUMBERED 256 /* value of a long option: this and its index */
#define DUMP (NUMBERED + OPTIONS_MAX)

struct parser {
	const struct command *command;
	char *settings;
	struct opt_place places[OPTIONS_MAX];
	size_t count;
	struct option longs[OPTIONS_MAX + 2];
	char shorts[2 * OPTIONS_MAX + 3];
};

static void prepare(struct parser *p)
{
	size_t at = 0, longs = 0;
	char *s = p->shorts;
	*s++ = ':';
	while (p->count < OPTIONS_MAX &&
		opt_next(p->command, &at, &p->places[p->count])) {
		const struct opt *o = p->places[p->count].opt;
		if (o->letter) {
			*s++ = o->letter;
			if (o->arg)
				*s++ = ':';
		}
		if (o->name)
			p->longs[longs++] = (struct option){ o->name,
				o->arg ? required_argument : no_argument, NULL,
				NUMBERED + (int)p->count };
		p->count++;
	}
	p->longs[longs] =
		(struct option){ "dump-options", no_argument, NULL, DUMP };
}

static const struct opt_place *place_of(const struct parser *p, int value)
{
	if (value >= NUMBERED)
		return &p->places[value - NUMBERED];
	for (size_t i = 0; i < p->count; i++)
		if (p->places[i].opt->letter == value)
			return &p->places[i];
	return NULL;
}

/* As a sentence names it: "--count" or, where it has no long name, "-c". */
static const char *shown(const struct opt *o, char out[64])
{
	if (o->name)
		snprintf(out, 64, "--%s", o->name);
	else
		snprintf(out, 64, "-%c", o->letter);
	return out;
}

/* ---- values ---- */

static bool set_number(const struct opt *o, const char *name, const char *value,
	int64_t *to, struct err *e)
{
	struct span text = span_of(value);
	bool negative = span_starts(text, "-");
	int64_t min = o->min, max = o->max;
	if (min == 0 && max == 0)
		max = INT64_MAX;
	uint64_t magnitude;
	if (!span_to_u64(span_skip(text, negative), INT64_MAX, &magnitude))
		return err_set(e, STATUS_USAGE, "%s: \"%s\" is not a number",
			name, value);
	int64_t number = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	if (number < min || number > max) {
		if (max == INT64_MAX)
			return err_set(e, STATUS_USAGE,
				"%s: %s is less than %lld", name, value,
				(long long)min);
		return err_set(e, STATUS_USAGE,
			"%s: %s is not within %lld..%lld", name, value,
			(long long)min, (long long)max);
	}
	*to = number;
	return true;
}

static bool set_duration(const struct opt *o, const char *name,
	const char *value, usec_t *to, struct err *e)
{
	usec_t max = o->min == 0 && o->max == 0 ? INT64_MAX : o->max;
	usec_t time;
	if (!clock_parse_duration(span_of(value), &time))
		return err_set(e, STATUS_USAGE,
			"%s: \"%s\" is not a duration; write 30, 0.5, 500ms, "
			"2m or 1h",
			name, value);
	if (time < o->min)
		return err_set(e, STATUS_USAGE, "%s: %s is less than %g s",
			name, value, (double)o->min / USEC_SEC);
	if (time > max)
		return err_set(e, STATUS_USAGE, "%s: %s is more than %g s",
			name, value, (double)max / USEC_SEC);
	*to = time;
	return true;
}

static bool set_word(const struct opt *o, const char *name, const char *value,
	const char **to, struct err *e)
{
	struct buf words = BUF_INIT(256);
	for (const char *const *w = o->words; *w; w++) {
		if (strcmp(*w, value) == 0) {
			*to = *w;
			buf_clear(&words);
			return true;
		}
		if (words.len)
			buf_str(&words, w[1] ? ", " : " or ");
		buf_str(&words, *w);
	}
	err_set(e, STATUS_USAGE, "%s: \"%s\" is not one of %s", name, value,
		buf_text(&words));
	buf_clear(&words);
	return false;
}

static void list_add(struct opt_list *list, const char *value)
{
	list->items =
		mem_grow(list->items, list->count + 2, sizeof(*list->items));
	list->items[list->count++] = value;
	list->items[list->count] = NULL;
}

static bool set(const struct parser *p, const struct opt_place *place,
	const char *value, struct err *e)
{
	const struct opt *o = place->opt;
	void *member = p->settings + place->offset;
	char name[64];
	shown(o, name);
	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)member = true;
		return true;
	case OPT_COUNT:
		++*(unsigned *)member;
		return true;
	case OPT_STRING:
	case OPT_FILE:
	case OPT_JID:
	case OPT_SIP_URI:
	case OPT_ACCOUNT:
	case OPT_ENDPOINT:
		*(const char **)member = value;
		return true;
	case OPT_WORD:
		return set_word(o, name, value, member, e);
	case OPT_NUMBER:
		return set_number(o, name, value, member, e);
	case OPT_DURATION:
		return set_duration(o, name, value, member, e);
	case OPT_LIST:
		list_add(member, value);
		return true;
	case OPT_REFUSED:
		return err_set(e, STATUS_USAGE, "%s: %s", name, o->help);
	case OPT_END:
	case OPT_GROUP:
	case OPT_USE:
		break;
	}
	return err_set(e, STATUS_INTERNAL, "%s has no kind", name);
}

/* ---- what cannot be understood ---- */

static enum opt_parsed misused(
	const struct parser *p, int got, char **argv, struct err *e)
{
	const struct opt_place *known = optopt ? place_of(p, optopt) : NULL;
	char name[64];
	/* Where it is long, the word before optind is the one at fault. */
	const char *word = argv[optind - 1];
	if (got == ':' && known) {
		err_set(e, STATUS_USAGE, "%s needs its %s",
			shown(known->opt, name), known->opt->arg);
	} else if (known && optopt >= NUMBERED) {
		err_set(e, STATUS_USAGE, "%s takes no argument",
			shown(known->opt, name));
	} else if (optopt && optopt < NUMBERED) {
		err_set(e, STATUS_USAGE, "unknown option -%c; see %s --help",
			optopt, p->command->name);
	} else {
		const char *near = opt_nearest(p->command, word);
		err_set(e, STATUS_USAGE, "unknown option %.*s; %s%s%s",
			(int)strcspn(word, "="), word, near ? "is --" : "see ",
			near ? near : p->command->name,
			near ? " meant?" : " --help");
	}
	return OPT_FAILED;
}

static bool operands_fit(
	const struct command *c, int count, char **operands, struct err *e)
{
	if (count < c->min_operands)
		return err_set(e, STATUS_USAGE,
			"too few operands; usage: %s %s", c->name, c->synopsis);
	if (c->max_operands < 0 || count <= c->max_operands)
		return true;
	char text[80];
	utf8_printable_to(
		text, sizeof(text), span_of(operands[c->max_operands]));
	return err_set(e, STATUS_USAGE, "one operand too many: %s", text);
}

static enum opt_parsed parse(struct parser *p, int argc, char **argv,
	char ***operands, struct err *e)
{
	optind = 0; /* glibc: start anew, so that a process may parse twice */
	opterr = 0;
	for (;;) {
		int got = getopt_long(argc, argv, p->shorts, p->longs, NULL);
		if (got == -1)
			break;
		if (got == DUMP)
			return OPT_DUMP;
		if (got == '?' || got == ':')
			return misused(p, got, argv, e);
		const struct opt_place *place = place_of(p, got);
		if (opt_is_standard(place->opt))
			return place->opt->letter == 'h' ? OPT_HELP
							 : OPT_VERSION;
		if (!set(p, place, optarg, e))
			return OPT_FAILED;
	}
	*operands = argv + optind;
	return operands_fit(p->command, argc - optind, *operands, e)
		       ? OPT_RUN
		       : OPT_FAILED;
}

enum opt_parsed opt_parse(const struct command *c, int argc, char **argv,
	void *settings, char ***operands, struct err *e)
{
	struct parser *p = mem_alloc(sizeof(*p));
	p->command = c;
	p->settings = settings;
	prepare(p);
	enum opt_parsed parsed = parse(p, argc, argv, operands, e);
	mem_free(p);
	return parsed;
}

void opt_clear(const struct command *c, void *settings)
{
	size_t at = 0;
	struct opt_place place;
	while (opt_next(c, &at, &place)) {
		if (place.opt->kind != OPT_LIST)
			continue;
		struct opt_list *list =
			(void *)((char *)settings + place.offset);
		mem_free(list->items);
		*list = (struct opt_list){ NULL, 0 };
	}
}
