/* xmpproster - the contacts of an account: list, add, remove, rename, group,
 * approve, export, import
 *
 * RFC 6121 sections 2 and 3.  The roster is read first, since what is set
 * replaces the whole item, and again behind the changes: what is printed, and
 * whether it was done, is what the server then says. */
#include <string.h>
#include <unistd.h>

#include "cli/out.h"
#include "xmpproster.h"

#define WAIT (30 * USEC_SEC)
/* Requests on their way at the same time. */
#define ASKED_MAX 50

struct options {
	struct run_options run;
	struct xmpp_login_options login;
	const char *name;
	struct opt_list group;
	bool subscribe, strict;
};

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Contacts" },
	{ OPT_STRING, 0, "name", "TEXT", "add: call it so",
		.offset = offsetof(struct options, name) },
	{ OPT_LIST, 0, "group", "NAME",
		"add: put it into this group; may be given again",
		.offset = offsetof(struct options, group) },
	{ OPT_FLAG, 0, "subscribe",
		.help = "add, import: ask to see its presence, too",
		.offset = offsetof(struct options, subscribe) },
	{ OPT_FLAG, 0, "strict",
		.help = "import: a record that is no contact is an error",
		.offset = offsetof(struct options, strict) },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

/* ---- what can be done ---- */

static bool read_contacts(struct xmpproster *t, char **operands, struct err *e);
static bool read_add(struct xmpproster *t, char **operands, struct err *e);
static bool read_rename(struct xmpproster *t, char **operands, struct err *e);
static bool read_groups(struct xmpproster *t, char **operands, struct err *e);
static bool read_import(struct xmpproster *t, char **operands, struct err *e);
static void do_set(struct xmpproster *t, struct change *c);
static void do_remove(struct xmpproster *t, struct change *c);
static void do_approve(struct xmpproster *t, struct change *c);

static const struct action actions[] = {
	{ "list", 0, -1, read_contacts, NULL, true, OUTCOME_LISTED },
	{ "add", 1, -1, read_add, do_set, false, OUTCOME_LISTED },
	{ "remove", 1, -1, read_contacts, do_remove, true, OUTCOME_GONE },
	{ "rename", 2, 2, read_rename, do_set, true, OUTCOME_LISTED },
	{ "groups", 1, -1, read_groups, do_set, true, OUTCOME_LISTED },
	{ "approve", 1, -1, read_contacts, do_approve, false,
		OUTCOME_APPROVED },
	{ "export", 0, 0, read_contacts, NULL, true, OUTCOME_LISTED },
	{ "import", 0, 0, read_import, do_set, false, OUTCOME_LISTED },
};

static const struct action *find_action(const char *name, struct err *e)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	err_set(e, STATUS_USAGE,
		"%s is nothing that can be done: list, add, remove, rename, "
		"groups, approve, export, import",
		name);
	return NULL;
}

static bool check_operands(
	const struct action *a, char **operands, struct err *e)
{
	int count = 0;
	while (operands[count])
		count++;
	if (count < a->min)
		return err_set(
			e, STATUS_USAGE, "%s what? See xmpproster(1)", a->name);
	if (a->max >= 0 && count > a->max)
		return err_set(e, STATUS_USAGE, "%s: %s is one too many",
			a->name, operands[a->max]);
	return true;
}

/* ---- what is to be done ---- */

static struct change *add_change(
	struct xmpproster *t, const char *jid, struct err *e)
{
	struct change *c = changes_add(&t->changes, span_of(jid), e);
	if (!c) {
		e->status = STATUS_USAGE;
		err_prefix(e, "%s", jid);
	}
	return c;
}

static bool read_contacts(struct xmpproster *t, char **operands, struct err *e)
{
	for (; *operands; operands++)
		if (!add_change(t, *operands, e))
			return false;
	return true;
}

static bool read_add(struct xmpproster *t, char **operands, struct err *e)
{
	const struct options *o = t->options;
	if (o->name && operands[1])
		return err_set(e, STATUS_USAGE, "--name is of one contact");
	for (; *operands; operands++) {
		struct change *c = add_change(t, *operands, e);
		if (!c)
			return false;
		if (o->name)
			change_set_name(c, span_of(o->name));
		for (size_t i = 0; i < o->group.count; i++)
			change_add_group(c, span_of(o->group.items[i]));
		c->subscribe = true;
	}
	return true;
}

static bool read_rename(struct xmpproster *t, char **operands, struct err *e)
{
	struct change *c = add_change(t, operands[0], e);
	if (c)
		change_set_name(c, span_of(operands[1]));
	return c != NULL;
}

static bool read_groups(struct xmpproster *t, char **operands, struct err *e)
{
	struct change *c = add_change(t, *operands, e);
	if (!c)
		return false;
	c->only_these = true;
	for (operands++; *operands; operands++)
		change_add_group(c, span_of(*operands));
	return true;
}

static bool read_import(struct xmpproster *t, char **operands, struct err *e)
{
	(void)operands;
	return changes_read(
		&t->changes, t->run, STDIN_FILENO, t->options->strict, e);
}

/* ---- doing it ---- */

static void on_set(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct change *c = arg;
	struct xmpproster *t = c->tool;
	(void)reply;
	t->open--;
	if (err_is_set(e))
		c->outcome = *e;
}

static void request(
	struct xmpproster *t, struct change *c, struct xml_element *s)
{
	c->tool = t;
	if (xmpp_client_request(
		    t->login.client, s, USEC_NEVER, on_set, c, &c->outcome))
		t->open++;
}

