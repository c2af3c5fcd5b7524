/* sipsniff - shows the SIP messages in captured packets */
#include "base/utf8.h"
#include "capture/file.h"
#include "cli/input.h"
#include "cli/out.h"
#include "cli/record_sip.h"
#include "cli/run.h"
#include "trace/finder.h"

struct sipsniff {
	const char *file;
	bool whole, headers;
	struct output_options output;
};

#define AT(member) .offset = offsetof(struct sipsniff, member)
#define LATER(letter, name, arg, what)                                         \
	{                                                                      \
		OPT_REFUSED, letter, name, arg, what " is not there yet"       \
	}

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Input" },
	{ OPT_FILE, 'r', "read", "FILE",
		"read a pcap or pcapng file; - is standard input", AT(file) },
	{ OPT_REFUSED, 'i', "interface", "NAME",
		"live capture is not there yet: tcpdump -U -w - | sipsniff "
		"-r -" },
	LATER(0, "hep-listen", "ADDR:PORT", "HEP"),
	LATER(0, "keylog", "FILE", "decryption"),
	LATER('e', "regex", "REGEX", "choosing by text"),
	LATER(0, "method", "METHOD", "choosing by method"),
	LATER(0, "status", "CODE", "choosing by status code"),
	LATER(0, "call-id", "CALL-ID", "choosing by Call-ID"),
	LATER(0, "calls", NULL, "choosing whole calls"),
	{ OPT_GROUP, .help = "Output" },
	{ OPT_FLAG, 'x', "whole", .help = "the whole message as well",
		AT(whole) },
	{ OPT_FLAG, 0, "headers",
		.help = "with --json: every header field, in order",
		AT(headers) },
	{ OPT_FLAG, 'j', "json", .help = "records as JSON Lines",
		AT(output.json) },
	{ OPT_FLAG, 'q', "quiet",
		.help = "print nothing, only exit with 0 or 1",
		AT(output.quiet) },
	{ OPT_COUNT, 'v', "verbose", .help = "say what was seen, at the end",
		AT(output.verbose) },
	LATER('w', "write", "FILE", "writing a capture"),
	LATER(0, "hep-send", "ADDR:PORT", "HEP"),
	LATER(0, "audio", "FOLDER", "writing audio"),
	LATER(0, "stats", "SECONDS", "counting"),
	{ OPT_END },
};

struct sniffer {
	struct run *run;
	const struct sipsniff *options;
	struct input input; /* the record at hand, and what is behind it */
	struct buf text;    /* one record's faults, while it is written */
	struct buf headers;
	struct capture_file file;
	struct capture_decoder *decoder;
	struct trace_finder finder;
};

/* ---- one message ---- */

/* The message as a terminal may see it, each line behind a TAB, so that no
 * line of a message can be taken for a record. */
static bool write_lines(struct sniffer *s, struct span message, struct err *e)
{
	struct buf *to = out_begin(s->run->out);
	struct span line;
	while (message.n) {
		span_cut(&message, '\n', &line);
		if (span_ends(line, "\r"))
			line.n--;
		buf_char(to, '\t');
		utf8_printable(to, line, UTF8_ONE_LINE);
		buf_char(to, '\n');
	}
	return out_end(s->run->out, e);
}

static bool show(struct sniffer *s, struct err *e)
{
	const struct sip_scan *m = &s->finder.message;
	const struct capture_segment *at = s->finder.segment;
	char src[CAPTURE_ADDRESS_TEXT_SIZE], dst[CAPTURE_ADDRESS_TEXT_SIZE];
	struct record r;
	bool is_json = s->options->output.json;
	record_begin(&r, s->run->out, RECORD_SIP_MESSAGE, RECORD_SIP, at->time);
	record_text(&r, KEY_SRC,
		span_from(src, capture_address_format(src, &at->src)));
	record_text(&r, KEY_DST,
		span_from(dst, capture_address_format(dst, &at->dst)));
	record_str(&r, KEY_TRANSPORT,
		at->transport == CAPTURE_UDP ? "udp" : "tcp");
	record_sip_message(&r, m);
	/* A message cut in capturing was whole on the wire: not its fault. */
	if (at->is_cut)
		record_str(&r, KEY_FAULTS, "Cut In Capturing");
	else if (m->faults.kinds)
		record_sip_faults(&r, &m->faults, &s->text);
	if (s->options->headers)
		record_sip_headers(&r, m, &s->headers);
	if (s->options->whole && is_json)
		record_text(&r, KEY_RAW, m->raw);
	return record_end(&r, e) &&
	       (is_json || !s->options->whole || write_lines(s, m->raw, e));
}

