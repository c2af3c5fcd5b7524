/* sipjson - SIP messages to JSON records, and back
 *
 * RFC 3261 section 7.  Messages are found in files by sip/split.h; a record
 * has their parts, which people can change with jq, or with --raw their bytes.
 * The way back is cli/record_sip.h's. */
#include "cli/input.h"
#include "cli/out.h"
#include "cli/record_sip.h"
#include "cli/run.h"
#include "sip/split.h"

struct options {
	struct output_options output;
	bool raw, to_sip, as_is, strict;
};

#define AT(member) .offset = offsetof(struct options, member)

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Conversion" },
	{ OPT_FLAG, 0, "raw",
		.help = "the bytes of each message instead of headers and body",
		AT(raw) },
	{ OPT_FLAG, 0, "to-sip",
		.help = "the other way: read records, print messages",
		AT(to_sip) },
	{ OPT_FLAG, 0, "as-is",
		.help = "with --to-sip: complete and refuse nothing",
		AT(as_is) },
	{ OPT_FLAG, 0, "strict",
		.help = "with --to-sip: a record of another type is an error",
		AT(strict) },
	{ OPT_GROUP, .help = "Output" },
	{ OPT_FLAG, 'q', "quiet", .help = "no warnings", AT(output.quiet) },
	{ OPT_COUNT, 'v', "verbose",
		.help = "say at the end how many there were",
		AT(output.verbose) },
	{ OPT_END },
};

/* A record of a message whose every byte is escaped. */
#define RECORD_MAX (8 * SIP_MSG_MAX)

struct sipjson {
	struct run *run;
	const struct options *options;
	const char *file;
	uint64_t good, bad, number; /* number: of the line, in this file */
	struct sip_split split;
	struct sip_scan message;
	struct buf text; /* of one record */
	struct record_filter filter;
};

/* ---- messages to records ---- */

static void add_whole(struct sipjson *t, struct record *r)
{
	const struct sip_scan *m = &t->message;
	if (t->options->raw) {
		record_text(r, KEY_RAW, m->raw);
		return;
	}
	record_sip_headers(r, m, &t->text);
	if (m->body.n)
		record_text(r, KEY_BODY, m->body);
}

static bool write_message(struct sipjson *t, struct err *e)
{
	struct record r;
	record_begin(&r, t->run->out, RECORD_SIP_MESSAGE, RECORD_SIP,
		loop_wall(t->run->loop));
	record_sip_message(&r, &t->message);
	add_whole(t, &r);
	t->good++;
	return record_end(&r, e);
}

/* What cannot be read as a message is not lost: its bytes are there. */
static bool write_bad(
	struct sipjson *t, struct span piece, const char *text, struct err *e)
{
	struct record r;
	record_begin(&r, t->run->out, RECORD_ERROR, RECORD_SIP,
		loop_wall(t->run->loop));
	record_str(&r, KEY_CONDITION, "malformed");
	record_str(&r, KEY_TEXT, text);
	record_text(&r, KEY_RAW, piece);
	t->bad++;
	return record_end(&r, e);
}

static bool write_piece(struct sipjson *t, enum sip_split_got got,
	struct span piece, struct err *e)
{
	struct buf faults = BUF_INIT(4096);
	bool good;
	if (got == SIP_SPLIT_OTHER) {
		good = write_bad(t, piece, "No SIP Message", e);
	} else if (sip_scan(&t->message, piece)) {
		good = write_message(t, e);
	} else {
		sip_faults_list(&faults, &t->message.faults);
		good = write_bad(t, piece, buf_text(&faults), e);
	}
	buf_clear(&faults);
	return good;
}

/* The messages among `in`, as far as they are whole. */
static bool take_messages(
	struct sipjson *t, struct span *in, bool is_end, struct err *e)
{
	struct span piece;
	enum sip_split_got got;
	while ((got = sip_split_next(&t->split, in, is_end, &piece)) ==
			SIP_SPLIT_MESSAGE ||
		got == SIP_SPLIT_OTHER)
		if (!write_piece(t, got, piece, e))
			return false;
	return true;
}

/* ---- records to messages ---- */

/* The message goes out whole or not at all. */
static bool write_record(struct sipjson *t, const struct record_in *in,
	struct err *fault, struct err *e)
{
	buf_reset(&t->text);
	if (!record_sip_build(&t->text, in, t->options->as_is, fault))
		return true;
	t->good++;
	return out_write(t->run->out, buf_view(&t->text), e);
}

