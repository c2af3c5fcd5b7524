/* request_private - what the files of sip/request share, and nobody else */
#ifndef SIP_REQUEST_PRIVATE_H
#define SIP_REQUEST_PRIVATE_H

#include "sip/race.h"
#include "sip/redirects.h"
#include "sip/request.h"
#include "sip/ua_private.h"

struct sip_request {
	struct sip_ua_child child;
	struct sip_ua *ua;
	const struct sip_request_handlers *handlers;
	void *arg;
	struct sip_locate *locate;
	struct sip_race *race; /* or */
	struct sip_client *client;
	struct timer *timer; /* the share of a target, or `failure` */
	struct err failure;  /* set: to be told by the timer */
	usec_t patience;     /* as it was given, for the sentence */
	usec_t deadline;     /* USEC_NEVER: the transactions' own */
	bool is_invite, is_cancelled, is_answered;
	bool is_shortcut;      /* by a flow; next_hop is not located yet */
	bool goes_on;          /* a 503: to the next target */
	bool is_again;         /* a challenge: to the same target */
	const char *elsewhere; /* a 3xx: there, of `redirects`; NULL: no */
	unsigned max_redirects;
	struct sip_redirects redirects;
	char *request_uri; /* as it was composed, or where a 3xx led to */
	enum sip_transport_kind kind;
	char *next_hop;
	uint32_t *cseq;
	struct sip_login *login; /* NULL: nobody gets an answer */
	struct sip_login_tries tries;
	bool is_theirs;
	char *sent; /* the present try, where it is asked for; or NULL */
	size_t sent_len;
	struct err denied; /* why a challenge was not answered */
	struct sip_target targets[SIP_TARGETS_MAX];
	char *names[SIP_TARGETS_MAX];
	size_t count, next;
};

/* The target of the present try. */
const struct sip_target *sip_request_present(const struct sip_request *r);

/* request.c: the last word to the TU, and that there is one to say (`failure`) */
void sip_request_end(struct sip_request *r, const struct err *e);
void sip_request_end_soon(struct sip_request *r);

/* request_place.c */
/* Ends in sip_request_try_next. */
void sip_request_locate(struct sip_request *r);
/* The share of all racers is over. */
void sip_request_stop_race(struct sip_request *r);
void sip_request_forget_targets(struct sip_request *r);

/* request_try.c */
bool sip_request_has_next(const struct sip_request *r); /* a target */
void sip_request_try_next(struct sip_request *r, const struct err *last);
/* True: r->elsewhere is another URI to try. */
bool sip_request_next_elsewhere(struct sip_request *r);
void sip_request_try_elsewhere(struct sip_request *r);

/* request_login.c */
/* Puts the credentials into it; false and e where it gets too large. */
bool sip_request_sign(struct sip_request *r, struct buf *text, struct err *e);
/* What a response means for the login: is_again, where the request goes again.
 * False: it is a 2xx that cannot be believed, `denied` says why. */
bool sip_request_judge(struct sip_request *r, const struct sip_scan *response);

#endif
