/* Whom a certificate names, rule by rule: what must not match stands beside
 * its legitimate twin, which must. */
#include "tests/common/test.h"

#include <string.h>

#include "net/tls_openssl.h"
#include "tests/common/certs.h"

#define XMPP_ADDR "otherName:1.3.6.1.5.5.7.8.5;UTF8:"
#define SRV_NAME "otherName:1.3.6.1.5.5.7.8.7;IA5STRING:"

static const struct row {
	enum tls_naming naming;
	const char *wanted;
	const char *sans;
	bool matches;
	const char *unicode;
} rows[] = {
	/* RFC 9525 section 6.2 and 6.3 */
	{ TLS_NAMING_HOST, "a.example", "DNS:a.example", true, NULL },
	{ TLS_NAMING_HOST, "A.Example", "DNS:a.eXAMPLE", true, NULL },
	{ TLS_NAMING_HOST, "a.example.", "DNS:a.example", true, NULL },
	{ TLS_NAMING_HOST, "a.example", "DNS:b.example,DNS:a.example", true,
		NULL },
	{ TLS_NAMING_HOST, "b.a.example", "DNS:a.example", false, NULL },
	{ TLS_NAMING_HOST, "a.example", "DNS:b.a.example", false, NULL },
	{ TLS_NAMING_HOST, "ba.example", "DNS:a.example", false, NULL },
	{ TLS_NAMING_HOST, "a.example", "DNS:a.example.evil.test", false,
		NULL },
	{ TLS_NAMING_HOST, "xn--bcher-kva.example", "DNS:xn--bcher-kva.example",
		true, NULL },
	/* wildcards: the whole first label, one label */
	{ TLS_NAMING_HOST, "b.a.example", "DNS:*.a.example", true, NULL },
	{ TLS_NAMING_HOST, "B.A.example", "DNS:*.a.EXAMPLE", true, NULL },
	{ TLS_NAMING_HOST, "a.example", "DNS:*.a.example", false, NULL },
	{ TLS_NAMING_HOST, "c.b.a.example", "DNS:*.a.example", false, NULL },
	{ TLS_NAMING_HOST, "bar.a.example", "DNS:b*.a.example", false, NULL },
	{ TLS_NAMING_HOST, "bar.a.example", "DNS:*r.a.example", false, NULL },
	{ TLS_NAMING_HOST, "b.c.example", "DNS:b.*.example", false, NULL },
	{ TLS_NAMING_HOST, "b.a.example", "DNS:*.*.example", false, NULL },
	{ TLS_NAMING_HOST, "a.example", "DNS:*.example", false, NULL },
	{ TLS_NAMING_HOST, "a.example", "DNS:*", false, NULL },
	{ TLS_NAMING_HOST, ".a.example", "DNS:*.a.example", false, NULL },
	{ TLS_NAMING_HOST, "localhost", "DNS:localhost", true, NULL },
	/* addresses: IP-ID only, never by a DNS-ID that looks like one */
	{ TLS_NAMING_HOST, "192.0.2.1", "IP:192.0.2.1", true, NULL },
	{ TLS_NAMING_HOST, "192.0.2.1", "IP:192.0.2.2", false, NULL },
	{ TLS_NAMING_HOST, "192.0.2.1", "DNS:192.0.2.1", false, NULL },
	{ TLS_NAMING_HOST, "192.0.2.1", "DNS:*.0.2.1", false, NULL },
	{ TLS_NAMING_HOST, "2001:db8::1", "IP:2001:db8:0:0:0:0:0:1", true,
		NULL },
	{ TLS_NAMING_HOST, "2001:db8::1", "IP:2001:db8::2", false, NULL },
	{ TLS_NAMING_HOST, "::ffff:192.0.2.1", "IP:192.0.2.1", false, NULL },
	/* what is of another protocol */
	{ TLS_NAMING_HOST, "a.example", "URI:sip:a.example", false, NULL },
	{ TLS_NAMING_HOST, "a.example", XMPP_ADDR "a.example", false, NULL },
	{ TLS_NAMING_HOST, "a.example", "email:x@a.example", false, NULL },
	{ TLS_NAMING_HOST, "a.example", NULL, false, NULL },

	/* RFC 6120 section 13.7.1.2 */
	{ TLS_NAMING_XMPP, "a.example", "DNS:a.example", true, NULL },
	{ TLS_NAMING_XMPP, "im.a.example", "DNS:*.a.example", true, NULL },
	{ TLS_NAMING_XMPP, "a.example", SRV_NAME "_xmpp-client.a.example", true,
		NULL },
	{ TLS_NAMING_XMPP, "a.example", SRV_NAME "_XMPP-Client.A.example", true,
		NULL },
	{ TLS_NAMING_XMPP, "a.example", SRV_NAME "_xmpp-server.a.example",
		false, NULL },
	{ TLS_NAMING_XMPP, "a.example", SRV_NAME "_xmpp-client.b.example",
		false, NULL },
	{ TLS_NAMING_XMPP, "a.example", SRV_NAME "a.example", false, NULL },
	{ TLS_NAMING_XMPP, "b.a.example", SRV_NAME "_xmpp-client.*.a.example",
		false, NULL },
	{ TLS_NAMING_XMPP, "a.example", XMPP_ADDR "a.example", true, NULL },
	{ TLS_NAMING_XMPP, "a.example", XMPP_ADDR "bob@a.example", false,
		NULL },
	{ TLS_NAMING_XMPP, "a.example",
		"otherName:1.3.6.1.5.5.7.8.5;IA5STRING:a.example", false,
		NULL },
	{ TLS_NAMING_XMPP, "a.example", "otherName:1.2.3.4;UTF8:a.example",
		false, NULL },
	{ TLS_NAMING_XMPP, "xn--bcher-kva.example",
		"UTF8 b\303\274cher.example", true, "b\303\274cher.example" },
	{ TLS_NAMING_XMPP, "xn--bcher-kva.example",
		"UTF8 b\303\274cher.example", false, NULL },
	{ TLS_NAMING_XMPP, "a.example", "URI:xmpp:a.example", false, NULL },
	{ TLS_NAMING_XMPP, "192.0.2.1", "IP:192.0.2.1", true, NULL },

	/* RFC 5922 section 7.1 and 7.2 */
	{ TLS_NAMING_SIP, "a.example", "URI:sip:a.example", true, NULL },
	{ TLS_NAMING_SIP, "a.example", "URI:SIP:A.example", true, NULL },
	{ TLS_NAMING_SIP, "a.example", "URI:sip:a.example:5061;x=y", true,
		NULL },
	{ TLS_NAMING_SIP, "a.example", "URI:sips:a.example", false, NULL },
	{ TLS_NAMING_SIP, "a.example", "URI:sip:bob@a.example", false, NULL },
	{ TLS_NAMING_SIP, "a.example", "URI:https://a.example", false, NULL },
	{ TLS_NAMING_SIP, "a.example", "DNS:a.example", true, NULL },
	{ TLS_NAMING_SIP, "a.example", "URI:sip:b.example,DNS:a.example", false,
		NULL },
	{ TLS_NAMING_SIP, "a.example", "URI:sip:b@b.example,DNS:a.example",
		true, NULL },
	{ TLS_NAMING_SIP, "a.example", "URI:https://b.example,DNS:a.example",
		true, NULL },
	{ TLS_NAMING_SIP, "b.a.example", "DNS:*.a.example", false, NULL },
	{ TLS_NAMING_SIP, "*.a.example", "DNS:*.a.example", true, NULL },
	{ TLS_NAMING_SIP, "b.a.example", "URI:sip:*.a.example", false, NULL },
	{ TLS_NAMING_SIP, "b.a.example", "DNS:.a.example", false, NULL },
	{ TLS_NAMING_SIP, "b.a.example", "DNS:a.example", false, NULL },
	{ TLS_NAMING_SIP, "192.0.2.1", "URI:sip:192.0.2.1", true, NULL },
	{ TLS_NAMING_SIP, "192.0.2.1", "IP:192.0.2.1", true, NULL },
	{ TLS_NAMING_SIP, "a.example", SRV_NAME "_sips.a.example", false,
		NULL },
};

