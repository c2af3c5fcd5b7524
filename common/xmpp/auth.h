/* auth - which SASL mechanism, and its exchange (RFC 6120 section 6)
 *
 * The client's side.  Strongest first: SCRAM with channel binding, SHA-512,
 * SHA-256, SHA-1; the same without; PLAIN only where it was allowed and TLS
 * was verified.  The binding type is by XEP-0440's list; INTEROP: Prosody
 * 0.12 offers -PLUS on TLS 1.2 only, without a list, and means tls-unique.
 *
 * Choosing is a pure function of what is offered and what the connection can
 * do.  The exchange is bytes in, bytes out; wrapping them into elements is a
 * part of its own, since SASL2 (XEP-0388) wraps them differently.
 */
#ifndef XMPP_AUTH_H
#define XMPP_AUTH_H

#include "base/buf.h"
#include "xmpp/features.h"

/* What of this connection and this account counts for the choice. */
struct xmpp_auth_terms {
	unsigned usable; /* bits 1 << enum tls_binding that TLS can give */
	bool tls13;
	bool allow_plain;
	bool verified; /* TLS, and the certificate was checked */
};

struct xmpp_auth_choice {
	const char *mechanism; /* a string of ours */
	char flag; /* RFC 5802 section 7, gs2-cbind-flag: 'n', 'y', 'p' */
	enum tls_binding binding; /* where 'p' */
};

/* STATUS_AUTH and the sentence where nothing offered will do. */
bool xmpp_auth_choose(struct xmpp_auth_choice *choice,
	const struct xmpp_features *offer, const struct xmpp_auth_terms *terms,
	struct err *e);

struct xmpp_auth;

/* username and password are prepared and wiped here; binding is the data of
 * choice->binding. */
struct xmpp_auth *xmpp_auth_new(const struct xmpp_auth_choice *choice,
	struct span username, struct span password, struct span binding,
	struct err *e);
void xmpp_auth_free(struct xmpp_auth *a); /* NULL is fine */

/* <auth/> with the initial response. */
struct xmpp_stanza *xmpp_auth_begin(struct xmpp_auth *a, struct err *e);

enum xmpp_auth_step {
	XMPP_AUTH_GOES_ON, /* *answer is to be sent */
	XMPP_AUTH_DONE,    /* the server has proved itself too */
	XMPP_AUTH_FAILED,  /* e; *answer is <abort/> or NULL */
};

/* Takes <challenge/>, <success/>, <failure/> or what else came instead. */
enum xmpp_auth_step xmpp_auth_take(struct xmpp_auth *a,
	const struct xmpp_stanza *s, struct xmpp_stanza **answer,
	struct err *e);

#endif
