#include "tests/common/xmpp_near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/common/test.h"
#include "xmpp/archive.h"
#include "xmpp/keep.h"
#include "xmpp/ns.h"

struct near near;

static void on_online(void *arg)
{
	(void)arg;
	near.online++;
}

static void on_message(void *arg, const struct xml_element *s)
{
	(void)arg;
	if (near.archive && xmpp_archive_take(*near.archive, s))
		return;
	near.messages++;
	buf_span(&near.bodies, xml_element_child_text(s, "body", NULL));
	buf_char(&near.bodies, '|');
	if (near.defers)
		near.deferred = xmpp_client_defer(near.client);
}

static void on_presence(
	void *arg, const struct xml_element *s, const struct xmpp_presence *p)
{
	(void)arg;
	(void)s;
	(void)p;
	near.presences++;
}

static void on_roster(void *arg, const struct xmpp_roster_item *item)
{
	(void)arg;
	(void)item;
	near.rosters++;
}

static void on_ended(void *arg, const struct err *e)
{
	(void)arg;
	near.ended++;
	near.end = *e;
	near.ended_at = loop_now(near.loop);
}

static const struct xmpp_client_handlers handlers = {
	.online = on_online,
	.message = on_message,
	.presence = on_presence,
	.roster = on_roster,
	.ended = on_ended,
};

int near_setup(void **state)
{
	(void)state;
	static const char *const names[] = { PEER_DOMAIN };
	struct err e = ERR_NONE;
	near = (struct near){ .sim = sim_new(1) };
	near.loop = sim_loop(near.sim);
	buf_init(&near.bodies, 1 << 20);
	peer_init(&near.peer, near.sim, NEAR_AT, names, 1);
	near.resolver = resolver_new(near.loop, NULL, &e);
	assert_ok(near.resolver != NULL, &e);
	assert_ok(xmpp_jid_parse(&near.jid,
			  SPAN(PEER_USER "@" PEER_DOMAIN "/here"), &e),
		&e);
	assert_true(xmpp_target_parse(
		&near.target, SPAN(NEAR_AT), XMPP_SECURITY_STARTTLS, &e));
	near.settings = (struct xmpp_stream_settings){ .jid = &near.jid,
		.password = SPAN(PEER_PASSWORD),
		.server = &near.target,
		.tls = { .ca_file = peer_ca(&near.peer) },
		.deadline = USEC_NEVER };
	return 0;
}

int near_teardown(void **state)
{
	(void)state;
	xmpp_client_free(near.client);
	peer_clear(&near.peer);
	resolver_free(near.resolver);
	xmpp_jid_clear(&near.jid);
	buf_clear(&near.bodies);
	/* Nothing is left behind, whatever happened. */
	sim_run(near.sim, NULL, NULL, 5 * USEC_SEC);
	assert_int_equal(sim_open_sockets(near.sim), 0);
	assert_int_equal(sim_set_timers(near.sim), 0);
	sim_free(near.sim);
	return 0;
}

void near_start(void)
{
	struct err e = ERR_NONE;
	near.started = loop_now(near.loop);
	near.client = xmpp_client_new(
		near.loop, near.resolver, &near.settings, &handlers, NULL, &e);
	assert_ok(near.client != NULL, &e);
}

void near_go(usec_t limit)
{
	sim_run(near.sim, NULL, NULL, limit);
}

bool near_has_ended(void *arg)
{
	(void)arg;
	return near.ended > 0;
}

static bool is_settled(void *arg)
{
	return near.online || near_has_ended(arg);
}

void near_start_online(void)
{
	near_start();
	sim_run(near.sim, is_settled, NULL, 20 * USEC_SEC);
	if (!near.online)
		fail_msg("not online: %d \"%s\"", near.end.status,
			near.end.text);
	near_go(100 * USEC_MS);
}

static void assert_err(const char *what, const struct err *e,
	enum status status, const char *part)
{
	if (e->status != status || !strstr(e->text, part))
		fail_msg("%s: expected %d \"%s\", got %d \"%s\"", what, status,
			part, e->status, e->text);
}

void near_assert_end(enum status status, const char *part)
{
	sim_run(near.sim, near_has_ended, NULL, 200 * USEC_SEC);
	if (near.ended != 1)
		fail_msg("ended %d times, expected \"%s\"", near.ended, part);
	assert_err("end", &near.end, status, part);
}

struct xml_element *near_message(const char *to, const char *body)
{
	struct xml_element *s = xml_element_new("message", XMPP_NS_CLIENT);
	xml_element_attr(xml_element_attr(s, "to", to), "type", "chat");
	xml_element_text(xml_element_child(s, "body", NULL), body);
	return s;
}

static void on_delivered(void *arg, const struct err *e)
{
	(void)arg;
	near.delivered++;
	near.outcome = *e;
}

void near_deliver(const char *to, usec_t wait)
{
	struct err e = ERR_NONE;
	struct xml_element *s = near_message(to, "hello");
	xml_element_attr(s, "id", "m1");
	assert_ok(xmpp_deliver(near.client, s, XMPP_UNTIL_ACCEPTED, wait,
			  on_delivered, NULL, &e) != NULL,
		&e);
}

void near_assert_outcome(enum status status, const char *part)
{
	if (near.delivered != 1)
		fail_msg("delivered %d times, expected \"%s\"", near.delivered,
			part);
	assert_err("delivery", &near.outcome, status, part);
}

/* ---- what is kept from run to run ---- */

static char folder[64];

int near_setup_remembering(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/samtal-near-XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv("XDG_STATE_HOME", folder, 1);
	near_setup(state);
	near.settings.remember = true;
	return 0;
}

int near_teardown_remembering(void **state)
{
	near_teardown(state);
	char *command = mem_format("rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
	mem_free(command);
	return 0;
}

void near_leave(void)
{
	xmpp_client_close(near.client);
	near_assert_end(STATUS_DONE, "");
	xmpp_client_free(near.client);
	near.client = NULL;
	near.online = near.ended = near.delivered = 0;
	buf_reset(&near.peer.plain);
	buf_reset(&near.peer.heard);
}

void near_get_to_know(void)
{
	near_start_online();
	near_leave();
}

struct xmpp_known near_known(void)
{
	struct xmpp_known k;
	struct err e = ERR_NONE;
	assert_ok(xmpp_keep_read(&k, &near.jid, "starttls", &e), &e);
	return k;
}
