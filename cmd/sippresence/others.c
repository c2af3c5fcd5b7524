/* Those who are watched, and whether the awaited one has come. */
#include <string.h>

#include "base/mem.h"
#include "cli/record_notify.h"
#include "cmd/sippresence/sippresence.h"
#include "sip/pidf.h"

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
	ended(w->tool, e, w->uri);
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

bool read_watched(struct sippresence *t, struct err *e)
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

void watch_all(struct sippresence *t)
{
	for (size_t i = 0; i < t->watched_count; i++)
		watch(t, &t->watched[i]);
}

void stop_watching(struct sippresence *t)
{
	for (size_t i = 0; i < t->watched_count; i++)
		if (t->watched[i].subscription)
			sip_subscription_end(t->watched[i].subscription);
}

void free_watched(struct sippresence *t)
{
	for (size_t i = 0; i < t->watched_count; i++) {
		sip_subscription_free(t->watched[i].subscription);
		mem_free(t->watched[i].uri);
	}
	mem_free(t->watched);
}
