#include "cli/sip_agent.h"

#include <string.h>

#include "capture/pcap.h"
#include "capture/wrap.h"
#include "cli/out.h"
#include "cli/record.h"

#define NAME_AND_VERSION "samtal/" SAMTAL_VERSION

static const char *const transports[] = { "udp", "tcp", NULL };

const struct opt sip_agent_options[] = {
	{ OPT_GROUP, .help = "SIP" },
	{ OPT_ENDPOINT, 0, "local", "ADDR[:PORT]",
		"the address to send from and to listen at",
		.offset = offsetof(struct sip_agent_options, local) },
	{ OPT_ENDPOINT, 0, "advertise", "ADDR[:PORT]",
		"the address to name in messages, as behind a NAT",
		.offset = offsetof(struct sip_agent_options, advertise) },
	{ OPT_WORD, 0, "transport", "PROTOCOL", "udp or tcp",
		.offset = offsetof(struct sip_agent_options, transport),
		.words = transports },
	{ OPT_SIP_URI, 0, "proxy", "URI", "send there first",
		.offset = offsetof(struct sip_agent_options, proxy) },
	{ OPT_FILE, 0, "trace", "FILE",
		"write all SIP messages to a capture file (pcap)",
		.offset = offsetof(struct sip_agent_options, trace) },
	{ OPT_END },
};

enum sip_transport_kind sip_agent_transport(const struct sip_agent_options *o)
{
	if (!o->transport)
		return SIP_TRANSPORT_NONE;
	return strcmp(o->transport, "tcp") == 0 ? SIP_TRANSPORT_TCP
						: SIP_TRANSPORT_UDP;
}

static bool check_transport(const struct sip_uri *u, struct err *e)
{
	struct span name;
	if (u->kind == SIP_SCHEME_SIPS)
		return err_set(e, STATUS_USAGE,
			"SIP over TLS is not there yet, which sips: wants");
	if (!sip_uri_param(u, "transport", &name) ||
		span_is_nocase(name, "udp") || span_is_nocase(name, "tcp"))
		return true;
	return err_set(e, STATUS_USAGE,
		"SIP over \"%.*s\" is not there yet, only udp and tcp",
		SPAN_ARGS(name));
}

bool sip_agent_check_uri(
	const struct sip_agent_options *o, const char *uri, struct err *e)
{
	struct sip_uri u;
	struct span method;
	bool good = sip_uri_parse(&u, span_of(uri), e);
	if (good && u.kind != SIP_SCHEME_SIP && u.kind != SIP_SCHEME_SIPS)
		good = err_set(e, STATUS_USAGE,
			"only sip: URIs can be reached, not %.*s:",
			SPAN_ARGS(u.scheme));
	if (good && (u.headers.n || sip_uri_param(&u, "method", &method)))
		good = err_set(e, STATUS_USAGE,
			"header fields and methods in a URI are not there yet");
	/* Through a proxy, it is the proxy that must know. */
	if (good && !o->proxy)
		good = check_transport(&u, e);
	if (good)
		return true;
	e->status = STATUS_USAGE;
	err_prefix(e, "%s", uri);
	return false;
}

/* ---- what is on the wire ---- */

/* Lines whose values are secrets, or good for guessing one. */
static bool is_secret(struct span line)
{
	return span_starts_nocase(line, "Authorization") ||
	       span_starts_nocase(line, "Proxy-Authorization") ||
	       span_starts(line, "a=crypto");
}

