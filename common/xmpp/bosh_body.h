/* bosh_body - the <body/> that wraps what goes over BOSH
 *
 * XEP-0124 sections 7 to 17 and XEP-0206: its attributes, in requests and in
 * answers, and what its conditions mean.  Pure.
 */
#ifndef XMPP_BOSH_BODY_H
#define XMPP_BOSH_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "xmpp/stanza.h"

#define XMPP_BOSH_TYPE "text/xml; charset=utf-8"
#define XMPP_BOSH_RID_MAX (((uint64_t)1 << 53) - 1)
/* Bytes of the attributes of a request, the longest session ID among them. */
#define XMPP_BOSH_TAG_MAX 8192
#define XMPP_BOSH_SID_MAX 1024

/* ---- what is asked ---- */

struct xmpp_bosh_request {
	uint64_t rid;
	struct span sid; /* empty: it asks for a session */
	/* A stream begins, with the session or anew (restart). */
	bool opens;
	struct span to, from, lang; /* of that stream; empty: not said */
	unsigned wait;              /* seconds; of the first request */
	bool terminates;
	struct span payload; /* whole elements, each with its namespace */
};

/* False: it does not fit into the buf. */
bool xmpp_bosh_request_format(
	struct buf *out, const struct xmpp_bosh_request *r);

/* ---- what is answered ---- */

enum xmpp_bosh_type {
	XMPP_BOSH_PLAIN,
	XMPP_BOSH_ERROR, /* recoverable: the request is to be repeated */
	XMPP_BOSH_TERMINATE,
};

/* Views into the root. */
struct xmpp_bosh_answer {
	enum xmpp_bosh_type type;
	struct span sid, from, condition;
	uint32_t wait, requests, polling; /* 0: not said */
};

void xmpp_bosh_answer_parse(
	struct xmpp_bosh_answer *a, const struct xml_element *root);

/* Section 17.2: why the session was ended; e stays ERR_NONE without a
 * condition.  Retryable where another session may fare better. */
void xmpp_bosh_condition_to_err(struct span condition, struct err *e);

#endif
