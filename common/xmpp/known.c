#include "xmpp/known.h"

#include <string.h>

#define HEADER "samtal-xmpp 1\n"

/* ---- lists of names ---- */

/* Those of SASL (RFC 4422 section 3.1) and of the registry of channel
 * bindings (RFC 5056 section 7): nothing that a line would trip over. */
static bool is_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0;
}

static bool join(
	char out[XMPP_KNOWN_LIST_MAX], const struct span *names, size_t count)
{
	struct buf b = BUF_INIT(XMPP_KNOWN_LIST_MAX - 1);
	bool good = true;
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_char(&b, ' ');
		buf_span(&b, names[i]);
		good &= is_name(names[i]);
	}
	good = good && !b.failed &&
	       span_copy(out, XMPP_KNOWN_LIST_MAX, buf_view(&b));
	if (!good)
		out[0] = '\0';
	buf_clear(&b);
	return good;
}

static size_t split(struct span names[XMPP_SASL_OFFER_MAX], struct span list)
{
	struct span name;
	size_t count = 0;
	bool more = list.n > 0;
	while (more && count < XMPP_SASL_OFFER_MAX) {
		more = span_cut(&list, ' ', &name);
		if (is_name(name))
			names[count++] = name;
	}
	return count;
}

bool xmpp_known_set_offer(
	struct xmpp_known *k, const struct xmpp_features *features)
{
	const struct xmpp_sasl_offer *sasl = &features->sasl;
	const struct xmpp_sasl_offer *sasl2 = &features->sasl2;
	k->has_binding_list = sasl->has_binding_list;
	k->resume = features->resume;
	k->bind2 = features->bind2 && features->bind2_sm;
	k->carbons = k->bind2 && features->bind2_carbons;
	bool good =
		join(k->mechanisms, sasl->mechanisms, sasl->mechanism_count) &&
		join(k->mechanisms2, sasl2->mechanisms,
			sasl2->mechanism_count) &&
		join(k->fast, features->fast, features->fast_count) &&
		join(k->bindings, sasl->bindings, sasl->binding_count);
	if (!good)
		k->mechanisms[0] = k->mechanisms2[0] = k->fast[0] =
			k->bindings[0] = '\0';
	return good;
}

void xmpp_known_offer(const struct xmpp_known *k, struct xmpp_features *f)
{
	*f = (struct xmpp_features){ .sasl.has_binding_list =
					     k->has_binding_list };
	f->sasl.binding_count = split(f->sasl.bindings, span_of(k->bindings));
	f->sasl2 = f->sasl;
	f->sasl2.is_sasl2 = true;
	f->sasl.mechanism_count =
		split(f->sasl.mechanisms, span_of(k->mechanisms));
	f->sasl2.mechanism_count =
		split(f->sasl2.mechanisms, span_of(k->mechanisms2));
	f->fast_count = split(f->fast, span_of(k->fast));
	f->resume = k->resume;
	f->bind2 = f->bind2_sm = k->bind2;
	f->bind2_carbons = k->carbons;
}

/* ---- lines ---- */

static const struct {
	enum xmpp_sasl_strength strength;
	const char *name;
} strengths[] = { { XMPP_SASL_SHA1, "1" }, { XMPP_SASL_SHA256, "256" },
	{ XMPP_SASL_SHA512, "512" } };

#define STRENGTHS (sizeof(strengths) / sizeof(strengths[0]))

/* "TIME URL" */
static void take_web(struct xmpp_known *k, struct span value)
{
	struct span time;
	uint64_t found;
	span_cut(&value, ' ', &time);
	if (value.n && span_to_u64(time, INT64_MAX, &found) &&
		span_copy(k->web, sizeof(k->web), value))
		k->web_found = found;
}

static void take_fact(struct xmpp_known *k, struct span key, struct span value)
{
	if (span_is(key, "mechanisms")) {
		span_copy(k->mechanisms, sizeof(k->mechanisms), value);
	} else if (span_is(key, "mechanisms2")) {
		span_copy(k->mechanisms2, sizeof(k->mechanisms2), value);
	} else if (span_is(key, "fast")) {
		span_copy(k->fast, sizeof(k->fast), value);
	} else if (span_is(key, "bindings")) {
		k->has_binding_list =
			span_copy(k->bindings, sizeof(k->bindings), value);
	} else if (span_is(key, "bind")) {
		k->bind = true;
	} else if (span_is(key, "sm")) {
		k->sm = true;
	} else if (span_is(key, "resume")) {
		k->resume = true;
	} else if (span_is(key, "bind2")) {
		k->bind2 = true;
	} else if (span_is(key, "carbons")) {
		k->carbons = true;
	} else if (span_is(key, "archive")) {
		k->archive = true;
	} else if (span_is(key, "salt")) {
		xmpp_known_salt_parse(&k->salt, value);
	} else if (span_is(key, "stumbled")) {
		span_to_u64(value, INT64_MAX, &k->stumbled);
	} else if (span_is(key, "bound")) {
		k->bound = true;
	} else if (span_is(key, "url")) {
		take_web(k, value);
	} else if (span_is(key, "proven")) {
		k->proven = true;
	} else if (span_is(key, "strength")) {
		for (size_t i = 0; i < STRENGTHS; i++)
			if (span_is(value, strengths[i].name))
				k->strength = strengths[i].strength;
	}
}

