#include "state_file.h"

#include <string.h>

#include "base/mem.h"
#include "base/state.h"
#include "base/utf8.h"

/* One line of the file, whatever the id is. */
bool state_file_can_hold(const char *id)
{
	size_t n = strlen(id);
	if (n == 0 || n > STATE_FILE_ID_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)id[i] <= ' ' || id[i] == '\x7f')
			return false;
	return true;
}

static bool take_line(struct state_file *f, struct span line)
{
	struct span key;
	if (!span_cut(&line, ' ', &key))
		return false;
	if (span_is(key, "version"))
		return span_is(line, "1");
	if (span_is(key, "account")) {
		xmpp_jid_clear(&f->account);
		return xmpp_jid_parse(&f->account, line, NULL);
	}
	if (span_is(key, "id")) {
		mem_free(f->id);
		f->id = span_dup(line);
		return state_file_can_hold(f->id);
	}
	return span_is(key, "time") && clock_parse(line, &f->time);
}

static bool take_lines(struct state_file *f, struct span text)
{
	if (!span_starts(text, "version "))
		return false;
	while (text.n) {
		struct span line;
		span_cut(&text, '\n', &line);
		if (!take_line(f, line))
			return false;
	}
	return f->time && xmpp_jid_is_set(&f->account);
}

bool state_file_load(struct state_file *f, const char *path,
	const struct xmpp_jid *self, struct err *e)
{
	struct buf text = BUF_INIT(STATE_FILE_MAX);
	*f = (struct state_file){ 0 };
	bool good = state_file_read(path, &text, e);
	if (good && text.len && !take_lines(f, buf_view(&text)))
		good = err_set(e, STATUS_MALFORMED,
			"%s: this is not a file of --state", path);
	if (good && text.len && !xmpp_jid_equal_bare(&f->account, self))
		good = err_set(e, STATUS_USAGE, "%s: this is the state of %s",
			path, f->account.text);
	if (good && !text.len)
		xmpp_jid_copy_bare(&f->account, self);
	buf_clear(&text);
	return good;
}

bool state_file_save(
	const struct state_file *f, const char *path, struct err *e)
{
	char time[CLOCK_TEXT_SIZE];
	struct buf text = BUF_INIT(STATE_FILE_MAX);
	buf_printf(&text, "version 1\naccount %s\n", f->account.text);
	if (f->id)
		buf_printf(&text, "id %s\n", f->id);
	buf_printf(&text, "time %s\n", clock_format(time, f->time));
	bool good = state_file_write(path, buf_view(&text), e);
	buf_clear(&text);
	return good;
}

void state_file_clear(struct state_file *f)
{
	xmpp_jid_clear(&f->account);
	mem_free(f->id);
	*f = (struct state_file){ 0 };
}
