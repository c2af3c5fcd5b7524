#include "tests/common/test.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/opt.h"

struct inner {
	usec_t wait;
	const char *ca;
};

struct settings {
	bool json;
	unsigned verbose;
	int64_t count, offset;
	const char *type, *subject;
	struct opt_list headers;
	struct inner inner;
};

static const struct opt inner_options[] = {
	{ OPT_GROUP, .help = "Inner" },
	{ OPT_DURATION, 'w', "wait", "SECONDS", "give up after this long",
		.offset = offsetof(struct inner, wait), .min = USEC_MS,
		.max = 60 * USEC_SEC },
	{ OPT_FILE, 0, "ca", "FILE", "trust these",
		.offset = offsetof(struct inner, ca) },
	{ OPT_END },
};

static const char *const types[] = { "chat", "normal", "headline", NULL };

static const struct opt options[] = {
	{ OPT_FLAG, 'j', "json", .help = "records as JSON Lines",
		.offset = offsetof(struct settings, json) },
	{ OPT_COUNT, 'v', "verbose", .help = "say more",
		.offset = offsetof(struct settings, verbose) },
	{ OPT_USE, .use = inner_options,
		.offset = offsetof(struct settings, inner) },
	{ OPT_NUMBER, 'c', "count", "N", "how many",
		.offset = offsetof(struct settings, count), .min = 1,
		.max = 1000 },
	{ OPT_NUMBER, 0, "offset", "N", "may be negative",
		.offset = offsetof(struct settings, offset), .min = -5,
		.max = 5 },
	{ OPT_GROUP, .help = "Message" },
	{ OPT_WORD, 0, "type", "TYPE", "of the message",
		.offset = offsetof(struct settings, type), .words = types },
	{ OPT_STRING, 0, "subject", "TEXT",
		"a help that is so long that it has to be broken into more "
		"than one line of eighty columns",
		.offset = offsetof(struct settings, subject) },
	{ OPT_LIST, 'H', "header", "NAME: VALUE", "add a header field",
		.offset = offsetof(struct settings, headers) },
	{ OPT_REFUSED, 0, "muc", "ROOM", "rooms are not there yet" },
	{ OPT_END },
};

static const struct command command = {
	.name = "sipping",
	.summary = "ping a SIP server with OPTIONS",
	.synopsis = "[options] URI",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.operand_kind = "sip-uri",
};

#define ARGV_MAX 12
static struct settings settings;
static char **operands;
static struct err error;

static enum opt_parsed parse(const char *first, ...)
{
	static char *argv[ARGV_MAX + 2];
	int argc = 0;
	argv[argc++] = (char *)"sipping";
	va_list ap;
	va_start(ap, first);
	for (const char *a = first; a && argc < ARGV_MAX;
		a = va_arg(ap, const char *))
		argv[argc++] = (char *)a;
	va_end(ap);
	argv[argc] = NULL;
	opt_clear(&command, &settings);
	settings = (struct settings){ .count = 4 };
	error = ERR_NONE;
	return opt_parse(&command, argc, argv, &settings, &operands, &error);
}

static void assert_refused(enum opt_parsed parsed, const char *sentence)
{
	assert_int_equal(parsed, OPT_FAILED);
	assert_int_equal(error.status, STATUS_USAGE);
	assert_string_equal(error.text, sentence);
}

static void options_fill_the_members_they_name(void **state)
{
	(void)state;
	assert_int_equal(parse("-jvv", "--count=7", "--offset", "-3", "--type",
				 "normal", "u", "-w", "1.5", NULL),
		OPT_RUN);
	assert_true(settings.json);
	assert_int_equal(settings.verbose, 2);
	assert_int_equal(settings.count, 7);
	assert_int_equal(settings.offset, -3);
	assert_string_equal(settings.type, "normal");
	assert_int_equal(settings.inner.wait, 1500 * USEC_MS);
	assert_string_equal(operands[0], "u");
	assert_null(operands[1]);
}

