#include "authenticate.h"

#include "base/mem.h"
#include "xmpp/error.h"
#include "xmpp/ns.h"

/* Section 6.4.5: between 2 and 5. */
#define ATTEMPTS_MAX 3
#define BINDING_MAX 256 /* bytes: a hash, or a Finished message */

/* The strongest first. */
enum { MECHANISMS = 7 };
static const char *const names[MECHANISMS] = { "SCRAM-SHA-512-PLUS",
	"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-512",
	"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN" };

unsigned authenticate_usual(void)
{
	return (1U << (MECHANISMS - 1)) - 1; /* all but the last */
}

bool authenticate_choose(unsigned *mechanisms, const char *list, struct err *e)
{
	struct span rest = span_of(list), word;
	bool more = true;
	for (*mechanisms = 0; more;) {
		size_t i = 0;
		more = span_cut(&rest, ',', &word);
		while (i < MECHANISMS && !span_is(word, names[i]))
			i++;
		if (i == MECHANISMS)
			return err_set(e, STATUS_USAGE,
				"--mechanisms: \"%.*s\" is not one of "
				"SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512, "
				"each also with -PLUS, and PLAIN",
				SPAN_ARGS(word));
		*mechanisms |= 1U << i;
	}
	return true;
}

/* ---- what is offered ---- */

/* What this connection can be bound by. */
struct bindings {
	struct xmpp_sasl_binding list[3];
	size_t count;
	struct buf data[3];
};

static void find_bindings(const struct session *c, struct bindings *b)
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
			b->list[b->count++] =
				(struct xmpp_sasl_binding){ known[i].name,
					buf_view(data) };
		else
			buf_clear(data);
	}
}

static void clear_bindings(struct bindings *b)
{
	for (size_t i = 0; i < 3; i++)
		buf_clear_wiped(&b->data[i]);
}

static bool is_plus(const char *mechanism)
{
	return span_ends(span_of(mechanism), "-PLUS");
}

static void fill_offer(struct xmpp_sasl_offer *offer, const struct session *c,
	const struct bindings *b)
{
	bool plus = false;
	*offer = (struct xmpp_sasl_offer){ 0 };
	for (size_t i = 0; i < MECHANISMS; i++) {
		if (!(c->server->mechanisms & 1U << i) ||
			(is_plus(names[i]) && b->count == 0))
			continue;
		plus |= is_plus(names[i]);
		offer->mechanisms[offer->mechanism_count++] = span_of(names[i]);
	}
	/* A list without a -PLUS to use it with would look like an attack. */
	offer->has_binding_list = plus;
	for (size_t i = 0; plus && i < b->count; i++)
		offer->bindings[offer->binding_count++] =
			span_of(b->list[i].type);
}

void authenticate_offer(const struct session *c, struct xmpp_sasl_offer *offer)
{
	struct bindings b;
	find_bindings(c, &b);
	fill_offer(offer, c, &b);
	clear_bindings(&b);
}

/* plus: some -PLUS is. */
static bool is_offered(
	const struct xmpp_sasl_offer *offer, const char *mechanism, bool *plus)
{
	bool found = false;
	*plus = false;
	for (size_t i = 0; i < offer->mechanism_count; i++) {
		found |= span_is(offer->mechanisms[i], mechanism);
		*plus |= span_ends(offer->mechanisms[i], "-PLUS");
	}
	return found;
}

/* ---- what is said ---- */

static void say(struct session *c, const char *name, struct span message)
{
	struct buf text = BUF_INIT(2 * XMPP_SCRAM_MESSAGE_MAX);
	struct xmpp_stanza *s = xmpp_stanza_new(name, XMPP_NS_SASL);
	if (message.n)
		xmpp_sasl_encode(&text, message);
	xmpp_stanza_text_span(s, buf_view(&text));
	session_say(c, s);
	buf_clear_wiped(&text);
}

static void refuse(struct session *c, const char *condition)
{
	authenticate_clear(c);
	session_event(c, "refused", SPAN_EMPTY, condition);
	session_say(c, xmpp_error_sasl(condition, NULL));
	if (++c->attempts >= ATTEMPTS_MAX)
		session_end(c, "policy-violation");
}

static bool refused(struct err *e, const char *condition)
{
	err_set(e, STATUS_AUTH, "%s", condition);
	err_condition(e, condition, false);
	return false;
}

static void succeed(struct session *c, struct span proof)
{
	say(c, "success", proof);
	c->phase = SESSION_KNOWN;
	session_event(
		c, "authenticated", xmpp_jid_bare(&c->user->jid), c->mechanism);
	authenticate_clear(c);
	xmpp_wire_restart(c->wire);
}

