#!/bin/bash
# sipsniff: what it shows of a capture, in what form, and how it ends.
# shellcheck disable=SC2016
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

captures make >"$T/all.pcap" || bail 'no capture'

# ---- records -----------------------------------------------------------------

run sipsniff -r "$T/all.pcap"
is "$status" 0 'a capture with SIP in it is 0'
is "$(wc -l <"$T/out")" 24 'a record a message'
like "$err" '^sipsniff: messages left out, .* TCP segments .*: 1$' \
	'a message over two segments is left out, and that is said'
is "$(awk -F'\t' 'NF != 14' "$T/out")" '' 'a record has fourteen columns'
is "$(head -1 "$T/out" | tr '\t' '|')" "$(printf '%s' 'sip|' \
	'2025-11-22T10:15:30.000000Z|192.0.2.1:5060|192.0.2.2:5060|udp|' \
	'INVITE|sip:bob@example.org|-|-|sip:alice@example.org|' \
	'sip:bob@example.org|call-v4|1 INVITE|-')" 'the columns are those of sip'
cp "$T/out" "$T/text"

run sipsniff -j -r "$T/all.pcap"
json_lines "$T/out" 'with -j each line is JSON'
is "$(jq -s length "$T/out")" 24 'and there are as many'
is "$(sed -n 2p "$T/out")" "$(printf '%s' \
	'{"type":"sip","proto":"sip","time":"2025-11-22T10:15:30.001234Z",' \
	'"src":"192.0.2.2:5060","dst":"192.0.2.1:5060","transport":"udp",' \
	'"status_code":100,"reason":"Trying","from":"sip:alice@example.org",' \
	'"to":"sip:bob@example.org","call_id":"call-v4","cseq":"1 INVITE",' \
	'"from_tag":"a-call-v4","to_tag":"b",' \
	'"branch":"z9hG4bK-call-v4-INVITE","content_type":"text/plain",' \
	'"body_length":2}')" 'a response has all that joins it to others'
is "$(jq -r 'select(.call_id == "call-v6") | .src' "$T/out" | sort -u)" \
	$'[2001:db8::1]:5060\n[2001:db8::2]:5070' 'IPv6 is in brackets'
is "$(jq -c 'select(.transport == "tcp") | [.call_id, .body_length]' \
	"$T/out" | tr -d '\n')" '["tcp-1",5]["tcp-2",6]["tcp-1",5]' \
	'a TCP segment has several'
cp "$T/out" "$T/json"

run sipsniff -j --headers -r "$T/all.pcap"
is "$(head -1 "$T/out" | jq -r '.headers[] | .name' | tr '\n' ' ')" \
	'Via Max-Forwards From To Call-ID CSeq Contact Content-Type Content-Length ' \
	'--headers has them in order'
run sipsniff --headers -r "$T/all.pcap"
is "$status" 2 '--headers without -j is a usage error'

run sipsniff -x -r "$T/all.pcap"
is "$(grep -v '^	' "$T/out")" "$(cat "$T/text")" \
	'-x: without the lines behind a TAB it is the records'
is "$(sed -n 2p "$T/out")" $'\tINVITE sip:bob@example.org SIP/2.0' \
	'and they begin with the start line'
is "$(sed -n 12,13p "$T/out")" $'\t\n\thi' 'and end with the body'
run sipsniff -x -j -r "$T/all.pcap"
is "$(head -1 "$T/out" | jq -j .raw | tail -c 2)" hi \
	'-x -j: raw is the message to its last byte'

run sipsniff -q -r "$T/all.pcap"
is "$status$out$err" 0 '-q prints nothing, and 0 says that there was SIP'
run sipsniff -qv -r "$T/all.pcap"
like "$err" 'packets: 27 .*UDP 24, TCP with data 3.*SIP messages: 24' \
	'-v says what was seen'

# ---- where captures come from ------------------------------------------------

run sipsniff -j -r - <"$T/all.pcap"
is "$out" "$(cat "$T/json")" '-r - reads standard input'
# shellcheck disable=SC2094
run bash -c 'perl -e "$| = 1; while (sysread(STDIN, \$_, 777)) { print }" |
	sipsniff -j -r -' <"$T/all.pcap"
