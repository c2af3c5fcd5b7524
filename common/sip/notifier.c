#include "sip/notifier.h"

#include "base/mem.h"
#include "sip/header.h"
#include "sip/request.h"
#include "sip/ua_private.h"

#define DOCUMENT_MAX (32 * 1024)
#define EXPIRES_DEFAULT 3600 /* where SUBSCRIBE has none; the packages' own */

struct watcher {
	struct link link;
	struct sip_notifier *of;
	struct sip_dialog dialog;
	struct sip_request *request; /* the NOTIFY under way */
	struct timer *timer;         /* expiry */
	usec_t until;
	char *event; /* as it was subscribed, with its id */
	char *who;
	bool is_stale;      /* the document has changed since */
	const char *reason; /* it is over: why; NULL */
};

struct sip_notifier {
	struct sip_ua_child child;
	struct sip_notifier_settings s;
	const struct sip_notifier_handlers *handlers;
	void *arg;
	struct buf document;
	struct link watchers;
	size_t count;
	struct timer *last; /* `ended` */
	bool is_ending;
};

static void watcher_free(struct watcher *w)
{
	sip_request_forget(w->request);
	sip_ua_remove_dialog(w->of->s.ua, &w->dialog);
	sip_dialog_clear(&w->dialog);
	list_remove(&w->link);
	w->of->count--;
	timer_free(w->timer);
	mem_free(w->event);
	mem_free(w->who);
	mem_free(w);
}

static void watcher_gone(struct watcher *w)
{
	struct sip_notifier *n = w->of;

	if (n->handlers->watched)
		n->handlers->watched(n->arg, span_of(w->who), false);
	watcher_free(w);
	if (n->is_ending && n->count == 0)
		timer_set(n->last, 0);
}

/* ---- NOTIFY (section 4.2.2) ------------------------------------------------------- */

static void add_state(struct buf *out, const struct watcher *w)
{
	usec_t now = loop_now(sip_ua_loop(w->of->s.ua));

	if (w->reason)
		sip_msg_addf(out, SIP_HDR_SUBSCRIPTION_STATE,
			"terminated;reason=%s", w->reason);
	else
		sip_msg_addf(out, SIP_HDR_SUBSCRIPTION_STATE,
			"active;expires=%u",
			(unsigned)((w->until - now) / USEC_SEC));
}

static bool compose(void *arg, struct buf *out, const struct sip_target *target,
	const struct endpoint *local, struct err *e)
{
	struct watcher *w = arg;
	struct span document = buf_view(&w->of->document);
	struct buf contact = BUF_INIT(1024);

	(void)e;
	sip_dialog_request(out, &w->dialog, SPAN("NOTIFY"));
	sip_transport_contact(&contact, sip_ua_transport(w->of->s.ua),
		target->kind, local, SPAN_EMPTY, w->dialog.is_secure);
	sip_msg_add(out, SIP_HDR_CONTACT, buf_view(&contact));
	sip_msg_add(out, SIP_HDR_EVENT, span_of(w->event));
	add_state(out, w);
	sip_ua_add_name(out, w->of->s.ua, SIP_HDR_USER_AGENT);
	sip_msg_end(out,
		document.n ? span_of(w->of->s.content_type) : SPAN_EMPTY,
		document);
	w->is_stale = false;
	buf_clear(&contact);
	return !out->failed;
}

static void notify(struct watcher *w);

/* Section 4.2.2: a watcher that has forgotten us, or does not answer. */
static void on_response(void *arg, struct sip_scan *m)
{
	struct watcher *w = arg;

	if (m->status_code >= 300 && !w->reason)
		w->reason = "deactivated";
}

static void on_ended(void *arg, const struct err *e)
{
	struct watcher *w = arg;

	w->request = NULL;
	if (e || (w->reason && !w->is_stale))
		watcher_gone(w);
	else if (w->is_stale)
		notify(w);
}

