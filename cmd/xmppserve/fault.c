#include "fault.h"

#include "base/span.h"

static const char *const whens[FAULT_WHEN_COUNT] = { "connect", "proceed",
	"success", "bound", "message", "ping" };
static const char *const whats[FAULT_WHAT_COUNT] = { "", "silent", "close",
	"reset", "half", "malformed", "bounce" };

static bool find(struct span word, const char *const *words, size_t from,
	size_t count, size_t *index)
{
	for (size_t i = from; i < count; i++)
		if (span_is(word, words[i])) {
			*index = i;
			return true;
		}
	return false;
}

static bool parse_one(struct faults *f, const char *option, struct err *e)
{
	struct span rest = span_of(option), word;
	size_t when, what;
	uint32_t at = 1;
	span_cut(&rest, ':', &word);
	if (!find(word, whens, 0, FAULT_WHEN_COUNT, &when))
		return err_set(e, STATUS_USAGE,
			"--fault %s: \"%.*s\" is not one of connect, proceed, "
			"success, bound, message, ping",
			option, SPAN_ARGS(word));
	bool counted = span_cut(&rest, ':', &word);
	if (!find(word, whats, 1, FAULT_WHAT_COUNT, &what))
		return err_set(e, STATUS_USAGE,
			"--fault %s: \"%.*s\" is not one of silent, close, "
			"reset, half, malformed, bounce",
			option, SPAN_ARGS(word));
	if (counted && (!span_to_u32(rest, UINT32_MAX, &at) || at == 0))
		return err_set(e, STATUS_USAGE,
			"--fault %s: the last part is a count", option);
	if (what == FAULT_BOUNCE && when != FAULT_MESSAGE && when != FAULT_PING)
		return err_set(e, STATUS_USAGE,
			"--fault %s: only message and ping can bounce", option);
	f->of[when] = (struct fault){ .what = what, .at = at };
	return true;
}

bool fault_parse(
	struct faults *f, const struct opt_list *options, struct err *e)
{
	for (size_t i = 0; i < options->count; i++)
		if (!parse_one(f, options->items[i], e))
			return false;
	return true;
}

enum fault_what fault_now(struct faults *f, enum fault_when when)
{
	struct fault *fault = &f->of[when];
	if (fault->what == FAULT_NONE)
		return FAULT_NONE;
	fault->seen++;
	bool due = fault->what == FAULT_BOUNCE ? fault->seen >= fault->at
					       : fault->seen == fault->at;
	return due ? fault->what : FAULT_NONE;
}
