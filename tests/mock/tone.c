/* tone - makes a sine tone as WAV, or finds out which one is in a WAV
 *
 *	tone make FREQUENCY SECONDS >wav
 *	tone check FREQUENCY <wav
 *
 * check prints "frequency F level L seconds S": the strongest frequency in Hz,
 * its level in dB below full scale and for how long it could be heard.  It ends
 * with 0 where that is FREQUENCY (1 % or 5 Hz off at most), 1 where it is
 * another or silence, 2 on a wrong command line, 7 where the input is no audio.
 *
 * Windows of 1/8 s are measured one by one with Goertzel's algorithm, so that
 * silence before, behind and in the middle does not blur the result.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "media/wav.h"

#define RATE 8000
#define WINDOW (RATE / 8)
#define SECONDS_MAX 3600
#define SILENCE_DB (-45.0)
#define AMPLITUDE 16000 /* -6.2 dB: leaves room for what codecs add */

struct tone {
	double frequency, level;
	double share; /* of the window's energy, 0 … 1 */
};

static bool write_all(const void *p, size_t n)
{
	return fwrite(p, 1, n, stdout) == n;
}

static int make(double frequency, double seconds)
{
	struct buf out = BUF_INIT(2 * RATE * SECONDS_MAX);
	unsigned char header[WAV_HEADER_SIZE];
	size_t count = (size_t)(seconds * RATE);
	for (size_t i = 0; i < count; i++) {
		double phase = 2 * M_PI * frequency * (double)i / RATE;
		int16_t s = (int16_t)lrint(AMPLITUDE * sin(phase));
		wav_add_samples(&out, &s, 1);
	}
	wav_header(header, RATE, 1, out.len);
	bool ok = write_all(header, sizeof(header)) &&
		  write_all(out.data, out.len) && fflush(stdout) == 0;
	buf_clear(&out);
	return ok ? 0 : 8;
}

/* The power of one frequency in the window, as the square of its amplitude. */
static double goertzel(const double *x, double frequency)
{
	double c = 2 * cos(2 * M_PI * frequency / RATE), s1 = 0, s2 = 0;
	for (size_t i = 0; i < WINDOW; i++) {
		double s0 = x[i] + c * s1 - s2;
		s2 = s1;
		s1 = s0;
	}
	double power = s1 * s1 + s2 * s2 - c * s1 * s2;
	return power * 4 / ((double)WINDOW * WINDOW);
}

/* The strongest of the frequencies from … to, each `step`. */
static double strongest(const double *x, double from, double to, double step)
{
	double best = from, most = -1;
	for (double f = from; f <= to; f += step) {
		double power = goertzel(x, f);
		if (power > most) {
			most = power;
			best = f;
		}
	}
	return best;
}

static struct tone measure(const int16_t *samples)
{
	double x[WINDOW], energy = 0;
	for (size_t i = 0; i < WINDOW; i++) {
		x[i] = samples[i] / 32768.0;
		energy += x[i] * x[i] / WINDOW;
	}
	double f = strongest(x, 40, RATE / 2.0 - 40, 4);
	f = strongest(x, f - 4, f + 4, 0.25);
	double power = goertzel(x, f);
	return (struct tone){
		.frequency = f,
		.level = power > 0 ? 10 * log10(power) : -120,
		.share = energy > 0 ? power / 2 / energy : 0,
	};
}

static bool is_near(double frequency, double wanted)
{
	return fabs(frequency - wanted) <= fmax(5, wanted / 100);
}

/* What of the recording is the wanted tone; what else was strongest. */
struct verdict {
	size_t heard, other;
	double frequency, level, other_frequency, other_level;
};

static void judge(struct verdict *v, const int16_t *samples, double wanted)
{
	struct tone t = measure(samples);
	if (t.level < SILENCE_DB || t.share < 0.5)
		return;
	if (is_near(t.frequency, wanted)) {
		v->heard++;
		v->frequency += t.frequency;
		v->level += t.level;
	} else {
		v->other++;
		v->other_frequency = t.frequency;
		v->other_level = t.level;
	}
}

static bool read_wav(struct buf *samples, struct err *e)
{
	struct wav_reader r;
	char piece[4096];
	ssize_t n;
	wav_reader_init(&r, RATE);
	while ((n = read(STDIN_FILENO, piece, sizeof(piece))) > 0) {
		struct span in = span_from(piece, (size_t)n);
		int16_t out[sizeof(piece)];
		size_t count;
		if (!wav_read(&r, &in, out, sizeof(piece), &count, e))
			return false;
		buf_add(samples, out, count * sizeof(out[0]));
	}
	return wav_read_end(&r, e);
}

static int check(double wanted)
{
	struct err e = ERR_NONE;
	struct buf samples = BUF_INIT(sizeof(int16_t) * RATE * SECONDS_MAX);
	struct verdict v = { 0 };
	if (!read_wav(&samples, &e)) {
		fprintf(stderr, "tone: %s\n", e.text);
		buf_clear(&samples);
		return e.status;
	}
	int16_t window[WINDOW];
	size_t at = 0;
	for (; at + sizeof(window) <= samples.len; at += sizeof(window)) {
		memcpy(window, samples.data + at, sizeof(window));
		judge(&v, window, wanted);
	}
	buf_clear(&samples);
	bool found = v.heard > v.other;
	double n = found ? (double)v.heard : 1;
	printf("frequency %.1f level %.1f seconds %.2f\n",
		(found ? v.frequency : v.other_frequency) / n,
		(found            ? v.level
			: v.other ? v.other_level
				  : -120) /
			n,
		(double)(found ? v.heard : v.other) * WINDOW / RATE);
	return found ? 0 : 1;
}

int main(int argc, char **argv)
{
	double frequency = argc > 2 ? atof(argv[2]) : 0;
	double seconds = argc > 3 ? atof(argv[3]) : 0;
	bool fits = frequency > 0 && frequency < RATE / 2.0;
	if (argc == 4 && strcmp(argv[1], "make") == 0 && fits && seconds >= 0 &&
		seconds <= SECONDS_MAX)
		return make(frequency, seconds);
	if (argc == 3 && strcmp(argv[1], "check") == 0 && fits)
		return check(frequency);
	fputs("usage: tone make FREQUENCY SECONDS | tone check FREQUENCY\n",
		stderr);
	return 2;
}
