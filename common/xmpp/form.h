/* form - data forms (XEP-0004, XEP-0068): fields by name, each with values
 *
 * A form is its <x xmlns='jabber:x:data'/>; what is read points into it.
 */
#ifndef XMPP_FORM_H
#define XMPP_FORM_H

#include "xmpp/ns.h"
#include "xmpp/stanza.h"

#define XMPP_FORM_EACH_FIELD(form, at)                                         \
	XML_ELEMENT_EACH(form, at, "field", XMPP_NS_DATA)
#define XMPP_FORM_EACH_VALUE(field, at)                                        \
	XML_ELEMENT_EACH(field, at, "value", XMPP_NS_DATA)

const struct xml_element *xmpp_form_field(
	const struct xml_element *form, const char *var);

const struct xml_element *xmpp_form_find(const struct xml_element *s);
/* One value more for that field of an answer. */
void xmpp_form_add(
	struct xml_element *submit, const char *var, struct span value);

/* XEP-0068: the value of a FORM_TYPE field; p is NULL where the form has none,
 * or one that is not hidden, as a form to be filled in may leave it to be
 * understood. */
struct span xmpp_form_type(const struct xml_element *form);

#endif
