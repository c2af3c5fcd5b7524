/* schema - the tables of the program as TSV, for papers and their tests
 *
 *	schema keys	name, kind, meaning of each key of a record
 *	schema types	name, meaning, columns of the text form
 *	schema letters	letter, long name, the tool it is an exception of
 *	schema statuses	number, word
 */
#include <stdio.h>
#include <string.h>

#include "cli/opt.h"
#include "cli/record.h"

static void keys(void)
{
	static const char *const kinds[] = {
		[KIND_TEXT] = "text",
		[KIND_BYTES] = "bytes",
		[KIND_NUMBER] = "number",
		[KIND_BOOL] = "boolean",
		[KIND_TIME] = "time",
		[KIND_ARRAY] = "array",
	};
	for (enum record_key k = 0; k < KEY_COUNT; k++) {
		const struct record_key_info *i = record_key_info(k);
		printf("%s\t%s\t%s\n", i->name, kinds[i->kind], i->meaning);
	}
}

static void types(void)
{
	for (enum record_type t = 0; t < RECORD_TYPE_COUNT; t++) {
		const struct record_type_info *i = record_type_info(t);
		printf("%s\t%s\t", i->name, i->meaning);
		for (size_t c = 0; i->columns[c] != KEY_COUNT; c++)
			printf("%s%s", c ? " " : "",
				record_key_info(i->columns[c])->name);
		putchar('\n');
	}
}

static void letters(void)
{
	struct opt_letter l;
	for (size_t i = 0; opt_letter_at(i, &l); i++)
		printf("%c\t%s\t%s\n", l.letter, l.name, l.tool ? l.tool : "");
}

static void statuses(void)
{
	for (enum status s = 0; s < STATUS_COUNT; s++)
		printf("%d\t%s\n", s, status_text(s));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *word;
		void (*print)(void);
	} tables[] = {
		{ "keys", keys },
		{ "types", types },
		{ "letters", letters },
		{ "statuses", statuses },
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (argc == 2 && strcmp(argv[1], tables[i].word) == 0)
			tables[i].print();
	return fflush(stdout) ? 8 : 0;
}
