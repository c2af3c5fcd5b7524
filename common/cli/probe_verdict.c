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

/* All targets together: the whole loss, and the slowest mean. */
struct figures {
	int64_t sent, received;
	double rtt;
};

static int64_t loss_of(const struct figures *f)
{
	return f->sent ? 100 * (f->sent - f->received) / f->sent : 0;
}

static bool is_reached(const struct probe_limit *limit, const struct figures *f)
{
	return limit->is_set &&
	       (f->rtt >= (double)limit->rtt ||
		       100 * (f->sent - f->received) >= limit->loss * f->sent);
}

static enum verdict verdict_of(const struct figures *f,
	const struct probe_options *o, bool tried, const struct err *e)
{
	if (err_is_set(e))
		return tried && !is_ours(e->status) ? CRITICAL : UNKNOWN;
	if (!f->sent)
		return UNKNOWN;
	if (is_reached(&o->critical_at, f))
		return CRITICAL;
	if (o->warn_at.is_set)
		return is_reached(&o->warn_at, f) ? WARNING : OK;
	return f->received < f->sent ? WARNING : OK;
}

static void add_name(struct buf *line, const char *tool)
{
	for (; *tool; tool++)
		buf_char(line, (char)toupper((unsigned char)*tool));
}

/* A pipe would begin the figures. */
static void add_text(
	struct buf *line, const struct figures *f, const struct err *e)
{
	if (!err_is_set(e)) {
		buf_printf(line, "%lld of %lld answered, %.3f ms",
			(long long)f->received, (long long)f->sent,
			f->rtt / 1000);
		return;
	}
	for (const char *c = e->text; *c; c++)
		buf_char(line, (char)(*c == '|' ? '/' : *c));
}

/* 'label'=value;warning;critical;minimum;maximum of the guidelines. */
static void add_figures(struct buf *line, const struct figures *f,
	const struct probe_options *o)
{
	const struct probe_limit *warn = &o->warn_at, *bad = &o->critical_at;

	if (!f->sent)
		return;
	buf_printf(line, " | rta=%.3fms;", f->rtt / 1000);
	if (warn->is_set)
		buf_printf(line, "%lld", (long long)(warn->rtt / USEC_MS));
	buf_char(line, ';');
	if (bad->is_set)
		buf_printf(line, "%lld", (long long)(bad->rtt / USEC_MS));
	buf_printf(line, ";0 pl=%lld%%;", (long long)loss_of(f));
	if (warn->is_set)
		buf_printf(line, "%lld", (long long)warn->loss);
	buf_printf(line, ";%lld;0;100",
		(long long)(bad->is_set ? bad->loss : o->max_loss));
}

bool probe_monitor(const struct probe *const *probes, size_t count,
	const struct probe_options *o, struct run *r, bool tried, struct err *e)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL",
		"UNKNOWN" };
	struct buf line = BUF_INIT(2 * ERR_TEXT_MAX);
	struct figures f = { .sent = 0 };
	for (size_t i = 0; i < count; i++) {
		f.sent += probes[i]->sent;
		f.received += probes[i]->received;
		if (probe_mean(probes[i]) > f.rtt)
			f.rtt = probe_mean(probes[i]);
	}
	enum verdict verdict = verdict_of(&f, o, tried, e);
	add_name(&line, r->command->name);
	buf_printf(&line, " %s - ", words[verdict]);
	add_text(&line, &f, e);
	add_figures(&line, &f, o);
	buf_char(&line, '\n');
	err_clear(e);
	r->exit_code = (int)verdict;
	bool written = out_write(r->out, buf_view(&line), e);
	buf_clear(&line);
	return written || !err_is_set(e);
}
