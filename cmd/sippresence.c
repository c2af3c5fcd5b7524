/* sippresence - publish one's own presence, watch others', wait for somebody
 *
 * RFC 3856 over RFC 6665 and RFC 3903, with the words and records of
 * xmpppresence.  Own presence is published at the server of the account, or,
 * with --listen, given to those who subscribe to it here. */
#include <string.h>

#include "base/mem.h"
#include "cli/out.h"
#include "cli/record_notify.h"
#include "cli/sip_agent.h"
#include "sip/notifier.h"
#include "sip/pidf.h"
#include "sip/publication.h"

#define EVENT "presence"
#define DOCUMENT_MAX (32 * 1024)

struct options {
	struct run_options run;
	struct sip_agent_options agent;
	const char *set, *status, *listen, *wait_for;
	struct opt_list watch;
	int64_t count, expires;
	usec_t seconds;
};

#define AT(member) .offset = offsetof(struct options, member)

static const char *const shows[] = { "available", "away", "chat", "dnd", "xa",
	NULL };

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Presence" },
	{ OPT_WORD, 0, "set", "SHOW", "be so, and stay so", AT(set),
		.words = shows },
	{ OPT_STRING, 0, "status", "TEXT", "say this about it", AT(status) },
	{ OPT_ENDPOINT, 0, "listen", "ADDR[:PORT]",
		"answer those who watch us here, without a server",
		AT(listen) },
	{ OPT_LIST, 0, "watch", "URI",
		"print the presence of this one; may be given again",
		AT(watch) },
	{ OPT_STRING, 0, "wait-for", "URI[=SHOW]",
		"end with 0 when this one is there, or so", AT(wait_for) },
	{ OPT_NUMBER, 0, "expires", "SECONDS",
		"ask servers to keep it for so long, again and again (3600)",
		AT(expires), .min = 1, .max = 86400 * 365 },
	{ OPT_NUMBER, 'c', "count", "N", "end after so many presences",
		AT(count), .min = 1, .max = INT64_MAX },
	{ OPT_DURATION, 0, "for", "SECONDS", "stay so long, then end with 0",
		AT(seconds), .min = USEC_MS, .max = 365 * 86400 * USEC_SEC },
	{ OPT_USE, .use = sip_agent_options, AT(agent) },
	{ OPT_USE, .use = run_options, AT(run) },
	{ OPT_END },
};

/* Somebody who is watched. */
struct watched {
	struct sippresence *tool;
	char *uri;
	const char *awaited; /* a show, "" any; NULL: not waited for */
	struct sip_subscription *subscription;
};

struct sippresence {
	struct run *run;
	const struct options *options;
	struct sip_agent agent;
	struct sip_publication *publication;
	struct sip_notifier *notifier;
	struct watched *watched;
	size_t watched_count;
	size_t open; /* of the three kinds, what has not ended */
	int64_t printed;
	bool is_ready, has_come, is_leaving;
	struct err fault;
};

static void fail(struct sippresence *t, const struct err *e, const char *who)
{
	t->open--;
	if (!err_is_set(e) || err_is_set(&t->fault))
		return;
	t->fault = *e;
	err_prefix(&t->fault, "%s", who);
}

/* ---- others ------------------------------------------------------------------- */

static bool is_it(const struct watched *w, const struct record_presence *p)
{
	return w->awaited && p->is_open &&
	       (!*w->awaited || strcmp(w->awaited, p->show) == 0);
}

static void on_notify(void *arg, const struct sip_notify *what)
{
	struct watched *w = arg;
	struct sippresence *t = w->tool;
	struct record_presence p;
	struct record_notify n = { .out = t->run->out,
		.wall = loop_wall(t->run->loop),
		.uri = w->uri,
		.event = EVENT,
		.notify = what };
	/* What comes behind our own farewell is no news. */
	if (t->is_leaving || t->has_come)
		return;
	if (!record_notify_presence(&n, &p, &t->fault)) {
		run_note(t->run, "%s: a NOTIFY without presence", w->uri);
		return;
	}
	t->printed++;
	t->has_come |= is_it(w, &p);
}

static void on_ended(void *arg, const struct err *e)
{
	struct watched *w = arg;
	fail(w->tool, e, w->uri);
}