/* The account of that name, and only as itself (section 6.3.8). */
static bool find_account(
	struct session *c, struct span name, struct span authzid, struct err *e)
{
	struct user *u = user_find_typed(c->server, name);
	struct xmpp_jid as = XMPP_JID_NONE;
	bool itself =
		u && (authzid.n == 0 || (xmpp_jid_parse(&as, authzid, NULL) &&
						xmpp_jid_equal(&as, &u->jid)));
	xmpp_jid_clear(&as);
	if (!u)
		return refused(e, "not-authorized");
	if (!itself)
		return refused(e, "invalid-authzid");
	c->user = u;
	return true;
}

/* ---- the mechanisms: true with a reply that is a challenge, or, where *done
 * is set, goes with success ---- */

static bool plain(struct session *c, struct span message, struct err *e)
{
	struct span authzid, name, password;
	struct xmpp_scram_keys keys;
	if (!xmpp_sasl_plain_parse(message, &authzid, &name, &password))
		return refused(e, "malformed-request");
	bool good = user_scram_keys(c->server, name, HASH_SHA256, &keys) &&
		    xmpp_scram_keys_match(&keys, password);
	mem_wipe(&keys, sizeof(keys));
	return good ? find_account(c, name, authzid, e)
		    : refused(e, "not-authorized");
}

/* With the client's first message mechanism and binding are settled. */
static bool scram_first(struct session *c, struct span message,
	struct buf *reply, struct err *e)
{
	struct xmpp_scram_server_setup setup = { .find = user_scram_keys,
		.arg = c->server };
	struct bindings b;
	struct xmpp_sasl_offer offer;
	find_bindings(c, &b);
	fill_offer(&offer, c, &b);
	bool good = is_offered(&offer, c->mechanism, &setup.plus_offered) &&
		    xmpp_sasl_scram_of(
			    span_of(c->mechanism), &setup.hash, &setup.plus);
	setup.bindings = b.list;
	setup.binding_count = b.count;
	setup.offer = &offer;
	if (!good) {
		refused(e, "invalid-mechanism");
	} else {
		c->scram = xmpp_scram_server_new(&setup);
		good = xmpp_scram_server_first(c->scram, message, reply, e);
	}
	clear_bindings(&b);
	return good;
}

static bool step(struct session *c, struct span message, struct buf *reply,
	bool *done, struct err *e)
{
	bool is_plain = span_is(span_of(c->mechanism), "PLAIN") &&
			c->server->mechanisms & 1U << (MECHANISMS - 1);
	*done = is_plain || c->scram;
	if (is_plain)
		return plain(c, message, e);
	if (!c->scram)
		return scram_first(c, message, reply, e);
	return xmpp_scram_server_final(c->scram, message, reply, e) &&
	       find_account(c, xmpp_scram_server_name(c->scram),
		       xmpp_scram_server_authzid(c->scram), e);
}

/* ---- what comes ---- */

static void take_message(struct session *c, const struct xmpp_stanza *s)
{
	struct buf message = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	struct buf reply = BUF_INIT(XMPP_SCRAM_MESSAGE_MAX);
	struct err e = ERR_NONE;
	bool done = false;
	if (!xmpp_sasl_decode(&message, xmpp_stanza_text_get(s)))
		refuse(c, "incorrect-encoding");
	else if (!step(c, buf_view(&message), &reply, &done, &e))
		refuse(c, e.condition[0] ? e.condition : "not-authorized");
	else if (done)
		succeed(c, buf_view(&reply));
	else
		say(c, "challenge", buf_view(&reply));
	buf_clear_wiped(&message);
	buf_clear_wiped(&reply);
}

static void begin(struct session *c, const struct xmpp_stanza *s)
{
	const char *mechanism = xmpp_stanza_attr_find(s, "mechanism");
	authenticate_clear(c);
	if (!mechanism || !span_copy(c->mechanism, sizeof(c->mechanism),
				  span_of(mechanism)))
		refuse(c, "invalid-mechanism");
	else if (xmpp_stanza_text_get(s).n == 0)
		say(c, "challenge", SPAN_EMPTY); /* section 6.4.2 */
	else
		take_message(c, s);
}

void authenticate_element(struct session *c, const struct xmpp_stanza *s)
{
	if (xmpp_stanza_is(s, "auth", XMPP_NS_SASL))
		begin(c, s);
	else if (xmpp_stanza_is(s, "response", XMPP_NS_SASL) && c->mechanism[0])
		take_message(c, s);
	else if (xmpp_stanza_is(s, "abort", XMPP_NS_SASL))
		refuse(c, "aborted");
	else
		session_end(c, "not-authorized");
}

void authenticate_clear(struct session *c)
{
	xmpp_scram_server_free(c->scram);
	c->scram = NULL;
	mem_wipe(c->mechanism, sizeof(c->mechanism));
}
