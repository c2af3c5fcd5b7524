/* http_curl - libcurl, opened when it is needed; private to net/http*.c
 */
#ifndef NET_HTTP_CURL_H
#define NET_HTTP_CURL_H

/* Its checks of types are macros, and what is called here are pointers. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdbool.h>

#include "base/err.h"

/* The functions by their names, which its header declares. */
struct http_curl {
	CURLcode (*global_init)(long flags);
	CURL *(*easy_init)(void);
	void (*easy_cleanup)(CURL *easy);
	CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
	CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
	const char *(*easy_strerror)(CURLcode code);
	CURLM *(*multi_init)(void);
	CURLMcode (*multi_cleanup)(CURLM *multi);
	CURLMcode (*multi_setopt)(CURLM *multi, CURLMoption option, ...);
	CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
	CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
	CURLMcode (*multi_socket_action)(
		CURLM *multi, curl_socket_t fd, int what, int *running);
	CURLMcode (*multi_assign)(CURLM *multi, curl_socket_t fd, void *arg);
	CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
	struct curl_slist *(*slist_append)(
		struct curl_slist *list, const char *text);
	void (*slist_free_all)(struct curl_slist *list);
};

/* NULL and e: it is not installed.  For the life of the process. */
const struct http_curl *http_curl_open(struct err *e);

#endif
