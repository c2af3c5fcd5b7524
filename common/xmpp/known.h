/* known - what is known of an account's server from the last time
 *
 * Two kinds of knowledge.  What it offered, so that the next connection says
 * its first words without waiting to hear the same again (early data); a
 * wrong guess costs time and nothing else.  And what it proved, the pins: who
 * once authenticated by a strong mechanism or with channel binding is not to
 * be talked into a weaker one by somebody between.
 *
 * Kept per account and transport, since a server behind a proxy of WebSocket
 * has no channel binding where it has one by TCP.  All transports of an
 * account share one text, a line a fact:
 *
 *	samtal-xmpp 1
 *	starttls mechanisms SCRAM-SHA-1-PLUS SCRAM-SHA-1
 *	starttls bindings tls-exporter
 *	starttls sm
 *	starttls salt 256 10000 mMxDdTB4kl1mLpN0B0kFDg==
 *	starttls strength 256
 *	web url 1732312800 wss://im.example.org/ws
 *
 * The last one is of no transport but of the way to one: "web", and "via" where
 * there is a proxy.
 *
 * The text is one of our own, and still read as if somebody else had written
 * it: what is not understood is passed over.  xmpp/keep.h puts it in a file.
 */
#ifndef XMPP_KNOWN_H
#define XMPP_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "xmpp/features.h"
#include "xmpp/known_salt.h"
#include "xmpp/sasl.h"

#define XMPP_KNOWN_LIST_MAX 512 /* names with a blank between them */
#define XMPP_KNOWN_TEXT_MAX 16384
/* Seconds for which a server that stumbled over early data is spared it. */
#define XMPP_KNOWN_STUMBLED (14 * 86400)
/* … and for which the Web is tried first, where nothing else was reached. */
#define XMPP_KNOWN_WEB (1 * 86400)
#define XMPP_KNOWN_WEB_MAX 800

/* By value; no pointers. */
struct xmpp_known {
	/* ---- what was offered; "": not known ---- */
	char mechanisms[XMPP_KNOWN_LIST_MAX];
	char mechanisms2[XMPP_KNOWN_LIST_MAX]; /* of XEP-0388 */
	char fast[XMPP_KNOWN_LIST_MAX];        /* of XEP-0484 */
	char bindings[XMPP_KNOWN_LIST_MAX];    /* XEP-0440 */
	bool has_binding_list;
	bool bind; /* was there once authenticated, and no session with it */
	bool sm;
	bool resume;  /* with authentication, as XEP-0388 lets it */
	bool bind2;   /* XEP-0386, with stream management … */
	bool carbons; /* … and XEP-0280 */
	/* Of our account, and not of what was offered: its archive takes every
	 * message. */
	bool archive;
	uint64_t stumbled; /* when, seconds since 1970; 0: never */
	struct xmpp_known_salt salt;

	/* ---- the pins ---- */
	enum xmpp_sasl_strength strength; /* of the hash; ANY: none */
	bool bound;                       /* by the channel */
	bool proven;                      /* its offer, XEP-0474 */

	/* ---- the way, where it is by the Web ---- */
	char web[XMPP_KNOWN_WEB_MAX + 1]; /* a URL; "": none */
	uint64_t web_found;               /* when, seconds since 1970 */
};

/* Nothing where text has nothing of this transport. */
void xmpp_known_parse(
	struct xmpp_known *k, struct span text, const char *transport);
/* Appends text to out with the lines of this transport replaced by k. */
bool xmpp_known_replace(struct buf *out, struct span text,
	const char *transport, const struct xmpp_known *k);

bool xmpp_known_equal(const struct xmpp_known *a, const struct xmpp_known *b);

/* The offers are remembered: false, and forgotten, where they do not fit or
 * have names that are none. */
bool xmpp_known_set_offer(
	struct xmpp_known *k, const struct xmpp_features *features);
/* Views into k; what is not of SASL is false. */
void xmpp_known_offer(
	const struct xmpp_known *k, struct xmpp_features *features);

/* now: seconds since 1970. */
bool xmpp_known_has_stumbled(const struct xmpp_known *k, uint64_t now);
bool xmpp_known_has_web(const struct xmpp_known *k, uint64_t now);

#endif
