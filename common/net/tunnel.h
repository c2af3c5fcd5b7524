/* tunnel - through a proxy: SOCKS5 (RFC 1928, 1929) and CONNECT of HTTP (RFC
 * 9110 section 9.3.6)
 *
 * What is said to a proxy before a connection through it stands; net/conn does
 * the saying.  The far side is named and not looked up here: the proxy knows
 * names that we may not.  Pure: bytes
 * in, bytes out.
 */
#ifndef NET_TUNNEL_H
#define NET_TUNNEL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define TUNNEL_OUT_MAX 2048  /* bytes one step writes at most */
#define TUNNEL_LOGIN_MAX 255 /* RFC 1929 section 2: of a user, of a password */

enum tunnel_kind {
	TUNNEL_SOCKS5,
	TUNNEL_HTTP,
};

struct tunnel_settings {
	enum tunnel_kind kind;
	const char *host; /* a name in ASCII or an address, without brackets */
	uint16_t port;
	const char *user, *password; /* NULL: none */
};

enum tunnel_state {
	TUNNEL_MORE, /* write what is in out, read more */
	TUNNEL_OPEN, /* what is left of `in` is the far side's */
	TUNNEL_FAILED,
};

struct tunnel;
struct tunnel *tunnel_new(const struct tunnel_settings *s); /* copies */
void tunnel_free(struct tunnel *t); /* wipes; NULL is fine */

/* One step: takes what is the proxy's off the front of `in`, appends to `out`
 * what to tell it; the first step begins.  FAILED: e; STATUS_AUTH where the
 * login is wrong or missing, STATUS_REFUSED or STATUS_UNREACHABLE by what it
 * says of the far side. */
enum tunnel_state tunnel_step(
	struct tunnel *t, struct buf *in, struct buf *out, struct err *e);

/* What it means that a proxy of HTTP answers so, other than with 2xx. */
enum status tunnel_status(unsigned answer);

#endif