static void notify(struct watcher *w)
{
	static const struct sip_request_handlers handlers = {
		.compose = compose,
		.response = on_response,
		.ended = on_ended,
	};
	struct sip_request_settings r = {
		.next_hop = sip_dialog_next_hop(&w->dialog), .is_theirs = true
	};

	w->is_stale = true;
	if (!w->request)
		w->request = sip_request_new(w->of->s.ua, &r, &handlers, w);
}

static void finish(struct watcher *w, const char *reason)
{
	if (w->reason)
		return;
	w->reason = reason;
	timer_stop(w->timer);
	notify(w);
}

static void on_expiry(void *arg)
{
	finish(arg, "timeout");
}

/* ---- SUBSCRIBE (section 4.2.1) ----------------------------------------------------- */

static void refuse(struct sip_notifier *n, struct sip_server *s, unsigned code,
	const char *headers)
{
	struct sip_reply r = { .headers = span_of(headers) };

	sip_ua_reply(n->s.ua, s, code, &r, NULL);
}

static bool is_our_event(const struct sip_notifier *n, const struct sip_scan *m)
{
	struct sip_token_value v;

	return sip_token_value_parse(
		       &v, sip_scan_value(m, SIP_HDR_EVENT), NULL) &&
	       span_is_nocase(v.token, n->s.event);
}

/* The duration, or false: it was refused. */
static bool judge(struct sip_notifier *n, struct sip_server *s,
	const struct sip_scan *m, uint32_t *seconds)
{
	struct buf headers = BUF_INIT(256);
	uint32_t least = n->s.expires_min;
	unsigned code = 0;

	*seconds = EXPIRES_DEFAULT;
	sip_seconds_parse(seconds, sip_scan_value(m, SIP_HDR_EXPIRES), NULL);
	if (!is_our_event(n, m)) {
		code = 489;
		buf_printf(&headers, "Allow-Events: %s\r\n", n->s.event);
	} else if (*seconds && *seconds < least) {
		code = 423;
		buf_printf(&headers, "Min-Expires: %u\r\n", least);
	}
	if (*seconds > SIP_NOTIFIER_EXPIRES_MAX)
		*seconds = SIP_NOTIFIER_EXPIRES_MAX;
	if (code)
		refuse(n, s, code, buf_text(&headers));
	buf_clear(&headers);
	return code == 0;
}

static void accept_with(
	struct watcher *w, struct sip_server *s, uint32_t seconds)
{
	struct buf headers = BUF_INIT(64), contact = BUF_INIT(1024);
	struct endpoint local = sip_flow_local(sip_server_flow(s));

	buf_printf(&headers, "Expires: %u\r\n", seconds);
	sip_transport_contact(&contact, sip_ua_transport(w->of->s.ua),
		sip_flow_kind(sip_server_flow(s)), &local, SPAN_EMPTY,
		w->dialog.is_secure);
	sip_ua_reply(w->of->s.ua, s, 200,
		&(struct sip_reply){ .headers = buf_view(&headers),
			.contact = buf_view(&contact) },
		NULL);
	buf_clear(&headers);
	buf_clear(&contact);
	w->until = loop_now(sip_ua_loop(w->of->s.ua)) + seconds * USEC_SEC;
	if (seconds == 0) {
		finish(w, "timeout");
		return;
	}
	timer_set_at(w->timer, w->until);
	notify(w);
}

static void on_request(void *arg, struct sip_dialog *d, struct sip_server *s,
	struct sip_scan *m)
{
	struct watcher *w = arg;
	uint32_t seconds;

	if (m->method_kind != SIP_METHOD_SUBSCRIBE)
		refuse(w->of, s, 405, "");
	else if (w->reason)
		refuse(w->of, s, 481, "");
	else if (judge(w->of, s, m, &seconds)) {
		sip_dialog_refresh_target(d, m);
		accept_with(w, s, seconds);
	}
}