/* One line of the rest: which transport it is about, and what it says.  False
 * at the end. */
static bool take_line(struct span *rest, struct span *line,
	struct span *transport, struct span *fact)
{
	if (!rest->n)
		return false;
	span_cut(rest, '\n', line);
	*fact = *line;
	span_cut(fact, ' ', transport);
	if (transport->n == line->n)
		*fact = SPAN_EMPTY;
	return true;
}

void xmpp_known_parse(
	struct xmpp_known *k, struct span text, const char *transport)
{
	struct span line, about, fact, key;
	*k = (struct xmpp_known){ 0 };
	while (take_line(&text, &line, &about, &fact)) {
		if (!span_is(about, transport))
			continue;
		if (!span_cut(&fact, ' ', &key))
			fact = SPAN_EMPTY;
		take_fact(k, key, fact);
	}
}

static void add_facts(
	struct buf *out, const char *transport, const struct xmpp_known *k)
{
	if (k->mechanisms[0])
		buf_printf(out, "%s mechanisms %s\n", transport, k->mechanisms);
	if (k->mechanisms2[0])
		buf_printf(
			out, "%s mechanisms2 %s\n", transport, k->mechanisms2);
	if (k->fast[0])
		buf_printf(out, "%s fast %s\n", transport, k->fast);
	if (k->has_binding_list)
		buf_printf(out, "%s bindings %s\n", transport, k->bindings);
	if (k->bind)
		buf_printf(out, "%s bind\n", transport);
	if (k->sm)
		buf_printf(out, "%s sm\n", transport);
	if (k->resume)
		buf_printf(out, "%s resume\n", transport);
	if (k->bind2)
		buf_printf(out, "%s bind2\n", transport);
	if (k->carbons)
		buf_printf(out, "%s carbons\n", transport);
	if (k->archive)
		buf_printf(out, "%s archive\n", transport);
	if (k->stumbled)
		buf_printf(out, "%s stumbled %llu\n", transport,
			(unsigned long long)k->stumbled);
	if (k->salt.iterations) {
		buf_printf(out, "%s salt ", transport);
		xmpp_known_salt_format(out, &k->salt);
		buf_char(out, '\n');
	}
	for (size_t i = 0; i < STRENGTHS; i++)
		if (k->strength == strengths[i].strength)
			buf_printf(out, "%s strength %s\n", transport,
				strengths[i].name);
	if (k->bound)
		buf_printf(out, "%s bound\n", transport);
	if (k->proven)
		buf_printf(out, "%s proven\n", transport);
	if (k->web[0])
		buf_printf(out, "%s url %llu %s\n", transport,
			(unsigned long long)k->web_found, k->web);
}

bool xmpp_known_replace(struct buf *out, struct span text,
	const char *transport, const struct xmpp_known *k)
{
	struct span line, about, fact;
	buf_str(out, HEADER);
	while (take_line(&text, &line, &about, &fact)) {
		if (!line.n || span_is(about, transport) ||
			span_starts(line, "samtal-xmpp "))
			continue;
		buf_span(out, line);
		buf_char(out, '\n');
	}
	add_facts(out, transport, k);
	return !out->failed;
}

bool xmpp_known_equal(const struct xmpp_known *a, const struct xmpp_known *b)
{
	return strcmp(a->mechanisms, b->mechanisms) == 0 &&
	       strcmp(a->mechanisms2, b->mechanisms2) == 0 &&
	       strcmp(a->fast, b->fast) == 0 &&
	       strcmp(a->bindings, b->bindings) == 0 &&
	       a->has_binding_list == b->has_binding_list &&
	       a->bind == b->bind && a->sm == b->sm && a->resume == b->resume &&
	       a->bind2 == b->bind2 && a->carbons == b->carbons &&
	       a->archive == b->archive && a->stumbled == b->stumbled &&
	       xmpp_known_salt_equal(&a->salt, &b->salt) &&
	       a->strength == b->strength && a->bound == b->bound &&
	       a->proven == b->proven && strcmp(a->web, b->web) == 0 &&
	       a->web_found == b->web_found;
}

/* A clock that was set back does not make it last longer. */
static bool is_fresh(uint64_t then, uint64_t now, uint64_t lasts)
{
	return then && now >= then && now - then < lasts;
}

bool xmpp_known_has_stumbled(const struct xmpp_known *k, uint64_t now)
{
	return is_fresh(k->stumbled, now, XMPP_KNOWN_STUMBLED);
}

bool xmpp_known_has_web(const struct xmpp_known *k, uint64_t now)
{
	return k->web[0] && is_fresh(k->web_found, now, XMPP_KNOWN_WEB);
}