static void watch(struct sippresence *t, struct watched *w)
{
	static const struct sip_subscription_handlers handlers = { on_notify,
		on_ended };
	t->open++;
	w->subscription = sip_subscription_new(
		&(struct sip_subscription_settings){ .ua = t->agent.ua,
			.uri = span_of(w->uri),
			.event = SPAN(EVENT),
			.accept = SPAN(SIP_PIDF_TYPE),
			.from = sip_agent_from(&t->agent),
			.kind = t->agent.transport,
			.expires = (uint32_t)t->options->expires },
		&handlers, w);
}

/* URI[=SHOW]: a parameter of a URI has no such value. */
static void split_awaited(struct watched *w, const char *text)
{
	const char *last = strrchr(text, '=');
	w->awaited = "";
	w->uri = mem_str(text);
	for (size_t i = 0; last && shows[i]; i++)
		if (strcmp(last + 1, shows[i]) == 0) {
			w->awaited = shows[i];
			w->uri[last - text] = '\0';
		}
}

static bool read_watched(struct sippresence *t, struct err *e)
{
	const struct options *o = t->options;
	t->watched = mem_array(o->watch.count + 1, sizeof(*t->watched));
	for (size_t i = 0; i < o->watch.count; i++)
		t->watched[t->watched_count++].uri = mem_str(o->watch.items[i]);
	if (o->wait_for)
		split_awaited(&t->watched[t->watched_count++], o->wait_for);
	for (size_t i = 0; i < t->watched_count; i++) {
		t->watched[i].tool = t;
		if (!sip_agent_check_uri(&t->agent, t->watched[i].uri, e))
			return false;
	}
	return true;
}

/* ---- our own -------------------------------------------------------------------- */

static void on_published(void *arg)
{
	struct sippresence *t = arg;
	struct record r;
	if (t->is_ready)
		return;
	t->is_ready = true;
	record_begin(&r, t->run->out, RECORD_READY, RECORD_SIP,
		loop_wall(t->run->loop));
	record_int(&r, KEY_SCHEMA, RECORD_SCHEMA);
	record_end(&r, &t->fault);
}

static void on_publication_ended(void *arg, const struct err *e)
{
	struct sippresence *t = arg;
	fail(t, e, "publishing");
}

static void on_watched(void *arg, struct span who, bool begins)
{
	const struct sippresence *t = arg;
	run_note(t->run, "%.*s %s", SPAN_ARGS(who),
		begins ? "watches us" : "watches us no longer");
}

static void on_all_gone(void *arg)
{
	struct sippresence *t = arg;
	t->open--;
}

/* Without an account we are who is reached here. */
static bool make_document(const struct sippresence *t, bool is_open,
	struct buf *out, struct err *e)
{
	const struct options *o = t->options;
	struct span show = span_of(o->set);
	struct span account = sip_agent_from_uri(&t->agent);
	char *entity = account.n ? span_dup(account)
				 : mem_format("sip:%s", o->listen);
	struct sip_pidf pidf = { .entity = span_of(entity),
		.is_open = is_open,
		.show = span_is(show, "available") ? SPAN_EMPTY : show,
		.note = span_of(o->status) };
	bool good = sip_pidf_format(out, &pidf);
	if (!good)
		err_set(e, STATUS_MALFORMED,
			"--status has what XML cannot carry, or is too long");
	mem_free(entity);
	return good;
}

static void serve(struct sippresence *t, struct span document)
{
	static const struct sip_notifier_handlers handlers = { on_watched,
		on_all_gone };
	t->notifier = sip_notifier_new(
		&(struct sip_notifier_settings){ .ua = t->agent.ua,
			.event = EVENT,
			.content_type = SIP_PIDF_TYPE },
		&handlers, t);
	t->open++;
	sip_notifier_publish(t->notifier, document);
}

static void publish(struct sippresence *t, struct span document)
{
	static const struct sip_publication_handlers handlers = { on_published,
		on_publication_ended };
	t->publication = sip_publication_new(
		&(struct sip_publication_settings){ .ua = t->agent.ua,
			.uri = span_of(t->agent.account.address),
			.from = sip_agent_from(&t->agent),
			.event = SPAN(EVENT),
			.content_type = SPAN(SIP_PIDF_TYPE),
			.kind = t->agent.transport,
			.expires = (uint32_t)t->options->expires },
		&handlers, t);
	t->open++;
	sip_publication_set(t->publication, document);
}

