/* From the first header to authentication, a step at a time (RFC 6120 sections
 * 4.3 and 5.4); section 6 is in stream_auth.c, section 7 in stream_bind.c. */
#include <string.h>

#include "xmpp/error.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

void xmpp_stream_open(struct xmpp_stream *s, enum xmpp_phase next)
{
	struct xmpp_header h = { .to = s->jid.domain };
	/* Section 4.7.1: who we are is nobody's business before TLS. */
	bool secure = xmpp_target_is_web(s->target) || xmpp_wire_tls(s->wire);
	if (secure && !s->unauthenticated && !s->anonymous)
		h.from = xmpp_jid_bare(&s->jid);
	xmpp_wire_open(s->wire, &h);
	xmpp_stream_enter(s, next);
}

bool xmpp_stream_advance(struct xmpp_stream *s, struct xml_element *element,
	enum xmpp_phase next)
{
	struct err e = ERR_NONE;
	bool sent = xmpp_wire_send(s->wire, element, &e);
	xml_element_free(element);
	if (!sent)
		return xmpp_stream_refuse(
			s, STATUS_INTERNAL, NULL, "%s", e.text);
	xmpp_stream_enter(s, next);
	return true;
}

bool xmpp_stream_unexpected(struct xmpp_stream *s,
	const struct xml_element *came, const char *wanted)
{
	return xmpp_stream_refuse(s, STATUS_MALFORMED, "policy-violation",
		"<%s/> where %s was to come", came->name, wanted);
}

bool xmpp_stream_parse_features(struct xmpp_stream *s, struct xmpp_features *f,
	const struct xml_element *came)
{
	struct err e = ERR_NONE;
	if (!xml_element_is(came, "features", XMPP_NS_STREAM))
		return xmpp_stream_unexpected(s, came, "<stream:features/>");
	if (xmpp_features_parse(f, came, &e))
		return true;
	return xmpp_stream_refuse(
		s, e.status, "policy-violation", "%s", e.text);
}

/* ---- section 5: TLS ---- */

static bool take_plain_features(
	struct xmpp_stream *s, const struct xml_element *came)
{
	struct xmpp_features f;
	if (!xmpp_stream_parse_features(s, &f, came))
		return false;
	/* Nothing else is read from features that anybody may have written. */
	if (!f.starttls)
		return xmpp_stream_refuse(s, STATUS_TLS, NULL,
			"offers no STARTTLS: either it cannot, or somebody in "
			"between has taken the offer away");
	if (s->early & XMPP_EARLY_STARTTLS) {
		xmpp_stream_enter(s, XMPP_PHASE_STARTTLS);
		return true;
	}
	return xmpp_stream_advance(s, xml_element_new("starttls", XMPP_NS_TLS),
		XMPP_PHASE_STARTTLS);
}

static bool take_proceed(struct xmpp_stream *s, const struct xml_element *came)
{
	if (xml_element_is(came, "failure", XMPP_NS_TLS))
		return xmpp_stream_refuse(
			s, STATUS_TLS, NULL, "refuses STARTTLS");
	if (!xml_element_is(came, "proceed", XMPP_NS_TLS))
		return xmpp_stream_unexpected(s, came, "<proceed/>");
	struct err e = ERR_NONE;
	struct tls_config *config =
		xmpp_stream_tls_config(s, XMPP_SECURITY_STARTTLS, &e);
	if (!config)
		return xmpp_stream_refuse(s, e.status, NULL, "%s", e.text);
	struct tls_peer peer;
	s->early = 0;
	xmpp_stream_tls_peer(s, &peer);
	xmpp_stream_enter(s, XMPP_PHASE_HANDSHAKE);
	xmpp_wire_start_tls(s->wire, config, &peer);
	return true;
}

/* ---- the wire's handlers ---- */

static void on_secured(void *arg)
{
	struct xmpp_stream *s = arg;
	xmpp_stream_open(s, XMPP_PHASE_FEATURES_TLS);
	if (!s->unauthenticated)
		xmpp_stream_auth_early(s);
}

static void on_open(void *arg)
{
	struct xmpp_stream *s = arg;
	xmpp_stream_forget_web(s);
	xmpp_stream_recall(s);
	if (s->target->security != XMPP_SECURITY_STARTTLS) {
		on_secured(s);
	} else {
		xmpp_stream_open(s, XMPP_PHASE_FEATURES);
		xmpp_stream_starttls_early(s);
	}
	xmpp_stream_work_ahead(s);
}

static void on_header(void *arg, const struct xmpp_header *h)
{
	(void)arg;
	(void)h; /* what counts comes in the features */
}

static void negotiate(struct xmpp_stream *s, struct xml_element *came)
{
	switch (s->phase) {
	case XMPP_PHASE_FEATURES:
		take_plain_features(s, came);
		break;
	case XMPP_PHASE_STARTTLS:
		take_proceed(s, came);
		break;
	case XMPP_PHASE_FEATURES_TLS:
		if (s->unauthenticated)
			xmpp_stream_begin_talk(s, came);
		else
			xmpp_stream_begin_auth(s, came);
		return;
	case XMPP_PHASE_AUTH:
	case XMPP_PHASE_RESPONSE:
		xmpp_stream_go_on_auth(s, came);
		break;
	case XMPP_PHASE_FEATURES_AUTH:
		xmpp_stream_begin_bind(s, came);
		break;
	case XMPP_PHASE_RESUME:
		xmpp_stream_take_resumption(s, came);
		break;
	case XMPP_PHASE_BIND:
		xmpp_stream_take_bind(s, came);
		break;
	default:
		break; /* closing before it began */
	}
	xml_element_free(came);
}

static void on_element(void *arg, struct xml_element *came)
{
	struct xmpp_stream *s = arg;
	if (s->in_session) {
		xmpp_stream_take(s, came);
		return;
	}
	negotiate(s, came);
}

static void on_flushing(void *arg)
{
	xmpp_stream_settle(arg);
}

static void on_ending(void *arg)
{
	struct xmpp_stream *s = arg;
	if (s->phase == XMPP_PHASE_ONLINE)
		xmpp_stream_farewell(s);
}

static void on_drained(void *arg)
{
	struct xmpp_stream *s = arg;
	xmpp_stream_pump(s);
	if (!xmpp_sm_is_full(&s->sm) && s->handlers.progress)
		s->handlers.progress(s->arg);
}

static void on_closed(void *arg, const struct err *e)
{
	struct xmpp_stream *s = arg;
	struct err why = *e;
	if (!err_is_set(&why) && s->phase < XMPP_PHASE_CLOSING) {
		err_set(&why, STATUS_UNREACHABLE,
			"the server closed the stream");
		why.retryable = true;
	}
	xmpp_stream_fail(s, &why);
}

static void on_trace(void *arg, bool sent, struct span text)
{
	struct xmpp_stream *s = arg;
	if (s->log.trace)
		s->log.trace(s->log.arg, sent, text);
}

const struct xmpp_wire_handlers xmpp_stream_wire_handlers = {
	.open = on_open,
	.secured = on_secured,
	.header = on_header,
	.element = on_element,
	.ending = on_ending,
	.flushing = on_flushing,
	.drained = on_drained,
	.closed = on_closed,
	.trace = on_trace,
};
