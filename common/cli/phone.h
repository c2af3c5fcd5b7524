/* phone - one call on standard input and output, as sipcall and sipanswer
 * have it: their options, their records, and when it ends
 *
 * Records go to standard output unless that takes the audio; then to
 * --records, if anywhere.  A person's terminal never gets audio.
 */
#ifndef CLI_PHONE_H
#define CLI_PHONE_H

#include "call/call.h"
#include "cli/run.h"

struct phone_options {
	const char *codecs, *raw, *audio_out, *records;
	bool raw_out, stay;
	usec_t duration, max_duration; /* 0: none, and PHONE_MAX_DURATION */
};
extern const struct opt phone_options[];

#define PHONE_RATE 8000 /* Hz, of all audio here */
#define PHONE_MAX_DURATION (3600 * USEC_SEC)
/* Four transmissions of a BYE, should some be lost. */
#define PHONE_FAREWELL (10 * USEC_SEC)

struct phone {
	struct run *run;
	const struct phone_options *options;
	struct call_codecs codecs;
	struct audio_in *in;
	struct out *audio;     /* NULL: nobody wants it */
	struct audio_out *out; /* the samples that go there */
	struct out *records;   /* NULL: nobody wants them */
	struct call *call;     /* NULL: none, or it has ended */
	char *from, *to;       /* of the call, for its records */
	bool listens;          /* the input was over before the call began */
	bool up, drained, ended;
	struct err outcome; /* of the call that has ended */
	struct err unheard; /* why the audio could not be written */
};

bool phone_open(struct phone *p, struct run *r, const struct phone_options *o,
	struct err *e);
/* After the last call: what is left of the audio, its header.  False: e. */
bool phone_close(struct phone *p, struct err *e);

/* For the call that is begun next, with the phone as arg; from and to are
 * its URIs. */
extern const struct call_handlers phone_handlers;
void phone_begin(struct phone *p, struct span from, struct span to);

/* Up, or ended before, or there is no use in waiting: phone_is_broken. */
bool phone_is_answered(void *phone);
bool phone_has_ended(void *phone);
/* The input is no audio, or what is heard cannot be written (e), or nobody
 * reads it any more (e untouched). */
bool phone_is_broken(const struct phone *p, struct err *e);

/* From up to the end: hangs up by the options, at `until` (monotonic), on a
 * signal, and when it is broken.  The call has ended when it returns; how is
 * in outcome. */
enum run_end phone_talk(struct phone *p, usec_t until);
/* Says farewell and waits for the answer, PHONE_FAREWELL, or after a signal
 * RUN_FAREWELL; without one, outcome says so. */
void phone_hang_up(struct phone *p, unsigned code);

#endif
