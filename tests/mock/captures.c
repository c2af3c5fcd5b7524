/* captures - makes capture files for tests, and turns one into another
 *
 *	captures make >pcap
 *	captures wrap <payload >pcap
 *	captures turn KIND <capture >capture
 *	captures calls COUNT >pcap
 *
 * make writes what a SIP host sees: a call over UDP of IPv4 and one of IPv6,
 * two messages in a TCP segment and one over two, a large message, RTP, and
 * what is no SIP at all.  wrap writes one UDP datagram with that payload; calls
 * as many calls as were asked for, to measure with.  turn writes the IP packets
 * of a capture in another form; KIND is
 *	fragments     every packet in fragments of 256 octets, last one first
 *	ethernet vlan qinq sll sll2 raw null loop     of that link type
 *	swapped nano  pcap, big-endian; with nanoseconds
 *	pcapng        two interfaces of different types and resolutions
 *	sections      pcapng, a section a packet, of alternating byte order
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "capture/file.h"
#include "capture/link.h"
#include "tests/common/frames.h"

#define FILE_MAX ((size_t)256 * 1024 * 1024)
#define START (INT64_C(1763806530) * USEC_SEC)
#define PIECE 256
#define SDP                                                                    \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"     \
	"t=0 0\r\nm=audio 6000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n"

static int write_all(const struct buf *out)
{
	if (fwrite(out->data, 1, out->len, stdout) != out->len ||
		fflush(stdout) != 0) {
		perror("captures");
		return 8;
	}
	return 0;
}

/* ---- make ---- */

static void add(struct buf *file, struct span ip)
{
	static usec_t time = START;
	struct buf frame = BUF_INIT(70000);
	frames_add(&frame, FRAMES_ETHERNET, ip);
	frames_pcap_packet(file, false, false, time, buf_view(&frame));
	time += 1234;
	buf_clear(&frame);
}

static void add_udp(
	struct buf *file, const char *src, const char *dst, struct span payload)
{
	struct buf ip = BUF_INIT(70000);
	frames_udp(&ip, src, dst, payload);
	add(file, buf_view(&ip));
	buf_clear(&ip);
}

static void add_tcp(struct buf *file, const char *src, const char *dst,
	uint32_t sequence, struct span payload)
{
	struct buf ip = BUF_INIT(70000);
	frames_tcp(&ip, src, dst, sequence, payload);
	add(file, buf_view(&ip));
	buf_clear(&ip);
}

/* A message of the call with that Call-ID; start is its first line. */
static char *message(const char *start, const char *call_id, const char *cseq,
	const char *body)
{
	return mem_format("%s\r\n"
			  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-%s-%s\r\n"
			  "Max-Forwards: 70\r\n"
			  "From: \"Alice\" <sip:alice@example.org>;tag=a-%s\r\n"
			  "To: <sip:bob@example.org>%s\r\n"
			  "Call-ID: %s\r\n"
			  "CSeq: %s\r\n"
			  "Contact: <sip:alice@192.0.2.1>\r\n"
			  "%s"
			  "Content-Length: %zu\r\n\r\n%s",
		start, call_id, strchr(cseq, ' ') + 1, call_id,
		strncmp(start, "INVITE", 6) == 0 ? "" : ";tag=b", call_id, cseq,
		body[0] ? "Content-Type: text/plain\r\n" : "", strlen(body),
		body);
}

static void add_call(struct buf *file, const char *alice, const char *bob,
	const char *call_id, const char *body)
{
	static const struct {
		const char *start, *cseq;
		bool back;
	} flow[] = {
		{ "INVITE sip:bob@example.org SIP/2.0", "1 INVITE", false },
		{ "SIP/2.0 100 Trying", "1 INVITE", true },
		{ "SIP/2.0 180 Ringing", "1 INVITE", true },
		{ "SIP/2.0 200 OK", "1 INVITE", true },
		{ "ACK sip:bob@example.org SIP/2.0", "1 ACK", false },
		{ "BYE sip:alice@example.org SIP/2.0", "2 BYE", true },
		{ "SIP/2.0 200 OK", "2 BYE", false },
	};
	for (size_t i = 0; i < sizeof(flow) / sizeof(flow[0]); i++) {
		char *text = message(flow[i].start, call_id, flow[i].cseq,
			strstr(flow[i].cseq, "INVITE") ? body : "");
		add_udp(file, flow[i].back ? bob : alice,
			flow[i].back ? alice : bob, span_of(text));
		mem_free(text);
	}
}

