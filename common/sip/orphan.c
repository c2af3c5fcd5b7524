#include "sip/orphan.h"

#include "base/mem.h"
#include "sip/ack.h"
#include "sip/request.h"
#include "sip/ua_private.h"

struct orphan {
	struct sip_ua_child child;
	struct sip_ua *ua;
	struct sip_client *client; /* NULL: it has ended */
	char *sent;
	size_t sent_len;
	struct link dialogs;
	size_t count;
};

struct dialog {
	struct link link;
	struct orphan *of;
	struct sip_dialog dialog;
	struct sip_ack *ack;
	struct sip_request *bye; /* NULL: over */
};

static void dialog_free(struct dialog *d)
{
	list_remove(&d->link);
	sip_ack_free(d->ack);
	sip_request_forget(d->bye);
	sip_dialog_clear(&d->dialog);
	mem_free(d);
}

static void orphan_gone(struct sip_ua_child *child)
{
	struct orphan *o = LIST_ITEM(child, struct orphan, child);

	list_remove(&o->child.link);
	sip_client_forget(o->client);
	LIST_EACH(&o->dialogs, at)
	dialog_free(LIST_ITEM(at, struct dialog, link));
	mem_free(o->sent);
	mem_free(o);
}

static void release(struct orphan *o)
{
	if (o->client)
		return;
	LIST_EACH(&o->dialogs, at)
	if (LIST_ITEM(at, struct dialog, link)->bye)
		return;
	orphan_gone(&o->child);
}

/* ---- BYE -------------------------------------------------------------------------- */

static bool bye_compose(void *arg, struct buf *out,
	const struct sip_target *target, const struct endpoint *local,
	struct err *e)
{
	struct dialog *d = arg;

	(void)target;
	(void)local;
	(void)e;
	sip_dialog_request(out, &d->dialog, SPAN("BYE"));
	sip_ua_add_name(out, d->of->ua, SIP_HDR_USER_AGENT);
	return sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
}

static void bye_response(void *arg, struct sip_scan *m)
{
	(void)arg;
	(void)m;
}

static void bye_ended(void *arg, const struct err *e)
{
	struct dialog *d = arg;

	(void)e;
	d->bye = NULL;
	release(d->of);
}

/* ---- its 2xx ------------------------------------------------------------------------ */

static struct dialog *find(struct orphan *o, const struct sip_scan *m)
{
	LIST_EACH(&o->dialogs, at)
	{
		struct dialog *d = LIST_ITEM(at, struct dialog, link);
		if (sip_dialog_is_of_response(&d->dialog, m))
			return d;
	}
	return NULL;
}

static void hang_up(struct orphan *o, const struct sip_scan *m)
{
	static const struct sip_request_handlers handlers = {
		.compose = bye_compose,
		.response = bye_response,
		.ended = bye_ended,
	};
	struct sip_scan *sent = mem_alloc(sizeof(*sent));
	struct dialog *d = mem_alloc(sizeof(*d));
	struct buf ack = BUF_INIT(SIP_MSG_MAX);
	struct sip_cseq cseq = { .number = 0 };

	sip_scan(sent, span_from(o->sent, o->sent_len));
	sip_cseq_parse(&cseq, sip_scan_value(sent, SIP_HDR_CSEQ), NULL);
	bool started = sip_dialog_start_caller(&d->dialog, sent, m, NULL);
	mem_free(sent);
	if (!started) {
		mem_free(d);
		return;
	}
	d->of = o;
	list_append(&o->dialogs, &d->link);
	o->count++;
	struct sip_request_settings s = {
		.next_hop = sip_dialog_next_hop(&d->dialog),
		.is_in_dialog = true,
	};
	sip_dialog_ack(&ack, &d->dialog, cseq.number);
	sip_ua_add_name(&ack, o->ua, SIP_HDR_USER_AGENT);
	sip_msg_end(&ack, SPAN_EMPTY, SPAN_EMPTY);
	d->ack = sip_ack_new(o->ua, buf_view(&ack), s.next_hop);
	d->bye = sip_request_new(o->ua, &s, &handlers, d);
	buf_clear(&ack);
}

static void on_response(void *arg, struct sip_client *c, struct sip_scan *m)
{
	struct orphan *o = arg;
	struct dialog *d;

	(void)c;
	if (m->status_code < 200 || m->status_code >= 300)
		return;
	d = find(o, m);
	if (d)
		sip_ack_again(d->ack);
	else if (o->count < SIP_ORPHAN_DIALOGS_MAX)
		hang_up(o, m);
}

static void on_ended(void *arg, const struct err *e)
{
	struct orphan *o = arg;

	(void)e;
	o->client = NULL;
	release(o);
}

void sip_orphan_new(
	struct sip_ua *ua, struct sip_client *client, struct span sent)
{
	static const struct sip_client_handlers handlers = {
		.response = on_response, .ended = on_ended
	};
	struct orphan *o = mem_alloc(sizeof(*o));

	o->ua = ua;
	o->client = client;
	o->sent = mem_strn(sent.p, sent.n);
	o->sent_len = sent.n;
	link_init(&o->dialogs);
	sip_ua_add_child(ua, &o->child, orphan_gone);
	sip_client_watch(client, &handlers, o);
	sip_client_cancel(client, SPAN_EMPTY);
}
