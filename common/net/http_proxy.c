#include "net/http_proxy.h"

#include <string.h>

#include "base/mem.h"

void http_proxy_use(const struct http_curl *c, CURL *easy,
	const struct tunnel_settings *via, const struct endpoint *at)
{
	c->easy_setopt(easy, CURLOPT_NOPROXY, "");
	if (!via->host) {
		c->easy_setopt(easy, CURLOPT_PROXY, "");
		return;
	}
	char numeric[ENDPOINT_TEXT_SIZE];
	const char *host = at->len ? endpoint_format_address(numeric, at, false)
				   : via->host;
	bool is_v6 = strchr(host, ':') != NULL;
	char *name =
		mem_format("%s%s%s", is_v6 ? "[" : "", host, is_v6 ? "]" : "");
	c->easy_setopt(easy, CURLOPT_PROXY, name);
	mem_free(name);
	c->easy_setopt(easy, CURLOPT_PROXYPORT,
		(long)(at->len ? endpoint_port(at) : via->port));
	c->easy_setopt(easy, CURLOPT_PROXYTYPE,
		via->kind == TUNNEL_SOCKS5 ? (long)CURLPROXY_SOCKS5_HOSTNAME
					   : (long)CURLPROXY_HTTP);
	/* CONNECT also for what is not https. */
	c->easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
	if (!via->user)
		return;
	c->easy_setopt(easy, CURLOPT_PROXYUSERNAME, via->user);
	c->easy_setopt(easy, CURLOPT_PROXYPASSWORD, via->password);
	c->easy_setopt(easy, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
	c->easy_setopt(easy, CURLOPT_SOCKS5_AUTH, (long)CURLAUTH_BASIC);
}

/* RFC 1928 sections 3 and 6, RFC 1929 section 2 */
static bool explain_socks(long what, struct err *e)
{
	switch (what) {
	case CURLPX_NO_AUTH:
		return err_set(e, STATUS_AUTH,
			"the proxy wants another login than we have");
	case CURLPX_USER_REJECTED:
		return err_set(e, STATUS_AUTH, "the proxy refuses our login");
	case CURLPX_REPLY_NOT_ALLOWED:
		return err_set(e, STATUS_REFUSED,
			"the proxy does not allow this connection");
	case CURLPX_BAD_VERSION:
	case CURLPX_BAD_ADDRESS_TYPE:
	case CURLPX_UNKNOWN_MODE:
		return err_set(
			e, STATUS_MALFORMED, "the proxy does not speak SOCKS5");
	default:
		return err_set(e, STATUS_UNREACHABLE,
			"the proxy could not make the connection");
	}
}

bool http_proxy_explain(
	const struct http_curl *c, CURL *easy, CURLcode code, struct err *e)
{
	long answer = 0, what = CURLPX_OK;
	if (code == CURLE_PROXY) {
		c->easy_getinfo(easy, CURLINFO_PROXY_ERROR, &what);
		explain_socks(what, e);
		return true;
	}
	c->easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &answer);
	if (!answer || (answer >= 200 && answer < 300))
		return false;
	err_set(e, tunnel_status((unsigned)answer), "the proxy answers %ld",
		answer);
	return true;
}
