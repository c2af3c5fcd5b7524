/* muc - rooms (XEP-0045): the words, and what is in presence and requests
 *
 * What is read points into the stanza.
 */
#ifndef XMPP_MUC_H
#define XMPP_MUC_H

#include "base/span.h"
#include "xmpp/stanza.h"

/* Section 5.2; in the order of what one may. */
enum xmpp_muc_affiliation {
	XMPP_MUC_OUTCAST,
	XMPP_MUC_NO_AFFILIATION,
	XMPP_MUC_MEMBER,
	XMPP_MUC_ADMIN,
	XMPP_MUC_OWNER,
};

/* Section 5.1 */
enum xmpp_muc_role {
	XMPP_MUC_NO_ROLE,
	XMPP_MUC_VISITOR,
	XMPP_MUC_PARTICIPANT,
	XMPP_MUC_MODERATOR,
};

const char *xmpp_muc_affiliation_text(enum xmpp_muc_affiliation a);
const char *xmpp_muc_role_text(enum xmpp_muc_role r);
/* NULL is none of the words. */
bool xmpp_muc_affiliation_parse(enum xmpp_muc_affiliation *a, const char *text);
bool xmpp_muc_role_parse(enum xmpp_muc_role *r, const char *text);

/* An <item/> of muc#user or muc#admin. */
struct xmpp_muc_item {
	enum xmpp_muc_affiliation affiliation;
	enum xmpp_muc_role role;
	const char *jid, *nick; /* NULL: not said */
	struct span reason;     /* p NULL: none */
};
/* Words that are missing or unknown count as none. */
void xmpp_muc_item_parse(
	struct xmpp_muc_item *item, const struct xml_element *s);

/* The <x/> of muc#user in a presence or message; NULL. */
const struct xml_element *xmpp_muc_user_find(const struct xml_element *s);
/* Section 15.6: does it have this status code? */
bool xmpp_muc_has_status(const struct xml_element *x, unsigned code);

/* ---- requests to a room ---- */

/* The lists of an affiliation or role (sections 9 and 10). */
struct xml_element *xmpp_muc_make_list(
	const char *room, const char *name, const char *value);
/* One more <item/> of it for a set; the caller adds its attributes. */
struct xml_element *xmpp_muc_make_set(const char *room);
struct xml_element *xmpp_muc_add_item(struct xml_element *set);

/* Section 10: the configuration form; an answer to it, empty: as it is; and
 * that it is not wanted, which ends a room that was just made. */
struct xml_element *xmpp_muc_make_config_get(const char *room);
/* *form is the one to be filled in, of type submit. */
struct xml_element *xmpp_muc_make_config_set(
	const char *room, struct xml_element **form);
struct xml_element *xmpp_muc_make_config_cancel(const char *room);

#endif
