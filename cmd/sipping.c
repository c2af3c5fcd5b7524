/* sipping - ping a SIP server with OPTIONS (RFC 3261 section 11) */

#include "base/list.h"
#include "base/mem.h"
#include "base/rand.h"
#include "cli/out.h"
#include "cli/probe.h"
#include "cli/record.h"
#include "cli/run.h"
#include "cli/sip_agent.h"
#include "sip/compose.h"
#include "sip/locate.h"

#define CALL_ID_LENGTH 24
#define TAG_LENGTH 12

struct sipping {
	struct output_options output;
	struct time_options time;
	struct net_options net;
	struct sip_agent_options agent;
	struct probe_options probe;
};

static const struct opt options[] = {
	{ OPT_USE, .use = probe_options,
		.offset = offsetof(struct sipping, probe) },
	{ OPT_USE, .use = sip_agent_options,
		.offset = offsetof(struct sipping, agent) },
	{ OPT_USE, .use = net_options,
		.offset = offsetof(struct sipping, net) },
	{ OPT_USE, .use = time_options,
		.offset = offsetof(struct sipping, time) },
	{ OPT_USE, .use = output_options,
		.offset = offsetof(struct sipping, output) },
	{ OPT_END },
};

/* The whole run: where to, what came back. */
struct pinger {
	struct run *run;
	const struct sipping *s;
	struct sip_agent agent;
	struct span uri;
	char call_id[CALL_ID_LENGTH + 1], from_tag[TAG_LENGTH + 1];
	struct sip_locate *locate;
	struct sip_target targets[SIP_TARGETS_MAX];
	char *names[SIP_TARGETS_MAX];
	size_t target_count, target; /* the one that is pinged now */
	struct link pings;           /* that are out */
	struct probe probe;
	struct err nowhere; /* why there is nobody to ask */
	struct err broken;  /* of our own output */
	uint32_t cseq;
	struct err denied; /* the password that was given is no use there */
};

struct ping {
	struct link link;
	struct pinger *of;
	struct sip_client *client;
	struct timer *patience;
	int64_t sequence;
	char *request; /* as it was sent, where there is a login */
	struct sip_login_tries tries;
	bool is_again; /* it was challenged, and the answer is known */
};

/* ---- records ------------------------------------------------------------------ */

static void check_written(struct pinger *p, bool written, const struct err *e)
{
	if (!written && err_is_set(e))
		p->broken = *e;
}

static void report_answer(struct pinger *p, const struct ping *ping, usec_t rtt,
	const struct sip_scan *m)
{
	struct record r;
	struct err e = ERR_NONE;
	struct span agent = sip_scan_value(m, SIP_HDR_SERVER);

	if (p->run->output.quiet)
		return;
	if (agent.n == 0)
		agent = sip_scan_value(m, SIP_HDR_USER_AGENT);
	record_begin(&r, p->run->out, RECORD_PING, RECORD_SIP,
		loop_wall(p->run->loop));
	record_text(&r, KEY_FROM, p->uri);
	record_int(&r, KEY_SEQUENCE, ping->sequence);
	record_decimal(&r, KEY_RTT_MS, rtt, 3);
	record_int(&r, KEY_STATUS_CODE, m->status_code);
	record_text(&r, KEY_REASON, m->reason);
	if (agent.n)
		record_text(&r, KEY_USER_AGENT, agent);
	check_written(p, record_end(&r, &e), &e);
}

static void report_loss(
	struct pinger *p, const struct ping *ping, const struct err *why)
{
	struct err e = ERR_NONE;

	if (p->run->output.quiet)
		return;
	check_written(p,
		probe_report_loss(&p->probe, p->run->out, RECORD_SIP, p->uri,
			ping->sequence, why, &e),
		&e);
}

static void report_summary(struct pinger *p)
{
	struct err e = ERR_NONE;

	check_written(p,
		probe_report(&p->probe, p->run->out, RECORD_SIP, p->uri, &e),
		&e);
}

/* ---- one ping ------------------------------------------------------------------- */

static bool send_ping(struct ping *ping, struct err *e);

static void ping_free(struct ping *ping)
{
	list_remove(&ping->link);
	timer_free(ping->patience);
	mem_free(ping->request);
	mem_free(ping);
}

/* The next address is tried only while none has ever answered: after that a
 * loss is a loss. */
static bool go_to_next_target(struct pinger *p)
{
	if (p->probe.received || p->target + 1 >= p->target_count)
		return false;
	p->target++;
	return true;
}

