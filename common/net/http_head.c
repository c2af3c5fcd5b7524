#include "net/http_head.h"

#include <string.h>

/* RFC 9110 section 5.6.2 */
static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token_char(s.p[i]))
			return false;
	return s.n > 0;
}

/* RFC 9110 section 5.5: visible characters, blanks, and bytes of old. */
static bool is_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

bool http_head_is_path(struct span path)
{
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] <= ' ' || path.p[i] > '~' || path.p[i] == '#')
			return false;
	return span_starts(path, "/");
}

static struct span trim_blanks(struct span s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = span_skip(s, 1);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool is_http_1_1(struct span version)
{
	return span_is(version, "HTTP/1.1");
}

static bool parse_request_line(struct http_head *h, struct span line)
{
	return span_cut(&line, ' ', &h->method) &&
	       span_cut(&line, ' ', &h->target) && is_http_1_1(line) &&
	       is_token(h->method) && h->target.n > 0 && is_text(h->target);
}

/* INTEROP: proxies answer CONNECT as HTTP/1.0, and the blank before an empty
 * reason is often missing. */
static bool parse_status_line(struct http_head *h, struct span line)
{
	struct span version, code;
	uint32_t status;
	if (!span_cut(&line, ' ', &version))
		return false;
	if (!span_cut(&line, ' ', &code))
		line = SPAN_EMPTY;
	if (!(is_http_1_1(version) || span_is(version, "HTTP/1.0")) ||
		code.n != 3 || !span_to_u32(code, 999, &status) ||
		status < 100 || !is_text(line))
		return false;
	h->status = (uint16_t)status;
	h->is_1_0 = span_is(version, "HTTP/1.0");
	h->reason = line;
	return true;
}

static bool parse_field(struct http_head *h, struct span line, struct err *e)
{
	struct http_field f = { .value = line };
	if (h->count == HTTP_HEAD_FIELDS_MAX)
		return err_set(e, STATUS_MALFORMED,
			"more than %d HTTP header fields",
			HTTP_HEAD_FIELDS_MAX);
	if (!span_cut(&f.value, ':', &f.name) || !is_token(f.name))
		return err_set(e, STATUS_MALFORMED,
			"an HTTP header field has no name");
	f.value = trim_blanks(f.value);
	if (!is_text(f.value))
		return err_set(e, STATUS_MALFORMED,
			"an HTTP header field has control characters in it");
	h->fields[h->count++] = f;
	return true;
}

/* The next line, without its CRLF; false where it is not all there. */
static bool next_line(struct span *rest, struct span *line)
{
	size_t end = span_find_span(*rest, SPAN("\r\n"), 0);
	if (end >= rest->n)
		return false;
	*line = span_first(*rest, end);
	*rest = span_skip(*rest, end + 2);
	return true;
}

static enum http_head_state more(struct span bytes, struct err *e)
{
	if (bytes.n < HTTP_HEAD_MAX)
		return HTTP_HEAD_MORE;
	err_set(e, STATUS_MALFORMED, "an HTTP head of more than %d bytes",
		HTTP_HEAD_MAX);
	return HTTP_HEAD_BAD;
}

static enum http_head_state parse(struct http_head *h,
	bool (*start_line)(struct http_head *h, struct span line),
	struct span bytes, struct err *e)
{
	struct span rest = span_first(bytes, HTTP_HEAD_MAX), line;
	*h = (struct http_head){ 0 };
	if (!next_line(&rest, &line)) {
		/* Before its end it can be seen that it is something else. */
		if (rest.n && !is_token_char(rest.p[0])) {
			err_set(e, STATUS_MALFORMED, "what came is no HTTP");
			return HTTP_HEAD_BAD;
		}
		return more(bytes, e);
	}
	if (!start_line(h, line)) {
		err_set(e, STATUS_MALFORMED, "what came is no HTTP/1.1");
		return HTTP_HEAD_BAD;
	}
	while (next_line(&rest, &line)) {
		if (line.n == 0) {
			h->length = (size_t)(rest.p - bytes.p);
			return HTTP_HEAD_DONE;
		}
		if (!parse_field(h, line, e))
			return HTTP_HEAD_BAD;
	}
	return more(bytes, e);
}

enum http_head_state http_head_parse_request(
	struct http_head *h, struct span bytes, struct err *e)
{
	return parse(h, parse_request_line, bytes, e);
}

enum http_head_state http_head_parse_response(
	struct http_head *h, struct span bytes, struct err *e)
{
	return parse(h, parse_status_line, bytes, e);
}

/* ---- looks ---- */

size_t http_head_count(const struct http_head *h, const char *name)
{
	size_t count = 0;
	for (size_t i = 0; i < h->count; i++)
		count += span_is_nocase(h->fields[i].name, name);
	return count;
}

bool http_head_find(
	const struct http_head *h, const char *name, struct span *value)
{
	if (http_head_count(h, name) != 1)
		return false;
	for (size_t i = 0; i < h->count; i++)
		if (span_is_nocase(h->fields[i].name, name))
			*value = h->fields[i].value;
	return true;
}

static bool has_word(const struct http_head *h, const char *name,
	const char *word, bool (*same)(struct span s, const char *text))
{
	for (size_t i = 0; i < h->count; i++) {
		struct span list = h->fields[i].value, item;
		bool is_more = span_is_nocase(h->fields[i].name, name);
		while (is_more) {
			is_more = span_cut(&list, ',', &item);
			if (same(trim_blanks(item), word))
				return true;
		}
	}
	return false;
}

bool http_head_has_word(
	const struct http_head *h, const char *name, const char *word)
{
	return has_word(h, name, word, span_is_nocase);
}

bool http_head_has_exact_word(
	const struct http_head *h, const char *name, const char *word)
{
	return has_word(h, name, word, span_is);
}
