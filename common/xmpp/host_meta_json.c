/* JRD: host-meta as JSON (RFC 6415 appendix A). */
#include <jansson.h>

#include "xmpp/host_meta_links.h"

static const char *member(const json_t *link, const char *name)
{
	return json_string_value(json_object_get(link, name));
}

/* What jansson says of a document is in its words, and may quote it. */
static json_t *load(struct span document, struct err *e)
{
	json_t *root = NULL;
	if (document.n <= XMPP_HOST_META_MAX)
		root = json_loadb(
			document.p, document.n, JSON_REJECT_DUPLICATES, NULL);
	if (root && json_is_object(root))
		return root;
	json_decref(root);
	err_set(e, STATUS_MALFORMED, "it is no JRD");
	return NULL;
}

bool xmpp_host_meta_parse_json(struct span document, unsigned kinds,
	struct xmpp_target *found, size_t room, size_t *count, struct err *e)
{
	struct xmpp_links links = {
		.kinds = kinds, .found = found, .room = room
	};
	*count = 0;
	json_t *root = load(document, e);
	if (!root)
		return false;
	const json_t *list = json_object_get(root, "links");
	/* Not an array, it is none: json_array_size is 0. */
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *link = json_array_get(list, i);
		xmpp_links_take(
			&links, member(link, "rel"), member(link, "href"));
	}
	json_decref(root);
	*count = links.count;
	return true;
}
