/* The framing of XEP-0206: elements wrapped into the requests and answers of a
 * session of BOSH, which has no header and no closing tag of its own. */
#include <string.h>

#include "base/mem.h"
#include "xmpp/ns.h"
#include "xmpp/wire_private.h"

/* Of one request, where an element alone is not more: servers have a limit for
 * what is posted too. */
#define PAYLOAD_MAX (64 * 1024)

/* ---- out ---- */

void xmpp_wire_bosh_open(struct xmpp_wire *w, const struct xmpp_header *h)
{
	if (w->handlers.trace)
		w->handlers.trace(w->arg, true,
			w->declared ? SPAN("<body xmpp:restart='true'/>")
				    : SPAN("<body ver='1.6'/>"));
	xmpp_bosh_open(w->bosh, h->to, h->from, h->lang);
}

/* The first elements of out, as many as go into one request. */
static size_t gather(struct xmpp_wire *w, struct buf *payload)
{
	size_t used = 0;
	while (used < w->out.len) {
		struct span rest = span_skip(buf_view(&w->out), used);
		size_t n = span_find(rest, '\0', 0);
		if (payload->len && payload->len + n > PAYLOAD_MAX)
			break;
		buf_span(payload, span_first(rest, n));
		used += n < rest.n ? n + 1 : n;
	}
	return used;
}

void xmpp_wire_bosh_flush(struct xmpp_wire *w)
{
	while (xmpp_bosh_may_send(w->bosh) && (w->out.len || w->footer_sent)) {
		struct buf payload = BUF_INIT(PAYLOAD_MAX + XMPP_STANZA_MAX);
		size_t used = gather(w, &payload);
		bool is_last = w->footer_sent && used == w->out.len;
		xmpp_bosh_send(w->bosh, buf_view(&payload), is_last);
		buf_clear_wiped(&payload);
		mem_wipe(w->out.data, used); /* PLAIN has the password in it */
		buf_consume(&w->out, used);
		w->spoke = loop_now(w->loop);
	}
}

/* Where there is no session there is nothing to be terminated. */
void xmpp_wire_bosh_finish(struct xmpp_wire *w)
{
	xmpp_wire_bosh_flush(w);
	if (!xmpp_bosh_is_on(w->bosh))
		xmpp_bosh_leave(w->bosh);
}

/* ---- in ---- */

static void on_open(void *arg)
{
	xmpp_wire_opened(arg);
}

static bool is_deaf(const struct xmpp_wire *w)
{
	return w->footer_came || w->abandoned || w->ignores;
}

static void on_header(void *arg, struct span from, struct span id)
{
	struct xmpp_wire *w = arg;
	w->header_came = true;
	if (is_deaf(w))
		return;
	if (w->handlers.trace)
		w->handlers.trace(w->arg, false, SPAN("<body/>"));
	const struct xmpp_header h = { .from = from, .id = id };
	w->handlers.header(w->arg, &h);
}

static void on_element(void *arg, struct xml_element *s)
{
	struct xmpp_wire *w = arg;
	if (is_deaf(w))
		xml_element_free(s);
	else
		xmpp_wire_take_element(w, s);
}

static void on_ready(void *arg)
{
	xmpp_wire_flush_and_tell(arg);
}

static void on_closed(void *arg, const struct err *e)
{
	struct xmpp_wire *w = arg;
	/* The session was ended in order, by us or by the server. */
	if (!err_is_set(e) && !w->footer_came && w->connected) {
		w->feeding = true;
		xmpp_wire_take_close(w);
		w->feeding = false;
		if (w->doomed) {
			xmpp_wire_free(w);
			return;
		}
	}
	xmpp_wire_ended(w, e);
}

const struct xmpp_bosh_handlers xmpp_wire_bosh_handlers = {
	.open = on_open,
	.header = on_header,
	.element = on_element,
	.ready = on_ready,
	.closed = on_closed,
};

struct http_link_settings xmpp_wire_bosh_settings(
	const struct xmpp_wire_settings *s, const struct conn_settings *conn)
{
	struct http_link_settings http = { .conn = *conn };
	if (s->bosh) {
		http.host = s->bosh->host;
		http.path = s->bosh->path;
	}
	return http;
}
