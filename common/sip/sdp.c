#include "sip/sdp.h"

#include <string.h>

#include "sip/uri.h"
#include "sip/value.h"

/* One line: its letter, what is behind "=", and its number for a person. */
struct line {
	char type;
	struct span value;
	unsigned number;
};

static bool refuse(struct err *e, const struct line *line, const char *why)
{
	return err_set(
		e, STATUS_MALFORMED, "SDP line %u %s", line->number, why);
}

/* Takes the next word; words are separated by one space (RFC 8866 section
 * 9), of which INTEROP lets there be more. */
static bool take_word(struct span *rest, struct span *word)
{
	while (rest->n && rest->p[0] == ' ')
		*rest = span_skip(*rest, 1);
	span_cut(rest, ' ', word);
	return word->n > 0;
}

/* ---- the lines -------------------------------------------------------------------- */

/* "IN IP4 host": what o= ends with and c= is; /ttl belongs to c= alone. */
static bool parse_address(struct sip_sdp_address *a, struct span s)
{
	struct span nettype, addrtype, text, more;
	if (!take_word(&s, &nettype) || !take_word(&s, &addrtype) ||
		!take_word(&s, &text) || take_word(&s, &more))
		return false;
	bool ipv6 = span_is(addrtype, "IP6");
	if (!span_is(nettype, "IN") || (!ipv6 && !span_is(addrtype, "IP4")))
		return false;
	a->is_set = true;
	a->is_ipv6 = ipv6;
	span_cut(&text, '/', &a->host);
	return (ipv6 && sip_host_is_valid(a->host, true)) ||
	       sip_host_is_valid(a->host, false);
}

static bool parse_origin(struct sip_sdp *sdp, struct span s)
{
	struct span version;
	uint64_t number;
	if (!take_word(&s, &sdp->origin.user) ||
		!take_word(&s, &sdp->origin.session_id) ||
		!take_word(&s, &version))
		return false;
	sdp->origin.session_version = version;
	return span_to_u64(sdp->origin.session_id, UINT64_MAX, &number) &&
	       span_to_u64(version, UINT64_MAX, &number) &&
	       parse_address(&sdp->origin.address, s);
}

/* media SP port ["/" integer] SP proto 1*(SP fmt) */
static bool parse_media(struct sip_sdp_media *m, struct span s)
{
	struct span port, ports, format;
	uint32_t number;
	unsigned formats = 0;
	*m = (struct sip_sdp_media){ .ports = 1 };
	if (!take_word(&s, &m->type) || !sip_is_token(m->type) ||
		!take_word(&s, &ports))
		return false;
	if (span_cut(&ports, '/', &port) &&
		(!span_to_u32(ports, UINT16_MAX, &m->ports) || m->ports == 0))
		return false;
	if (!span_to_u32(port, UINT16_MAX, &number) ||
		!take_word(&s, &m->protocol))
		return false;
	m->port = (uint16_t)number;
	m->formats = s;
	while (take_word(&s, &format))
		formats++;
	return formats > 0 && formats <= SIP_SDP_FORMATS_MAX;
}

/* bwtype ":" bandwidth, of which AS is of use. */
static void parse_bandwidth(unsigned *as, struct span s)
{
	struct span type;
	uint32_t kilobits;
	if (span_cut(&s, ':', &type) && span_is(type, "AS") &&
		span_to_u32(s, UINT32_MAX, &kilobits))
		*as = kilobits;
}

static bool add_attribute(struct sip_sdp *sdp, struct span s)
{
	if (sdp->attribute_count == SIP_SDP_ATTRIBUTES_MAX)
		return false;
	struct sip_sdp_attribute *a = &sdp->attributes[sdp->attribute_count++];
	a->value = s;
	span_cut(&a->value, ':', &a->name);
	if (sdp->media_count)
		sdp->media[sdp->media_count - 1].attribute_count++;
	else
		sdp->session_attribute_count++;
	return a->name.n > 0;
}

