#include "cmd/sipraw/table.h"

#include "cli/input.h"

/* Appends one field at *at to out, unquoted; *at is behind its comma or line
 * end, and *last tells which it was.  False: a quote is not closed, or goes on
 * behind its end. */
static bool take_field(struct span all, size_t *at, struct buf *out, bool *last)
{
	bool quoted = *at < all.n && all.p[*at] == '"';
	size_t i = *at + quoted;
	for (; i < all.n; i++) {
		char c = all.p[i];
		if (quoted && c == '"' && i + 1 < all.n && all.p[i + 1] == '"')
			i++;
		else if (quoted ? c == '"' : c == ',' || c == '\n')
			break;
		buf_char(out, c);
	}
	if (quoted && i++ == all.n)
		return false;
	if (!quoted && i < all.n && all.p[i] == '\n' && out->len &&
		out->data[out->len - 1] == '\r')
		out->len--;
	if (quoted && i < all.n && all.p[i] == '\r')
		i++;
	*last = i >= all.n || all.p[i] == '\n';
	if (!*last && all.p[i] != ',')
		return false;
	*at = i + 1 < all.n ? i + 1 : all.n;
	return true;
}

/* A whole row; the number of its fields, 0 where it is malformed. */
static size_t take_row(struct table *t, struct buf *out, size_t *starts)
{
	size_t n = 0;
	bool last = false;
	buf_reset(out);
	starts[0] = 0;
	while (!last) {
		if (n == TABLE_COLUMNS_MAX ||
			!take_field(buf_view(&t->bytes), &t->at, out, &last))
			return 0;
		starts[++n] = out->len;
	}
	return out->failed ? 0 : n;
}

static bool check_rows(struct table *t, struct err *e)
{
	t->columns = take_row(t, &t->header, t->names);
	size_t first = t->at;
	if (t->columns == 0)
		return err_set(e, STATUS_MALFORMED, "the first row is no CSV");
	for (size_t row = 1; t->at < t->bytes.len; row++) {
		size_t n = take_row(t, &t->fields, t->starts);
		if (n != t->columns)
			return err_set(e, STATUS_MALFORMED,
				"row %zu is no CSV of %zu fields", row,
				t->columns);
	}
	t->at = first;
	return true;
}

bool table_open(struct table *t, struct run *r, const char *file, struct err *e)
{
	buf_init(&t->bytes, TABLE_MAX);
	buf_init(&t->header, TABLE_MAX);
	buf_init(&t->fields, TABLE_MAX);
	if (!input_read_whole(r, file, &t->bytes, e))
		return false;
	if (check_rows(t, e))
		return true;
	err_prefix(e, "%s", file);
	return false;
}

void table_close(struct table *t)
{
	buf_clear(&t->bytes);
	buf_clear(&t->header);
	buf_clear(&t->fields);
}

bool table_next(struct table *t)
{
	if (t->at >= t->bytes.len)
		return false;
	t->row++;
	return take_row(t, &t->fields, t->starts) > 0;
}

size_t table_row(const struct table *t)
{
	return t->row;
}

static struct span piece(
	const struct buf *b, const size_t *starts, size_t index)
{
	return span_from(
		b->data + starts[index], starts[index + 1] - starts[index]);
}

bool table_find(const struct table *t, struct span name, struct buf *out)
{
	for (size_t i = 0; i < t->columns; i++)
		if (span_equal(name, piece(&t->header, t->names, i)))
			return buf_span(out, piece(&t->fields, t->starts, i));
	return false;
}
