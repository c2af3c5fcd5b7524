#include "net/connect_to.h"

/* One side of one: HOST:PORT off the front of *rest. */
static bool take_pair(struct span *rest, struct span *host, uint16_t *port)
{
	struct span number;
	uint32_t value;
	bool ipv6 = span_starts(*rest, "[");
	size_t end = span_find(*rest, ']', 0);

	if (ipv6) {
		*host = span_first(span_skip(*rest, 1), end ? end - 1 : 0);
		*rest = span_skip(*rest, end + 1);
		if (!span_cut(rest, ':', &number) || number.n)
			return false;
	} else if (!span_cut(rest, ':', host)) {
		return false;
	}
	span_cut(rest, ':', &number);
	if (!span_to_u32(number, UINT16_MAX, &value))
		return false;
	*port = (uint16_t)value;
	return true;
}

bool connect_to_find(const char *const *list, struct span host, uint16_t port,
	struct endpoint *to, struct err *e)
{
	*to = (struct endpoint){ .len = 0 };
	for (const char *const *at = list; at && *at && !to->len; at++) {
		struct span rest = span_of(*at), from, address;
		struct endpoint found;
		uint16_t from_port, to_port;
		if (!take_pair(&rest, &from, &from_port) ||
			!take_pair(&rest, &address, &to_port) ||
			!endpoint_parse_address(&found, address))
			return err_set(e, STATUS_USAGE,
				"connect-to wants HOST:PORT:ADDR:PORT, not %s",
				*at);
		if (!span_equal_nocase(from, host) || from_port != port)
			continue;
		endpoint_set_port(&found, to_port);
		*to = found;
	}
	return true;
}
