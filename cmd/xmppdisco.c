/* xmppdisco - ask who somebody is, what it can do, and what hangs below
 *
 * XEP-0030; with --caps, XEP-0115. */
#include <string.h>

#include "base/mem.h"
#include "cli/out.h"
#include "cli/record_disco.h"
#include "cli/xmpp_login.h"
#include "xmpp/disco_walk.h"

#define WAIT (30 * USEC_SEC)

struct options {
	struct run_options run;
	struct xmpp_login_options login;
	bool info, items, caps, recursive;
	int64_t depth, max;
	usec_t reply_wait;
	const char *hash;
};

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Discovery" },
	{ OPT_FLAG, 0, "info", .help = "ask only who it is and what it can do",
		.offset = offsetof(struct options, info) },
	{ OPT_FLAG, 0, "items", .help = "ask only what hangs below it",
		.offset = offsetof(struct options, items) },
	{ OPT_FLAG, 0, "caps",
		.help = "verify what it can do by the hash it promised",
		.offset = offsetof(struct options, caps) },
	{ OPT_STRING, 0, "hash", "NAME",
		"algorithm of the hash in NODE, for --caps (sha-1)",
		.offset = offsetof(struct options, hash) },
	{ OPT_FLAG, 0, "recursive", .help = "ask also of what hangs below",
		.offset = offsetof(struct options, recursive) },
	{ OPT_NUMBER, 0, "depth", "N", "so many levels below the first (3)",
		.offset = offsetof(struct options, depth), .min = 1,
		.max = 100 },
	{ OPT_NUMBER, 0, "max", "N", "ask so many places at most (100)",
		.offset = offsetof(struct options, max), .min = 1,
		.max = 100000 },
	{ OPT_DURATION, 'W', "reply-wait", "SECONDS",
		"wait so long for the answer of each (10)",
		.offset = offsetof(struct options, reply_wait), .min = USEC_MS,
		.max = 86400 * USEC_SEC },
	{ OPT_USE, .use = xmpp_login_options,
		.offset = offsetof(struct options, login) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct options, run) },
	{ OPT_END },
};

struct xmppdisco {
	struct run *run;
	const struct options *options;
	struct xmpp_login login;
	struct xmpp_jid target;
	struct xmpp_disco_walk *walk;
	struct xmpp_caps caps; /* promised; ver NULL: not known yet */
	char *node;            /* node#ver of it */
	int64_t refused;       /* answers of below that are errors */
	struct err outcome;    /* of the target */
	struct err broken;     /* of our own output */
};

/* ---- what was answered ---- */

static struct record_disco records(
	const struct xmppdisco *t, const struct xmpp_disco_place *p)
{
	return (struct record_disco){ t->run->out, t->login.name, p->jid,
		p->node };
}

static usec_t now(const struct xmppdisco *t)
{
	return loop_wall(t->run->loop);
}

static void check_written(
	struct xmppdisco *t, bool written, const struct err *e)
{
	if (!written && err_is_set(e))
		t->broken = *e;
}

static void verify(struct xmppdisco *t, const struct record_disco *d,
	const struct xml_element *query)
{
	struct err e = ERR_NONE, problem = ERR_NONE;
	bool good = xmpp_caps_verify(&t->caps, query, &problem);
	check_written(t,
		record_disco_caps(
			d, now(t), &t->caps, good ? NULL : &problem, &e),
		&e);
	if (problem.status == STATUS_MALFORMED)
		t->outcome = problem;
	else if (!good)
		run_warn(t->run, "%s", problem.text);
}

static void on_info(void *arg, const struct xmpp_disco_place *p,
	const struct xml_element *query)
{
	struct xmppdisco *t = arg;
	struct record_disco d = records(t, p);
	struct err e = ERR_NONE;
	check_written(t, record_disco_info(&d, now(t), query, &e), &e);
	if (t->caps.ver)
		verify(t, &d, query);
}

static void on_items(void *arg, const struct xmpp_disco_place *p,
	const struct xml_element *query)
{
	struct xmppdisco *t = arg;
	struct record_disco d = records(t, p);
	struct err e = ERR_NONE;
	check_written(t, record_disco_items(&d, now(t), query, &e), &e);
}

