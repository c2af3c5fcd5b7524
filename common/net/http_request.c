/* A request by libcurl. */
#include "base/mem.h"
#include "net/connect_to.h"
#include "net/http_curl.h"
#include "net/http_ops.h"
#include "net/http_proxy.h"
#include "net/http_transfer.h"

#define USER_AGENT "samtal/" SAMTAL_VERSION

struct request {
	struct http http;
	const struct http_curl *curl;
	struct loop *loop;
	struct resolver *resolver;
	enum resolve_family family;
	const char *const *connect_to;
	struct tunnel_settings via; /* strings owned; host NULL: none */
	struct endpoint proxy_at;   /* by connect_to; len 0: by its name */
	http_done *done;
	void *arg;
	bool follow;
	unsigned redirects;
	size_t max_body;
	char *url, *post, *ca_file;
	size_t post_size;
	bool insecure;
	struct query *query;
	struct http_transfer *transfer; /* the one at hand */
	struct curl_slist *fields, *addresses, *elsewhere;
	struct timer *deadline;
	struct buf body;
	bool is_too_large;
	char why[CURL_ERROR_SIZE];
};

/* ---- death ---- */

/* The transfer at hand, not the request. */
static void drop_transfer(struct request *h)
{
	query_cancel(h->query);
	h->query = NULL;
	http_transfer_free(h->transfer);
	h->transfer = NULL;
	h->curl->slist_free_all(h->addresses);
	h->addresses = NULL;
	h->curl->slist_free_all(h->elsewhere);
	h->elsewhere = NULL;
}

static void request_free(struct http *http)
{
	struct request *h = (struct request *)http;
	drop_transfer(h);
	h->curl->slist_free_all(h->fields);
	timer_free(h->deadline);
	buf_clear_wiped(&h->body);
	mem_free(h->url);
	if (h->post)
		mem_wipe(h->post, h->post_size);
	mem_free(h->post);
	mem_free(h->ca_file);
	mem_free((char *)h->via.host);
	mem_free((char *)h->via.user);
	mem_free_wiped((char *)h->via.password);
	mem_free(h);
}

static void end(
	struct request *h, const struct http_answer *a, const struct err *e)
{
	static const struct http_answer nothing = { .status = 0 };
	timer_stop(h->deadline);
	h->done(h->arg, a ? a : &nothing, e);
	request_free(&h->http);
}

static void fail(struct request *h, struct err *e)
{
	err_prefix(e, "%s", h->url);
	end(h, NULL, e);
}

/* ---- the outcome ---- */

static void start(struct request *h);

static bool is_redirect(long status)
{
	return (status >= 301 && status <= 303) || status == 307 ||
	       status == 308;
}

/* RFC 9110 section 15.4; to https alone, since what is asked for is believed.
 */
static bool go_elsewhere(struct request *h, long status)
{
	const char *where = NULL;
	struct url u;
	if (!h->follow || h->post || !is_redirect(status) ||
		h->redirects >= HTTP_REDIRECTS_MAX)
		return false;
	h->curl->easy_getinfo(
		http_transfer_easy(h->transfer), CURLINFO_REDIRECT_URL, &where);
	if (!where || !url_parse(&u, span_of(where), NULL) ||
		u.scheme != URL_HTTPS)
		return false;
	char *next = mem_str(where);
	drop_transfer(h);
	buf_reset(&h->body);
	mem_free(h->url);
	h->url = next;
	h->redirects++;
	start(h);
	return true;
}

static void succeed(struct request *h)
{
	const struct err none = ERR_NONE;
	const char *type = NULL;
	long status = 0;
	h->curl->easy_getinfo(http_transfer_easy(h->transfer),
		CURLINFO_RESPONSE_CODE, &status);
	if (go_elsewhere(h, status))
		return;
	h->curl->easy_getinfo(
		http_transfer_easy(h->transfer), CURLINFO_CONTENT_TYPE, &type);
	char *copy = mem_str(type);
	end(h,
		&(struct http_answer){ .status = (int)status,
			.content_type = span_of(copy),
			.body = buf_view(&h->body) },
		&none);
	mem_free(copy);
}

static enum status status_of(CURLcode code)
{
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
		return STATUS_TLS;
	case CURLE_OPERATION_TIMEDOUT:
		return STATUS_TIMEOUT;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_HTTP2:
		return STATUS_MALFORMED;
	default:
		return STATUS_UNREACHABLE;
	}
}

static void finish(void *arg, CURLcode code)
{
	struct request *h = arg;
	struct err e = ERR_NONE;
	if (code == CURLE_OK) {
		succeed(h);
		return;
	}
	if (h->is_too_large)
		err_set(&e, STATUS_MALFORMED,
			"the answer is larger than %zu bytes", h->max_body);
	else if (!h->via.host ||
		 !http_proxy_explain(
			 h->curl, http_transfer_easy(h->transfer), code, &e))
		err_set(&e, status_of(code), "%s",
			*h->why ? h->why : h->curl->easy_strerror(code));
	e.retryable =
		e.status == STATUS_TIMEOUT || e.status == STATUS_UNREACHABLE;
	fail(h, &e);
}

/* ---- a transfer ---- */

static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct request *h = arg;
	(void)size; /* 1, always */
	if (buf_add(&h->body, bytes, n))
		return n;
	h->is_too_large = true;
	return 0;
}

