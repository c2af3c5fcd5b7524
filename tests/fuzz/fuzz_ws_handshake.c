/* The opening handshake of a WebSocket, as either end reads it. */
#include <stddef.h>
#include <stdint.h>

#include "net/ws_handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct span part, struct span whole)
{
	if (part.n && (part.p < whole.p || part.p + part.n > whole.p + whole.n))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ws_terms terms = { .path = "/chat",
		.protocol = "sip",
		.origin = "http://example.com" };
	struct span bytes = span_from((const char *)data, size);
	for (int is_request = 0; is_request <= 1; is_request++) {
		struct http_head h;
		struct err e = ERR_NONE;
		enum http_head_state state =
			is_request ? http_head_parse_request(&h, bytes, &e)
				   : http_head_parse_response(&h, bytes, &e);
		if ((state == HTTP_HEAD_BAD) != err_is_set(&e))
			__builtin_trap();
		if (state != HTTP_HEAD_DONE)
			continue;
		for (size_t i = 0; i < h.count; i++) {
			check_inside(h.fields[i].name, bytes);
			check_inside(h.fields[i].value, bytes);
		}
		if (h.length > size || h.length > HTTP_HEAD_MAX)
			__builtin_trap();
		bool good = is_request
				    ? ws_request_check(&h, &terms, &e)
				    : ws_response_check(&h, &terms,
					      "dGhlIHNhbXBsZSBub25jZQ==", &e);
		if (good == err_is_set(&e))
			__builtin_trap();
	}
	return 0;
}
