/* registration - an address of record at its registrar, and how it stays there
 *
 * RFC 3261 section 10.2, with 423 and Min-Expires (10.2.8), the expiry that
 * was granted, Path and Service-Route (RFC 3327, RFC 3608), an instance and
 * its GRUUs (RFC 5627), a reg-id (RFC 5626 section 4.2).  Requests go out one
 * after the other, with one Call-ID and a growing CSeq.
 *
 * Where a registrar says that it keeps the flow of a reg-id (Require: outbound),
 * the flow is kept alive (sip/keepalive.h), refreshes go by it, and the user
 * agent's requests ask to be called back by it (sip_ua_set_outbound).  Where the
 * first hop lacks support for it (439), it is registered without (4.2.1).
 *
 * With `keep` a registration is refreshed before it expires; where that fails,
 * and where the connection it was made by is lost, it is tried again after
 * growing, randomly shortened waits (RFC 5626 section 4.5) until it is there
 * again; a flow that was good until it failed is replaced at once.  A refusal
 * that another try would get as well ends it.
 *
 * The handler is called for everything that is known of it, never from within
 * a call of these functions, and may call all of them but
 * sip_registration_free.
 */
#ifndef SIP_REGISTRATION_H
#define SIP_REGISTRATION_H

#include "sip/binding.h"
#include "sip/request.h"

struct sip_ua;
struct sip_registration;

/* RFC 5626 section 4.5: twice this is the longest that the first failure has to
 * wait, each further one doubles it, up to a limit. */
#define SIP_REGISTRATION_RETRY (30 * USEC_SEC)
#define SIP_REGISTRATION_RETRY_OTHERS (90 * USEC_SEC) /* where others are up */
#define SIP_REGISTRATION_RETRY_MAX (1800 * USEC_SEC)

/* A Retry-After is believed up to here. */
#define SIP_REGISTRATION_RETRY_AFTER_MAX (86400 * USEC_SEC)

struct sip_registration_settings {
	struct sip_ua *ua;
	struct span aor;       /* a URI: From and To */
	struct span registrar; /* a URI; empty: the domain of aor */
	struct span user;      /* of our Contact */
	enum sip_transport_kind kind;
	uint32_t expires;     /* asked for; 0: SIP_BINDING_EXPIRES */
	struct span instance; /* "urn:uuid:…"; empty: none, and no GRUU */
	uint32_t reg_id;      /* RFC 5626, of this flow; 0: none */
	/* How many of the flows of this instance are up, counted by all their
	 * registrations; NULL: this is the only one. */
	unsigned *flows;
	usec_t patience; /* for each answer; 0: Timer F */
	bool keep;
};

enum sip_registration_what {
	SIP_REGISTRATION_DONE,     /* registered, also again */
	SIP_REGISTRATION_BINDINGS, /* the answer to a query */
	SIP_REGISTRATION_REMOVED,
	SIP_REGISTRATION_FAILED,
};

struct sip_registration_event {
	enum sip_registration_what what;
	struct sip_scan *m; /* the response: its bindings; NULL: none came */
	bool has_own;       /* own: our binding */
	struct sip_binding own;
	uint32_t granted;    /* of DONE: seconds */
	bool is_outbound;    /* of DONE: the registrar keeps the flow */
	bool no_outbound;    /* of DONE: the first hop cannot (439) */
	const struct err *e; /* of FAILED */
	usec_t again; /* of DONE and FAILED: until the next try; 0: none */
};
typedef void sip_registration_told(
	void *arg, const struct sip_registration_event *event);

/* The spans are copied.  NULL and e: aor or registrar is no SIP URI. */
struct sip_registration *sip_registration_new(
	const struct sip_registration_settings *s, sip_registration_told *told,
	void *arg, struct err *e);
/* Without a word to the registrar.  NULL is fine. */
void sip_registration_free(struct sip_registration *r);

/* Each waits for the answer to the one before it; what waits already is
 * replaced.  start: registers, and with `keep` goes on to do so. */
void sip_registration_start(struct sip_registration *r);
void sip_registration_query(struct sip_registration *r);
/* Our own binding, that of a URI, or with "*" all (10.2.2); ends keeping. */
void sip_registration_stop(struct sip_registration *r);
void sip_registration_remove(struct sip_registration *r, struct span uri);

bool sip_registration_is_there(const struct sip_registration *r);

#endif
