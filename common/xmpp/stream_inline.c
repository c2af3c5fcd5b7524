/* What is asked for in the same breath as authentication (XEP-0388): to resume
 * a session (XEP-0198 section "SASL2 and BIND2 interaction"), or to begin one
 * with a resource, stream management and carbons (XEP-0386).
 *
 * Bind 2 throws away what waits offline for the account, and ends what the
 * same user agent has open.  So it is asked for only where the caller fetches
 * from the archive what it would have got, where that archive was seen to take
 * every message, and by a slot's own id; and never after a cut, when stanzas
 * that the archive does not have may have gone back to the offline store. */
#include "base/mem.h"
#include "xmpp/ns.h"
#include "xmpp/stream_private.h"

/* ---- asking ---- */

static bool may_bind(
	const struct xmpp_stream *s, const struct xmpp_features *offer)
{
	return s->catches_up && s->known.archive && offer->bind2 &&
	       offer->bind2_sm && !s->jid.resource.n &&
	       !xmpp_jid_is_set(&s->bound);
}

static void add(struct xml_element *to, struct xml_element *element)
{
	xml_element_add(to, element);
	xml_element_free(element);
}

static void add_bind(
	struct xmpp_stream *s, struct xml_element *word, bool carbons)
{
	struct xml_element *bind =
		xml_element_child(word, "bind", XMPP_NS_BIND2);
	s->has_carbons = carbons;
	if (carbons)
		xml_element_child(bind, "enable", XMPP_NS_CARBONS);
	add(bind, xmpp_stream_enable_request(s));
	s->inlined = XMPP_INLINE_BIND;
}

void xmpp_stream_add_inline(struct xmpp_stream *s, struct xml_element *word,
	const struct xmpp_features *offer)
{
	xmpp_stream_drop_inline(s);
	if (offer->resume && xmpp_stream_can_resume(s)) {
		add(word, xmpp_sm_make_resume(&s->sm));
		s->inlined = XMPP_INLINE_RESUME;
	} else if (may_bind(s, offer)) {
		add_bind(s, word, offer->bind2_carbons);
	}
}

void xmpp_stream_drop_inline(struct xmpp_stream *s)
{
	if (s->inlined == XMPP_INLINE_BIND && s->sm.state == XMPP_SM_ASKED)
		xmpp_sm_off(&s->sm);
	if (s->inlined == XMPP_INLINE_BIND)
		s->has_carbons = false;
	s->inlined = XMPP_INLINE_NOTHING;
	xml_element_free(s->granted);
	s->granted = NULL;
}

/* ---- what came of it ---- */

static const struct xml_element *find_grant(
	const struct xmpp_stream *s, const struct xml_element *success)
{
	const struct xml_element *found = NULL;
	if (s->inlined == XMPP_INLINE_BIND)
		return xml_element_find(success, "bound", XMPP_NS_BIND2);
	if (s->inlined == XMPP_INLINE_RESUME)
		found = xml_element_find(success, "resumed", XMPP_NS_SM);
	if (s->inlined == XMPP_INLINE_RESUME && !found)
		found = xml_element_find(success, "failed", XMPP_NS_SM);
	return found;
}

void xmpp_stream_keep_inline(
	struct xmpp_stream *s, const struct xml_element *success)
{
	struct xml_element *granted = NULL;
	if (find_grant(s, success))
		granted = xml_element_dup(success);
	/* Passed over: what follows is as if it had not been asked. */
	if (!granted)
		xmpp_stream_drop_inline(s);
	s->granted = granted;
}

/* XEP-0313 section "Archive metadata": NULL where the archive is empty, or
 * the server says nothing. */
static char *end_of_archive(const struct xml_element *bound)
{
	const struct xml_element *at =
		xml_element_find(bound, "metadata", XMPP_NS_MAM);
	if (at)
		at = xml_element_find(at, "end", XMPP_NS_MAM);
	return at ? mem_str(xml_element_attr_find(at, "id")) : NULL;
}

static bool take_bound(struct xmpp_stream *s, const struct xml_element *success)
{
	const struct xml_element *bound =
		xml_element_find(success, "bound", XMPP_NS_BIND2);
	const struct xml_element *enabled =
		xml_element_find(bound, "enabled", XMPP_NS_SM);
	struct span jid = xml_element_child_text(
		success, "authorization-identifier", XMPP_NS_SASL2);
	if (!xmpp_stream_set_bound(s, jid))
		return false;
	if (enabled)
		xmpp_sm_enabled(&s->sm, enabled);
	else
		xmpp_sm_off(&s->sm);
	s->is_inline = true;
	mem_free(s->archive_end);
	s->archive_end = end_of_archive(bound);
	s->csi_offered |= s->offered.bind2_csi;
	/* What a bound stream has no need of is offered on others as before. */
	s->sm_offered |= enabled != NULL;
	s->session_required = !s->known.bind;
	xmpp_stream_note(s, "the resource came with <success/>");
	xmpp_stream_begin_session(s);
	return true;
}

bool xmpp_stream_take_inline(struct xmpp_stream *s)
{
	struct xml_element *granted = s->granted;
	bool good;
	s->granted = NULL;
	s->early = 0;
	if (s->inlined == XMPP_INLINE_RESUME) {
		s->inlined = XMPP_INLINE_NOTHING;
		s->sm_offered = true;
		const struct xml_element *resumed =
			xml_element_find(granted, "resumed", XMPP_NS_SM);
		good = xmpp_stream_take_resumption(
			s, resumed ? resumed
				   : xml_element_find(
					     granted, "failed", XMPP_NS_SM));
	} else {
		s->inlined = XMPP_INLINE_NOTHING;
		good = take_bound(s, granted);
	}
	xml_element_free(granted);
	return good;
}
