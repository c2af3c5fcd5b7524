#include "net/tunnel.h"

#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/endpoint.h"
#include "net/http_head.h"

enum { VERSION = 5, CONNECT = 1, V4 = 1, NAME = 3, V6 = 4 };
enum { NO_LOGIN = 0, BY_PASSWORD = 2, NO_METHOD = 0xff };

struct tunnel {
	struct tunnel_settings s; /* strings owned */
	enum tunnel_state (*next)(struct tunnel *t, struct buf *in,
		struct buf *out, struct err *e);
};

typedef enum tunnel_state step(
	struct tunnel *t, struct buf *in, struct buf *out, struct err *e);

static enum tunnel_state fail(
	struct err *e, enum status status, const char *sentence, bool retryable)
{
	err_set(e, status, "the proxy %s", sentence);
	e->retryable = retryable;
	return TUNNEL_FAILED;
}

/* ---- SOCKS5 ---- */

static unsigned byte_at(const struct buf *in, size_t i)
{
	return (unsigned char)in->data[i];
}

static void add_text(struct buf *out, const char *text)
{
	struct span s = span_first(span_of(text), TUNNEL_LOGIN_MAX);
	buf_char(out, (char)s.n);
	buf_span(out, s);
}

/* RFC 1928 section 6 */
static enum tunnel_state explain_reply(unsigned reply, struct err *e)
{
	switch (reply) {
	case 2:
		return fail(e, STATUS_REFUSED, "does not allow this connection",
			false);
	case 3:
		return fail(e, STATUS_UNREACHABLE,
			"has no route to that network", true);
	case 4:
		return fail(e, STATUS_UNREACHABLE, "does not reach that host",
			true);
	case 5:
		return fail(
			e, STATUS_UNREACHABLE, "finds that port closed", true);
	default:
		return fail(e, STATUS_UNREACHABLE,
			"could not make the connection", true);
	}
}

static enum tunnel_state take_reply(
	struct tunnel *t, struct buf *in, struct buf *out, struct err *e)
{
	(void)t;
	(void)out;
	if (in->len < 2)
		return TUNNEL_MORE;
	if (byte_at(in, 0) != VERSION)
		return fail(
			e, STATUS_MALFORMED, "does not speak SOCKS5", false);
	if (byte_at(in, 1) != 0)
		return explain_reply(byte_at(in, 1), e);
	if (in->len < 5)
		return TUNNEL_MORE;
	size_t length = byte_at(in, 3) == V4   ? 4
			: byte_at(in, 3) == V6 ? 16
					       : 1 + byte_at(in, 4);
	if (byte_at(in, 3) != V4 && byte_at(in, 3) != V6 &&
		byte_at(in, 3) != NAME)
		return fail(
			e, STATUS_MALFORMED, "does not speak SOCKS5", false);
	/* The address it has bound, and its port: of no use to anybody. */
	if (in->len < 4 + length + 2)
		return TUNNEL_MORE;
	buf_consume(in, 4 + length + 2);
	return TUNNEL_OPEN;
}

static enum tunnel_state ask_for_connection(struct tunnel *t, struct buf *out)
{
	struct endpoint numeric;
	buf_add(out, (const char[]){ VERSION, CONNECT, 0 }, 3);
	if (!endpoint_parse_address(&numeric, span_of(t->s.host))) {
		buf_char(out, NAME);
		add_text(out, t->s.host);
	} else if (endpoint_family(&numeric) == AF_INET6) {
		buf_char(out, V6);
		buf_add(out, &numeric.v6.sin6_addr, 16);
	} else {
		buf_char(out, V4);
		buf_add(out, &numeric.v4.sin_addr, 4);
	}
	buf_char(out, (char)(t->s.port >> 8));
	buf_char(out, (char)(t->s.port & 0xff));
	t->next = take_reply;
	return TUNNEL_MORE;
}

/* RFC 1929 section 2 */
static enum tunnel_state take_login(
	struct tunnel *t, struct buf *in, struct buf *out, struct err *e)
{
	if (in->len < 2)
		return TUNNEL_MORE;
	if (byte_at(in, 1) != 0)
		return fail(e, STATUS_AUTH, "refuses our login", false);
	buf_consume(in, 2);
	return ask_for_connection(t, out);
}

