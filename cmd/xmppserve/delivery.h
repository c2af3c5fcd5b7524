/* delivery - what becomes of a message (RFC 6121 section 8.5.4, table 1)
 *
 * A table and no more: route.c knows who is there, and does it.
 */
#ifndef XMPPSERVE_DELIVERY_H
#define XMPPSERVE_DELIVERY_H

#include "xmpp/stanza.h"

enum delivery_account {
	ACCOUNT_UNKNOWN, /* there is none of that name */
	ACCOUNT_AWAY,    /* no resource, or only ones of negative priority */
	ACCOUNT_PRESENT, /* at least one of non-negative priority */
	ACCOUNT_STATES,
};

enum delivery_address {
	ADDRESS_BARE,
	ADDRESS_MATCH,    /* a full JID, and that resource is connected */
	ADDRESS_NO_MATCH, /* a full JID, and it is not */
	ADDRESS_FORMS,
};

enum delivery_type {
	MESSAGE_NORMAL,
	MESSAGE_CHAT,
	MESSAGE_GROUPCHAT,
	MESSAGE_HEADLINE,
	MESSAGE_ERROR,
	MESSAGE_TYPES,
};

/* With the letters of the table. */
enum delivery {
	DELIVER_NOT,     /* S: silently ignored */
	DELIVER_BOUNCE,  /* E: back with service-unavailable */
	DELIVER_STORE,   /* O: kept until the user is there */
	DELIVER_TO_IT,   /* D, to a resource that matches */
	DELIVER_TO_BEST, /* M: to the most available resource */
	DELIVER_TO_ALL,  /* A: to all of non-negative priority */
};

/* Section 5.2.2: no type, or one that is not known, is normal. */
enum delivery_type delivery_type_of(const struct xml_element *message);

enum delivery delivery_of(enum delivery_account account,
	enum delivery_address address, enum delivery_type type);

#endif
