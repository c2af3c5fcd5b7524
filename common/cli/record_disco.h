/* record_disco - answers of service discovery as records (samtal-records(5)) */
#ifndef CLI_RECORD_DISCO_H
#define CLI_RECORD_DISCO_H

#include "cli/record.h"
#include "xmpp/caps.h"

/* Who was asked; all but out and from may be NULL. */
struct record_disco {
	struct out *out;
	const char *account, *from, *node;
};

/* An identity, feature or field each, in the order of the answer.  As
 * record_end in what they return. */
bool record_disco_info(const struct record_disco *d, usec_t wall,
	const struct xml_element *query, struct err *e);
bool record_disco_items(const struct record_disco *d, usec_t wall,
	const struct xml_element *query, struct err *e);

/* A field each, FORM_TYPE not. */
bool record_disco_form(const struct record_disco *d, usec_t wall,
	const struct xml_element *form, struct err *e);

/* problem NULL: the answer is that of c; else why it is not, or, where the
 * hash is not known, why nobody can tell. */
bool record_disco_caps(const struct record_disco *d, usec_t wall,
	const struct xmpp_caps *c, const struct err *problem, struct err *e);

/* It did not answer, or refused. */
bool record_disco_error(const struct record_disco *d, usec_t wall,
	const struct err *why, struct err *e);

#endif
