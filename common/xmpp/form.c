#include "xmpp/form.h"

const struct xml_element *xmpp_form_field(
	const struct xml_element *form, const char *var)
{
	XMPP_FORM_EACH_FIELD(form, field)
	if (xml_element_attr_is(field, "var", var))
		return field;
	return NULL;
}

struct span xmpp_form_type(const struct xml_element *form)
{
	const struct xml_element *field = xmpp_form_field(form, "FORM_TYPE");
	if (!field || !xml_element_attr_is(field, "type", "hidden"))
		return SPAN_EMPTY;
	return xml_element_child_text(field, "value", XMPP_NS_DATA);
}

const struct xml_element *xmpp_form_find(const struct xml_element *s)
{
	return xml_element_find(s, "x", XMPP_NS_DATA);
}

void xmpp_form_add(
	struct xml_element *submit, const char *var, struct span value)
{
	struct xml_element *field = NULL;
	XMPP_FORM_EACH_FIELD(submit, at)
	if (xml_element_attr_is(at, "var", var))
		field = at;
	if (!field) {
		field = xml_element_child(submit, "field", NULL);
		xml_element_attr(field, "var", var);
	}
	xml_element_text_span(xml_element_child(field, "value", NULL), value);
}