static void send_presence(
	struct xmpproster *t, struct change *c, enum xmpp_presence_type type)
{
	struct xml_element *s =
		xmpp_presence_make(&(struct xmpp_presence){ .type = type });
	xml_element_attr(s, "to", c->jid.text);
	xmpp_client_send(t->login.client, s, &c->outcome);
}

static bool is_seen(const struct xmpp_roster_item *i)
{
	return i && (i->subscription == XMPP_SUBSCRIPTION_TO ||
			    i->subscription == XMPP_SUBSCRIPTION_BOTH);
}

static void do_set(struct xmpproster *t, struct change *c)
{
	const struct xmpp_roster_item *now =
		xmpp_roster_find(t->before, c->jid.text);
	struct xml_element *set = change_make_set(c, now);
	if (set)
		request(t, c, set);
	if (t->options->subscribe && c->subscribe && !is_seen(now))
		send_presence(t, c, XMPP_PRESENCE_SUBSCRIBE);
}

static void do_remove(struct xmpproster *t, struct change *c)
{
	request(t, c, xmpp_roster_make_remove(c->jid.text));
}

static void do_approve(struct xmpproster *t, struct change *c)
{
	send_presence(t, c, XMPP_PRESENCE_SUBSCRIBED);
}

/* ---- waiting ---- */

static bool wait_for(
	struct xmpproster *t, bool (*done)(void *arg), struct err *e)
{
	switch (run_until(t->run, done, t, USEC_NEVER)) {
	case RUN_DONE:
		break;
	case RUN_DEADLINE:
		return run_timed_out(t->run, "the server does not answer", e);
	case RUN_SIGNAL:
	case RUN_READER_LEFT:
		out_has_failed(t->run->out, e);
		return false;
	}
	if (err_is_set(&t->fault))
		*e = t->fault;
	else if (xmpp_client_has_ended(t->login.client))
		*e = *xmpp_client_end(t->login.client);
	return !err_is_set(e);
}

static bool is_given_up(const struct xmpproster *t)
{
	return err_is_set(&t->fault) || xmpp_client_has_ended(t->login.client);
}

static bool may_ask(void *arg)
{
	struct xmpproster *t = arg;
	return is_given_up(t) ||
	       (t->open < ASKED_MAX && !xmpp_client_is_full(t->login.client));
}

static bool is_answered(void *arg)
{
	const struct xmpproster *t = arg;
	return is_given_up(t) || t->open == 0;
}

/* ---- the roster ---- */

static void on_roster(
	void *arg, const struct xml_element *reply, const struct err *e)
{
	struct xmpproster *t = arg;
	t->open--;
	if (err_is_set(e))
		t->fault = *e;
	else
		*t->wanted = xmpp_roster_new(reply);
}

static bool read_roster(
	struct xmpproster *t, struct xmpp_roster **to, struct err *e)
{
	t->wanted = to;
	if (!xmpp_client_request(t->login.client, xmpp_roster_make_get(),
		    USEC_NEVER, on_roster, t, e))
		return false;
	t->open++;
	return wait_for(t, is_answered, e);
}

/* ---- the run ---- */

static bool list(struct xmpproster *t, struct err *e)
{
	outcome_list(t);
	return outcome_judge(t, e);
}

static bool change_all(struct xmpproster *t, struct err *e)
{
	for (size_t i = 0; i < t->changes.count; i++) {
		struct change *c = &t->changes.all[i];
		if (t->action->must_be_there &&
			!xmpp_roster_find(t->before, c->jid.text))
			outcome_missing(c);
		else if (wait_for(t, may_ask, e))
			t->action->change(t, c);
		else
			return false;
	}
	if (!wait_for(t, is_answered, e) || !read_roster(t, &t->after, e))
		return false;
	outcome_report(t);
	return outcome_judge(t, e);
}

static void on_ended(void *arg, const struct err *e)
{
	(void)arg; /* the waits see it */
	(void)e;
}

/* Only pushes of our own server get here (xmpp/client.h). */
static void on_push(void *arg, const struct xmpp_roster_item *item)
{
	struct xmpproster *t = arg;
	for (size_t i = 0;
		t->action->change == do_approve && i < t->changes.count; i++)
		if (strcmp(t->changes.all[i].jid.text, item->jid) == 0)
			t->changes.all[i].was_pushed = true;
}

static const struct xmpp_client_handlers handlers = {
	.roster = on_push,
	.ended = on_ended,
};

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct xmpproster t = {
		.run = r, .options = o, .login = XMPP_LOGIN_NONE
	};
	t.action = find_action(operands[0], e);
	if (!t.action || !check_operands(t.action, operands + 1, e))
		return false;
	if (strcmp(t.action->name, "export") == 0)
		o->run.output.json = true;
	run_use(r, &o->run, WAIT);
	bool good = t.action->read(&t, operands + 1, e) &&
		    xmpp_login_open(&t.login, r, &o->login, &handlers, &t, e) &&
		    xmpp_login_wait(&t.login, e) &&
		    read_roster(&t, &t.before, e) &&
		    (t.action->change ? change_all(&t, e) : list(&t, e));
	xmpp_login_close(&t.login);
	xmpp_roster_free(t.before);
	xmpp_roster_free(t.after);
	changes_clear(&t.changes);
	return good;
}

static const struct command command = {
	.name = "xmpproster",
	.summary = "list and change the contacts of an XMPP account",
	.synopsis = "[options] OPERATION [JID...]",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.operand_kind = "list|add|remove|rename|groups|approve|export|import",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { 0 };
	return cli_main(&command, argc, argv, &o);
}
