/* sasl - which mechanism, and the mechanisms of one message
 *
 * RFC 6120 section 6, RFC 5802 section 6, XEP-0440 (binding types offered),
 * XEP-0474 (proof that the offer was not changed).  SCRAM itself is in
 * xmpp/scram.h.
 */
#ifndef XMPP_SASL_H
#define XMPP_SASL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/span.h"
#include "xmpp/stanza.h"

/* Servers offer about ten mechanisms and three types. */
#define XMPP_SASL_OFFER_MAX 32

/* What a server offers; views into its features. */
struct xmpp_sasl_offer {
	struct span mechanisms[XMPP_SASL_OFFER_MAX];
	size_t mechanism_count;
	struct span bindings[XMPP_SASL_OFFER_MAX];
	size_t binding_count;
	bool has_binding_list; /* XEP-0440 was used, if only with an empty list */
	bool is_sasl2;         /* of XEP-0388 */
};

/* Reads <mechanisms/> (or, for sasl2, <authentication/> of XEP-0388) and
 * <sasl-channel-binding/>; what is beyond the maximum makes it fail.  No
 * mechanisms at all is an offer of none. */
bool xmpp_sasl_offer_parse(struct xmpp_sasl_offer *offer,
	const struct xml_element *features, bool sasl2, struct err *e);

/* The string whose hash XEP-0474 has the server sign. */
void xmpp_sasl_offer_string(
	const struct xmpp_sasl_offer *offer, struct buf *out);
/* The same as of version 0.3 of the XEP, sent as "d" by ejabberd. */
void xmpp_sasl_offer_string_old(
	const struct xmpp_sasl_offer *offer, struct buf *out);

/* A binding this connection can do: "tls-exporter" (RFC 9266), "tls-unique",
 * "tls-server-end-point" (RFC 5929). */
struct xmpp_sasl_binding {
	const char *type;
	struct span data;
};

enum xmpp_sasl_kind {
	XMPP_SASL_SCRAM,
	XMPP_SASL_PLAIN,
	XMPP_SASL_EXTERNAL,
	XMPP_SASL_ANONYMOUS,
	XMPP_SASL_HT, /* a token, chosen by xmpp/ht.h */
};

enum xmpp_sasl_strength {
	XMPP_SASL_ANY, /* PLAIN as well */
	XMPP_SASL_SHA1,
	XMPP_SASL_SHA256,
	XMPP_SASL_SHA512,
};

struct xmpp_sasl_policy {
	bool external;  /* there is a client certificate */
	bool anonymous; /* no account: ANONYMOUS and nothing else */
	bool no_password;
	bool allow_plain;
	bool tls_verified;              /* PLAIN needs it */
	enum xmpp_sasl_strength pinned; /* what was used before; no weaker */
	bool pinned_binding;            /* channel binding was used before */
	bool pinned_hash; /* a verified XEP-0474 hash was there before */
};

struct xmpp_sasl_choice {
	enum xmpp_sasl_kind kind;
	const char *mechanism; /* static */
	enum xmpp_sasl_strength strength;
	enum hash hash; /* of SCRAM */
	char flag;      /* of SCRAM, gs2-cbind-flag: n, y or p */
	const struct xmpp_sasl_binding *binding; /* with p; the caller's */
	bool need_hash; /* go on only where the server proves its offer */
};

/* bindings are those this connection can do, the strongest first.  Where no
 * mechanism will do, the sentence says why and e has STATUS_AUTH. */
bool xmpp_sasl_choose(struct xmpp_sasl_choice *choice,
	const struct xmpp_sasl_offer *offer,
	const struct xmpp_sasl_binding *bindings, size_t binding_count,
	const struct xmpp_sasl_policy *policy, struct err *e);

/* By name; false where it is no SCRAM we know. */
bool xmpp_sasl_scram_of(struct span mechanism, enum hash *hash, bool *plus);

/* Initial responses, not yet in base64 (RFC 4616; RFC 4422 appendix A; RFC
 * 4505).  out holds a secret after plain: buf_clear_wiped. */
bool xmpp_sasl_plain(struct buf *out, struct span authzid, struct span name,
	struct span password, struct err *e);
bool xmpp_sasl_external(struct buf *out, struct span authzid, struct err *e);
bool xmpp_sasl_anonymous(struct buf *out, struct span trace, struct err *e);

/* The server's side of PLAIN: views into message. */
bool xmpp_sasl_plain_parse(struct span message, struct span *authzid,
	struct span *name, struct span *password);

/* As XMPP carries them (RFC 6120 section 6.4.2): base64, or "=" where there
 * is a response and it is empty. */
bool xmpp_sasl_encode(struct buf *out, struct span message);
bool xmpp_sasl_decode(struct buf *out, struct span text);

#endif
