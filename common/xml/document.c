#include "xml/document.h"

#include "xml/parser.h"

static void on_root(void *arg, struct xml_element *root)
{
	*(struct xml_element **)arg = root;
}

struct xml_element *xml_document_read(struct span bytes, struct err *e)
{
	static const struct xml_parser_handler handler = { .stanza = on_root };
	struct xml_element *root = NULL;
	struct xml_parser *p =
		xml_parser_new(XML_PARSER_DOCUMENT, &handler, &root);
	if (xml_parser_feed(p, bytes, e))
		xml_parser_end(p, e);
	xml_parser_free(p);
	return root;
}
