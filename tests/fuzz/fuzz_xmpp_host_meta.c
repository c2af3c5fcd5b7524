/* host-meta documents (XEP-0156), and each line of them as a URL. */
#include <stddef.h>
#include <stdint.h>

#include "net/url.h"
#include "xmpp/host_meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span document = span_from((const char *)data, size), line;
	struct xmpp_target found[4];
	struct url u;
	struct err e = ERR_NONE;
	size_t count = 99;
	bool good = xmpp_host_meta_parse(document, found, 4, &count, &e);
	if (count > 4 || good == err_is_set(&e) || (!good && count))
		__builtin_trap();
	span_cut(&document, '\n', &line);
	if (url_parse(&u, line, NULL) &&
		(u.port == 0 || u.path[0] != '/' || !u.host[0]))
		__builtin_trap();
	return 0;
}
