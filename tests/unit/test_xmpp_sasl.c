/* What is chosen of what a server offers, and why not; short mechanisms. */
#include "tests/common/test.h"

#include <string.h>

#include "base/buf.h"
#include "xmpp/ns.h"
#include "xmpp/sasl.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Lists in one string, separated by spaces; NULL: no list. */
static void offer_of(struct xmpp_sasl_offer *offer, const char *mechanisms,
	const char *bindings)
{
	*offer = (struct xmpp_sasl_offer){ .has_binding_list =
						   bindings != NULL };
	struct span rest = span_of(mechanisms), one;
	for (bool more = rest.n > 0; more;) {
		more = span_cut(&rest, ' ', &one);
		offer->mechanisms[offer->mechanism_count++] = one;
	}
	rest = span_of(bindings);
	for (bool more = rest.n > 0; more;) {
		more = span_cut(&rest, ' ', &one);
		offer->bindings[offer->binding_count++] = one;
	}
}

static const struct xmpp_sasl_binding bindings[] = {
	{ "tls-exporter", SPAN("exporter") },
	{ "tls-unique", SPAN("unique") },
	{ "tls-server-end-point", SPAN("end point") },
};

/* What the connection can do. */
enum able { NO_TLS = 0, TLS_1_3 = 1, TLS_1_2 = 3 };

#define ALL                                                                    \
	"PLAIN SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 "                    \
	"SCRAM-SHA-256-PLUS SCRAM-SHA-512 SCRAM-SHA-512-PLUS"
#define PLUSLESS "PLAIN SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512"

struct choice {
	const char *mechanisms, *list;
	enum able able;
	struct xmpp_sasl_policy policy;
	const char *mechanism; /* NULL: none */
	char flag;
	const char *binding; /* or a part of the sentence */
	bool need_hash;
};

