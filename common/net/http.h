/* http - one request of HTTP and its answer, by libcurl on our loop
 *
 * libcurl is opened when the first request is made (dlopen), so that no other
 * run loads its 25 libraries; where it is missing that is an error of the
 * request.  Names are looked up by our own resolver, and no thread is made.
 *
 * https: by the caller's trust, TLS 1.2 at least, names as in RFC 9525.  Where
 * redirects are followed they lead to https alone.  Through a proxy all of that
 * stays as it is, and names are looked up by the proxy; the proxies of the
 * environment are not used.  A simulated loop has documents of its own
 * (net/sim.h).
 *
 * `done` is called exactly once, never from within http_new, unless the
 * request was freed; what it is given is borrowed until it returns.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/err.h"
#include "base/span.h"
#include "net/resolve.h"
#include "net/tls.h"
#include "net/tunnel.h"
#include "net/url.h"

#define HTTP_DEADLINE (10 * USEC_SEC)
#define HTTP_REDIRECTS_MAX 3

struct http;

struct http_answer {
	int status;
	struct span content_type; /* empty where there is none */
	struct span body;
};

/* e: nobody answered, or TLS failed, or the answer is larger than it may be.
 * An answer of any status is one. */
typedef void http_done(
	void *arg, const struct http_answer *a, const struct err *e);

struct http_settings {
	struct resolver *resolver;
	enum resolve_family family;
	/* see net/connect_to.h; borrowed; where there is a proxy, of that */
	const char *const *connect_to;
	/* Through this proxy, whose host and port these are; NULL: straight. */
	const struct tunnel_settings *via;
	const char *url;  /* http or https */
	const char *post; /* the body of a POST, else a GET; copied */
	size_t post_size;
	const char *content_type;       /* of it */
	const char *accept;             /* NULL: anything */
	const struct tls_settings *tls; /* ca_file, insecure; NULL: verify */
	bool follow;                    /* redirects of a GET */
	size_t max_body;                /* of the answer */
	usec_t deadline;                /* for all of it; 0: HTTP_DEADLINE */
};

/* Strings are copied, the proxy too.  NULL and e: no URL, or no libcurl. */
struct http *http_new(struct loop *l, const struct http_settings *s,
	http_done *done, void *arg, struct err *e);
void http_free(struct http *h); /* gives it up; NULL is fine */

#endif
