/* account - who we are and where we connect: options over the accounts file
 *
 * ~/.config/samtal/accounts (XDG_CONFIG_HOME) is an INI file by inih, one
 * section a person, which may hold a JID and a SIP URI side by side;
 * samtal-accounts(5) has its keys.  It is refused when it is not ours or when
 * group or others may read it.  A key that begins with xmpp- or sip- holds
 * for that protocol and hides the bare one.
 *
 * -a NAME takes that section; --jid (--uri) alone reads no file; neither
 * takes the section "default", or the only one there is for this protocol,
 * or, for XMPP and where no accounts file is, ~/.sendxmpprc.  What options
 * say comes before what the file says.
 */
#ifndef CLI_ACCOUNT_H
#define CLI_ACCOUNT_H

#include "cli/run.h"
#include "cli/secret.h"

struct xmpp_account_options {
	const char *account, *jid, *server;
	struct secret_options secret;
	struct tls_options tls;
};
/* -a --jid --server, the password's and the TLS group */
extern const struct opt xmpp_account_options[];

struct sip_account_options {
	const char *account, *uri, *username, *proxy;
	struct secret_options secret;
	struct tls_options tls;
};
/* -a --uri --username --proxy, the password's and the TLS group */
extern const struct opt sip_account_options[];

struct account_file;

struct account {
	const char *name;    /* of its section; "" where it has none */
	const char *address; /* the JID or SIP URI, not yet looked at */
	const char *server;  /* HOST[:PORT] to connect to instead; or NULL */
	const char *proxy;   /* or NULL */
	const char
		*username; /* to authenticate as, where it differs; or NULL */
	const char *transport; /* SIP: udp tcp tls ws wss; or NULL */
	const char *registrar; /* SIP: a URI, or NULL: the address's domain */
	const char *realm;     /* SIP: that the password is for; or NULL */
	const char *also;      /* SIP: sections for other realms; or NULL */
	const char *ha1_md5, *ha1_sha256, *ha1_sha512_256; /* SIP; or NULL */
	const char *resource;                              /* XMPP: or NULL */
	struct secret_options secret;
	struct tls_options tls;
	char *password; /* a ~/.sendxmpprc has it in clear; or NULL */
	struct account_file *file; /* private: owns the file's strings */
};

enum account_need {
	ACCOUNT_NEEDED,   /* no address is STATUS_USAGE */
	ACCOUNT_OPTIONAL, /* no address and no -a: address is NULL */
};

/* The strings of o are borrowed; false leaves nothing to clear. */
bool account_open_xmpp(
	struct account *a, const struct xmpp_account_options *o, struct err *e);
bool account_open_sip(struct account *a, const struct sip_account_options *o,
	enum account_need need, struct err *e);
/* The section of that name, for the sake of its realm, username and secret: it
 * needs no address. */
bool account_open_secret(struct account *a, const char *name, struct err *e);
void account_clear(struct account *a);

/* Is it said where the password is?  Else account_password asks for it. */
bool account_has_password(const struct account *a);

/* The password, by secret_read where the account does not have it; to
 * mem_free_wiped. */
char *account_password(struct run *r, const struct account *a, struct err *e);

#endif
