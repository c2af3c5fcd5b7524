/* sip_agent - the SIP user agent of a tool, by its options
 *
 * The account it acts for (samtal-accounts(5)), its password or HA1s for the
 * servers of that account, its TLS, which is set up when it is first needed,
 * and where it sends to.  Also its eyes: with -vv each message is shown on
 * stderr, without the secrets in it; --trace writes them to a capture file,
 * byte for byte.
 *
 * Without an account a tool is nobody in particular: anonymous, and without
 * an answer for who asks for a password.
 */
#ifndef CLI_SIP_AGENT_H
#define CLI_SIP_AGENT_H

#include "cli/account.h"
#include "cli/run.h"
#include "sip/login.h"
#include "sip/ua.h"

struct sip_agent_options {
	struct sip_account_options account;
	const char *local;     /* ADDR[:PORT], for those who only call */
	const char *advertise; /* ADDR[:PORT] */
	const char *transport; /* udp … wss; NULL: by account or URI */
	const char *trace;     /* a pcap file */
	const char *digest_order;
	const char *from, *to;  /* a URI, or a whole value without tag */
	const char *contact;    /* likewise */
	const char *user_agent; /* "": none is named */
	struct opt_list headers;
	bool follow;
	struct net_options net;
};
extern const struct opt sip_agent_options[];

struct sip_agent {
	struct run *run;
	const struct sip_agent_options *options; /* those of _open */
	struct sip_ua *ua;
	struct out *trace;      /* NULL: none */
	struct account account; /* address NULL: none */
	struct sip_login *login;
	const char *proxy; /* URI of the next hop; NULL: none */
	enum sip_transport_kind transport;
	char *ws_uri, *ws_path; /* of a proxy given as ws: or wss:; NULL */
	struct tls_config *tls_client, *tls_server; /* NULL: not yet */
	char *from, *to; /* values: by option or account; NULL: none */
	char *contact, *headers;
};

/* Fills in settings' loop, resolver, family, user_agent, advertise, login and
 * TLS.  Asks for the password where it is said where it is, or -a was given
 * and there is a terminal.  After false, as after all, sip_agent_close. */
bool sip_agent_open(struct sip_agent *a, struct run *r,
	const struct sip_agent_options *o, enum account_need need,
	struct sip_ua_settings *settings, struct err *e);
void sip_agent_close(struct sip_agent *a); /* also of all zeros */

/* Goes by WebSocket, where a caller is called by the connection it has made
 * and listens nowhere. */
bool sip_agent_is_web(const struct sip_agent *a);

/* Listens, by UDP and TCP, at ADDR[:PORT], or where it is NULL at `port` of
 * every address there is; at port 0 at a free one.  Where there is a
 * certificate (--cert), by TLS as well, at the port behind that one.  With
 * --transport ws or wss, by that and nothing else.  With records, a `ready`
 * one for each place. */
bool sip_agent_listen(struct sip_agent *a, const char *where, uint16_t port,
	struct out *records, struct err *e);

/* May a request be sent to it?  Not where it is no SIP URI, has what cannot be
 * part of a Request-URI (RFC 3261 section 19.1.1: headers, a method), or wants
 * a transport that is not there: STATUS_USAGE.  Where there is a password but
 * no account that says whose server it is for, it is for this one. */
bool sip_agent_check_uri(struct sip_agent *a, const char *uri, struct err *e);
/* The same of a URI that the user did not write, such as one of a record: the
 * password is never for its server. */
bool sip_agent_check_foreign_uri(
	const struct sip_agent *a, const char *uri, struct err *e);

/* From and To of the requests that it makes (sip/compose.h): of --from and --to,
 * else of the account, "<sip:100@pbx.example.org>", or empty.  Borrowed. */
struct span sip_agent_from(const struct sip_agent *a);
struct span sip_agent_to(const struct sip_agent *a);
/* The URI in that From; empty where there is none. */
struct span sip_agent_from_uri(const struct sip_agent *a);
/* The user part of the account's address, for a Contact; empty where there is
 * none.  Borrowed. */
struct span sip_agent_user(const struct sip_agent *a);

/* The TLS of a client by the options, made when it is first asked for: what
 * struct sip_tls calls.  The agent's. */
struct tls_config *sip_agent_tls_client(void *agent, struct err *e);

#endif
