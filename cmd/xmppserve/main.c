/* xmppserve - an XMPP server for tests and labs, in one command
 * (RFC 6120, RFC 6121, XEP-0030, XEP-0160, XEP-0198, XEP-0199) */

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "authenticate.h"
#include "certificate.h"
#include "cli/out.h"
#include "cli/record.h"
#include "cli/run.h"
#include "inject.h"
#include "resume.h"
#include "server.h"
#include "user.h"

#define XMPP_PORT 5222
#define XMPPS_PORT 5223
/* For the farewells, within RUN_FAREWELL. */
#define DRAIN_LIMIT (1200 * USEC_MS)

struct xmppserve {
	struct run_options run;
	const char *domain, *users, *listen, *listen_tls, *cert, *key;
	struct opt_list user, fault;
	const char *mechanisms;
	bool friends, no_sasl2, archive, inject;
	usec_t resume;
};

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Server" },
	{ OPT_STRING, 0, "domain", "DOMAIN", "the domain it serves (localhost)",
		.offset = offsetof(struct xmppserve, domain) },
	{ OPT_ENDPOINT, 0, "listen", "ADDR[:PORT]",
		"where to listen (127.0.0.1:5222); port 0: any",
		.offset = offsetof(struct xmppserve, listen) },
	{ OPT_ENDPOINT, 0, "listen-tls", "ADDR[:PORT]",
		"listen also with TLS from the start (port 5223)",
		.offset = offsetof(struct xmppserve, listen_tls) },
	{ OPT_FILE, 0, "cert", "FILE",
		"certificate chain, PEM (one is made at the start)",
		.offset = offsetof(struct xmppserve, cert) },
	{ OPT_FILE, 0, "key", "FILE", "its key, PEM (in --cert)",
		.offset = offsetof(struct xmppserve, key) },
	{ OPT_GROUP, .help = "Accounts" },
	{ OPT_FILE, 0, "users", "FILE|-", "accounts, NAME:PASSWORD a line",
		.offset = offsetof(struct xmppserve, users) },
	{ OPT_LIST, 0, "user", "NAME:PASSWORD",
		"one account; others see it in ps: for tests only",
		.offset = offsetof(struct xmppserve, user) },
	{ OPT_FLAG, 0, "friends", NULL,
		"everybody is in everybody's roster, subscribed both ways",
		.offset = offsetof(struct xmppserve, friends) },
	{ OPT_STRING, 0, "mechanisms", "LIST",
		"offer these of SASL, with commas (all SCRAM-*, not PLAIN)",
		.offset = offsetof(struct xmppserve, mechanisms) },
	{ OPT_DURATION, 0, "resume", "SECONDS",
		"keep a session that was cut for so long (300); 0: not at all",
		.offset = offsetof(struct xmppserve, resume), .min = 0,
		.max = 86400 * USEC_SEC },
	{ OPT_FLAG, 0, "archive", NULL,
		"keep what accounts send and get (XEP-0313), and let them bind "
		"with authentication (XEP-0386)",
		.offset = offsetof(struct xmppserve, archive) },
	{ OPT_FLAG, 0, "no-sasl2", NULL,
		"no SASL2 (XEP-0388) and no tokens (XEP-0484)",
		.offset = offsetof(struct xmppserve, no_sasl2) },
	{ OPT_GROUP, .help = "Faults" },
	{ OPT_LIST, 0, "fault", "WHEN:WHAT[:N]",
		"misbehave, the N-th time that WHEN happens",
		.offset = offsetof(struct xmppserve, fault) },
	{ OPT_FLAG, 0, "inject", NULL,
		"send the stanzas on standard input as they are, to their "
		"`to`",
		.offset = offsetof(struct xmppserve, inject) },
	{ OPT_USE, .use = run_options,
		.offset = offsetof(struct xmppserve, run) },
	{ OPT_END },
};

/* ---- records ---- */

/* A test that never reads its records must not stop the server. */
struct teller {
	struct run *run;
	uint64_t skipped; /* events, since the queue was full */
};

static void tell_skipped(struct teller *t)
{
	struct record record;
	char text[64];
	snprintf(text, sizeof(text), "%" PRIu64 " events were not read in time",
		t->skipped);
	record_begin(&record, t->run->out, RECORD_EVENT, RECORD_XMPP,
		loop_wall(t->run->loop));
	record_str(&record, KEY_EVENT, "skipped");
	record_str(&record, KEY_TEXT, text);
	record_end(&record, NULL);
	t->skipped = 0;
}

static void tell(void *arg, const struct event *event)
{
	struct teller *t = arg;
	struct run *r = t->run;
	struct record record;
	char address[ENDPOINT_TEXT_SIZE];
	if (out_is_full(r->out)) {
		t->skipped++;
		return;
	}
	if (t->skipped)
		tell_skipped(t);
	record_begin(
		&record, r->out, RECORD_EVENT, RECORD_XMPP, loop_wall(r->loop));
	record_str(&record, KEY_EVENT, event->name);
	if (event->who.n)
		record_text(&record, KEY_FROM, event->who);
	record_str(&record, KEY_SRC, endpoint_format(address, event->from));
	if (event->text)
		record_str(&record, KEY_TEXT, event->text);
	record_end(&record, NULL); /* a lost stdout ends the run by itself */
}

