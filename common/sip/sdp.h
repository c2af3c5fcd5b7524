/* sdp - session descriptions, read and written
 *
 * RFC 8866, in the shapes offers and answers use (RFC 3264, RFC 6337).  Our
 * own, since libosip2's reads past its buffer.  Reading is zero-copy: spans
 * point into the text and live as long as it does; nothing is allocated.
 *
 * Strict where a media session depends on it (v, o, c, m, the order of
 * sections, addresses, ports), generous where RFC 8866 section 5 says so:
 * unknown attributes and bandwidths are kept, CR may be missing (INTEROP).
 */
#ifndef SIP_SDP_H
#define SIP_SDP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define SIP_SDP_MAX 65536 /* bytes: the largest body of a message */
#define SIP_SDP_MEDIA_MAX 16
#define SIP_SDP_ATTRIBUTES_MAX 512 /* in all sections together */
#define SIP_SDP_FORMATS_MAX 64     /* of one media line */

enum sip_sdp_direction { /* bit 0: we send, bit 1: we receive */
	SIP_SDP_INACTIVE = 0,
	SIP_SDP_SENDONLY = 1,
	SIP_SDP_RECVONLY = 2,
	SIP_SDP_SENDRECV = 3,
};

struct sip_sdp_address {
	bool is_set;
	bool is_ipv6;
	struct span host; /* an address or a name; without "/ttl" */
};

struct sip_sdp_attribute {
	struct span name;  /* "rtpmap" */
	struct span value; /* behind the colon; empty for a=sendrecv */
};

struct sip_sdp_media {
	struct span type; /* audio, video, text, application, message, image */
	uint16_t port;    /* 0: refused or disabled */
	unsigned ports;   /* "49170/2": 2, else 1 */
	struct span protocol; /* "RTP/AVP", "RTP/SAVP", "udptl" … */
	struct span formats;  /* all of them, for sip_sdp_format_next */
	struct sip_sdp_address address; /* its own c=, else not set */
	struct span title;
	unsigned bandwidth_as; /* b=AS in kbit/s, 0 where none */
	/* private: of sdp.attributes */
	unsigned first_attribute, attribute_count;
};

struct sip_sdp {
	struct span text;
	struct {
		struct span user, session_id, session_version;
		struct sip_sdp_address address;
	} origin;
	struct span session_name;
	struct sip_sdp_address address; /* the session's c= */
	unsigned bandwidth_as;
	unsigned session_attribute_count; /* the first of attributes */
	unsigned media_count;
	struct sip_sdp_media media[SIP_SDP_MEDIA_MAX];
	unsigned attribute_count;
	struct sip_sdp_attribute attributes[SIP_SDP_ATTRIBUTES_MAX];
};

/* sdp is of no use where this fails (STATUS_MALFORMED, the sentence names
 * the line). */
bool sip_sdp_parse(struct sip_sdp *sdp, struct span text, struct err *e);

/* ---- asking --------------------------------------------------------------------- */

/* Takes the next format from *rest (media->formats): "0", "101", "*". */
bool sip_sdp_format_next(struct span *rest, struct span *format);

/* The n-th attribute of a media section (NULL: of the session) with that
 * name, n from 0; NULL where there is none. */
const struct sip_sdp_attribute *sip_sdp_find(const struct sip_sdp *sdp,
	const struct sip_sdp_media *media, const char *name, unsigned n);

/* Where to send: the media's address, else the session's; not set where
 * there is neither. */
struct sip_sdp_address sip_sdp_media_address(
	const struct sip_sdp *sdp, const struct sip_sdp_media *media);
/* As the writer means it; the media's, else the session's, else sendrecv. */
enum sip_sdp_direction sip_sdp_media_direction(
	const struct sip_sdp *sdp, const struct sip_sdp_media *media);
/* What we may do when the far side says d (RFC 3264 section 6.1). */
enum sip_sdp_direction sip_sdp_direction_reverse(enum sip_sdp_direction d);
const char *sip_sdp_direction_name(enum sip_sdp_direction d);
/* a=ptime in milliseconds, 0 where there is none or it is no number. */
unsigned sip_sdp_media_ptime(
	const struct sip_sdp *sdp, const struct sip_sdp_media *media);
/* a=rtcp (RFC 3605), else port + 1; 0 where a=rtcp-mux, or port is 0. */
uint16_t sip_sdp_media_rtcp_port(
	const struct sip_sdp *sdp, const struct sip_sdp_media *media);

/* What a payload type is: from a=rtpmap, else RFC 3551's static table. */
struct sip_sdp_codec {
	unsigned payload_type; /* 0 … 127 */
	struct span encoding;  /* "PCMU", "opus", "telephone-event": any case */
	uint32_t clock_rate;
	unsigned channels; /* 1 unless said */
	struct span fmtp;  /* behind the payload type; empty where none */
};
/* False where the format is no payload type of this media section, or is
 * dynamic and has no rtpmap. */
bool sip_sdp_codec(const struct sip_sdp *sdp, const struct sip_sdp_media *media,
	struct span format, struct sip_sdp_codec *codec);

/* ---- writing -------------------------------------------------------------------- */

/* The lines up to t=: then attributes of the session, then media lines each
 * followed by its attributes.  As in sip/msg.h, a CR, LF or NUL in a value
 * writes nothing and sets out->failed. */
struct sip_sdp_session {
	struct span user; /* empty: "-" */
	uint64_t session_id, session_version;
	struct span host; /* of o= and c= */
	bool is_ipv6;
	struct span name; /* empty: "-" */
};
bool sip_sdp_add_session(struct buf *out, const struct sip_sdp_session *s);
/* m=type port protocol formats: formats as written, "0 8 101". */
bool sip_sdp_add_media(struct buf *out, const char *type, uint16_t port,
	const char *protocol, struct span formats);
bool sip_sdp_add_connection(struct buf *out, struct span host, bool is_ipv6);
bool sip_sdp_add_codec(struct buf *out, const struct sip_sdp_codec *codec);
bool sip_sdp_add_attribute(
	struct buf *out, const char *name, struct span value);
bool sip_sdp_add_direction(struct buf *out, enum sip_sdp_direction d);

/* A media line that refuses m, as an answer must have one for each of the
 * offer's (RFC 3264 section 6). */
bool sip_sdp_add_refusal(struct buf *out, const struct sip_sdp_media *m);

#endif
