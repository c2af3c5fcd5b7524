#include "xmpp/client.h"

#include "base/mem.h"
#include "xmpp/client_private.h"
#include "xmpp/ns.h"

/* ---- birth and death ---- */

static void on_settle(void *arg)
{
	xmpp_deliveries_look(arg);
}

static bool send_iq(void *arg, struct xml_element *s, struct err *e)
{
	struct xmpp_client *c = arg;
	return xmpp_stream_send(c->stream, s, e);
}

struct xmpp_client *xmpp_client_new(struct loop *l, struct resolver *r,
	const struct xmpp_stream_settings *s,
	const struct xmpp_client_handlers *handlers, void *arg, struct err *e)
{
	struct xmpp_client *c = mem_alloc(sizeof(*c));
	c->loop = l;
	c->handlers = *handlers;
	c->arg = arg;
	c->log = s->log;
	c->deadline = s->deadline;
	c->reconnects = s->reconnect > 0;
	link_init(&c->deliveries);
	c->stream =
		xmpp_stream_new(l, r, s, &xmpp_client_stream_handlers, c, e);
	if (!c->stream) {
		mem_free(c);
		return NULL;
	}
	c->quiet = timer_new(l, xmpp_client_quiet, c);
	c->settle = timer_new(l, on_settle, c);
	c->iqs = xmpp_iqs_new(l, send_iq, c);
	xmpp_iqs_set_self(c->iqs, s->jid);
	xmpp_client_answer_all(c);
	return c;
}

void xmpp_client_free(struct xmpp_client *c)
{
	if (!c)
		return;
	c->doomed = true;
	if (c->telling)
		return;
	xmpp_deliveries_forget(c);
	xmpp_iqs_free(c->iqs);
	timer_free(c->quiet);
	timer_free(c->settle);
	xml_element_free(c->presence);
	xmpp_stream_free(c->stream);
	mem_free(c);
}

void xmpp_client_hold(struct xmpp_client *c)
{
	c->telling++;
}

void xmpp_client_release(struct xmpp_client *c)
{
	if (--c->telling == 0 && c->doomed)
		xmpp_client_free(c);
}

/* ---- what a tool does ---- */

bool xmpp_client_send(
	struct xmpp_client *c, struct xml_element *s, struct err *e)
{
	return xmpp_stream_send(c->stream, s, e);
}

bool xmpp_client_is_full(const struct xmpp_client *c)
{
	return xmpp_stream_is_full(c->stream);
}

struct xmpp_iq *xmpp_client_request(struct xmpp_client *c,
	struct xml_element *s, usec_t wait, xmpp_iq_done *done, void *arg,
	struct err *e)
{
	return xmpp_iq_request(c->iqs, s, wait, done, arg, e);
}

struct xml_element *xmpp_ping_make(const char *to)
{
	struct xml_element *s = xmpp_iq_make("get", to);
	xml_element_child(s, "ping", XMPP_NS_PING);
	return s;
}

bool xmpp_client_set_presence(
	struct xmpp_client *c, const struct xmpp_presence *p, struct err *e)
{
	struct xml_element *s = xmpp_presence_make(p);
	if (!xmpp_stream_send(c->stream, xml_element_dup(s), e)) {
		xml_element_free(s);
		return false;
	}
	xml_element_free(c->presence);
	c->presence = NULL;
	if (p->type == XMPP_PRESENCE_AVAILABLE)
		c->presence = s;
	else
		xml_element_free(s);
	return true;
}

void xmpp_client_set_resend(struct xmpp_client *c, bool resend)
{
	c->resend = resend;
}

/* RFC 6121 section 4.5.2: so that contacts hear it from us. */
void xmpp_client_close(struct xmpp_client *c)
{
	static const struct xmpp_presence gone = {
		.type = XMPP_PRESENCE_UNAVAILABLE
	};
	if (c->presence && xmpp_stream_is_online(c->stream))
		xmpp_client_set_presence(c, &gone, NULL);
	timer_stop(c->quiet);
	xmpp_stream_close(c->stream);
}

bool xmpp_client_has_more(const struct xmpp_client *c)
{
	return xmpp_stream_has_more(c->stream);
}

usec_t xmpp_client_heard(const struct xmpp_client *c)
{
	return xmpp_stream_heard(c->stream);
}

void xmpp_client_set_active(struct xmpp_client *c, bool active)
{
	xmpp_stream_set_active(c->stream, active);
}

void xmpp_client_set_catches_up(struct xmpp_client *c, bool catches_up)
{
	xmpp_stream_set_catches_up(c->stream, catches_up);
}

void xmpp_client_set_archived(struct xmpp_client *c, bool archived)
{
	xmpp_stream_set_archived(c->stream, archived);
}

bool xmpp_client_is_inline(const struct xmpp_client *c)
{
	return xmpp_stream_is_inline(c->stream);
}

bool xmpp_client_has_carbons(const struct xmpp_client *c)
{
	return xmpp_stream_has_carbons(c->stream);
}

const char *xmpp_client_archive_end(const struct xmpp_client *c)
{
	return xmpp_stream_archive_end(c->stream);
}

uint32_t xmpp_client_defer(struct xmpp_client *c)
{
	return xmpp_stream_defer(c->stream);
}

void xmpp_client_handled(struct xmpp_client *c, uint32_t number)
{
	xmpp_stream_handled(c->stream, number);
}

void xmpp_client_pause(struct xmpp_client *c, bool paused)
{
	c->paused = paused;
	xmpp_stream_pause(c->stream, paused);
}

bool xmpp_client_is_online(void *client)
{
	struct xmpp_client *c = client;
	return xmpp_stream_is_online(c->stream);
}

bool xmpp_client_has_ended(void *client)
{
	struct xmpp_client *c = client;
	return c->ended;
}

bool xmpp_client_is_online_or_ended(void *client)
{
	return xmpp_client_is_online(client) || xmpp_client_has_ended(client);
}

const struct err *xmpp_client_end(const struct xmpp_client *c)
{
	return &c->end;
}

const struct xmpp_jid *xmpp_client_jid(const struct xmpp_client *c)
{
	return xmpp_stream_jid(c->stream);
}

struct xmpp_iqs *xmpp_client_iqs(struct xmpp_client *c)
{
	return c->iqs;
}

struct xmpp_sm *xmpp_client_sm(struct xmpp_client *c)
{
	return xmpp_stream_sm(c->stream);
}
