/* change - what is to become of one contact, from operands or from a record
 *
 * A set of the protocol replaces the whole item (RFC 6121 section 2.1.2.2), so
 * what was not said is taken over from the roster as it is.
 */
#ifndef XMPPROSTER_CHANGE_H
#define XMPPROSTER_CHANGE_H

#include "xmpp/roster.h"

struct run;

/* More than servers take; so that a wrong file does not fill the memory. */
#define CHANGES_MAX 100000

struct change {
	struct xmpp_jid jid; /* bare */
	char *name;          /* NULL: as it is; "": none */
	char **groups;
	size_t group_count;
	bool only_these; /* groups: not beside those it has */
	bool subscribe;  /* ask to see its presence */
	bool was_pushed; /* the server told us that it has changed */
	struct err outcome;
	void *tool;
};

struct changes {
	struct change *all;
	size_t count, room;
};

/* The new one, until the next; NULL: jid is no bare JID, or there are too
 * many. */
struct change *changes_add(struct changes *c, struct span jid, struct err *e);
void changes_clear(struct changes *c);
void change_set_name(struct change *c, struct span name);
void change_add_group(struct change *c, struct span name);

/* `contact` records of a descriptor, all of them before anything is done. */
bool changes_read(
	struct changes *c, struct run *r, int fd, bool strict, struct err *e);

/* The request that makes it so; NULL: it is so already.  now NULL: it is not
 * in the roster. */
struct xml_element *change_make_set(
	const struct change *c, const struct xmpp_roster_item *now);

#endif
