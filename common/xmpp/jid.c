#include "xmpp/jid.h"

#include <string.h>

#include "base/mem.h"
#include "xmpp/prep.h"

typedef bool prepare(struct buf *out, struct span s, struct err *e);

/* Appends one part, within its limit. */
static bool add_part(struct buf *out, struct span s, prepare *prep,
	const char *name, struct err *e)
{
	size_t before = out->len;
	if (s.n == 0)
		return err_set(e, STATUS_MALFORMED, "the %s is empty", name);
	bool done = prep(out, s, e);
	size_t n = out->len - before;
	if (out->failed || n > XMPP_JID_PART_MAX)
		return err_set(e, STATUS_MALFORMED,
			"the %s is longer than %d bytes", name,
			XMPP_JID_PART_MAX);
	if (done && n == 0)
		return err_set(
			e, STATUS_MALFORMED, "nothing is left of the %s", name);
	return done;
}

static bool is_same_text(struct span s, const struct buf *out, size_t from)
{
	return span_equal(s, span_skip(buf_view(out), from));
}

/* What comes out must come out again from itself, or two spellings of one
 * JID would differ (stringprep does not promise it, IDNA neither). */
static bool add_stable_part(struct buf *out, struct span s, prepare *prep,
	const char *name, struct err *e)
{
	size_t before = out->len;
	if (!add_part(out, s, prep, name, e))
		return false;
	if (is_same_text(s, out, before))
		return true;
	char *once = span_dup(span_skip(buf_view(out), before));
	struct buf twice = BUF_INIT(out->max);
	bool stable = add_part(&twice, span_of(once), prep, name, e) &&
		      is_same_text(span_of(once), &twice, 0);
	if (!stable)
		err_set(e, STATUS_MALFORMED, "the %s has no stable form", name);
	buf_clear(&twice);
	mem_free(once);
	return stable;
}

static bool make(struct xmpp_jid *jid, const struct span *local,
	struct span domain, const struct span *resource, struct err *e)
{
	/* Parts are checked against their limits one by one; room for the
	 * longest expansion of the last is not needed. */
	struct buf out = BUF_INIT(XMPP_JID_MAX);
	size_t local_end = 0, domain_at = 0;
	*jid = XMPP_JID_NONE;
	if (local) {
		if (!add_stable_part(
			    &out, *local, xmpp_prep_local, "localpart", e))
			goto failed;
		local_end = out.len;
		buf_char(&out, '@');
		domain_at = out.len;
	}
	if (!add_stable_part(&out, domain, xmpp_prep_domain, "domainpart", e))
		goto failed;
	size_t domain_end = out.len;
	if (resource) {
		buf_char(&out, '/');
		if (!add_stable_part(&out, *resource, xmpp_prep_resource,
			    "resourcepart", e))
			goto failed;
	}
	size_t length = out.len;
	char *text = buf_take(&out);
	jid->text = text;
	jid->local = span_from(text, local_end);
	jid->domain = span_between(text + domain_at, text + domain_end);
	if (resource)
		jid->resource =
			span_between(text + domain_end + 1, text + length);
	return true;
failed:
	buf_clear(&out);
	return false;
}

/* RFC 7622 section 3.2: the resourcepart first, since it may hold any of the
 * separators. */
bool xmpp_jid_parse(struct xmpp_jid *jid, struct span text, struct err *e)
{
	struct span resource = text, bare, local, domain;
	bool has_resource = span_cut(&resource, '/', &bare);
	domain = bare;
	bool has_local = span_cut(&domain, '@', &local);
	return make(jid, has_local ? &local : NULL, has_local ? domain : bare,
		has_resource ? &resource : NULL, e);
}

bool xmpp_jid_make(struct xmpp_jid *jid, struct span local, struct span domain,
	struct span resource, struct err *e)
{
	return make(jid, local.n ? &local : NULL, domain,
		resource.n ? &resource : NULL, e);
}

/* ---- copies ---- */

static struct span moved(struct span part, const char *from, const char *to)
{
	return part.n ? span_from(to + (part.p - from), part.n) : SPAN_EMPTY;
}

