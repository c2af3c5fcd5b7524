/* sip_agent_private - what the files of cli/sip_agent share, and nobody else */
#ifndef CLI_SIP_AGENT_PRIVATE_H
#define CLI_SIP_AGENT_PRIVATE_H

#include "cli/sip_agent.h"

/* sip_agent_login.c: the account, and its password where one is known. */
bool sip_agent_log_in(struct sip_agent *a, const struct sip_agent_options *o,
	enum account_need need, struct err *e);

/* sip_agent_url.c: makes a URI of the URL of a WebSocket. */
bool sip_agent_take_url(struct sip_agent *a, struct err *e);

/* sip_agent_fields.c: what of the header fields an option says. */
bool sip_agent_set_fields(
	struct sip_agent *a, const struct sip_agent_options *o, struct err *e);
void sip_agent_clear_fields(struct sip_agent *a);

/* sip_agent_tls.c: the server's, where there is a certificate.  False: e. */
bool sip_agent_open_tls_server(struct sip_agent *a, struct err *e);

/* sip_agent_wire.c */
bool sip_agent_open_trace(struct sip_agent *a, const char *file, struct err *e);
void sip_agent_seen(void *agent, const struct sip_wire *w);

#endif
