#include "tests/common/test.h"

#include "tests/common/xmpp_parsed.h"
#include "xmpp/snippets.h"

static struct xml_element *stanza;

const struct xml_element *parsed(const char *text)
{
	struct xmpp_snippets *s = xmpp_snippets_new();
	struct span bytes = span_of(text);
	struct err e = ERR_NONE;
	parsed_clear();
	assert_ok(xmpp_snippets_take(s, &bytes, &stanza, &e) ==
			  XMPP_SNIPPETS_STANZA,
		&e);
	assert_int_equal(bytes.n, 0);
	xmpp_snippets_free(s);
	return stanza;
}

void parsed_clear(void)
{
	xml_element_free(stanza);
	stanza = NULL;
}
