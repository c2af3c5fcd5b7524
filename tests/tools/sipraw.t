#!/bin/bash
# sipraw: templates, completion, replies, dialogs over several runs.
# shellcheck disable=SC2016,SC2119
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq

peer() { # ARGUMENT...: leaves $port, of the peer of this moment
	[ -z "${pids[peer]:-}" ] || stop peer
	start peer "$TOP/tests/mock/sip-peer" "$@"
	await_ready peer
	uri=sip:127.0.0.1:$port
}

request() { # METHOD [LINE...]: a template
	printf '%s\n' "$1 \${target} SIP/2.0" 'From: <sip:me@${local}>;tag=${tag}' \
		'To: ${to}' 'Call-ID: ${call_id}' "CSeq: \${cseq} $1" \
		'Contact: <sip:me@${local}>' 'Route: ${routes}' \
		'Max-Forwards: 70' "${@:2}"
	case $* in *Content-Type*) ;; *) echo ;; esac
}
request OPTIONS >"$T/options"

# ---- replies -----------------------------------------------------------------

peer --header 'Server: mock/1' 200
run sipraw "$uri" "$T/options"
is "$status$err" 0 'a 2xx is 0'
is "$(tr -d '\r' <"$T/out" | grep -E '^(SIP|Server|CSeq)')" \
	"$(printf '%s\n' 'SIP/2.0 200 Whatever' 'CSeq: 1 OPTIONS' 'Server: mock/1')" \
	'and the reply is printed as it came'
run sipraw "$uri" <"$T/options"
is "$status" 0 'from standard input'
run sipraw --transport tcp -j "$uri" "$T/options" "$T/options"
json_lines "$T/out" '-j: a record a reply'
is "$(jq -c '[.status_code, .transport, .cseq]' "$T/out" | paste -sd' ')" \
	'[200,"tcp","1 OPTIONS"] [200,"tcp","2 OPTIONS"]' \
	'two messages are two requests of one dialog'
is "$(jq -r .branch "$T/out" | sort -u | wc -l)" 2 'each with a branch of its own'

for row in '404 1' '503 1' '401 5' '407 5'; do
	peer "${row% *}"
	run sipraw "$uri" "$T/options"
	is "$status" "${row#* }" "a ${row% *} is ${row#* }"
done
peer drop drop 200
run sipraw "$uri" "$T/options"
is "$status" 0 'by UDP it is sent again'
peer drop
run sipraw --once -W 0.2 "$uri" "$T/options"
is "$status" 6 'no answer is 6'
like "$err" 'message 1: no answer in 0.2 s' 'and says so'
stop peer
is "$(grep -c OPTIONS "$T/peer.out")" 1 '--once sends it once'
free_port
run sipraw "sip:127.0.0.1:$port" "$T/options"
is "$status" 3 'a closed port is 3'

# ---- what is sent --------------------------------------------------------------

# Shows what comes to it, and answers nothing.
cat >"$T/sink.pl" <<'P'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1") or die;
$| = 1;
print "ready\t-\t127.0.0.1\t", $s->sockport, "\t-\t-\n";
while ($s->recv(my $bytes, 70000)) {
	open my $f, ">", $ARGV[0] or die;
	print $f $bytes;
	close $f;
	print "came\n";
}
P
start sink perl "$T/sink.pl" "$T/came"
await_ready sink
uri=sip:127.0.0.1:$port
sent() { # OPTION... <TEMPLATE: leaves what came in $T/came
	sipraw --once -W 0.05 "$@" "$uri" >"$T/out" 2>"$T/err"
	await sink came
}
printf '%s\n' 'MESSAGE sip:bob@example.org SIP/2.0' 'CSeq: ${cseq} MESSAGE' \
	'X: $ $$ $x $${cseq} ${PERSON}' '' 'Hi ${PERSON}!' >"$T/message"
PERSON='Zoë ${cseq}' sent <"$T/message"
is "$(tail -n +3 "$T/came")" "$(printf '%s\r\n' 'CSeq: 1 MESSAGE' \
	'X: $ $$ $x ${cseq} Zoë ${cseq}' 'Content-Length: 17' '' ; echo 'Hi Zoë ${cseq}!')" \
	'variables of the environment; lines end in CRLF; the body is as it was'
