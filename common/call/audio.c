#include "call/audio.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "media/jitter.h"
#include "media/rtp.h"
#include "media/stats.h"
#include "net/dgram.h"

/* IANA's dynamic ports; even ones are RTP's (RFC 3550 section 11). */
#define PORT_FIRST 49152
#define PORT_PAIRS 8192
#define PORT_TRIES 64

#define PACKET_MAX (RTP_HEADER_SIZE + JITTER_PAYLOAD_MAX)
#define SAMPLES_MAX 9600 /* 200 ms at 48 kHz */
/* Behind by more than this (a stopped process), the time is skipped. */
#define BEHIND_MAX (200 * USEC_MS)

struct audio {
	struct loop *loop;
	struct audio_handlers handlers;
	void *arg;
	struct dgram *socket;
	struct call_agreed agreed;
	bool has_agreed, started;
	/* sending */
	bool resumes; /* the next packet is the first behind a pause */
	struct timer *timer;
	struct codec *encoder;
	usec_t next; /* when the next packet is due */
	uint16_t sequence;
	uint32_t timestamp, ssrc;
	uint64_t sent;
	bool ended, drained;
	/* receiving */
	struct codec *decoder;
	struct endpoint remote; /* whom we believe; none yet: len 0 */
	struct endpoint candidate;
	uint16_t candidate_sequence;
	bool has_source;
	uint32_t source;
	struct rtp_stats stats;
	struct jitter jitter;
	struct audio_report total; /* what is not in stats, and past sources */
	unsigned seen;
};

/* ---- sending ---- */

static size_t samples_per_packet(const struct audio *a)
{
	return a->agreed.format->sample_rate * a->agreed.ptime / 1000;
}

/* Fills the frame; false where there is nothing left but silence. */
static void fill(struct audio *a, int16_t *samples, size_t count)
{
	size_t got = 0;
	if (a->handlers.source && !a->ended)
		got = a->handlers.source(a->arg, samples, count, &a->ended);
	memset(samples + got, 0, (count - got) * sizeof(*samples));
}

static void send_packet(struct audio *a)
{
	int16_t samples[SAMPLES_MAX];
	size_t count = samples_per_packet(a);
	fill(a, samples, count);
	struct buf payload = BUF_INIT(JITTER_PAYLOAD_MAX);
	struct buf packet = BUF_INIT(PACKET_MAX);
	codec_encode(a->encoder, &payload, samples, count);
	rtp_format(
		&packet, &(struct rtp){
				 .payload_type = (uint8_t)a->agreed.send_type,
				 .marker = a->resumes,
				 .sequence = a->sequence,
				 .timestamp = a->timestamp,
				 .ssrc = a->ssrc,
				 .payload = buf_view(&payload),
			 });
	const struct endpoint *to =
		a->remote.len ? &a->remote : &a->agreed.remote;
	if (dgram_send(a->socket, buf_view(&packet), to, NULL))
		a->sent++;
	a->resumes = false;
	a->sequence++;
	buf_clear(&payload);
	buf_clear(&packet);
}

static bool may_send(const struct audio *a)
{
	return a->started && a->has_agreed &&
	       a->agreed.direction & SIP_SDP_SENDONLY;
}

static void step(struct audio *a, usec_t interval)
{
	a->next += interval;
	a->timestamp += a->agreed.format->clock_rate * a->agreed.ptime / 1000;
}

static void due(void *arg)
{
	struct audio *a = arg;
	usec_t interval = a->agreed.ptime * USEC_MS;
	usec_t now = loop_now(a->loop);
	if (!may_send(a))
		return;
	if (a->ended && !a->drained) {
		a->drained = true;
		if (a->handlers.drained)
			a->handlers.drained(a->arg);
		/* Who hangs up on it does so before the next packet. */
		a->next = now + interval;
		timer_set_at(a->timer, a->next);
		return;
	}
	if (now - a->next > BEHIND_MAX)
		while (a->next + interval <= now)
			step(a, interval);
	/* What comes late is sent at once, but no silence behind the end. */
	for (; a->next <= now && a->ended == a->drained; step(a, interval))
		send_packet(a);
	timer_set_at(a->timer, a->next);
}

