#include "tests/xmppserve/guest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/xmppserve/certificate.h"
#include "cmd/xmppserve/server.h"
#include "cmd/xmppserve/user.h"
#include "tests/common/test.h"
#include "xmpp/features.h"
#include "xmpp/ns.h"
#include "xmpp/sm.h"

struct inn inn;

static struct server server;
static struct certificate certificate;
static struct listener *plain, *direct;

/* ---- the server ---- */

static void on_event(void *arg, const struct event *e)
{
	(void)arg;
	buf_printf(&inn.events, "%s %.*s%s%s|", e->name, SPAN_ARGS(e->who),
		e->text ? " " : "", e->text ? e->text : "");
}

static struct listener *listen_at(const char *at, listener_accept *accept)
{
	struct endpoint local;
	struct err e = ERR_NONE;
	assert_ok(endpoint_parse(&local, span_of(at), 0, &e), &e);
	struct listener *l =
		listener_new(server.loop, &local, accept, &server, &e);
	assert_ok(l != NULL, &e);
	return l;
}

static void open_tls(void)
{
	struct err e = ERR_NONE;
	assert_ok(certificate_make(&certificate, SPAN(INN_DOMAIN),
			  loop_wall(server.loop), &e),
		&e);
	server.tls = tls_config_new(&(struct tls_settings){ .server = true,
					    .cert_file = certificate.cert,
					    .key_file = certificate.key,
					    .alpn = "xmpp-client" },
		&e);
	assert_ok(server.tls != NULL, &e);
	inn.tls = tls_config_new(
		&(struct tls_settings){ .ca_file = certificate.ca }, &e);
	assert_ok(inn.tls != NULL, &e);
}

int inn_setup(void **state)
{
	(void)state;
	static const char *const users[] = { "alice:pw", "bob:pw", "carol:pw" };
	struct err e = ERR_NONE;
	inn = (struct inn){ .sim = sim_new(1), .server = &server };
	buf_init(&inn.events, 1 << 20);
	link_init(&inn.guests);
	assert_ok(server_init(&server, sim_loop(inn.sim), INN_DOMAIN, &e), &e);
	server.tell = on_event;
	for (size_t i = 0; i < 3; i++)
		assert_ok(user_add(&server, span_of(users[i]), &e), &e);
	open_tls();
	plain = listen_at(INN_AT, server_accept);
	direct = listen_at(INN_TLS_AT, server_accept_tls);
	return 0;
}

int inn_teardown(void **state)
{
	(void)state;
	struct link *first;
	while ((first = list_first(&inn.guests)))
		guest_free(LIST_ITEM(first, struct guest, link));
	inn_go(USEC_SEC);
	listener_free(plain);
	listener_free(direct);
	server_drop_all(&server);
	server_clear(&server);
	tls_config_free(inn.tls);
	certificate_remove(&certificate);
	buf_clear(&inn.events);
	sim_run(inn.sim, NULL, NULL, 5 * USEC_SEC);
	assert_int_equal(sim_open_sockets(inn.sim), 0);
	assert_int_equal(sim_set_timers(inn.sim), 0);
	sim_free(inn.sim);
	return 0;
}

const char *inn_ca(void)
{
	return certificate.ca;
}

void inn_go(usec_t limit)
{
	sim_run(inn.sim, NULL, NULL, limit);
}

/* ---- logging in ---- */

static void send_stanza(struct guest *g, struct xml_element *s)
{
	xmpp_wire_send(g->wire, s, NULL);
	xml_element_free(s);
}

static void open_stream(struct guest *g)
{
	xmpp_wire_open(
		g->wire, &(struct xmpp_header){ .to = SPAN(INN_DOMAIN) });
}

static void authenticate(struct guest *g, const struct xmpp_features *f)
{
	struct err e = ERR_NONE;
	g->auth = xmpp_auth_new(&(struct xmpp_auth_setup){ .offer = &f->sasl,
					.tls = xmpp_wire_tls(g->wire),
					.policy.tls_verified = true,
					.username = span_of(g->user),
					.password = SPAN("pw") },
		&e);
	assert_ok(g->auth != NULL, &e);
	send_stanza(g, xmpp_auth_begin(g->auth, &e));
}

static void bind_resource(struct guest *g)
{
	struct xml_element *iq = xml_element_new("iq", XMPP_NS_CLIENT);
	xml_element_attr(xml_element_attr(iq, "type", "set"), "id", "bind");
	struct xml_element *b = xml_element_child(iq, "bind", XMPP_NS_BIND);
	xml_element_text(xml_element_child(b, "resource", NULL), g->resource);
	send_stanza(g, iq);
}

static void take_features(struct guest *g, const struct xml_element *s)
{
	struct xmpp_features f;
	struct err e = ERR_NONE;
	assert_ok(xmpp_features_parse(&f, s, &e), &e);
	if (f.starttls)
		send_stanza(g, xml_element_new("starttls", XMPP_NS_TLS));
	else if (g->stops_at_tls)
		return;
	else if (f.bind)
		bind_resource(g);
	else
		authenticate(g, &f);
}

static void take_sasl(struct guest *g, const struct xml_element *s)
{
	struct err e = ERR_NONE;
	struct xml_element *answer = NULL;
	enum xmpp_auth_step step = xmpp_auth_take(g->auth, s, &answer, &e);
	assert_ok(step != XMPP_AUTH_FAILED, &e);
	if (answer)
		send_stanza(g, answer);
	if (step == XMPP_AUTH_GOES_ON)
		return;
	xmpp_wire_restart(g->wire);
	open_stream(g);
}

