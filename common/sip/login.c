#include "sip/login.h"

#include "base/list.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "sip/digest_hash.h"
#include "sip/header.h"
#include "sip/msg.h"

#define CNONCE_LENGTH 24 /* 120 bits */
#define REALM_SHOWN 128  /* bytes of it in a sentence */

/* A server of ours: its host as URIs have it, and the address at which it was
 * met. */
struct server {
	struct link link;
	char *host;
	struct endpoint address; /* len 0: not met, or the host is one */
};

/* RFC 7616 section 3.3: what a server has asked for.  Of a proxy it is known
 * by the host of the next hop, of others by that of the request-URI. */
struct space {
	struct link link;
	enum sip_hdr kind; /* WWW_AUTHENTICATE or PROXY_AUTHENTICATE */
	char *host;
	char *challenge;  /* the value */
	char *next_nonce; /* instead of the challenge's; or NULL */
	uint32_t nonce_count;
};

struct sip_login {
	struct sip_digest_login secret; /* its spans are of the strings below */
	char *user, *password, *realm, *ha1[SIP_DIGEST_COUNT];
	bool topmost, prefer_auth_int;
	struct link servers, spaces;
	size_t server_count, space_count;
};

struct sip_login *sip_login_new(const struct sip_login_settings *s)
{
	struct sip_login *l = mem_alloc(sizeof(*l));

	l->user = span_dup(s->secret.user);
	l->secret.user = span_of(l->user);
	if (s->secret.password.p) {
		l->password = span_dup(s->secret.password);
		l->secret.password = span_of(l->password);
	}
	l->realm = span_dup(s->realm);
	l->secret.realm = span_of(l->realm);
	for (unsigned i = 0; i < SIP_DIGEST_COUNT; i++) {
		if (!s->secret.ha1[i].n)
			continue;
		l->ha1[i] = span_dup(s->secret.ha1[i]);
		l->secret.ha1[i] = span_of(l->ha1[i]);
	}
	l->topmost = s->topmost;
	l->prefer_auth_int = s->prefer_auth_int;
	link_init(&l->servers);
	link_init(&l->spaces);
	return l;
}

static void space_free(struct sip_login *l, struct space *at)
{
	list_remove(&at->link);
	l->space_count--;
	mem_free(at->host);
	mem_free(at->challenge);
	mem_free(at->next_nonce);
	mem_free(at);
}

void sip_login_free(struct sip_login *l)
{
	if (!l)
		return;
	LIST_EACH(&l->servers, at)
	{
		struct server *server = LIST_ITEM(at, struct server, link);
		mem_free(server->host);
		mem_free(server);
	}
	LIST_EACH(&l->spaces, at)
	space_free(l, LIST_ITEM(at, struct space, link));
	mem_free(l->user);
	mem_free_wiped(l->password);
	mem_free(l->realm);
	for (unsigned i = 0; i < SIP_DIGEST_COUNT; i++)
		mem_free_wiped(l->ha1[i]);
	mem_free(l);
}

/* ---- whom we trust ------------------------------------------------------------- */

static bool host_of(struct span *host, struct span uri)
{
	struct sip_uri u;

	if (!sip_uri_parse(&u, uri, NULL) ||
		(u.kind != SIP_SCHEME_SIP && u.kind != SIP_SCHEME_SIPS))
		return false;
	*host = u.host;
	return true;
}

static bool is_host(struct span a, struct span b)
{
	struct endpoint x, y;

	if (endpoint_parse_address(&x, a) && endpoint_parse_address(&y, b))
		return endpoint_same_address(&x, &y);
	return span_equal_nocase(a, b);
}

static struct server *find_server(const struct sip_login *l, struct span uri)
{
	struct span host;
	struct endpoint address;

	if (!host_of(&host, uri))
		return NULL;
	bool numeric = endpoint_parse_address(&address, host);
	LIST_EACH(&l->servers, at)
	{
		struct server *s = LIST_ITEM(at, struct server, link);
		if (is_host(span_of(s->host), host) ||
			(numeric && s->address.len &&
				endpoint_same_address(&s->address, &address)))
			return s;
	}
	return NULL;
}

