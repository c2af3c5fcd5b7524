#!/bin/bash
# siprecv: records, what is answered and when, nothing lost and nothing twice,
# hostile peers, endings.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq
tab=$'\t'

listen() { # ARGUMENT...: leaves $bob
	[ -z "${pids[recv]:-}" ] || stop recv
	start recv siprecv --listen 127.0.0.1:0 "$@"
	await_ready recv
	bob=sip:bob@127.0.0.1:$port
}

# A request by UDP to $port, so many times, and what comes back.
# PORT in TEXT is where it comes from.  With TRIES it is sent again where no
# answer has come: a datagram behind a flood may find the queue full.
ask() { # TEXT [SECONDS [TIMES]]
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]",
			Proto => "udp") or die;
		(my $text = $ARGV[1]) =~ s/PORT/$s->sockport/ge;
		my $tries = $ARGV[4];
		for (1 .. $ARGV[3]) {
			$s->send($text);
			my $ready = "";
			vec($ready, fileno $s, 1) = 1;
			if (!select $ready, undef, undef, $ARGV[2]) {
				exit unless --$tries;
				redo;
			}
			$s->recv(my $reply, 65535);
			print $reply;
		}' "$port" "$1" "${2:-5}" "${3:-1}" "${TRIES:-1}"
}
message() { # METHOD CALL-ID CSEQ TYPE BODY [MORE]
	printf '%s\r\n' "$1 sip:bob@127.0.0.1 SIP/2.0" \
		"Via: SIP/2.0/UDP 127.0.0.1:PORT;branch=z9hG4bK$RANDOM$RANDOM" \
		'Max-Forwards: 70' 'From: <sip:a@example.org>;tag=x' \
		'To: Bob <sip:bob@example.org>' "Call-ID: $2" "CSeq: $3 $1" \
		${6:+"$6"} "Content-Type: $4" "Content-Length: ${#5}" ''
	printf %s "$5"
}
code() { sed -n '1s/^SIP\/2.0 \([0-9]*\).*/\1/p'; }

# ---- records --------------------------------------------------------------------

listen
run sipsend --from sip:alice@example.org --subject Tea "$bob" <<<$'one\ntwo'
is "$status" 0 'a message is taken'
await recv '^message'
is "$(cut -f1,3-6 <<<"$line")" \
	"message${tab}sip:alice@example.org${tab}sip:bob@127.0.0.1${tab}one\\ntwo${tab}Tea" \
	'as a record'
stop recv
is "$status" 143 'SIGTERM ends it as a shell expects'
listen -j
for how in '' ';transport=tcp'; do
	run sipsend --from sip:alice@example.org "$bob$how" <<<hällo
	await recv '"message"'
	is "$(jq -r '[.proto, .from, .to, .body, .content_type,
		has("call_id")] | join(" ")' <<<"$line")" \
		"sip sip:alice@example.org sip:bob@127.0.0.1 hällo text/plain;charset=UTF-8 true" \
		"the same with -j, by ${how:-;transport=udp}"
done
run sipsend --content-type a/b "$bob" < <(printf '\0\377')
await recv '"message"'
is "$(jq -r .body_base64 <<<"$line")" AP8= 'bytes that are no text'
run sipsend "$bob" <<<$'\x1b[31m\u202e'
await recv '"message"'
unlike "$line" $'\x1b' 'no control is printed'
listen
run sipsend "$bob" <<<$'a\tmessage\t\x1b[31m\xc2\x9b'
await recv '^message'
unlike "$line" $'[\x1b]|\xc2\x9b' 'no control reaches a terminal'
is "$(cut -f5 <<<"$line" | cut -c1-14)" 'a\tmessage\t\x' 'and a body forges no column'
free_port
start bare siprecv --listen "127.0.0.1:$port" --body -c 2
await_port "$port"
run sipsend -l "sip:x@127.0.0.1:$port" <<<$'one\ntwo'
await_end bare
is "$status $(cat "$T/bare.out")" '0 onetwo' '--body: the bare bytes'