static const struct choice choices[] = {
	/* the strongest that is there, bound where both can */
	{ ALL, "tls-exporter tls-server-end-point", TLS_1_3, { 0 },
		"SCRAM-SHA-512-PLUS", 'p', "tls-exporter", false },
	{ ALL, "tls-server-end-point tls-exporter", TLS_1_2, { 0 },
		"SCRAM-SHA-512-PLUS", 'p', "tls-exporter", false },
	{ ALL, "tls-unique tls-server-end-point", TLS_1_2, { 0 },
		"SCRAM-SHA-512-PLUS", 'p', "tls-unique", false },
	{ ALL, "tls-server-end-point", TLS_1_2, { 0 }, "SCRAM-SHA-512-PLUS",
		'p', "tls-server-end-point", false },
	{ "SCRAM-SHA-1 SCRAM-SHA-256", NULL, NO_TLS, { 0 }, "SCRAM-SHA-256",
		'n', NULL, false },
	{ "SCRAM-SHA-1 PLAIN DIGEST-MD5", NULL, NO_TLS, { 0 }, "SCRAM-SHA-1",
		'n', NULL, false },
	{ "SCRAM-SHA-1-PLUS SCRAM-SHA-512", "tls-exporter", TLS_1_3, { 0 },
		"SCRAM-SHA-1-PLUS", 'p', "tls-exporter", false },
	/* no -PLUS at all: we could */
	{ PLUSLESS, NULL, TLS_1_3, { 0 }, "SCRAM-SHA-512", 'y', NULL, false },
	{ PLUSLESS, "", TLS_1_3, { 0 }, "SCRAM-SHA-512", 'y', NULL, false },
	/* no list: the default of RFC 5802, where there is one */
	{ "SCRAM-SHA-1 SCRAM-SHA-1-PLUS", NULL, TLS_1_2, { 0 },
		"SCRAM-SHA-1-PLUS", 'p', "tls-unique", false },
	{ "SCRAM-SHA-1 SCRAM-SHA-1-PLUS", NULL, TLS_1_3, { 0 }, "SCRAM-SHA-1",
		'n', NULL, false },
	/* -PLUS is offered and no type is usable: n, and not y */
	{ ALL, "tls-server-end-point tls-quic", NO_TLS, { 0 }, "SCRAM-SHA-512",
		'n', NULL, false },
	/* … and the list is suspicious: only with a proof */
	{ ALL, "tls-quic", TLS_1_3, { 0 }, "SCRAM-SHA-512", 'n', NULL, true },
	/* lists that contradict */
	{ PLUSLESS, "tls-exporter", TLS_1_3, { 0 }, NULL, 0,
		"lists channel bindings but offers no -PLUS", false },
	{ PLUSLESS, "tls-exporter", NO_TLS, { 0 }, "SCRAM-SHA-512", 'n', NULL,
		false },
	{ "SCRAM-SHA-1-PLUS", "tls-exporter", NO_TLS, { 0 }, NULL, 0,
		"with channel binding only", false },
	/* pins */
	{ "SCRAM-SHA-1 SCRAM-SHA-256", NULL, NO_TLS,
		{ .pinned = XMPP_SASL_SHA256 }, "SCRAM-SHA-256", 'n', NULL,
		false },
	{ "SCRAM-SHA-1", NULL, NO_TLS, { .pinned = XMPP_SASL_SHA256 }, NULL, 0,
		"no better than SCRAM-SHA-1, where it had SCRAM-SHA-256",
		false },
	{ "SCRAM-SHA-1-PLUS SCRAM-SHA-512", "tls-exporter", TLS_1_3,
		{ .pinned = XMPP_SASL_SHA256 }, "SCRAM-SHA-512", 'n', NULL,
		false },
	{ "SCRAM-SHA-1-PLUS SCRAM-SHA-512", "tls-exporter", TLS_1_3,
		{ .pinned = XMPP_SASL_SHA256, .pinned_binding = true }, NULL, 0,
		"no better than SCRAM-SHA-1-PLUS", false },
	{ PLUSLESS, NULL, TLS_1_3, { .pinned_binding = true }, NULL, 0,
		"no channel binding, which it had before", false },
	{ PLUSLESS, NULL, TLS_1_3, { .pinned_hash = true }, "SCRAM-SHA-512",
		'y', NULL, true },
	/* PLAIN */
	{ "PLAIN", NULL, TLS_1_3, { 0 }, NULL, 0, "--allow-plain", false },
	{ "PLAIN", NULL, TLS_1_3, { .allow_plain = true }, NULL, 0,
		"verified certificate", false },
	{ "PLAIN", NULL, TLS_1_3, { .allow_plain = true, .tls_verified = true },
		"PLAIN", 0, NULL, false },
	{ "PLAIN SCRAM-SHA-1", NULL, NO_TLS,
		{ .allow_plain = true, .tls_verified = true }, "SCRAM-SHA-1",
		'n', NULL, false },
	{ "PLAIN", NULL, TLS_1_3,
		{ .allow_plain = true,
			.tls_verified = true,
			.pinned = XMPP_SASL_SHA1 },
		NULL, 0, "where it had SCRAM before", false },
	{ "PLAIN", NULL, TLS_1_3,
		{ .allow_plain = true,
			.tls_verified = true,
			.pinned_hash = true },
		NULL, 0, "where it had SCRAM before", false },
	/* certificates, guests, nothing */
	{ "EXTERNAL " ALL, "tls-exporter", TLS_1_3, { .external = true },
		"EXTERNAL", 0, NULL, false },
	{ "EXTERNAL SCRAM-SHA-1", NULL, NO_TLS, { 0 }, "SCRAM-SHA-1", 'n', NULL,
		false },
	{ "SCRAM-SHA-1", NULL, NO_TLS, { .external = true }, "SCRAM-SHA-1", 'n',
		NULL, false },
	{ "ANONYMOUS SCRAM-SHA-1", NULL, NO_TLS, { .anonymous = true },
		"ANONYMOUS", 0, NULL, false },
	{ "SCRAM-SHA-1", NULL, NO_TLS, { .anonymous = true }, NULL, 0,
		"nobody in without an account", false },
	{ "DIGEST-MD5 X-\x1b[1m", NULL, NO_TLS, { 0 }, NULL, 0,
		"only: DIGEST-MD5 X-\\x1b[1m", false },
	{ "", NULL, NO_TLS, { 0 }, NULL, 0, "no way to authenticate", false },
};