/* That nothing hangs below is often said by an error; who asked for both has
 * the other answer. */
static bool is_pardoned(
	const struct xmppdisco *t, const char *asked, const struct err *why)
{
	static const char *const conditions[] = { "service-unavailable",
		"feature-not-implemented", "item-not-found" };
	if (t->options->items || strcmp(asked, XMPP_NS_DISCO_ITEMS) != 0)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(why->condition, conditions[i]) == 0)
			return true;
	return false;
}

static void on_error(void *arg, const struct xmpp_disco_place *p,
	const char *asked, const struct err *why)
{
	struct xmppdisco *t = arg;
	struct record_disco d = records(t, p);
	struct err e = ERR_NONE;
	if (is_pardoned(t, asked, why))
		return;
	if (p->depth == 0) {
		t->outcome = *why;
		return;
	}
	t->refused++;
	check_written(t, record_disco_error(&d, now(t), why, &e), &e);
}

/* While nobody reads what came, nothing more is asked. */
static bool may_ask(void *arg)
{
	const struct xmppdisco *t = arg;
	return !out_is_full(t->run->out);
}

static void on_drained(void *arg)
{
	xmpp_disco_walk_go(arg);
}

/* ---- what was promised ---- */

static void use_caps(struct xmppdisco *t, const char *node, struct span ver,
	const char *hash)
{
	t->caps = (struct xmpp_caps){ mem_str(node), span_dup(ver),
		mem_str(hash) };
	t->node = xmpp_caps_make_node(&t->caps);
}

/* It is in NODE itself: node#ver. */
static bool read_caps(struct xmppdisco *t, const char *node, struct err *e)
{
	const char *hash = t->options->hash ? t->options->hash : "sha-1";
	const char *mark = strrchr(node, '#');
	if (!mark)
		return err_set(e, STATUS_USAGE,
			"%s has no \"#\" with a hash behind it", node);
	if (!xmpp_caps_knows(hash))
		return err_set(e, STATUS_USAGE,
			"%s is no hash that is known here, as sha-1 is", hash);
	char *before = mem_strn(node, (size_t)(mark - node));
	use_caps(t, before, span_of(mark + 1), hash);
	mem_free(before);
	return true;
}

static bool is_of_target(const struct xmppdisco *t, const struct xmpp_jid *from)
{
	if (xmpp_jid_equal(from, xmpp_client_jid(t->login.client)))
		return false;
	return xmpp_jid_is_full(&t->target)
		       ? xmpp_jid_equal(from, &t->target)
		       : xmpp_jid_equal_bare(from, &t->target);
}

/* Or in the presence of the target, or of a client of it: the first that has
 * one. */
static void on_presence(
	void *arg, const struct xml_element *s, const struct xmpp_presence *p)
{
	struct xmppdisco *t = arg;
	const char *text = xml_element_attr_find(s, "from");
	struct xmpp_jid from;
	struct xmpp_caps caps;
	if (!t->walk || t->caps.ver || p->type != XMPP_PRESENCE_AVAILABLE ||
		!text || !xmpp_caps_find(&caps, s) ||
		!xmpp_jid_parse(&from, span_of(text), NULL))
		return;
	if (is_of_target(t, &from)) {
		use_caps(t, caps.node, span_of(caps.ver), caps.hash);
		xmpp_disco_walk_add(t->walk, from.text, t->node);
	}
	xmpp_jid_clear(&from);
}

/* ---- the run ---- */

static void on_ended(void *arg, const struct err *e)
{
	(void)arg; /* is_over sees it */
	(void)e;
}

static bool is_over(void *arg)
{
	const struct xmppdisco *t = arg;
	return err_is_set(&t->broken) ||
	       xmpp_client_has_ended(t->login.client) ||
	       xmpp_disco_walk_is_done(t->walk);
}

static void make_walk(struct xmppdisco *t)
{
	static const struct xmpp_disco_walk_handlers handlers = {
		.info = on_info,
		.items = on_items,
		.error = on_error,
		.may_ask = may_ask,
	};
	const struct options *o = t->options;
	struct xmpp_disco_walk_settings s = { .client = t->login.client,
		.info = !o->items,
		.items = !o->info && !o->caps,
		.depth = o->recursive ? o->depth : 0,
		.max = o->max,
		.wait = o->reply_wait };
	t->walk = xmpp_disco_walk_new(&s, &handlers, t);
	out_on_drained(t->run->out, on_drained, t->walk);
}

