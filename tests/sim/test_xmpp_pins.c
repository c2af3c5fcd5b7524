/* What a server that was better once is held to, and what it may change: each
 * refusal with its control. */
#include "tests/common/test.h"

#include <string.h>

#include "base/mem.h"
#include "tests/common/xmpp_near.h"
#include "xmpp/ns.h"

/* ---- the pins ---- */

static void a_weaker_hash_is_refused(void **state)
{
	(void)state;
	near_get_to_know();
	near.peer.mechanisms = "<mechanism>SCRAM-SHA-1</mechanism>";
	near_start();
	near_assert_end(STATUS_AUTH, "no better than SCRAM-SHA-1, where it had "
				     "SCRAM-SHA-512 before");
	assert_non_null(strstr(near.end.text, "--unpin"));
}

static void until_it_is_unpinned_and_then_it_stays_so(void **state)
{
	(void)state;
	near_get_to_know();
	near.peer.mechanisms = "<mechanism>SCRAM-SHA-1</mechanism>";
	near.settings.unpin = true;
	near_get_to_know();
	near.settings.unpin = false;
	near_start_online();
	assert_string_equal(near.peer.mechanism, "SCRAM-SHA-1");
	assert_int_equal(near_known().strength, XMPP_SASL_SHA1);
}

static const char bound_ones[] = "<mechanism>SCRAM-SHA-1-PLUS</mechanism>"
				 "<mechanism>SCRAM-SHA-1</mechanism>";
static const char binding_list[] =
	"<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"
	"<channel-binding type='tls-exporter'/></sasl-channel-binding>";

static void channel_binding_that_went_away_is_missed(void **state)
{
	(void)state;
	near.peer.mechanisms = bound_ones;
	near.peer.features = binding_list;
	near_get_to_know();
	assert_string_equal(near.peer.mechanism, "SCRAM-SHA-1-PLUS");
	near.peer.mechanisms = "<mechanism>SCRAM-SHA-1</mechanism>";
	near.peer.features = NULL;
	near_start();
	near_assert_end(STATUS_AUTH, "no channel binding, which it had");
	assert_non_null(strstr(near.end.text, "--unpin"));
}

static void binding_and_hash_are_pinned_apart(void **state)
{
	(void)state;
	near_get_to_know(); /* SHA-512 without binding */
	near.peer.mechanisms = bound_ones;
	near.peer.features = binding_list;
	near_start();
	near_assert_end(STATUS_AUTH, "no better than");
}

static void each_transport_has_its_own_pins(void **state)
{
	(void)state;
	near_get_to_know();
	near.peer.direct = true;
	near.target.security = XMPP_SECURITY_DIRECT;
	near.peer.mechanisms = "<mechanism>SCRAM-SHA-1</mechanism>";
	near_start_online();
	assert_string_equal(near.peer.mechanism, "SCRAM-SHA-1");
}

static void a_password_is_not_shown_where_scram_was(void **state)
{
	(void)state;
	near_get_to_know();
	near.settings.allow_plain = true;
	near.peer.mechanisms = "<mechanism>PLAIN</mechanism>";
	near_start();
	near_assert_end(STATUS_AUTH, "PLAIN only");
}

/* ---- XEP-0474: an offer that is proved needs no pin ---- */

#define BOTH                                                                   \
	"<mechanism>SCRAM-SHA-256</mechanism>"                                 \
	"<mechanism>SCRAM-SHA-1</mechanism>"
#define WEAK "<mechanism>SCRAM-SHA-1</mechanism>"

static void offer(const char *seen, const char *meant)
{
	near.peer.mechanisms = seen;
	near.peer.proves = meant;
}

static void who_proves_its_offer_may_make_it_weaker(void **state)
{
	(void)state;
	offer(BOTH, BOTH);
	near_get_to_know();
	assert_true(near_known().proven);
	offer(WEAK, WEAK);
	near_get_to_know();
	assert_string_equal(near.peer.mechanism, "SCRAM-SHA-1");
	assert_int_equal(near_known().strength, XMPP_SASL_SHA1);
}

