/* How long the room is silent, and what it says of itself. */
#include <string.h>

#include "base/mem.h"
#include "xmpp/disco.h"
#include "xmpp/muc_private.h"
#include "xmpp/ns.h"

/* ---- patience ---- */

usec_t xmpp_muc_still_to_wait(const struct xmpp_muc_room *r, usec_t since)
{
	if (!xmpp_client_is_online(r->client))
		return r->wait;
	usec_t online = xmpp_stream_since(r->client->stream);
	usec_t waited = loop_now(r->loop) - (since > online ? since : online);
	return waited < r->wait ? r->wait - waited : 0;
}

static void on_impatience(void *arg)
{
	struct xmpp_muc_room *r = arg;
	struct err e = ERR_NONE;
	if (r->phase == XMPP_MUC_JOINED)
		xmpp_muc_look_at_sayings(r);
	if (r->phase != XMPP_MUC_JOINING)
		return;
	usec_t more = xmpp_muc_still_to_wait(r, r->joining_since);
	if (more) {
		timer_set(r->impatience, more);
		return;
	}
	err_set(&e, STATUS_TIMEOUT, "the room does not answer");
	e.retryable = true;
	xmpp_muc_end(r, &e);
}

/* ---- does it vouch for the ids it gives? (XEP-0359 section 5) ---- */

static void on_info(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmpp_muc_room *r = arg;
	const struct xml_element *query =
		err_is_set(e) ? NULL
			      : xmpp_disco_query(reply, XMPP_NS_DISCO_INFO);
	r->info = NULL;
	if (!query)
		return;
	r->asked = true;
	r->ids = xmpp_disco_has_feature(query, XMPP_NS_SID);
}

/* Before the room is joined, so that it is known when messages come; a room
 * that is only being made is asked again. */
void xmpp_muc_ask_info(struct xmpp_muc_room *r)
{
	if (r->asked || r->info)
		return;
	r->info = xmpp_client_request(r->client,
		xmpp_disco_make_info(r->jid.text, NULL), XMPP_MUC_ANSWER,
		on_info, r, NULL);
}

/* ---- are we still there? (XEP-0410) ---- */

/* Section 3.3: these mean that we are not; any other that we are, or that
 * nobody knows. */
static bool is_out(const struct err *e)
{
	return strcmp(e->condition, "not-acceptable") == 0;
}

static void on_pong(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmpp_muc_room *r = arg;
	r->request = NULL;
	xmpp_muc_heard(r);
	if (reply && is_out(e) && r->phase == XMPP_MUC_JOINED)
		xmpp_muc_join_again(r);
}

static void on_quiet(void *arg)
{
	struct xmpp_muc_room *r = arg;
	if (r->phase != XMPP_MUC_JOINED || r->request)
		return;
	char *to = xmpp_muc_self(r);
	r->request = xmpp_client_request(r->client, xmpp_ping_make(to),
		XMPP_MUC_ANSWER, on_pong, r, NULL);
	mem_free(to);
}

void xmpp_muc_heard(struct xmpp_muc_room *r)
{
	timer_set(r->quiet, XMPP_MUC_QUIET);
}

void xmpp_muc_watch(struct xmpp_muc_room *r)
{
	r->quiet = timer_new(r->loop, on_quiet, r);
	r->impatience = timer_new(r->loop, on_impatience, r);
}
