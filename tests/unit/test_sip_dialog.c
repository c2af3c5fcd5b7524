/* Dialogs: what makes one, what is written within it, what may come (RFC 3261
 * section 12). */
#include "tests/common/test.h"

#include "base/buf.h"
#include "sip/dialog.h"
#include "sip/header.h"

#define INVITE_WITH(uri, more)                                                 \
	"INVITE " uri " SIP/2.0\r\n"                                           \
	"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n"                       \
	"From: \"A\" <sip:a@example.org>;tag=fa\r\n"                           \
	"To: <sip:b@example.com>\r\n"                                          \
	"Call-ID: one@192.0.2.1\r\nCSeq: 7 INVITE\r\n"                         \
	"Contact: <sip:a@192.0.2.1:5062>\r\n" more "Content-Length: 0\r\n\r\n"
#define INVITE INVITE_WITH("sip:b@example.com", "")

#define RESPONSE(code, tag, more)                                              \
	"SIP/2.0 " code " OK\r\n"                                              \
	"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n"                       \
	"From: \"A\" <sip:a@example.org>;tag=fa\r\n"                           \
	"To: <sip:b@example.com>" tag "\r\n"                                   \
	"Call-ID: one@192.0.2.1\r\nCSeq: 7 INVITE\r\n" more                    \
	"Content-Length: 0\r\n\r\n"
#define CONTACT "Contact: <sip:b@192.0.2.9;transport=tcp>\r\n"
#define ROUTES                                                                 \
	"Record-Route: <sip:p3.example.com;lr>, <sip:p2.example.com;lr>\r\n"   \
	"Record-Route: <sip:p1.example.com;lr>\r\n"

static struct sip_scan request, response;

static bool call(struct sip_dialog *d, const char *invite, const char *answer,
	struct err *e)
{
	sip_scan(&request, span_of(invite));
	sip_scan(&response, span_of(answer));
	return sip_dialog_start_caller(d, &request, &response, e);
}

static bool take(struct sip_dialog *d, const char *invite, struct err *e)
{
	sip_scan(&request, span_of(invite));
	return sip_dialog_start_callee(d, &request, SPAN("tb"), e);
}

/* The next request, up to its Max-Forwards. */
static void assert_request(
	struct sip_dialog *d, const char *method, const char *want)
{
	struct buf out = BUF_INIT(10000);

	assert_true(sip_dialog_request(&out, d, span_of(method)));
	struct span text = buf_view(&out);
	text = span_first(text, span_find_span(text, SPAN("Max-F"), 0));
	assert_span(text, want);
	buf_clear(&out);
}

/* ---- making one ---------------------------------------------------------------- */

static void a_caller_has_the_routes_backwards(void **state)
{
	struct sip_dialog d;
	struct err e = ERR_NONE;
	struct buf out = BUF_INIT(10000);

	(void)state;
	assert_ok(call(&d, INVITE, RESPONSE("200", ";tag=tb", CONTACT ROUTES),
			  &e),
		&e);
	assert_true(d.is_confirmed && d.is_caller);
	assert_span(sip_dialog_next_hop(&d), "sip:p1.example.com;lr");
	sip_dialog_request(&out, &d, SPAN("BYE"));
	assert_span(buf_view(&out),
		"BYE sip:b@192.0.2.9;transport=tcp SIP/2.0\r\n"
		"Route: <sip:p1.example.com;lr>\r\n"
		"Route: <sip:p2.example.com;lr>\r\n"
		"Route: <sip:p3.example.com;lr>\r\n"
		"Max-Forwards: 70\r\n"
		"From: \"A\" <sip:a@example.org>;tag=fa\r\n"
		"To: <sip:b@example.com>;tag=tb\r\n"
		"Call-ID: one@192.0.2.1\r\n"
		"CSeq: 8 BYE\r\n");
	buf_clear(&out);
	sip_dialog_clear(&d);
}