bool sip_login_trust(struct sip_login *l, struct span uri)
{
	struct span host;

	if (!host_of(&host, uri))
		return false;
	if (find_server(l, uri) || l->server_count >= SIP_LOGIN_SERVERS_MAX)
		return true;
	struct server *s = mem_alloc(sizeof(*s));
	s->host = span_dup(host);
	list_append(&l->servers, &s->link);
	l->server_count++;
	return true;
}

bool sip_login_is_server(const struct sip_login *l, struct span uri)
{
	return find_server(l, uri) != NULL;
}

static bool may_answer(const struct sip_login *l, enum sip_hdr kind,
	const struct sip_scan *request, const struct sip_login_way *way)
{
	bool in_dialog = sip_tag(sip_scan_value(request, SIP_HDR_TO)).n > 0;

	if (way->is_theirs || !find_server(l, way->next_hop))
		return false;
	return (!in_dialog && kind == SIP_HDR_PROXY_AUTHENTICATE) ||
	       find_server(l, request->request_uri);
}

/* ---- what they asked ------------------------------------------------------------ */

static struct span space_host(enum sip_hdr kind, const struct sip_scan *request,
	const struct sip_login_way *way)
{
	struct span host = SPAN_EMPTY;

	host_of(&host, kind == SIP_HDR_PROXY_AUTHENTICATE
			       ? way->next_hop
			       : request->request_uri);
	return host;
}

static struct space *find_space(const struct sip_login *l, enum sip_hdr kind,
	const struct sip_scan *request, const struct sip_login_way *way)
{
	struct span host = space_host(kind, request, way);

	LIST_EACH(&l->spaces, at)
	{
		struct space *space = LIST_ITEM(at, struct space, link);
		if (space->kind == kind && is_host(span_of(space->host), host))
			return space;
	}
	return NULL;
}

static bool read_space(struct sip_challenge *c, const struct space *space)
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

	if (!read_space(&c, space))
		return;
	rand_token(cnonce, CNONCE_LENGTH);
	struct sip_digest_request digest = { .method = request->method,
		.uri = request->request_uri,
		.body = request->body,
		.cnonce = span_of(cnonce),
		.nonce_count = ++space->nonce_count,
		.prefer_auth_int = l->prefer_auth_int };
	if (sip_digest_answer(&value, &c, &l->secret, &digest, NULL))
		sip_msg_add(out,
			space->kind == SIP_HDR_PROXY_AUTHENTICATE
				? SIP_HDR_PROXY_AUTHORIZATION
				: SIP_HDR_AUTHORIZATION,
			buf_view(&value));
	buf_clear(&value);
}

bool sip_login_sign(struct buf *request, struct sip_login *l,
	const struct sip_login_way *way)
{
	static const enum sip_hdr kinds[] = { SIP_HDR_PROXY_AUTHENTICATE,
		SIP_HDR_WWW_AUTHENTICATE };
	struct buf lines = BUF_INIT(SIP_MSG_MAX), whole = BUF_INIT(request->max);
	size_t line = span_find_span(buf_view(request), SPAN("\r\n"), 0) + 2;
	struct sip_scan *m;

	if (link_is_alone(&l->spaces))
		return true;
	m = mem_alloc(sizeof(*m));
	sip_scan(m, buf_view(request));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct space *space = find_space(l, kinds[i], m, way);
		if (space && may_answer(l, kinds[i], m, way))
			add_one(&lines, l, space, m);
	}
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

/* The challenge's text: what was parsed points into the response. */
static void keep(struct sip_login *l, struct space *space, enum sip_hdr kind,
	const struct sip_challenge *c, const struct sip_scan *request,
	const struct sip_scan *response, const struct sip_login_way *way)
{
	struct sip_values at = SIP_VALUES_INIT;

	if (!space) {
		if (l->space_count >= SIP_LOGIN_SPACES_MAX)
			space_free(l, LIST_ITEM(list_first(&l->spaces),
					      struct space, link));
		space = mem_alloc(sizeof(*space));
		space->kind = kind;
		space->host = span_dup(space_host(kind, request, way));
		list_append(&l->spaces, &space->link);
		l->space_count++;
	}
	while (sip_scan_values(response, kind, &at))
		if (c->nonce.p >= at.value.p &&
			c->nonce.p <= at.value.p + at.value.n)
			break;
	mem_free(space->challenge);
	mem_free(space->next_nonce);
	space->challenge = span_dup(at.value);
	space->next_nonce = NULL;
	space->nonce_count = 0;
}

