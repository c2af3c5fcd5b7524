#include "cli/record_contact.h"
#include "xmpp/ns.h"
#include "xmpproster.h"

static void print(struct xmpproster *t, const struct xmpp_roster_item *item)
{
	struct record_xmpp x = { t->run->out, xmpp_client_jid(t->login.client),
		t->login.name };
	record_contact(&x, loop_wall(t->run->loop), item, &t->fault);
}

static void refuse(struct change *c, const char *why)
{
	if (err_is_set(&c->outcome))
		return;
	err_set(&c->outcome, STATUS_REFUSED, "%s", why);
	err_condition(&c->outcome, "item-not-found", false);
}

void outcome_missing(struct change *c)
{
	refuse(c, "it is not in the roster");
}

/* RFC 6121 section 3.4.2: `approved` is noted for later.  INTEROP: Prosody 0.12
 * notes it and does not say so, but pushes the item, as it must. */
static bool is_approved(
	const struct change *c, const struct xmpp_roster_item *i)
{
	return i && (i->approved || c->was_pushed ||
			    i->subscription == XMPP_SUBSCRIPTION_FROM ||
			    i->subscription == XMPP_SUBSCRIPTION_BOTH);
}

static void check(const struct xmpproster *t, struct change *c,
	const struct xmpp_roster_item *now)
{
	switch (t->action->outcome) {
	case OUTCOME_LISTED:
		if (!now)
			outcome_missing(c);
		break;
	case OUTCOME_GONE:
		if (now)
			refuse(c, "it is still in the roster");
		break;
	case OUTCOME_APPROVED:
		if (!is_approved(c, now))
			refuse(c, "it has not asked to see our presence, and "
				  "the server keeps no approval for later");
		break;
	}
}

static void print_gone(struct xmpproster *t, const struct change *c)
{
	struct xml_element *none = xml_element_new("item", XMPP_NS_ROSTER);
	struct xmpp_roster_item gone = { .jid = c->jid.text,
		.subscription = XMPP_SUBSCRIPTION_REMOVE,
		.element = none };
	print(t, &gone);
	xml_element_free(none);
}

static void report_one(struct xmpproster *t, struct change *c)
{
	const struct xmpp_roster_item *now =
		xmpp_roster_find(t->after, c->jid.text);
	check(t, c, now);
	if (err_is_set(&c->outcome))
		return;
	if (now)
		print(t, now);
	else
		print_gone(t, c);
}

void outcome_report(struct xmpproster *t)
{
	for (size_t i = 0; i < t->changes.count; i++)
		if (!err_is_set(&t->changes.all[i].outcome))
			report_one(t, &t->changes.all[i]);
}

void outcome_list(struct xmpproster *t)
{
	const struct xmpp_roster_item *item = NULL;
	for (size_t i = 0; i < t->changes.count; i++) {
		struct change *c = &t->changes.all[i];
		item = xmpp_roster_find(t->before, c->jid.text);
		if (item)
			print(t, item);
		else
			outcome_missing(c);
	}
	while (t->changes.count == 0 &&
		(item = xmpp_roster_next(t->before, item)))
		print(t, item);
}

bool outcome_judge(struct xmpproster *t, struct err *e)
{
	size_t failed = 0;
	for (size_t i = 0; i < t->changes.count; i++) {
		struct change *c = &t->changes.all[i];
		if (!err_is_set(&c->outcome))
			continue;
		err_prefix(&c->outcome, "%s", c->jid.text);
		if (t->changes.count > 1)
			run_warn(t->run, "%s", c->outcome.text);
		if (failed++ == 0 ||
			status_worse(e->status, c->outcome.status) != e->status)
			*e = c->outcome;
	}
	if (failed && t->changes.count > 1) {
		enum status worst = e->status;
		err_set(e, worst, "%s: %zu of %zu failed", t->action->name,
			failed, t->changes.count);
	}
	if (!failed && err_is_set(&t->fault))
		*e = t->fault;
	return !err_is_set(e);
}
