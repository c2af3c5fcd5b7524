/* Frames of a WebSocket: the first byte says which side reads and in what
 * pieces; the pieces must make no difference. */
#include <stddef.h>
#include <stdint.h>

#include "net/ws_frame.h"

#define MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was heard, as one number. */
static uint64_t read_all(bool is_server, struct span bytes, size_t step)
{
	struct ws_framer *f = ws_framer_new(is_server, MAX);
	uint64_t sum = 14695981039346656037u;
	enum ws_event event = WS_NOTHING;
	while (bytes.n && event != WS_FAULT) {
		struct span piece = span_first(bytes, step), payload;
		size_t given = piece.n;
		enum ws_code code = WS_CODE_NORMAL;
		struct err e = ERR_NONE;
		event = ws_framer_read(f, &piece, &payload, &code, &e);
		if (piece.n && event == WS_NOTHING)
			__builtin_trap();
		if (payload.n > MAX || (event == WS_FAULT) != err_is_set(&e))
			__builtin_trap();
		bytes = span_skip(bytes, given - piece.n);
		if (event == WS_NOTHING)
			continue;
		sum = (sum ^ event ^ ((uint64_t)code << 8)) * 1099511628211u;
		for (size_t i = 0; event != WS_FAULT && i < payload.n; i++)
			sum = (sum ^ (unsigned char)payload.p[i]) *
			      1099511628211u;
	}
	ws_framer_free(f);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct span bytes = span_from((const char *)data + 1, size - 1);
	bool is_server = data[0] & 1;
	if (read_all(is_server, bytes, (data[0] >> 1) + 1u) !=
		read_all(is_server, bytes, bytes.n))
		__builtin_trap();
	return 0;
}
