#include "session.h"

#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "xmpp/error.h"
#include "xmpp/features.h"
#include "xmpp/ns.h"
#include "xmpp/sasl.h"

#define STREAM_ID_LENGTH 20
#define RESOURCE_LENGTH 10
#define BINDING_MAX 256 /* bytes; a hash, or a Finished message */
/* RFC 6120 section 6.4.5: between 2 and 5 */
#define ATTEMPTS_MAX 3

/* ---- features ---- */

/* What this connection can be bound by (XEP-0440). */
struct bindings {
	struct xmpp_sasl_binding list[3];
	size_t count;
	struct buf data[3];
};

static void find_bindings(struct session *c, struct bindings *b)
{
	static const struct {
		enum tls_binding type;
		const char *name;
	} known[] = { { TLS_BINDING_EXPORTER, "tls-exporter" },
		{ TLS_BINDING_SERVER_END_POINT, "tls-server-end-point" },
		{ TLS_BINDING_UNIQUE, "tls-unique" } };
	*b = (struct bindings){ 0 };
	for (size_t i = 0; i < 3; i++) {
		struct buf *data = &b->data[b->count];
		buf_init(data, BINDING_MAX);
		if (tls_binding_data(
			    xmpp_wire_tls(c->wire), known[i].type, data))
			b->list[b->count++] = (struct xmpp_sasl_binding){
				known[i].name, buf_view(data) };
		else
			buf_clear(data);
	}
}

static void clear_bindings(struct bindings *b)
{
	for (size_t i = 0; i < 3; i++)
		buf_clear_wiped(&b->data[i]);
}

/* The strongest first; names are static. */
static void fill_offer(struct xmpp_sasl_offer *offer, const struct bindings *b)
{
	static const char *const mechanisms[] = { "SCRAM-SHA-512-PLUS",
		"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-512",
		"SCRAM-SHA-256", "SCRAM-SHA-1" };
	*offer = (struct xmpp_sasl_offer){ .has_binding_list = true };
	for (size_t i = b->count ? 0 : 3; i < 6; i++)
		offer->mechanisms[offer->mechanism_count++] =
			span_of(mechanisms[i]);
	for (size_t i = 0; i < b->count; i++)
		offer->bindings[offer->binding_count++] =
			span_of(b->list[i].type);
}

static void fill_features(struct session *c, struct xmpp_features *f)
{
	struct bindings b;
	*f = (struct xmpp_features){ 0 };
	switch (c->phase) {
	case SESSION_CONNECTED:
		f->starttls = f->starttls_required = true;
		break;
	case SESSION_SECURE:
		find_bindings(c, &b);
		fill_offer(&f->sasl, &b);
		clear_bindings(&b);
		break;
	case SESSION_KNOWN:
		f->bind = f->sm = true;
		break;
	case SESSION_BOUND:
		break;
	}
}

void negotiate_header(struct session *c, const struct xmpp_header *h)
{
	char id[STREAM_ID_LENGTH + 1];
	rand_token(id, STREAM_ID_LENGTH);
	struct xmpp_header ours = { .from = c->server->domain.domain,
		.to = h->from,
		.id = span_of(id) };
	xmpp_wire_open(c->wire, &ours);
	struct xmpp_jid to;
	bool known = xmpp_jid_parse(&to, h->to, NULL) &&
		     xmpp_jid_equal(&to, &c->server->domain);
	xmpp_jid_clear(&to);
	if (!known) {
		session_end(c, "host-unknown");
		return;
	}
	struct xmpp_features f;
	fill_features(c, &f);
	struct xmpp_stanza *s = xmpp_features_make(&f);
	xmpp_wire_send(c->wire, s, NULL);
	xmpp_stanza_free(s);
}

/* ---- TLS ---- */

