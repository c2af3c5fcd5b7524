/* The door: what was asked for is looked at, and goes to who can do it. */
#include "net/http.h"

#include "net/connect_to.h"
#include "net/http_ops.h"
#include "net/ops.h"

struct http *http_new(struct loop *l, const struct http_settings *s,
	http_done *done, void *arg, struct err *e)
{
	struct url u;
	struct endpoint to;
	if (!url_parse(&u, span_of(s->url), e) ||
		!connect_to_find(
			s->connect_to, span_of(u.host), u.port, &to, e))
		return NULL;
	if (u.scheme != URL_HTTP && u.scheme != URL_HTTPS) {
		err_set(e, STATUS_USAGE, "no URL of HTTP: %s", s->url);
		return NULL;
	}
	const struct http_ops *ops =
		l->ops->http ? l->ops->http : &http_by_curl;
	return ops->start(l, s, done, arg, e);
}

void http_free(struct http *h)
{
	if (h)
		h->ops->free(h);
}