static void what_is_not_given_keeps_its_default(void **state)
{
	(void)state;
	assert_int_equal(parse("u", NULL), OPT_RUN);
	assert_int_equal(settings.count, 4);
	assert_null(settings.type);
}

static void a_list_keeps_every_value_in_order(void **state)
{
	(void)state;
	assert_int_equal(
		parse("-H", "A: 1", "u", "--header=B: 2", NULL), OPT_RUN);
	assert_int_equal(settings.headers.count, 2);
	assert_string_equal(settings.headers.items[0], "A: 1");
	assert_string_equal(settings.headers.items[1], "B: 2");
	opt_clear(&command, &settings);
	assert_int_equal(settings.headers.count, 0);
}

static void what_follows_two_dashes_is_an_operand(void **state)
{
	(void)state;
	assert_int_equal(parse("--", "-j", NULL), OPT_RUN);
	assert_string_equal(operands[0], "-j");
	assert_false(settings.json);
}

static void numbers_and_durations_are_checked(void **state)
{
	(void)state;
	assert_refused(parse("-c", "0", "u", NULL),
		"--count: 0 is not within 1..1000");
	assert_refused(parse("-c", "1001", "u", NULL),
		"--count: 1001 is not within 1..1000");
	assert_refused(parse("-c", "3x", "u", NULL),
		"--count: \"3x\" is not a number");
	assert_refused(
		parse("-c", "", "u", NULL), "--count: \"\" is not a number");
	assert_refused(parse("-c", "99999999999999999999", "u", NULL),
		"--count: \"99999999999999999999\" is not a number");
	assert_refused(parse("-w", "soon", "u", NULL),
		"--wait: \"soon\" is not a duration; write 30, 0.5, 500ms, "
		"2m or 1h");
	assert_refused(
		parse("-w", "0", "u", NULL), "--wait: 0 is less than 0.001 s");
	assert_refused(
		parse("-w", "2m", "u", NULL), "--wait: 2m is more than 60 s");
	assert_int_equal(parse("-w", "1m", "u", NULL), OPT_RUN);
}

static void a_word_is_one_of_its_words(void **state)
{
	(void)state;
	assert_refused(parse("--type", "chatter", "u", NULL),
		"--type: \"chatter\" is not one of chat, normal or headline");
}

static void an_unknown_option_names_the_nearest(void **state)
{
	(void)state;
	assert_refused(parse("--cuont=3", "u", NULL),
		"unknown option --cuont; is --count meant?");
	assert_refused(parse("--jsno", "u", NULL),
		"unknown option --jsno; is --json meant?");
	assert_refused(parse("u", "--frobnicate", NULL),
		"unknown option --frobnicate; see sipping --help");
	assert_refused(parse("-jZ", "u", NULL),
		"unknown option -Z; see sipping --help");
}

static void an_argument_too_few_or_too_many_is_said(void **state)
{
	(void)state;
	assert_refused(parse("u", "--count", NULL), "--count needs its N");
	assert_refused(parse("u", "-c", NULL), "--count needs its N");
	assert_refused(
		parse("--json=yes", "u", NULL), "--json takes no argument");
}

static void operands_are_counted(void **state)
{
	(void)state;
	assert_refused(parse("-j", NULL),
		"too few operands; usage: sipping [options] URI");
	assert_refused(parse("u", "v\n", NULL), "one operand too many: v\\n");
}

static void what_is_not_there_yet_is_refused_with_its_sentence(void **state)
{
	(void)state;
	assert_refused(parse("--muc", "r", "u", NULL),
		"--muc: rooms are not there yet");
}

static void help_and_version_need_no_operand(void **state)
{
	(void)state;
	assert_int_equal(parse("--help", NULL), OPT_HELP);
	assert_int_equal(parse("-h", NULL), OPT_HELP);
	assert_int_equal(parse("-V", NULL), OPT_VERSION);
	assert_int_equal(parse("--dump-options", NULL), OPT_DUMP);
}