/* ---- all of them ---- */

/* False: the capture is corrupt (e), or stdout is lost. */
static bool take_packets(struct sniffer *s, struct err *e)
{
	struct span in = buf_view(&s->input.bytes);
	struct capture_packet p;
	struct capture_segment segment;
	enum capture_next what = CAPTURE_MORE;
	bool ok = true;
	while (ok && (what = capture_file_next(&s->file, &in, &p, e)) ==
			     CAPTURE_PACKET) {
		if (!capture_decode(s->decoder, &p, &segment))
			continue;
		trace_finder_begin(&s->finder, &segment);
		while (ok && trace_finder_next(&s->finder))
			ok = s->options->output.quiet || show(s, e);
	}
	buf_consume(&s->input.bytes, s->input.bytes.len - in.n);
	return ok && what != CAPTURE_BAD;
}

/* False: e is set, or the run shall end early for another reason. */
static bool read_all(struct sniffer *s, struct err *e)
{
	enum input_got got;
	while ((got = input_read(&s->input, e)) == INPUT_BYTES)
		if (!take_packets(s, e))
			return false;
	return got == INPUT_END &&
	       capture_file_end(&s->file, buf_view(&s->input.bytes), e);
}

#define LLU(number) ((unsigned long long)(number))

/* What could not be shown is said, never passed over in silence. */
static void report(const struct sniffer *s)
{
	const struct capture_counts *c = capture_decoder_counts(s->decoder);
	struct capture_fragment_counts f =
		capture_decoder_fragments(s->decoder);
	const struct run *r = s->run;
	if (c->unknown_link)
		run_warn(r,
			"packets left out, of a link type that is not "
			"understood (%u): %llu",
			c->unknown_type, LLU(c->unknown_link));
	if (s->finder.unfinished)
		run_warn(r,
			"messages left out, since they go over several TCP "
			"segments and those are not joined yet: %llu",
			LLU(s->finder.unfinished));
	if (f.incomplete + f.overlapped)
		run_warn(r,
			"datagrams left out, of fragments that are missing or "
			"contradict each other: %llu",
			LLU(f.incomplete + f.overlapped));
	run_note(r,
		"packets: %llu (UDP %llu, TCP with data %llu, fragments %llu, "
		"other than IP %llu, malformed %llu); SIP messages: %llu (with "
		"faults %llu)",
		LLU(c->packets), LLU(c->udp), LLU(c->tcp), LLU(c->fragments),
		LLU(c->not_ip), LLU(c->malformed), LLU(s->finder.found),
		LLU(s->finder.with_faults));
}

/* ---- the run ---- */

static bool check_options(
	const struct sipsniff *o, char **operands, struct err *e)
{
	if (operands[0])
		return err_set(e, STATUS_USAGE,
			"capture filters are not there yet: tcpdump -r FILE -w "
			"- \"%s\" | sipsniff -r -",
			operands[0]);
	if (!o->file)
		return err_set(e, STATUS_USAGE,
			"which capture? -r FILE, or -r - for standard input");
	if (o->headers && !o->output.json)
		return err_set(e, STATUS_USAGE, "--headers goes with --json");
	return true;
}

static bool sniff(struct sniffer *s, struct err *e)
{
	bool open = input_open(
		&s->input, s->run, s->options->file, CAPTURE_FILE_HELD, e);
	bool whole = open && read_all(s, e);
	if (open)
		report(s);
	input_close(&s->input);
	return whole;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	const struct sipsniff *o = settings;
	struct sniffer s = {
		.run = r,
		.options = o,
		.text = BUF_INIT(4096),
		.headers = BUF_INIT(8 * SIP_MSG_MAX),
	};
	run_use_output(r, &o->output);
	if (!check_options(o, operands, e))
		return false;
	s.decoder = capture_decoder_new();
	capture_file_init(&s.file);
	trace_finder_init(&s.finder);
	if (!sniff(&s, e) && err_is_set(e))
		err_prefix(e, "%s", o->file);
	capture_file_clear(&s.file);
	capture_decoder_free(s.decoder);
	buf_clear(&s.text);
	buf_clear(&s.headers);
	return !err_is_set(e) && s.finder.found > 0;
}

static const struct command command = {
	.name = "sipsniff",
	.summary = "show the SIP messages in captured packets",
	.synopsis = "[options] -r FILE",
	.options = options,
	.min_operands = 0,
	.max_operands = -1,
	.operand_kind = "",
	.run = run,
};

int main(int argc, char **argv)
{
	struct sipsniff settings = { .file = NULL };
	return cli_main(&command, argc, argv, &settings);
}
