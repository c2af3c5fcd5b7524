/* Where a tool waits for requests, and how it says so. */
#include "cli/out.h"
#include "cli/record.h"
#include "cli/sip_agent_private.h"

static bool say_ready(struct sip_agent *a, struct out *records,
	const struct endpoint *bound, const char *transport, struct err *e)
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
	record_str(&record, KEY_TRANSPORT, transport);
	record_int(&record, KEY_SCHEMA, RECORD_SCHEMA);
	return record_end(&record, e);
}

/* 5061 behind 5060; any free one where any was wanted. */
static bool listen_tls(struct sip_agent *a, struct endpoint at, bool any_port,
	struct out *records, struct err *e)
{
	struct endpoint bound;
	uint16_t port = endpoint_port(&at);
	endpoint_set_port(
		&at, any_port || port == UINT16_MAX ? 0 : (uint16_t)(port + 1));
	return sip_transport_listen(sip_ua_transport(a->ua), SIP_TRANSPORT_TLS,
		       &at, &bound, e) &&
	       say_ready(a, records, &bound, "tls", e);
}

static bool listen_web(struct sip_agent *a, const struct endpoint *local,
	struct out *records, struct err *e)
{
	struct endpoint bound;
	return sip_transport_listen(sip_ua_transport(a->ua), a->transport,
		       local, &bound, e) &&
	       say_ready(a, records, &bound, sip_transport_param(a->transport),
		       e);
}

static bool listen_at(struct sip_agent *a, const struct endpoint *local,
	struct out *records, struct err *e)
{
	struct endpoint bound;
	if (a->transport == SIP_TRANSPORT_WS ||
		a->transport == SIP_TRANSPORT_WSS)
		return listen_web(a, local, records, e);
	bool any_port = endpoint_port(local) == 0;
	return sip_ua_listen(a->ua, local, &bound, e) &&
	       say_ready(a, records, &bound, "udp,tcp", e) &&
	       (!a->tls_server || listen_tls(a, bound, any_port, records, e));
}

/* One family may be missing on this machine, but not both. */
static bool listen_everywhere(
	struct sip_agent *a, uint16_t port, struct out *records, struct err *e)
{
	const struct net_options *net = &a->options->net;
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

bool sip_agent_listen(struct sip_agent *a, const char *where, uint16_t port,
	struct out *records, struct err *e)
{
	struct endpoint local;
	if (!where)
		return listen_everywhere(a, port, records, e);
	if (!endpoint_parse(&local, span_of(where), port, e)) {
		e->status = STATUS_USAGE;
		return false;
	}
	return listen_at(a, &local, records, e);
}
