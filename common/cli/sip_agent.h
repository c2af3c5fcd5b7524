/* sip_agent - the SIP user agent of a tool, by its options
 *
 * Also its eyes: with -vv each message is shown on stderr, without the
 * secrets in it; --trace writes them to a capture file, byte for byte.
 */
#ifndef CLI_SIP_AGENT_H
#define CLI_SIP_AGENT_H

#include "cli/run.h"
#include "sip/ua.h"

struct sip_agent_options {
	const char *local;     /* ADDR[:PORT], for those who only call */
	const char *advertise; /* ADDR[:PORT] */
	const char *transport; /* udp, tcp; NULL: by the URI */
	const char *proxy;     /* URI of the next hop */
	const char *trace;     /* a pcap file */
};
extern const struct opt sip_agent_options[];

struct sip_agent {
	struct run *run;
	struct sip_ua *ua;
	struct out *trace; /* NULL: none */
};

/* Fills in settings' loop, resolver, family, user_agent and advertise.  After
 * false, as after all, sip_agent_close. */
bool sip_agent_open(struct sip_agent *a, struct run *r,
	const struct sip_agent_options *o, const struct net_options *net,
	struct sip_ua_settings *settings, struct err *e);
void sip_agent_close(struct sip_agent *a);

/* Listens, by UDP and TCP, at ADDR[:PORT], or where it is NULL at `port` of
 * every address there is; at port 0 at a free one.  With records, a `ready`
 * one for each place. */
bool sip_agent_listen(struct sip_agent *a, const char *where, uint16_t port,
	const struct net_options *net, struct out *records, struct err *e);

enum sip_transport_kind sip_agent_transport(const struct sip_agent_options *o);

/* May a request be sent to it?  Not where it is no SIP URI, has what cannot be
 * part of a Request-URI (RFC 3261 section 19.1.1: headers, a method), or wants
 * a transport that is not there: STATUS_USAGE. */
bool sip_agent_check_uri(
	const struct sip_agent_options *o, const char *uri, struct err *e);

#endif