static enum tunnel_state take_method(
	struct tunnel *t, struct buf *in, struct buf *out, struct err *e)
{
	if (in->len < 2)
		return TUNNEL_MORE;
	unsigned version = byte_at(in, 0), method = byte_at(in, 1);
	if (version != VERSION)
		return fail(
			e, STATUS_MALFORMED, "does not speak SOCKS5", false);
	buf_consume(in, 2);
	if (method == NO_LOGIN)
		return ask_for_connection(t, out);
	if (method == BY_PASSWORD && t->s.user) {
		buf_char(out, 1);
		add_text(out, t->s.user);
		add_text(out, t->s.password);
		t->next = take_login;
		return TUNNEL_MORE;
	}
	return fail(e, STATUS_AUTH,
		method == NO_METHOD ? "wants another login than we have"
				    : "wants a login that nobody offered",
		false);
}

static enum tunnel_state begin_socks(
	struct tunnel *t, struct buf *in, struct buf *out, struct err *e)
{
	(void)in;
	(void)e;
	if (t->s.user)
		buf_add(out,
			(const char[]){ VERSION, 2, NO_LOGIN, BY_PASSWORD }, 4);
	else
		buf_add(out, (const char[]){ VERSION, 1, NO_LOGIN }, 3);
	t->next = take_method;
	return TUNNEL_MORE;
}

/* ---- HTTP ---- */

enum status tunnel_status(unsigned answer)
{
	if (answer == 407)
		return STATUS_AUTH;
	return answer >= 500 ? STATUS_UNREACHABLE : STATUS_REFUSED;
}

static enum tunnel_state take_answer(
	struct tunnel *t, struct buf *in, struct buf *out, struct err *e)
{
	struct http_head head;
	(void)t;
	(void)out;
	switch (http_head_parse_response(&head, buf_view(in), e)) {
	case HTTP_HEAD_MORE:
		return TUNNEL_MORE;
	case HTTP_HEAD_BAD:
		err_prefix(e, "the proxy");
		return TUNNEL_FAILED;
	case HTTP_HEAD_DONE:
		break;
	}
	if (head.status >= 200 && head.status < 300) {
		buf_consume(in, head.length);
		return TUNNEL_OPEN;
	}
	char reason[100];
	utf8_printable_to(reason, sizeof(reason), head.reason);
	err_set(e, tunnel_status(head.status), "the proxy answers %u%s%s",
		head.status, *reason ? " " : "", reason);
	e->retryable = head.status >= 500;
	return TUNNEL_FAILED;
}

static enum tunnel_state begin_http(
	struct tunnel *t, struct buf *in, struct buf *out, struct err *e)
{
	bool is_v6 = strchr(t->s.host, ':') != NULL;
	const char *open = is_v6 ? "[" : "", *close = is_v6 ? "]" : "";
	(void)in;
	(void)e;
	for (int i = 0; i < 2; i++)
		buf_printf(out, "%s%s%s%s:%u%s", i ? "Host: " : "CONNECT ",
			open, t->s.host, close, t->s.port,
			i ? "\r\n" : " HTTP/1.1\r\n");
	if (t->s.user) { /* RFC 7617 */
		struct buf login = BUF_INIT(2 * TUNNEL_LOGIN_MAX + 2);
		buf_printf(&login, "%s:%s", t->s.user, t->s.password);
		buf_str(out, "Proxy-Authorization: Basic ");
		base64_add(out, buf_view(&login));
		buf_str(out, "\r\n");
		buf_clear_wiped(&login);
	}
	buf_str(out, "\r\n");
	t->next = take_answer;
	return TUNNEL_MORE;
}

/* ---- both ---- */

struct tunnel *tunnel_new(const struct tunnel_settings *s)
{
	struct tunnel *t = mem_alloc(sizeof(*t));
	t->s = (struct tunnel_settings){ .kind = s->kind,
		.port = s->port,
		.host = mem_str(s->host),
		.user = mem_str(s->user),
		.password = mem_str(s->password ? s->password : "") };
	t->next = s->kind == TUNNEL_SOCKS5 ? begin_socks : begin_http;
	return t;
}

void tunnel_free(struct tunnel *t)
{
	if (!t)
		return;
	mem_free((char *)t->s.host);
	mem_free((char *)t->s.user);
	mem_free_wiped((char *)t->s.password);
	mem_free(t);
}

enum tunnel_state tunnel_step(
	struct tunnel *t, struct buf *in, struct buf *out, struct err *e)
{
	enum tunnel_state state;
	step *before;
	do {
		before = t->next;
		state = t->next(t, in, out, e);
	} while (state == TUNNEL_MORE && t->next != before && in->len);
	return state;
}