static void start_tls(struct session *c)
{
	struct xmpp_stanza *proceed =
		xmpp_stanza_new("proceed", XMPP_NS_TLS);
	xmpp_wire_send(c->wire, proceed, NULL);
	xmpp_stanza_free(proceed);
	if (session_fault(c, FAULT_PROCEED))
		return;
	xmpp_wire_start_tls(c->wire, c->server->tls,
		&(struct tls_peer){ .naming = TLS_NAMING_XMPP });
}

/* ---- SASL (RFC 6120 section 6) ---- */

static void send_sasl(struct session *c, const char *name, struct span message)
{
	struct buf text = BUF_INIT(2 * XMPP_SCRAM_MESSAGE_MAX);
	struct xmpp_stanza *s = xmpp_stanza_new(name, XMPP_NS_SASL);
	xmpp_sasl_encode(&text, message);
	xmpp_stanza_text_span(s, buf_view(&text));
	xmpp_wire_send(c->wire, s, NULL);
	xmpp_stanza_free(s);
	buf_clear_wiped(&text);
}

static void refuse(struct session *c, const char *condition)
{
	struct xmpp_stanza *failure = xmpp_error_sasl(condition, NULL);
	xmpp_wire_send(c->wire, failure, NULL);
	xmpp_stanza_free(failure);
	negotiate_clear(c);
	server_event(c->server, "refused", NULL, &c->from, condition);
	if (++c->attempts >= ATTEMPTS_MAX)
		session_end(c, "policy-violation");
}

static const char *condition_of(const struct err *e)
{
	return e->condition[0] ? e->condition : "not-authorized";
}

/* The client's first message: mechanism and bindings are settled with it. */
static bool first_message(
	struct session *c, struct span message, struct buf *reply, struct err *e)
{
	struct xmpp_scram_server_setup setup = { .find = user_scram_keys,
		.arg = c->server };
	struct bindings b;
	struct xmpp_sasl_offer offer;
	bool good = false;
	if (!xmpp_sasl_scram_of(
		    span_of(c->mechanism), &setup.hash, &setup.plus)) {
		err_set(e, STATUS_AUTH, "no such mechanism");
		err_condition(e, "invalid-mechanism", false);
		return false;
	}
	find_bindings(c, &b);
	fill_offer(&offer, &b);
	setup.offer = &offer;
	setup.plus_offered = b.count > 0;
	setup.bindings = b.list;
	setup.binding_count = b.count;
	c->scram = xmpp_scram_server_new(&setup);
	good = xmpp_scram_server_first(c->scram, message, reply, e);
	clear_bindings(&b);
	return good;
}

/* Only as itself: RFC 6120 section 6.3.8. */
static bool is_as_itself(struct session *c, struct err *e)
{
	struct xmpp_jid as;
	struct span authzid = xmpp_scram_server_authzid(c->scram);
	c->user = user_find(c->server, xmpp_scram_server_name(c->scram));
	bool good = c->user != NULL;
	if (good && authzid.n) {
		good = xmpp_jid_parse(&as, authzid, NULL) &&
		       xmpp_jid_equal(&as, &c->user->jid);
		xmpp_jid_clear(&as);
	}
	if (good)
		return true;
	c->user = NULL;
	err_set(e, STATUS_AUTH, "as somebody else");
	err_condition(e, "invalid-authzid", false);
	return false;
}

static void succeed(struct session *c, struct span proof)
{
	send_sasl(c, "success", proof);
	c->phase = SESSION_KNOWN;
	server_event(c->server, "authenticated",
		xmpp_jid_bare(&c->user->jid).p, &c->from, c->mechanism);
	negotiate_clear(c);
	xmpp_wire_restart(c->wire);
	session_fault(c, FAULT_SUCCESS);
}

static void exchange(struct session *c, struct span message)
{
	struct buf reply = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	struct err e = ERR_NONE;
	if (!c->scram) {
		if (first_message(c, message, &reply, &e))
			send_sasl(c, "challenge", buf_view(&reply));
		else
			refuse(c, condition_of(&e));
	} else if (xmpp_scram_server_final(c->scram, message, &reply, &e) &&
		   is_as_itself(c, &e)) {
		succeed(c, buf_view(&reply));
	} else {
		refuse(c, condition_of(&e));
	}
	buf_clear_wiped(&reply);
}

