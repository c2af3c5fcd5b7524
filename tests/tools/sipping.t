#!/bin/bash
# sipping: answers and losses, figures, statuses, transports, hostile peers.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq
tab=$'\t'

peer() { # ARGUMENT...: leaves $port, of the peer of this moment
	[ -z "${pids[peer]:-}" ] || stop peer
	start peer "$TOP/tests/mock/sip-peer" "$@"
	await_ready peer
}

# ---- answers -----------------------------------------------------------------

peer --header 'Server: mock/1' 200
run sipping -c 3 -i 0.02 "sip:127.0.0.1:$port"
is "$status$err" 0 'a peer that answers is alive'
answer() { # NUMBER
	printf '%s\t' ping "sip:127.0.0.1:$port" "$1" 200 Whatever
	echo "mock/1$tab-"
}
is "$(cut -f1,3,4,6- "$T/out" | head -3)" "$(answer 1; answer 2; answer 3)" \
	'a record for each answer'
like "$(sed -n 4p "$T/out" | cut -f1,3- | tr "\\t" " ")" \
	"^summary sip:127.0.0.1:$port 3 3 0\.0( [0-9]+\.[0-9]{3}){4}$" \
	'a summary with loss and minimum, average, maximum, deviation'
run sipping -j -c 2 -i 0.02 "sip:127.0.0.1:$port"
json_lines "$T/out" 'with -j each record is an object'
is "$(jq -c 'select(.type == "ping") | [.proto, .sequence, .status_code]' "$T/out" |
	paste -sd' ')" '["sip",1,200] ["sip",2,200]' 'with the same in it'
is "$(jq -r 'select(.type == "summary") | .rtt_min_ms <= .rtt_avg_ms and
	.rtt_avg_ms <= .rtt_max_ms and .rtt_mdev_ms >= 0 and .lost == 0' \
	"$T/out")" true 'the figures are in order'
run sipping -q -c 2 -i 0.02 "sip:127.0.0.1:$port"
is "$status $(cut -f1 "$T/out")" '0 summary' '-q: the summary alone'

for code in 301 404 486 500 503 603; do
	peer "$code"
	run sipping -c 1 "sip:127.0.0.1:$port"
	is "$status $(sed -n 1p "$T/out" | cut -f6)" "0 $code" \
		"a $code means alive"
done

peer 100+200
run sipping -c 1 "sip:127.0.0.1:$port"
is "$(cut -f1 "$T/out" | paste -sd' ')" 'ping summary' \
	'a provisional response is no answer'
peer twice
run sipping -c 2 -i 0.05 "sip:127.0.0.1:$port"
is "$(cut -f1 "$T/out" | paste -sd' ')" 'ping ping summary' \
	'an answer that comes twice is one'
peer other
run sipping -c 1 "sip:127.0.0.1:$port"
is "$status" 0 'an answer from another port is one (RFC 3581 section 4)'
peer drop drop 200
run sipping -c 1 -W 3 "sip:127.0.0.1:$port"
is "$status" 0 'a request that is lost is sent again'
like "$(sed -n 1p "$T/out" | cut -f5)" '^1[5-9][0-9]{2}\.' \
	'the time counts from the first one'

# ---- losses ---------------------------------------------------------------------

peer 200 drop 200
run sipping -c 3 -i 0.1 -W 0.3 "sip:127.0.0.1:$port"
is "$status" 0 'one of three lost: alive'
is "$(cut -f1 "$T/out" | sort | paste -sd' ')" 'error ping ping summary' \
	'a record for the lost one'
is "$(tail -n 1 "$T/out" | cut -f4-6)" "3${tab}2${tab}33.3" 'and in the summary'
peer drop
run sipping -j -c 2 -i 0.05 -W 0.1 "sip:127.0.0.1:$port"
is "$status" 6 'nobody answers: 6'
like "$err" "^sipping: sip:127.0.0.1:$port: no answer$" 'and it says so'
is "$(jq -rc 'select(.type == "error") | [.sequence, .condition, .text]' \
	"$T/out" | paste -sd' ')" \
	'[1,"timeout","no answer"] [2,"timeout","no answer"]' \
	'each lost one has its record'
is "$(jq -c 'select(.type == "summary") | [.sent, .received, .lost,
	.loss_percent == 100, has("rtt_min_ms")]' "$T/out")" '[2,0,2,true,false]' \
	'and the summary has no times'