# ---- answers ----------------------------------------------------------------------

listen -j
is "$(ask "$(message MESSAGE a 1 text/plain hi)" | tr -d '\r' |
	grep -E '^(SIP|Contact|Content-Length)' | paste -sd' ')" \
	'SIP/2.0 200 OK Content-Length: 0' 'a 200 without Contact and body'
await recv '"hi"'
is "$(ask "$(message MESSAGE a 1 text/plain hi)" | code)" 482 \
	'the same by another branch, while the first is remembered'
reply=$(ask "$(message INVITE b 1 text/plain hi)" | tr -d '\r')
like "$reply" 'SIP/2.0 405' 'no calls here'
like "$reply" 'Allow: .*MESSAGE' 'but messages'
is "$(ask "$(message SPLASH c 1 text/plain hi)" | code)" 501 'nor unknown methods'
is "$(ask "$(message OPTIONS d 1 text/plain hi)" | code)" 200 'OPTIONS is answered'
is "$(ask "$(message MESSAGE e 1 text/plain hi 'Content-Encoding: gzip')" |
	code)" 415 'what is compressed is not taken'
is "$(ask "$(message MESSAGE f 1 text/plain hi 'Require: future')" |
	code)" 420 'nor what needs an unknown extension'
is "$(ask "$(message MESSAGE g nonsense text/plain hi)" | code)" 400 \
	'nor what is malformed'
is "$(ask "$(message MESSAGE h 1 text/plain hi | sed 's/sip:bob@127/mailto:bob@127/')" |
	code)" 416 'nor another scheme'
is "$(ask "$(message MESSAGE i 1 text/plain hi | sed 's/^To:.*>/&;tag=old/')" |
	code)" 481 'nor what is in a dialog that is not there'
ask "no SIP at all" 0.1
is "$(ask "$(message MESSAGE j 1 text/plain last)" | code)" 200 'it is still there'
await recv '"last"'
is "$(grep -c '"type":"message"' "$T/recv.out")" 2 'and nothing else was printed'
listen -j --accept text/plain --accept application/json
reply=$(ask "$(message MESSAGE a 1 text/html hi)" | tr -d '\r')
like "$reply" 'SIP/2.0 415' 'only what is accepted'
like "$reply" 'Accept: text/plain, application/json' 'and it says what'
is "$(ask "$(message MESSAGE a 2 'Text/Plain;charset=x' hi)" | code)" 200 \
	'that is taken'
run siprecv --accept nonsense
is "$status" 2 'a type that is none'

# A retransmission: the same bytes twice, one record, the same answer.
listen -j
is "$(ask "$(message MESSAGE again 1 text/plain once)" 5 2 |
	grep -c '^SIP/2.0 200')" 2 'what is sent again is answered again'
ask "$(message MESSAGE end 1 text/plain end)" >/dev/null
await recv '"end"'
is "$(grep -c '"once"' "$T/recv.out")" 1 'and printed once'

# ---- nothing lost ------------------------------------------------------------------

listen -j -c 3
run sipsend -l "$bob" <<<$'1\n2\n3\n4'
like "$status" '^[13]$' '-c 3: the fourth is not taken'
await_end recv
is "$status $(jq -r 'select(.type == "message").body' "$T/recv.out" | paste -sd' ')" \
	'0 1 2 3' 'and three are printed'
listen -j --for 0.3
await_end recv
is "$status" 0 '--for ends with 0'
listen -j -c 1 -w 0.3
await_end recv
is "$status" 6 '-w ends with 6 where messages are missing'
free_port
start full bash -c "exec siprecv -j --body --listen 127.0.0.1:$port >/dev/full"
await_port "$port"
run sipsend -W 3 "sip:x@127.0.0.1:$port" <<<hello
unlike "$status" '^0$' 'what a full disk did not take was not delivered'
await_end full
is "$status" 8 'and the full disk is found'