static void an_offer_somebody_has_shortened_is_refused(void **state)
{
	(void)state;
	offer(WEAK, BOTH);
	near_start();
	near_assert_end(STATUS_AUTH, "somebody between changed them");
}

static void and_so_it_is_where_the_server_is_known(void **state)
{
	(void)state;
	offer(BOTH, BOTH);
	near_get_to_know();
	offer(WEAK, BOTH);
	near_start();
	near_assert_end(STATUS_AUTH, "somebody between changed them");
}

static void a_proof_that_is_not_there_any_more_is_missed(void **state)
{
	(void)state;
	offer(BOTH, BOTH);
	near_get_to_know();
	offer(WEAK, NULL);
	near_start();
	near_assert_end(STATUS_AUTH, "does not prove the mechanisms");
	assert_non_null(strstr(near.end.text, "--unpin"));
}

static void until_that_is_unpinned(void **state)
{
	(void)state;
	offer(BOTH, BOTH);
	near_get_to_know();
	offer(WEAK, NULL);
	near.settings.unpin = true;
	near_get_to_know();
	assert_false(near_known().proven);
	near.settings.unpin = false;
	near_get_to_know();
}

/* ---- without a password ---- */

static void a_certificate_stands_in_for_a_password(void **state)
{
	(void)state;
	char *cert = mem_format("%s/cert.pem", near.peer.folder);
	char *key = mem_format("%s/key.pem", near.peer.folder);
	near.peer.mechanisms = BOTH "<mechanism>EXTERNAL</mechanism>";
	near.settings.tls.cert_file = cert;
	near.settings.tls.key_file = key;
	near.settings.password = SPAN_EMPTY;
	near_get_to_know();
	assert_string_equal(near.peer.mechanism, "EXTERNAL");
	near_get_to_know(); /* and early */
	near.peer.mechanisms = BOTH;
	near_start();
	near_assert_end(STATUS_AUTH, "no password, and the server does not");
	mem_free(cert);
	mem_free(key);
}

static void nobody_is_let_in_where_guests_are(void **state)
{
	(void)state;
	xmpp_jid_clear(&near.jid);
	assert_true(xmpp_jid_parse(&near.jid, SPAN(PEER_DOMAIN), NULL));
	near.settings.password = SPAN_EMPTY;
	near.peer.mechanisms = BOTH "<mechanism>ANONYMOUS</mechanism>";
	near_start_online();
	assert_string_equal(near.peer.mechanism, "ANONYMOUS");
	assert_true(span_find_span(buf_view(&near.peer.plain), SPAN("from='"),
			    0) == near.peer.plain.len);
}

static void nobody_is_refused_where_accounts_are_wanted(void **state)
{
	(void)state;
	xmpp_jid_clear(&near.jid);
	assert_true(xmpp_jid_parse(&near.jid, SPAN(PEER_DOMAIN), NULL));
	near.settings.password = SPAN_EMPTY;
	near_start();
	near_assert_end(STATUS_AUTH, "nobody in without an account");
}

#define T(f)                                                                   \
	cmocka_unit_test_setup_teardown(                                       \
		f, near_setup_remembering, near_teardown_remembering)

TEST_MAIN(T(a_weaker_hash_is_refused),
	T(until_it_is_unpinned_and_then_it_stays_so),
	T(channel_binding_that_went_away_is_missed),
	T(binding_and_hash_are_pinned_apart),
	T(each_transport_has_its_own_pins),
	T(a_password_is_not_shown_where_scram_was),
	T(who_proves_its_offer_may_make_it_weaker),
	T(an_offer_somebody_has_shortened_is_refused),
	T(and_so_it_is_where_the_server_is_known),
	T(a_proof_that_is_not_there_any_more_is_missed),
	T(until_that_is_unpinned), T(a_certificate_stands_in_for_a_password),
	T(nobody_is_let_in_where_guests_are),
	T(nobody_is_refused_where_accounts_are_wanted))
