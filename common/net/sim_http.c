/* The documents of the simulated network: no bytes go anywhere, an answer
 * comes after the time that connecting, TLS and a request take. */
#include <string.h>

#include "base/mem.h"
#include "net/http_ops.h"
#include "net/sim_net.h"

/* There and back: TCP, TLS, the request. */
#define TURNAROUNDS 3

struct sim_document {
	struct link link; /* in sim.documents */
	char *url, *text; /* text NULL: never answered */
};

struct request {
	struct http http;
	struct sim *sim;
	char *url;
	http_done *done;
	void *arg;
	struct timer *answer, *deadline;
};

/* ---- what there is ---- */

void sim_add_document(struct sim *s, const char *url, const char *text)
{
	struct sim_document *d = mem_alloc(sizeof(*d));
	d->url = mem_str(url);
	d->text = mem_str(text);
	list_append(&s->documents, &d->link);
}

unsigned sim_documents_asked(const struct sim *s)
{
	return s->documents_asked;
}

void sim_documents_free(struct sim *s)
{
	for (struct link *at; (at = list_first(&s->documents));) {
		struct sim_document *d =
			LIST_ITEM(at, struct sim_document, link);
		list_remove(at);
		mem_free(d->url);
		mem_free(d->text);
		mem_free(d);
	}
}

static const struct sim_document *find(const struct sim *s, const char *url)
{
	LIST_EACH(&s->documents, at)
	{
		struct sim_document *d =
			LIST_ITEM(at, struct sim_document, link);
		if (strcmp(d->url, url) == 0)
			return d;
	}
	return NULL;
}

/* ---- a request ---- */

static void request_free(struct http *http)
{
	struct request *h = (struct request *)http;
	timer_free(h->answer);
	timer_free(h->deadline);
	mem_free(h->url);
	mem_free(h);
}

static void end(struct request *h, const struct http_answer *a, struct err *e)
{
	if (err_is_set(e))
		err_prefix(e, "%s", h->url);
	timer_stop(h->answer);
	timer_stop(h->deadline);
	h->done(h->arg, a, e);
	request_free(&h->http);
}

static void arrive(void *arg)
{
	struct request *h = arg;
	const struct sim_document *d = find(h->sim, h->url);
	struct http_answer a = { .status = d ? 200 : 404 };
	struct err e = ERR_NONE;
	if (d && !d->text)
		return; /* until the deadline */
	if (d)
		a.body = span_of(d->text);
	end(h, &a, &e);
}

static void on_deadline(void *arg)
{
	const struct http_answer nothing = { .status = 0 };
	struct err e = ERR_NONE;
	err_set(&e, STATUS_TIMEOUT, "no answer in time");
	e.retryable = true;
	end(arg, &nothing, &e);
}

static struct http *request_start(struct loop *l, const struct http_settings *s,
	http_done *done, void *arg, struct err *e)
{
	struct request *h = mem_alloc(sizeof(*h));
	usec_t takes = 0;
	(void)e;
	h->http.ops = &sim_http;
	h->sim = sim_of(l);
	h->url = mem_str(s->url);
	h->done = done;
	h->arg = arg;
	h->answer = timer_new(l, arrive, h);
	h->deadline = timer_new(l, on_deadline, h);
	h->sim->documents_asked++;
	for (int i = 0; i < 2 * TURNAROUNDS; i++)
		takes += sim_delay(h->sim);
	timer_set(h->answer, takes);
	timer_set(h->deadline, s->deadline ? s->deadline : HTTP_DEADLINE);
	return &h->http;
}

const struct http_ops sim_http = {
	.start = request_start,
	.free = request_free,
};
