#include "private.h"

#include "user.h"
#include "xmpp/bookmark.h"
#include "xmpp/error.h"

/* What is asked for, or put there: section 3; NULL: not one element. */
static const struct xml_element *find_one(const struct xml_element *request)
{
	const struct xml_element *query =
		xml_element_find(request, "query", XMPP_NS_PRIVATE);
	const struct xml_element *one = xml_element_find(query, NULL, NULL);
	return one && !xml_element_next(one, NULL, NULL) ? one : NULL;
}

static void refuse(struct session *c, const struct xml_element *request,
	const char *condition)
{
	session_send(c, xmpp_error_reply(request, condition, NULL));
}

void private_get(struct session *c, const struct xml_element *request)
{
	const struct xml_element *wanted = find_one(request);
	const struct xml_element *all = c->user->private;
	if (!wanted) {
		refuse(c, request, "not-acceptable");
		return;
	}
	const struct xml_element *kept =
		all ? xml_element_find(all, wanted->name, wanted->ns) : NULL;
	struct xml_element *reply = xmpp_stanza_reply(request, "result");
	xml_element_add(xml_element_child(reply, "query", XMPP_NS_PRIVATE),
		kept ? kept : wanted);
	session_send(c, reply);
}

/* A new tree: what is taken out of one stays in its memory. */
void private_set(struct session *c, const struct xml_element *request)
{
	const struct xml_element *given = find_one(request);
	struct user *u = c->user;
	if (!given) {
		refuse(c, request, "not-acceptable");
		return;
	}
	struct xml_element *all = xml_element_new("query", XMPP_NS_PRIVATE);
	xml_element_add(all, given);
	if (u->private)
		XML_ELEMENT_EACH(u->private, other, NULL, NULL)
		{
			if (!xml_element_is(other, given->name, given->ns))
				xml_element_add(all, other);
		}
	if (xml_element_memory(all) > PRIVATE_MEMORY_MAX) {
		xml_element_free(all);
		refuse(c, request, "resource-constraint");
		return;
	}
	xml_element_free(u->private);
	u->private = all;
	session_send(c, xmpp_stanza_reply(request, "result"));
}
