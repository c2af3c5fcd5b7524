/* Requests of HTTP over loopback, against a far side that answers by rote. */
#include "tests/common/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/conn.h"
#include "net/http.h"

static struct loop *loop;
static struct resolver *resolver;
static struct listener *listener;
static struct conn *far;
static struct buf asked;
static const char *answer; /* NULL: silence */
static struct http *request;

static struct {
	int calls, status;
	char type[64], body[256];
	struct err e;
} heard;

static void far_open(void *arg)
{
	(void)arg;
}

static size_t far_data(void *arg, struct span bytes)
{
	(void)arg;
	buf_span(&asked, bytes);
	if (answer && span_find_span(buf_view(&asked), SPAN("\r\n\r\n"), 0) <
			      asked.len)
		conn_write(far, span_of(answer));
	return bytes.n;
}

static void far_closed(void *arg, const struct err *e)
{
	(void)arg;
	(void)e;
	conn_free(far);
	far = NULL;
}

static void on_offer(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	static const struct conn_handlers handlers = {
		.open = far_open, .data = far_data, .closed = far_closed
	};
	static const struct conn_settings s = { .count = 0 };
	(void)arg;
	(void)from;
	conn_free(far);
	far = conn_accept(offer, &s, &handlers, NULL);
}

static void on_done(void *arg, const struct http_answer *a, const struct err *e)
{
	(void)arg;
	request = NULL;
	heard.calls++;
	heard.status = a->status;
	heard.e = *e;
	span_copy(heard.type, sizeof(heard.type), a->content_type);
	span_copy(heard.body, sizeof(heard.body), a->body);
}

static char *begin(const char *says, const char *path)
{
	struct endpoint at;
	struct err e = ERR_NONE;
	loop = loop_new(&e);
	assert_ok(loop != NULL, &e);
	resolver = resolver_new(loop, "127.0.0.1:9", &e);
	assert_ok(resolver != NULL, &e);
	endpoint_parse(&at, SPAN("127.0.0.1:0"), 0, &e);
	listener = listener_new(loop, &at, on_offer, NULL, &e);
	assert_ok(listener != NULL, &e);
	buf_init(&asked, 1 << 16);
	memset(&heard, 0, sizeof(heard));
	answer = says;
	return mem_format("http://127.0.0.1:%u%s",
		endpoint_port(listener_local(listener)), path);
}

static void end(char *url)
{
	http_free(request);
	request = NULL;
	conn_free(far);
	far = NULL;
	listener_free(listener);
	resolver_free(resolver);
	loop_free(loop);
	buf_clear(&asked);
	mem_free(url);
}

static void ask(const struct http_settings *s)
{
	struct http_settings settings = *s;
	struct err e = ERR_NONE;
	settings.resolver = resolver;
	request = http_new(loop, &settings, on_done, NULL, &e);
	assert_ok(request != NULL, &e);
	assert_int_equal(heard.calls, 0);
	usec_t until = loop_now(loop) + 10 * USEC_SEC;
	while (!heard.calls && loop_now(loop) < until)
		loop_turn(loop, until);
	assert_int_equal(heard.calls, 1);
}

static void an_answer_is_given_with_its_type(void **state)
{
	(void)state;
	char *url = begin("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			  "Content-Length: 5\r\n\r\nhello",
		"/a?b");
	ask(&(struct http_settings){
		.url = url, .accept = "text/plain", .max_body = 5 });
	assert_ok(!err_is_set(&heard.e), &heard.e);
	assert_int_equal(heard.status, 200);
	assert_string_equal(heard.type, "text/plain");
	assert_string_equal(heard.body, "hello");
	assert_true(span_starts(buf_view(&asked), "GET /a?b HTTP/1.1\r\n"));
	assert_non_null(strstr(buf_text(&asked), "Accept: text/plain\r\n"));
	end(url);
}

