#include "xmpp/auth.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "xmpp/error.h"
#include "xmpp/ht.h"
#include "xmpp/ns.h"
#include "xmpp/prep.h"
#include "xmpp/scram.h"

/* The longest is the hash of a certificate: 64 bytes; RFC 9266 has 32. */
#define BINDING_MAX 256
#define BINDINGS 3

struct xmpp_auth {
	struct xmpp_sasl_policy policy;
	struct xmpp_sasl_choice choice;
	struct buf data[BINDINGS]; /* of the channel bindings */
	struct xmpp_sasl_binding bindings[BINDINGS];
	size_t binding_count;
	struct xmpp_scram_client *scram; /* NULL: another mechanism */
	bool sasl2;
	struct xmpp_ht ht; /* of a token */
	char ht_name[21];  /* RFC 4422 section 3.1 */
	struct buf token;  /* empty: none */
	struct buf first;  /* the initial response */
	enum { BEGUN, ANSWERED, PROVEN } state;
};

/* ---- what the connection can be bound to, the strongest first ---- */

static void find_bindings(struct xmpp_auth *a, const struct tls *tls)
{
	static const struct {
		enum tls_binding type;
		const char *name;
	} types[BINDINGS] = {
		{ TLS_BINDING_EXPORTER, "tls-exporter" },
		{ TLS_BINDING_UNIQUE, "tls-unique" },
		{ TLS_BINDING_SERVER_END_POINT, "tls-server-end-point" },
	};
	for (size_t i = 0; tls && i < BINDINGS; i++) {
		struct buf *data = &a->data[a->binding_count];
		if (!tls_binding_data(tls, types[i].type, data)) {
			buf_reset(data);
			continue;
		}
		a->bindings[a->binding_count++] =
			(struct xmpp_sasl_binding){ .type = types[i].name,
				.data = buf_view(data) };
	}
}

/* ---- beginning ---- */

static bool begin_scram(
	struct xmpp_auth *a, const struct xmpp_auth_setup *setup, struct err *e)
{
	struct xmpp_scram_setup s = { .hash = a->choice.hash,
		.flag = a->choice.flag,
		.binding = a->choice.binding,
		.name = setup->username,
		.password = setup->password,
		.salted = setup->salted,
		.offer = setup->offer,
		.need_hash = a->choice.need_hash };
	a->scram = xmpp_scram_client_new(&s, e);
	return a->scram && xmpp_scram_client_first(a->scram, &a->first, e);
}

static bool begin_token(
	struct xmpp_auth *a, const struct xmpp_auth_setup *setup, struct err *e)
{
	if (!xmpp_ht_of(&a->ht, setup->token_mechanism) ||
		!span_copy(
			a->ht_name, sizeof(a->ht_name), setup->token_mechanism))
		return err_set(
			e, STATUS_AUTH, "the token is for another mechanism");
	a->choice = (struct xmpp_sasl_choice){ .kind = XMPP_SASL_HT,
		.mechanism = a->ht_name,
		.flag = a->ht.binding ? 'p' : 'n' };
	for (size_t i = 0; a->ht.binding && i < a->binding_count; i++)
		if (strcmp(a->bindings[i].type, a->ht.binding) == 0)
			a->choice.binding = &a->bindings[i];
	if (a->ht.binding && !a->choice.binding)
		return err_set(e, STATUS_AUTH,
			"the token is for another channel binding");
	buf_init(&a->token, setup->token.n);
	buf_span(&a->token, setup->token);
	struct buf name = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	bool good = xmpp_prep_sasl(&name, setup->username, e);
	if (good)
		xmpp_ht_initiate(&a->first, &a->ht, buf_view(&name),
			setup->token,
			a->choice.binding ? a->choice.binding->data
					  : SPAN_EMPTY);
	buf_clear(&name);
	return good;
}

static bool begin(
	struct xmpp_auth *a, const struct xmpp_auth_setup *setup, struct err *e)
{
	switch (a->choice.kind) {
	case XMPP_SASL_SCRAM:
		return begin_scram(a, setup, e);
	case XMPP_SASL_PLAIN:
		return xmpp_sasl_plain(&a->first, SPAN_EMPTY, setup->username,
			setup->password, e);
	case XMPP_SASL_EXTERNAL:
		return xmpp_sasl_external(&a->first, SPAN_EMPTY, e);
	case XMPP_SASL_ANONYMOUS:
		return xmpp_sasl_anonymous(&a->first, SPAN_EMPTY, e);
	case XMPP_SASL_HT:
		break; /* begun by itself */
	}
	return false;
}

