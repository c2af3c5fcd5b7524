#include <stdarg.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "cli/run_private.h"

void run_say(const char *name, struct span sentence)
{
	progress_hide();
	struct buf line = BUF_INIT(64 * 1024);
	buf_printf(&line, "%s: ", name);
	utf8_printable(&line, sentence, UTF8_SENTENCE);
	buf_char(&line, '\n');
	ssize_t ignored = write(STDERR_FILENO, line.data, line.len);
	(void)ignored; /* there is nobody left to tell */
	buf_clear(&line);
}

__attribute__((format(printf, 2, 0))) static void vsay(
	const struct run *r, const char *format, va_list ap)
{
	struct buf text = BUF_INIT(16 * 1024);
	buf_vprintf(&text, format, ap);
	run_say(r->command->name, buf_view(&text));
	buf_clear(&text);
}

void run_warn(const struct run *r, const char *format, ...)
{
	if (r->output.quiet)
		return;
	va_list ap;
	va_start(ap, format);
	vsay(r, format, ap);
	va_end(ap);
}

void run_note(const struct run *r, const char *format, ...)
{
	if (r->output.verbose < 1)
		return;
	va_list ap;
	va_start(ap, format);
	vsay(r, format, ap);
	va_end(ap);
}

void run_wire(const struct run *r, const char *what, struct span bytes)
{
	if (r->output.verbose < 2)
		return;
	struct buf text = BUF_INIT(1 << 20);
	struct span line;
	for (bool more = bytes.n > 0; more;) {
		more = span_cut(&bytes, '\n', &line);
		if (!more && line.n == 0)
			break;
		buf_printf(&text, "%s ", what);
		if (span_ends(line, "\r"))
			line.n--;
		utf8_printable(&text, line, UTF8_SENTENCE);
		buf_char(&text, '\n');
	}
	ssize_t ignored = write(STDERR_FILENO, text.data, text.len);
	(void)ignored;
	buf_clear(&text);
}

bool run_timed_out(const struct run *r, const char *what, struct err *e)
{
	struct buf seconds = BUF_INIT(32);
	buf_printf(&seconds, "%g", (double)r->allowed / USEC_SEC);
	err_set(e, STATUS_TIMEOUT, "%s within %s s", what, buf_text(&seconds));
	buf_clear(&seconds);
	if (e)
		e->retryable = true;
	return false;
}