static void ping_lost(struct ping *ping, const struct err *e)
{
	struct pinger *p = ping->of;

	probe_lost(&p->probe, e);
	report_loss(p, ping, e);
	ping_free(ping);
}

static void ping_times_out(void *arg)
{
	struct ping *ping = arg;
	struct err e;

	sip_client_abandon(ping->client);
	go_to_next_target(ping->of);
	err_set(&e, STATUS_TIMEOUT, "no answer");
	err_condition(&e, "timeout", true);
	ping_lost(ping, &e);
}

static struct sip_login_way way_of(const struct pinger *p)
{
	return (struct sip_login_way){
		.next_hop = sip_compose_next_hop(
			p->agent.ua, SPAN_EMPTY, p->uri),
		.remote = &p->targets[p->target].address
	};
}

/* A challenge that our account can answer is none to talk about. */
static bool is_answerable(struct ping *ping, const struct sip_scan *m)
{
	struct pinger *p = ping->of;
	struct sip_login_way way = way_of(p);
	struct sip_scan *sent;

	if (!p->agent.login || (m->status_code != 401 && m->status_code != 407))
		return false;
	sent = mem_alloc(sizeof(*sent));
	sip_scan(sent, span_of(ping->request));
	bool good = sip_login_challenged(
		p->agent.login, &ping->tries, sent, m, &way, &p->denied);
	mem_free(sent);
	return good;
}

static void on_response(void *arg, struct sip_client *c, struct sip_scan *m)
{
	struct ping *ping = arg;
	struct pinger *p = ping->of;
	usec_t rtt = loop_now(p->run->loop) - sip_client_sent_at(c);

	if (m->status_code < 200)
		return; /* at work, says nothing yet */
	ping->is_again = is_answerable(ping, m);
	if (ping->is_again)
		return;
	probe_answered(&p->probe, rtt);
	report_answer(p, ping, rtt, m);
}

static void on_ended(void *arg, const struct err *e)
{
	struct ping *ping = arg;
	struct err again;

	ping->client = NULL;
	if (ping->is_again) {
		ping->is_again = false;
		if (!send_ping(ping, &again))
			ping_lost(ping, &again);
	} else if (!e)
		ping_free(ping);
	else if (!go_to_next_target(ping->of))
		ping_lost(ping, e);
	else if (!send_ping(ping, &again))
		ping_lost(ping, &again);
}

static void compose(struct buf *out, struct pinger *p,
	const struct sip_target *target, const struct endpoint *local)
{
	struct buf from = BUF_INIT(SIP_LINE_MAX);
	char address[ENDPOINT_TEXT_SIZE];

	if (sip_agent_from(&p->agent).n)
		buf_span(&from, sip_agent_from(&p->agent));
	else
		buf_printf(&from, "<sip:sipping@%s>",
			endpoint_format_address(address, local, true));
	struct sip_compose c = { .method = SPAN("OPTIONS"),
		.request_uri = p->uri,
		.from = buf_view(&from),
		.to = sip_agent_to(&p->agent),
		.tag = span_of(p->from_tag),
		.call_id = span_of(p->call_id),
		.cseq = ++p->cseq,
		.user = SPAN("sipping") };
	sip_compose(out, p->agent.ua, &c, target, local);
	sip_msg_add(out, SIP_HDR_ACCEPT, SPAN("application/sdp"));
	sip_msg_end(out, SPAN_EMPTY, SPAN_EMPTY);
	buf_clear(&from);
}

static void sign(struct ping *ping, struct buf *text)
{
	struct sip_login_way way = way_of(ping->of);

	if (!ping->of->agent.login)
		return;
	sip_login_sign(text, ping->of->agent.login, &way);
	mem_free(ping->request);
	ping->request = mem_strn(text->data, text->len);
}

static bool send_ping(struct ping *ping, struct err *e)
{
	static const struct sip_client_handlers handlers = {
		.response = on_response, .ended = on_ended
	};
	struct pinger *p = ping->of;
	const struct sip_target *target = &p->targets[p->target];
	struct buf text = BUF_INIT(SIP_MSG_MAX);
	struct endpoint local;

	if (sip_transport_local(
		    sip_ua_transport(p->agent.ua), target, &local, e)) {
		compose(&text, p, target, &local);
		sign(ping, &text);
		ping->client = sip_client_new(sip_ua_transactions(p->agent.ua),
			buf_view(&text), target, &handlers, ping, e);
	}
	buf_clear(&text);
	return ping->client != NULL;
}

