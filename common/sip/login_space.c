/* What servers have asked for, and the answers to it (RFC 7616 section 3.3). */
#include "base/mem.h"
#include "base/rand.h"
#include "sip/login_private.h"
#include "sip/msg.h"

#define CNONCE_LENGTH 24 /* 120 bits */

void sip_space_free(struct sip_login *l, struct space *at)
{
	list_remove(&at->link);
	l->space_count--;
	mem_free(at->host);
	mem_free(at->challenge);
	mem_free(at->next_nonce);
	mem_free(at);
}

struct span sip_space_host(enum sip_hdr kind, const struct sip_scan *request,
	const struct sip_login_way *way)
{
	struct span host = SPAN_EMPTY;

	sip_login_host(&host, kind == SIP_HDR_PROXY_AUTHENTICATE
				      ? way->next_hop
				      : request->request_uri);
	return host;
}

struct space *sip_space_find(const struct sip_login *l, enum sip_hdr kind,
	struct span host, size_t secret)
{
	LIST_EACH(&l->spaces, at)
	{
		struct space *space = LIST_ITEM(at, struct space, link);
		if (space->kind == kind && space->secret == secret &&
			sip_login_is_host(span_of(space->host), host))
			return space;
	}
	return NULL;
}

bool sip_space_read(struct sip_challenge *c, const struct space *space)
{
	if (!sip_challenge_parse(c, span_of(space->challenge), NULL))
		return false;
	if (space->next_nonce)
		c->nonce = span_of(space->next_nonce);
	return true;
}

static void add_one(struct buf *out, struct sip_login *l, struct space *space,
	const struct sip_scan *request)
{
	struct buf value = BUF_INIT(SIP_LINE_MAX);
	char cnonce[CNONCE_LENGTH + 1];
	struct sip_challenge c;

	if (!sip_space_read(&c, space))
		return;
	rand_token(cnonce, CNONCE_LENGTH);
	struct sip_digest_request digest = { .method = request->method,
		.uri = request->request_uri,
		.body = request->body,
		.cnonce = span_of(cnonce),
		.nonce_count = ++space->nonce_count,
		.prefer_auth_int = l->prefer_auth_int };
	if (sip_digest_answer(
		    &value, &c, &l->secrets[space->secret].as, &digest, NULL))
		sip_msg_add(out,
			space->kind == SIP_HDR_PROXY_AUTHENTICATE
				? SIP_HDR_PROXY_AUTHORIZATION
				: SIP_HDR_AUTHORIZATION,
			buf_view(&value));
	buf_clear(&value);
}

/* One for each realm: section 22.3. */
static void add_kind(struct buf *out, struct sip_login *l, enum sip_hdr kind,
	struct span host, const struct sip_scan *request)
{
	for (size_t i = 0; i < l->secret_count; i++) {
		struct space *space = sip_space_find(l, kind, host, i);
		if (space && !space->is_rejected)
			add_one(out, l, space, request);
	}
}

bool sip_login_sign(struct buf *request, struct sip_login *l,
	const struct sip_login_way *way)
{
	static const enum sip_hdr kinds[] = { SIP_HDR_PROXY_AUTHENTICATE,
		SIP_HDR_WWW_AUTHENTICATE };
	struct buf lines = BUF_INIT(SIP_MSG_MAX),
		   whole = BUF_INIT(request->max);
	size_t line = span_find_span(buf_view(request), SPAN("\r\n"), 0) + 2;
	struct sip_scan *m;

	if (link_is_alone(&l->spaces))
		return true;
	m = mem_alloc(sizeof(*m));
	sip_scan(m, buf_view(request));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (sip_login_may_answer(l, kinds[i], m, way))
			add_kind(&lines, l, kinds[i],
				sip_space_host(kinds[i], m, way), m);
	mem_free(m);
	buf_span(&whole, span_first(buf_view(request), line));
	buf_span(&whole, buf_view(&lines));
	buf_span(&whole, span_skip(buf_view(request), line));
	buf_reset(request);
	buf_span(request, buf_view(&whole));
	bool good = !lines.failed && !whole.failed && !request->failed;
	buf_clear(&lines);
	buf_clear(&whole);
	return good;
}

static struct space *space_new(
	struct sip_login *l, enum sip_hdr kind, struct span host, size_t secret)
{
	if (l->space_count >= SIP_LOGIN_SPACES_MAX)
		sip_space_free(l,
			LIST_ITEM(list_first(&l->spaces), struct space, link));
	struct space *space = mem_alloc(sizeof(*space));
	space->kind = kind;
	space->host = span_dup(host);
	space->secret = secret;
	list_append(&l->spaces, &space->link);
	l->space_count++;
	return space;
}

/* The challenge's text: what was parsed points into the response. */
void sip_space_keep(struct sip_login *l, enum sip_hdr kind, struct span host,
	size_t secret, const struct sip_challenge *c,
	const struct sip_scan *response)
{
	struct sip_values at = SIP_VALUES_INIT;
	struct space *space = sip_space_find(l, kind, host, secret);

	if (!space)
		space = space_new(l, kind, host, secret);
	while (sip_scan_values(response, kind, &at))
		if (c->nonce.p >= at.value.p &&
			c->nonce.p <= at.value.p + at.value.n)
			break;
	mem_free(space->challenge);
	mem_free(space->next_nonce);
	space->challenge = span_dup(at.value);
	space->next_nonce = NULL;
	space->nonce_count = 0;
	space->is_rejected = false;
}