run sipping -w 0.3 -i 0.1 "sip:127.0.0.1:$port"
is "$status" 6 'the deadline of the run ends it'
peer foreign garbage
run sipping -c 2 -i 0.05 -W 0.2 "sip:127.0.0.1:$port"
is "$status" 6 'neither a foreign branch nor garbage is an answer'

free_port
run sipping -c 2 -i 0.02 "sip:127.0.0.1:$port"
is "$status" 3 'a closed port: 3'
like "$err" 'refused' 'and it says so'
run sipping -c 1 "sip:127.0.0.1:$port;transport=tcp"
is "$status" 3 'a closed port by TCP: 3'

# ---- how much may be lost, and for whom it is said -------------------------------

peer 200 drop 200 200
run sipping --max-loss 25 -c 4 -i 0.05 -W 0.2 "sip:127.0.0.1:$port"
is "$status" 0 '--max-loss: a quarter lost, and a quarter may be'
peer 200 drop 200 200
run sipping --max-loss 24 -c 4 -i 0.05 -W 0.2 "sip:127.0.0.1:$port"
is "$status" 6 'a quarter lost is more than 24 %'
like "$err" ': 1 of 4 lost: no answer$' 'and it says so'
peer 200
run sipping --nagios -i 0.02 "sip:127.0.0.1:$port"
is "$status$err" 0 '--nagios: OK is 0'
like "$out" '^SIPPING OK - 5 of 5 answered, [0-9.]+ ms \| rta=[0-9.]+ms;;;0 pl=0%;;100;0;100$' \
	'on one line, with figures'
peer 200 drop 200
run sipping --nagios -c 3 -i 0.02 -W 0.2 "sip:127.0.0.1:$port"
is "$status" 1 'something lost is a WARNING: 1'
like "$out" '^SIPPING WARNING - 2 of 3 answered, .* pl=33%;' 'in figures'
peer drop
run sipping --nagios -c 2 -i 0.02 -W 0.2 "sip:127.0.0.1:$port"
is "$status" 2 'nobody there is CRITICAL: 2'
like "$out" '^SIPPING CRITICAL - sip:127.* no answer \| .*pl=100%;' 'and why'
run sipping --nagios nonsense
is "$status${out:0:17}" '3SIPPING UNKNOWN -' 'what cannot be asked is UNKNOWN: 3'
run sipping --nagios --nonsense sip:127.0.0.1
is "$status" 3 'and so is misuse'

