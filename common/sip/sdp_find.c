/* What a session description says about a media stream. */
#include "sip/sdp.h"

#include <string.h>

bool sip_sdp_format_next(struct span *rest, struct span *format)
{
	while (rest->n && rest->p[0] == ' ')
		*rest = span_skip(*rest, 1);
	span_cut(rest, ' ', format);
	return format->n > 0;
}

const struct sip_sdp_attribute *sip_sdp_find(const struct sip_sdp *sdp,
	const struct sip_sdp_media *media, const char *name, unsigned n)
{
	const struct sip_sdp_attribute *a = sdp->attributes;
	unsigned count = sdp->session_attribute_count;
	if (media) {
		a += media->first_attribute;
		count = media->attribute_count;
	}
	for (; count; a++, count--)
		if (span_is(a->name, name) && n-- == 0)
			return a;
	return NULL;
}

/* The attribute of the media section, else of the session. */
static const struct sip_sdp_attribute *find_either(const struct sip_sdp *sdp,
	const struct sip_sdp_media *media, const char *name)
{
	const struct sip_sdp_attribute *a = sip_sdp_find(sdp, media, name, 0);
	return a ? a : sip_sdp_find(sdp, NULL, name, 0);
}

struct sip_sdp_address sip_sdp_media_address(
	const struct sip_sdp *sdp, const struct sip_sdp_media *media)
{
	return media->address.is_set ? media->address : sdp->address;
}

/* ---- direction (RFC 8866 section 6.7) ------------------------------------------ */

static const char *const directions[] = {
	[SIP_SDP_INACTIVE] = "inactive",
	[SIP_SDP_SENDONLY] = "sendonly",
	[SIP_SDP_RECVONLY] = "recvonly",
	[SIP_SDP_SENDRECV] = "sendrecv",
};

static bool find_direction(const struct sip_sdp *sdp,
	const struct sip_sdp_media *media, enum sip_sdp_direction *d)
{
	for (unsigned i = 0; i < 4; i++)
		if (sip_sdp_find(sdp, media, directions[i], 0)) {
			*d = i;
			return true;
		}
	return false;
}

enum sip_sdp_direction sip_sdp_media_direction(
	const struct sip_sdp *sdp, const struct sip_sdp_media *media)
{
	enum sip_sdp_direction d = SIP_SDP_SENDRECV;
	if (!find_direction(sdp, media, &d))
		find_direction(sdp, NULL, &d);
	return d;
}

enum sip_sdp_direction sip_sdp_direction_reverse(enum sip_sdp_direction d)
{
	return (enum sip_sdp_direction)(((d & 1) << 1) | ((d >> 1) & 1));
}

const char *sip_sdp_direction_name(enum sip_sdp_direction d)
{
	return directions[d];
}

/* ---- numbers ---------------------------------------------------------------------- */

unsigned sip_sdp_media_ptime(
	const struct sip_sdp *sdp, const struct sip_sdp_media *media)
{
	const struct sip_sdp_attribute *a = find_either(sdp, media, "ptime");
	uint32_t ms;
	return a && span_to_u32(a->value, 10000, &ms) ? ms : 0;
}

uint16_t sip_sdp_media_rtcp_port(
	const struct sip_sdp *sdp, const struct sip_sdp_media *media)
{
	const struct sip_sdp_attribute *a = sip_sdp_find(sdp, media, "rtcp", 0);
	struct span port, rest;
	uint32_t number;
	if (media->port == 0 || sip_sdp_find(sdp, media, "rtcp-mux", 0))
		return 0;
	if (a) {
		rest = a->value;
		span_cut(&rest, ' ', &port);
		if (span_to_u32(port, UINT16_MAX, &number))
			return (uint16_t)number;
	}
	return media->port == UINT16_MAX ? 0 : (uint16_t)(media->port + 1);
}

/* ---- codecs ------------------------------------------------------------------------- */

