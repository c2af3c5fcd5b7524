/* xmpp_login - from a tool's options to a client that is online
 *
 * What every XMPP tool does first and last: the account, its password, the
 * connection by the run's deadline, -v and -vv; and the farewell.
 *
 *	struct xmpp_login login = XMPP_LOGIN_NONE;
 *	if (xmpp_login_open(&login, r, &t->login, &handlers, t, e) &&
 *		xmpp_login_wait(&login, e))
 *		…
 *	xmpp_login_close(&login);
 */
#ifndef CLI_XMPP_LOGIN_H
#define CLI_XMPP_LOGIN_H

#include "cli/account.h"
#include "xmpp/client.h"

struct xmpp_login_options {
	struct xmpp_account_options account;
	struct net_options net;
	bool unauthenticated; /* the tool's: no password; see xmpp/stream.h */
	const char *url;      /* wss://HOST/PATH, https://HOST/PATH */
	const char *via, *via_login; /* a proxy */
	bool websocket, bosh;        /* found by host-meta */
	bool no_fallback; /* to either, where nothing else is reached */
	bool direct_tls, allow_plain, no_tokens, unpin, no_reconnect;
	usec_t reconnect; /* 0: as it is unless told */
};
extern const struct opt xmpp_login_options[];

struct xmpp_login {
	struct run *run;
	struct account account;
	struct xmpp_jid jid;
	struct xmpp_client *client;
	const char *name; /* of the account, for records; NULL: none */
};

#define XMPP_LOGIN_NONE ((struct xmpp_login){ 0 })

/* Connecting has begun; what is given to the client goes out when it is
 * online.  The run's deadline must be set. */
bool xmpp_login_open(struct xmpp_login *l, struct run *r,
	const struct xmpp_login_options *o,
	const struct xmpp_client_handlers *handlers, void *arg, struct err *e);

/* Until online.  False: it ended (e), or the run does (e, where the deadline
 * was it; untouched after a signal). */
bool xmpp_login_wait(struct xmpp_login *l, struct err *e);

/* Says farewell and waits for that of the server, while the handlers still get
 * what comes. */
void xmpp_login_leave(struct xmpp_login *l);

/* The same, and frees everything; also of a login that was never opened. */
void xmpp_login_close(struct xmpp_login *l);

/* An address a person has given: STATUS_USAGE where it is none. */
bool xmpp_login_parse_jid(
	struct xmpp_jid *jid, const char *text, struct err *e);

#endif
