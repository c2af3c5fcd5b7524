/* host-meta documents (XEP-0156), as XML and as JSON, and each line of them as
 * a URL. */
#include <stddef.h>
#include <stdint.h>

#include "net/url.h"
#include "xmpp/host_meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* WebSockets in front, all with a host and of a kind that was wanted. */
static void check(const struct xmpp_target *found, size_t count, size_t room)
{
	if (count > room)
		__builtin_trap();
	for (size_t i = 0; i < count; i++)
		if (!found[i].host[0] || !xmpp_target_is_web(&found[i]) ||
			(i && found[i].security < found[i - 1].security))
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span document = span_from((const char *)data, size), line;
	struct xmpp_target found[4];
	struct url u;
	for (int form = 0; form < 2; form++) {
		struct err e = ERR_NONE;
		size_t count = 99;
		bool good = (form ? xmpp_host_meta_parse_json
				  : xmpp_host_meta_parse)(
			document, XMPP_TARGET_WEB, found, 4, &count, &e);
		check(found, count, 4);
		if (good == err_is_set(&e) || (!good && count))
			__builtin_trap();
	}
	span_cut(&document, '\n', &line);
	if (url_parse(&u, line, NULL) &&
		(u.port == 0 || u.path[0] != '/' || !u.host[0]))
		__builtin_trap();
	return 0;
}
