/* sipdig - where a SIP URI leads, step by step (RFC 3263, RFC 6116) */

#include <string.h>

#include "base/mem.h"
#include "cli/out.h"
#include "cli/record.h"
#include "cli/run.h"
#include "sip/locate.h"

struct sipdig {
	struct run_options run;
	struct net_options net;
	const char *transport, *enum_suffix;
};

static const char *const transports[] = { "udp", "tcp", "tls", "ws", "wss",
	NULL };

static const struct opt options[] = {
	{ OPT_GROUP, .help = "SIP" },
	{ OPT_WORD, 0, "transport", "PROTOCOL",
		"as if the URI said it: udp, tcp, tls, ws or wss",
		.offset = offsetof(struct sipdig, transport),
		.words = transports },
	{ OPT_STRING, 0, "enum", "DOMAIN",
		"where the numbers of tel: are (e164.arpa)",
		.offset = offsetof(struct sipdig, enum_suffix) },
	{ OPT_USE, .use = net_options, .offset = offsetof(struct sipdig, net) },
	{ OPT_USE, .use = run_options, .offset = offsetof(struct sipdig, run) },
	{ OPT_END },
};

/* One URI on its way. */
struct dig {
	struct run *run;
	const char *uri;
	struct sip_locate *locate;
	struct err outcome; /* why there is no target */
	struct err broken;  /* of our own output */
};

/* ---- records ------------------------------------------------------------------ */

static void put(struct dig *d, struct record *r)
{
	struct err e = ERR_NONE;

	if (!record_end(r, &e) && err_is_set(&e))
		d->broken = e;
}

/* The data of a record, as in a zone file. */
static void add_answer(
	struct record *r, struct buf *text, const struct sip_locate_step *s)
{
	char address[ENDPOINT_TEXT_SIZE];

	if (s->naptr) {
		buf_printf(text, "\"%s\" \"%s\" \"%s\" %s", s->naptr->flags,
			s->naptr->services, s->naptr->regexp,
			s->naptr->replacement);
	} else if (s->srv) {
		buf_str(text, s->srv->target);
	} else if (s->address) {
		buf_str(text,
			endpoint_format_address(address, s->address, false));
	} else {
		return;
	}
	record_text(r, KEY_ANSWER, buf_view(text));
	if (s->ttl != RESOLVE_NO_TTL)
		record_int(r, KEY_TTL_S, s->ttl);
}

static void report_step(void *arg, const struct sip_locate_step *s)
{
	struct dig *d = arg;
	struct buf answer = BUF_INIT(2048);
	struct record r;

	if (d->run->output.quiet)
		return;
	record_begin(&r, d->run->out, RECORD_LOOKUP, RECORD_SIP,
		loop_wall(d->run->loop));
	record_str(&r, KEY_TO, d->uri);
	record_str(&r, KEY_QUESTION, s->question);
	record_str(&r, KEY_RECORD_TYPE, s->type);
	add_answer(&r, &answer, s);
	if (s->naptr) {
		record_int(&r, KEY_ORDER, s->naptr->order);
		record_int(&r, KEY_PREFERENCE, s->naptr->preference);
	}
	if (s->srv) {
		record_int(&r, KEY_PRIORITY, s->srv->priority);
		record_int(&r, KEY_WEIGHT, s->srv->weight);
		record_int(&r, KEY_PORT, s->srv->port);
	}
	record_bool(&r, KEY_CHOSEN, s->is_chosen);
	record_str(&r, KEY_TEXT, s->why);
	put(d, &r);
	buf_clear(&answer);
}

static void report_target(
	struct dig *d, const struct sip_target *target, size_t place)
{
	char address[ENDPOINT_TEXT_SIZE];
	const char *made = sip_locate_enum_uri(d->locate);
	struct record r;

	record_begin(&r, d->run->out, RECORD_TARGET, RECORD_SIP,
		loop_wall(d->run->loop));
	record_str(&r, KEY_TO, d->uri);
	record_int(&r, KEY_SEQUENCE, (int64_t)place);
	record_str(&r, KEY_TRANSPORT, sip_transport_param(target->kind));
	record_str(&r, KEY_ADDRESS,
		endpoint_format_address(address, &target->address, false));
	record_int(&r, KEY_PORT, endpoint_port(&target->address));
	if (target->name)
		record_str(&r, KEY_TLS_NAME, target->name);
	if (made)
		record_str(&r, KEY_REQUEST_URI, made);
	put(d, &r);
}

