#include "xmpp/target_web.h"

#include "base/mem.h"
#include "net/http.h"
#include "xmpp/host_meta.h"

/* One after the other: most domains have the first. */
static const struct {
	const char *path, *type;
	bool (*parse)(struct span document, unsigned kinds,
		struct xmpp_target *found, size_t room, size_t *count,
		struct err *e);
} forms[] = {
	{ "host-meta", XMPP_HOST_META_TYPE, xmpp_host_meta_parse },
	{ "host-meta.json", XMPP_HOST_META_JSON_TYPE,
		xmpp_host_meta_parse_json },
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

struct xmpp_web_search {
	struct loop *loop;
	struct xmpp_web web;
	char *domain;
	size_t form; /* that is asked for */
	struct http *http;
	struct timer *now; /* to call done from the loop */
	struct err e;      /* of the first form */
	xmpp_target_done *done;
	void *arg;
};

void xmpp_web_cancel(struct xmpp_web_search *s)
{
	if (!s)
		return;
	http_free(s->http);
	timer_free(s->now);
	mem_free(s->domain);
	mem_free(s);
}

static void report(struct xmpp_web_search *s, const struct xmpp_target *found,
	size_t count)
{
	const struct err none = ERR_NONE;
	xmpp_target_done *done = s->done;
	void *arg = s->arg;
	struct err why = count ? none : s->e;
	if (!count)
		err_prefix(&why, "%s: host-meta", s->domain);
	xmpp_web_cancel(s);
	done(arg, found, count, &why);
}

static void on_nothing(void *arg)
{
	report(arg, NULL, 0);
}

static void ask(struct xmpp_web_search *s);

/* What there is to say is what was wrong with the form that must be there. */
static void try_next(struct xmpp_web_search *s, const struct err *why)
{
	if (s->form == 0)
		s->e = *why;
	if (++s->form < FORMS)
		ask(s);
	else
		report(s, NULL, 0);
}

static void on_document(
	void *arg, const struct http_answer *a, const struct err *e)
{
	struct xmpp_web_search *s = arg;
	struct xmpp_target found[XMPP_TARGETS_MAX];
	struct err why = ERR_NONE;
	size_t count = 0;
	s->http = NULL; /* it goes by itself */
	if (err_is_set(e)) {
		/* The other form is with the same host. */
		s->e = s->form ? s->e : *e;
		report(s, NULL, 0);
		return;
	}
	if (a->status != 200)
		err_set(&why, STATUS_UNREACHABLE,
			"the answer is %d: nothing says where it is by the Web",
			a->status);
	else if (forms[s->form].parse(a->body, s->web.kinds, found,
			 XMPP_TARGETS_MAX, &count, &why) &&
		 count == 0)
		err_set(&why, STATUS_UNREACHABLE, "it names no %s with TLS",
			s->web.kinds == XMPP_TARGET_KIND(BOSH) ? "BOSH"
			: s->web.kinds == XMPP_TARGET_KIND(WEBSOCKET)
				? "WebSocket"
				: "WebSocket or BOSH");
	if (count)
		report(s, found, count);
	else
		try_next(s, &why);
}

static void ask(struct xmpp_web_search *s)
{
	char *url = mem_format(
		"https://%s/.well-known/%s", s->domain, forms[s->form].path);
	s->http = http_new(s->loop,
		&(struct http_settings){ .resolver = s->web.resolver,
			.family = s->web.family,
			.connect_to = s->web.connect_to,
			.via = s->web.via,
			.url = url,
			.accept = forms[s->form].type,
			.tls = s->web.tls,
			.follow = true,
			.max_body = XMPP_HOST_META_MAX },
		on_document, s, s->form ? NULL : &s->e);
	mem_free(url);
	if (!s->http)
		timer_set(s->now, 0);
}

struct xmpp_web_search *xmpp_web_find(struct loop *l,
	const struct xmpp_web *web, const char *domain, xmpp_target_done *done,
	void *arg)
{
	struct xmpp_web_search *s = mem_alloc(sizeof(*s));
	s->loop = l;
	s->web = *web;
	s->domain = mem_str(domain);
	s->done = done;
	s->arg = arg;
	s->now = timer_new(l, on_nothing, s);
	ask(s);
	return s;
}
