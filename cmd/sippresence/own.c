/* Our own presence: published at the server of the account, or told to those
 * who subscribe to it here. */
#include "base/mem.h"
#include "cli/out.h"
#include "cli/record.h"
#include "cmd/sippresence/sippresence.h"
#include "sip/pidf.h"

#define DOCUMENT_MAX (32 * 1024)

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
	ended(t, e, "publishing");
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
	char *entity =
		account.n ? span_dup(account) : mem_format("sip:%s", o->listen);
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

bool tell(struct sippresence *t, struct err *e)
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

/* Those who watch us here are told that we are gone. */
static void end_serving(struct sippresence *t)
{
	struct buf document = BUF_INIT(DOCUMENT_MAX);
	make_document(t, false, &document, NULL);
	sip_notifier_publish(t->notifier, buf_view(&document));
	sip_notifier_end(t->notifier);
	buf_clear(&document);
}

void stop_telling(struct sippresence *t)
{
	if (t->publication)
		sip_publication_end(t->publication);
	if (t->notifier)
		end_serving(t);
}

void free_own(struct sippresence *t)
{
	sip_publication_free(t->publication);
	sip_notifier_free(t->notifier);
}