/* RFC 3551 section 6 */
static const struct {
	unsigned payload_type;
	const char *encoding;
	uint32_t clock_rate;
	unsigned channels;
} static_codecs[] = {
	{ 0, "PCMU", 8000, 1 },
	{ 3, "GSM", 8000, 1 },
	{ 4, "G723", 8000, 1 },
	{ 5, "DVI4", 8000, 1 },
	{ 6, "DVI4", 16000, 1 },
	{ 7, "LPC", 8000, 1 },
	{ 8, "PCMA", 8000, 1 },
	{ 9, "G722", 8000, 1 },
	{ 10, "L16", 44100, 2 },
	{ 11, "L16", 44100, 1 },
	{ 12, "QCELP", 8000, 1 },
	{ 13, "CN", 8000, 1 },
	{ 14, "MPA", 90000, 1 },
	{ 15, "G728", 8000, 1 },
	{ 16, "DVI4", 11025, 1 },
	{ 17, "DVI4", 22050, 1 },
	{ 18, "G729", 8000, 1 },
	{ 25, "CelB", 90000, 1 },
	{ 26, "JPEG", 90000, 1 },
	{ 28, "nv", 90000, 1 },
	{ 31, "H261", 90000, 1 },
	{ 32, "MPV", 90000, 1 },
	{ 33, "MP2T", 90000, 1 },
	{ 34, "H263", 90000, 1 },
};

static bool find_static(struct sip_sdp_codec *codec)
{
	for (size_t i = 0; i < sizeof(static_codecs) / sizeof(*static_codecs);
		i++)
		if (static_codecs[i].payload_type == codec->payload_type) {
			codec->encoding = span_of(static_codecs[i].encoding);
			codec->clock_rate = static_codecs[i].clock_rate;
			codec->channels = static_codecs[i].channels;
			return true;
		}
	return false;
}

/* The attribute of that name for this format, without the format. */
static bool find_for_format(const struct sip_sdp *sdp,
	const struct sip_sdp_media *media, const char *name, struct span format,
	struct span *rest)
{
	const struct sip_sdp_attribute *a =
		&sdp->attributes[media->first_attribute];
	for (unsigned i = 0; i < media->attribute_count; i++, a++) {
		struct span value = a->value, head;
		if (!span_is(a->name, name))
			continue;
		span_cut(&value, ' ', &head);
		if (span_equal(head, format)) {
			*rest = span_trim(value);
			return true;
		}
	}
	return false;
}

/* encoding "/" clock [ "/" channels ] */
static bool parse_rtpmap(struct sip_sdp_codec *codec, struct span s)
{
	struct span clock;
	codec->channels = 1;
	if (!span_cut(&s, '/', &codec->encoding) || codec->encoding.n == 0)
		return false;
	bool has_channels = span_cut(&s, '/', &clock);
	if (has_channels && (!span_to_u32(s, 255, &codec->channels) ||
				    codec->channels == 0))
		return false;
	return span_to_u32(clock, UINT32_MAX, &codec->clock_rate) &&
	       codec->clock_rate > 0;
}

static bool has_format(const struct sip_sdp_media *media, struct span format)
{
	struct span rest = media->formats, at;
	while (sip_sdp_format_next(&rest, &at))
		if (span_equal(at, format))
			return true;
	return false;
}

bool sip_sdp_codec(const struct sip_sdp *sdp, const struct sip_sdp_media *media,
	struct span format, struct sip_sdp_codec *codec)
{
	struct sip_sdp_codec got = { .channels = 1 };
	struct span text;
	if (!has_format(media, format) ||
		!span_to_u32(format, 127, &got.payload_type))
		return false;
	if (find_for_format(sdp, media, "rtpmap", format, &text)
			? !parse_rtpmap(&got, text)
			: !find_static(&got))
		return false;
	if (find_for_format(sdp, media, "fmtp", format, &text))
		got.fmtp = text;
	*codec = got;
	return true;
}