struct xmpp_auth *xmpp_auth_new(
	const struct xmpp_auth_setup *setup, struct err *e)
{
	struct xmpp_auth *a = mem_alloc(sizeof(*a));
	a->policy = setup->policy;
	buf_init(&a->first, XMPP_SCRAM_MESSAGE_MAX);
	for (size_t i = 0; i < BINDINGS; i++)
		buf_init(&a->data[i], BINDING_MAX);
	a->sasl2 = setup->offer->is_sasl2;
	find_bindings(a, setup->tls);
	bool good = setup->token.n ? begin_token(a, setup, e)
				   : xmpp_sasl_choose(&a->choice, setup->offer,
					     a->bindings, a->binding_count,
					     &setup->policy, e) &&
					     begin(a, setup, e);
	if (good)
		return a;
	xmpp_auth_free(a);
	return NULL;
}

void xmpp_auth_free(struct xmpp_auth *a)
{
	if (!a)
		return;
	xmpp_scram_client_free(a->scram);
	for (size_t i = 0; i < BINDINGS; i++)
		buf_clear_wiped(&a->data[i]);
	buf_clear_wiped(&a->first);
	buf_clear_wiped(&a->token);
	mem_free(a);
}

bool xmpp_auth_is_token(const struct xmpp_auth *a)
{
	return a->choice.kind == XMPP_SASL_HT;
}

bool xmpp_auth_is_sasl2(const struct xmpp_auth *a)
{
	return a->sasl2;
}

struct span xmpp_auth_choose_token(const struct xmpp_auth *a,
	const struct span *offered, size_t count, bool unbound)
{
	return xmpp_ht_choose(
		offered, count, a->bindings, a->binding_count, unbound);
}

const char *xmpp_auth_mechanism(const struct xmpp_auth *a)
{
	return a->choice.mechanism;
}

const char *xmpp_auth_binding(const struct xmpp_auth *a)
{
	return a->choice.flag == 'p' ? a->choice.binding->type : NULL;
}

enum xmpp_sasl_strength xmpp_auth_strength(const struct xmpp_auth *a)
{
	return a->choice.strength;
}

bool xmpp_auth_is_offer_proven(const struct xmpp_auth *a)
{
	return a->scram && xmpp_scram_client_is_offer_proven(a->scram);
}

bool xmpp_auth_confirm(struct xmpp_auth *a, const struct xmpp_sasl_offer *offer,
	bool *stands, struct err *e)
{
	struct xmpp_sasl_choice choice;
	if (!xmpp_sasl_choose(&choice, offer, a->bindings, a->binding_count,
		    &a->policy, e))
		return false;
	/* Mechanisms and bindings are pointers into the same tables. */
	*stands = choice.mechanism == a->choice.mechanism &&
		  choice.flag == a->choice.flag &&
		  choice.binding == a->choice.binding;
	a->choice.need_hash = choice.need_hash;
	if (a->scram)
		xmpp_scram_client_set_offer(a->scram, offer, choice.need_hash);
	return true;
}

/* ---- the elements ---- */

static const char *ns_of(const struct xmpp_auth *a)
{
	return a->sasl2 ? XMPP_NS_SASL2 : XMPP_NS_SASL;
}

/* The message as text of s; an empty one is "=" in RFC 6120 only. */
static bool add_message(const struct xmpp_auth *a, struct xml_element *s,
	struct span message, struct err *e)
{
	struct buf text = BUF_INIT(2 * XMPP_SCRAM_MESSAGE_MAX);
	bool good =
		(a->sasl2 && !message.n) || xmpp_sasl_encode(&text, message);
	if (good)
		xml_element_text_span(s, buf_view(&text));
	else
		err_set(e, STATUS_AUTH, "the SASL message is too long");
	buf_clear_wiped(&text);
	return good;
}

static struct xml_element *make_response(
	const struct xmpp_auth *a, struct span message, struct err *e)
{
	struct xml_element *s = xml_element_new("response", ns_of(a));
	if (add_message(a, s, message, e))
		return s;
	xml_element_free(s);
	return NULL;
}

struct xml_element *xmpp_auth_begin(struct xmpp_auth *a, struct err *e)
{
	struct xml_element *s =
		xml_element_new(a->sasl2 ? "authenticate" : "auth", ns_of(a));
	struct xml_element *at =
		a->sasl2 ? xml_element_child(s, "initial-response", NULL) : s;
	bool good = add_message(a, at, buf_view(&a->first), e);
	buf_clear_wiped(&a->first);
	xml_element_attr(s, "mechanism", a->choice.mechanism);
	if (good)
		return s;
	xml_element_free(s);
	return NULL;
}