static void a_callee_has_them_as_they_came(void **state)
{
	struct sip_dialog d;
	struct err e = ERR_NONE;

	(void)state;
	assert_ok(take(&d, INVITE_WITH("sip:b@example.com", ROUTES), &e), &e);
	assert_false(d.is_confirmed || d.is_caller);
	assert_string_equal(d.local, "<sip:b@example.com>;tag=tb");
	assert_string_equal(d.remote, "\"A\" <sip:a@example.org>;tag=fa");
	assert_int_equal(d.remote_cseq, 7);
	assert_true(d.local_cseq < 1u << 30);
	assert_request(&d, "BYE",
		"BYE sip:a@192.0.2.1:5062 SIP/2.0\r\n"
		"Route: <sip:p3.example.com;lr>\r\n"
		"Route: <sip:p2.example.com;lr>\r\n"
		"Route: <sip:p1.example.com;lr>\r\n");
	sip_dialog_clear(&d);
}

/* The example of section 12.2.1.1. */
static void a_strict_router_gets_the_uri_in_its_place(void **state)
{
	struct sip_dialog d;
	struct err e = ERR_NONE;

	(void)state;
	assert_ok(call(&d, INVITE,
			  RESPONSE("200", ";tag=tb",
				  "Contact: <sip:user@remoteua>\r\n"
				  "Record-Route: <sip:proxy4>,<sip:proxy3;lr>,"
				  "<sip:proxy2>,<sip:proxy1>\r\n"),
			  &e),
		&e);
	assert_request(&d, "INFO",
		"INFO sip:proxy1 SIP/2.0\r\n"
		"Route: <sip:proxy2>\r\n"
		"Route: <sip:proxy3;lr>\r\n"
		"Route: <sip:proxy4>\r\n"
		"Route: <sip:user@remoteua>\r\n");
	assert_span(sip_dialog_next_hop(&d), "sip:proxy1");
	sip_dialog_clear(&d);
}

static void without_a_contact_there_is_no_dialog(void **state)
{
	static const char *const answers[] = { RESPONSE("180", ";tag=tb", ""),
		RESPONSE("180", ";tag=tb", "Contact: <mailto:b@c>\r\n"),
		RESPONSE("200", ";tag=tb", CONTACT "Record-Route: <sip:\r\n"),
		RESPONSE("200", ";tag=tb", CONTACT "Record-Route: <>\r\n") };
	static const char *const invites[] = {
		"INVITE sip:b SIP/2.0\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n"
		"Call-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n",
		"INVITE sip:b SIP/2.0\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n"
		"Call-ID: 1\r\nCSeq: x\r\nContact: <sip:a>\r\n\r\n"
	};
	struct sip_dialog d;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct err e = ERR_NONE;
		assert_false(call(&d, INVITE, answers[i], &e));
		assert_int_equal(e.status, STATUS_MALFORMED);
	}
	for (size_t i = 0; i < sizeof(invites) / sizeof(*invites); i++) {
		struct err e = ERR_NONE;
		assert_false(take(&d, invites[i], &e));
		assert_int_equal(e.status, STATUS_MALFORMED);
	}
	/* but a 2xx must be acknowledged all the same */
	struct err e = ERR_NONE;
	assert_ok(call(&d, INVITE, RESPONSE("200", ";tag=tb", ""), &e), &e);
	assert_string_equal(d.target, "sip:b@example.com");
	sip_dialog_clear(&d);
}

static void more_routes_than_anybody_needs_are_refused(void **state)
{
	struct sip_dialog d;
	struct buf text = BUF_INIT(20000);

	(void)state;
	for (unsigned count = SIP_ROUTES_MAX; count <= SIP_ROUTES_MAX + 1;
		count++) {
		struct err e = ERR_NONE;
		buf_reset(&text);
		buf_str(&text, "INVITE sip:b SIP/2.0\r\nFrom: <sip:a>;tag=1\r\n"
			       "To: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
			       "Contact: <sip:a>\r\n");
		for (unsigned i = 0; i < count; i++)
			buf_str(&text, "Record-Route: <sip:p;lr>\r\n");
		buf_str(&text, "\r\n");
		bool ok = take(&d, buf_text(&text), &e);
		assert_int_equal(ok, count == SIP_ROUTES_MAX);
		if (ok)
			sip_dialog_clear(&d);
	}
	buf_clear(&text);
}

