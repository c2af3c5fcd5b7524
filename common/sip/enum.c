/* The DDDS loop of ENUM (RFC 6116 section 5.2.1): sets of rules, one inside
 * the other where a rule leads to another name, and the first URI wins. */
#include "sip/enum.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sip/uri.h"

/* The rules at one name, in order, as they are gone through. */
struct rules {
	const char *name; /* one of those asked */
	struct naptr_record *all;
	size_t count, next;
};

struct sip_enum {
	struct sip_enum_settings s;
	sip_enum_done *done;
	void *arg;
	struct query *query;
	struct err e; /* of the last name that had no rules */
	char number[SIP_ENUM_NUMBER_MAX + 2];
	struct rules stack[SIP_ENUM_DEPTH_MAX];
	size_t depth;
	char *asked[SIP_ENUM_QUERIES_MAX];
	size_t asked_count;
};

static void rules_clear(struct rules *r)
{
	for (size_t i = 0; i < r->count; i++) {
		mem_free((char *)r->all[i].flags);
		mem_free((char *)r->all[i].services);
		mem_free((char *)r->all[i].regexp);
		mem_free((char *)r->all[i].replacement);
	}
	mem_free(r->all);
	*r = (struct rules){ .count = 0 };
}

static void rules_copy(struct rules *r, const char *name,
	const struct naptr_record *found, size_t count)
{
	*r = (struct rules){ .name = name, .count = count };
	r->all = mem_array(count, sizeof(*r->all));
	for (size_t i = 0; i < count; i++) {
		r->all[i] = found[i];
		r->all[i].flags = mem_str(found[i].flags);
		r->all[i].services = mem_str(found[i].services);
		r->all[i].regexp = mem_str(found[i].regexp);
		r->all[i].replacement = mem_str(found[i].replacement);
	}
}

void sip_enum_cancel(struct sip_enum *n)
{
	if (!n)
		return;
	query_cancel(n->query);
	while (n->depth)
		rules_clear(&n->stack[--n->depth]);
	for (size_t i = 0; i < n->asked_count; i++)
		mem_free(n->asked[i]);
	mem_free(n);
}

/* ---- steps ---- */

static void tell_nothing(struct sip_enum *n, const char *name, const char *why)
{
	if (n->s.step)
		n->s.step(n->arg, &(struct sip_locate_step){ .question = name,
					  .type = "NAPTR",
					  .ttl = RESOLVE_NO_TTL,
					  .why = why });
}

static void tell(struct sip_enum *n, const struct rules *r,
	const struct naptr_record *rule, bool is_chosen, const char *why)
{
	if (n->s.step)
		n->s.step(
			n->arg, &(struct sip_locate_step){ .question = r->name,
					.type = "NAPTR",
					.naptr = rule,
					.ttl = rule->ttl,
					.is_chosen = is_chosen,
					.why = why });
}

/* ---- one rule ---- */

static void ask(struct sip_enum *n, const char *name);

static bool is_asked(const struct sip_enum *n, const char *name)
{
	for (size_t i = 0; i < n->asked_count; i++)
		if (strcasecmp(n->asked[i], name) == 0)
			return true;
	return false;
}

/* What is against going on at the name of a rule that is not terminal; NULL:
 * nothing. */
static const char *objection(const struct sip_enum *n, const char *name)
{
	if (strcmp(name, ".") == 0)
		return "it leads to no other name";
	if (is_asked(n, name))
		return "it leads back to a name that was asked already";
	if (n->depth == SIP_ENUM_DEPTH_MAX)
		return "it leads further than five names, as a loop does";
	if (n->asked_count == SIP_ENUM_QUERIES_MAX)
		return "too many names have been asked";
	return NULL;
}

/* What a terminal rule makes; true where SIP can reach it. */
static bool make_uri(struct sip_enum *n, const struct naptr_record *rule,
	struct buf *uri, struct err *why)
{
	enum sip_scheme kind;
	struct span scheme, services = span_of(rule->services);