static bool take_line(struct sipjson *t, struct span line, struct err *e)
{
	struct record_in in;
	struct err fault = ERR_NONE;
	bool good = true;
	t->number++;
	if (record_in_parse(&in, line, &fault)) {
		if (record_filter_take(&t->filter, &in, &fault) == RECORD_TAKEN)
			good = write_record(t, &in, &fault, e);
		record_in_clear(&in);
	}
	if (err_is_set(&fault)) {
		err_prefix(&fault, "%s: line %llu", t->file,
			(unsigned long long)t->number);
		run_warn(t->run, "%s", fault.text);
		t->bad++;
	}
	return good;
}

static bool take_records(
	struct sipjson *t, struct span *in, bool is_end, struct err *e)
{
	while (in->n) {
		size_t end = span_find(*in, '\n', 0);
		if (end > RECORD_MAX)
			return err_set(e, STATUS_MALFORMED,
				"line %llu is longer than %d bytes",
				(unsigned long long)t->number + 1, RECORD_MAX);
		if (end == in->n && !is_end)
			break;
		if (!take_line(t, span_first(*in, end), e))
			return false;
		*in = span_skip(*in, end + 1);
	}
	return true;
}

/* ---- the run ---- */

static bool convert_file(struct sipjson *t, struct err *e)
{
	bool to_sip = t->options->to_sip;
	struct input in;
	enum input_got got = INPUT_FAILED;
	t->number = 0;
	t->split = (struct sip_split){ 0 };
	bool good = input_open(
		&in, t->run, t->file, to_sip ? RECORD_MAX : SIP_MSG_MAX, e);
	do {
		got = good ? input_read(&in, e) : INPUT_FAILED;
		struct span rest = buf_view(&in.bytes);
		good = got != INPUT_FAILED &&
		       (to_sip ? take_records : take_messages)(
			       t, &rest, got == INPUT_END, e);
		buf_consume(&in.bytes, in.bytes.len - rest.n);
	} while (good && got == INPUT_BYTES);
	input_close(&in);
	if (err_is_set(e))
		err_prefix(e, "%s", t->file);
	return good;
}

static bool convert_all(struct sipjson *t, char **operands, struct err *e)
{
	t->file = "-";
	if (!operands[0])
		return convert_file(t, e);
	for (size_t i = 0; operands[i]; i++) {
		t->file = operands[i];
		if (!convert_file(t, e))
			return false;
	}
	return true;
}

#define LLU(number) ((unsigned long long)(number))

static bool report(const struct sipjson *t, struct err *e)
{
	run_note(t->run, "messages: %llu, other records: %llu, bad: %llu",
		LLU(t->good), LLU(t->filter.skipped), LLU(t->bad));
	if (t->filter.skipped)
		run_warn(t->run, "records of another type passed over: %llu",
			LLU(t->filter.skipped));
	if (t->bad == 0)
		return true;
	return err_set(e, STATUS_MALFORMED,
		"%llu of %llu could not be read as %s", LLU(t->bad),
		LLU(t->bad + t->good),
		t->options->to_sip ? "a message's record" : "a message");
}

static bool check_options(const struct options *o, struct err *e)
{
	if ((o->as_is || o->strict) && !o->to_sip)
		return err_set(e, STATUS_USAGE,
			"--as-is and --strict go with --to-sip");
	if (o->raw && o->to_sip)
		return err_set(e, STATUS_USAGE,
			"--raw goes the other way than --to-sip");
	return true;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct sipjson t = {
		.run = r,
		.options = o,
		.text = BUF_INIT(RECORD_MAX),
		.filter = { .type = RECORD_SIP_MESSAGE,
			.proto = RECORD_SIP,
			.strict = o->strict },
	};
	o->output.json = true;
	run_use_output(r, &o->output);
	bool good = check_options(o, e) && convert_all(&t, operands, e) &&
		    report(&t, e);
	buf_clear(&t.text);
	return good;
}

static const struct command command = {
	.name = "sipjson",
	.summary = "turn SIP messages into JSON records, and back",
	.synopsis = "[options] [FILE...]",
	.options = options,
	.max_operands = -1,
	.operand_kind = "file",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { .raw = false };
	return cli_main(&command, argc, argv, &o);
}
