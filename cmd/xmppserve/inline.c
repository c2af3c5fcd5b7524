#include "inline.h"

#include "archive.h"
#include "base/rand.h"
#include "resume.h"
#include "xmpp/ns.h"

#define GENERATED_LENGTH 12

void inline_offer(const struct session *c, struct xmpp_features *f)
{
	f->resume = c->server->keep > 0;
	f->bind2 = f->bind2_sm = c->server->archive;
}

static void add(struct xml_element *to, struct xml_element *element)
{
	xml_element_add(to, element);
	xml_element_free(element);
}

/* XEP-0386 section 4.2.1: the client's tag, and what tells it from others; one
 * that cannot be in a resource is passed over. */
static bool make_resource(struct session *c, struct span tag)
{
	char generated[GENERATED_LENGTH + 1];
	struct buf b = BUF_INIT(XMPP_JID_PART_MAX);
	const struct xmpp_jid *u = &c->user->jid;
	rand_token(generated, GENERATED_LENGTH);
	buf_printf(&b, "%.*s/%s", SPAN_ARGS(tag), generated);
	bool good =
		tag.n && !b.failed &&
		xmpp_jid_make(&c->jid, u->local, u->domain, buf_view(&b), NULL);
	buf_clear(&b);
	return good || xmpp_jid_make(&c->jid, u->local, u->domain,
			       span_of(generated), NULL);
}

/* What it was sent and did not get is stored again, and in the archive. */
static void end_older(struct session *c)
{
	LIST_EACH(&c->user->sessions, at)
	{
		struct session *other = LIST_ITEM(at, struct session, of_user);
		if (other != c && c->agent[0] &&
			span_is(span_of(other->agent), c->agent))
			session_end(other, "conflict");
	}
}

static void bind_resource(struct session *c, const struct xml_element *bind,
	struct xml_element *success)
{
	struct span tag = xml_element_child_text(bind, "tag", XMPP_NS_BIND2);
	const struct xml_element *enable =
		xml_element_find(bind, "enable", XMPP_NS_SM);
	queue_clear(&c->user->offline);
	if (!make_resource(c, tag))
		return;
	struct xml_element *bound =
		xml_element_child(success, "bound", XMPP_NS_BIND2);
	archive_add_metadata(bound, c->user);
	session_bound(c);
	if (enable)
		add(bound, resume_make_enabled(c, enable));
	end_older(c);
}

bool inline_take(struct session *c, struct xml_element *success)
{
	const struct xml_element *resume =
		xml_element_find(c->request, "resume", XMPP_NS_SM);
	const struct xml_element *bind =
		xml_element_find(c->request, "bind", XMPP_NS_BIND2);
	if (resume && c->server->keep) {
		struct xml_element *answer = resume_answer(c, resume);
		if (!answer)
			return false;
		add(success, answer);
	}
	/* A session that was resumed has its resource. */
	if (bind && c->server->archive && c->phase == SESSION_KNOWN)
		bind_resource(c, bind, success);
	return true;
}