static bool malformed(struct err *e, const char *sentence)
{
	err_set(e, STATUS_AUTH, "%s", sentence);
	err_condition(e, "malformed-request", false);
	return false;
}

/* INTEROP: some servers send SCRAM's last message in a challenge of its own
 * and then an empty <success/> (RFC 4422 section 4 leaves them both). */
static bool take_challenge(struct xmpp_auth *a, struct span message,
	struct buf *answer, struct err *e)
{
	if (!a->scram)
		return malformed(e, "a challenge where none belongs");
	if (a->state == BEGUN) {
		a->state = ANSWERED;
		return xmpp_scram_client_final(a->scram, message, answer, e);
	}
	if (a->state != ANSWERED)
		return malformed(e, "one challenge too many");
	a->state = PROVEN;
	return xmpp_scram_client_finish(a->scram, message, e);
}

static bool take_token_proof(
	const struct xmpp_auth *a, struct span message, struct err *e)
{
	struct span data =
		a->choice.binding ? a->choice.binding->data : SPAN_EMPTY;
	if (xmpp_ht_is_responder(&a->ht, message, buf_view(&a->token), data))
		return true;
	return err_set(e, STATUS_AUTH,
		"the server lets us in without proof that it knows the token "
		"itself");
}

static bool take_success(struct xmpp_auth *a, bool has_message,
	struct span message, struct err *e)
{
	if (a->choice.kind == XMPP_SASL_HT)
		return take_token_proof(a, message, e);
	if (!a->scram || (a->state == PROVEN && !has_message))
		return true;
	if (a->state != ANSWERED)
		return err_set(e, STATUS_AUTH,
			"the server lets us in without proof that it knows "
			"the password itself");
	a->state = PROVEN;
	return xmpp_scram_client_finish(a->scram, message, e);
}

static enum xmpp_auth_step take_failure(
	const struct xml_element *s, struct err *e)
{
	struct xmpp_error error;
	if (xmpp_error_parse(&error, s))
		xmpp_error_to_err(&error, e);
	else
		malformed(e, "the server's answer is no SASL");
	return XMPP_AUTH_FAILED;
}

static enum xmpp_auth_step step(struct xmpp_auth *a,
	const struct xml_element *s, struct span message, bool has_message,
	struct xml_element **answer, struct err *e)
{
	if (strcmp(s->name, "success") == 0)
		return take_success(a, has_message, message, e)
			       ? XMPP_AUTH_DONE
			       : XMPP_AUTH_FAILED;
	struct buf out = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	if (take_challenge(a, message, &out, e))
		*answer = make_response(a, buf_view(&out), e);
	buf_clear_wiped(&out);
	if (*answer)
		return XMPP_AUTH_GOES_ON;
	*answer = xml_element_new("abort", ns_of(a));
	return XMPP_AUTH_FAILED;
}

/* Where the message stands. */
static struct span text_of(
	const struct xmpp_auth *a, const struct xml_element *s, bool *is_there)
{
	const struct xml_element *at = s;
	if (a->sasl2 && strcmp(s->name, "success") == 0)
		at = xml_element_find(s, "additional-data", XMPP_NS_SASL2);
	struct span text = xml_element_text_get(at);
	if (a->sasl2)
		text = span_trim(text); /* as the XEP's own examples need */
	*is_there = text.n > 0;
	return text;
}

enum xmpp_auth_step xmpp_auth_take(struct xmpp_auth *a,
	const struct xml_element *s, struct xml_element **answer, struct err *e)
{
	*answer = NULL;
	if (a->sasl2 && xml_element_is(s, "continue", XMPP_NS_SASL2)) {
		err_set(e, STATUS_AUTH,
			"the server wants a second proof of who we are, such "
			"as a code, which is not there yet");
		*answer = xml_element_new("abort", ns_of(a));
		return XMPP_AUTH_FAILED;
	}
	if (!xml_element_is(s, "success", ns_of(a)) &&
		!xml_element_is(s, "challenge", ns_of(a)))
		return take_failure(s, e);
	bool has_message;
	struct span text = text_of(a, s, &has_message);
	struct buf message = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	enum xmpp_auth_step taken = XMPP_AUTH_FAILED;
	if (xmpp_sasl_decode(&message, text))
		taken = step(a, s, buf_view(&message), has_message, answer, e);
	else
		malformed(e, "the server's SASL message is not base64");
	buf_clear_wiped(&message);
	return taken;
}
