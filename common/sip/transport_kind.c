/* The transports by name, and where they come from in a Contact. */
#include "sip/transport.h"

#include "sip/uri.h"

static const struct {
	const char *name, *param;
	uint16_t port;
	bool is_reliable;
} kinds[SIP_TRANSPORT_COUNT] = {
	[SIP_TRANSPORT_NONE] = { "none", "", 5060, false },
	[SIP_TRANSPORT_UDP] = { "UDP", "udp", 5060, false },
	[SIP_TRANSPORT_TCP] = { "TCP", "tcp", 5060, true },
	[SIP_TRANSPORT_TLS] = { "TLS", "tls", 5061, true },
	/* RFC 7118 section 5.2.1; 80 and 443 are HTTP's own */
	[SIP_TRANSPORT_WS] = { "WS", "ws", 80, true },
	[SIP_TRANSPORT_WSS] = { "WSS", "wss", 443, true },
};

enum sip_transport_kind sip_transport_find(struct span name)
{
	for (int k = SIP_TRANSPORT_UDP; k < SIP_TRANSPORT_COUNT; k++)
		if (span_is_nocase(name, kinds[k].name))
			return (enum sip_transport_kind)k;
	return SIP_TRANSPORT_NONE;
}

const char *sip_transport_name(enum sip_transport_kind kind)
{
	return kinds[kind].name;
}

const char *sip_transport_param(enum sip_transport_kind kind)
{
	return kinds[kind].param;
}

uint16_t sip_transport_port(enum sip_transport_kind kind)
{
	return kinds[kind].port;
}

bool sip_transport_is_reliable(enum sip_transport_kind kind)
{
	return kinds[kind].is_reliable;
}

bool sip_contact_format(struct buf *out, enum sip_transport_kind kind,
	const struct endpoint *local, struct span user, bool secure)
{
	char text[ENDPOINT_TEXT_SIZE];

	/* RFC 7118 section 5.2: a URI has no transport "wss". */
	secure = (secure && kind == SIP_TRANSPORT_TLS) ||
		 kind == SIP_TRANSPORT_WSS;
	buf_str(out, secure ? "<sips:" : "<sip:");
	if (kind == SIP_TRANSPORT_WSS)
		kind = SIP_TRANSPORT_WS;
	if (user.n) {
		sip_uri_encode_user(out, user);
		buf_char(out, '@');
	}
	if (endpoint_port(local))
		buf_str(out, endpoint_format(text, local));
	else
		buf_str(out, endpoint_format_address(text, local, true));
	if (kind != SIP_TRANSPORT_UDP && !(secure && kind == SIP_TRANSPORT_TLS))
		buf_printf(out, ";transport=%s", sip_transport_param(kind));
	return buf_char(out, '>');
}