static void the_strongest_that_may_be_is_chosen(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(choices); i++) {
		const struct choice *c = &choices[i];
		struct xmpp_sasl_offer offer;
		struct xmpp_sasl_choice got = { 0 };
		struct err e = ERR_NONE;
		/* of TLS 1.3 all but tls-unique */
		struct xmpp_sasl_binding can[3] = { bindings[0],
			bindings[c->able == TLS_1_2 ? 1 : 2], bindings[2] };
		offer_of(&offer, c->mechanisms, c->list);
		bool chosen = xmpp_sasl_choose(&got, &offer, can,
			c->able == TLS_1_3 ? 2 : c->able, &c->policy, &e);
		if (chosen != (c->mechanism != NULL))
			fail_msg("row %zu: %s %s", i,
				chosen ? got.mechanism : "none", e.text);
		if (!chosen) {
			if (!strstr(e.text, c->binding))
				fail_msg("row %zu: %s", i, e.text);
			assert_int_equal(e.status, STATUS_AUTH);
			continue;
		}
		if (strcmp(got.mechanism, c->mechanism) != 0 ||
			got.flag != c->flag || got.need_hash != c->need_hash)
			fail_msg("row %zu: %s %c %d", i, got.mechanism,
				got.flag ? got.flag : '-', got.need_hash);
		assert_true((c->binding != NULL) == (got.binding != NULL));
		if (got.binding)
			assert_string_equal(got.binding->type, c->binding);
	}
}

/* XEP-0440, rule 4 */
static void with_sasl2_a_missing_list_is_an_alarm(void **state)
{
	(void)state;
	struct xmpp_sasl_offer offer;
	struct xmpp_sasl_choice got;
	struct xmpp_sasl_policy policy = { 0 };
	struct err e = ERR_NONE;
	offer_of(&offer, ALL, NULL);
	offer.is_sasl2 = true;
	assert_false(xmpp_sasl_choose(&got, &offer, bindings, 3, &policy, &e));
	assert_non_null(strstr(e.text, "taken the list away"));
	assert_true(xmpp_sasl_choose(&got, &offer, NULL, 0, &policy, &e));
	assert_int_equal(got.flag, 'n');
	offer_of(&offer, ALL, "tls-exporter");
	offer.is_sasl2 = true;
	assert_true(xmpp_sasl_choose(&got, &offer, bindings, 3, &policy, &e));
	assert_int_equal(got.flag, 'p');
}

static void an_offer_is_read_from_the_features(void **state)
{
	(void)state;
	struct xml_element *f = xml_element_new("features", XMPP_NS_STREAM);
	struct xml_element *m =
		xml_element_child(f, "mechanisms", XMPP_NS_SASL);
	struct xmpp_sasl_offer offer;
	struct err e = ERR_NONE;
	xml_element_text(
		xml_element_child(m, "mechanism", NULL), " SCRAM-SHA-1\n");
	xml_element_text(xml_element_child(m, "mechanism", NULL), "PLAIN");
	assert_ok(xmpp_sasl_offer_parse(&offer, f, false, &e), &e);
	assert_int_equal(offer.mechanism_count, 2);
	assert_span(offer.mechanisms[0], "SCRAM-SHA-1");
	assert_false(offer.has_binding_list);
	struct xml_element *b = xml_element_child(
		f, "sasl-channel-binding", XMPP_NS_CHANNEL_BINDING);
	xml_element_attr(xml_element_child(b, "channel-binding", NULL), "type",
		"tls-exporter");
	assert_ok(xmpp_sasl_offer_parse(&offer, f, false, &e), &e);
	assert_true(offer.has_binding_list);
	assert_span(offer.bindings[0], "tls-exporter");
	/* SASL2 has a list of its own */
	assert_ok(xmpp_sasl_offer_parse(&offer, f, true, &e), &e);
	assert_int_equal(offer.mechanism_count, 0);
	m = xml_element_child(f, "authentication", "urn:xmpp:sasl:2");
	for (int i = 0; i <= XMPP_SASL_OFFER_MAX; i++) {
		assert_true(xmpp_sasl_offer_parse(&offer, f, true, &e));
		assert_int_equal(offer.mechanism_count, i);
		xml_element_text(
			xml_element_child(m, "mechanism", NULL), "SCRAM-X");
	}
	assert_false(xmpp_sasl_offer_parse(&offer, f, true, &e));
	xml_element_free(f);
}

static void an_offer_has_one_string_whatever_its_order(void **state)
{
	(void)state;
	struct xmpp_sasl_offer offer;
	struct buf out = BUF_INIT(1000);
	offer_of(&offer, "SCRAM-SHA-1-PLUS SCRAM-SHA-1",
		"tls-server-end-point tls-exporter");
	xmpp_sasl_offer_string(&offer, &out);
	assert_span(buf_view(&out),
		"SCRAM-SHA-1\x1eSCRAM-SHA-1-PLUS\x1ftls-exporter\x1e"
		"tls-server-end-point");
	buf_reset(&out);
	offer_of(&offer, "SCRAM-SHA-1", NULL);
	xmpp_sasl_offer_string(&offer, &out);
	assert_span(buf_view(&out), "SCRAM-SHA-1");
	buf_reset(&out);
	offer_of(&offer, "SCRAM-SHA-1", "");
	xmpp_sasl_offer_string(&offer, &out);
	assert_span(buf_view(&out), "SCRAM-SHA-1\x1f");
	buf_clear(&out);
}

