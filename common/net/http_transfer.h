/* http_transfer - one transfer of libcurl, on our loop; private to net/http*.c
 *
 *	t = http_transfer_new(curl, loop, done, arg);
 *	curl->easy_setopt(http_transfer_easy(t), …);
 *	http_transfer_begin(t);		-> done, once
 */
#ifndef NET_HTTP_TRANSFER_H
#define NET_HTTP_TRANSFER_H

#include "net/http_curl.h"
#include "net/loop.h"

struct http_transfer;

/* May free the transfer. */
typedef void http_transfer_done(void *arg, CURLcode code);

struct http_transfer *http_transfer_new(const struct http_curl *curl,
	struct loop *l, http_transfer_done *done, void *arg);
void http_transfer_free(struct http_transfer *t); /* NULL is fine */

CURL *http_transfer_easy(struct http_transfer *t);
/* done is called later, never from here. */
void http_transfer_begin(struct http_transfer *t);

#endif