static void take_message(struct session *c, const struct xmpp_stanza *s)
{
	struct buf message = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	if (xmpp_sasl_decode(&message, xmpp_stanza_text_get(s)))
		exchange(c, buf_view(&message));
	else
		refuse(c, "incorrect-encoding");
	buf_clear_wiped(&message);
}

static void authenticate(struct session *c, const struct xmpp_stanza *s)
{
	const char *mechanism = xmpp_stanza_attr_find(s, "mechanism");
	negotiate_clear(c);
	if (!mechanism || !span_copy(c->mechanism, sizeof(c->mechanism),
				 span_of(mechanism)))
		refuse(c, "invalid-mechanism");
	else if (xmpp_stanza_text_get(s).n == 0)
		send_sasl(c, "challenge", SPAN_EMPTY);
	else
		take_message(c, s);
}

static void negotiate_sasl(struct session *c, const struct xmpp_stanza *s)
{
	if (xmpp_stanza_is(s, "auth", XMPP_NS_SASL))
		authenticate(c, s);
	else if (xmpp_stanza_is(s, "response", XMPP_NS_SASL) && c->mechanism[0])
		take_message(c, s);
	else if (xmpp_stanza_is(s, "abort", XMPP_NS_SASL))
		refuse(c, "aborted");
	else
		session_end(c, "not-authorized");
}

/* ---- binding (RFC 6120 section 7) ---- */

static bool choose_resource(struct session *c, const struct xmpp_stanza *bind)
{
	char random[RESOURCE_LENGTH + 1];
	struct span wanted =
		xmpp_stanza_child_text(bind, "resource", XMPP_NS_BIND);
	rand_token(random, RESOURCE_LENGTH);
	return xmpp_jid_make(&c->jid, c->user->jid.local, c->user->jid.domain,
		wanted.n ? wanted : span_of(random), NULL);
}

static void negotiate_bind(struct session *c, const struct xmpp_stanza *s)
{
	struct xmpp_stanza *reply,
		*bind = xmpp_stanza_find(s, "bind", XMPP_NS_BIND);
	if (!xmpp_stanza_is(s, "iq", XMPP_NS_CLIENT) ||
		!xmpp_stanza_attr_is(s, "type", "set") || !bind) {
		session_end(c, "not-authorized");
		return;
	}
	if (choose_resource(c, bind)) {
		reply = xmpp_stanza_reply(s, "result");
		struct xmpp_stanza *b =
			xmpp_stanza_child(reply, "bind", XMPP_NS_BIND);
		xmpp_stanza_text_span(xmpp_stanza_child(b, "jid", NULL),
			xmpp_jid_full(&c->jid));
	} else {
		reply = xmpp_error_reply(s, "bad-request", NULL);
	}
	xmpp_wire_send(c->wire, reply, NULL);
	xmpp_stanza_free(reply);
	if (!c->jid.text)
		return;
	session_bound(c);
	session_fault(c, FAULT_BOUND);
}

/* ---- the whole ---- */

void negotiate_element(struct session *c, struct xmpp_stanza *s)
{
	switch (c->phase) {
	case SESSION_CONNECTED:
		if (xmpp_stanza_is(s, "starttls", XMPP_NS_TLS))
			start_tls(c);
		else
			session_end(c, "policy-violation");
		break;
	case SESSION_SECURE:
		negotiate_sasl(c, s);
		break;
	case SESSION_KNOWN:
		negotiate_bind(c, s);
		break;
	case SESSION_BOUND:
		break;
	}
	xmpp_stanza_free(s);
}

void negotiate_clear(struct session *c)
{
	xmpp_scram_server_free(c->scram);
	c->scram = NULL;
	mem_wipe(c->mechanism, sizeof(c->mechanism));
}
