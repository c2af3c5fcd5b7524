#include "cli/run.h"

#include <stdlib.h>

#include "cli/out.h"

const struct opt output_options[] = {
	{ OPT_GROUP, .help = "Output" },
	{ OPT_FLAG, 'j', "json", .help = "records as JSON Lines",
		.offset = offsetof(struct output_options, json) },
	{ OPT_FLAG, 'q', "quiet",
		.help = "no warnings; only what was asked for",
		.offset = offsetof(struct output_options, quiet) },
	{ OPT_COUNT, 'v', "verbose",
		.help = "say what is done; twice: show the wire, without "
			"secrets",
		.offset = offsetof(struct output_options, verbose) },
	{ OPT_END },
};

const struct opt time_options[] = {
	{ OPT_GROUP, .help = "Time" },
	{ OPT_DURATION, 'w', "wait", "SECONDS",
		"give up after this long; the whole run's deadline",
		.offset = offsetof(struct time_options, wait), .min = USEC_MS,
		.max = 365 * 86400 * USEC_SEC },
	{ OPT_END },
};

const struct opt run_options[] = {
	{ OPT_USE, .use = time_options,
		.offset = offsetof(struct run_options, time) },
	{ OPT_USE, .use = output_options,
		.offset = offsetof(struct run_options, output) },
	{ OPT_END },
};

const struct opt net_options[] = {
	{ OPT_GROUP, .help = "Network" },
	{ OPT_FLAG, '4', "ipv4", .help = "IPv4 only",
		.offset = offsetof(struct net_options, v4) },
	{ OPT_FLAG, '6', "ipv6", .help = "IPv6 only",
		.offset = offsetof(struct net_options, v6) },
	{ OPT_LIST, 0, "connect-to", "HOST:PORT:ADDR:PORT",
		"connect to the second where the first is meant; may be "
		"given again",
		.offset = offsetof(struct net_options, connect_to) },
	{ OPT_ENDPOINT, 0, "resolver", "ADDR[:PORT]",
		"ask this name server instead of the system's",
		.offset = offsetof(struct net_options, resolver) },
	{ OPT_END },
};

const struct opt tls_options[] = {
	{ OPT_GROUP, .help = "TLS" },
	{ OPT_FILE, 0, "ca", "FILE", "trust these authorities only",
		.offset = offsetof(struct tls_options, ca) },
	{ OPT_FILE, 0, "cert", "FILE", "own certificate, with its chain",
		.offset = offsetof(struct tls_options, cert) },
	{ OPT_FILE, 0, "key", "FILE", "private key, where it is not in --cert",
		.offset = offsetof(struct tls_options, key) },
	{ OPT_STRING, 0, "tls-name", "NAME",
		"the name the certificate must have",
		.offset = offsetof(struct tls_options, tls_name) },
	{ OPT_STRING, 0, "pin", "sha256//BASE64",
		"accept this public key and no other",
		.offset = offsetof(struct tls_options, pin) },
	{ OPT_FLAG, 0, "insecure",
		.help = "verify nothing: for tests only, warns",
		.offset = offsetof(struct tls_options, insecure) },
	{ OPT_END },
};

/* ---- what becomes of them ---- */

void run_use_output(struct run *r, const struct output_options *o)
{
	r->output = *o;
	out_set_json(r->out, o->json);
}

void run_use_deadline(
	struct run *r, const struct time_options *o, usec_t fallback)
{
	r->allowed = o->wait ? o->wait : fallback;
	r->deadline = r->allowed == USEC_NEVER ? USEC_NEVER
					       : loop_now(r->loop) + r->allowed;
}

void run_use(struct run *r, const struct run_options *o, usec_t fallback)
{
	run_use_output(r, &o->output);
	run_use_deadline(r, &o->time, fallback);
}

struct resolver *run_resolver(
	struct run *r, const struct net_options *o, struct err *e)
{
	if (!r->resolver)
		r->resolver = resolver_new(r->loop, o->resolver, e);
	return r->resolver;
}

struct tls_settings run_tls_settings(struct run *r, const struct tls_options *o)
{
	const char *keylog = getenv("SSLKEYLOGFILE");
	if (o->insecure)
		run_warn(r, "--insecure: the far side's certificate is not "
			    "verified, anybody may be listening");
	return (struct tls_settings){
		.insecure = o->insecure,
		.ca_file = o->ca,
		.cert_file = o->cert,
		.key_file = o->key,
		.pin = o->pin,
		.keylog_file = keylog && *keylog ? keylog : NULL,
	};
}

struct tls_config *run_tls_config(struct run *r, const struct tls_options *o,
	const char *alpn, struct err *e)
{
	struct tls_settings settings = run_tls_settings(r, o);
	settings.alpn = alpn;
	return tls_config_new(&settings, e);
}
