#include "sip/login_private.h"

#include "base/mem.h"
#include "sip/header.h"

static void take_secret(struct secret *to, const struct sip_digest_login *from,
	struct span realm)
{
	to->user = span_dup(from->user);
	to->as.user = span_of(to->user);
	if (from->password.p) {
		to->password = span_dup(from->password);
		to->as.password = span_of(to->password);
	}
	to->realm = span_dup(realm);
	to->as.realm = span_of(to->realm);
	for (unsigned i = 0; i < SIP_DIGEST_COUNT; i++) {
		if (!from->ha1[i].n)
			continue;
		to->ha1[i] = span_dup(from->ha1[i]);
		to->as.ha1[i] = span_of(to->ha1[i]);
	}
}

static void clear_secret(struct secret *s)
{
	mem_free(s->user);
	mem_free_wiped(s->password);
	mem_free(s->realm);
	for (unsigned i = 0; i < SIP_DIGEST_COUNT; i++)
		mem_free_wiped(s->ha1[i]);
}

struct sip_login *sip_login_new(const struct sip_login_settings *s)
{
	struct sip_login *l = mem_alloc(sizeof(*l));

	take_secret(&l->secrets[l->secret_count++], &s->secret, s->realm);
	l->topmost = s->topmost;
	l->prefer_auth_int = s->prefer_auth_int;
	link_init(&l->servers);
	link_init(&l->spaces);
	return l;
}

bool sip_login_add(struct sip_login *l, const struct sip_digest_login *secret)
{
	if (!secret->realm.n || l->secret_count == SIP_LOGIN_SECRETS_MAX)
		return false;
	for (size_t i = 0; i < l->secret_count; i++)
		if (span_equal(l->secrets[i].as.realm, secret->realm))
			return false;
	take_secret(&l->secrets[l->secret_count++], secret, secret->realm);
	return true;
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
	sip_space_free(l, LIST_ITEM(at, struct space, link));
	for (size_t i = 0; i < l->secret_count; i++)
		clear_secret(&l->secrets[i]);
	mem_free(l);
}

/* ---- whom we trust ------------------------------------------------------------- */

bool sip_login_host(struct span *host, struct span uri)
{
	struct sip_uri u;

	if (!sip_uri_parse(&u, uri, NULL) ||
		(u.kind != SIP_SCHEME_SIP && u.kind != SIP_SCHEME_SIPS))
		return false;
	*host = u.host;
	return true;
}

bool sip_login_is_host(struct span a, struct span b)
{
	struct endpoint x, y;

	if (endpoint_parse_address(&x, a) && endpoint_parse_address(&y, b))
		return endpoint_same_address(&x, &y);
	return span_equal_nocase(a, b);
}

struct server *sip_login_find_server(const struct sip_login *l, struct span uri)
{
	struct span host;
	struct endpoint address;

	if (!sip_login_host(&host, uri))
		return NULL;
	bool numeric = endpoint_parse_address(&address, host);
	LIST_EACH(&l->servers, at)
	{
		struct server *s = LIST_ITEM(at, struct server, link);
		if (sip_login_is_host(span_of(s->host), host) ||
			(numeric && s->address.len &&
				endpoint_same_address(&s->address, &address)))
			return s;
	}
	return NULL;
}

bool sip_login_trust(struct sip_login *l, struct span uri)
{
	struct span host;

	if (!sip_login_host(&host, uri))
		return false;
	if (sip_login_find_server(l, uri) ||
		l->server_count >= SIP_LOGIN_SERVERS_MAX)
		return true;
	struct server *s = mem_alloc(sizeof(*s));
	s->host = span_dup(host);
	list_append(&l->servers, &s->link);
	l->server_count++;
	return true;
}

bool sip_login_is_server(const struct sip_login *l, struct span uri)
{
	return sip_login_find_server(l, uri) != NULL;
}

bool sip_login_may_answer(const struct sip_login *l, enum sip_hdr kind,
	const struct sip_scan *request, const struct sip_login_way *way)
{
	bool in_dialog = sip_tag(sip_scan_value(request, SIP_HDR_TO)).n > 0;

	if (way->is_theirs || !sip_login_find_server(l, way->next_hop))
		return false;
	return (!in_dialog && kind == SIP_HDR_PROXY_AUTHENTICATE) ||
	       sip_login_find_server(l, request->request_uri);
}