static void a_body_is_posted(void **state)
{
	(void)state;
	char *url = begin("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "/");
	ask(&(struct http_settings){ .url = url,
		.post = "<body/>",
		.post_size = 7,
		.content_type = "text/xml",
		.max_body = 5 });
	assert_ok(!err_is_set(&heard.e), &heard.e);
	assert_int_equal(heard.status, 404);
	assert_true(span_starts(buf_view(&asked), "POST / HTTP/1.1\r\n"));
	assert_true(span_ends(buf_view(&asked), "\r\n\r\n<body/>"));
	assert_non_null(strstr(buf_text(&asked), "Content-Type: text/xml\r\n"));
	end(url);
}

static void what_is_too_large_or_no_http_is_refused(void **state)
{
	(void)state;
	char *url = begin(
		"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123456", "/");
	ask(&(struct http_settings){ .url = url, .max_body = 5 });
	assert_int_equal(heard.e.status, STATUS_MALFORMED);
	assert_non_null(strstr(heard.e.text, "larger than 5 bytes"));
	end(url);
	url = begin("SSH-2.0-x\r\n\r\n", "/");
	ask(&(struct http_settings){ .url = url, .max_body = 5 });
	assert_true(err_is_set(&heard.e));
	end(url);
}

static void redirects_lead_to_https_or_nowhere(void **state)
{
	(void)state;
	char *url =
		begin("HTTP/1.1 302 There\r\nLocation: http://127.0.0.1/\r\n"
		      "Content-Length: 0\r\n\r\n",
			"/");
	ask(&(struct http_settings){
		.url = url, .follow = true, .max_body = 5 });
	assert_ok(!err_is_set(&heard.e), &heard.e);
	assert_int_equal(heard.status, 302);
	end(url);
}

static void silence_and_closed_ports_end_in_time(void **state)
{
	(void)state;
	char *url = begin(NULL, "/");
	usec_t before = loop_now(loop);
	ask(&(struct http_settings){
		.url = url, .max_body = 5, .deadline = 200 * USEC_MS });
	assert_int_equal(heard.e.status, STATUS_TIMEOUT);
	assert_true(loop_now(loop) - before < 2 * USEC_SEC);
	end(url);
	url = begin(NULL, "/");
	listener_free(listener);
	listener = NULL;
	ask(&(struct http_settings){ .url = url, .max_body = 5 });
	assert_int_equal(heard.e.status, STATUS_UNREACHABLE);
	end(url);
}

static void a_request_may_be_given_up(void **state)
{
	(void)state;
	char *url = begin(NULL, "/");
	struct http_settings s = {
		.url = url, .max_body = 5, .resolver = resolver
	};
	request = http_new(loop, &s, on_done, NULL, NULL);
	assert_non_null(request);
	usec_t until = loop_now(loop) + 5 * USEC_SEC;
	while (!asked.len && loop_now(loop) < until)
		loop_turn(loop, until);
	assert_true(asked.len > 0);
	end(url);
	assert_int_equal(heard.calls, 0);
}

static void what_is_no_url_of_http_is_refused(void **state)
{
	(void)state;
	char *url = begin(NULL, "/");
	static const char *const rows[] = { "", "wss://a/", "file:///etc/x",
		"http://a:b@c/" };
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct http_settings s = { .url = rows[i],
			.resolver = resolver };
		struct err e = ERR_NONE;
		assert_null(http_new(loop, &s, on_done, NULL, &e));
		assert_int_equal(e.status, STATUS_USAGE);
	}
	end(url);
}

/* What the proxy says to a login and a name that nobody but it may know. */
static void ask_by_proxy(const char *says, enum tunnel_kind kind)
{
	char *url = begin(says, "/");
	struct tunnel_settings via = { .kind = kind,
		.host = "127.0.0.1",
		.port = endpoint_port(listener_local(listener)),
		.user = "me",
		.password = "let:me" };
	ask(&(struct http_settings){ .url = "http://im.invalid/a",
		.via = &via,
		.max_body = 5,
		.deadline = says ? 0 : 200 * USEC_MS });
	mem_free(url);
}

static void a_proxy_is_told_the_name_and_its_answer_explained(void **state)
{
	static const struct {
		const char *says;
		enum status status;
		const char *part;
	} rows[] = {
		{ "HTTP/1.1 407 Who\r\n\r\n", STATUS_AUTH,
			"the proxy answers 407" },
		{ "HTTP/1.1 403 No\r\n\r\n", STATUS_REFUSED,
			"the proxy answers 403" },
		{ "HTTP/1.1 502 Nobody\r\n\r\n", STATUS_UNREACHABLE,
			"the proxy answers 502" },
		{ NULL, STATUS_TIMEOUT, "through the proxy" },
	};
	(void)state;
	setenv("no_proxy", "*", 1); /* counts for nothing */
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ask_by_proxy(rows[i].says, TUNNEL_HTTP);
		if (heard.e.status != rows[i].status ||
			!strstr(heard.e.text, rows[i].part))
			fail_msg("%s: expected %d \"%s\", got %d \"%s\"",
				rows[i].says ? rows[i].says : "silence",
				rows[i].status, rows[i].part, heard.e.status,
				heard.e.text);
		assert_true(span_starts(buf_view(&asked),
			"CONNECT im.invalid:80 HTTP/1.1\r\n"));
		assert_non_null(strstr(buf_text(&asked),
			"Proxy-Authorization: Basic bWU6bGV0Om1l\r\n"));
		assert_null(strstr(heard.e.text, "let:me"));
		end(NULL);
	}
	unsetenv("no_proxy");
}

static void a_proxy_of_socks5_is_offered_the_login(void **state)
{
	(void)state;
	ask_by_proxy(NULL, TUNNEL_SOCKS5);
	assert_int_equal(heard.e.status, STATUS_TIMEOUT);
	assert_true(
		span_equal(buf_view(&asked), span_from("\x05\x02\x00\x02", 4)));
	end(NULL);
}

TEST_MAIN(cmocka_unit_test(an_answer_is_given_with_its_type),
	cmocka_unit_test(a_body_is_posted),
	cmocka_unit_test(what_is_too_large_or_no_http_is_refused),
	cmocka_unit_test(redirects_lead_to_https_or_nowhere),
	cmocka_unit_test(silence_and_closed_ports_end_in_time),
	cmocka_unit_test(a_request_may_be_given_up),
	cmocka_unit_test(what_is_no_url_of_http_is_refused),
	cmocka_unit_test(a_proxy_is_told_the_name_and_its_answer_explained),
	cmocka_unit_test(a_proxy_of_socks5_is_offered_the_login))
