/* TLS of a SIP tool, client and server (RFC 5922). */
#include "cli/sip_agent_private.h"

/* Reading the system's authorities costs more than a ping: only who connects
 * by TLS does it. */
struct tls_config *sip_agent_tls_client(void *agent, struct err *e)
{
	struct sip_agent *a = agent;
	if (!a->tls_client)
		a->tls_client =
			run_tls_config(a->run, &a->account.tls, NULL, e);
	return a->tls_client;
}

bool sip_agent_open_tls_server(struct sip_agent *a, struct err *e)
{
	const struct tls_options *o = &a->account.tls;
	if (!o->cert)
		return true;
	struct tls_settings s = { .server = true,
		.ca_file = o->ca,
		.cert_file = o->cert,
		.key_file = o->key };
	a->tls_server = tls_config_new(&s, e);
	return a->tls_server != NULL;
}
