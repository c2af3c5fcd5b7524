#include "ask.h"

#include "base/mem.h"
#include "xmpp/error.h"

/* How long another server may take. */
#define ANSWER_WAIT (10 * USEC_SEC)

const struct opt ask_options[] = {
	{ OPT_LIST, 0, "probe", "JID", "print the presence of this one, now",
		.offset = offsetof(struct ask_options, probe) },
	{ OPT_LIST, 0, "request", "JID", "ask to see the presence of this one",
		.offset = offsetof(struct ask_options, request) },
	{ OPT_LIST, 0, "approve", "JID", "let this one see ours",
		.offset = offsetof(struct ask_options, approve) },
	{ OPT_LIST, 0, "deny", "JID",
		"do not let this one see ours, or not any more",
		.offset = offsetof(struct ask_options, deny) },
	{ OPT_END },
};

struct asked {
	struct ask *ask;
	struct xmpp_jid jid;
	enum xmpp_presence_type type; /* what is said */
	bool answered, is_told, is_there;
	struct err refusal;
};

struct ask {
	struct xmpp_listen *listen;
	struct asked *list;
	size_t count, answered;
};

bool ask_is_wanted(const struct ask_options *o)
{
	return o->probe.count || o->request.count || o->approve.count ||
	       o->deny.count;
}

static bool take(struct ask *a, const struct opt_list *jids,
	enum xmpp_presence_type type, struct err *e)
{
	for (size_t i = 0; i < jids->count; i++) {
		struct asked *to = &a->list[a->count];
		if (!xmpp_login_parse_jid(&to->jid, jids->items[i], e))
			return false;
		to->ask = a;
		to->type = type;
		a->count++;
	}
	return true;
}

struct ask *ask_new(
	struct xmpp_listen *l, const struct ask_options *o, struct err *e)
{
	struct ask *a = mem_alloc(sizeof(*a));
	a->listen = l;
	a->list = mem_array(o->probe.count + o->request.count +
				    o->approve.count + o->deny.count + 1,
		sizeof(*a->list));
	if (take(a, &o->approve, XMPP_PRESENCE_SUBSCRIBED, e) &&
		take(a, &o->deny, XMPP_PRESENCE_UNSUBSCRIBED, e) &&
		take(a, &o->request, XMPP_PRESENCE_SUBSCRIBE, e) &&
		take(a, &o->probe, XMPP_PRESENCE_PROBE, e))
		return a;
	ask_free(a);
	return NULL;
}

void ask_free(struct ask *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->count; i++)
		xmpp_jid_clear(&a->list[i].jid);
	mem_free(a->list);
	mem_free(a);
}

/* ---- asking ---- */

static void on_pong(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct asked *to = arg;
	struct ask *a = to->ask;
	to->answered = true;
	/* An error is an answer too, unless nobody there gave it. */
	if (!reply || e->status == STATUS_UNREACHABLE) {
		to->refusal = *e;
		err_prefix(&to->refusal, "%s", to->jid.text);
	}
	if (++a->answered == a->count)
		a->listen->done = true;
}

static bool say(struct asked *to, struct err *e)
{
	struct xmpp_client *c = to->ask->listen->login.client;
	const struct xmpp_presence p = { .type = to->type };
	struct xml_element *s = xmpp_presence_make(&p);
	char *bare = span_dup(xmpp_jid_bare(&to->jid));
	/* Section 3.1.2: subscriptions are of accounts. */
	xml_element_attr(
		s, "to", to->type == XMPP_PRESENCE_PROBE ? to->jid.text : bare);
	bool good = xmpp_client_send(c, s, e) &&
		    xmpp_client_request(c, xmpp_ping_make(bare), ANSWER_WAIT,
			    on_pong, to, e);
	mem_free(bare);
	return good;
}

bool ask_begin(struct ask *a, struct err *e)
{
	for (size_t i = 0; i < a->count; i++)
		if (!say(&a->list[i], e))
			return false;
	return true;
}

/* ---- answers ---- */

/* Sections 3.1.3 and 4.3.2: what `unsubscribed` means here. */
static const char *no(enum xmpp_presence_type said)
{
	return said == XMPP_PRESENCE_PROBE
		       ? "does not let us see their presence"
		       : "does not want us to see their presence";
}

static void answer(struct asked *to, const struct xml_element *s,
	const struct xmpp_presence *p)
{
	struct xmpp_listen *l = to->ask->listen;
	struct record_xmpp x = xmpp_listen_records(l);
	struct xmpp_error error;
	if (xmpp_error_parse(&error, s)) {
		xmpp_error_to_err(&error, &to->refusal);
		err_prefix(&to->refusal, "%s", to->jid.text);
	} else if (p->type == XMPP_PRESENCE_UNSUBSCRIBED &&
		   to->type != XMPP_PRESENCE_SUBSCRIBED &&
		   to->type != XMPP_PRESENCE_UNSUBSCRIBED) {
		err_set(&to->refusal, STATUS_REFUSED, "%s: %s", to->jid.text,
			no(to->type));
	} else if (to->type == XMPP_PRESENCE_PROBE) {
		to->is_told = true;
		if (p->type == XMPP_PRESENCE_AVAILABLE)
			to->is_there = true;
		else if (p->type != XMPP_PRESENCE_UNAVAILABLE)
			return;
		xmpp_listen_wrote(
			l, record_xmpp_presence(&x, loop_wall(l->run->loop), s,
				   p, &l->fault));
	}
}

void ask_presence(struct ask *a, const struct xml_element *s,
	const struct xmpp_presence *p)
{
	struct xmpp_jid from;
	const char *text = xml_element_attr_find(s, "from");
	if (!text || !xmpp_jid_parse(&from, span_of(text), NULL))
		return;
	for (size_t i = 0; i < a->count; i++)
		if (!a->list[i].answered &&
			xmpp_jid_equal_bare(&from, &a->list[i].jid)) {
			answer(&a->list[i], s, p);
			break;
		}
	xmpp_jid_clear(&from);
}

/* RFC 6121 section 4.3.2: silence may mean either. */
static bool say_absent(const struct asked *to, struct err *e)
{
	return err_set(e, STATUS_REFUSED,
		to->is_told ? "%s is not available"
			    : "%s is not available, or not for us to see",
		to->jid.text);
}

bool ask_outcome(const struct ask *a, struct err *e)
{
	const struct asked *absent = NULL;
	size_t probed = 0, there = 0;
	for (size_t i = 0; i < a->count; i++) {
		const struct asked *to = &a->list[i];
		if (err_is_set(&to->refusal)) {
			*e = to->refusal;
			return false;
		}
		if (to->type != XMPP_PRESENCE_PROBE)
			continue;
		probed++;
		there += to->is_there;
		absent = to;
	}
	if (there || !probed)
		return true;
	if (probed > 1)
		return err_set(e, STATUS_REFUSED, "nobody of them is there");
	return say_absent(absent, e);
}
