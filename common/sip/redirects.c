#include "sip/redirects.h"

#include <string.h>

#include "base/mem.h"
#include "sip/header.h"

#define Q_DEFAULT 1000 /* 20.10 */

static bool is_known(const struct sip_redirects *r, const struct sip_uri *u)
{
	struct sip_uri known;

	for (size_t i = 0; i < r->count; i++)
		if (sip_uri_parse(&known, span_of(r->list[i].uri), NULL) &&
			sip_uri_equal(&known, u))
			return true;
	return false;
}

/* A parameter method and headers would make another request of it (19.1.5),
 * which nobody has asked for. */
static char *plain_uri(const struct sip_uri *u)
{
	struct buf out = BUF_INIT(SIP_URI_MAX);
	struct sip_uri bare = *u;
	struct span rest = u->params;
	struct sip_param p;

	bare.params = bare.headers = SPAN_EMPTY;
	sip_uri_format(&out, &bare);
	while (sip_uri_pair_next(&rest, ';', &p))
		if (!span_is_nocase(p.name, "method")) {
			buf_char(&out, ';');
			buf_span(&out, p.name);
			if (p.has_value)
				buf_char(&out, '=');
			buf_span(&out, p.value);
		}
	return buf_take(&out);
}

static void add(struct sip_redirects *r, const struct sip_uri *u, unsigned q,
	bool tried)
{
	if (r->count == SIP_REDIRECTS_MAX || is_known(r, u))
		return;
	r->list[r->count].uri = plain_uri(u);
	r->list[r->count].q = q;
	r->list[r->count++].tried = tried;
}

void sip_redirects_add(struct sip_redirects *r, struct span request_uri,
	const struct sip_scan *response)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct sip_contact c;
	struct sip_uri u;
	bool is_secure = span_starts_nocase(request_uri, "sips:");

	if (sip_uri_parse(&u, request_uri, NULL))
		add(r, &u, 0, true);
	while (sip_scan_values(response, SIP_HDR_CONTACT, &at)) {
		if (!sip_contact_parse(&c, at.value, NULL) || c.is_star ||
			!sip_uri_parse(&u, c.addr.uri, NULL))
			continue;
		if (u.kind == SIP_SCHEME_SIPS ||
			(u.kind == SIP_SCHEME_SIP && !is_secure))
			add(r, &u, c.has_q ? c.q : Q_DEFAULT, false);
	}
}

const char *sip_redirects_next(struct sip_redirects *r)
{
	size_t best = r->count;

	for (size_t i = 0; i < r->count; i++)
		if (!r->list[i].tried &&
			(best == r->count || r->list[i].q > r->list[best].q))
			best = i;
	if (best == r->count)
		return NULL;
	r->list[best].tried = true;
	return r->list[best].uri;
}

void sip_redirects_clear(struct sip_redirects *r)
{
	for (size_t i = 0; i < r->count; i++)
		mem_free(r->list[i].uri);
	r->count = 0;
}
