#include <string.h>

#include "base/clock.h"
#include "cli/opt_private.h"
#include "cli/record.h"

#define WIDTH 80
#define COLUMN 28 /* where the help of an option begins */

static void pad(struct buf *out, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		buf_char(out, ' ');
}

/* Columns a text takes: characters, not bytes. */
static size_t columns(struct span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* Words up to the right margin, further lines indented to the column. */
static void wrap(struct buf *out, struct span text, size_t column, size_t at)
{
	struct span word;
	bool more = true, first = true;
	while (more) {
		more = span_cut(&text, ' ', &word);
		size_t width = columns(word);
		if (!first && at + 1 + width > WIDTH) {
			buf_char(out, '\n');
			pad(out, 0, column);
			at = column;
		} else if (!first) {
			buf_char(out, ' ');
			at++;
		}
		buf_span(out, word);
		at += width;
		first = false;
	}
	buf_char(out, '\n');
}

static void line(struct buf *out, const struct opt *o)
{
	size_t start = out->len;
	if (o->letter)
		buf_printf(out, "  -%c%s", o->letter, o->name ? ", " : "");
	else
		buf_str(out, "      ");
	if (o->name)
		buf_printf(out, "--%s", o->name);
	if (o->arg)
		buf_printf(out, " %s", o->arg);
	size_t at = out->len - start;
	if (at + 2 > COLUMN) {
		buf_char(out, '\n');
		at = 0;
	}
	pad(out, at, COLUMN);
	struct buf help = BUF_INIT(1024);
	buf_str(&help, o->help);
	if (o->kind == OPT_WORD)
		for (const char *const *w = o->words; *w; w++)
			buf_printf(
				&help, "%s%s", w == o->words ? ": " : ", ", *w);
	wrap(out, buf_view(&help), COLUMN, COLUMN);
	buf_clear(&help);
}

void opt_help(const struct command *c, struct buf *out)
{
	size_t at = 0, indent = strlen(c->name) + 8;
	const char *group = "";
	struct opt_place place;
	buf_printf(out, "usage: %s ", c->name);
	wrap(out, span_of(c->synopsis), indent, indent);
	wrap(out, span_of(c->summary), 0, 0);
	while (opt_next(c, &at, &place)) {
		if (place.opt->kind == OPT_REFUSED)
			continue;
		if (at == 1 || strcmp(group, place.group) != 0)
			buf_printf(out, "\n%s:\n",
				*place.group ? place.group : "Options");
		group = place.group;
		line(out, place.opt);
	}
	buf_printf(out,
		"\nSee %s(1), and samtal(7) for what all tools share.\n",
		c->name);
}

void opt_version(const struct command *c, struct buf *out)
{
	buf_printf(out, "%s %s (samtal, record schema %d)\n", c->name,
		SAMTAL_VERSION, RECORD_SCHEMA);
}

static const char *const kinds[] = {
	[OPT_FLAG] = "flag",
	[OPT_COUNT] = "count",
	[OPT_STRING] = "string",
	[OPT_FILE] = "file",
	[OPT_JID] = "jid",
	[OPT_SIP_URI] = "sip-uri",
	[OPT_ACCOUNT] = "account",
	[OPT_ENDPOINT] = "endpoint",
	[OPT_WORD] = "word",
	[OPT_NUMBER] = "number",
	[OPT_DURATION] = "duration",
	[OPT_LIST] = "list",
};

/* The first row is the command itself: how many operands ("1..", "0..1") for
 * the name, its synopsis, the kind of its operands for the words, its
 * summary. */
void opt_dump(const struct command *c, struct buf *out)
{
	size_t at = 0;
	struct opt_place place;
	buf_printf(out, "%s\t\t%d..", c->name, c->min_operands);
	if (c->max_operands >= 0)
		buf_printf(out, "%d", c->max_operands);
	buf_printf(out, "\tcommand\t%s\t%s\t%s\n", c->synopsis,
		c->operand_kind ? c->operand_kind : "", c->summary);
	while (opt_next(c, &at, &place)) {
		const struct opt *o = place.opt;
		if (o->kind == OPT_REFUSED)
			continue;
		buf_printf(out, "%s\t", *place.group ? place.group : "Options");
		if (o->letter)
			buf_char(out, o->letter);
		buf_printf(out, "\t%s\t%s\t%s\t", o->name ? o->name : "",
			kinds[o->kind], o->arg ? o->arg : "");
		for (const char *const *w = o->words; w && *w; w++)
			buf_printf(out, "%s%s", w == o->words ? "" : " ", *w);
		buf_printf(out, "\t%s\n", o->help);
	}
}
