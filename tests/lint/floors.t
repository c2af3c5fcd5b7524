#!/bin/sh
# A room of common/ includes only rooms of the floors below it (common/README).
cd "$TOP" || exit 1
echo 1..1
bad=$(grep -nE '^#include "' common/*/*.c common/*/*.h cmd/*.c cmd/*/*.[ch] 2>/dev/null |
awk -F: '
BEGIN {
	allow["base"] = "base"
	allow["net"] = "base net"
	allow["xml"] = "base xml"
	allow["sip"] = allow["net"] " xml sip"
	allow["xmpp"] = allow["net"] " xml xmpp"
	allow["media"] = allow["net"] " media"
	allow["capture"] = allow["net"] " capture"
	allow["call"] = allow["sip"] " media call"
	allow["trace"] = allow["sip"] " media capture trace"
	allow["bridge"] = allow["sip"] " xmpp bridge"
	allow["cli"] = "base net xml sip xmpp media capture call trace bridge cli"
}
{
	n = split($1, path, "/")
	if (path[1] != "common")
		next
	split($3, quoted, "\"")
	split(quoted[2], target, "/")
	if (index(" " allow[path[2]] " ", " " target[1] " ") == 0)
		print $1 ":" $2 ": " path[2] "/ may not include " quoted[2]
}
')
if [ -z "$bad" ]; then
	echo "ok 1 - every include stays on its floor or goes down"
else
	echo "not ok 1 - every include stays on its floor or goes down"
	echo "$bad" | sed 's/^/# /'
fi
