/* Writing session descriptions. */
#include "sip/sdp.h"
#include "sip/uri.h"
#include "sip/value.h"

static bool fail(struct buf *out)
{
	out->failed = true;
	return false;
}

/* A word cannot have a space in it either, or the next would be another. */
static bool is_word(struct span s)
{
	return s.n > 0 && sip_is_one_line(s) && !span_has(s, ' ');
}

static bool add_line(struct buf *out, char type, struct span value)
{
	if (!sip_is_one_line(value))
		return fail(out);
	buf_char(out, type);
	buf_char(out, '=');
	buf_span(out, value);
	return buf_str(out, "\r\n") && !out->failed;
}

static void add_address(struct buf *out, struct span host, bool is_ipv6)
{
	if (!sip_host_is_valid(host, is_ipv6))
		out->failed = true;
	buf_str(out, is_ipv6 ? "IN IP6 " : "IN IP4 ");
	buf_span(out, host);
	buf_str(out, "\r\n");
}

bool sip_sdp_add_connection(struct buf *out, struct span host, bool is_ipv6)
{
	buf_str(out, "c=");
	add_address(out, host, is_ipv6);
	return !out->failed;
}

bool sip_sdp_add_session(struct buf *out, const struct sip_sdp_session *s)
{
	struct span user = s->user.n ? s->user : SPAN("-");
	if (!is_word(user))
		return fail(out);
	buf_str(out, "v=0\r\no=");
	buf_span(out, user);
	buf_printf(out, " %llu %llu ", (unsigned long long)s->session_id,
		(unsigned long long)s->session_version);
	add_address(out, s->host, s->is_ipv6);
	add_line(out, 's', s->name.n ? s->name : SPAN("-"));
	sip_sdp_add_connection(out, s->host, s->is_ipv6);
	return buf_str(out, "t=0 0\r\n") && !out->failed;
}

static bool add_media(struct buf *out, struct span type, uint16_t port,
	struct span protocol, struct span formats)
{
	if (!sip_is_token(type) || !is_word(protocol) || formats.n == 0 ||
		!sip_is_one_line(formats))
		return fail(out);
	buf_str(out, "m=");
	buf_span(out, type);
	buf_printf(out, " %u ", port);
	buf_span(out, protocol);
	buf_char(out, ' ');
	buf_span(out, formats);
	return buf_str(out, "\r\n") && !out->failed;
}

bool sip_sdp_add_media(struct buf *out, const char *type, uint16_t port,
	const char *protocol, struct span formats)
{
	return add_media(out, span_of(type), port, span_of(protocol), formats);
}

bool sip_sdp_add_refusal(struct buf *out, const struct sip_sdp_media *m)
{
	return add_media(out, m->type, 0, m->protocol, m->formats);
}

bool sip_sdp_add_attribute(struct buf *out, const char *name, struct span value)
{
	if (!sip_is_token(span_of(name)) || !sip_is_one_line(value))
		return fail(out);
	buf_str(out, "a=");
	buf_str(out, name);
	if (value.n)
		buf_char(out, ':');
	buf_span(out, value);
	return buf_str(out, "\r\n") && !out->failed;
}

bool sip_sdp_add_direction(struct buf *out, enum sip_sdp_direction d)
{
	return sip_sdp_add_attribute(
		out, sip_sdp_direction_name(d), SPAN_EMPTY);
}

bool sip_sdp_add_codec(struct buf *out, const struct sip_sdp_codec *codec)
{
	if (!is_word(codec->encoding) || !sip_is_one_line(codec->fmtp) ||
		codec->payload_type > 127)
		return fail(out);
	buf_printf(out, "a=rtpmap:%u ", codec->payload_type);
	buf_span(out, codec->encoding);
	buf_printf(out, "/%u", codec->clock_rate);
	if (codec->channels > 1)
		buf_printf(out, "/%u", codec->channels);
	buf_str(out, "\r\n");
	if (codec->fmtp.n) {
		buf_printf(out, "a=fmtp:%u ", codec->payload_type);
		buf_span(out, codec->fmtp);
		buf_str(out, "\r\n");
	}
	return !out->failed;
}
