/* dns - a scripted nameserver for the tests of tools
 *
 * usage: dns [-l ADDR[:PORT]] [FILE]
 *
 * Reads a zone (tests/common/zone.h) from FILE or standard input to its end,
 * prints the address it answers at, by UDP and TCP, as one line, and answers
 * until a signal ends it. */
#include <stdio.h>
#include <unistd.h>

#include "base/fatal.h"
#include "tests/common/dns_server.h"

#define ZONE_MAX (1 << 20)

static void read_all(struct buf *text, const char *path)
{
	FILE *file = path ? fopen(path, "re") : stdin;
	char bytes[4096];
	if (!file)
		fatal("cannot read the zone");
	for (size_t n; (n = fread(bytes, 1, sizeof(bytes), file)) > 0;)
		if (!buf_add(text, bytes, n))
			fatal("the zone is too large");
	if (path)
		fclose(file);
}

int main(int argc, char **argv)
{
	struct buf text = BUF_INIT(ZONE_MAX);
	const char *listen = "127.0.0.1:0";
	char address[ENDPOINT_TEXT_SIZE];
	struct endpoint local;
	struct err e = ERR_NONE;
	fatal_set_name("dns");
	for (int option; (option = getopt(argc, argv, "l:")) != -1;) {
		if (option != 'l')
			fatal("usage: dns [-l ADDR[:PORT]] [FILE]");
		listen = optarg;
	}
	read_all(&text, argv[optind]);
	struct zone *zone = zone_new(buf_view(&text), &e);
	struct loop *loop = loop_new(&e);
	if (!zone || !endpoint_parse(&local, span_of(listen), 0, &e))
		fatal(e.text);
	struct dns_server *server = dns_server_new(loop, &local, zone, &e);
	if (!server)
		fatal(e.text);
	printf("%s\n", endpoint_format(address, dns_server_local(server)));
	fflush(stdout);
	for (;;)
		loop_turn(loop, USEC_NEVER);
}
