/* Recipients: operands, and the lines of --to-file. */
#include "base/mem.h"
#include "cli/input.h"
#include "cli/letters.h"

/* A hundred thousand recipients and more; a larger file is a wrong one. */
#define TO_FILE_MAX (16 * 1024 * 1024)

static void add(struct recipients *to, struct span one)
{
	/* Doubled at each power of two. */
	if ((to->count & (to->count - 1)) == 0)
		to->items = mem_grow(to->items, to->count ? 2 * to->count : 1,
			sizeof(*to->items));
	to->items[to->count++] = span_dup(one);
}

static void add_lines(struct recipients *to, struct span text)
{
	struct span line;
	bool more = true;
	while (more) {
		more = span_cut(&text, '\n', &line);
		line = span_trim(line);
		if (line.n && line.p[0] != '#')
			add(to, line);
	}
}

static bool read_file(
	struct recipients *to, struct run *r, const char *path, struct err *e)
{
	struct buf text = BUF_INIT(TO_FILE_MAX);
	bool good = input_read_whole(r, path, &text, e);
	if (good)
		add_lines(to, buf_view(&text));
	buf_clear(&text);
	return good;
}

bool recipients_read(struct recipients *to, struct run *r,
	const struct letters_options *o, char **operands, struct err *e)
{
	*to = (struct recipients){ 0 };
	for (; *operands; operands++)
		add(to, span_of(*operands));
	if (o->to_file && !read_file(to, r, o->to_file, e))
		return false;
	if (to->count && o->reply)
		return err_set(e, STATUS_USAGE,
			"--reply answers to who wrote: name no recipients");
	if (to->count || o->json)
		return true;
	return err_set(e, STATUS_USAGE, "who is it for? Name a recipient");
}

void recipients_clear(struct recipients *to)
{
	for (size_t i = 0; i < to->count; i++)
		mem_free(to->items[i]);
	mem_free(to->items);
	*to = (struct recipients){ 0 };
}
