#include "cli/phone.h"

#include <unistd.h>

#include "base/mem.h"
#include "cli/audio_in.h"
#include "cli/audio_out.h"
#include "cli/out.h"
#include "cli/phone_record.h"
#include "sip/header.h"

#define DURATION_MAX (365 * 86400 * USEC_SEC)

const struct opt phone_options[] = {
	{ OPT_GROUP, .help = "Audio" },
	{ OPT_STRING, 0, "codec", "LIST",
		"codecs in the order to prefer them, as PCMA,PCMU",
		.offset = offsetof(struct phone_options, codecs) },
	{ OPT_STRING, 0, "raw", "FORMAT",
		"the input is bare samples, such as s16le/8000",
		.offset = offsetof(struct phone_options, raw) },
	{ OPT_FLAG, 0, "raw-out", NULL,
		"write bare s16le samples without a WAV header",
		.offset = offsetof(struct phone_options, raw_out) },
	{ OPT_FILE, 0, "audio-out", "FILE|FD",
		"write the audio there, and records to standard output",
		.offset = offsetof(struct phone_options, audio_out) },
	{ OPT_FILE, 0, "records", "FILE|FD",
		"write records there, and audio to standard output",
		.offset = offsetof(struct phone_options, records) },
	{ OPT_GROUP, .help = "Call" },
	{ OPT_FLAG, 0, "stay", NULL,
		"go on in silence when the input has ended",
		.offset = offsetof(struct phone_options, stay) },
	{ OPT_DURATION, 0, "duration", "SECONDS",
		"hang up so long after the call is up",
		.offset = offsetof(struct phone_options, duration),
		.min = USEC_MS, .max = DURATION_MAX },
	{ OPT_DURATION, 0, "max-duration", "SECONDS",
		"the longest a call may last (3600)",
		.offset = offsetof(struct phone_options, max_duration),
		.min = USEC_MS, .max = DURATION_MAX },
	{ OPT_END },
};

/* ---- opening and closing ---- */

static bool open_outputs(struct phone *p, struct err *e)
{
	const struct phone_options *o = p->options;
	p->records = p->run->out;
	if (o->audio_out) {
		p->audio = run_output(p->run, o->audio_out, e);
		if (!p->audio)
			return false;
	} else if (!isatty(STDOUT_FILENO)) {
		p->audio = p->run->out;
		p->records = NULL;
	}
	if (o->records && !(p->records = run_output(p->run, o->records, e)))
		return false;
	if (!p->audio)
		return true;
	p->out = audio_out_new(p->audio, PHONE_RATE, o->raw_out, e);
	return p->out != NULL;
}

static bool open_input(struct phone *p, struct err *e)
{
	const char *raw = p->options->raw;
	struct wav_format format;
	if (raw && !wav_parse_raw(&format, span_of(raw), e)) {
		e->status = STATUS_USAGE;
		return false;
	}
	p->in = audio_in_new(p->run->loop, STDIN_FILENO, PHONE_RATE,
		raw ? &format : NULL, e);
	return p->in != NULL;
}

bool phone_open(struct phone *p, struct run *r, const struct phone_options *o,
	struct err *e)
{
	*p = (struct phone){ .run = r, .options = o };
	call_codecs_all(&p->codecs);
	if (o->codecs && !call_codecs_parse(&p->codecs, span_of(o->codecs), e))
		return false;
	return open_input(p, e) && open_outputs(p, e);
}

/* The header must not promise what the disk did not take. */
static bool save_audio(struct phone *p, struct err *e)
{
	if (!p->out || !audio_out_is_file(p->out))
		return true;
	return run_until(p->run, out_is_drained, p->audio,
		       loop_now(p->run->loop) + RUN_FAREWELL) != RUN_DONE ||
	       audio_out_finish(p->out, e);
}

bool phone_close(struct phone *p, struct err *e)
{
	uint64_t missing = p->in ? audio_in_missing(p->in) : 0;
	call_forget(p->call);
	if (missing)
		run_warn(p->run,
			"the input ended %llu bytes before the end that its "
			"header names",
			(unsigned long long)missing);
	bool good = save_audio(p, e);
	audio_out_free(p->out);
	audio_in_free(p->in);
	mem_free(p->from);
	mem_free(p->to);
	*p = (struct phone){ .run = p->run, .options = p->options };
	return good;
}

void phone_begin(struct phone *p, struct span from, struct span to)
{
	mem_free(p->from);
	mem_free(p->to);
	p->from = span_dup(from);
	p->to = span_dup(to);
	p->up = p->drained = p->ended = false;
	p->listens = audio_in_is_over(p->in);
	err_clear(&p->outcome);
}

/* ---- what the call tells ---- */

static size_t speak(void *arg, int16_t *samples, size_t max, bool *input_ended)
{
	struct phone *p = arg;
	size_t count = audio_in_take(p->in, samples, max, input_ended);
	/* Without any input, or after its end, this side only listens. */
	if (p->listens || audio_in_is_absent(p->in))
		*input_ended = false;
	return count;
}

static void drained(void *arg)
{
	struct phone *p = arg;
	p->drained = !p->options->stay;
}

static void hear(void *arg, const int16_t *samples, size_t count)
{
	struct phone *p = arg;
	if (p->out && !err_is_set(&p->unheard))
		audio_out_write(p->out, samples, count, &p->unheard);
}

