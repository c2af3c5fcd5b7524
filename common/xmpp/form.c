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