static void every_rule_of_naming_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		bool utf8 = r->sans && strncmp(r->sans, "UTF8 ", 5) == 0;
		struct cert c = cert_make(&(struct cert_spec){
			.cn = "a.example",
			.sans = utf8 ? NULL : r->sans,
			.xmpp_addr = utf8 ? r->sans + 5 : NULL,
		});
		struct tls_reference wanted;
		tls_reference_init(&wanted, r->naming, r->wanted, r->unicode);
		if (tls_names(c.x, &wanted) != r->matches)
			fail_msg("row %zu: \"%s\" and %s must %smatch", i,
				r->wanted, r->sans, r->matches ? "" : "not ");
		cert_free(&c);
	}
}

static void a_nul_in_a_name_makes_it_another_name(void **state)
{
	(void)state;
	struct cert c = cert_make(&(struct cert_spec){ .nul_in_name = true });
	struct tls_reference wanted;
	for (int n = TLS_NAMING_HOST; n <= TLS_NAMING_SIP; n++) {
		tls_reference_init(
			&wanted, (enum tls_naming)n, "good.example", NULL);
		assert_false(tls_names(c.x, &wanted));
	}
	struct buf text = BUF_INIT(400);
	tls_describe_mismatch(c.x, &wanted, &text);
	assert_non_null(strstr(buf_text(&text), "good.example\\x00.evil"));
	buf_clear(&text);
	cert_free(&c);
}

