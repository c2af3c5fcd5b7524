/* sip_listen - where a tool that waits for requests is found
 *
 * At an address (--listen), or at a registrar (--register, or an account
 * without --listen): then it listens at any free port, is registered for as
 * long as it waits, and the `ready` record comes when the registrar has
 * answered.  By WebSocket, requests come by the connection of the
 * registration alone.
 *
 *	if (sip_listen_open(&l, &agent, &o->where, out, e))
 *		run_until(r, …sip_listen_has_failed(&l)…);
 *	sip_listen_leave(&l);
 *	sip_listen_close(&l);
 */
#ifndef CLI_SIP_LISTEN_H
#define CLI_SIP_LISTEN_H

#include "cli/sip_agent.h"
#include "sip/registration.h"

struct sip_listen_options {
	const char *listen; /* ADDR:PORT */
	bool registered;
};
/* Stands under the heading of the tool that uses it. */
extern const struct opt sip_listen_options[];

struct sip_listen {
	struct sip_agent *agent;
	struct out *records;
	struct sip_registration *registration; /* NULL: not registered */
	bool is_ready, has_left;
	struct err fault; /* set: the registrar will not have us */
};

/* Shall it be registered?  Then the agent needs an account. */
bool sip_listen_registers(const struct sip_listen_options *o,
	const struct sip_agent_options *agent);

/* records NULL: no `ready` record. */
bool sip_listen_open(struct sip_listen *l, struct sip_agent *a,
	const struct sip_listen_options *o, struct out *records, struct err *e);
/* Removes the binding, as a wait of the run: RUN_FAREWELL at most. */
void sip_listen_leave(struct sip_listen *l);
void sip_listen_close(struct sip_listen *l); /* also of all zeros */

/* Nobody reaches us there, nor will: e says why. */
bool sip_listen_has_failed(const struct sip_listen *l, struct err *e);

#endif
