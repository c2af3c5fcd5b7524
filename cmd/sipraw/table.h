/* table - the rows of a CSV file (RFC 4180), a variable for each column
 *
 * The first row has the names.  A row has as many fields as that one; a field
 * in quotes may hold commas, line ends and doubled quotes.
 */
#ifndef SIPRAW_TABLE_H
#define SIPRAW_TABLE_H

#include "base/buf.h"
#include "base/err.h"

#define TABLE_MAX (16 * 1024 * 1024) /* bytes of a file */
#define TABLE_COLUMNS_MAX 64

struct run;

/* All zero at the start. */
struct table {
	struct buf bytes; /* private, all of it */
	size_t names[TABLE_COLUMNS_MAX +
		     1]; /* where fields begin in `fields` */
	size_t starts[TABLE_COLUMNS_MAX + 1];
	struct buf header, fields;
	size_t columns, at, row;
};

/* Reads and checks all of it. */
bool table_open(
	struct table *t, struct run *r, const char *file, struct err *e);
void table_close(struct table *t);

bool table_next(struct table *t);        /* false behind the last row */
size_t table_row(const struct table *t); /* its number, from 1 */

/* Appends the field of that column in this row; false: no such column. */
bool table_find(const struct table *t, struct span name, struct buf *out);

#endif
