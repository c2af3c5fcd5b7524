#include "cli/phone.h"

#include <unistd.h>

#include "base/mem.h"
#include "cli/audio_in.h"
#include "cli/audio_out.h"
#include "cli/out.h"
#include "cli/phone_record.h"

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
	{ OPT_FILE, 0, "audio-out", "FILE",
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
		.offset = offsetof(struct phone_options, duration) },
	{ OPT_DURATION, 0, "max-duration", "SECONDS",
		"the longest a call may last (3600)",
		.offset = offsetof(struct phone_options, max_duration) },
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

bool phone_close(struct phone *p, struct err *e)
{
	bool good = true;
	call_forget(p->call);
	/* The header must not promise what the disk did not take. */
	if (p->out && run_until(p->run, out_is_drained, p->audio,
			      loop_now(p->run->loop) + RUN_FAREWELL) == RUN_DONE)
		good = audio_out_finish(p->out, e);
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
	if (p->out)
		audio_out_write(p->out, samples, count);
}

static void progress(void *arg, unsigned code, struct span reason)
{
	phone_record_progress(arg, code, reason);
}

static void up(void *arg)
{
	struct phone *p = arg;
	p->up = true;
	phone_record_up(p);
}

/* Why the call ended, as an exit status: both sides' BYE is a good end. */
static void note_outcome(struct phone *p, const struct sip_invite_end *end)
{
	if (end->e)
		p->outcome = *end->e;
	else if (end->how == SIP_INVITE_CANCELLED)
		err_set(&p->outcome, STATUS_REFUSED, "the call was cancelled");
}

static void ended(void *arg, const struct sip_invite_end *end)
{
	struct phone *p = arg;
	note_outcome(p, end);
	phone_record_end(p, end);
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

bool phone_is_answered(void *arg)
{
	const struct phone *p = arg;
	return p->up || p->ended;
}

bool phone_has_ended(void *arg)
{
	const struct phone *p = arg;
	return p->ended;
}

static bool is_over(void *arg)
{
	const struct phone *p = arg;
	return p->drained || p->ended || audio_in_has_failed(p->in, NULL);
}

static usec_t longest(const struct phone_options *o)
{
	usec_t most = o->max_duration ? o->max_duration : PHONE_MAX_DURATION;
	return o->duration && o->duration < most ? o->duration : most;
}

enum run_end phone_talk(struct phone *p)
{
	usec_t until = loop_now(p->run->loop) + longest(p->options);
	enum run_end how = run_until(p->run, is_over, p, until);
	phone_hang_up(p, 0);
	if (!err_is_set(&p->outcome))
		audio_in_has_failed(p->in, &p->outcome);
	return how;
}

void phone_hang_up(struct phone *p, unsigned code)
{
	if (!p->call)
		return;
	call_hang_up(p->call, code);
	run_until(p->run, phone_has_ended, p,
		loop_now(p->run->loop) + RUN_FAREWELL);
	/* Nobody answered our farewell, which has been said all the same. */
	call_forget(p->call);
	p->call = NULL;
	p->ended = true;
}