static struct watcher *watcher_new(
	struct sip_notifier *n, struct sip_server *s, struct sip_scan *m)
{
	static const struct sip_dialog_handlers handlers = {
		.request = on_request
	};
	struct sip_dialog dialog;
	struct sip_addr from;

	if (!sip_dialog_start_callee(&dialog, m, sip_server_to_tag(s), NULL))
		return NULL;
	struct watcher *w = mem_alloc(sizeof(*w));
	w->of = n;
	w->dialog = dialog;
	w->event = span_dup(sip_scan_value(m, SIP_HDR_EVENT));
	sip_addr_parse(&from, sip_scan_value(m, SIP_HDR_FROM), NULL);
	w->who = span_dup(from.uri);
	w->timer = timer_new(sip_ua_loop(n->s.ua), on_expiry, w);
	list_append(&n->watchers, &w->link);
	n->count++;
	if (sip_ua_add_dialog(n->s.ua, &w->dialog, &handlers, w))
		return w;
	watcher_free(w);
	return NULL;
}

static void on_subscribe(void *arg, struct sip_server *s, struct sip_scan *m)
{
	struct sip_notifier *n = arg;
	struct watcher *w;
	uint32_t seconds;

	if (!judge(n, s, m, &seconds))
		return;
	if (n->is_ending)
		refuse(n, s, 480, "");
	else if (n->count == SIP_WATCHERS_MAX)
		refuse(n, s, 500, "Retry-After: 60\r\n");
	else if (!(w = watcher_new(n, s, m)))
		refuse(n, s, 400, "");
	else {
		if (n->handlers->watched && seconds)
			n->handlers->watched(n->arg, span_of(w->who), true);
		accept_with(w, s, seconds);
	}
}

/* ---- all of them ---------------------------------------------------------------------- */

void sip_notifier_publish(struct sip_notifier *n, struct span document)
{
	buf_reset(&n->document);
	buf_span(&n->document, document);
	LIST_EACH(&n->watchers, at)
	notify(LIST_ITEM(at, struct watcher, link));
}

size_t sip_notifier_watchers(const struct sip_notifier *n)
{
	return n->count;
}

static void on_last(void *arg)
{
	struct sip_notifier *n = arg;

	if (n->handlers->ended)
		n->handlers->ended(n->arg);
}

void sip_notifier_end(struct sip_notifier *n)
{
	if (n->is_ending)
		return;
	n->is_ending = true;
	if (n->count == 0)
		timer_set(n->last, 0);
	LIST_EACH(&n->watchers, at)
	finish(LIST_ITEM(at, struct watcher, link), "probation");
}

static void notifier_gone(struct sip_ua_child *child)
{
	struct sip_notifier *n = LIST_ITEM(child, struct sip_notifier, child);

	LIST_EACH(&n->watchers, at)
	watcher_free(LIST_ITEM(at, struct watcher, link));
	list_remove(&n->child.link);
	timer_free(n->last);
	buf_clear(&n->document);
	mem_free(n);
}

struct sip_notifier *sip_notifier_new(const struct sip_notifier_settings *s,
	const struct sip_notifier_handlers *handlers, void *arg)
{
	struct sip_notifier *n = mem_alloc(sizeof(*n));

	n->s = *s;
	if (!n->s.expires_min)
		n->s.expires_min = SIP_NOTIFIER_EXPIRES_MIN;
	n->handlers = handlers;
	n->arg = arg;
	buf_init(&n->document, DOCUMENT_MAX);
	link_init(&n->watchers);
	n->last = timer_new(sip_ua_loop(s->ua), on_last, n);
	sip_ua_add_child(s->ua, &n->child, notifier_gone);
	sip_ua_serve(s->ua, SIP_METHOD_SUBSCRIBE, on_subscribe, n);
	return n;
}

void sip_notifier_free(struct sip_notifier *n)
{
	if (n)
		notifier_gone(&n->child);
}
