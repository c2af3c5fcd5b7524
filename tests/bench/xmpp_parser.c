/* How fast stanzas are parsed to trees and formatted, on what is typical:
 * prints one line of figures per kind of stanza. */
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "xmpp/jid.h"
#include "xmpp/ns.h"
#include "xmpp/stanza.h"

#define HEAD                                                                   \
	"<stream:stream xmlns='jabber:client' "                                \
	"xmlns:stream='http://etherx.jabber.org/streams'>"
#define BYTES (64u << 20)

static const struct {
	const char *what, *text;
} kinds[] = {
	{ "chat message",
		"<message to='juliet@example.com/balcony' "
		"from='romeo@example.net/orchard' type='chat' "
		"id='c2VjcmV0LWlk' xml:lang='en'><body>Neither, fair saint, "
		"if either thee dislike.</body><thread>e0ffe42b28561960c6b"
		"12b944a092794b9683a38</thread><active xmlns='http://jabber."
		"org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'"
		"/><origin-id xmlns='urn:xmpp:sid:0' id='c2VjcmV0LWlk'/>"
		"<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@example.com' "
		"id='2026-11-22-0a1b2c3d4e5f'/></message>" },
	{ "presence",
		"<presence from='room@muc.example.com/nick' "
		"to='juliet@example.com/balcony'><show>away</show><c "
		"xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
		"node='https://example.com/client' "
		"ver='QgayPKawpkPSDYmwT/WM94uAlu0='/><x xmlns='http://jabber."
		"org/protocol/muc#user'><item affiliation='member' "
		"role='participant'/></x></presence>" },
	{ "acknowledgement", "<a xmlns='urn:xmpp:sm:3' h='4711'/>" },
};

struct work {
	size_t stanzas;
	struct buf out;
	bool format;
};

static void on_open(
	void *arg, const struct xml_element *header, const char *content_ns)
{
	(void)arg;
	(void)header;
	(void)content_ns;
}

static void on_stanza(void *arg, struct xml_element *stanza)
{
	struct work *work = arg;
	work->stanzas++;
	if (work->format) {
		buf_reset(&work->out);
		xmpp_stanza_format(&work->out, stanza, XMPP_NS_CLIENT, NULL);
	}
	xml_element_free(stanza);
}

static const struct xml_parser_handler handler = { .open = on_open,
	.stanza = on_stanza };

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* In reads of 16 KiB, as a connection has them. */
static void run(const char *what, const char *text, bool format)
{
	struct work work = { .out = BUF_INIT(XMPP_STANZA_MAX),
		.format = format };
	struct buf input = BUF_INIT(BYTES);
	struct xml_parser *p =
		xml_parser_new(XML_PARSER_STREAM, &handler, &work);
	buf_str(&input, HEAD);
	while (buf_str(&input, text))
		;
	double start = seconds();
	for (struct span at = buf_view(&input); at.n; at = span_skip(at, 16384))
		xml_parser_feed(p, span_first(at, 16384), NULL);
	double took = seconds() - start;
	printf("%-16s %s  %4.0f MB/s  %8.0f stanzas/s\n", what,
		format ? "to tree and back" : "to tree         ",
		(double)input.len / took / 1e6, (double)work.stanzas / took);
	xml_parser_free(p);
	buf_clear(&input);
	buf_clear(&work.out);
}

static void run_jids(const char *what, struct span text)
{
	const int count = 2000000;
	double start = seconds();
	for (int i = 0; i < count; i++) {
		struct xmpp_jid jid;
		xmpp_jid_parse(&jid, text, NULL);
		xmpp_jid_clear(&jid);
	}
	printf("%-16s %26.0f JIDs/s\n", what, count / (seconds() - start));
}

int main(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		run(kinds[i].what, kinds[i].text, false);
		run(kinds[i].what, kinds[i].text, true);
	}
	run_jids("ASCII JID", SPAN("romeo@example.net/orchard"));
	return 0;
}