static void progress(void *arg, unsigned code, struct span reason)
{
	struct phone *p = arg;
	run_note(p->run, "%s: %u %.*s", p->to, code, SPAN_ARGS(reason));
	phone_record_progress(p, code, reason);
}

static void up(void *arg)
{
	struct phone *p = arg;
	struct call_report report;
	char local[ENDPOINT_TEXT_SIZE], remote[ENDPOINT_TEXT_SIZE];
	call_report(p->call, &report);
	run_note(p->run, "the call is up: %s between %s and %s",
		report.format->name, endpoint_format(local, &report.rtp_local),
		report.rtp_remote.len
			? endpoint_format(remote, &report.rtp_remote)
			: "nowhere");
	p->up = true;
	phone_record_up(p);
}

/* "sip:a@b or sip:c@d" of its Contacts; nothing where there are none. */
static void list_contacts(struct buf *out, struct sip_scan *response)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_addr contact;
	while (sip_scan_values(response, SIP_HDR_CONTACT, &at))
		if (sip_addr_parse(&contact, at.value, NULL))
			buf_printf(out, "%s%.*s", out->len ? " or " : "",
				SPAN_ARGS(contact.uri));
}

/* What a person can do about a refusal that stands for something else. */
static void explain(struct err *e, struct sip_scan *response)
{
	unsigned code = response->status_code;
	struct buf contacts = BUF_INIT(SIP_MSG_MAX);
	struct err was = *e;
	list_contacts(&contacts, response);
	if (code / 100 == 3 && contacts.len)
		err_set(e, was.status, "%s: call %s instead", was.text,
			buf_text(&contacts));
	e->code = was.code;
	buf_clear(&contacts);
}

/* Why the call ended, as an exit status: both sides' BYE is a good end. */
static void note_outcome(struct phone *p, const struct sip_invite_end *end)
{
	if (end->e)
		p->outcome = *end->e;
	else if (end->how == SIP_INVITE_CANCELLED)
		err_set(&p->outcome, STATUS_REFUSED, "the call was cancelled");
	if (end->e && end->how == SIP_INVITE_REFUSED && end->last)
		explain(&p->outcome, end->last);
}

static void ended(void *arg, const struct sip_invite_end *end)
{
	struct phone *p = arg;
	struct sip_invite_end told = *end;
	note_outcome(p, end);
	if (end->e)
		told.e = &p->outcome;
	phone_record_end(p, &told);
	p->call = NULL;
	p->ended = true;
}

const struct call_handlers phone_handlers = {
	.audio = { .source = speak, .drained = drained, .sink = hear },
	.progress = progress,
	.up = up,
	.ended = ended,
};

/* ---- waiting ---- */

bool phone_is_broken(const struct phone *p, struct err *e)
{
	if (audio_in_has_failed(p->in, e))
		return true;
	if (!p->audio)
		return false;
	if (err_is_set(&p->unheard) && e)
		*e = p->unheard;
	return err_is_set(&p->unheard) || !out_has_reader(p->audio) ||
	       out_has_failed(p->audio, e);
}

bool phone_is_answered(void *arg)
{
	const struct phone *p = arg;
	return p->up || p->ended || phone_is_broken(p, NULL);
}

bool phone_has_ended(void *arg)
{
	const struct phone *p = arg;
	return p->ended;
}

static bool is_over(void *arg)
{
	const struct phone *p = arg;
	return p->drained || p->ended || phone_is_broken(p, NULL);
}

static usec_t longest(const struct phone_options *o)
{
	usec_t most = o->max_duration ? o->max_duration : PHONE_MAX_DURATION;
	return o->duration && o->duration < most ? o->duration : most;
}

enum run_end phone_talk(struct phone *p, usec_t until)
{
	usec_t enough = loop_now(p->run->loop) + longest(p->options);
	if (enough < until)
		until = enough;
	enum run_end how = run_until(p->run, is_over, p, until);
	bool cut = how == RUN_DEADLINE && loop_now(p->run->loop) < until;
	phone_hang_up(p, 0);
	save_audio(p, &p->unheard);
	if (!err_is_set(&p->outcome) && !phone_is_broken(p, &p->outcome) && cut)
		run_timed_out(p->run, "the call was not over", &p->outcome);
	return how;
}

/* The record is written all the same. */
static void give_up(struct phone *p)
{
	struct err e = ERR_NONE;
	struct sip_invite_end end = { .reason = "", .e = &e };
	end.how = p->up ? SIP_INVITE_WE_LEFT : SIP_INVITE_CANCELLED;
	err_set(&e, STATUS_TIMEOUT,
		"the call is over, but the far side has not confirmed it");
	if (!err_is_set(&p->outcome))
		p->outcome = e;
	phone_record_end(p, &end);
	call_forget(p->call);
	p->call = NULL;
	p->ended = true;
}

void phone_hang_up(struct phone *p, unsigned code)
{
	if (!p->call)
		return;
	usec_t until = loop_now(p->run->loop) + PHONE_FAREWELL;
	enum run_end how;
	call_hang_up(p->call, code);
	do /* after a signal there is less time, but still some */
		how = run_until(p->run, phone_has_ended, p, until);
	while (how == RUN_SIGNAL || how == RUN_READER_LEFT);
	if (p->call)
		give_up(p);
}