static void help_is_grouped_and_within_eighty_columns(void **state)
{
	(void)state;
	struct buf help = BUF_INIT(64 * 1024);
	opt_help(&command, &help);
	const char *text = buf_text(&help);
	assert_non_null(strstr(text, "usage: sipping [options] URI\n"));
	assert_non_null(strstr(text, "\nOptions:\n  -j, --json"));
	assert_non_null(strstr(text, "\nInner:\n  -w, --wait SECONDS"));
	assert_non_null(strstr(text, "\nMessage:\n      --type TYPE"));
	assert_non_null(strstr(text, "message: chat, normal, headline\n"));
	assert_non_null(strstr(text, "  -V, --version"));
	assert_null(strstr(text, "muc"));
	struct span rest = buf_view(&help), line;
	while (span_cut(&rest, '\n', &line))
		if (line.n > 80)
			fail_msg("%zu columns: %.*s", line.n, SPAN_ARGS(line));
	buf_clear(&help);
}

static void an_option_after_a_table_is_back_under_its_heading(void **state)
{
	(void)state;
	size_t at = 0;
	struct opt_place place;
	while (opt_next(&command, &at, &place))
		if (place.opt->letter == 'c')
			assert_string_equal(place.group, "");
}

static void the_dump_has_seven_columns_a_row(void **state)
{
	(void)state;
	struct buf dump = BUF_INIT(64 * 1024);
	opt_dump(&command, &dump);
	const char *text = buf_text(&dump);
	assert_non_null(strstr(text, "sipping\t\t1..1\tcommand\t[options] URI\t"
				     "sip-uri\tping a SIP server with "
				     "OPTIONS\n"));
	assert_non_null(strstr(text, "\nMessage\t\ttype\tword\tTYPE\tchat "
				     "normal headline\tof the message\n"));
	assert_non_null(strstr(text, "\nHelp\th\thelp\tflag\t\t\tprint this"));
	struct span rest = buf_view(&dump), line;
	while (span_cut(&rest, '\n', &line)) {
		size_t tabs = 0;
		for (size_t i = 0; i < line.n; i++)
			tabs += line.p[i] == '\t';
		assert_int_equal(tabs, 6);
	}
	buf_clear(&dump);
}

static void a_letter_has_one_name_but_for_named_exceptions(void **state)
{
	(void)state;
	assert_string_equal(opt_registered("xmppsend", 'w'), "wait");
	assert_string_equal(opt_registered("sipsniff", 'w'), "write");
	assert_null(opt_registered("xmppsend", 'x'));
	struct opt_letter a, b;
	for (size_t i = 0; opt_letter_at(i, &a); i++)
		for (size_t j = i + 1; opt_letter_at(j, &b); j++)
			if (a.letter == b.letter && a.tool == b.tool)
				fail_msg("-%c stands twice", a.letter);
}

TEST_MAIN(cmocka_unit_test(options_fill_the_members_they_name),
	cmocka_unit_test(what_is_not_given_keeps_its_default),
	cmocka_unit_test(a_list_keeps_every_value_in_order),
	cmocka_unit_test(what_follows_two_dashes_is_an_operand),
	cmocka_unit_test(numbers_and_durations_are_checked),
	cmocka_unit_test(a_word_is_one_of_its_words),
	cmocka_unit_test(an_unknown_option_names_the_nearest),
	cmocka_unit_test(an_argument_too_few_or_too_many_is_said),
	cmocka_unit_test(operands_are_counted),
	cmocka_unit_test(what_is_not_there_yet_is_refused_with_its_sentence),
	cmocka_unit_test(help_and_version_need_no_operand),
	cmocka_unit_test(help_is_grouped_and_within_eighty_columns),
	cmocka_unit_test(an_option_after_a_table_is_back_under_its_heading),
	cmocka_unit_test(the_dump_has_seven_columns_a_row),
	cmocka_unit_test(a_letter_has_one_name_but_for_named_exceptions))