	if (!sip_enum_is_enum(services))
		return err_set(why, STATUS_REFUSED,
			"its services are not those of ENUM");
	if (!sip_enum_apply(
		    uri, span_of(rule->regexp), span_of(n->number), why))
		return false;
	bool is_sip = sip_uri_scheme(buf_view(uri), &kind, &scheme) &&
		      (kind == SIP_SCHEME_SIP || kind == SIP_SCHEME_SIPS);
	err_set(why, STATUS_REFUSED,
		is_sip ? "it makes %s" : "it makes %s, which is not SIP's",
		buf_text(uri));
	if (is_sip && !sip_enum_is_sip(services))
		return err_set(why, STATUS_REFUSED,
			"it makes %s, but not for SIP", buf_text(uri));
	return is_sip;
}

static void finish(struct sip_enum *n, const char *uri, const struct err *e)
{
	sip_enum_done *done = n->done;
	void *arg = n->arg;
	struct rules *r;

	for (; uri && n->depth; rules_clear(&n->stack[--n->depth]))
		for (r = &n->stack[n->depth - 1]; r->next < r->count; r->next++)
			tell(n, r, &r->all[r->next], false,
				"not considered: there is a URI already");
	done(arg, uri, e);
	sip_enum_cancel(n);
}

/* True: it was gone on with, and n may be gone. */
static bool take_rule(struct sip_enum *n, const struct rules *r,
	const struct naptr_record *rule)
{
	struct buf uri = BUF_INIT(SIP_ENUM_URI_MAX);
	struct err why = ERR_NONE;
	bool is_taken = false;

	if (strcasecmp(rule->flags, "u") == 0) {
		is_taken = make_uri(n, rule, &uri, &why);
		tell(n, r, rule, is_taken, why.text);
		if (is_taken)
			finish(n, buf_text(&uri), &ERR_NONE);
	} else if (*rule->flags) {
		tell(n, r, rule, false, "its flag is unknown");
	} else {
		const char *against = objection(n, rule->replacement);
		is_taken = !against;
		tell(n, r, rule, is_taken,
			against ? against : "it leads to another name");
		if (is_taken)
			ask(n, rule->replacement);
	}
	buf_clear(&uri);
	return is_taken;
}

/* ---- all of them ---- */

static void go_on(struct sip_enum *n)
{
	while (n->depth) {
		struct rules *r = &n->stack[n->depth - 1];
		if (r->next == r->count) {
			rules_clear(r);
			n->depth--;
		} else if (take_rule(n, r, &r->all[r->next++])) {
			return;
		}
	}
	if (!err_is_set(&n->e))
		err_set(&n->e, STATUS_UNREACHABLE,
			"%s has no SIP address in the DNS (ENUM)", n->number);
	finish(n, NULL, &n->e);
}

static void answered(void *arg, const struct naptr_record *found, size_t count,
	const struct err *e)
{
	struct sip_enum *n = arg;
	const char *name = n->asked[n->asked_count - 1];

	n->query = NULL;
	if (count) {
		rules_copy(&n->stack[n->depth++], name, found, count);
	} else {
		n->e = *e;
		tell_nothing(n, name, e->text);
	}
	go_on(n);
}

/* Only where objection has none. */
static void ask(struct sip_enum *n, const char *name)
{
	n->asked[n->asked_count++] = mem_str(name);
	err_clear(&n->e);
	n->query = resolve_naptr(n->s.resolver, name, answered, n);
}

struct sip_enum *sip_enum_new(const struct sip_enum_settings *s,
	struct span number, sip_enum_done *done, void *arg, struct err *e)
{
	char digits[SIP_ENUM_NUMBER_MAX + 2];
	struct buf key = BUF_INIT(253); /* a name's, RFC 1035 section 2.3.4 */

	if (!sip_enum_number(digits, number, e))
		return NULL;
	if (!sip_enum_key(&key, span_of(digits),
		    s->suffix ? s->suffix : SIP_ENUM_SUFFIX)) {
		err_set(e, STATUS_USAGE, "%s is too long a name", s->suffix);
		buf_clear(&key);
		return NULL;
	}
	struct sip_enum *n = mem_alloc(sizeof(*n));
	n->s = *s;
	n->done = done;
	n->arg = arg;
	memcpy(n->number, digits, sizeof(digits));
	ask(n, buf_text(&key));
	buf_clear(&key);
	return n;
}