static void begin_sending(struct audio *a)
{
	if (!may_send(a) || timer_is_set(a->timer))
		return;
	usec_t now = loop_now(a->loop);
	/* RFC 3550 section 5.1: the clock goes on while nothing is sent. */
	if (a->next)
		a->timestamp +=
			(uint32_t)((now - a->next) *
				   a->agreed.format->clock_rate / USEC_SEC);
	a->next = now;
	a->resumes = true;
	timer_set(a->timer, 0);
}

/* ---- receiving ---- */

static void give(struct audio *a, const int16_t *samples, size_t count)
{
	if (a->handlers.sink && count)
		a->handlers.sink(a->arg, samples, count);
}

static void give_silence(struct audio *a, uint64_t units)
{
	static const int16_t silence[SAMPLES_MAX];
	uint64_t samples = units * a->agreed.format->sample_rate /
			   a->agreed.format->clock_rate;
	while (samples) {
		size_t some = samples < SAMPLES_MAX ? samples : SAMPLES_MAX;
		give(a, silence, some);
		samples -= some;
	}
}

/* The codec of a payload type; NULL: none that may come. */
static const struct codec_format *format_of(
	const struct call_agreed *agreed, unsigned type)
{
	if (type == agreed->receive_type)
		return agreed->format;
	for (size_t i = 0; i < agreed->other_count; i++)
		if (type == agreed->others[i].type)
			return agreed->others[i].format;
	return NULL;
}

/* What waited while another codec was agreed on is decoded by that. */
static void use_decoder(struct audio *a, unsigned type)
{
	const struct codec_format *f = format_of(&a->agreed, type);
	if (!f || f == codec_format_of(a->decoder))
		return;
	codec_free(a->decoder);
	a->decoder = codec_new(f);
}

/* Everything that is ready, in order. */
static void play(struct audio *a)
{
	struct jitter_packet p;
	uint32_t missing;
	while (jitter_take(&a->jitter, loop_now(a->loop), &p, &missing)) {
		int16_t samples[SAMPLES_MAX];
		give_silence(a, missing);
		use_decoder(a, p.payload_type);
		size_t count = codec_decode(
			a->decoder, p.payload, samples, SAMPLES_MAX);
		give(a, samples, count);
		jitter_took(&a->jitter,
			(uint32_t)(count * a->agreed.format->clock_rate /
				   a->agreed.format->sample_rate));
	}
}

/* What the source so far comes to is kept when another one takes over. */
static void add_up(const struct audio *a, struct audio_report *out)
{
	*out = a->total;
	if (!a->has_source)
		return;
	out->lost += stats_missing(&a->stats);
	out->late += a->stats.late;
	out->duplicated += a->stats.duplicated;
	out->jitter =
		stats_jitter_time(&a->stats, a->agreed.format->clock_rate);
}

static void new_source(struct audio *a, const struct rtp *r)
{
	if (a->has_source) {
		jitter_flush(&a->jitter);
		play(a);
	}
	add_up(a, &a->total);
	a->has_source = true;
	a->source = r->ssrc;
	stats_init(&a->stats, r->sequence);
	jitter_init(&a->jitter, a->agreed.format->clock_rate);
}

/* Is this packet from whom the SDP named, or may we latch onto its sender? */
static bool is_believed(
	struct audio *a, const struct endpoint *from, const struct rtp *r)
{
	if (a->remote.len && endpoint_equal(from, &a->remote))
		return true;
	/* Also where somebody else was quicker: he can be there no more. */
	if (a->agreed.remote.len && endpoint_equal(from, &a->agreed.remote)) {
		a->remote = *from;
		return true;
	}
	if (a->remote.len || a->seen > AUDIO_LATCH_PACKETS)
		return false;
	bool follows = endpoint_equal(from, &a->candidate) &&
		       r->sequence == (uint16_t)(a->candidate_sequence + 1);
	a->candidate = *from;
	a->candidate_sequence = r->sequence;
	if (follows)
		a->remote = *from;
	return follows;
}