static void copy_first(
	struct xmpp_jid *jid, const struct xmpp_jid *from, size_t n)
{
	char *text = mem_strn(from->text, n);
	*jid = (struct xmpp_jid){ .text = text,
		.local = moved(from->local, from->text, text),
		.domain = moved(from->domain, from->text, text) };
}

void xmpp_jid_copy(struct xmpp_jid *jid, const struct xmpp_jid *from)
{
	*jid = XMPP_JID_NONE;
	if (!from->text)
		return;
	copy_first(jid, from, strlen(from->text));
	jid->resource = moved(from->resource, from->text, jid->text);
}

void xmpp_jid_copy_bare(struct xmpp_jid *jid, const struct xmpp_jid *from)
{
	*jid = XMPP_JID_NONE;
	if (from->text)
		copy_first(jid, from, xmpp_jid_bare(from).n);
}

void xmpp_jid_clear(struct xmpp_jid *jid)
{
	mem_free(jid->text);
	*jid = XMPP_JID_NONE;
}

/* ---- views ---- */

struct span xmpp_jid_full(const struct xmpp_jid *jid)
{
	return span_of(jid->text);
}

struct span xmpp_jid_bare(const struct xmpp_jid *jid)
{
	if (!jid->text)
		return SPAN_EMPTY;
	return span_between(jid->text, jid->domain.p + jid->domain.n);
}

bool xmpp_jid_is_set(const struct xmpp_jid *jid)
{
	return jid->text != NULL;
}

bool xmpp_jid_is_bare(const struct xmpp_jid *jid)
{
	return jid->text && !jid->resource.n;
}

bool xmpp_jid_is_full(const struct xmpp_jid *jid)
{
	return jid->resource.n > 0;
}

bool xmpp_jid_equal(const struct xmpp_jid *a, const struct xmpp_jid *b)
{
	return span_equal(xmpp_jid_full(a), xmpp_jid_full(b));
}

bool xmpp_jid_equal_bare(const struct xmpp_jid *a, const struct xmpp_jid *b)
{
	return span_equal(xmpp_jid_bare(a), xmpp_jid_bare(b));
}

/* ---- XEP-0106 ---- */

static const struct {
	char plain;
	char escaped[4];
} escapes[] = {
	{ ' ', "\\20" },
	{ '"', "\\22" },
	{ '&', "\\26" },
	{ '\'', "\\27" },
	{ '/', "\\2f" },
	{ ':', "\\3a" },
	{ '<', "\\3c" },
	{ '>', "\\3e" },
	{ '@', "\\40" },
	{ '\\', "\\5c" },
};

#define ESCAPE_COUNT (sizeof(escapes) / sizeof(escapes[0]))

/* The row whose escape s begins with, or ESCAPE_COUNT. */
static size_t find_escape(struct span s)
{
	size_t i = 0;
	while (i < ESCAPE_COUNT && !span_starts(s, escapes[i].escaped))
		i++;
	return i;
}

static size_t find_plain(char c)
{
	size_t i = 0;
	while (i < ESCAPE_COUNT && escapes[i].plain != c)
		i++;
	return i;
}

bool xmpp_jid_escape(struct buf *out, struct span name)
{
	if (span_starts(name, " ") || span_ends(name, " "))
		return false;
	for (; name.n; name = span_skip(name, 1)) {
		size_t row = find_plain(*name.p);
		/* A backslash only where it would be read as an escape. */
		bool literal =
			*name.p == '\\' && find_escape(name) == ESCAPE_COUNT;
		if (row == ESCAPE_COUNT || literal)
			buf_char(out, *name.p);
		else
			buf_str(out, escapes[row].escaped);
	}
	return !out->failed;
}

void xmpp_jid_unescape(struct buf *out, struct span local)
{
	while (local.n) {
		size_t row = find_escape(local);
		bool found = row < ESCAPE_COUNT;
		buf_char(out, found ? escapes[row].plain : *local.p);
		local = span_skip(local, found ? 3 : 1);
	}
}
