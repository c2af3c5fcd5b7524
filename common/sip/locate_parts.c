#include "sip/locate_parts.h"

#include <string.h>
#include <strings.h>

/* ---- transports ---- */

static const struct {
	const char *service;
	enum sip_transport_kind kind;
	bool is_secure;
} services[] = {
	{ "SIP+D2U", SIP_TRANSPORT_UDP, false },
	{ "SIP+D2T", SIP_TRANSPORT_TCP, false },
	{ "SIPS+D2T", SIP_TRANSPORT_TLS, true },
	{ "SIP+D2W", SIP_TRANSPORT_WS, false },
	{ "SIPS+D2W", SIP_TRANSPORT_WSS, true },
};

enum sip_transport_kind sip_locate_service(const struct naptr_record *r,
	bool is_secure, unsigned kinds, const char **why)
{
	size_t i = 0, n = sizeof(services) / sizeof(*services);

	while (i < n && strcasecmp(r->services, services[i].service) != 0)
		i++;
	*why = NULL;
	if (i == n)
		*why = "its service is none of ours";
	else if (is_secure && !services[i].is_secure)
		*why = "a sips: URI wants SIPS";
	else if (!(kinds & SIP_KIND(services[i].kind)))
		*why = "its transport is not there";
	else if (strcasecmp(r->flags, "s") != 0)
		*why = "its flag is not \"s\"";
	else if (*r->regexp || strcmp(r->replacement, ".") == 0)
		*why = "it names no SRV record";
	return *why ? SIP_TRANSPORT_NONE : services[i].kind;
}

/* The labels of WebSocket are those in use; RFC 7118 leaves them to NAPTR. */
bool sip_locate_srv_name(
	struct buf *out, enum sip_transport_kind kind, const char *host)
{
	bool is_secure = kind == SIP_TRANSPORT_TLS || kind == SIP_TRANSPORT_WSS;
	bool is_web = kind == SIP_TRANSPORT_WS || kind == SIP_TRANSPORT_WSS;

	return buf_printf(out, "_%s._%s.%s", is_secure ? "sips" : "sip",
		kind == SIP_TRANSPORT_UDP ? "udp"
		: is_web                  ? "ws"
					  : "tcp",
		host);
}

bool sip_locate_kind(const struct sip_uri *u, enum sip_transport_kind wanted,
	enum sip_transport_kind *kind, struct err *e)
{
	bool is_secure = u->kind == SIP_SCHEME_SIPS;
	struct span param;

	*kind = wanted;
	if (*kind == SIP_TRANSPORT_NONE &&
		sip_uri_param(u, "transport", &param)) {
		*kind = sip_transport_find(param);
		if (*kind == SIP_TRANSPORT_NONE)
			return err_set(e, STATUS_USAGE,
				"no transport is called %.*s",
				SPAN_ARGS(param));
	}
	if (is_secure && *kind == SIP_TRANSPORT_TCP)
		*kind = SIP_TRANSPORT_TLS; /* RFC 3261 section 26.2.2 */
	if (is_secure && *kind == SIP_TRANSPORT_WS)
		*kind = SIP_TRANSPORT_WSS;
	if (is_secure && *kind == SIP_TRANSPORT_UDP)
		return err_set(e, STATUS_USAGE,
			"a sips: URI cannot be reached over UDP");
	return true;
}
