/* A proxy that is given as the URL of a WebSocket (RFC 7118). */
#include "base/mem.h"
#include "cli/sip_agent_private.h"
#include "net/url.h"

/* As a URI, which names the transport and no path; a loose router, as every
 * proxy of today is. */
static char *uri_of(const struct url *u)
{
	struct buf uri = BUF_INIT(URL_HOST_MAX + 64);
	bool is_v6 = span_has(span_of(u->host), ':');
	buf_printf(&uri, "%s:%s%s%s:%u;transport=ws;lr",
		url_is_secure(u) ? "sips" : "sip", is_v6 ? "[" : "", u->host,
		is_v6 ? "]" : "", u->port);
	return buf_take(&uri);
}

bool sip_agent_take_url(struct sip_agent *a, struct err *e)
{
	struct url u;
	const char *text = a->account.proxy;
	if (!text || !url_is_likely(span_of(text)))
		return true;
	bool good = url_parse(&u, span_of(text), e);
	if (good && u.scheme != URL_WS && u.scheme != URL_WSS)
		good = err_set(e, STATUS_USAGE,
			"SIP goes over ws: and wss:, not %s:",
			url_scheme_name(u.scheme));
	if (!good) {
		err_prefix(e, "--proxy %s", text);
		return false;
	}
	a->ws_uri = uri_of(&u);
	a->ws_path = mem_str(u.path);
	a->account.proxy = a->ws_uri;
	/* The URL says it. */
	a->account.transport = NULL;
	return true;
}

bool sip_agent_is_web(const struct sip_agent *a)
{
	return a->ws_uri || a->transport == SIP_TRANSPORT_WS ||
	       a->transport == SIP_TRANSPORT_WSS;
}
