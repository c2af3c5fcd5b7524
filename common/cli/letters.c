#include "cli/letters.h"

#include <unistd.h>

#include "base/mem.h"
#include "cli/input.h"

/* A record with a body of which every byte is an escape, and its other keys. */
#define RECORD_MAX(body_max) (6 * (body_max) + 64 * 1024)

const struct opt letters_options[] = {
	{ OPT_GROUP, .help = "Input" },
	{ OPT_FLAG, 'l', "lines", .help = "send each line as a message",
		.offset = offsetof(struct letters_options, lines) },
	{ OPT_FLAG, 0, "json-input",
		.help = "read records, one a line, and send each",
		.offset = offsetof(struct letters_options, json) },
	{ OPT_FLAG, 0, "reply",
		.help = "send a record back to where it came from",
		.offset = offsetof(struct letters_options, reply) },
	{ OPT_FLAG, 0, "strict",
		.help = "a record that is not for this tool is an error",
		.offset = offsetof(struct letters_options, strict) },
	{ OPT_FLAG, 0, "allow-empty",
		.help = "send a message also where the input is empty",
		.offset = offsetof(struct letters_options, allow_empty) },
	{ OPT_FILE, 0, "to-file", "FILE", "more recipients, one a line",
		.offset = offsetof(struct letters_options, to_file) },
	{ OPT_END },
};

struct letters {
	struct run *run;
	const struct letters_options *options;
	struct lines *lines; /* NULL: the input is one message */
	struct buf whole, body;
	bool taken; /* of the one message */
	struct record_in record;
	bool has_record;
	struct record_filter filter;
	uint64_t number;          /* of the line */
	uint64_t empty, bodiless; /* passed over */
};

bool letters_is_stream(const struct letters_options *o)
{
	return o->lines || o->json;
}

/* ---- one message ---- */

static bool read_whole(struct letters *l, struct err *e)
{
	struct buf *b = &l->whole;
	if (!input_read_whole(l->run, "-", b, e))
		return false;
	if (b->len && b->data[b->len - 1] == '\n')
		b->len--;
	if (b->len > l->body.max)
		return err_set(e, STATUS_MALFORMED,
			"the input is longer than %zu bytes", l->body.max);
	if (b->len || l->options->allow_empty)
		return true;
	return err_set(e, STATUS_MALFORMED,
		"the input is empty; --allow-empty sends it all the same");
}

static enum lines_got take_whole(struct letters *l, struct letter *letter)
{
	if (l->taken)
		return LINES_END;
	l->taken = true;
	*letter = (struct letter){ .body = buf_view(&l->whole) };
	return LINES_LINE;
}

/* ---- records ---- */

static bool has_body(struct letters *l, struct letter *letter)
{
	buf_reset(&l->body);
	bool has = record_in_bytes(&l->record, KEY_BODY, &l->body);
	letter->body = buf_view(&l->body);
	return has;
}

static void fill(const struct letters *l, struct letter *letter)
{
	const struct record_in *r = &l->record;
	record_in_text(r, l->options->reply ? KEY_FROM : KEY_TO, &letter->to);
	record_in_text(r, KEY_SUBJECT, &letter->subject);
	record_in_text(r, KEY_CONTENT_TYPE, &letter->content_type);
	record_in_text(r, KEY_MESSAGE_TYPE, &letter->message_type);
	record_in_text(r, KEY_THREAD, &letter->thread);
	record_in_text(r, KEY_LANG, &letter->lang);
}

static void drop_record(struct letters *l)
{
	if (l->has_record)
		record_in_clear(&l->record);
	l->has_record = false;
}

