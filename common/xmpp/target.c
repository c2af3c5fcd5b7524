#include "xmpp/target.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "net/url.h"

enum { STARTTLS, DIRECT, SERVICES };

static const char *const services[SERVICES] = {
	[STARTTLS] = "_xmpp-client._tcp.",
	[DIRECT] = "_xmpps-client._tcp.",
};

struct candidate {
	struct xmpp_target target;
	uint16_t priority, weight;
};

struct lookup {
	struct xmpp_target_search *search;
	enum xmpp_security security;
	struct query *query; /* NULL: it is done */
};

struct xmpp_target_search {
	char *domain;
	struct lookup lookups[SERVICES];
	struct candidate found[XMPP_TARGETS_MAX];
	size_t count;
	bool refused; /* one answered "." */
	/* to call done from the loop where nothing is asked */
	struct timer *now;
	xmpp_target_done *done;
	void *arg;
};

void xmpp_target_cancel(struct xmpp_target_search *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SERVICES; i++)
		query_cancel(s->lookups[i].query);
	timer_free(s->now);
	mem_free(s->domain);
	mem_free(s);
}

/* ---- the order (RFC 2782) ---- */

/* One of those of the best priority left from `at` on: those of weight 0
 * first in the row, then by chance in proportion to their weights. */
static size_t choose(const struct candidate *c, size_t at, size_t count)
{
	uint16_t priority = c[at].priority;
	for (size_t i = at; i < count; i++)
		if (c[i].priority < priority)
			priority = c[i].priority;
	uint64_t total = 0;
	for (size_t i = at; i < count; i++)
		if (c[i].priority == priority)
			total += c[i].weight;
	uint64_t draw = rand_below(total + 1), sum = 0;
	size_t last = at;
	for (int heavy = 0; heavy <= 1; heavy++)
		for (size_t i = at; i < count; i++) {
			if (c[i].priority != priority ||
				(c[i].weight > 0) != heavy)
				continue;
			last = i;
			sum += c[i].weight;
			if (sum >= draw)
				return i;
		}
	return last;
}

static void put_in_order(struct candidate *c, size_t count)
{
	for (size_t at = 0; at + 1 < count; at++) {
		size_t best = choose(c, at, count);
		struct candidate first = c[best];
		/* Those not chosen keep their order. */
		memmove(&c[at + 1], &c[at], (best - at) * sizeof(*c));
		c[at] = first;
	}
}

/* ---- the outcome ---- */

static void report(struct xmpp_target_search *s)
{
	struct xmpp_target targets[XMPP_TARGETS_MAX];
	struct err e = ERR_NONE;
	put_in_order(s->found, s->count);
	for (size_t i = 0; i < s->count; i++)
		targets[i] = s->found[i].target;
	size_t count = s->count;
	if (count == 0 && s->refused) {
		err_set(&e, STATUS_UNREACHABLE,
			"%s has no XMPP service for clients (its SRV record "
			"says so)",
			s->domain);
	} else if (count == 0) {
		targets[0] = (struct xmpp_target){ .port = XMPP_PORT_CLIENT,
			.security = XMPP_SECURITY_STARTTLS };
		span_copy(targets[0].host, sizeof(targets[0].host),
			span_of(s->domain));
		count = 1;
	}
	xmpp_target_done *done = s->done;
	void *arg = s->arg;
	xmpp_target_cancel(s);
	done(arg, targets, count, &e);
}

static void add(struct xmpp_target_search *s, const struct srv_record *r,
	enum xmpp_security security)
{
	if (strcmp(r->target, ".") == 0 || !*r->target) {
		s->refused = true;
		return;
	}
	if (s->count == XMPP_TARGETS_MAX)
		return;
	struct candidate *c = &s->found[s->count];
	*c = (struct candidate){ .priority = r->priority,
		.weight = r->weight,
		.target = { .port = r->port, .security = security } };
	if (span_copy(
		    c->target.host, sizeof(c->target.host), span_of(r->target)))
		s->count++;
}

