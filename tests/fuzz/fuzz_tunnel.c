/* What a proxy may say, SOCKS5 or HTTP by the first byte, in pieces of the
 * size of the second. */
#include <stddef.h>
#include <stdint.h>

#include "net/tunnel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	const struct tunnel_settings s = { .kind = data[0] & 1 ? TUNNEL_HTTP
							       : TUNNEL_SOCKS5,
		.host = "a.example",
		.port = 5222,
		.user = data[0] & 2 ? "me" : NULL,
		.password = "secret" };
	struct span rest = span_from((const char *)data + 2, size - 2);
	struct tunnel *t = tunnel_new(&s);
	struct buf in = BUF_INIT(16384), out = BUF_INIT(TUNNEL_OUT_MAX);
	struct err e = ERR_NONE;
	enum tunnel_state state = tunnel_step(t, &in, &out, &e);
	while (state == TUNNEL_MORE && rest.n) {
		struct span piece = span_first(rest, data[1] + 1u);
		rest = span_skip(rest, piece.n);
		if (!buf_span(&in, piece))
			break;
		state = tunnel_step(t, &in, &out, &e);
	}
	if (out.failed || (state == TUNNEL_FAILED) != err_is_set(&e))
		__builtin_trap();
	tunnel_free(t);
	buf_clear(&in);
	buf_clear(&out);
	return 0;
}
