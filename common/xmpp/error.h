/* error - stanza errors, stream errors and SASL failures, in one table each
 *
 * RFC 6120 sections 8.3 (stanza errors), 4.9 (stream errors) and 6.5 (SASL).
 * A condition is its element name, a string of the table; one the table does
 * not know is undefined-condition, as the RFC says.
 */
#ifndef XMPP_ERROR_H
#define XMPP_ERROR_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"
#include "xmpp/stanza.h"

/* RFC 6120 section 8.3.2 */
enum xmpp_error_type {
	XMPP_ERROR_AUTH,
	XMPP_ERROR_CANCEL,
	XMPP_ERROR_CONTINUE,
	XMPP_ERROR_MODIFY,
	XMPP_ERROR_WAIT,
};

enum xmpp_error_kind {
	XMPP_ERROR_STANZA,
	XMPP_ERROR_STREAM,
	XMPP_ERROR_SASL,
};

/* A row of the tables. */
struct xmpp_condition {
	const char *name;
	const char *text;          /* for a person */
	enum xmpp_error_type type; /* of stanza errors: the one recommended */
	bool retryable;            /* the same may succeed later */
	enum status status;        /* for the exit status */
};

/* The row of that name, else that of undefined-condition (of
 * not-authorized in SASL).  NULL is no name. */
const struct xmpp_condition *xmpp_condition_get(
	enum xmpp_error_kind kind, const char *name);

/* An error as it was received; pointers into the stanza. */
struct xmpp_error {
	enum xmpp_error_kind kind;
	enum xmpp_error_type type;
	const struct xmpp_condition *condition;
	struct span text; /* of the peer; empty where it gave none */
	struct span uri;  /* in gone, redirect; the host of see-other-host */
	const char *by;   /* NULL: not said */
	/* the application-specific condition, or NULL */
	const struct xml_element *application;
};

/* Of a stanza of type error, a stream error or a SASL failure; false where s
 * is none of them.  A stanza error without a condition is
 * undefined-condition. */
bool xmpp_error_parse(struct xmpp_error *error, const struct xml_element *s);

/* Returns false with a sentence: "not found (item-not-found): <their text>". */
bool xmpp_error_to_err(const struct xmpp_error *error, struct err *e);

/* Appends <error/> to s, of the type the table has; text and by may be NULL. */
struct xml_element *xmpp_error_add(struct xml_element *s, const char *condition,
	const char *text, const char *by);

/* The answer of type error to s, which the caller must not send to a stanza
 * that is an error itself (RFC 6120 section 8.3.1). */
struct xml_element *xmpp_error_reply(
	const struct xml_element *s, const char *condition, const char *text);

/* <stream:error/>; text may be NULL. */
struct xml_element *xmpp_error_stream(const char *condition, const char *text);
/* <failure/> of SASL; text may be NULL. */
struct xml_element *xmpp_error_sasl(const char *condition, const char *text);

#endif