static void on_srv(void *arg, const struct srv_record *found, size_t count,
	const struct err *e)
{
	struct lookup *l = arg;
	struct xmpp_target_search *s = l->search;
	(void)e; /* section 3.2.1 step 9: no answer is as no record */
	l->query = NULL;
	for (size_t i = 0; i < count; i++)
		add(s, &found[i], l->security);
	if (!s->lookups[STARTTLS].query && !s->lookups[DIRECT].query)
		report(s);
}

static void on_now(void *arg)
{
	report(arg);
}

struct xmpp_target_search *xmpp_target_find(struct loop *l, struct resolver *r,
	const char *domain, xmpp_target_done *done, void *arg)
{
	struct xmpp_target_search *s = mem_alloc(sizeof(*s));
	s->domain = mem_str(domain);
	s->done = done;
	s->arg = arg;
	struct endpoint numeric;
	if (endpoint_parse_address(&numeric, span_of(domain))) {
		s->now = timer_new(l, on_now, s);
		timer_set(s->now, 0);
		return s;
	}
	for (int i = 0; i < SERVICES; i++) {
		struct lookup *at = &s->lookups[i];
		at->search = s;
		at->security = i == DIRECT ? XMPP_SECURITY_DIRECT
					   : XMPP_SECURITY_STARTTLS;
		char *name = mem_format("%s%s", services[i], domain);
		at->query = resolve_srv(r, name, on_srv, at);
		mem_free(name);
	}
	return s;
}

/* ---- what people say ---- */

bool xmpp_target_parse_url(
	struct xmpp_target *t, struct span text, struct err *e)
{
	struct xmpp_target found = { .security = XMPP_SECURITY_WEBSOCKET };
	struct url u;
	if (!url_parse(&u, text, e))
		return false;
	if (u.scheme == URL_WS || u.scheme == URL_HTTP)
		return err_set(e, STATUS_USAGE,
			"%s: has no TLS, and everybody on the way reads along; "
			"use %s:",
			url_scheme_name(u.scheme),
			u.scheme == URL_WS ? "wss" : "https");
	if (!url_is_secure(&u))
		return err_set(e, STATUS_USAGE,
			"XMPP goes over wss: or https:, not %s:",
			url_scheme_name(u.scheme));
	if (u.scheme == URL_HTTPS)
		found.security = XMPP_SECURITY_BOSH;
	found.port = u.port;
	span_copy(found.host, sizeof(found.host), span_of(u.host));
	if (!span_copy(found.path, sizeof(found.path), span_of(u.path)))
		return err_set(e, STATUS_USAGE, "its path is too long");
	*t = found;
	return true;
}

bool xmpp_target_add_url(struct buf *out, const struct xmpp_target *t)
{
	buf_str(out, t->security == XMPP_SECURITY_BOSH ? "https://" : "wss://");
	xmpp_target_add_host(out, t);
	return buf_str(out, t->path) && !out->failed;
}

bool xmpp_target_add_host(struct buf *out, const struct xmpp_target *t)
{
	struct url u = { .scheme = URL_WSS, .port = t->port };
	span_copy(u.host, sizeof(u.host), span_of(t->host));
	return url_add_host(out, &u);
}

bool xmpp_target_parse(struct xmpp_target *t, struct span text,
	enum xmpp_security security, struct err *e)
{
	struct xmpp_target found = { .security = security,
		.port = security == XMPP_SECURITY_DIRECT ? XMPP_PORT_DIRECT_TLS
							 : XMPP_PORT_CLIENT };
	struct span host;
	if (!endpoint_split(text, &host, &found.port) || host.n == 0 ||
		found.port == 0 ||
		!span_copy(found.host, sizeof(found.host), host))
		return err_set(e, STATUS_USAGE,
			"not HOST, HOST:PORT or [IPv6]:PORT: %.*s",
			SPAN_ARGS(text));
	*t = found;
	return true;
}
