/* disco_walk - service discovery of a place and of what hangs below it
 *
 * Breadth first, each address and node once, a few at a time; down to a depth
 * and up to a number, since how much there is and whether it ever ends is of
 * the far side's making.  A place is an address and a node of it, or none.
 */
#ifndef XMPP_DISCO_WALK_H
#define XMPP_DISCO_WALK_H

#include "xmpp/client.h"
#include "xmpp/disco.h"

/* Places asked at the same time, so that a silent one holds up few. */
#define XMPP_DISCO_WALK_ASKED_MAX 8

struct xmpp_disco_place {
	const char *jid, *node; /* node NULL: none */
	int64_t depth;          /* 0: one that was given */
};

struct xmpp_disco_walk_settings {
	struct xmpp_client *client;
	bool info, items; /* what is asked of each */
	int64_t depth;    /* levels below what is given; 0: only that */
	int64_t max;      /* places */
	usec_t wait;      /* for each answer */
};

/* None may free the walk. */
struct xmpp_disco_walk_handlers {
	void (*info)(void *arg, const struct xmpp_disco_place *p,
		const struct xml_element *query);
	void (*items)(void *arg, const struct xmpp_disco_place *p,
		const struct xml_element *query);
	/* An error, silence, or an answer that is none; asked is the namespace
	 * of what was asked. */
	void (*error)(void *arg, const struct xmpp_disco_place *p,
		const char *asked, const struct err *why);
	/* May more be asked now?  Where it was false, xmpp_disco_walk_go when
	 * it is true again. */
	bool (*may_ask)(void *arg);
};

struct xmpp_disco_walk;

struct xmpp_disco_walk *xmpp_disco_walk_new(
	const struct xmpp_disco_walk_settings *s,
	const struct xmpp_disco_walk_handlers *handlers, void *arg);
/* Forgets what is still asked; NULL is fine. */
void xmpp_disco_walk_free(struct xmpp_disco_walk *w);

/* A place to begin with. */
void xmpp_disco_walk_add(
	struct xmpp_disco_walk *w, const char *jid, const char *node);
void xmpp_disco_walk_go(struct xmpp_disco_walk *w);

/* There was something to ask, and all of it is answered. */
bool xmpp_disco_walk_is_done(const struct xmpp_disco_walk *w);
bool xmpp_disco_walk_has_begun(const struct xmpp_disco_walk *w);
/* There was more than settings.max. */
bool xmpp_disco_walk_was_cut(const struct xmpp_disco_walk *w);

#endif