/* LINES_NONE: it was passed over. */
static enum lines_got take_record(struct letters *l, struct letter *letter,
	struct span line, struct err *e)
{
	drop_record(l); /* one that was passed over */
	if (!record_in_parse(&l->record, line, e))
		return LINES_FAILED;
	l->has_record = true;
	*letter = (struct letter){ .body = SPAN_EMPTY };
	switch (record_filter_take(&l->filter, &l->record, e)) {
	case RECORD_REFUSED:
		return LINES_FAILED;
	case RECORD_SKIPPED:
		return LINES_NONE;
	case RECORD_TAKEN:
		break;
	}
	if (!has_body(l, letter)) {
		if (l->body.failed) {
			err_set(e, STATUS_MALFORMED,
				"the body is longer than %zu bytes, or no "
				"base64",
				l->body.max);
			return LINES_FAILED;
		}
		if (!l->options->allow_empty) {
			l->bodiless++;
			return LINES_NONE;
		}
	}
	fill(l, letter);
	return LINES_LINE;
}

/* ---- the stream ---- */

static enum lines_got take_line(struct letters *l, struct letter *letter,
	struct span line, struct err *e)
{
	enum lines_got got = LINES_LINE;
	drop_record(l);
	l->number++;
	if (l->options->json && span_trim(line).n == 0)
		return LINES_NONE;
	if (l->options->json) {
		got = take_record(l, letter, line, e);
	} else if (line.n || l->options->allow_empty) {
		*letter = (struct letter){ .body = line };
	} else {
		l->empty++;
		got = LINES_NONE;
	}
	if (got == LINES_FAILED)
		err_prefix(e, "line %llu of the input",
			(unsigned long long)l->number);
	return got;
}

enum lines_got letters_next(
	struct letters *l, struct letter *letter, struct err *e)
{
	struct span line;
	enum lines_got got;
	drop_record(l);
	if (!l->lines)
		return take_whole(l, letter);
	do {
		got = lines_next(l->lines, &line, e);
		if (got != LINES_LINE)
			return got;
		got = take_line(l, letter, line, e);
	} while (got == LINES_NONE);
	return got;
}

bool letters_has_next(void *letters)
{
	const struct letters *l = letters;
	return !l->lines || lines_has_next(l->lines);
}

/* ---- opening and closing ---- */

static bool check_options(const struct letters_options *o, struct err *e)
{
	if (o->lines && o->json)
		return err_set(e, STATUS_USAGE,
			"-l and --json-input are two kinds of input");
	if ((o->reply || o->strict) && !o->json)
		return err_set(e, STATUS_USAGE, "--%s is for --json-input",
			o->reply ? "reply" : "strict");
	return true;
}

static bool open_input(struct letters *l, size_t body_max, struct err *e)
{
	if (!check_options(l->options, e))
		return false;
	if (!letters_is_stream(l->options))
		return read_whole(l, e);
	l->lines = lines_new(l->run->loop,
		&(struct lines_settings){ .fd = STDIN_FILENO,
			.end = '\n',
			.max = l->options->json ? RECORD_MAX(body_max)
						: body_max },
		e);
	return l->lines != NULL;
}

struct letters *letters_open(struct run *r, const struct letters_options *o,
	enum record_proto proto, size_t body_max, struct err *e)
{
	struct letters *l = mem_alloc(sizeof(*l));
	l->run = r;
	l->options = o;
	buf_init(&l->whole, body_max + 1); /* the newline */
	buf_init(&l->body, body_max);
	l->filter = (struct record_filter){
		.type = RECORD_MESSAGE, .proto = proto, .strict = o->strict
	};
	if (open_input(l, body_max, e))
		return l;
	letters_close(l);
	return NULL;
}

void letters_close(struct letters *l)
{
	if (!l)
		return;
	if (l->filter.skipped)
		run_warn(l->run,
			"%llu records were not for this tool and were passed "
			"over",
			(unsigned long long)l->filter.skipped);
	if (l->bodiless)
		run_warn(l->run, "%llu records without a body were passed over",
			(unsigned long long)l->bodiless);
	if (l->empty)
		run_note(l->run, "%llu empty lines were passed over",
			(unsigned long long)l->empty);
	drop_record(l);
	lines_free(l->lines);
	buf_clear(&l->whole);
	buf_clear(&l->body);
	mem_free(l);
}
