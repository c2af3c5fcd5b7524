/* xmppserve - an XMPP server for tests and labs, in one command
 * (RFC 6120, RFC 6121, XEP-0160, XEP-0198, XEP-0199, XEP-0030) */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/out.h"
#include "cli/record.h"
#include "session.h"

#define XMPP_PORT 5222
#define CERTIFICATE_DAYS 30
#define DRAIN_LIMIT (1 * USEC_SEC)

struct xmppserve {
	struct output_options output;
	struct time_options time;
	const char *domain, *users, *listen, *listen_tls, *cert, *key;
	struct opt_list user, fault;
	bool friends;
};

static const struct opt options[] = {
	{ OPT_GROUP, .help = "Server" },
	{ OPT_STRING, 0, "domain", "DOMAIN", "the domain it serves (localhost)",
		.offset = offsetof(struct xmppserve, domain) },
	{ OPT_ENDPOINT, 0, "listen", "ADDR:PORT",
		"where to listen (127.0.0.1:5222)",
		.offset = offsetof(struct xmppserve, listen) },
	{ OPT_ENDPOINT, 0, "listen-tls", "ADDR:PORT",
		"where to listen with TLS from the start (nowhere)",
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
	{ OPT_GROUP, .help = "Faults" },
	{ OPT_LIST, 0, "fault", "WHEN:WHAT[:N]",
		"misbehave, the N-th time that WHEN happens",
		.offset = offsetof(struct xmppserve, fault) },
	{ OPT_USE, .use = time_options,
		.offset = offsetof(struct xmppserve, time) },
	{ OPT_USE, .use = output_options,
		.offset = offsetof(struct xmppserve, output) },
	{ OPT_END },
};

/* ---- records ---- */

void server_event(struct server *s, const char *event, const char *who,
	const struct endpoint *from, const char *text)
{
	struct record r;
	char address[ENDPOINT_TEXT_SIZE];
	record_begin(&r, s->run->out, RECORD_EVENT, RECORD_XMPP,
		loop_wall(s->run->loop));
	record_str(&r, KEY_EVENT, event);
	if (who)
		record_str(&r, KEY_FROM, who);
	record_str(&r, KEY_SRC, endpoint_format(address, from));
	if (text)
		record_str(&r, KEY_TEXT, text);
	record_end(&r, NULL); /* a lost stdout ends the run by itself */
}

static bool say_ready(struct server *s, const struct endpoint *bound,
	const char *transport, const char *ca_file, struct err *e)
{
	struct record r;
	char address[ENDPOINT_TEXT_SIZE];
	record_begin(&r, s->run->out, RECORD_READY, RECORD_XMPP,
		loop_wall(s->run->loop));
	record_str(&r, KEY_ADDRESS,
		endpoint_format_address(address, bound, false));
	record_int(&r, KEY_PORT, endpoint_port(bound));
	record_str(&r, KEY_TRANSPORT, transport);
	if (ca_file)
		record_str(&r, KEY_CA_FILE, ca_file);
	record_int(&r, KEY_SCHEMA, RECORD_SCHEMA);
	return record_end(&r, e);
}

/* ---- the certificate ---- */

struct certificate {
	char *folder, *ca, *cert, *key; /* of our making; else NULL */
};

static bool make_certificate(struct certificate *c, const struct server *s,
	struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	const char *names[] = { s->domain.text };
	c->folder = mem_format(
		"%s/xmppserve.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(c->folder)) {
		err_errno(e, STATUS_LOCAL_IO, errno, "%s", c->folder);
		mem_free(c->folder);
		c->folder = NULL;
		return false;
	}
	c->ca = mem_format("%s/ca.pem", c->folder);
	c->cert = mem_format("%s/cert.pem", c->folder);
	c->key = mem_format("%s/key.pem", c->folder);
	return tls_make_certificate(names, 1, c->ca, c->cert, c->key,
		loop_wall(s->run->loop), CERTIFICATE_DAYS, e);
}

static void remove_certificate(struct certificate *c)
{
	if (!c->folder)
		return;
	unlink(c->ca);
	unlink(c->cert);
	unlink(c->key);
	rmdir(c->folder);
	mem_free(c->ca);
	mem_free(c->cert);
	mem_free(c->key);
	mem_free(c->folder);
}

static bool open_tls(struct server *s, struct certificate *c,
	const struct xmppserve *o, struct err *e)
{
	if (!o->cert && !make_certificate(c, s, e))
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

/* ---- listening ---- */

static void accept_plain(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	session_accept(arg, offer, from, false);
}

static void accept_tls(
	void *arg, struct accepted *offer, const struct endpoint *from)
{
	session_accept(arg, offer, from, true);
}

static struct listener *listen_at(struct server *s, const char *where,
	listener_accept *accept, const char *transport, const char *ca_file,
	struct err *e)
{
	struct endpoint local;
	if (!endpoint_parse(&local, span_of(where), XMPP_PORT, e)) {
		e->status = STATUS_USAGE;
		return NULL;
	}
	struct listener *l =
		listener_new(s->run->loop, &local, accept, s, e);
	if (l && !say_ready(s, listener_local(l), transport, ca_file, e)) {
		listener_free(l);
		l = NULL;
	}
	return l;
}

/* ---- the run ---- */

static bool add_accounts(
	struct server *s, const struct xmppserve *o, struct err *e)
{
	for (size_t i = 0; i < o->user.count; i++)
		if (!user_add(s, span_of(o->user.items[i]), e))
			return false;
	if (o->users && !user_add_file(s, o->users, e))
		return false;
	if (s->users.count == 0)
		return err_set(e, STATUS_USAGE,
			"there is no account: give --users FILE or --user");
	if (o->friends)
		user_befriend_all(s);
	return true;
}

static bool is_deserted(void *arg)
{
	const struct server *s = arg;
	return link_is_alone(&s->sessions);
}

/* Everybody is told that it ends (RFC 6120 section 4.9.3.20). */
static void end_sessions(struct server *s)
{
	LIST_EACH(&s->sessions, at)
	session_end(LIST_ITEM(at, struct session, link), "system-shutdown");
	run_until(s->run, is_deserted, s,
		loop_now(s->run->loop) + DRAIN_LIMIT);
	LIST_EACH(&s->sessions, at)
	session_drop(LIST_ITEM(at, struct session, link));
}

static void serve(struct server *s, const struct xmppserve *o,
	const char *ca_file, struct err *e)
{
	struct listener *tls = NULL,
			*plain = listen_at(s,
				o->listen ? o->listen : "127.0.0.1",
				accept_plain, "tcp", ca_file, e);
	if (plain && o->listen_tls)
		tls = listen_at(
			s, o->listen_tls, accept_tls, "tls", ca_file, e);
	if (!err_is_set(e))
		run_until(s->run, NULL, NULL, USEC_NEVER);
	listener_free(plain);
	listener_free(tls);
	end_sessions(s);
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	(void)operands;
	const struct xmppserve *o = settings;
	struct server s = { .run = r };
	struct certificate c = { 0 };
	run_use_output(r, &o->output);
	run_use_deadline(r, &o->time, USEC_NEVER);
	link_init(&s.sessions);
	const char *domain = o->domain ? o->domain : "localhost";
	if (!xmpp_jid_make(
		    &s.domain, SPAN_EMPTY, span_of(domain), SPAN_EMPTY, e))
		e->status = STATUS_USAGE;
	else if (fault_parse(&s.faults, &o->fault, e) &&
		 add_accounts(&s, o, e) && open_tls(&s, &c, o, e))
		serve(&s, o, c.ca, e);
	tls_config_free(s.tls);
	remove_certificate(&c);
	user_free_all(&s);
	xmpp_jid_clear(&s.domain);
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
	struct xmppserve settings = { 0 };
	return cli_main(&command, argc, argv, &settings);
}
