#include "net/ws_handshake.h"

#include "base/base64.h"
#include "base/hash.h"
#include "base/rand.h"
#include "base/utf8.h"

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* section 1.3 */
#define SHOWN_MAX 100 /* bytes of a peer's words in a sentence */

void ws_key_make(char key[static WS_KEY_LENGTH + 1])
{
	unsigned char nonce[16];
	struct buf text = BUF_INIT(WS_KEY_LENGTH);
	rand_bytes(nonce, sizeof(nonce));
	base64_add(&text, span_from((const char *)nonce, sizeof(nonce)));
	span_copy(key, WS_KEY_LENGTH + 1, buf_view(&text));
	buf_clear(&text);
}

/* Section 4.2.2, step 5.4 */
static void add_accept(struct buf *out, struct span key)
{
	unsigned char hash[HASH_MAX];
	const struct span parts[] = { key, SPAN(GUID) };
	hash_parts(HASH_SHA1, parts, 2, hash);
	base64_add(out, span_from((const char *)hash, hash_size(HASH_SHA1)));
}

/* ---- the client ---- */

static bool is_visible(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

bool ws_request_format(struct buf *out, const struct ws_terms *t,
	const char *key, struct err *e)
{
	const char *path = t->path ? t->path : "/";
	if (!http_head_is_path(span_of(path)))
		return err_set(e, STATUS_USAGE,
			"\"%s\" is no path of a URL: blanks and the like are "
			"written as %%20",
			path);
	if (!is_visible(t->host) || (t->origin && !is_visible(t->origin)))
		return err_set(e, STATUS_USAGE,
			"host and origin of a URL are ASCII without blanks");
	buf_printf(out, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, t->host);
	buf_str(out, "Upgrade: websocket\r\nConnection: Upgrade\r\n");
	buf_printf(out, "Sec-WebSocket-Key: %s\r\n", key);
	buf_str(out, "Sec-WebSocket-Version: 13\r\n");
	buf_printf(out, "Sec-WebSocket-Protocol: %s\r\n", t->protocol);
	if (t->origin)
		buf_printf(out, "Origin: %s\r\n", t->origin);
	return buf_str(out, "\r\n") ||
	       err_set(e, STATUS_USAGE, "the URL is too long");
}

static bool refuse_status(const struct http_head *h, struct err *e)
{
	char reason[SHOWN_MAX];
	utf8_printable_to(reason, sizeof(reason), h->reason);
	err_set(e, STATUS_REFUSED, "answers %u%s%s and opens no WebSocket",
		h->status, *reason ? " " : "", reason);
	/* 408, 429, 500, 502, 503, 504: RFC 9110 section 15 */
	e->retryable = h->status == 408 || h->status == 429 || h->status >= 500;
	e->code = h->status;
	return false;
}

static bool is_accept_of(struct span value, const char *key)
{
	struct buf want = BUF_INIT(64);
	add_accept(&want, span_of(key));
	bool same = span_equal(buf_view(&want), value);
	buf_clear(&want);
	return same;
}

bool ws_response_check(const struct http_head *h, const struct ws_terms *t,
	const char *key, struct err *e)
{
	struct span value;
	if (h->status != 101)
		return refuse_status(h, e);
	if (!http_head_find(h, "Upgrade", &value) ||
		!span_is_nocase(value, "websocket") ||
		!http_head_has_word(h, "Connection", "upgrade"))
		return err_set(e, STATUS_MALFORMED,
			"switches to something that is no WebSocket");
	if (!http_head_find(h, "Sec-WebSocket-Accept", &value) ||
		!is_accept_of(value, key))
		return err_set(e, STATUS_MALFORMED,
			"its Sec-WebSocket-Accept does not answer our key");
	if (http_head_count(h, "Sec-WebSocket-Extensions"))
		return err_set(e, STATUS_MALFORMED,
			"uses an extension of WebSocket that nobody asked for");
	if (!http_head_find(h, "Sec-WebSocket-Protocol", &value) ||
		!span_is(value, t->protocol))
		return err_set(e, STATUS_REFUSED,
			"does not speak \"%s\" over WebSocket", t->protocol);
	return true;
}

/* ---- the server ---- */

static bool refuse(struct err *e, int code, const char *sentence)
{
	err_set(e, STATUS_MALFORMED, "%s", sentence);
	e->code = code;
	return false;
}

static bool is_key(struct span value)
{
	struct buf nonce = BUF_INIT(64);
	bool good = base64_decode(&nonce, value) && nonce.len == 16;
	buf_clear(&nonce);
	return good;
}

/* The query is no part of what is compared. */
static bool is_path(struct span target, const char *path)
{
	struct span found;
	span_cut(&target, '?', &found);
	return !path || span_is(found, path);
}

bool ws_request_check(
	const struct http_head *h, const struct ws_terms *t, struct err *e)
{
	struct span value;
	if (!span_is(h->method, "GET"))
		return refuse(e, 405, "a method of HTTP that is not GET");
	if (!http_head_find(h, "Host", &value))
		return refuse(e, 400, "a request without a Host");
	if (!http_head_is_path(h->target) || !is_path(h->target, t->path))
		return refuse(e, 404, "a path where nothing is");
	if (!http_head_has_word(h, "Upgrade", "websocket") ||
		!http_head_has_word(h, "Connection", "upgrade"))
		return refuse(e, 426, "HTTP that wants no WebSocket");
	if (!http_head_find(h, "Sec-WebSocket-Version", &value) ||
		!span_is(value, "13"))
		return refuse(e, 426, "another version of WebSocket");
	if (!http_head_find(h, "Sec-WebSocket-Key", &value) || !is_key(value))
		return refuse(e, 400, "no good Sec-WebSocket-Key");
	if (t->origin && http_head_count(h, "Origin") &&
		!(http_head_find(h, "Origin", &value) &&
			span_is_nocase(value, t->origin)))
		return refuse(e, 403, "a page of another origin");
	if (!http_head_has_exact_word(h, "Sec-WebSocket-Protocol", t->protocol))
		return refuse(e, 400, "another subprotocol of WebSocket");
	return true;
}

bool ws_response_format(
	struct buf *out, const struct http_head *request, const char *protocol)
{
	struct span key = SPAN_EMPTY;
	http_head_find(request, "Sec-WebSocket-Key", &key);
	buf_str(out, "HTTP/1.1 101 Switching Protocols\r\n"
		     "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		     "Sec-WebSocket-Accept: ");
	add_accept(out, key);
	return buf_printf(
		out, "\r\nSec-WebSocket-Protocol: %s\r\n\r\n", protocol);
}

static const char *reason_of(int status)
{
	switch (status) {
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 426:
		return "Upgrade Required";
	case 431:
		return "Request Header Fields Too Large";
	default:
		return "Bad Request";
	}
}

bool ws_refusal_format(struct buf *out, int status)
{
	buf_printf(out, "HTTP/1.1 %d %s\r\n", status, reason_of(status));
	if (status == 405)
		buf_str(out, "Allow: GET\r\n");
	if (status == 426) /* section 4.4; RFC 9110 section 15.5.22 */
		buf_str(out, "Upgrade: websocket\r\n"
			     "Sec-WebSocket-Version: 13\r\n");
	return buf_str(out, "Connection: close\r\nContent-Length: 0\r\n\r\n");
}