like "$(sed -n 2p "$T/came" | tr -d '\r')" \
	'^Via: SIP/2.0/UDP 127\.0\.0\.1:[0-9]+;branch=z9hG4bK[a-z2-7]{20};rport$' \
	'a Via and a Content-Length are added'
printf 'OPTIONS sip:h SIP/2.0\nVia: SIP/2.0/UDP h;branch=${branch}\nl: 7\n\n\n\n' |
	sent
is "$(tail -n +3 "$T/came" | tr -d '\r')" 'Content-Length: 0' \
	'a wrong Content-Length is put right, and empty lines are no body'
is "$(grep -c Via "$T/came")" 1 'its own Via is left alone'
printf 'OPTIONS ${uri} sip\n\n\x00\xff' >"$T/raw"
sent --as-is <"$T/raw"
ok '--as-is sends every byte as it stands' cmp "$T/came" "$T/raw"

printf '%s\n' person,words '"Ann, of A","say ""hi"""' 'Bob,' >"$T/table"
printf '%s\n' 'ACK sip:h SIP/2.0' 'X: ${person}/${words}/${call_id}' '' >"$T/ack"
sent --csv "$T/table" <"$T/ack"
await sink came
is "$(sed -n 's/^X: //p' "$T/came" | cut -d/ -f1,2)" 'Bob/' \
	'a row of a table is a run of its own'
is "$(grep -c came "$T/sink.out")" 5 'and all rows are sent'
stop sink

# ---- what is wrong ---------------------------------------------------------------

wrong() { # NAME SENTENCE TEMPLATE [OPTION...]
	run sipraw "${@:4}" sip:127.0.0.1:9 < <(printf '%b' "$3")
	is "$status" 7 "$1 is 7"
	like "$err" "$2" 'with its sentence'
}
wrong 'an unknown variable' 'message 1: there is no variable \$\{nobody\}' \
	'ACK sip:h SIP/2.0\nX: ${nobody}\n\n'
wrong 'one without an end' 'is no variable; \$\$\{ stands for' \
	'ACK sip:h SIP/2.0\nX: ${cseq\n\n'
wrong 'no message' 'does not begin as a SIP message' 'Hello\n'
wrong 'no empty line' 'no empty line behind the header fields' \
	'ACK sip:h SIP/2.0\nX: 1\n'
printf 'a,b\n1\n' >"$T/table"
wrong 'a row that lacks a field' 'row 1 is no CSV of 2 fields' \
	'ACK sip:h SIP/2.0\n\n' --csv "$T/table"
run sipraw --csv "$T/table" --state "$T/state" sip:127.0.0.1:9 <"$T/ack"
is "$status" 2 '--csv and --state do not go together'

# ---- a dialog -------------------------------------------------------------------

start answer sipanswer --listen 127.0.0.1:0 -c 1 -j --audio-out /dev/null
await_ready answer
uri=sip:bob@127.0.0.1:$port
{
	request INVITE 'Content-Type: application/sdp'
	printf '%s\r\n' '' 'v=0' 'o=- 1 1 IN IP4 ${local_ip}' s=- \
		'c=IN IP4 ${local_ip}' 't=0 0' 'm=audio 9 RTP/AVP 0'
	request ACK
} >"$T/call"
run sipraw -j --transport tcp --state "$T/state" "$uri" "$T/call"
is "$status" 0 'an INVITE and its ACK'
is "$(jq -r 'select(.status_code == 200).cseq' "$T/out")" '1 INVITE' 'make a call'
await answer '"state":"up"'
is "$(grep -oE '^(cseq=1|target=sip:127|to_tag=.)' "$T/state" | wc -l)" 3 \
	'whose state is kept'
request BYE >"$T/bye"
run sipraw --transport tcp --state "$T/state" "$uri" "$T/bye"
is "$status" 0 'the next run sends the BYE of the same dialog'
like "$out" 'CSeq: 2 BYE' 'with the next CSeq'
await_end answer
is "$(jq -r 'select(.type=="call").state' "$T/answer.out" | tail -1)" \
	ended_by_peer 'and the call is over'
echo nonsense >"$T/state"
run sipraw --state "$T/state" "$uri" "$T/bye"
is "$status" 7 'what is no state is refused'
finish