static void add_streams(struct buf *file)
{
	const char *alice = "192.0.2.1:40000", *bob = "192.0.2.2:5060";
	char *one = message("MESSAGE sip:bob@example.org SIP/2.0", "tcp-1",
		"1 MESSAGE", "first");
	char *two = message("MESSAGE sip:bob@example.org SIP/2.0", "tcp-2",
		"1 MESSAGE", "second");
	char *both = mem_format("%s%s", one, two);
	struct span all = span_of(both);
	add_tcp(file, alice, bob, 1000, all);
	/* The same again, the second one cut in its middle. */
	size_t cut = strlen(one) + 50;
	add_tcp(file, alice, bob, 3000, span_first(all, cut));
	add_tcp(file, alice, bob, 3000 + (uint32_t)cut, span_skip(all, cut));
	mem_free(one);
	mem_free(two);
	mem_free(both);
}

static int make(void)
{
	struct buf file = BUF_INIT(FILE_MAX);
	static char large[5001];
	memset(large, 'x', sizeof(large) - 1);
	frames_pcap(&file, false, false, frames_link_type(FRAMES_ETHERNET));
	add_call(&file, "192.0.2.1:5060", "192.0.2.2:5060", "call-v4", "hi");
	add_call(&file, "[2001:db8::1]:5060", "[2001:db8::2]:5070", "call-v6",
		"hi");
	add_call(&file, "192.0.2.1:5060", "192.0.2.2:5060", "large", large);
	add_streams(&file);
	add_udp(&file, "192.0.2.1:6000", "192.0.2.2:6000",
		SPAN("\x80\0\0\1\0\0\0\xa0\1\2\3\4SIP/2.0 200 OK\r\n"));
	add_udp(&file, "192.0.2.1:5060", "192.0.2.2:5060", SPAN("\r\n\r\n"));
	add_udp(&file, "192.0.2.1:1900", "239.255.255.250:1900",
		SPAN("NOTIFY * HTTP/1.1\r\nHost: 239.255.255.250\r\n\r\n"));
	int status = write_all(&file);
	buf_clear(&file);
	return status;
}

/* Each call has other hosts; written piece by piece. */
static int calls(unsigned long count)
{
	struct buf file = BUF_INIT(1 << 20);
	int status = 0;
	frames_pcap(&file, false, false, frames_link_type(FRAMES_ETHERNET));
	for (unsigned long i = 0; i < count && status == 0; i++) {
		char *id = mem_format("call-%lu@192.0.2.1", i);
		char *alice =
			mem_format("10.0.%lu.%lu:5060", i >> 8 & 255, i & 255);
		add_call(&file, alice, "192.0.2.2:5060", id, SDP);
		mem_free(alice);
		mem_free(id);
		status = write_all(&file);
		buf_reset(&file);
	}
	buf_clear(&file);
	return status;
}

static int wrap(void)
{
	struct buf payload = BUF_INIT(70000), file = BUF_INIT(FILE_MAX);
	ssize_t n;
	while ((n = read(STDIN_FILENO, buf_reserve(&payload, 4096), 4096)) > 0)
		buf_added(&payload, (size_t)n);
	frames_pcap(&file, false, false, frames_link_type(FRAMES_ETHERNET));
	add_udp(&file, "192.0.2.1:5060", "192.0.2.2:5060", buf_view(&payload));
	int status = write_all(&file);
	buf_clear(&payload);
	buf_clear(&file);
	return status;
}

/* ---- turn ---- */

struct turn {
	const char *kind;
	enum frames_link link;
	bool big, nano, ng, sections, fragments;
};

