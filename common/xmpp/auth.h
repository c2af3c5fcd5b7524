/* auth - a client proves who it is (RFC 6120 section 6)
 *
 * Joins what the server offers and what the connection can bind to
 * (xmpp/sasl.h chooses) with the exchange (xmpp/scram.h, xmpp/ht.h) and wraps
 * its bytes into the elements of section 6.4 or, on an offer of SASL2, of
 * XEP-0388.
 */
#ifndef XMPP_AUTH_H
#define XMPP_AUTH_H

#include "net/tls.h"
#include "xmpp/sasl.h"

struct xmpp_auth;
struct xmpp_salted;

struct xmpp_auth_setup {
	const struct xmpp_sasl_offer *offer; /* borrowed until begin returned */
	const struct tls *tls; /* for the binding; NULL: there is none */
	struct xmpp_sasl_policy policy;
	struct span username, password; /* not yet prepared; copied */
	struct xmpp_salted **salted;    /* as in xmpp/scram.h; may be NULL */
	/* Instead of a password, with one of xmpp/ht.h (XEP-0484); empty: none.
	 * Copied. */
	struct span token_mechanism, token;
};

/* NULL and STATUS_AUTH where nothing that is offered will do. */
struct xmpp_auth *xmpp_auth_new(
	const struct xmpp_auth_setup *setup, struct err *e);
void xmpp_auth_free(struct xmpp_auth *a); /* NULL is fine */

/* By a token: whether its mechanism is offered is not looked at. */
bool xmpp_auth_is_token(const struct xmpp_auth *a);
bool xmpp_auth_is_sasl2(const struct xmpp_auth *a);
/* The token to ask for, one of those offered; empty: none. */
struct span xmpp_auth_choose_token(const struct xmpp_auth *a,
	const struct span *offered, size_t count, bool unbound);

const char *xmpp_auth_mechanism(const struct xmpp_auth *a);
/* "tls-exporter" …; NULL: not bound to the channel. */
const char *xmpp_auth_binding(const struct xmpp_auth *a);

enum xmpp_sasl_strength xmpp_auth_strength(const struct xmpp_auth *a);
/* Once done: the server has proved its offer (XEP-0474). */
bool xmpp_auth_is_offer_proven(const struct xmpp_auth *a);

/* It was begun on an offer of another day, and today's is there now: from here
 * on that one counts.  *stands: what was begun is what would be begun on it.
 * False and e: nothing of today's will do. */
bool xmpp_auth_confirm(struct xmpp_auth *a, const struct xmpp_sasl_offer *offer,
	bool *stands, struct err *e);

/* <auth/>, or <authenticate/> to be added to, with the initial response; NULL
 * and e. */
struct xml_element *xmpp_auth_begin(struct xmpp_auth *a, struct err *e);

enum xmpp_auth_step {
	XMPP_AUTH_GOES_ON, /* *answer is to be sent */
	XMPP_AUTH_DONE,    /* the server has proved itself too */
	XMPP_AUTH_FAILED,  /* e; *answer is <abort/>, or NULL */
};

/* Takes <challenge/>, <success/>, <failure/>, or what came instead. */
enum xmpp_auth_step xmpp_auth_take(struct xmpp_auth *a,
	const struct xml_element *s, struct xml_element **answer,
	struct err *e);

#endif
