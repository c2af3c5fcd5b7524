#!/bin/bash
# A foreign library is included only at its door, and never by a header of
# common/ (common/README has the same table in words).
. "${TOP:-.}/tests/lib.sh" || exit 1
cd "$TOP" || exit 1

doors='event2/           net/loop_event.c
ares.h            net/resolve_ares.c
wslay/            net/ws_frame.c
openssl/          net/tls*.[ch] base/hash*.c base/openssl.[ch]
jansson.h         cli/record_in.c xmpp/host_meta_json.c
osipparser2/      sip/osip.c
libxml/           xml/sax.c
spandsp.h         media/codec.c
stringprep.h      xmpp/prep.c
idn2.h            xmpp/prep.c
ini.h             cli/account_file.c
curl/             net/http*.[ch]
pcap/             capture/live.c
sndfile.h         media/file.c
readline/         cli/edit.c
sqlite3.h         base/store.c'

bad=$(grep -n '^#include <' common/*/*.[ch] | while IFS=: read -r file line text
do
	header=${text#*<}
	header=${header%>*}
	while read -r prefix allowed; do
		[[ $header == "$prefix"* ]] || continue
		fits=
		for door in $allowed; do
			# shellcheck disable=SC2053 # a pattern
			[[ ${file#common/} == $door ]] && fits=1
		done
		[ -n "$fits" ] || echo "$file:$line: <$header> not at its door"
	done <<<"$doors"
done)
is "$bad" '' 'foreign headers stand only at their doors'

# A header of a door that includes one is that door's own, never another's.
bad=$(grep -ln '^#include <\(openssl\|osipparser2\|libxml\|event2\)/' \
	common/*/*.h | while read -r header; do
	room=${header#common/}
	room=${room%%/*}
	grep -l "^#include \"${header#common/}\"" common/*/*.c common/*/*.h \
		cmd/*.c cmd/*/*.[ch] 2>/dev/null |
		grep -vE "^common/$room/|^common/base/(hash|openssl)" |
		sed "s|\$|: includes the private $header|"
done)
is "$bad" '' 'no foreign type leaves its room'
finish