/* Whoever lets us see its presence sends it when we are there; our negative
 * priority keeps messages away (RFC 6121 section 8.5.2). */
static bool begin(struct xmppdisco *t, const char *node, struct err *e)
{
	static const struct xmpp_presence here = { .priority = -1 };
	make_walk(t);
	if (t->options->caps && !node)
		return xmpp_client_set_presence(t->login.client, &here, e);
	xmpp_disco_walk_add(t->walk, t->target.text, node);
	return true;
}

static bool report(const struct xmppdisco *t, struct err *e)
{
	if (xmpp_disco_walk_was_cut(t->walk))
		run_warn(t->run,
			"there is more: stopped after --max %lld places",
			(long long)t->options->max);
	if (t->refused)
		run_warn(t->run, "%lld answers from below are errors",
			(long long)t->refused);
	if (err_is_set(&t->outcome)) {
		*e = t->outcome;
		err_prefix(e, "%s", t->target.text);
	}
	return !err_is_set(e);
}

static bool discover(struct xmppdisco *t, struct err *e)
{
	switch (run_until(t->run, is_over, t, USEC_NEVER)) {
	case RUN_DONE:
		break;
	case RUN_DEADLINE:
		return run_timed_out(t->run,
			xmpp_disco_walk_has_begun(t->walk)
				? "not all have answered"
				: "no presence with capabilities came",
			e);
	case RUN_SIGNAL:
	case RUN_READER_LEFT:
		return !out_has_failed(t->run->out, e);
	}
	if (xmpp_disco_walk_is_done(t->walk) && !err_is_set(&t->broken) &&
		!xmpp_client_has_ended(t->login.client))
		return report(t, e);
	*e = err_is_set(&t->broken) ? t->broken
				    : *xmpp_client_end(t->login.client);
	return false;
}

static bool check_options(const struct options *o, struct err *e)
{
	if (o->info + o->items + o->caps > 1)
		return err_set(e, STATUS_USAGE,
			"--info, --items and --caps exclude each other");
	if (o->recursive && (o->info || o->caps))
		return err_set(e, STATUS_USAGE,
			"--recursive wants to know what hangs below");
	if (o->hash && !o->caps)
		return err_set(e, STATUS_USAGE, "--hash wants --caps");
	return true;
}

static void clear(struct xmppdisco *t)
{
	xmpp_disco_walk_free(t->walk);
	t->walk = NULL;
	mem_free((char *)t->caps.node);
	mem_free((char *)t->caps.ver);
	mem_free((char *)t->caps.hash);
	mem_free(t->node);
	xmpp_jid_clear(&t->target);
}

static const struct xmpp_client_handlers handlers = {
	.presence = on_presence,
	.ended = on_ended,
};

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	const char *node = operands[1];
	struct xmppdisco t = {
		.run = r, .options = o, .login = XMPP_LOGIN_NONE
	};
	run_use(r, &o->run, WAIT);
	bool good = check_options(o, e) &&
		    xmpp_login_parse_jid(&t.target, operands[0], e) &&
		    (!o->caps || !node || read_caps(&t, node, e)) &&
		    xmpp_login_open(&t.login, r, &o->login, &handlers, &t, e) &&
		    xmpp_login_wait(&t.login, e) && begin(&t, node, e) &&
		    discover(&t, e);
	out_on_drained(r->out, NULL, NULL);
	clear(&t);
	xmpp_login_close(&t.login);
	return good;
}

static const struct command command = {
	.name = "xmppdisco",
	.summary = "ask who somebody is, what it can do, and what hangs below",
	.synopsis = "[options] JID [NODE]",
	.options = options,
	.min_operands = 1,
	.max_operands = 2,
	.operand_kind = "jid",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = {
		.depth = 3, .max = 100, .reply_wait = 10 * USEC_SEC
	};
	return cli_main(&command, argc, argv, &o);
}
