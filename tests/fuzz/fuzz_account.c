/* The accounts file and ~/.sendxmpprc: understood or refused with a sentence,
 * what was understood is found again by its section and key, and no key but a
 * known one, none of them twice. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/account_file.h"

static void check(bool good)
{
	if (!good)
		abort();
}

static void look_at(struct account_file *f, const struct err *e, bool is_rc)
{
	check((f == NULL) == err_is_set(e));
	check(f || (e->status == STATUS_USAGE && *e->text));
	if (!f)
		return;
	LIST_EACH(&f->entries, at)
	{
		const struct account_entry *entry =
			LIST_ITEM(at, struct account_entry, link);
		const char *value =
			account_file_find(f, entry->section, entry->key);
		check(value == entry->value);
		check(is_rc == (*entry->section == '\0'));
		check(is_rc || strcmp(entry->key, "password") != 0);
	}
	check(!is_rc || account_file_find(f, "", "jid"));
	account_file_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A file with a NUL in it is refused before. */
	char *text = span_dup(span_from((const char *)data, size));
	struct err e = ERR_NONE;
	struct account_file *f =
		account_file_parse(span_dup(SPAN("accounts")), text, &e);
	look_at(f, &e, false);
	e = ERR_NONE;
	f = account_rc_parse(span_dup(SPAN(".sendxmpprc")), text, &e);
	look_at(f, &e, true);
	mem_free(text);
	return 0;
}
