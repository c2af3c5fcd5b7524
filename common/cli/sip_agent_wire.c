/* What goes over the wire, for -vv and --trace. */
#include "capture/pcap.h"
#include "capture/wrap.h"
#include "cli/out.h"
#include "cli/sip_agent_private.h"

/* Lines whose values are secrets, or good for guessing one. */
static bool is_secret(struct span line)
{
	return span_starts_nocase(line, "Authorization") ||
	       span_starts_nocase(line, "Proxy-Authorization") ||
	       span_starts_nocase(line, "Authentication-Info") ||
	       span_starts_nocase(line, "Proxy-Authentication-Info") ||
	       span_starts(line, "a=crypto");
}

static void show(const struct sip_agent *a, const struct sip_wire *w)
{
	struct buf text = BUF_INIT(2 * SIP_MSG_MAX), title = BUF_INIT(256);
	struct span rest = w->bytes, line;
	char remote[ENDPOINT_TEXT_SIZE];
	bool more = true, hidden = false;
	while (more) {
		more = span_cut(&rest, '\n', &line);
		/* folded: RFC 3261 section 7.3.1 */
		if (hidden && line.n && (*line.p == ' ' || *line.p == '\t'))
			continue;
		hidden = is_secret(line);
		if (hidden) {
			span_cut(&line, ':', &line);
			buf_span(&text, line);
			buf_str(&text, ": (not shown)\r");
		} else {
			buf_span(&text, line);
		}
		if (more)
			buf_char(&text, '\n');
	}
	buf_printf(&title, "%s %s", w->outgoing ? "to" : "from",
		endpoint_format(remote, w->remote));
	run_wire(a->run, buf_text(&title), buf_view(&text));
	buf_clear(&text);
	buf_clear(&title);
}

/* A stream's messages are written as datagrams: what a reader wants to see is
 * where each begins.  A failure is found at the end of the run. */
static void write_trace(const struct sip_agent *a, const struct sip_wire *w)
{
	struct buf packet = BUF_INIT(CAPTURE_PACKET_MAX);
	struct buf record = BUF_INIT(2 * CAPTURE_PACKET_MAX);
	if (capture_wrap_udp(&packet, w->outgoing ? w->local : w->remote,
		    w->outgoing ? w->remote : w->local, w->bytes)) {
		capture_pcap_add(
			&record, &(struct capture_packet){
					 .time = w->wall,
					 .has_time = true,
					 .link_type = CAPTURE_LINK_RAW,
					 .length = (uint32_t)packet.len,
					 .bytes = buf_view(&packet),
				 });
		out_write(a->trace, buf_view(&record), NULL);
	}
	buf_clear(&packet);
	buf_clear(&record);
}

void sip_agent_seen(void *agent, const struct sip_wire *w)
{
	const struct sip_agent *a = agent;
	if (a->run->output.verbose > 1)
		show(a, w);
	if (a->trace)
		write_trace(a, w);
}

bool sip_agent_open_trace(struct sip_agent *a, const char *file, struct err *e)
{
	struct buf header = BUF_INIT(64);
	a->trace = run_output(a->run, file, e);
	bool good = a->trace &&
		    capture_pcap_add_header(&header, CAPTURE_LINK_RAW) &&
		    out_write(a->trace, buf_view(&header), e);
	buf_clear(&header);
	return good;
}
