#include "authenticate.h"

#include "base/clock.h"
#include "base/mem.h"
#include "inline.h"
#include "resume.h"
#include "token.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

/* Section 6.4.5: between 2 and 5. */
#define ATTEMPTS_MAX 3

/* ---- what is said ---- */

static void add_message(struct xml_element *s, struct span message)
{
	struct buf text = BUF_INIT(2 * XMPP_SCRAM_MESSAGE_MAX);
	if (message.n)
		xmpp_sasl_encode(&text, message);
	xml_element_text_span(s, buf_view(&text));
	buf_clear_wiped(&text);
}

static void challenge(struct session *c, struct span message)
{
	struct xml_element *s = xml_element_new(
		"challenge", c->sasl2 ? XMPP_NS_SASL2 : XMPP_NS_SASL);
	add_message(s, message);
	session_say(c, s);
}

/* XEP-0388 section 2.6.2: the conditions are the old ones. */
static struct xml_element *failure2(const char *condition)
{
	struct xml_element *s = xml_element_new("failure", XMPP_NS_SASL2);
	xml_element_child(s, condition, XMPP_NS_SASL);
	return s;
}

static void refuse(struct session *c, const char *condition)
{
	session_event(c, "refused", SPAN_EMPTY, condition);
	session_say(c, c->sasl2 ? failure2(condition)
				: xmpp_error_sasl(condition, NULL));
	authenticate_clear(c);
	if (++c->attempts >= ATTEMPTS_MAX)
		session_end(c, "policy-violation");
}

/* XEP-0484 sections 3.2 and 3.4: where it is asked for, or due. */
static void add_token(struct session *c, struct xml_element *success)
{
	char expiry[CLOCK_TEXT_SIZE];
	const struct xml_element *request =
		xml_element_find(c->request, "request-token", XMPP_NS_FAST);
	const char *mechanism = c->token_is_due ? c->mechanism : NULL;
	if (request)
		mechanism = xml_element_attr_find(request, "mechanism");
	if (!mechanism || !authenticate_offers_token(c, mechanism))
		return;
	const struct token *t = token_make(c->user, authenticate_agent(c),
		mechanism, loop_wall(c->server->loop));
	if (!t)
		return;
	struct xml_element *token =
		xml_element_child(success, "token", XMPP_NS_FAST);
	xml_element_attr(token, "token", t->text);
	xml_element_attr(token, "expiry", clock_format(expiry, t->expiry));
}

/* XEP-0388 section 2.6.1: without a new stream.  The features behind it are
 * those of a session that may be one already. */
static void succeed2(struct session *c, struct span proof)
{
	const char *agent = authenticate_agent(c);
	if (agent)
		span_copy(c->agent, sizeof(c->agent), span_of(agent));
	struct xml_element *s = xml_element_new("success", XMPP_NS_SASL2);
	if (proof.n)
		add_message(
			xml_element_child(s, "additional-data", NULL), proof);
	if (!inline_take(c, s)) {
		xml_element_free(s);
		return;
	}
	bool is_bound = c->phase == SESSION_BOUND;
	bool is_resumed =
		is_bound && xml_element_find(s, "resumed", XMPP_NS_SM);
	xml_element_text_span(
		xml_element_child(s, "authorization-identifier", NULL),
		is_bound ? xmpp_jid_full(&c->jid)
			 : xmpp_jid_bare(&c->user->jid));
	add_token(c, s);
	session_say(c, s);
	authenticate_clear(c);
	if (session_fault(c, FAULT_SUCCESS))
		return;
	negotiate_features(c);
	if (is_resumed)
		resume_go_on(c);
	else if (is_bound)
		session_fault(c, FAULT_BOUND);
}

static void succeed1(struct session *c, struct span proof)
{
	struct xml_element *s = xml_element_new("success", XMPP_NS_SASL);
	add_message(s, proof);
	session_say(c, s);
	authenticate_clear(c);
	xmpp_wire_restart(c->wire);
}

static void succeed(struct session *c, struct span proof)
{
	c->phase = SESSION_KNOWN;
	session_event(
		c, "authenticated", xmpp_jid_bare(&c->user->jid), c->mechanism);
	if (c->sasl2)
		succeed2(c, proof);
	else
		succeed1(c, proof);
}

/* ---- what comes ---- */

const char *authenticate_agent(const struct session *c)
{
	const struct xml_element *agent =
		xml_element_find(c->request, "user-agent", XMPP_NS_SASL2);
	return agent ? xml_element_attr_find(agent, "id") : NULL;
}

static void take_message(struct session *c, struct span text)
{
	struct buf message = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	struct buf reply = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	struct err e = ERR_NONE;
	bool done = false;
	if (!xmpp_sasl_decode(&message, text))
		refuse(c, "incorrect-encoding");
	else if (!authenticate_step(c, buf_view(&message), &reply, &done, &e))
		refuse(c, e.condition[0] ? e.condition : "not-authorized");
	else if (done)
		succeed(c, buf_view(&reply));
	else
		challenge(c, buf_view(&reply));
	buf_clear_wiped(&message);
	buf_clear_wiped(&reply);
}

/* first: the initial response, where there is one. */
static void begin(struct session *c, const struct xml_element *s,
	const struct xml_element *first)
{
	const char *mechanism = xml_element_attr_find(s, "mechanism");
	authenticate_clear(c);
	c->sasl2 = xml_element_is(s, NULL, XMPP_NS_SASL2);
	if (c->sasl2)
		c->request = xml_element_dup(s);
	if (!mechanism || !span_copy(c->mechanism, sizeof(c->mechanism),
				  span_of(mechanism)))
		refuse(c, "invalid-mechanism");
	else if (!first || (!c->sasl2 && xml_element_text_get(first).n == 0))
		challenge(c, SPAN_EMPTY); /* section 6.4.2 */
	else
		take_message(c, xml_element_text_get(first));
}

void authenticate_element(struct session *c, const struct xml_element *s)
{
	const char *ns = c->sasl2 ? XMPP_NS_SASL2 : XMPP_NS_SASL;
	if (xml_element_is(s, "auth", XMPP_NS_SASL))
		begin(c, s, s);
	else if (xml_element_is(s, "authenticate", XMPP_NS_SASL2) &&
		 !c->server->no_sasl2)
		begin(c, s,
			xml_element_find(s, "initial-response", XMPP_NS_SASL2));
	else if (xml_element_is(s, "response", ns) && c->mechanism[0])
		take_message(c, xml_element_text_get(s));
	else if (xml_element_is(s, "abort", ns))
		refuse(c, "aborted");
	else
		session_end(c, "not-authorized");
}

void authenticate_clear(struct session *c)
{
	xmpp_scram_server_free(c->scram);
	c->scram = NULL;
	xml_element_free(c->request);
	c->request = NULL;
	c->token_is_due = c->sasl2 = false;
	mem_wipe(c->mechanism, sizeof(c->mechanism));
}
