#include <ctype.h>

#include "cli/out.h"
#include "cli/probe.h"
#include "cli/run.h"

static bool loses_too_much(const struct probe *p)
{
	return 100 * (p->sent - p->received) > p->options->max_loss * p->sent;
}

bool probe_judge(const struct probe *p, const struct run *r, struct err *e)
{
	if (p->received && !loses_too_much(p))
		return true;
	*e = p->fault;
	if (!err_is_set(e))
		run_timed_out(r, "no answer", e);
	if (p->received)
		err_prefix(e, "%lld of %lld lost",
			(long long)(p->sent - p->received), (long long)p->sent);
	return false;
}

/* Statuses in which nobody was asked: of our own side. */
static bool is_ours(enum status s)
{
	return s == STATUS_USAGE || s == STATUS_AUTH || s == STATUS_LOCAL_IO ||
	       s == STATUS_INTERNAL;
}

enum verdict { OK, WARNING, CRITICAL, UNKNOWN };

static enum verdict verdict_of(
	int64_t sent, int64_t received, bool tried, const struct err *e)
{
	if (err_is_set(e))
		return tried && !is_ours(e->status) ? CRITICAL : UNKNOWN;
	if (!sent)
		return UNKNOWN;
	return received < sent ? WARNING : OK;
}

static void add_name(struct buf *line, const char *tool)
{
	for (; *tool; tool++)
		buf_char(line, (char)toupper((unsigned char)*tool));
}

/* Of several targets the whole loss and the slowest mean.  A pipe would begin
 * the figures. */
static void add_text(struct buf *line, const struct err *e, int64_t received,
	int64_t sent, double slowest)
{
	if (!err_is_set(e)) {
		buf_printf(line, "%lld of %lld answered, %.3f ms",
			(long long)received, (long long)sent, slowest / 1000);
		return;
	}
	for (const char *c = e->text; *c; c++)
		buf_char(line, (char)(*c == '|' ? '/' : *c));
}

bool probe_monitor(const struct probe *const *probes, size_t count,
	struct run *r, bool tried, struct err *e)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL",
		"UNKNOWN" };
	struct buf line = BUF_INIT(2 * ERR_TEXT_MAX);
	int64_t sent = 0, received = 0;
	double slowest = 0;
	for (size_t i = 0; i < count; i++) {
		sent += probes[i]->sent;
		received += probes[i]->received;
		if (probe_mean(probes[i]) > slowest)
			slowest = probe_mean(probes[i]);
	}
	enum verdict verdict = verdict_of(sent, received, tried, e);
	add_name(&line, r->command->name);
	buf_printf(&line, " %s - ", words[verdict]);
	add_text(&line, e, received, sent, slowest);
	if (sent)
		buf_printf(&line, " | rta=%.3fms;;;0 pl=%lld%%;;%lld;0;100",
			slowest / 1000,
			(long long)(100 * (sent - received) / sent),
			(long long)probes[0]->options->max_loss);
	buf_char(&line, '\n');
	err_clear(e);
	r->exit_code = (int)verdict;
	bool written = out_write(r->out, buf_view(&line), e);
	buf_clear(&line);
	return written || !err_is_set(e);
}
