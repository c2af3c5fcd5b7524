/* registration_private - what the files of sip/registration share, and nobody else */
#ifndef SIP_REGISTRATION_PRIVATE_H
#define SIP_REGISTRATION_PRIVATE_H

#include "sip/keepalive.h"
#include "sip/registration.h"
#include "sip/ua.h"

#define CALL_ID_LENGTH 24
#define TAG_LENGTH 12

enum operation { NOTHING, REGISTER, QUERY, REMOVE };

struct sip_registration {
	struct sip_registration_settings s;
	sip_registration_told *told;
	void *arg;
	char *aor, *registrar, *user, *instance;
	char call_id[CALL_ID_LENGTH + 1], tag[TAG_LENGTH + 1];
	uint32_t cseq, expires;
	enum operation now, next;
	char *uri, *next_uri; /* of REMOVE; NULL: our own; "*": all */
	char *own;            /* the Contact value we have registered */
	struct sip_request *request;
	struct sip_flow_user flow;       /* by which requests come back to us */
	struct sip_keepalive *keepalive; /* NULL: it needs none */
	struct timer *timer;             /* the next refresh or try */
	unsigned failures, briefs;
	bool is_there, keeping;
	bool is_again;    /* the same at once, but for what was changed */
	bool no_outbound; /* the first hop does not know it (439) */
	char *name;       /* of the target of the last request; or NULL */
	usec_t held_at;   /* since when there is `flow` */
	bool came_back;   /* Retry-After: 0 was taken at its word */
	struct sip_registration_event event; /* of the present request */
	struct err failure;
};

/* registration.c: what it asks next; waits for the answer to what it has asked */
void sip_registration_begin(
	struct sip_registration *r, enum operation what, struct span uri);

void sip_registration_set_there(struct sip_registration *r, bool there);
/* The one that is used; 0: none. */
uint32_t sip_registration_reg_id(const struct sip_registration *r);

/* registration_compose.c: as of sip/request.h */
bool sip_registration_compose(void *arg, struct buf *out,
	const struct sip_target *target, const struct endpoint *local,
	struct err *e);

/* registration_reply.c: likewise */
void sip_registration_response(void *arg, struct sip_scan *m);
void sip_registration_ended(void *arg, const struct err *e);
/* How long to wait after a failure (RFC 5626 section 4.5). */
usec_t sip_registration_retry_after(const struct sip_registration *r);

/* registration_flow.c: the connection by which requests come back */
/* Of a 2xx to what was registered; true: the registrar keeps the flow. */
bool sip_registration_hold_flow(
	struct sip_registration *r, const struct sip_scan *m);
void sip_registration_drop_flow(struct sip_registration *r);

#endif
