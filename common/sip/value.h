/* value - the value of a header field, piece by piece
 *
 * RFC 3261 sections 7.3.1 and 25.1: comma separated values, parameters,
 * tokens, quoted strings.  White space is SP, HTAB and the CRLF of a folded
 * line.  Nothing is copied; nothing is changed but *rest.
 */
#ifndef SIP_VALUE_H
#define SIP_VALUE_H

#include <stdbool.h>

#include "base/span.h"

#define SIP_VALUES_MAX 256 /* comma separated values in a header field */
#define SIP_PARAMS_MAX 64  /* parameters of a value */

/* Takes the next comma separated value from *rest, trimmed; commas inside
 * quotes and <> do not separate.  False at the end, where rest->p is NULL,
 * and where a quote or bracket stays open, with *rest as it was.  "a,"
 * is two values, the second empty, as is "" one. */
bool sip_value_next(struct span *rest, struct span *value);

/* One parameter: ";name", ";name=value" or ";name = "quoted value"". */
struct sip_param {
	struct span name;
	struct span value; /* a quoted one with its quotes */
	bool has_value;
};

/* Takes the next parameter from *rest, which is empty or begins with ';' (or
 * white space in front of it).  False at the end, and with *rest not empty
 * where it is malformed. */
bool sip_param_next(struct span *rest, struct sip_param *param);

/* The parameter of that name (any case); false where there is none, or the
 * list is malformed in front of it or has more than SIP_PARAMS_MAX. */
bool sip_param_find(
	struct span params, const char *name, struct sip_param *param);

/* Names seen so far, to refuse a second one; none where zeroed.  Costs the
 * same for each, however many there are. */
struct sip_names {
	/* In URIs "%6Cr" is "lr" (RFC 3261 section 19.1.4); the names in them
	 * have only whole escapes. */
	bool escaped;
	unsigned count;
	struct span slots[2 * SIP_PARAMS_MAX]; /* private */
};
/* False where the name (any case, not empty) was there, or SIP_PARAMS_MAX. */
bool sip_names_add(struct sip_names *names, struct span name);

/* Is the list well-formed, within the limit, and without one twice? */
bool sip_params_are_valid(struct span params);

bool sip_is_token(struct span s);
/* May it stand behind a colon or an equals sign: no CR, LF or NUL? */
bool sip_is_one_line(struct span s);
bool sip_is_quoted(struct span s); /* whole, and well-formed */
/* What is between the quotes, still escaped; any other text as it is. */
struct span sip_unquote(struct span s);

#endif