static bool add_media(
	struct sip_sdp *sdp, const struct line *line, struct err *e)
{
	if (sdp->media_count == SIP_SDP_MEDIA_MAX)
		return refuse(e, line, "is one media line too many");
	struct sip_sdp_media *m = &sdp->media[sdp->media_count];
	if (!parse_media(m, line->value))
		return refuse(e, line, "is no media line");
	m->first_attribute = sdp->attribute_count;
	sdp->media_count++;
	return true;
}

/* Where a line belongs: RFC 8866 section 5.  An unknown letter makes the
 * whole description one that is not understood. */
static bool parse_line(
	struct sip_sdp *sdp, const struct line *line, struct err *e)
{
	struct sip_sdp_media *media =
		sdp->media_count ? &sdp->media[sdp->media_count - 1] : NULL;
	struct sip_sdp_address *address =
		media ? &media->address : &sdp->address;
	if (!strchr(media ? "icbkam" : "siuepcbtrzkam", line->type))
		return refuse(e, line, "is of a type that is not known there");
	switch (line->type) {
	case 's':
		sdp->session_name = line->value;
		return true;
	case 'i':
		if (media)
			media->title = line->value;
		return true;
	case 'c':
		/* Several are for multicast layers: the first counts. */
		if (address->is_set)
			return true;
		return parse_address(address, line->value) ||
		       refuse(e, line, "has no valid connection address");
	case 'b':
		parse_bandwidth(
			media ? &media->bandwidth_as : &sdp->bandwidth_as,
			line->value);
		return true;
	case 'a':
		return add_attribute(sdp, line->value) ||
		       refuse(e, line, "is one attribute too many, or none");
	case 'm':
		return add_media(sdp, line, e);
	default:
		return true; /* u e p t r z k: of no use to a call */
	}
}

/* ---- the whole --------------------------------------------------------------------- */

/* Takes the next line; INTEROP: LF alone ends one, and the last needs none. */
static bool take_line(struct span *rest, struct line *line, struct err *e)
{
	struct span text;
	line->number++;
	span_cut(rest, '\n', &text);
	if (text.n && text.p[text.n - 1] == '\r')
		text.n--;
	if (span_has(text, '\r') || span_has(text, '\0'))
		return refuse(e, line, "has a CR or NUL inside");
	if (text.n < 2 || text.p[1] != '=')
		return refuse(e, line, "is not of the form x=value");
	line->type = text.p[0];
	line->value = span_skip(text, 2);
	return line->type != '\0' || refuse(e, line, "has no type");
}

static bool check_addresses(const struct sip_sdp *sdp, struct err *e)
{
	for (unsigned i = 0; i < sdp->media_count; i++)
		if (sdp->media[i].port && !sdp->address.is_set &&
			!sdp->media[i].address.is_set)
			return err_set(e, STATUS_MALFORMED,
				"SDP has no connection address for its "
				"media line %u",
				i + 1);
	return true;
}

bool sip_sdp_parse(struct sip_sdp *sdp, struct span text, struct err *e)
{
	struct span rest = text;
	struct line line = { .number = 0 };
	memset(sdp, 0, offsetof(struct sip_sdp, attributes));
	sdp->text = text;
	if (text.n > SIP_SDP_MAX)
		return err_set(e, STATUS_MALFORMED, "SDP is too long");
	/* INTEROP: empty lines at the end */
	while (rest.n &&
		(rest.p[rest.n - 1] == '\n' || rest.p[rest.n - 1] == '\r'))
		rest.n--;
	if (!take_line(&rest, &line, e))
		return false;
	if (line.type != 'v' || !span_is(line.value, "0"))
		return refuse(e, &line, "is not v=0");
	if (!take_line(&rest, &line, e))
		return false;
	if (line.type != 'o' || !parse_origin(sdp, line.value))
		return refuse(e, &line, "is not a valid o=");
	/* INTEROP: s= and t= may be missing; nothing hangs on them. */
	while (rest.n)
		if (!take_line(&rest, &line, e) || !parse_line(sdp, &line, e))
			return false;
	return check_addresses(sdp, e);
}
