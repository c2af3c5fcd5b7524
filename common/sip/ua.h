/* ua - what every SIP user agent does with what comes in, and how it sends
 *
 * RFC 3261 sections 8, 11 and 12.2.2; RFC 4475.  A request that nobody wants
 * gets its right answer here, so that every listening tool gives the same one
 * to the same message: malformed 400, 505, unknown scheme 416, unknown
 * extension 420, unknown method 501 and known but not served 405 (with Allow),
 * media type 415, no such dialog 481, merged 482, OPTIONS 200 with Allow,
 * Accept and Supported.
 *
 * One per identity, on the loop.  Freeing it, which is not for a handler, ends
 * all that was made on it (requests, sessions) without calling anybody.
 */
#ifndef SIP_UA_H
#define SIP_UA_H

#include "net/resolve.h"
#include "sip/check.h"
#include "sip/dialog.h"
#include "sip/redirects.h"
#include "sip/transaction.h"

struct sip_ua;

struct sip_ua_settings {
	struct loop *loop;
	struct resolver *resolver; /* NULL: numeric hosts only */
	enum resolve_family family;
	const char *user_agent; /* of User-Agent and Server; NULL: none */
	/* Option tags and media types understood, NULL at the end; NULL: none
	 * (of media types: any).  Borrowed. */
	const char *const *extensions;
	const char *const *media_types;
	const struct endpoint *advertise; /* copied; NULL: the route's */
	const char *const *connect_to;    /* see sip/locate.h; borrowed */
	const char *ws_path;              /* see sip/transport.h; copied */
	struct sip_tls tls;
	/* Of requests outside of dialogs (sip/compose.h); all NULL: none;
	 * borrowed. */
	const char *proxy;      /* a URI */
	const char *headers;    /* whole lines with CRLF */
	unsigned max_redirects; /* 3xx of a request that are followed */
	const char *contact; /* the value of every Contact, instead of ours */
	struct sip_login *login;  /* for challenges; NULL: none; borrowed */
	bool outbound;            /* as sip_ua_set_outbound */
	struct sip_timing timing; /* all 0: SIP_TIMING */
	size_t max_transactions;  /* 0: SIP_TRANSACTIONS_MAX */
};

struct sip_ua *sip_ua_new(const struct sip_ua_settings *s);
void sip_ua_free(struct sip_ua *ua); /* NULL is fine */

struct loop *sip_ua_loop(struct sip_ua *ua);
struct sip_transport *sip_ua_transport(struct sip_ua *ua);
struct sip_transactions *sip_ua_transactions(struct sip_ua *ua);
const struct sip_ua_settings *sip_ua_settings(const struct sip_ua *ua);
/* SIP_KIND of the transports it can send by. */
unsigned sip_ua_kinds(const struct sip_ua *ua);

/* UDP, and TCP on the same port (18.2.1); port 0: one that both have free. */
bool sip_ua_listen(struct sip_ua *ua, const struct endpoint *local,
	struct endpoint *bound, struct err *e);

/* The Service-Route of a 2xx to REGISTER (RFC 3608 section 6.1): from now on
 * requests outside of dialogs take that way, until the next call; without
 * one, none.  Its servers are trusted as the registrar is (sip/login.h).
 * False: it is malformed, and all stays as it was. */
bool sip_ua_set_service_route(
	struct sip_ua *ua, const struct sip_scan *response, struct err *e);

/* No service route any more: the registration it came with is over. */
void sip_ua_clear_service_route(struct sip_ua *ua);

/* RFC 5626 section 4.3: from now on the Contact of requests outside of dialogs
 * has "ob", so that an edge proxy sends what comes within the dialog by the flow
 * of the request, whatever address is in it; and Supported says so. */
void sip_ua_set_outbound(struct sip_ua *ua, bool outbound);

/* ---- requests that come --------------------------------------------------- */

/* A request outside of any dialog, sound and with a method that is served.
 * It must be answered: sip_ua_reply, or a session of its own. */
typedef void sip_ua_request(
	void *arg, struct sip_server *s, struct sip_scan *m);
void sip_ua_serve(struct sip_ua *ua, enum sip_method method,
	sip_ua_request *handler, void *arg);
/* A method that is served within dialogs only: it is in Allow, and outside of
 * one it gets 481. */
void sip_ua_serve_in_dialog(struct sip_ua *ua, enum sip_method method);

/* What a reply has beyond what it must have; all may be empty. */
struct sip_reply {
	struct span reason;
	struct span headers; /* whole lines with CRLF */
	struct span content_type, body;
	struct span contact; /* a whole value */
};

/* Answers a request: Via to CSeq, Server, the fields above, Allow where the
 * code or method wants it. */
bool sip_ua_reply(struct sip_ua *ua, struct sip_server *s, unsigned code,
	const struct sip_reply *reply, struct err *e);

/* Appends the fields Allow, Supported, Accept as this user agent has them. */
void sip_ua_add_allow(struct buf *out, const struct sip_ua *ua);
void sip_ua_add_supported(struct buf *out, const struct sip_ua *ua);
void sip_ua_add_accept(struct buf *out, const struct sip_ua *ua);
/* Appends the value of a Contact of ours, see sip_contact_format. */
void sip_ua_contact(struct buf *out, const struct sip_ua *ua,
	enum sip_transport_kind kind, const struct endpoint *local,
	struct span user, bool secure);
void sip_ua_add_contact(struct buf *out, const struct sip_ua *ua,
	enum sip_transport_kind kind, const struct endpoint *local,
	struct span user, bool secure);
/* User-Agent of a request, Server of a response. */
void sip_ua_add_name(
	struct buf *out, const struct sip_ua *ua, enum sip_hdr kind);

/* ---- dialogs ---------------------------------------------------------------- */

struct sip_dialog_handlers {
	/* A request within the dialog, in order and sound; must be answered. */
	void (*request)(void *arg, struct sip_dialog *d, struct sip_server *s,
		struct sip_scan *m);
	/* An ACK to a 2xx; may be NULL. */
	void (*ack)(void *arg, struct sip_dialog *d, struct sip_scan *m);
};

/* From now on requests within the dialog are handed over, until it is
 * removed.  False: there is one with this key already. */
bool sip_ua_add_dialog(struct sip_ua *ua, struct sip_dialog *d,
	const struct sip_dialog_handlers *handlers, void *arg);
void sip_ua_remove_dialog(struct sip_ua *ua, struct sip_dialog *d);
size_t sip_ua_dialogs(const struct sip_ua *ua);

/* A dialog that a NOTIFY may make (RFC 6665 section 4.4.1): what comes with
 * this Call-ID and To tag, whatever its From tag is, and is in no dialog. */
struct sip_ua_awaited {
	struct link link; /* link_init before the first use */
	struct span call_id, local_tag;
	sip_ua_request *handler; /* as of sip_ua_serve */
	void *arg;
};
void sip_ua_await(struct sip_ua *ua, struct sip_ua_awaited *a);
void sip_ua_forget_awaited(struct sip_ua_awaited *a); /* again is fine */

#endif
