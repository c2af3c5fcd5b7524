/* The mechanisms of SASL, and on what they are offered. */
#include "authenticate.h"

#include "base/mem.h"
#include "inline.h"
#include "token.h"
#include "xmpp/ht.h"

#define BINDING_MAX 256 /* bytes: a hash, or a Finished message */

/* The strongest first. */
enum { PLAIN = 6, ANONYMOUS, MECHANISMS };
static const char *const names[MECHANISMS] = { "SCRAM-SHA-512-PLUS",
	"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-512",
	"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "ANONYMOUS" };

unsigned authenticate_usual(void)
{
	return (1U << PLAIN) - 1; /* all SCRAM */
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
				"each also with -PLUS, PLAIN and ANONYMOUS",
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
	*offer = (struct xmpp_sasl_offer){ .is_sasl2 = c->sasl2 };
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

/* The same for tokens; the best binding first. */
static const struct {
	const char *name, *binding;
} token_names[] = { { "HT-SHA-256-EXPR", "tls-exporter" },
	{ "HT-SHA-256-UNIQ", "tls-unique" },
	{ "HT-SHA-256-ENDP", "tls-server-end-point" },
	{ "HT-SHA-256-NONE", NULL } };
#define TOKEN_NAMES (sizeof(token_names) / sizeof(token_names[0]))

static const struct xmpp_sasl_binding *binding_of(
	const struct bindings *b, const char *type)
{
	for (size_t i = 0; i < b->count; i++)
		if (span_is(span_of(b->list[i].type), type))
			return &b->list[i];
	return NULL;
}

static void fill_tokens(struct xmpp_features *f, const struct bindings *b)
{
	for (size_t i = 0; i < TOKEN_NAMES; i++)
		if (!token_names[i].binding ||
			binding_of(b, token_names[i].binding))
			f->fast[f->fast_count++] = span_of(token_names[i].name);
}

void authenticate_offer(const struct session *c, struct xmpp_features *f)
{
	struct bindings b;
	find_bindings(c, &b);
	fill_offer(&f->sasl, c, &b);
	if (!c->server->no_sasl2) {
		f->sasl2 = f->sasl;
		f->sasl2.is_sasl2 = true;
		fill_tokens(f, &b);
		inline_offer(c, f);
	}
	clear_bindings(&b);
}

bool authenticate_offers_token(const struct session *c, const char *mechanism)
{
	struct xmpp_features f = { 0 };
	authenticate_offer(c, &f);
	for (size_t i = 0; i < f.fast_count; i++)
		if (span_is(f.fast[i], mechanism))
			return true;
	return false;
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

static bool refused(struct err *e, const char *condition)
{
	err_set(e, STATUS_AUTH, "%s", condition);
	err_condition(e, condition, false);
	return false;
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

/* ---- the mechanisms ---- */

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

/* A token, of the client that says so. */
static bool show_token(struct session *c, struct span message,
	struct buf *reply, struct err *e)
{
	struct bindings b;
	struct span name, proof, data = SPAN_EMPTY;
	struct xmpp_ht ht;
	const struct token *used;
	const char *agent = authenticate_agent(c);
	if (!agent || !xmpp_ht_parse(message, &name, &proof) ||
		!xmpp_ht_of(&ht, span_of(c->mechanism)))
		return refused(e, "malformed-request");
	find_bindings(c, &b);
	const struct xmpp_sasl_binding *binding =
		ht.binding ? binding_of(&b, ht.binding) : NULL;
	if (binding)
		data = binding->data;
	struct user *u = user_find_typed(c->server, name);
	usec_t wall = loop_wall(c->server->loop);
	bool good =
		u && !binding == !ht.binding &&
		token_check(u, agent, c->mechanism, proof, data, wall, &used);
	if (good) {
		xmpp_ht_respond(reply, &ht, span_of(used->text), data);
		c->user = u;
		c->token_is_due = used->expiry - wall < TOKEN_RENEWAL;
	}
	clear_bindings(&b);
	/* XEP-0484 section 4: then the password is asked for. */
	return good ? true : refused(e, "credentials-expired");
}

static bool is_chosen(const struct session *c, unsigned mechanism)
{
	return span_is(span_of(c->mechanism), names[mechanism]) &&
	       c->server->mechanisms & 1U << mechanism;
}

bool authenticate_step(struct session *c, struct span message,
	struct buf *reply, bool *done, struct err *e)
{
	struct xmpp_ht ht;
	if (c->sasl2 && xmpp_ht_of(&ht, span_of(c->mechanism))) {
		*done = true;
		return show_token(c, message, reply, e);
	}
	bool is_plain = is_chosen(c, PLAIN),
	     is_anyone = is_chosen(c, ANONYMOUS);
	*done = is_plain || is_anyone || c->scram;
	if (is_plain)
		return plain(c, message, e);
	if (is_anyone)
		return (c->user = user_add_guest(c->server)) ||
		       refused(e, "temporary-auth-failure");
	if (!c->scram)
		return scram_first(c, message, reply, e);
	return xmpp_scram_server_final(c->scram, message, reply, e) &&
	       find_account(c, xmpp_scram_server_name(c->scram),
		       xmpp_scram_server_authzid(c->scram), e);
}
