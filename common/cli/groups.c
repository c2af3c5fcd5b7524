#include "cli/run.h"

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