peer 200
for limits in '--warning 0,100% 1' '--critical 0,100% 2' \
	'--warning 60000,1% --critical 60000,50% 0'; do
	want=${limits##* }
	# shellcheck disable=SC2086 # words
	run sipping --nagios -c 2 -i 0.02 ${limits% *} "sip:127.0.0.1:$port"
	is "$status" "$want" "--nagios ${limits% *}: $want"
done
like "$out" 'rta=[0-9.]+ms;60000;60000;0 pl=0%;1;50;0;100$' \
	'with the limits in the figures'
peer 200 drop 200
run sipping --nagios --warning 60000,50% -c 3 -i 0.02 -W 0.2 \
	"sip:127.0.0.1:$port"
is "$status" 0 'less is lost than --warning says'
for bad in '--warning 1' '--warning 1,2' '--critical x,1%' '--critical 1,101%'
do
	# shellcheck disable=SC2086
	run sipping --nagios $bad sip:127.0.0.1
	is "$status" 3 "$bad is misuse"
done
run sipping --warning 1,1% sip:127.0.0.1
is "$status" 2 '--warning without --nagios is misuse'

# ---- what is expected --------------------------------------------------------------

expect() { # STATUS WANTED CODE...
	local want=$1 wanted=$2
	shift 2
	peer "$@"
	run sipping -c $# -i 0.02 --expect "$wanted" "sip:127.0.0.1:$port"
	is "$status" "$want" "$*, and $wanted is expected: $want"
}
expect 0 200 200
expect 0 2xx,404 404
expect 0 '2XX, 500' 200
expect 1 2xx 503
like "$err" 'the answer is 503 Whatever, which is not expected$' 'and it says so'
is "$(cut -f1 "$T/out" | paste -sd' ') $(tail -n 1 "$T/out" | cut -f6)" \
	'ping summary 100.0' 'the answer is shown, and counts as lost'
expect 5 2xx 401
expect 0 2xx 200 503
peer 200 503
run sipping -c 2 -i 0.02 --expect 2xx --max-loss 0 "sip:127.0.0.1:$port"
is "$status" 1 '... unless --max-loss says otherwise'
for bad in '' 2 99 199 700 2x 2xxx 1xx '200,' ',200' \
	"$(seq -s, 200 216)"; do
	run sipping -c 1 --expect "$bad" sip:127.0.0.1
	is "$status" 2 "--expect '$bad' is misuse"
done

# ---- several targets -----------------------------------------------------------------

peer 200
free_port_there=$port
free_port
run sipping -c 2 -i 0.02 -W 0.5 "sip:127.0.0.1:$free_port_there" \
	"sip:127.0.0.1:$port"
is "$status" 3 'one of two is not there: 3'
is "$(grep -c '^summary' "$T/out") $(grep -c '^ping' "$T/out")" '2 2' \
	'each has its summary'
like "$err" '1 of 2 are not as they should be$' 'and it says how many'
like "$err" ":$port: .*refused" 'and which'
run sipping --nagios -c 2 -i 0.02 "sip:127.0.0.1:$free_port_there" \
	"sip:127.0.0.1:$port"
like "$status$out" '^2SIPPING CRITICAL - .* pl=50%' 'to a monitor as well'

# ---- floods ----------------------------------------------------------------------------

peer 200
run sipping -q --flood --outstanding 20 -c 1000 "sip:127.0.0.1:$port"
is "$status $(cut -f4,5 "$T/out")" "0 1000${tab}1000" \
	'a flood: each is sent, each is answered'
peer drop
run sipping -q --flood --outstanding 7 -W 5 -w 0.3 "sip:127.0.0.1:$port"
is "$status $(cut -f4,5 "$T/out")" "6 7${tab}0" \
	'no more than --outstanding have no answer'
run sipping -q --flood -c 300 -W 0.1 "sip:127.0.0.1:$port"
is "$status $(cut -f4,5 "$T/out")" "6 300${tab}0" 'those that are lost make room'
free_port
run sipping -q --flood -c 300 "sip:127.0.0.1:$port;transport=tcp"
is "$status $(cut -f4,5 "$T/out")" "3 300${tab}0" 'also where nobody is there'

# ---- the way ---------------------------------------------------------------------------

hops() { awk -F'\t' '$1 == "hop" { print $4 ":" $6 }' "$T/out" | paste -sd' '; }
peer --header 'Server: gate/1' 483 483 200
run sipping -vv -T "sip:127.0.0.1:$port"
is "$status $(hops)" '0 1:483 2:483 3:200' '-T: each hop up to the target'
is "$(grep -o 'Max-Forwards: .*' <<<"$err" | tr -d '\r' | cut -d' ' -f2 |
	paste -sd' ')" '0 1 2 3' 'one forward more each time'
is "$(sed -n 1p "$T/out" | cut -f3,7- | tr '\t' ' ')" \
	"sip:127.0.0.1:$port Whatever gate/1 - - 127.0.0.1:$port" \
	'with who it is'
run sipping -j -T "sip:127.0.0.1:$port"
json_lines "$T/out" '-T -j'
peer 200 404 404
run sipping -T "sip:127.0.0.1:$port"
is "$status $(hops)" '0 1:200 2:404' \
	'a proxy that answers as if it were meant is not the end'
peer 200 drop
run sipping -T -W 0.2 "sip:127.0.0.1:$port"
is "$status $(hops)" '0 1:200' 'unless nobody is behind it'
peer 483 drop 200
run sipping -T -W 0.2 "sip:127.0.0.1:$port"
is "$status $(hops)" '0 1:483 3:200' 'a silent hop is passed'
is "$(grep ^error "$T/out" | cut -f5)" timeout 'and shown'
peer 483 drop
run sipping -T -W 0.1 "sip:127.0.0.1:$port"
is "$status $(hops) $(grep -c ^error "$T/out")" '6 1:483 3' 'three of them end it'
peer 483
run sipping -T --max-hops 5 "sip:127.0.0.1:$port"
is "$status $(hops)" '1 1:483 2:483 3:483 4:483 5:483' '--max-hops ends it'
like "$err" '5 hops do not come to the end' 'and it says so'
run sipping -T --flood sip:127.0.0.1
is "$status" 2 '-T --flood is misuse'

# ---- transports --------------------------------------------------------------------

peer 200
for how in "sip:127.0.0.1:$port;transport=tcp" \
	"--transport tcp sip:127.0.0.1:$port"; do
	# shellcheck disable=SC2086 # words
	run sipping -c 2 -i 0.02 $how
	is "$status" 0 "TCP by $how"
	await peer '^tcp' 5 >/dev/null
	is "${line%%"$tab"*}" tcp 'and TCP it is'
