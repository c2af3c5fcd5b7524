/* roster - contact lists (RFC 6121 section 2), without versions */
#ifndef XMPPSERVE_ROSTER_H
#define XMPPSERVE_ROSTER_H

#include "session.h"

/* For answer.c. */
void roster_get(struct session *c, const struct xml_element *request);
void roster_set(struct session *c, const struct xml_element *request);

/* The contact as it is now, to all of u who asked for the roster. */
void roster_push(const struct user *u, const struct contact *c);

#endif
