#!/bin/bash
# xmppping: answers, errors that are answers, losses, figures, statuses.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq
tab=$'\t'

echo secret >"$T/password"
chmod 600 "$T/password"
serve() { # OPTION...: leaves $as_alice, $as_bob
	[ -z "${pids[server]:-}" ] || stop server
	start server xmppserve --user alice:secret --user bob:secret \
		--friends --listen 127.0.0.1:0 "$@"
	await_ready server
	as_alice=(--jid alice@localhost --password-file "$T/password"
		--server "127.0.0.1:$port" --ca "$ca")
	as_bob=(--jid bob@localhost/there "${as_alice[@]:2}")
}
types() { cut -f1 "$T/out" | paste -sd' '; }

# ---- who answers ---------------------------------------------------------------

serve
run xmppping "${as_alice[@]}" -c 3 -i 0.02 localhost
is "$status$err" 0 'the server answers'
is "$(cut -f1,3,4,6- "$T/out" | head -3)" \
	"$(for n in 1 2 3; do
		printf 'ping\tlocalhost\t%d\t-\t-\t-\t-\n' "$n"
	done)" 'a record for each answer'
like "$(sed -n 4p "$T/out" | cut -f1,3- | tr "\\t" " ")" \
	"^summary localhost 3 3 0\.0( [0-9]+\.[0-9]{3}){4}$" \
	'a summary with loss and minimum, average, maximum, deviation'
run xmppping "${as_alice[@]}" -j -c 2 -i 0.02 localhost
json_lines "$T/out" 'with -j each record is an object'
is "$(jq -c 'select(.type == "ping") | [.proto, .from, .sequence]' "$T/out" |
	paste -sd' ')" '["xmpp","localhost",1] ["xmpp","localhost",2]' \
	'with the same in it'
is "$(jq -r 'select(.type == "summary") | .rtt_min_ms <= .rtt_avg_ms and
	.rtt_avg_ms <= .rtt_max_ms and .rtt_mdev_ms >= 0 and .lost == 0' \
	"$T/out")" true 'the figures are in order'
run xmppping "${as_alice[@]}" -q -c 2 -i 0.02 localhost
is "$status $(types)" '0 summary' '-q: the summary alone'

run xmppping "${as_alice[@]}" -c 1 bob@localhost
is "$status $(types)" '0 ping summary' 'an account: its server answers for it'
start bob xmpprecv "${as_bob[@]}"
await bob '^ready'
run xmppping "${as_alice[@]}" -c 1 --expect result bob@localhost/there
is "$status $(types)" '0 ping summary' 'a client answers itself'
stop bob
run xmppping "${as_alice[@]}" -c 1 bob@localhost/there
is "$status $(types)" '0 ping summary' 'an error is an answer'
is "$(sed -n 1p "$T/out" | cut -f9)" service-unavailable 'with its condition'
run xmppping "${as_alice[@]}" -c 1 --expect result bob@localhost/there
is "$status $(types)" '1 error summary' 'but no result, where one is wanted'
like "$err" '^xmppping: bob@localhost/there: .*\(service-unavailable\)$' \
	'and it says so'

# ---- who does not --------------------------------------------------------------

run xmppping "${as_alice[@]}" -c 1 far.invalid
is "$status $(types)" '3 error summary' 'a server that is not reached: 3'
like "$err" '^xmppping: far.invalid: .*remote-server-not-found' 'and it says so'
run xmppping "${as_alice[@]}" -c 2 -i 0.02 localhost far.invalid bob@localhost
is "$status" 3 'one of three: its status'
like "$err" '1 of 3 did not answer$' 'and how many'
is "$(grep -c ^summary "$T/out")" 3 'each has its summary'

serve --fault ping:silent:2
run xmppping "${as_alice[@]}" -j -c 3 -i 0.1 -W 0.3 localhost
is "$status" 0 'some lost: alive'
is "$(jq -rc 'select(.type == "error") | [.to, .sequence, .condition]' "$T/out" |
	paste -sd' ')" '["localhost",2,"timeout"] ["localhost",3,"timeout"]' \
	'each lost one has its record'
is "$(jq -c 'select(.type == "summary") | [.sent, .received, .lost,
	.loss_percent]' "$T/out")" '[3,1,2,66.7]' 'and it is in the summary'
serve --fault ping:silent:2
run xmppping "${as_alice[@]}" -c 3 -i 0.1 -W 0.3 --max-loss 50 localhost
is "$status" 6 '--max-loss 50: two of three are too many'
like "$err" '^xmppping: localhost: 2 of 3 lost: no answer$' 'and it says so'
serve --fault ping:silent
run xmppping "${as_alice[@]}" -c 2 -i 0.05 -W 0.2 localhost
is "$status $err" '6 xmppping: localhost: no answer' 'nobody answers: 6'
serve --fault ping:silent
run xmppping "${as_alice[@]}" -i 0.1 -w 1 localhost
is "$status" 6 'the deadline of the run ends it'
like "$(tail -n 1 "$T/out")" '^summary' 'with the summary'
serve --fault ping:close:2
run xmppping "${as_alice[@]}" --no-reconnect -i 0.05 localhost
like "$status$(types)" '^[13]ping .*summary$' \
	'a server that closes the stream ends it, with the summary'
serve --fault ping:reset:2
run xmppping "${as_alice[@]}" --no-reconnect -i 0.05 localhost
is "$status" 3 'one that resets the connection: 3'
serve --fault ping:reset:2
run xmppping "${as_alice[@]}" -i 0.2 -c 20 -W 5 localhost
is "$status" 0 'but it is connected again, unless that is not wanted'

# ---- for a monitoring system -----------------------------------------------------

serve
run xmppping "${as_alice[@]}" --nagios -i 0.02 localhost bob@localhost
is "$status$err" 0 '--nagios: OK is 0'
like "$out" '^XMPPPING OK - 10 of 10 answered, [0-9.]+ ms \| rta=[0-9.]+ms;;;0 pl=0%;;100;0;100$' \
	'on one line, with figures'
run xmppping "${as_alice[@]}" --nagios -c 1 far.invalid
is "$status${out:0:33}" '2XMPPPING CRITICAL - far.invalid: ' \
	'not reached is CRITICAL: 2'
echo wrong >"$T/wrong"
chmod 600 "$T/wrong"
run xmppping "${as_alice[@]}" --no-tokens --password-file "$T/wrong" --nagios \
	localhost
is "$status${out:0:18}" '3XMPPPING UNKNOWN -' 'no login is UNKNOWN: 3'

# ---- misuse and endings -----------------------------------------------------------

for bad in a@ @b 'a b@c'; do
	run xmppping "${as_alice[@]}" "$bad"
	is "$status" 2 "'$bad' is misuse"
done
start forever xmppping "${as_alice[@]}" -i 0.02 localhost
await forever '^ping'
stop forever INT
is "$status" 130 'SIGINT ends it as a shell expects'
like "$(tail -n 1 "$T/forever.out")" "^summary$tab" 'with the summary'
run bash -c 'xmppping "$@" -i 0.02 localhost | head -n 1; echo ${PIPESTATUS[0]}' \
	_ "${as_alice[@]}"
like "$out" '^ping.*[[:space:]]0$' 'a reader that leaves ends it in peace'
run bash -c 'xmppping "$@" -c 2 -i 0.02 localhost >/dev/full' _ "${as_alice[@]}"
is "$status" 8 'a full disk: 8'
run xmppping "${as_alice[@]}" -vv -c 1 localhost
like "$err" "<ping xmlns='urn:xmpp:ping'" '-vv shows the wire'
stop server
finish
