#include "net/http_curl.h"

#include <dlfcn.h>

#define LIBRARY "libcurl.so.4"

static struct http_curl functions;

static bool load(struct http_curl *c, void *library)
{
	const struct {
		void **function;
		const char *name;
	} names[] = {
		{ (void **)&c->global_init, "curl_global_init" },
		{ (void **)&c->easy_init, "curl_easy_init" },
		{ (void **)&c->easy_cleanup, "curl_easy_cleanup" },
		{ (void **)&c->easy_setopt, "curl_easy_setopt" },
		{ (void **)&c->easy_getinfo, "curl_easy_getinfo" },
		{ (void **)&c->easy_strerror, "curl_easy_strerror" },
		{ (void **)&c->multi_init, "curl_multi_init" },
		{ (void **)&c->multi_cleanup, "curl_multi_cleanup" },
		{ (void **)&c->multi_setopt, "curl_multi_setopt" },
		{ (void **)&c->multi_add_handle, "curl_multi_add_handle" },
		{ (void **)&c->multi_remove_handle,
			"curl_multi_remove_handle" },
		{ (void **)&c->multi_socket_action,
			"curl_multi_socket_action" },
		{ (void **)&c->multi_assign, "curl_multi_assign" },
		{ (void **)&c->multi_info_read, "curl_multi_info_read" },
		{ (void **)&c->slist_append, "curl_slist_append" },
		{ (void **)&c->slist_free_all, "curl_slist_free_all" },
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		*names[i].function = dlsym(library, names[i].name);
		if (!*names[i].function)
			return false;
	}
	return true;
}

const struct http_curl *http_curl_open(struct err *e)
{
	static void *library;
	if (library)
		return &functions;
	void *opened = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (opened && load(&functions, opened) &&
		functions.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
		library = opened;
		return &functions;
	}
	if (opened)
		dlclose(opened);
	err_set(e, STATUS_INTERNAL,
		LIBRARY " is needed for this, and is not there; Debian has it "
			"in libcurl4");
	return NULL;
}