is "$out" "$(cat "$T/json")" 'in whatever pieces it comes'
for kind in fragments ethernet vlan qinq sll sll2 raw null loop swapped nano \
	pcapng sections; do
	captures turn $kind <"$T/all.pcap" >"$T/turned"
	run sipsniff -j -r "$T/turned"
	is "$status $(cmp "$T/out" "$T/json" 2>&1)" '0 ' \
		"the same in another form: $kind"
done

# A pipe that stays open: what came is shown before the rest comes.
mkfifo "$T/live.in"
exec {live}<>"$T/live.in"
start live sipsniff -r -
cat "$T/all.pcap" >&"$live"
ok 'a record comes while the pipe is open' await live 'tcp-2'
exec {live}>&-
stop live INT
is "$status" 130 'SIGINT ends it, and a shell sees that'

# ---- how it ends -------------------------------------------------------------

head -c 24 "$T/all.pcap" >"$T/none.pcap"
run sipsniff -r "$T/none.pcap"
is "$status$out$err" 1 'a capture without SIP is 1, as of grep'

head -c 2000 "$T/all.pcap" >"$T/cut.pcap"
run sipsniff -r "$T/cut.pcap"
is "$status" 7 'a capture that is cut off is 7'
is "$(cmp "$T/out" <(head -5 "$T/text") 2>&1)" '' 'what was whole is shown'
like "$err" '^sipsniff: .*cut.pcap: capture is cut off .* behind packet 5$' \
	'and where it ends is said'

{ cat "$T/all.pcap" && head -c 100 /dev/zero | tr '\0' '\377'; } >"$T/bad.pcap"
run sipsniff -r "$T/bad.pcap"
is "$status $(cmp "$T/out" "$T/text" 2>&1)" '7 ' \
	'a capture that is corrupt is shown as far as it is not, and 7'

run sipsniff -r "$T/text"
is "$status" 7 'what is no capture is 7'
like "$err" 'neither pcap nor pcapng' 'and called so'
gzip <"$T/all.pcap" >"$T/all.pcap.gz"
run sipsniff -r "$T/all.pcap.gz"
like "$err" 'gzip -dc' 'one that is compressed comes with the way to read it'
run sipsniff -r "$T/missing.pcap"
is "$status" 8 'a file that is not there is 8'
like "$err" 'missing.pcap' 'by its name'
run sipsniff -r "$T"
is "$status" 8 'a folder is 8'
run bash -c 'sipsniff -r "$1" >/dev/full' - "$T/all.pcap"
is "$status" 8 'a full disk is 8'
run bash -c 'set -o pipefail; sipsniff -r "$1" | head -1' - "$T/all.pcap"
is "$status" 0 'a reader that has enough is no error'

# ---- what is not there yet ---------------------------------------------------

run sipsniff
is "$status" 2 'no capture is a usage error'
for option in '-i any' '-w f' '-e x' '--method INVITE' '--status 4xx' --calls; do
	# shellcheck disable=SC2086
	run sipsniff -r "$T/all.pcap" $option
	is "$status$out" 2 "$option is refused"
	like "$err" 'not there yet' "$option: with a sentence"
done
run sipsniff -r "$T/all.pcap" port 5060
is "$status" 2 'a filter is refused'
like "$err" 'tcpdump -r FILE -w - ' 'with a way to have it'

# ---- hostile -----------------------------------------------------------------

printf 'INVITE sip:\x1b[31m\tforged SIP/2.0\r\nCall-ID: \x9b1\\\r\n\r\n\tsip\n' \
	>"$T/hostile"
captures wrap <"$T/hostile" >"$T/hostile.pcap"
run sipsniff -x -r "$T/hostile.pcap"
unlike "$out" $'\x1b' 'no control character reaches a terminal'
is "$(grep -c '^sip' "$T/out")" 1 'no line of a message is taken for a record'
run sipsniff -x -j -r "$T/hostile.pcap"
is "$(jq -r .raw_base64 "$T/out" | base64 -d | cmp - "$T/hostile" 2>&1)" '' \
	'bytes that are no text come back as they were'
finish