static void check_sentence(enum tls_naming naming, const char *wanted,
	const char *sans, const char *sentence)
{
	struct cert c = cert_make(&(struct cert_spec){ .sans = sans });
	struct tls_reference r;
	struct buf text = BUF_INIT(400);
	tls_reference_init(&r, naming, wanted, NULL);
	tls_describe_mismatch(c.x, &r, &text);
	assert_string_equal(buf_text(&text), sentence);
	buf_clear(&text);
	cert_free(&c);
}

static void the_sentence_says_who_is_named_and_who_was_wanted(void **state)
{
	(void)state;
	check_sentence(TLS_NAMING_HOST, "c.example",
		"DNS:a.example,IP:192.0.2.1,IP:::1,URI:sip:a.example,"
		"DNS:e.example,DNS:f.example",
		"certificate is for a.example, 192.0.2.1, ::1, sip:a.example "
		"and 2 more, not for c.example: --tls-name NAME wants another");
	check_sentence(TLS_NAMING_XMPP, "c.example", NULL,
		"certificate names no server (a common name does not count), "
		"wanted was c.example: --tls-name NAME wants another");
	check_sentence(TLS_NAMING_XMPP, "c.example",
		SRV_NAME "_xmpp-client.a.example," XMPP_ADDR "b.example,"
			 "RID:1.2.3.4,otherName:1.2.3.4;INT:5,email:x@y",
		"certificate is for _xmpp-client.a.example, b.example, not for "
		"c.example: --tls-name NAME wants another");
	check_sentence(TLS_NAMING_SIP, "pbx.a.example",
		"DNS:*.a.example,DNS:a.example",
		"certificate is for *.a.example, a.example, and SIP takes no "
		"wildcard for pbx.a.example (RFC 5922 section 7.2): --tls-name "
		"'*.a.example' wants it as it is");
}

TEST_MAIN(cmocka_unit_test(every_rule_of_naming_holds),
	cmocka_unit_test(a_nul_in_a_name_makes_it_another_name),
	cmocka_unit_test(the_sentence_says_who_is_named_and_who_was_wanted))
