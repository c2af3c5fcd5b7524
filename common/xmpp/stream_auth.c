/* Who we are, and who the server is (RFC 6120 section 6). */
#include <string.h>

#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

struct xmpp_auth *xmpp_stream_auth_new(struct xmpp_stream *s,
	const struct xmpp_sasl_offer *offer, struct err *e)
{
	struct xmpp_auth_setup setup = { .offer = offer,
		.tls = xmpp_wire_tls(s->wire),
		.username = span_of(s->username),
		.password = buf_view(&s->password) };
	xmpp_stream_policy(s, &setup.policy);
	return xmpp_auth_new(&setup, e);
}

static void note_mechanism(const struct xmpp_stream *s)
{
	const char *binding = xmpp_auth_binding(s->auth);
	xmpp_stream_note(s, "%s, %s%s%s", tls_version(xmpp_wire_tls(s->wire)),
		xmpp_auth_mechanism(s->auth), binding ? " bound by " : "",
		binding ? binding : "");
}

/* On the offer that is there. */
static bool begin(struct xmpp_stream *s)
{
	struct err e = ERR_NONE;
	struct xmpp_stanza *auth = NULL;
	xmpp_auth_free(s->auth);
	s->auth = xmpp_stream_auth_new(s, &s->offer, &e);
	if (s->auth)
		auth = xmpp_auth_begin(s->auth, &e);
	if (!auth)
		return xmpp_stream_refuse(s, e.status, NULL, "%s", e.text);
	note_mechanism(s);
	return xmpp_stream_advance(s, auth, XMPP_PHASE_AUTH);
}

/* It was begun before the offer came.  Where that is another one now, it is
 * begun anew, on a connection of its own.  INTEROP: on the same stream Prosody
 * 0.12 forgets the channel binding after a first failure, and falls silent. */
static bool confirm(struct xmpp_stream *s)
{
	struct err e = ERR_NONE;
	bool stands;
	if (!xmpp_auth_confirm(s->auth, &s->offer, &stands, &e))
		return xmpp_stream_refuse(s, e.status, NULL, "%s", e.text);
	if (!stands) {
		s->offer_changed = true;
		return xmpp_stream_refuse(s, STATUS_AUTH, NULL,
			"offers other mechanisms than the last time");
	}
	note_mechanism(s);
	xmpp_stream_enter(s, XMPP_PHASE_AUTH);
	return true;
}

void xmpp_stream_begin_auth(struct xmpp_stream *s, struct xmpp_stanza *came)
{
	struct xmpp_features f;
	xmpp_stanza_free(s->features);
	s->features = came;
	if (!xmpp_stream_parse_features(s, &f, came))
		return;
	s->offer = f.sasl;
	if (s->early & XMPP_EARLY_AUTH)
		confirm(s);
	else
		begin(s);
}

static void succeed(struct xmpp_stream *s)
{
	xmpp_stream_learn_proof(s);
	xmpp_auth_free(s->auth);
	s->auth = NULL;
	s->early = 0;
	xmpp_stream_open_again(s);
}

static void fail(
	struct xmpp_stream *s, struct xmpp_stanza *answer, const struct err *e)
{
	if (answer)
		xmpp_wire_send(s->wire, answer, NULL);
	xmpp_stanza_free(answer);
	timer_stop(s->timer);
	xmpp_wire_refuse(s->wire, NULL, e);
}

void xmpp_stream_go_on_auth(
	struct xmpp_stream *s, const struct xmpp_stanza *came)
{
	struct xmpp_stanza *answer;
	struct err e = ERR_NONE;
	if (strcmp(came->ns, XMPP_NS_SASL) != 0) {
		xmpp_stream_unexpected(s, came, "<success/>");
		return;
	}
	switch (xmpp_auth_take(s->auth, came, &answer, &e)) {
	case XMPP_AUTH_GOES_ON:
		xmpp_stream_advance(s, answer, XMPP_PHASE_RESPONSE);
		break;
	case XMPP_AUTH_DONE:
		succeed(s);
		break;
	case XMPP_AUTH_FAILED:
		fail(s, answer, &e);
		break;
	}
}