static bool tell(struct sippresence *t, struct err *e)
{
	const struct options *o = t->options;
	struct buf document = BUF_INIT(DOCUMENT_MAX);
	if (!o->set && !o->status && !o->listen)
		return true;
	bool good = make_document(t, true, &document, e);
	if (good && o->listen)
		serve(t, buf_view(&document));
	else if (good)
		publish(t, buf_view(&document));
	buf_clear(&document);
	return good;
}

/* ---- the run ---------------------------------------------------------------------- */

static bool is_over(void *arg)
{
	const struct sippresence *t = arg;
	return t->has_come || err_is_set(&t->fault) ||
	       (t->options->count && t->printed >= t->options->count);
}

static bool has_ended(void *arg)
{
	return ((const struct sippresence *)arg)->open == 0;
}

static bool stay(struct sippresence *t, struct err *e)
{
	const struct options *o = t->options;
	if (!run_listen(t->run, is_over, t, o->seconds,
		    o->wait_for ? "waited in vain" : "stayed", e))
		return false;
	*e = t->fault;
	return !err_is_set(e);
}

/* Those who watch us here are told that we are gone. */
static void end_serving(struct sippresence *t)
{
	struct buf document = BUF_INIT(DOCUMENT_MAX);
	make_document(t, false, &document, NULL);
	sip_notifier_publish(t->notifier, buf_view(&document));
	sip_notifier_end(t->notifier);
	buf_clear(&document);
}

static void leave(struct sippresence *t)
{
	t->is_leaving = true;
	for (size_t i = 0; i < t->watched_count; i++)
		if (t->watched[i].subscription)
			sip_subscription_end(t->watched[i].subscription);
	if (t->publication)
		sip_publication_end(t->publication);
	if (t->notifier)
		end_serving(t);
	run_until(t->run, has_ended, t, loop_now(t->run->loop) + RUN_FAREWELL);
}

static bool check_options(const struct options *o, struct err *e)
{
	if (!o->set && !o->status && !o->listen && !o->watch.count &&
		!o->wait_for)
		return err_set(e, STATUS_USAGE,
			"what shall be done? --set, --watch or --wait-for");
	if (o->count && !o->watch.count)
		return err_set(e, STATUS_USAGE, "-c wants --watch");
	return true;
}

static bool open_agent(struct sippresence *t, struct err *e)
{
	const struct options *o = t->options;
	struct sip_ua_settings ua = { 0 };
	bool publishes = (o->set || o->status) && !o->listen;
	if (!sip_agent_open(&t->agent, t->run, &o->agent,
		    publishes ? ACCOUNT_NEEDED : ACCOUNT_OPTIONAL, &ua, e))
		return false;
	sip_subscription_serve(t->agent.ua);
	if (sip_agent_is_web(&t->agent))
		return true;
	return sip_agent_listen(&t->agent,
		o->listen ? o->listen : o->agent.local, 0,
		o->listen ? t->run->out : NULL, e);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct options *o = settings;
	struct sippresence t = { .run = r, .options = o };
	(void)operands;
	run_use(r, &o->run, USEC_NEVER);
	bool good = check_options(o, e) && open_agent(&t, e) &&
		    read_watched(&t, e) && tell(&t, e);
	if (good) {
		for (size_t i = 0; i < t.watched_count; i++)
			watch(&t, &t.watched[i]);
		good = stay(&t, e);
		leave(&t);
	}
	for (size_t i = 0; i < t.watched_count; i++) {
		sip_subscription_free(t.watched[i].subscription);
		mem_free(t.watched[i].uri);
	}
	sip_publication_free(t.publication);
	sip_notifier_free(t.notifier);
	mem_free(t.watched);
	sip_agent_close(&t.agent);
	return good;
}

static const struct command command = {
	.name = "sippresence",
	.summary = "publish one's own SIP presence, watch others'",
	.synopsis = "[options]",
	.options = options,
	.operand_kind = "",
	.run = run,
};

int main(int argc, char **argv)
{
	struct options o = { .expires = SIP_SUBSCRIPTION_EXPIRES };
	return cli_main(&command, argc, argv, &o);
}
