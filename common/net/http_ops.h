/* http_ops - who fetches a document: private to net/
 *
 * On the system's loop that is libcurl (http_request.c), on the simulated one
 * nobody goes anywhere (sim_http.c).
 */
#ifndef NET_HTTP_OPS_H
#define NET_HTTP_OPS_H

#include "net/http.h"

struct http_ops {
	/* What s says has been looked at: url is one of HTTP. */
	struct http *(*start)(struct loop *l, const struct http_settings *s,
		http_done *done, void *arg, struct err *e);
	void (*free)(struct http *h);
};

/* The first member of each kind's own. */
struct http {
	const struct http_ops *ops;
};

extern const struct http_ops http_by_curl;

#endif