/* ---- within it ---------------------------------------------------------------------- */

static void a_2xx_says_the_routes_anew(void **state)
{
	struct sip_dialog d;
	struct err e = ERR_NONE;
	struct buf out = BUF_INIT(10000);

	(void)state;
	assert_ok(call(&d, INVITE, RESPONSE("180", ";tag=tb", CONTACT ROUTES),
			  &e),
		&e);
	assert_false(d.is_confirmed);
	sip_scan(&response, SPAN(RESPONSE("200", ";tag=tb",
				    "Contact: <sip:c@192.0.2.7>\r\n")));
	assert_true(sip_dialog_is_of_response(&d, &response));
	assert_ok(sip_dialog_confirm(&d, &response, &e), &e);
	sip_dialog_ack(&out, &d, 7);
	assert_true(span_starts(
		buf_view(&out), "ACK sip:c@192.0.2.7 SIP/2.0\r\nMax-Forwards"));
	assert_true(span_ends(buf_view(&out), "CSeq: 7 ACK\r\n"));
	buf_clear(&out);
	sip_scan(&response, SPAN(RESPONSE("200", ";tag=other", CONTACT)));
	assert_false(sip_dialog_is_of_response(&d, &response));
	sip_dialog_clear(&d);
}

static void what_comes_counts_upwards(void **state)
{
	static const struct {
		const char *cseq;
		unsigned code;
	} rows[] = { { "8 INFO", 0 }, { "8 INFO", 0 }, { "7 INFO", 500 },
		{ "100 BYE", 0 }, { "99 BYE", 500 }, { "x BYE", 400 } };
	struct sip_dialog d;
	struct err e = ERR_NONE;

	(void)state;
	assert_ok(take(&d, INVITE, &e), &e);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf text = BUF_INIT(1000);
		buf_printf(&text, "INFO sip:a SIP/2.0\r\nCSeq: %s\r\n\r\n",
			rows[i].cseq);
		sip_scan(&request, buf_view(&text));
		assert_int_equal(
			sip_dialog_receive(&d, &request), rows[i].code);
		buf_clear(&text);
	}
	sip_dialog_clear(&d);
}

static void its_key_is_that_of_a_request_from_the_far_side(void **state)
{
	struct sip_dialog d;
	struct err e = ERR_NONE;
	struct buf key = BUF_INIT(1000);

	(void)state;
	assert_ok(
		call(&d, INVITE, RESPONSE("200", ";tag=tb", CONTACT), &e), &e);
	sip_scan(&request,
		SPAN("BYE sip:a SIP/2.0\r\nFrom: <sip:b>;tag=tb\r\n"
		     "To: <sip:a>;tag=fa\r\nCall-ID: one@192.0.2.1\r\n\r\n"));
	assert_true(sip_dialog_key(&key, &request));
	assert_span(buf_view(&key), d.key);
	sip_scan(&request,
		SPAN("BYE sip:a SIP/2.0\r\nFrom: <sip:b>;tag=tb\r\n"
		     "To: <sip:a>\r\nCall-ID: one@192.0.2.1\r\n\r\n"));
	assert_false(sip_dialog_key(&key, &request));
	buf_clear(&key);
	sip_dialog_clear(&d);
}

TEST_MAIN(cmocka_unit_test(a_caller_has_the_routes_backwards),
	cmocka_unit_test(a_callee_has_them_as_they_came),
	cmocka_unit_test(a_strict_router_gets_the_uri_in_its_place),
	cmocka_unit_test(without_a_contact_there_is_no_dialog),
	cmocka_unit_test(more_routes_than_anybody_needs_are_refused),
	cmocka_unit_test(a_2xx_says_the_routes_anew),
	cmocka_unit_test(what_comes_counts_upwards),
	cmocka_unit_test(its_key_is_that_of_a_request_from_the_far_side))