static void arrived(void *arg, const struct dgram_packet *p)
{
	struct audio *a = arg;
	struct rtp r;
	if (!a->has_agreed || !(a->agreed.direction & SIP_SDP_RECVONLY))
		return;
	if (!rtp_is(p->bytes) || !rtp_parse(&r, p->bytes, NULL) ||
		!format_of(&a->agreed, r.payload_type)) {
		a->total.ignored++;
		return;
	}
	if (a->seen <= AUDIO_LATCH_PACKETS)
		a->seen++;
	if (!is_believed(a, &p->from, &r)) {
		a->total.ignored++;
		return;
	}
	if (!a->has_source || r.ssrc != a->source)
		new_source(a, &r);
	usec_t now = loop_now(a->loop);
	enum stats_verdict verdict = stats_count(&a->stats, r.sequence);
	if (verdict == STATS_RESTART)
		jitter_init(&a->jitter, a->agreed.format->clock_rate);
	if (verdict != STATS_INVALID)
		stats_arrival(&a->stats, r.timestamp, now,
			a->agreed.format->clock_rate);
	/* A lone packet from far ahead must not make the rest late. */
	if (verdict == STATS_INVALID && a->stats.probation == 0)
		return;
	a->total.received++;
	jitter_put(&a->jitter, &(struct jitter_packet){
				       .sequence = r.sequence,
				       .timestamp = r.timestamp,
				       .arrival = now,
				       .payload_type = r.payload_type,
				       .payload = r.payload,
			       });
	play(a);
}

/* ---- the whole ---- */

static struct dgram *open_even_port(
	struct audio *a, const struct endpoint *address, struct err *e)
{
	static const struct dgram_handlers handlers = { .packet = arrived };
	struct endpoint local = *address;
	struct dgram *socket = NULL;
	for (int i = 0; i < PORT_TRIES && !socket; i++) {
		uint64_t pair = rand_below(PORT_PAIRS);
		endpoint_set_port(&local, (uint16_t)(PORT_FIRST + 2 * pair));
		socket = dgram_new(a->loop, &local, &handlers, a, e);
	}
	if (socket)
		err_clear(e);
	else
		err_prefix(e, "no port for audio");
	return socket;
}

struct audio *audio_new(struct loop *l, const struct endpoint *address,
	const struct audio_handlers *handlers, void *arg, struct err *e)
{
	struct audio *a = mem_alloc(sizeof(*a));
	a->loop = l;
	a->handlers = *handlers;
	a->arg = arg;
	a->timer = timer_new(l, due, a);
	rand_bytes(&a->ssrc, sizeof(a->ssrc));
	rand_bytes(&a->timestamp, sizeof(a->timestamp));
	rand_bytes(&a->sequence, sizeof(a->sequence));
	a->socket = open_even_port(a, address, e);
	if (a->socket)
		return a;
	audio_free(a);
	return NULL;
}

void audio_free(struct audio *a)
{
	if (!a)
		return;
	timer_free(a->timer);
	dgram_free(a->socket);
	codec_free(a->encoder);
	codec_free(a->decoder);
	mem_free(a);
}

const struct endpoint *audio_local(const struct audio *a)
{
	return dgram_local(a->socket);
}

void audio_agree(struct audio *a, const struct call_agreed *agreed)
{
	bool same_codec = a->has_agreed && a->agreed.format == agreed->format;
	bool moved = !a->has_agreed ||
		     !endpoint_equal(&a->agreed.remote, &agreed->remote);
	a->agreed = *agreed;
	a->has_agreed = true;
	if (!same_codec) {
		codec_free(a->encoder);
		codec_free(a->decoder);
		a->encoder = codec_new(agreed->format);
		a->decoder = codec_new(agreed->format);
	}
	if (moved) {
		a->remote = (struct endpoint){ 0 };
		a->seen = 0;
	}
	begin_sending(a);
}

void audio_start(struct audio *a)
{
	a->started = true;
	begin_sending(a);
}

void audio_stop(struct audio *a)
{
	a->started = false;
	timer_stop(a->timer);
	if (!a->has_source)
		return;
	jitter_flush(&a->jitter);
	play(a);
}

void audio_report(const struct audio *a, struct audio_report *out)
{
	add_up(a, out);
	out->sent = a->sent;
	out->remote = a->remote;
}
