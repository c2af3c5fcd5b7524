#include "fault.h"

#include "base/buf.h"
#include "base/span.h"

static const char *const whens[FAULT_WHEN_COUNT] = { "connect", "proceed",
	"success", "bound", "message", "ping" };
static const char *const whats[FAULT_WHAT_COUNT] = { NULL, "silent", "close",
	"reset", "half", "malformed", "bounce" };

/* The index of word in words[from…end[, or a sentence of what there is. */
static bool find(struct span word, const char *const *words, size_t from,
	size_t end, size_t *index, struct err *e)
{
	struct buf all = BUF_INIT(256);
	for (*index = from; *index < end; (*index)++) {
		if (span_is(word, words[*index])) {
			buf_clear(&all);
			return true;
		}
		buf_printf(&all, "%s%s", *index == from ? "" : ", ",
			words[*index]);
	}
	err_set(e, STATUS_USAGE, "\"%.*s\" is not one of %s", SPAN_ARGS(word),
		buf_text(&all));
	buf_clear(&all);
	return false;
}

static bool parse(struct fault *fault, struct span option, struct err *e)
{
	struct span rest = option, word;
	size_t when, what;
	uint32_t at = 1;
	if (!span_cut(&rest, ':', &word))
		return err_set(e, STATUS_USAGE, "give WHEN:WHAT");
	if (!find(word, whens, 0, FAULT_WHEN_COUNT, &when, e))
		return false;
	bool counted = span_cut(&rest, ':', &word);
	if (!find(word, whats, FAULT_SILENT, FAULT_WHAT_COUNT, &what, e))
		return false;
	if (counted && (!span_to_u32(rest, UINT32_MAX, &at) || at == 0))
		return err_set(e, STATUS_USAGE,
			"\"%.*s\" is not a count from 1 on", SPAN_ARGS(rest));
	if (what == FAULT_BOUNCE && when != FAULT_MESSAGE && when != FAULT_PING)
		return err_set(
			e, STATUS_USAGE, "only message and ping can bounce");
	*fault = (struct fault){ .when = (enum fault_when)when,
		.what = (enum fault_what)what,
		.at = at };
	return true;
}

bool fault_add(struct faults *f, const char *option, struct err *e)
{
	bool good =
		f->count < FAULTS_MAX
			? parse(&f->list[f->count], span_of(option), e)
			: err_set(e, STATUS_USAGE, "more than %d", FAULTS_MAX);
	if (good)
		f->count++;
	else
		err_prefix(e, "--fault %s", option);
	return good;
}

enum fault_what fault_now(struct faults *f, enum fault_when when)
{
	uint32_t now = ++f->seen[when];
	for (size_t i = 0; i < f->count; i++) {
		const struct fault *fault = &f->list[i];
		if (fault->when == when &&
			(fault->what == FAULT_BOUNCE ? now >= fault->at
						     : now == fault->at))
			return fault->what;
	}
	return FAULT_NONE;
}