/* ---- what comes ---- */

static void say_a(struct guest *g)
{
	g->acked = g->received;
	send_stanza(
		g, xml_element_attr_u64(xmpp_sm_make("a"), "h", g->received));
}

static void take_sm(struct guest *g, const struct xml_element *s)
{
	if (xmpp_sm_is(s, "enabled"))
		g->sm_on = true;
	else if (xmpp_sm_is(s, "r") && !g->mute)
		say_a(g);
}

static void take_message(struct guest *g, const struct xml_element *s)
{
	const char *id = xml_element_attr_find(s, "id");
	if (xml_element_attr_is(s, "type", "error")) {
		g->bounces++;
		return;
	}
	g->messages++;
	g->disordered |= !id || strtoul(id, NULL, 10) != g->expected;
	g->expected++;
}

static void take_stanza(struct guest *g, const struct xml_element *s)
{
	g->received += g->sm_on;
	if (xml_element_is(s, "message", NULL))
		take_message(g, s);
	else if (!g->bound && xml_element_attr_is(s, "id", "bind"))
		g->bound = true;
	else if (span_starts(span_of(xml_element_attr_find(s, "id")), "ping"))
		g->pings++;
	else
		g->others++;
	if (g->bound && g->manages && xml_element_attr_is(s, "id", "bind"))
		send_stanza(g, xmpp_sm_make("enable"));
}

static void on_element(void *arg, struct xml_element *s)
{
	struct guest *g = arg;
	if (!g->user)
		g->others++;
	else if (xml_element_is(s, "features", XMPP_NS_STREAM))
		take_features(g, s);
	else if (xml_element_is(s, "proceed", XMPP_NS_TLS))
		xmpp_wire_start_tls(g->wire, inn.tls,
			&(struct tls_peer){ TLS_NAMING_XMPP, INN_DOMAIN });
	else if (xml_element_is(s, NULL, XMPP_NS_SASL))
		take_sasl(g, s);
	else if (xml_element_is(s, NULL, XMPP_NS_SM))
		take_sm(g, s);
	else
		take_stanza(g, s);
	xml_element_free(s);
}

static void on_open(void *arg)
{
	struct guest *g = arg;
	if (g->user)
		open_stream(g);
}

static void on_header(void *arg, const struct xmpp_header *h)
{
	struct guest *g = arg;
	(void)h;
	g->headers++;
}

static void on_closed(void *arg, const struct err *e)
{
	struct guest *g = arg;
	g->closed = true;
	g->end = *e;
}

/* ---- what it says ---- */

static void go_on(void *arg)
{
	struct guest *g = arg;
	char words[GUEST_BODY];
	memset(words, 'x', sizeof(words));
	while (g->next && g->next <= g->last && !xmpp_wire_is_full(g->wire)) {
		struct xml_element *s =
			xml_element_new("message", XMPP_NS_CLIENT);
		xml_element_attr(
			xml_element_attr(s, "to", g->to), "type", "chat");
		xml_element_attr_u64(s, "id", g->next++);
		xml_element_text_span(xml_element_child(s, "body", NULL),
			span_from(words, sizeof(words)));
		send_stanza(g, s);
	}
}

static const struct xmpp_wire_handlers handlers = {
	.open = on_open,
	.secured = on_open,
	.header = on_header,
	.element = on_element,
	.drained = go_on,
	.closed = on_closed,
};

void guest_say(struct guest *g, const char *xml)
{
	xmpp_wire_write(g->wire, span_of(xml));
}

void guest_flood(struct guest *g, const char *to, unsigned first, unsigned last)
{
	g->to = to;
	g->next = first;
	g->last = last;
	go_on(g);
}

struct guest *guest_new(struct guest like)
{
	struct guest *g = mem_alloc(sizeof(*g));
	*g = like;
	list_append(&inn.guests, &g->link);
	return g;
}

void guest_connect(struct guest *g)
{
	struct endpoint at;
	struct err e = ERR_NONE;
	g->expected = 1;
	assert_ok(endpoint_parse(&at,
			  span_of(g->direct_tls ? INN_TLS_AT : INN_AT), 0, &e),
		&e);
	struct xmpp_wire_settings settings = {
		.content_ns = XMPP_NS_CLIENT,
		.conn = { .addresses = &at,
			.count = 1,
			.tls = g->direct_tls ? inn.tls : NULL,
			.peer = { TLS_NAMING_XMPP, INN_DOMAIN } },
	};
	g->wire = xmpp_wire_connect(server.loop, &settings, &handlers, g);
}

static bool is_settled(void *arg)
{
	struct guest *g = arg;
	return g->closed || (g->bound && g->sm_on == g->manages);
}

void guest_enter(struct guest *g)
{
	guest_connect(g);
	sim_run(inn.sim, is_settled, g, 20 * USEC_SEC);
	if (!g->bound || g->closed)
		fail_msg("%s did not get in: %s", g->user, g->end.text);
}

void guest_leave(struct guest *g)
{
	if (g->sm_on)
		say_a(g);
	xmpp_wire_close(g->wire);
}

void guest_free(struct guest *g)
{
	list_remove(&g->link);
	xmpp_wire_free(g->wire);
	xmpp_auth_free(g->auth);
	mem_free(g);
}
