#include "cli/finding.h"

#include <ctype.h>

#include "base/utf8.h"
#include "cli/out.h"
#include "cli/run.h"

static const char *const level_names[FINDING_LEVELS] = { "ok", "note",
	"warning", "error" };

enum finding_level findings_worst(const struct findings *f)
{
	int level = FINDING_ERROR;

	while (level > FINDING_OK && !f->counts[level])
		level--;
	return (enum finding_level)level;
}

static void put(struct findings *f, enum finding_level level, const char *check,
	const char *advice, struct span text)
{
	struct record r;
	struct err e = ERR_NONE;

	record_begin(&r, f->run->out, RECORD_FINDING, f->proto,
		loop_wall(f->run->loop));
	record_str(&r, KEY_LEVEL, level_names[level]);
	record_str(&r, KEY_CHECK, check);
	record_str(&r, KEY_TO, f->subject);
	if (f->transport)
		record_str(&r, KEY_TRANSPORT, f->transport);
	if (f->address)
		record_str(&r, KEY_DST, f->address);
	record_text(&r, KEY_TEXT, text);
	if (advice)
		record_str(&r, KEY_ADVICE, advice);
	if (!record_end(&r, &e) && err_is_set(&e))
		f->broken = e;
}

void finding_add(struct findings *f, enum finding_level level,
	const char *check, const char *advice, const char *format, ...)
{
	struct buf text = BUF_INIT(ERR_TEXT_MAX - 1);
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	if (text.failed)
		buf_str(&text, "what came is too long to be shown");
	if (!f->counts[level] && level >= findings_worst(f))
		utf8_printable_to(f->first, sizeof(f->first), buf_view(&text));
	f->counts[level]++;
	bool is_shown = !f->run->output.quiet || level >= FINDING_WARNING;
	if (is_shown && !f->nagios)
		put(f, level, check, advice, buf_view(&text));
	buf_clear(&text);
}

bool findings_judge(const struct findings *f, struct err *e)
{
	if (err_is_set(&f->broken)) {
		*e = f->broken;
		return false;
	}
	if (findings_worst(f) < FINDING_ERROR)
		return true;
	return err_set(e, STATUS_REFUSED, "%s: %zu error%s: %s", f->subject,
		f->counts[FINDING_ERROR],
		f->counts[FINDING_ERROR] == 1 ? "" : "s, the first one",
		f->first);
}

bool findings_monitor(const struct findings *f, struct err *e)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL",
		"UNKNOWN" };
	static const int codes[FINDING_LEVELS] = { 0, 0, 1, 2 };
	struct buf line = BUF_INIT(2 * ERR_TEXT_MAX);
	int code = err_is_set(e) ? 3 : codes[findings_worst(f)];

	for (const char *c = f->run->command->name; *c; c++)
		buf_char(&line, (char)toupper((unsigned char)*c));
	buf_printf(&line, " %s - ", words[code]);
	for (const char *c = err_is_set(e) ? e->text : f->first; *c; c++)
		buf_char(&line, (char)(*c == '|' ? '/' : *c));
	if (!err_is_set(e))
		buf_printf(&line, " | errors=%zu;;1 warnings=%zu;1",
			f->counts[FINDING_ERROR], f->counts[FINDING_WARNING]);
	buf_char(&line, '\n');
	err_clear(e);
	f->run->exit_code = code;
	bool written = out_write(f->run->out, buf_view(&line), e);
	buf_clear(&line);
	return written || !err_is_set(e);
}
