#include "call/offer.h"

#define PROTOCOL "RTP/AVP"

void call_codecs_all(struct call_codecs *c)
{
	const struct codec_format *f;
	c->count = 0;
	while (c->count < CALL_CODECS_MAX && (f = codec_format_at(c->count)))
		c->list[c->count++] = f;
}

/* By its name alone: of two with one name the preferred. */
static const struct codec_format *find_by_name(struct span name)
{
	const struct codec_format *f;
	for (size_t i = 0; (f = codec_format_at(i)); i++)
		if (span_is_nocase(name, f->name))
			return f;
	return NULL;
}

bool call_codecs_parse(struct call_codecs *c, struct span list, struct err *e)
{
	c->count = 0;
	bool more = true;
	while (more) {
		struct span name;
		more = span_cut(&list, ',', &name);
		const struct codec_format *f = find_by_name(span_trim(name));
		if (!f)
			return err_set(e, STATUS_USAGE, "no codec \"%.*s\"",
				SPAN_ARGS(name));
		if (c->count == CALL_CODECS_MAX)
			return err_set(e, STATUS_USAGE, "more than %d codecs",
				CALL_CODECS_MAX);
		c->list[c->count++] = f;
	}
	return true;
}

/* ---- writing ---- */

static void add_session(struct buf *out, const struct call_local *local)
{
	char host[ENDPOINT_TEXT_SIZE];
	endpoint_format_address(host, &local->rtp, false);
	sip_sdp_add_session(out,
		&(struct sip_sdp_session){
			.session_id = local->session_id,
			.session_version = local->session_version,
			.host = span_of(host),
			.is_ipv6 = endpoint_family(&local->rtp) == AF_INET6,
		});
}

static void add_codec(
	struct buf *out, const struct codec_format *f, unsigned payload_type)
{
	sip_sdp_add_codec(out, &(struct sip_sdp_codec){
				       .payload_type = payload_type,
				       .encoding = span_of(f->name),
				       .clock_rate = f->clock_rate,
				       .channels = f->channels,
			       });
}

static void add_number(struct buf *out, const char *name, unsigned value)
{
	struct buf text = BUF_INIT(16);
	buf_u64(&text, value);
	sip_sdp_add_attribute(out, name, buf_view(&text));
	buf_clear(&text);
}

/* Dynamic payload types count up from the first of RFC 3551 section 6. */
static unsigned payload_type_of(const struct call_codecs *codecs, size_t index)
{
	unsigned dynamic = 96;
	for (size_t i = 0; i < index; i++)
		dynamic += codecs->list[i]->payload_type == CODEC_DYNAMIC;
	int fixed = codecs->list[index]->payload_type;
	return fixed == CODEC_DYNAMIC ? dynamic : (unsigned)fixed;
}

bool call_offer(struct buf *out, const struct call_codecs *codecs,
	const struct call_local *local)
{
	struct buf formats = BUF_INIT(256);
	for (size_t i = 0; i < codecs->count; i++) {
		if (i)
			buf_char(&formats, ' ');
		buf_u64(&formats, payload_type_of(codecs, i));
	}
	add_session(out, local);
	sip_sdp_add_media(out, "audio", endpoint_port(&local->rtp), PROTOCOL,
		buf_view(&formats));
	for (size_t i = 0; i < codecs->count; i++)
		add_codec(out, codecs->list[i], payload_type_of(codecs, i));
	add_number(out, "ptime", CALL_PTIME);
	sip_sdp_add_direction(out, local->direction);
	bool whole = !formats.failed && !out->failed;
	buf_clear(&formats);
	return whole;
}

static void add_agreed(struct buf *out, const struct call_agreed *a,
	const struct call_local *local)
{
	struct buf format = BUF_INIT(8);
	buf_u64(&format, a->receive_type);
	sip_sdp_add_media(out, "audio", endpoint_port(&local->rtp), PROTOCOL,
		buf_view(&format));
	add_codec(out, a->format, a->receive_type);
	add_number(out, "ptime", a->ptime);
	sip_sdp_add_direction(out, a->direction & local->direction);
	buf_clear(&format);
}

bool call_answer(struct buf *out, const struct call_agreed *a,
	const struct call_local *local, struct span offer)
{
	struct sip_sdp sdp;
	if (!sip_sdp_parse(&sdp, offer, NULL))
		return false;
	add_session(out, local);
	for (unsigned i = 0; i < sdp.media_count; i++)
		if (i == a->media)
			add_agreed(out, a, local);
		else
			sip_sdp_add_refusal(out, &sdp.media[i]);
	return !out->failed;
}

/* ---- reading ---- */

/* The codec of ours that a format of this media line is; NULL: none. */
static const struct codec_format *match(const struct call_codecs *codecs,
	const struct sip_sdp *sdp, const struct sip_sdp_media *media,
	struct span format, unsigned *payload_type)
{
	struct sip_sdp_codec c;
	if (!sip_sdp_codec(sdp, media, format, &c))
		return NULL;
	for (size_t i = 0; i < codecs->count; i++) {
		const struct codec_format *f = codecs->list[i];
		if (span_is_nocase(c.encoding, f->name) &&
			c.clock_rate == f->clock_rate &&
			c.channels == f->channels) {
			*payload_type = c.payload_type;
			return f;
		}
	}
	return NULL;
}

