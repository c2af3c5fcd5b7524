#include "xmpp/form.h"

const struct xmpp_stanza *xmpp_form_field(
	const struct xmpp_stanza *form, const char *var)
{
	XMPP_FORM_EACH_FIELD(form, field)
	if (xmpp_stanza_attr_is(field, "var", var))
		return field;
	return NULL;
}

struct span xmpp_form_type(const struct xmpp_stanza *form)
{
	const struct xmpp_stanza *field = xmpp_form_field(form, "FORM_TYPE");
	if (!field || !xmpp_stanza_attr_is(field, "type", "hidden"))
		return SPAN_EMPTY;
	return xmpp_stanza_child_text(field, "value", XMPP_NS_DATA);
}

const struct xmpp_stanza *xmpp_form_find(const struct xmpp_stanza *s)
{
	return xmpp_stanza_find(s, "x", XMPP_NS_DATA);
}

void xmpp_form_add(
	struct xmpp_stanza *submit, const char *var, struct span value)
{
	struct xmpp_stanza *field = NULL;
	XMPP_FORM_EACH_FIELD(submit, at)
	if (xmpp_stanza_attr_is(at, "var", var))
		field = at;
	if (!field) {
		field = xmpp_stanza_child(submit, "field", NULL);
		xmpp_stanza_attr(field, "var", var);
	}
	xmpp_stanza_text_span(xmpp_stanza_child(field, "value", NULL), value);
}
