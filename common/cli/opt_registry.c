#include <string.h>

#include "cli/opt.h"

/* A letter means the same in every tool.  What stands with a tool is that
 * tool's named exception and hides the common meaning there. */
static const struct opt_letter registry[] = {
	{ '4', "ipv4", NULL },
	{ '6', "ipv6", NULL },
	{ 'H', "header", NULL },
	{ 'V', "version", NULL },
	{ 'W', "reply-wait", NULL },
	{ 'T', "traceroute", NULL },
	{ 'a', "account", NULL },
	{ 'c', "count", NULL },
	{ 'h', "help", NULL },
	{ 'i', "interval", NULL },
	{ 'j', "json", NULL },
	{ 'l', "lines", NULL },
	{ 'q', "quiet", NULL },
	{ 'v', "verbose", NULL },
	{ 'w', "wait", NULL },
	/* tcpdump's letters, which everybody who captures has in the hand */
	{ 'e', "regex", "sipsniff" },
	{ 'i', "interface", "sipsniff" },
	{ 'r', "read", "sipsniff" },
	{ 'w', "write", "sipsniff" },
	{ 'x', "whole", "sipsniff" },
};

bool opt_letter_at(size_t index, struct opt_letter *out)
{
	if (index >= sizeof(registry) / sizeof(registry[0]))
		return false;
	*out = registry[index];
	return true;
}

const char *opt_registered(const char *tool, char letter)
{
	const char *name = NULL;
	struct opt_letter l;
	for (size_t i = 0; opt_letter_at(i, &l); i++) {
		if (l.letter != letter)
			continue;
		if (!l.tool && !name)
			name = l.name;
		if (l.tool && strcmp(l.tool, tool) == 0)
			name = l.name;
	}
	return name;
}