static void ask(void *arg, int64_t sequence)
{
	struct pinger *p = arg;
	struct err e;

	struct ping *ping = mem_alloc(sizeof(*ping));
	ping->of = p;
	ping->sequence = sequence;
	ping->patience = timer_new(p->run->loop, ping_times_out, ping);
	list_append(&p->pings, &ping->link);
	timer_set(ping->patience, p->s->probe.reply_wait);
	if (!send_ping(ping, &e))
		ping_lost(ping, &e);
}

/* ---- the run --------------------------------------------------------------------- */

static void located(void *arg, const struct sip_target *targets, size_t count,
	const struct err *e)
{
	struct pinger *p = arg;

	p->locate = NULL;
	p->target_count = count;
	for (size_t i = 0; i < count; i++) {
		p->targets[i] = targets[i];
		p->targets[i].name = p->names[i] = mem_str(targets[i].name);
	}
	if (count)
		probe_start(&p->probe, p->run->loop, &p->s->probe, ask, p);
	else
		p->nowhere = *e;
}

static bool is_done(void *arg)
{
	const struct pinger *p = arg;

	if (err_is_set(&p->broken))
		return true;
	return !p->locate && (!p->target_count || probe_is_done(&p->probe));
}

static void start(struct pinger *p)
{
	const struct sip_ua_settings *ua = sip_ua_settings(p->agent.ua);
	struct sip_locate_settings s = { .loop = p->run->loop,
		.resolver = ua->resolver,
		.family = ua->family,
		.kinds = sip_ua_kinds(p->agent.ua),
		.connect_to = ua->connect_to,
		.kind = p->agent.transport };

	rand_token(p->call_id, CALL_ID_LENGTH);
	rand_token(p->from_tag, TAG_LENGTH);
	p->locate = sip_locate_new(&s, way_of(p).next_hop, located, p);
}

static void stop(struct pinger *p)
{
	sip_locate_cancel(p->locate);
	probe_stop(&p->probe);
	LIST_EACH(&p->pings, at)
	{
		struct ping *ping = LIST_ITEM(at, struct ping, link);
		sip_client_abandon(ping->client);
		ping_free(ping);
	}
	for (size_t i = 0; i < p->target_count; i++)
		mem_free(p->names[i]);
}

static bool ping_all(struct pinger *p, const char *uri, enum run_end *end,
	struct err *e)
{
	struct sip_ua_settings settings = { 0 };
	const char *local = p->s->agent.local;
	bool ok = sip_agent_open(&p->agent, p->run, &p->s->agent,
			  ACCOUNT_OPTIONAL, &p->s->net, &settings, e) &&
		  sip_agent_check_uri(&p->agent, uri, e) &&
		  (!local || sip_agent_is_web(&p->agent) ||
			  sip_agent_listen(&p->agent, local, 0, &p->s->net,
				  NULL, e));

	if (ok) {
		start(p);
		*end = run_until(p->run, is_done, p, USEC_NEVER);
		if (p->probe.sent && !p->s->probe.nagios)
			report_summary(p);
		stop(p);
	}
	sip_agent_close(&p->agent);
	return ok;
}

/* Any final response means alive; but a password that was given and is no use
 * is worth a word. */
static bool judge(const struct pinger *p, struct err *e)
{
	if (err_is_set(&p->broken)) {
		*e = p->broken;
		return false;
	}
	if (!p->target_count && err_is_set(&p->nowhere))
		*e = p->nowhere;
	else if (err_is_set(&p->denied))
		*e = p->denied;
	else if (probe_judge(&p->probe, p->run, e))
		return true;
	err_prefix(e, "%.*s", SPAN_ARGS(p->uri));
	return false;
}

static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	struct sipping *s = settings;
	struct pinger p = { .run = r, .s = s };
	const struct probe *probe = &p.probe;
	enum run_end end = RUN_DONE;

	run_use_output(r, &s->output);
	run_use_deadline(r, &s->time, USEC_NEVER);
	probe_options_use(&s->probe, r);
	link_init(&p.pings);
	p.uri = span_of(operands[0]);
	bool tried = ping_all(&p, operands[0], &end, e);
	bool good = tried && (end == RUN_SIGNAL || end == RUN_READER_LEFT ||
				     judge(&p, e));
	return s->probe.nagios ? probe_monitor(&probe, 1, r, tried, e) : good;
}

static const struct command command = {
	.name = "sipping",
	.summary = "ping a SIP server with OPTIONS",
	.synopsis = "[options] URI",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.operand_kind = "sip-uri",
	.run = run,
};

int main(int argc, char **argv)
{
	struct sipping settings = { .probe = PROBE_OPTIONS_DEFAULTS };
	return cli_main(&command, argc, argv, &settings);
}