static void mechanisms_are_known_by_name(void **state)
{
	(void)state;
	enum hash hash;
	bool plus;
	assert_true(
		xmpp_sasl_scram_of(SPAN("SCRAM-SHA-256-PLUS"), &hash, &plus));
	assert_true(hash == HASH_SHA256 && plus);
	assert_true(xmpp_sasl_scram_of(SPAN("SCRAM-SHA-1"), &hash, &plus));
	assert_true(hash == HASH_SHA1 && !plus);
	assert_false(xmpp_sasl_scram_of(SPAN("SCRAM-SHA-2"), &hash, &plus));
	assert_false(xmpp_sasl_scram_of(SPAN("scram-sha-1"), &hash, &plus));
}

/* RFC 4616 section 4 */
static void plain_is_three_parts(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(1000);
	struct err e = ERR_NONE;
	struct span authzid, name, password;
	assert_ok(xmpp_sasl_plain(&out, SPAN_EMPTY, SPAN("tim"),
			  SPAN("tanstaaftanstaaf"), &e),
		&e);
	assert_true(
		span_equal(buf_view(&out), SPAN("\0tim\0tanstaaftanstaaf")));
	assert_true(xmpp_sasl_plain_parse(
		buf_view(&out), &authzid, &name, &password));
	assert_span(authzid, "");
	assert_span(name, "tim");
	assert_span(password, "tanstaaftanstaaf");
	buf_reset(&out);
	assert_true(xmpp_sasl_plain(
		&out, SPAN("Ursel"), SPAN("Kurt"), SPAN("xipj3plmq"), NULL));
	assert_true(span_equal(buf_view(&out), SPAN("Ursel\0Kurt\0xipj3plmq")));
	assert_false(xmpp_sasl_plain(
		&out, SPAN_EMPTY, SPAN("a\0b"), SPAN("c"), NULL));
	assert_false(xmpp_sasl_plain(
		&out, SPAN_EMPTY, SPAN("a"), SPAN("\xff"), NULL));
	assert_false(
		xmpp_sasl_plain(&out, SPAN_EMPTY, SPAN("a"), SPAN_EMPTY, NULL));
	static const struct span bad[] = { SPAN(""), SPAN("a"), SPAN("\0a"),
		SPAN("\0a\0"), SPAN("\0\0b"), SPAN("\0a\0b\0"),
		SPAN("\0a\0b\0c"), SPAN("\0a\0\xff") };
	for (size_t i = 0; i < COUNT(bad); i++)
		if (xmpp_sasl_plain_parse(bad[i], &authzid, &name, &password))
			fail_msg("row %zu is taken", i);
	buf_clear_wiped(&out);
}

static void an_empty_response_is_an_equals_sign(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(1000);
	assert_true(xmpp_sasl_external(&out, SPAN_EMPTY, NULL));
	assert_true(xmpp_sasl_encode(&out, buf_view(&out)));
	assert_span(buf_view(&out), "=");
	buf_reset(&out);
	assert_true(xmpp_sasl_decode(&out, SPAN("=")));
	assert_int_equal(out.len, 0);
	assert_true(xmpp_sasl_decode(&out, SPAN("aGVq")));
	assert_span(buf_view(&out), "hej");
	assert_false(xmpp_sasl_decode(&out, SPAN("a=")));
	buf_reset(&out);
	assert_true(xmpp_sasl_anonymous(&out, SPAN("sirhc"), NULL));
	assert_span(buf_view(&out), "sirhc");
	assert_false(xmpp_sasl_anonymous(&out, SPAN("\xff"), NULL));
	assert_false(xmpp_sasl_external(&out, SPAN("\xff"), NULL));
	buf_clear(&out);
}

TEST_MAIN(cmocka_unit_test(the_strongest_that_may_be_is_chosen),
	cmocka_unit_test(with_sasl2_a_missing_list_is_an_alarm),
	cmocka_unit_test(an_offer_is_read_from_the_features),
	cmocka_unit_test(an_offer_has_one_string_whatever_its_order),
	cmocka_unit_test(mechanisms_are_known_by_name),
	cmocka_unit_test(plain_is_three_parts),
	cmocka_unit_test(an_empty_response_is_an_equals_sign))
