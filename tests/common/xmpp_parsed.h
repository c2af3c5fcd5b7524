/* xmpp_parsed - a stanza by its text, for tests that read stanzas
 */
#ifndef TESTS_XMPP_PARSED_H
#define TESTS_XMPP_PARSED_H

#include "xmpp/stanza.h"

/* The one element of jabber:client that text is; valid until the next is
 * parsed, or until parsed_clear. */
const struct xml_element *parsed(const char *text);
void parsed_clear(void);

#endif