static void trace(
	void *arg, const struct endpoint *from, bool sent, struct span text)
{
	const struct teller *t = arg;
	char address[ENDPOINT_TEXT_SIZE], what[ENDPOINT_TEXT_SIZE + 8];
	snprintf(what, sizeof(what), "%s %s", sent ? "to" : "from",
		endpoint_format(address, from));
	run_wire(t->run, what, text);
}

static bool say_ready(struct run *r, const struct endpoint *bound,
	const char *transport, const char *ca_file, struct err *e)
{
	struct record record;
	char address[ENDPOINT_TEXT_SIZE];
	record_begin(
		&record, r->out, RECORD_READY, RECORD_XMPP, loop_wall(r->loop));
	record_str(&record, KEY_ADDRESS,
		endpoint_format_address(address, bound, false));
	record_int(&record, KEY_PORT, endpoint_port(bound));
	record_str(&record, KEY_TRANSPORT, transport);
	if (ca_file)
		record_str(&record, KEY_CA_FILE, ca_file);
	record_int(&record, KEY_SCHEMA, RECORD_SCHEMA);
	return record_end(&record, e);
}

/* ---- the server as the options want it ---- */

static bool set_up(struct server *s, struct certificate *c,
	const struct xmppserve *o, struct err *e)
{
	s->no_sasl2 = o->no_sasl2;
	s->archive = o->archive;
	if (o->mechanisms &&
		!authenticate_choose(&s->mechanisms, o->mechanisms, e))
		return false;
	for (size_t i = 0; i < o->fault.count; i++)
		if (!fault_add(&s->faults, o->fault.items[i], e))
			return false;
	for (size_t i = 0; i < o->user.count; i++)
		if (!user_add(s, span_of(o->user.items[i]), e))
			return false;
	if (o->users && !user_add_file(s, o->users, e))
		return false;
	if (s->users.count == 0)
		return err_set(e, STATUS_USAGE,
			"there is no account: give --users FILE or --user");
	if (o->friends && !user_befriend_all(s, e))
		return false;
	if (o->key && !o->cert)
		return err_set(e, STATUS_USAGE, "--key needs --cert");
	if (!o->cert &&
		!certificate_make(c, s->domain.domain, loop_wall(s->loop), e))
		return false;
	s->tls = tls_config_new(
		&(struct tls_settings){
			.server = true,
			.cert_file = o->cert ? o->cert : c->cert,
			.key_file = o->cert ? o->key : c->key,
			.alpn = "xmpp-client",
		},
		e);
	return s->tls != NULL;
}

/* ---- the run ---- */

static struct listener *listen_at(struct server *s, const char *where,
	uint16_t port, listener_accept *accept, struct err *e)
{
	struct endpoint local;
	if (!endpoint_parse(&local, span_of(where), port, e)) {
		e->status = STATUS_USAGE;
		return NULL;
	}
	return listener_new(s->loop, &local, accept, s, e);
}

static void serve(struct server *s, struct run *r, const struct xmppserve *o,
	const char *ca_file, struct err *e)
{
	struct listener *tls = NULL,
			*plain = listen_at(s,
				o->listen ? o->listen : "127.0.0.1", XMPP_PORT,
				server_accept, e);
	if (plain && o->listen_tls)
		tls = listen_at(
			s, o->listen_tls, XMPPS_PORT, server_accept_tls, e);
	struct inject *inject = NULL;
	if (!err_is_set(e) && o->inject)
		inject = inject_new(s, STDIN_FILENO, e);
	if (!err_is_set(e) &&
		say_ready(r, listener_local(plain), "tcp", ca_file, e) &&
		(!tls || say_ready(r, listener_local(tls), "tls", ca_file, e)))
		run_until(r, inject_has_failed, inject, USEC_NEVER);
	if (inject_has_failed(inject))
		*e = *inject_fault(inject);
	inject_free(inject);
	listener_free(plain);
	listener_free(tls);
	server_shut_down(s);
	run_until(r, server_is_deserted, s, loop_now(r->loop) + DRAIN_LIMIT);
	server_drop_all(s);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	(void)operands;
	const struct xmppserve *o = settings;
	struct server s;
	struct certificate c = { 0 };
	run_use(r, &o->run, USEC_NEVER);
	if (!server_init(&s, r->loop, o->domain ? o->domain : "localhost", e))
		e->status = STATUS_USAGE;
	s.keep = o->resume;
	s.tell = tell;
	s.tell_arg = &(struct teller){ .run = r };
	s.trace = r->output.verbose >= 2 ? trace : NULL;
	if (!err_is_set(e) && set_up(&s, &c, o, e))
		serve(&s, r, o, o->cert ? NULL : c.ca, e);
	server_clear(&s);
	certificate_remove(&c);
	return !err_is_set(e);
}

static const struct command command = {
	.name = "xmppserve",
	.summary = "an XMPP server for tests and labs, in one command",
	.synopsis = "[options] --users FILE | --user NAME:PASSWORD",
	.options = options,
	.operand_kind = "",
	.run = run,
};

int main(int argc, char **argv)
{
	struct xmppserve settings = { .resume = RESUME_KEEP };
	return cli_main(&command, argc, argv, &settings);
}
