/* disco - service discovery (XEP-0030): who one is, what one can do, and what
 * hangs below
 *
 * What is read points into the reply it was read from.
 */
#ifndef XMPP_DISCO_H
#define XMPP_DISCO_H

#include "xmpp/ns.h"
#include "xmpp/stanza.h"

#define XMPP_DISCO_EACH(query, at, name)                                       \
	XML_ELEMENT_EACH(query, at, name, (query)->ns)

/* To be requested; node may be NULL. */
struct xml_element *xmpp_disco_make_info(const char *to, const char *node);
struct xml_element *xmpp_disco_make_items(const char *to, const char *node);

/* The <query/> of a reply: its <identity/>, <feature/> and forms, or its
 * <item/>; NULL where the reply has none.  ns is XMPP_NS_DISCO_INFO or
 * _ITEMS. */
const struct xml_element *xmpp_disco_query(
	const struct xml_element *reply, const char *ns);

bool xmpp_disco_has_feature(const struct xml_element *query, const char *var);

#endif
