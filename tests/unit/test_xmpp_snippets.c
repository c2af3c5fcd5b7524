/* Stanzas that somebody has written: taken one by one, refused with the place
 * of the fault. */
#include "tests/common/test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "xml/parser.h"
#include "xmpp/ns.h"
#include "xmpp/snippets.h"

/* The names of the stanzas, or the sentence; n bytes at a time. */
static const char *read_by(const char *text, size_t n)
{
	static char said[600];
	struct xmpp_snippets *s = xmpp_snippets_new();
	struct span all = span_of(text);
	struct err e = ERR_NONE;
	enum xmpp_snippets_got got = XMPP_SNIPPETS_MORE;
	said[0] = '\0';
	while (all.n && got != XMPP_SNIPPETS_FAULT) {
		struct span now = span_first(all, n);
		struct xml_element *stanza;
		all = span_skip(all, n);
		while ((got = xmpp_snippets_take(s, &now, &stanza, &e)) ==
			XMPP_SNIPPETS_STANZA) {
			unsigned long long line, column;
			size_t used = strlen(said);
			xmpp_snippets_place(s, &line, &column);
			snprintf(said + used, sizeof(said) - used,
				"%s %llu:%llu|", stanza->name, line, column);
			assert_int_equal(now.n > 0 || got, 1);
			xml_element_free(stanza);
		}
	}
	if (got == XMPP_SNIPPETS_FAULT || !xmpp_snippets_end(s, &e)) {
		assert_int_equal(e.status, STATUS_MALFORMED);
		snprintf(said, sizeof(said), "%s", e.text);
	}
	xmpp_snippets_free(s);
	return said;
}

static const char *read_all(const char *text)
{
	char *whole = mem_str(read_by(text, strlen(text) ? strlen(text) : 1));
	static const size_t sizes[] = { 1, 3, 7 };
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(read_by(text, sizes[i]), whole);
	mem_free(whole);
	return read_by(text, strlen(text) ? strlen(text) : 1);
}

static void stanzas_come_one_after_another_with_any_space_between(void **state)
{
	(void)state;
	assert_string_equal(read_all(""), "");
	assert_string_equal(read_all(" \n\t\r\n"), "");
	assert_string_equal(read_all("<message/>"), "message 1:1|");
	assert_string_equal(read_all("<message/><presence/>"),
		"message 1:1|presence 1:11|");
	assert_string_equal(
		read_all(
			"\n  <iq type='get'>\n <a/>\n</iq>\n\n\t<presence/>\n"),
		"iq 2:3|presence 6:2|");
	assert_string_equal(read_all("<message><body>&gt; > \xc3\xa5</body>"
				     "</message> <presence/>"),
		"message 1:1|presence 1:42|");
}

static void the_place_of_a_fault_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *text, *place, *part;
	} rows[] = {
		{ "<message></presence>", "line 1, column 21: ", "XML" },
		{ "<message/>\n<message>\n </x>", "line 3, column 6: ", "XML" },
		{ "\xc3\xa5", "line 1, column 1: ", "" },
		{ "<message/> text", "line 1, column 12: ", "" },
		{ "<message/>\n<!-- no -->", "line 2, column ", "" },
		{ "<?xml version='1.0'?><message/>", "line 1, column ", "" },
		{ "<!DOCTYPE x><message/>", "line 1, column ", "" },
		{ "<message>&nbsp;</message>", "line 1, column ", "" },
		{ "<message>\n<body>\xff</body></message>", "line 2, column ",
			"UTF-8" },
		{ "<a:b/>", "line 1, column 7: ", "" },
		{ "<message", "line 1, column 1: ", "has no end" },
		{ "<presence/>\n <message><body>x",
			"line 2, column 2: ", "has no end" },
		{ "<message/></stream:stream>",
			"line 1, column 27: ", "not ours to close" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *said = read_by(rows[i].text, strlen(rows[i].text));
		if (strncmp(said, rows[i].place, strlen(rows[i].place)) != 0 ||
			!strstr(said, rows[i].part))
			fail_msg("%s: %s", rows[i].text, said);
	}
}

static void what_is_longer_than_a_stanza_may_be_is_refused(void **state)
{
	(void)state;
	size_t n = XMPP_STANZA_MAX + 100;
	char *text = mem_alloc(n + 100);
	strcpy(text, "<message><body>");
	memset(text + strlen(text), 'x', n);
	strcat(text, "</body></message>");
	const char *said = read_by(text, 4096);
	if (strncmp(said, "line 1, column ", 15) != 0)
		fail_msg("%s", said);
	mem_free(text);
}

TEST_MAIN(
	cmocka_unit_test(stanzas_come_one_after_another_with_any_space_between),
	cmocka_unit_test(the_place_of_a_fault_is_told),
	cmocka_unit_test(what_is_longer_than_a_stanza_may_be_is_refused))