static void set_options(struct request *h)
{
	const struct http_curl *c = h->curl;
	CURL *easy = http_transfer_easy(h->transfer);
	c->easy_setopt(easy, CURLOPT_URL, h->url);
	c->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	c->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	c->easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT);
	c->easy_setopt(easy, CURLOPT_HTTPHEADER, h->fields);
	c->easy_setopt(easy, CURLOPT_RESOLVE, h->addresses);
	c->easy_setopt(easy, CURLOPT_CONNECT_TO, h->elsewhere);
	c->easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	http_proxy_use(c, easy, &h->via, &h->proxy_at);
	c->easy_setopt(easy, CURLOPT_ERRORBUFFER, h->why);
	c->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	c->easy_setopt(easy, CURLOPT_WRITEDATA, h);
	if (h->ca_file) {
		c->easy_setopt(easy, CURLOPT_CAINFO, h->ca_file);
		c->easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (h->insecure) {
		c->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		c->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (h->post) {
		c->easy_setopt(easy, CURLOPT_POSTFIELDS, h->post);
		c->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
			(curl_off_t)h->post_size);
	}
}

static void transfer(struct request *h)
{
	h->transfer = http_transfer_new(h->curl, h->loop, finish, h);
	set_options(h);
	http_transfer_begin(h->transfer);
}

/* Whose address is wanted here: the far side's, or the proxy's. */
struct first_hop {
	char host[256];
	uint16_t port;
};

static struct first_hop first_hop(const struct request *h)
{
	struct first_hop hop = { .port = h->via.port };
	struct url u;
	url_parse(&u, span_of(h->url), NULL);
	span_copy(hop.host, sizeof(hop.host),
		span_of(h->via.host ? h->via.host : u.host));
	if (!h->via.host)
		hop.port = u.port;
	return hop;
}

/* As CURLOPT_RESOLVE has it: "HOST:PORT:ADDRESS,ADDRESS". */
static void keep_addresses(
	struct request *h, const struct endpoint *found, size_t count)
{
	struct first_hop hop = first_hop(h);
	struct buf line = BUF_INIT(16 * 1024);
	buf_printf(&line, "%s:%u:", hop.host, hop.port);
	for (size_t i = 0; i < count; i++) {
		char text[ENDPOINT_TEXT_SIZE];
		buf_printf(&line, "%s%s", i ? "," : "",
			endpoint_format_address(text, &found[i], true));
	}
	h->addresses = h->curl->slist_append(NULL, buf_text(&line));
	buf_clear(&line);
}

static void on_addresses(void *arg, const struct endpoint *found, size_t count,
	const struct err *e)
{
	struct request *h = arg;
	struct err why = *e;
	h->query = NULL;
	if (count == 0) {
		fail(h, &why);
		return;
	}
	keep_addresses(h, found, count);
	transfer(h);
}

/* As CURLOPT_CONNECT_TO has it. */
static void go_to(struct request *h, const struct first_hop *hop,
	const struct endpoint *to)
{
	char text[ENDPOINT_TEXT_SIZE];
	char *line = mem_format(
		"%s:%u:%s", hop->host, hop->port, endpoint_format(text, to));
	h->elsewhere = h->curl->slist_append(NULL, line);
	mem_free(line);
}

static void start(struct request *h)
{
	struct endpoint to;
	struct first_hop hop = first_hop(h);
	connect_to_find(h->connect_to, span_of(hop.host), hop.port, &to, NULL);
	if (!to.len) {
		h->query = resolve_addresses(
			h->resolver, hop.host, h->family, on_addresses, h);
		return;
	}
	if (h->via.host)
		h->proxy_at = to;
	else
		go_to(h, &hop, &to);
	transfer(h);
}

static void on_deadline(void *arg)
{
	struct request *h = arg;
	struct err e = ERR_NONE;
	err_set(&e, STATUS_TIMEOUT, "no answer in time%s",
		h->via.host ? " through the proxy" : "");
	e.retryable = true;
	fail(h, &e);
}

/* ---- birth ---- */

static void add_field(struct request *h, const char *name, const char *value)
{
	char *line = mem_format("%s: %s", name, value);
	h->fields = h->curl->slist_append(h->fields, line);
	mem_free(line);
}

static void copy_proxy(
	struct tunnel_settings *to, const struct tunnel_settings *from)
{
	*to = (struct tunnel_settings){ .kind = from->kind,
		.host = mem_str(from->host),
		.port = from->port,
		.user = mem_str(from->user),
		.password = mem_str(from->password) };
}

static struct http *request_start(struct loop *l, const struct http_settings *s,
	http_done *done, void *arg, struct err *e)
{
	const struct http_curl *curl = http_curl_open(e);
	if (!curl)
		return NULL;
	struct request *h = mem_alloc(sizeof(*h));
	h->http.ops = &http_by_curl;
	h->curl = curl;
	h->loop = l;
	h->resolver = s->resolver;
	h->family = s->family;
	h->connect_to = s->connect_to;
	if (s->via)
		copy_proxy(&h->via, s->via);
	h->done = done;
	h->arg = arg;
	h->follow = s->follow;
	h->max_body = s->max_body;
	h->url = mem_str(s->url);
	h->post = s->post ? mem_strn(s->post, s->post_size) : NULL;
	h->post_size = s->post_size;
	h->insecure = s->tls && s->tls->insecure;
	h->ca_file = s->tls ? mem_str(s->tls->ca_file) : NULL;
	buf_init(&h->body, s->max_body);
	if (s->accept)
		add_field(h, "Accept", s->accept);
	if (s->post && s->content_type)
		add_field(h, "Content-Type", s->content_type);
	h->deadline = timer_new(l, on_deadline, h);
	timer_set(h->deadline, s->deadline ? s->deadline : HTTP_DEADLINE);
	start(h);
	return &h->http;
}

const struct http_ops http_by_curl = {
	.start = request_start,
	.free = request_free,
};