/* The first of the far side's formats that we have: the writer's order is
 * its preference (RFC 3264 section 6.1). */
static bool choose_codec(struct call_agreed *a,
	const struct call_codecs *codecs, const struct sip_sdp *sdp,
	const struct sip_sdp_media *media)
{
	struct span rest = media->formats, format;
	a->format = NULL;
	while (!a->format && sip_sdp_format_next(&rest, &format))
		a->format = match(codecs, sdp, media, format, &a->send_type);
	a->receive_type = a->send_type;
	return a->format != NULL;
}

static bool read_address(struct call_agreed *a, int family,
	const struct sip_sdp *sdp, const struct sip_sdp_media *media,
	struct err *e)
{
	struct sip_sdp_address address = sip_sdp_media_address(sdp, media);
	if (!endpoint_parse_address(&a->remote, address.host))
		return err_set(e, STATUS_REFUSED,
			"the audio address \"%.*s\" is not numeric",
			SPAN_ARGS(address.host));
	if (endpoint_family(&a->remote) != family)
		return err_set(e, STATUS_REFUSED,
			"the audio address %.*s is of another family than the "
			"call's",
			SPAN_ARGS(address.host));
	endpoint_set_port(&a->remote, media->port);
	if (endpoint_is_any(&a->remote))
		a->remote = (struct endpoint){ 0 };
	return true;
}

static void read_rest(struct call_agreed *a, const struct sip_sdp *sdp,
	const struct sip_sdp_media *media)
{
	a->direction =
		sip_sdp_direction_reverse(sip_sdp_media_direction(sdp, media));
	if (a->remote.len == 0)
		a->direction &= (enum sip_sdp_direction) ~SIP_SDP_SENDONLY;
	unsigned ptime = sip_sdp_media_ptime(sdp, media);
	bool usable = ptime >= 10 && ptime <= CALL_PTIME_MAX && ptime % 10 == 0;
	a->ptime = usable ? ptime : CALL_PTIME;
}

static bool is_our_kind(const struct sip_sdp_media *media)
{
	return span_is_nocase(media->type, "audio") && media->port != 0 &&
	       span_is_nocase(media->protocol, PROTOCOL);
}

static bool read_media(struct call_agreed *a, const struct call_codecs *codecs,
	int family, const struct sip_sdp *sdp, unsigned index, struct err *e)
{
	const struct sip_sdp_media *media = &sdp->media[index];
	*a = (struct call_agreed){ .media = index };
	if (!is_our_kind(media))
		return err_set(e, STATUS_REFUSED,
			"no audio by " PROTOCOL " is offered");
	if (!choose_codec(a, codecs, sdp, media))
		return err_set(e, STATUS_REFUSED, "no codec in common");
	if (!read_address(a, family, sdp, media, e))
		return false;
	read_rest(a, sdp, media);
	return true;
}

bool call_read_offer(struct call_agreed *a, const struct call_codecs *codecs,
	int family, struct span offer, struct err *e)
{
	struct sip_sdp sdp;
	struct call_agreed found;
	if (!sip_sdp_parse(&sdp, offer, e))
		return false;
	err_set(e, STATUS_REFUSED, "no media is offered");
	for (unsigned i = 0; i < sdp.media_count; i++)
		if (read_media(&found, codecs, family, &sdp, i, e)) {
			err_clear(e);
			*a = found;
			return true;
		}
	return false;
}

/* What may come has the numbers of our own offer. */
static void list_payloads(struct call_agreed *a,
	const struct call_codecs *codecs, const struct sip_sdp *sdp)
{
	for (size_t i = 0; i < codecs->count; i++) {
		const struct codec_format *f = codecs->list[i];
		unsigned type = payload_type_of(codecs, i);
		struct call_codecs one = { .list = { f }, .count = 1 };
		struct call_agreed found;
		if (f == a->format)
			a->receive_type = type;
		else if (f->clock_rate == a->format->clock_rate &&
			 choose_codec(&found, &one, sdp, &sdp->media[0]))
			a->others[a->other_count++] =
				(struct call_payload){ type, f };
	}
}

bool call_read_answer(struct call_agreed *a, const struct call_codecs *codecs,
	int family, struct span answer, struct err *e)
{
	struct sip_sdp sdp;
	struct call_agreed found;
	if (!sip_sdp_parse(&sdp, answer, e))
		return false;
	if (sdp.media_count != 1)
		return err_set(e, STATUS_MALFORMED,
			"the answer has %u media lines, the offer had one",
			sdp.media_count);
	if (sdp.media[0].port == 0)
		return err_set(e, STATUS_REFUSED, "the audio was refused");
	if (!read_media(&found, codecs, family, &sdp, 0, e))
		return false;
	list_payloads(&found, codecs, &sdp);
	*a = found;
	return true;
}
