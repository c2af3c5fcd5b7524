#include "cmd/sipraw/template.h"

#include "base/utf8.h"

static bool is_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i] | 0x20;
		if (!(c >= 'a' && c <= 'z') &&
			!(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '_' &&
			s.p[i] != '-')
			return false;
	}
	return s.n > 0;
}

static bool expand_one(struct buf *out, struct span *text,
	template_lookup *lookup, void *arg, struct err *e)
{
	size_t end = span_find(*text, '}', 2);
	struct span name = span_skip(span_first(*text, end), 2);
	char shown[64];
	utf8_printable_to(shown, sizeof(shown), span_first(name, 40));
	if (end == text->n || !is_name(name))
		return err_set(e, STATUS_MALFORMED,
			"\"${%s\" is no variable; $${ stands for ${", shown);
	if (!lookup(arg, name, out))
		return err_set(e, STATUS_MALFORMED,
			"there is no variable ${%s}", shown);
	*text = span_skip(*text, end + 1);
	return true;
}

bool template_expand(struct buf *out, struct span text, template_lookup *lookup,
	void *arg, struct err *e)
{
	while (text.n) {
		size_t plain = span_find(text, '$', 0);
		buf_span(out, span_first(text, plain));
		text = span_skip(text, plain);
		if (span_starts(text, "$${")) {
			buf_str(out, "${");
			text = span_skip(text, 3);
		} else if (span_starts(text, "${")) {
			if (!expand_one(out, &text, lookup, arg, e))
				return false;
		} else if (text.n) {
			buf_char(out, '$');
			text = span_skip(text, 1);
		}
	}
	return !out->failed ||
	       err_set(e, STATUS_MALFORMED, "longer than %zu bytes", out->max);
}