# Through two pipes: a thousand in, a thousand out.
free_port 2
sink=$((port + 1))
start sink bash -c \
	"exec siprecv -j --listen 127.0.0.1:$sink -c 1000 >$T/sink.json"
await_port "$sink"
start relay bash -o pipefail -c "
	siprecv -j --listen 127.0.0.1:$port -c 1000 |
	jq -c --unbuffered '.to = \"sip:sink@127.0.0.1:$sink\"' |
	sipsend --json-input"
await_port "$port"
seq 1000 >"$T/many"
run sipsend -l "sip:relay@127.0.0.1:$port" <"$T/many"
is "$status" 0 'a thousand messages go into a pipe of tools'
await_end sink
jq -r 'select(.type == "message").body' "$T/sink.json" >"$T/came"
ok 'and come out of it: all, once, in order' cmp "$T/many" "$T/came"
await_end relay
like "$status$err" '^0sipsend: 1 records were not for this tool' \
	'the pipe ends in peace'

# ---- a registrar ------------------------------------------------------------------------

start peer "$TOP/tests/mock/sip-peer" 403
await_ready peer
run siprecv --uri "sip:bob@127.0.0.1:$port"
is "$status" 1 'who is not registered ends'
like "$err" "sip:bob@127.0.0.1:$port: 403" 'and says why'
stop peer
start peer "$TOP/tests/mock/sip-peer" 200
await_ready peer
start recv siprecv -j --uri "sip:bob@127.0.0.1:$port" --local 127.0.0.1:0
await recv '"ready"' || fail 'no ready record'
is "$(jq -r .from <<<"$line")" "sip:bob@127.0.0.1:$port" \
	'ready says as whom it is registered'
stop recv INT
is "$status" 130 'and a signal ends it'
stop peer
run siprecv --register
is "$status" 2 '--register needs an account'

# ---- --exec ---------------------------------------------------------------------------

# shellcheck disable=SC2016 # for the command
listen --exec 'jq -r .body >>'"$T"'/said' -c 2
run sipsend -l "$bob" <<<$'one\n$(touch '"$T"'/evil)\n; touch '"$T/evil"
is "$status" 0 '--exec: each message has its command'
await_end recv
is "$status $(wc -l <"$T/said") $([ -e "$T/evil" ] || echo safe)" '0 2 safe' \
	'one after the other, and none is a command itself'
listen --exec 'exit 3'
run sipsend "$bob" <<<hello
is "$status" 1 'a command that fails refuses its message'
like "$err" '500' 'with a 500'
await_end recv
unlike "$status" '^0$' 'and ends it'
like "$err" '^siprecv: --exec' 'with a sentence'
run siprecv --exec true --body
is "$status" 2 '--exec and --body are misuse'

# ---- floods and endings ----------------------------------------------------------------

listen -j
perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]",
		Proto => "udp") or die;
	srand 4711;
	for my $n (1 .. 5000) {
		my $text = $ARGV[1];
		$text =~ s/PORT/$s->sockport/ge;
		$text =~ s/flood/flood$n/g;
		substr($text, rand length $text, 1) = chr rand 256
			for 1 .. rand 4;
		$s->send($text);
	}' "$port" "$(message MESSAGE flood 1 text/plain flood)"
is "$(TRIES=60 ask "$(message MESSAGE after 1 text/plain after)" 0.5 | code)" 200 \
	'after 5,000 mutated messages it still answers'
await recv '"after"'
json_lines "$T/recv.out" 'and each record is one'
like "$(($(awk '/VmRSS/ { print $2 }' "/proc/${pids[recv]}/status") / 1024))" \
	'^[0-9]{1,2}$' 'in less than 100 MB'
run bash -c "siprecv -j --listen 127.0.0.1:0 | head -n 1"
is "$status" 0 'a reader that leaves ends it in peace'
listen
run siprecv --listen "127.0.0.1:$port"
is "$status" 8 'a port that is taken'
run siprecv --listen nonsense
is "$status" 2 'an address that is none'
stop recv
finish
