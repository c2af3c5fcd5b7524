#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"

#define REDRAW (100 * USEC_MS)
#define BAR_MIN 10 /* columns; a shorter one says nothing */

struct progress {
	struct loop *loop;
	char *what;
	uint64_t total;
	bool draws;
	usec_t next;
};

static bool is_shown;

static void show(struct span text)
{
	ssize_t ignored = write(STDERR_FILENO, text.p, text.n);
	(void)ignored;
}

void progress_hide(void)
{
	if (is_shown)
		show(SPAN("\r\033[K"));
	is_shown = false;
}

/* 1536 is "1.5 Ki": three digits at most in front of the unit. */
static void add_amount(struct buf *out, uint64_t amount)
{
	static const char *const units[] = { "", " Ki", " Mi", " Gi", " Ti",
		" Pi", " Ei" };
	size_t unit = 0;
	double value = (double)amount;
	for (; value >= 1000 && unit < 6; unit++)
		value /= 1024;
	buf_printf(out, unit && value < 10 ? "%.1f%s" : "%.0f%s", value,
		units[unit]);
}

void progress_format(struct buf *out, const char *what, uint64_t done,
	uint64_t total, unsigned columns)
{
	struct buf tail = BUF_INIT(128);
	if (done > total && total)
		done = total;
	buf_char(&tail, ' ');
	if (total)
		buf_printf(&tail, "%3.0f%% ",
			100.0 * (double)done / (double)total);
	add_amount(&tail, done);
	size_t start = out->len;
	buf_str(out, what);
	size_t taken = out->len - start + tail.len + 4;
	if (total && columns > taken + BAR_MIN) {
		size_t width = columns - taken;
		size_t full =
			(size_t)((double)width * (double)done / (double)total);
		buf_str(out, " [");
		for (size_t i = 0; i < width; i++)
			buf_char(out, i < full ? '#' : '.');
		buf_char(out, ']');
	}
	buf_span(out, buf_view(&tail));
	buf_clear(&tail);
}

static unsigned terminal_columns(void)
{
	struct winsize size;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

struct progress *progress_new(struct loop *l, const char *what, uint64_t total)
{
	struct progress *p = mem_alloc(sizeof(*p));
	p->loop = l;
	p->what = mem_str(what);
	p->total = total;
	p->draws = isatty(STDERR_FILENO);
	return p;
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	progress_hide();
	mem_free(p->what);
	mem_free(p);
}

void progress_set(struct progress *p, uint64_t done)
{
	if (!p->draws || loop_now(p->loop) < p->next)
		return;
	struct buf line = BUF_INIT(4096);
	buf_char(&line, '\r');
	progress_format(&line, p->what, done, p->total, terminal_columns());
	buf_str(&line, "\033[K");
	show(buf_view(&line));
	buf_clear(&line);
	is_shown = true;
	p->next = loop_now(p->loop) + REDRAW;
}