static void report_error(struct dig *d)
{
	struct record r;

	record_begin(&r, d->run->out, RECORD_ERROR, RECORD_SIP,
		loop_wall(d->run->loop));
	record_str(&r, KEY_TO, d->uri);
	if (d->outcome.condition[0])
		record_str(&r, KEY_CONDITION, d->outcome.condition);
	record_str(&r, KEY_TEXT, d->outcome.text);
	put(d, &r);
}

/* ---- one URI -------------------------------------------------------------------- */

static void located(void *arg, const struct sip_target *targets, size_t count,
	const struct err *e)
{
	struct dig *d = arg;

	for (size_t i = 0; i < count; i++)
		report_target(d, &targets[i], i + 1);
	d->locate = NULL;
	d->outcome = *e;
	if (err_is_set(e))
		report_error(d);
}

static bool is_located(void *arg)
{
	const struct dig *d = arg;

	return !d->locate || err_is_set(&d->broken);
}

/* A domain or a number is as good as a URI. */
static char *uri_of(const char *operand)
{
	enum sip_scheme kind;
	struct span scheme;

	if (operand[0] == '+')
		return mem_format("tel:%s", operand);
	/* "host:5060" is a host and a port, not a scheme */
	if (!sip_uri_scheme(span_of(operand), &kind, &scheme) ||
		kind == SIP_SCHEME_OTHER)
		return mem_format("sip:%s", operand);
	return mem_str(operand);
}

/* False: it leads nowhere (e), or the run is over (*over). */
static bool dig(struct run *r, const struct sipdig *s, const char *uri,
	bool *over, struct err *e)
{
	struct dig d = { .run = r, .uri = uri };
	struct sip_locate_settings settings = { .loop = r->loop,
		.resolver = run_resolver(r, &s->net, e),
		.family = s->net.v4   ? RESOLVE_V4
			  : s->net.v6 ? RESOLVE_V6
				      : RESOLVE_ANY,
		.kind = s->transport ? sip_transport_find(span_of(s->transport))
				     : SIP_TRANSPORT_NONE,
		.connect_to = s->net.connect_to.items,
		.enum_suffix = s->enum_suffix,
		.step = report_step };

	if (!settings.resolver)
		return false;
	d.locate = sip_locate_new(&settings, span_of(uri), located, &d);
	enum run_end end = run_until(r, is_located, &d, USEC_NEVER);
	sip_locate_cancel(d.locate);
	*over = end != RUN_DONE || err_is_set(&d.broken);
	*e = err_is_set(&d.broken) ? d.broken : d.outcome;
	if (end == RUN_DEADLINE)
		run_timed_out(r, uri, e);
	else if (err_is_set(e) && !err_is_set(&d.broken))
		err_prefix(e, "%s", uri);
	return end == RUN_DONE && !err_is_set(e);
}

/* Each that leads nowhere has its sentence; the last of them is the run's, with
 * the worst status. */
static bool run(struct run *r, void *settings, char **operands, struct err *e)
{
	const struct sipdig *s = settings;
	bool over = false;
	struct err worst = ERR_NONE;
	size_t lost = 0;

	run_use(r, &s->run, 30 * USEC_SEC);
	for (; *operands && !over; operands++) {
		char *uri = uri_of(*operands);
		struct err why = ERR_NONE;
		bool found = dig(r, s, uri, &over, &why);
		mem_free(uri);
		if (found || !err_is_set(&why))
			continue;
		if (lost++)
			run_warn(r, "%s", worst.text);
		enum status status =
			lost == 1 ? why.status
				  : status_worse(worst.status, why.status);
		worst = why;
		worst.status = status;
	}
	*e = worst;
	return lost == 0;
}

static const struct command command = {
	.name = "sipdig",
	.summary = "show where a SIP URI leads, step by step",
	.synopsis = "[options] URI|DOMAIN|NUMBER [...]",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.operand_kind = "sip-uri",
	.run = run,
};

int main(int argc, char **argv)
{
	struct sipdig settings = { .transport = NULL };
	return cli_main(&command, argc, argv, &settings);
}