/* ---- a 401 or 407 ------------------------------------------------------------------ */

/* Once for each request, and again while the nonce alone was wrong. */
static bool may_retry(struct sip_login_tries *tries, enum sip_hdr kind,
	const struct sip_challenge *c, const struct space *space, struct err *e)
{
	bool *answered = kind == SIP_HDR_PROXY_AUTHENTICATE ? &tries->proxy
							    : &tries->www;
	struct sip_challenge last;

	if (!*answered) {
		*answered = true;
		return true;
	}
	if (!c->is_stale || !space || !read_space(&last, space) ||
		span_equal(last.nonce, c->nonce))
		return err_set(e, STATUS_AUTH,
			"the user or the password is not accepted");
	if (tries->stale++ >= SIP_LOGIN_STALE_MAX)
		return err_set(e, STATUS_AUTH,
			"it calls every nonce stale that it gave");
	return true;
}

static bool has_secret(const struct sip_login *l)
{
	bool found = l->secret.password.p != NULL;

	for (unsigned i = 0; i < SIP_DIGEST_COUNT; i++)
		found |= l->ha1[i] != NULL;
	return found;
}

/* A quoted realm as people write it. */
static char *unescape(struct span quoted)
{
	char *plain = mem_alloc(quoted.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < quoted.n; i++) {
		if (quoted.p[i] == '\\' && i + 1 < quoted.n)
			i++;
		plain[n++] = quoted.p[i];
	}
	return plain;
}

/* The challenge of the realm this server is held to. */
static bool choose(struct sip_challenge *c, const struct sip_login *l,
	const struct space *space, const struct sip_scan *response,
	enum sip_hdr kind, struct err *e)
{
	struct sip_digest_login secret = l->secret;
	struct sip_challenge first;
	char *bound = NULL, printable[REALM_SHOWN];

	if (!secret.realm.n && space && read_space(&first, space)) {
		bound = unescape(first.realm);
		secret.realm = span_of(bound);
	}
	bool found = sip_challenge_choose(
		c, response, kind, &secret, l->topmost, e);
	if (!found && secret.realm.n) {
		utf8_printable_to(printable, sizeof(printable), secret.realm);
		err_set(e, STATUS_AUTH,
			"none of its challenges is of the realm \"%s\" and "
			"can be answered",
			printable);
	}
	mem_free(bound);
	return found;
}

bool sip_login_challenged(struct sip_login *l, struct sip_login_tries *tries,
	const struct sip_scan *request, const struct sip_scan *response,
	const struct sip_login_way *way, struct err *e)
{
	enum sip_hdr kind = response->status_code == 407
				    ? SIP_HDR_PROXY_AUTHENTICATE
				    : SIP_HDR_WWW_AUTHENTICATE;
	struct space *space = find_space(l, kind, request, way);
	struct sip_challenge c;

	if (!has_secret(l))
		return err_set(e, STATUS_AUTH,
			"it asks for a password, and there is none");
	if (!may_answer(l, kind, request, way))
		return err_set(e, STATUS_AUTH,
			"it asks for a password, but is no server of this "
			"account: it gets none");
	if (!choose(&c, l, space, response, kind, e) ||
		!may_retry(tries, kind, &c, space, e))
		return false;
	struct server *server = find_server(l, way->next_hop);
	if (way->remote && !server->address.len)
		server->address = *way->remote;
	keep(l, space, kind, &c, request, response, way);
	return true;
}

/* ---- other responses ----------------------------------------------------------------- */

void sip_login_learn(struct sip_login *l, const struct sip_scan *request,
	const struct sip_scan *response, const struct sip_login_way *way)
{
	struct span rest =
		sip_scan_value(response, SIP_HDR_AUTHENTICATION_INFO);
	struct space *space =
		find_space(l, SIP_HDR_WWW_AUTHENTICATE, request, way);
	struct sip_names names = { 0 };
	struct sip_param p;
	bool malformed;

	if (!rest.n || !space ||
		!may_answer(l, SIP_HDR_WWW_AUTHENTICATE, request, way))
		return;
	while (sip_auth_param_next(&rest, &p, &names, &malformed)) {
		if (!span_is_nocase(p.name, "nextnonce"))
			continue;
		mem_free(space->next_nonce);
		space->next_nonce = span_dup(sip_unquote(p.value));
		space->nonce_count = 0;
	}
}
