/* xmpp_peer - a scripted XMPP server on a simulated network
 *
 * On its own it does what a good server does, up to a bound resource, and
 * then echoes nothing: stanzas that come are kept for the test to look at.
 * At each step the script may change what it says, add bytes to it in the same
 * write, say nothing, or hang up.  It speaks raw bytes, so that it can say what
 * no room of ours would.
 */
#ifndef TESTS_XMPP_PEER_H
#define TESTS_XMPP_PEER_H

#include "net/conn.h"
#include "net/sim.h"
#include "xml/parser.h"
#include "xmpp/scram.h"

/* What it answers to. */
enum peer_step {
	PEER_HEADER,      /* the first header: header and features */
	PEER_STARTTLS,    /* <starttls/>: <proceed/> */
	PEER_HANDSHAKE,   /* the bytes of TLS */
	PEER_HEADER_TLS,  /* the header over TLS: header and mechanisms */
	PEER_AUTH,        /* <auth/>: <challenge/> */
	PEER_RESPONSE,    /* <response/>: <success/> */
	PEER_HEADER_AUTH, /* the header after it: header, bind and sm */
	PEER_BIND,        /* the request to bind: its result */
	PEER_ENABLE,      /* <enable/>: <enabled/> */
	PEER_STANZA,      /* any stanza: nothing */
	PEER_REQUEST,     /* <r/>: <a/> with what came */
	PEER_CLOSE,       /* </stream:stream>: the same */
	PEER_STEPS
};

struct peer_line {
	const char *say;  /* instead; "" is silence; NULL: as it is */
	const char *also; /* behind it, in the same write */
	bool hang_up;     /* behind that */
};

struct peer {
	struct sim *sim;
	struct loop *loop;
	struct listener *listener;
	struct endpoint at;
	struct conn *conn; /* the last one */
	bool direct;       /* TLS from the start */
	struct peer_line lines[PEER_STEPS];
	const char *mechanisms; /* as elements; NULL: SHA-512 down to PLAIN */
	/* XEP-0474: the hash it signs is that of these; NULL: none. */
	const char *proves;
	const char *features;       /* beside the mechanisms */
	const char *features_bound; /* beside bind and sm */
	bool no_sm;
	bool slow; /* what comes with a header is not well-formed to it */
	const char *password;
	const char *salt; /* of SCRAM, for the account */

	/* what came */
	int connections, closes;
	unsigned came[PEER_STEPS]; /* how often each step was */
	uint32_t stanzas;          /* since <enable/> */
	struct buf heard;          /* all stanzas, as text */
	struct buf plain; /* all bytes of all writes, per write a '|' */
	struct err end;   /* of the last connection */
	char *mechanism;  /* of the last <auth/> */
	char *bound;      /* the last JID */

	struct tls_config *tls;
	struct xml_parser *parser;
	struct xmpp_scram_server *scram;
	enum hash hash;
	bool secure, authenticated, in_tls_step;
	size_t left;
	char *folder;
};

#define PEER_DOMAIN "our.example"
#define PEER_USER "me"
#define PEER_PASSWORD "pencil"

/* Listens at "192.0.2.7:5222"; certificate for these names, by an authority
 * whose file is peer_ca. */
void peer_init(struct peer *p, struct sim *sim, const char *at,
	const char *const *names, size_t count);
void peer_clear(struct peer *p);
const char *peer_ca(const struct peer *p);

/* Bytes out of turn. */
void peer_say(struct peer *p, const char *text);

#endif