static const struct turn turns[] = {
	{ "fragments", FRAMES_ETHERNET, .fragments = true },
	{ "ethernet", FRAMES_ETHERNET },
	{ "vlan", FRAMES_VLAN },
	{ "qinq", FRAMES_QINQ },
	{ "sll", FRAMES_SLL },
	{ "sll2", FRAMES_SLL2 },
	{ "raw", FRAMES_RAW },
	{ "null", FRAMES_NULL },
	{ "loop", FRAMES_LOOP },
	{ "swapped", FRAMES_ETHERNET, .big = true },
	{ "nano", FRAMES_ETHERNET, .nano = true },
	{ "pcapng", FRAMES_ETHERNET, .ng = true },
	{ "sections", FRAMES_ETHERNET, .ng = true, .sections = true },
};

/* The second interface is of SLL2 and counts in nanoseconds. */
static void begin_section(struct buf *out, bool big)
{
	frames_ng_section(out, big);
	frames_ng_interface(out, big, frames_link_type(FRAMES_ETHERNET), 6);
	frames_ng_interface(out, big, frames_link_type(FRAMES_SLL2), 9);
}

static void put_ng(
	struct buf *out, const struct turn *t, usec_t time, struct span ip)
{
	static unsigned count;
	bool second = count % 2, big = t->sections && count % 3 == 0;
	struct buf frame = BUF_INIT(2 * CAPTURE_PACKET_MAX);
	if (t->sections && count > 0)
		begin_section(out, big);
	frames_add(&frame, second ? FRAMES_SLL2 : FRAMES_ETHERNET, ip);
	frames_ng_packet(out, big, second, (uint64_t)time * (second ? 1000 : 1),
		buf_view(&frame));
	buf_clear(&frame);
	count++;
}

static void put(
	struct buf *out, const struct turn *t, usec_t time, struct span ip)
{
	if (t->ng) {
		put_ng(out, t, time, ip);
		return;
	}
	struct buf frame = BUF_INIT(2 * CAPTURE_PACKET_MAX);
	frames_add(&frame, t->link, ip);
	frames_pcap_packet(out, t->big, t->nano, time, buf_view(&frame));
	buf_clear(&frame);
}

static void put_fragments(
	struct buf *out, const struct turn *t, usec_t time, struct span ip)
{
	static uint32_t id;
	struct buf pieces[CAPTURE_PACKET_MAX / PIECE];
	size_t count = 0;
	id++;
	do
		buf_init(&pieces[count], 2 * PIECE);
	while (frames_fragment(&pieces[count], ip, PIECE, count, id) &&
		++count < CAPTURE_PACKET_MAX / PIECE - 1);
	while (count-- > 0) {
		put(out, t, time, buf_view(&pieces[count]));
		buf_clear(&pieces[count]);
	}
}

static void turn_all(struct buf *out, const struct turn *t, struct span input)
{
	struct capture_file f;
	struct capture_packet p;
	struct span ip;
	capture_file_init(&f);
	if (t->ng)
		begin_section(out, t->sections);
	else
		frames_pcap(out, t->big, t->nano, frames_link_type(t->link));
	while (capture_file_next(&f, &input, &p, NULL) == CAPTURE_PACKET) {
		if (capture_link_strip(p.link_type, p.bytes, &ip) !=
			CAPTURE_LINK_IS_IP)
			continue;
		if (t->fragments)
			put_fragments(out, t, p.time, ip);
		else
			put(out, t, p.time, ip);
	}
	capture_file_clear(&f);
}

static int turn(const struct turn *t)
{
	struct buf input = BUF_INIT(FILE_MAX), out = BUF_INIT(FILE_MAX);
	ssize_t n;
	while ((n = read(STDIN_FILENO, buf_reserve(&input, 65536), 65536)) > 0)
		buf_added(&input, (size_t)n);
	turn_all(&out, t, buf_view(&input));
	int status = write_all(&out);
	buf_clear(&input);
	buf_clear(&out);
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "make") == 0)
		return make();
	if (argc == 2 && strcmp(argv[1], "wrap") == 0)
		return wrap();
	if (argc == 3 && strcmp(argv[1], "calls") == 0)
		return calls(strtoul(argv[2], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "turn") == 0)
		for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++)
			if (strcmp(argv[2], turns[i].kind) == 0)
				return turn(&turns[i]);
	fputs("usage: captures make | wrap | turn KIND | calls COUNT\n",
		stderr);
	return 2;
}