static void show(const struct sip_agent *a, const struct sip_wire *w)
{
	struct buf text = BUF_INIT(2 * SIP_MSG_MAX), title = BUF_INIT(256);
	struct span rest = w->bytes, line;
	char remote[ENDPOINT_TEXT_SIZE];
	bool more = true;
	while (more) {
		more = span_cut(&rest, '\n', &line);
		if (is_secret(line)) {
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
		capture_pcap_add(&record,
			&(struct capture_packet){
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

static void seen(void *arg, const struct sip_wire *w)
{
	const struct sip_agent *a = arg;
	if (a->run->output.verbose > 1)
		show(a, w);
	if (a->trace)
		write_trace(a, w);
}

static bool open_trace(struct sip_agent *a, const char *file, struct err *e)
{
	struct buf header = BUF_INIT(64);
	a->trace = run_output(a->run, file, e);
	bool good = a->trace &&
		    capture_pcap_add_header(&header, CAPTURE_LINK_RAW) &&
		    out_write(a->trace, buf_view(&header), e);
	buf_clear(&header);
	return good;
}

/* ---- listening ---- */

static bool say_ready(struct sip_agent *a, struct out *records,
	const struct endpoint *bound, struct err *e)
{
	struct record record;
	char address[ENDPOINT_TEXT_SIZE];
	if (!records)
		return true;
	record_begin(&record, records, RECORD_READY, RECORD_SIP,
		loop_wall(a->run->loop));
	record_str(&record, KEY_ADDRESS,
		endpoint_format_address(address, bound, false));
	record_int(&record, KEY_PORT, endpoint_port(bound));
	record_str(&record, KEY_TRANSPORT, "udp,tcp");
	record_int(&record, KEY_SCHEMA, RECORD_SCHEMA);
	return record_end(&record, e);
}

static bool listen_at(struct sip_agent *a,
	const struct endpoint *local, struct out *records, struct err *e)
{
	struct endpoint bound;
	return sip_ua_listen(a->ua, local, &bound, e) &&
	       say_ready(a, records, &bound, e);
}

/* One family may be missing on this machine, but not both. */
static bool listen_everywhere(struct sip_agent *a, uint16_t port,
	const struct net_options *net, struct out *records, struct err *e)
{
	struct endpoint any;
	bool v4 = false, v6 = false;
	if (!net->v6) {
		endpoint_parse(&any, SPAN("0.0.0.0"), port, NULL);
		v4 = listen_at(a, &any, records, e);
	}
	if (!net->v4) {
		struct err fault = ERR_NONE;
		endpoint_parse(&any, SPAN("[::]"), port, NULL);
		v6 = listen_at(a, &any, records, &fault);
		if (v6)
			err_clear(e);
		else if (!v4)
			*e = fault;
	}
	return v4 || v6;
}

bool sip_agent_listen(struct sip_agent *a, const char *where,
	uint16_t port, const struct net_options *net, struct out *records,
	struct err *e)
{
	struct endpoint local;
	if (!where)
		return listen_everywhere(a, port, net, records, e);
	if (!endpoint_parse(&local, span_of(where), port, e)) {
		e->status = STATUS_USAGE;
		return false;
	}
	return listen_at(a, &local, records, e);
}

/* ---- the agent ---- */

bool sip_agent_open(struct sip_agent *a, struct run *r,
	const struct sip_agent_options *o, const struct net_options *net,
	struct sip_ua_settings *settings, struct err *e)
{
	struct endpoint advertise;
	struct sip_agent_options direct = { .proxy = NULL };
	*a = (struct sip_agent){ .run = r };
	if (o->proxy && !sip_agent_check_uri(&direct, o->proxy, e)) {
		err_prefix(e, "--proxy");
		return false;
	}
	if (o->advertise &&
		!endpoint_parse(&advertise, span_of(o->advertise), 0, e)) {
		err_prefix(e, "--advertise");
		e->status = STATUS_USAGE;
		return false;
	}
	settings->loop = r->loop;
	settings->resolver = run_resolver(r, net, e);
	if (!settings->resolver || (o->trace && !open_trace(a, o->trace, e)))
		return false;
	settings->family = net->v4   ? RESOLVE_V4
			   : net->v6 ? RESOLVE_V6
				     : RESOLVE_ANY;
	settings->user_agent = NAME_AND_VERSION;
	settings->connect_to = net->connect_to.items;
	settings->advertise = o->advertise ? &advertise : NULL;
	a->ua = sip_ua_new(settings);
	sip_transport_set_trace(sip_ua_transport(a->ua), seen, a);
	return true;
}

void sip_agent_close(struct sip_agent *a)
{
	sip_ua_free(a->ua);
	a->ua = NULL;
}