done
run sipping -c 1 --transport udp --local 127.0.0.2 "sip:127.0.0.1:$port"
is "$status" 0 'from an address of one'"'"'s choice'
run sipping -c 1 --connect-to "pbx.invalid:5060:127.0.0.1:$port" sip:pbx.invalid
is "$status" 0 '--connect-to instead of looking up'
run sipping -c 1 --connect-to nonsense sip:pbx.invalid
is "$status" 2 '--connect-to that is none'
run sipping -c 1 --proxy "sip:127.0.0.1:$port;lr" sip:somebody@far.invalid
is "$status" 0 '--proxy takes it'
await peer 'far.invalid' 5 >/dev/null
like "$line" "OPTIONS${tab}sip:somebody@far.invalid" 'with the URI as it was'
if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
	peer --host ::1 200
	run sipping -c 1 "sip:[::1]:$port"
	is "$status" 0 'IPv6'
	run sipping -4 -c 1 "sip:[::1]:$port"
	is "$status" 2 'but not with -4'
fi
peer close 200
run sipping -c 2 -i 0.1 "sip:127.0.0.1:$port;transport=tcp"
is "$status $(cut -f1 "$T/out" | paste -sd' ')" '0 error ping summary' \
	'a stream that was closed is opened again'

# ---- names ---------------------------------------------------------------------------

peer 200
printf 'pbx.example.org A 127.0.0.1\n_sip._udp.srv.example.org SRV 0 0 %s pbx.example.org\n' \
	"$port" >"$T/zone"
start dns dns "$T/zone"
await dns '^[0-9]' || bail 'no nameserver'
server=$line
run sipping --resolver "$server" -c 1 "sip:pbx.example.org:$port"
is "$status" 0 'a name with a port: its address'
run sipping --resolver "$server" -c 1 sip:srv.example.org
is "$status" 0 'a name without: its SRV record'
run sipping --resolver "$server" -c 1 sip:nobody.example.org
is "$status" 3 'a name that is not there: 3'
like "$err" '^sipping: sip:nobody.example.org: ' 'and which'
is "$out" '' 'nothing was sent, so there is no summary'

# ---- misuse, hostile peers, endings -----------------------------------------------------

for uri in tel:+1 127.0.0.1 sip: mailto:a@b 'sip:a@b?Subject=x' \
	'sip:a@b;transport=sctp'; do
	run sipping -c 1 "$uri"
	is "$status" 2 "$uri is misuse"
done
run sipping -c 0 sip:127.0.0.1
is "$status" 2 '-c 0 is misuse'

peer --reason $'a\tb\\\xc2\x9b31m' --header $'Server: x\ty' 200
run sipping -c 1 "sip:127.0.0.1:$port"
is "$(wc -l <"$T/out") $(sed -n 1p "$T/out" | awk -F'\t' '{ print NF }')" \
	'2 9' 'a reason phrase forges no column'
unlike "$(cat "$T/out")" $'\xc2\x9b' 'and no control reaches a terminal'
peer --reason $'\x1b[31m' 200
run sipping -c 1 -W 0.2 "sip:127.0.0.1:$port"
is "$status" 6 'what may not be in a message at all is no answer'

peer 200
start forever sipping -i 0.02 "sip:127.0.0.1:$port"
await forever '^ping'
stop forever INT
is "$status" 130 'SIGINT ends it as a shell expects'
like "$(tail -n 1 "$T/forever.out")" '^summary' 'with the summary'
run bash -c "sipping -i 0.02 sip:127.0.0.1:$port | head -n 1; echo \${PIPESTATUS[0]}"
like "$out" '^ping.*[[:space:]]0$' 'a reader that leaves ends it in peace'
run bash -c "sipping -c 2 -i 0.02 sip:127.0.0.1:$port >/dev/full"
is "$status" 8 'a full disk: 8'
like "$err" '^sipping: ' 'and it says so'
run sipping -vv -c 1 "sip:127.0.0.1:$port"
like "$err" 'OPTIONS sip:127.0.0.1' '-vv shows the wire'
run sipping --trace "$T/trace.pcap" -c 1 "sip:127.0.0.1:$port"
run sipsniff -r "$T/trace.pcap"
is "$(cut -f6,8 "$T/out" | paste -sd' ')" "OPTIONS${tab}- -${tab}200" \
	'--trace is read by sipsniff'
stop peer
finish
