#!/bin/bash
# Ten thousand messages over connections that are cut again and again, on the
# sender's side and on the receiver's: each arrives once, in order.  And where a
# session cannot be resumed, what is unknown is told.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq perl
DEADLINE=${DEADLINE:-120}

echo secret >"$T/password"
chmod 600 "$T/password"

# A server, and a relay in front of it for each of the two.
serve() { # OPTION...
	start server xmppserve --user alice:secret --user bob:secret \
		--listen 127.0.0.1:0 "$@"
	await_ready server
	server_port=$port
}
relay() { # NAME SEED CUTS SHORT LONG: leaves $port
	start "$1" "$TOP/tests/mock/cutter" "$server_port" "${@:2}"
	await "$1" '^[0-9]+$' || bail 'the relay does not start'
	port=$line
}
as() { # USER PORT
	printf '%s\n' --jid "$1@localhost" --password-file "$T/password" \
		--server "127.0.0.1:$2" --ca "$ca"
}

count=10000 seed=${SEED:-$RANDOM}
note "seed $seed"

serve
relay to_sender "$seed" 66 6000 150000
mapfile -t as_alice < <(as alice "$port")
relay to_receiver "$((seed + 1))" 12 6000 400000
mapfile -t as_bob < <(as bob "$port")

# shellcheck disable=SC2016 # for the other shell
# Into a file: a pipe that nobody reads meanwhile would make all wait.
start bob bash -c 'exec xmpprecv -v -j "${@:2}" >"$1"' _ "$T/bob.json" \
	"${as_bob[@]}" -c $count
await_line "$T/bob.json" '"type":"ready"' || bail 'xmpprecv is not ready'
seq -f "%05.0f $(printf '%300s' '' | tr ' ' x)" $count >"$T/lines"
run xmppsend -v -l "${as_alice[@]}" bob@localhost <"$T/lines"
is "$status" 0 "$count lines: 0"
await_end bob
is "$status" 0 'all of them arrived'
jq -r 'select(.type == "message") | .body' "$T/bob.json" >"$T/came"
ok 'each once, in order' cmp "$T/lines" "$T/came"

resumed=$(grep -c 'resumed; ' "$T/err")
in_flight=$(grep -c 'resumed; [1-9]' "$T/err")
again=$(grep -c 'connecting again' "$T/err")
at_receiver=$(grep -c 'resumed; ' "$T/bob.err")
note "the sender was cut $again times and resumed $resumed times," \
	"$in_flight of them with stanzas in flight; the receiver $at_receiver"
ok "at least 50 cuts ($again)" [ "$again" -ge 50 ]
ok "at least 40 with stanzas in flight ($in_flight)" [ "$in_flight" -ge 40 ]
ok "some during resumption ($((again - resumed)))" [ "$again" -gt "$resumed" ]
ok "and some at the receiver ($at_receiver)" [ "$at_receiver" -ge 3 ]
is "$(grep -c 'cannot be resumed' "$T/err" "$T/bob.err" | cut -d: -f2 |
	paste -sd+ | bc)" 0 'no session was lost'
stop to_sender KILL
stop to_receiver KILL
stop server

# ---- where nothing can be resumed ---------------------------------------------

serve --resume 0
relay to_sender "$seed" 4 6000 20000
mapfile -t as_alice < <(as alice "$port")
mapfile -t as_bob < <(as bob "$server_port")
seq 500 >"$T/lines"

run xmppsend -j -l "${as_alice[@]}" bob@localhost <"$T/lines"
is "$status" 6 'a session that is lost: 6'
like "$err" 'bob@localhost: unknown whether it arrived: ' \
	'with a sentence for each'
is "$(jq -s length "$T/out")" 500 'and a record for each message'
unknown=$(jq -r 'select(.type == "error") | .to' "$T/out" | wc -l)
delivered=$(jq -r 'select(.type == "message") | .to' "$T/out" | wc -l)
note "$delivered delivered, $unknown unknown"
like "$err" "$unknown of 500 messages were not delivered\$" 'which are counted'
run xmpprecv -j "${as_bob[@]}" --for 1
jq -r 'select(.type == "message") | .body' "$T/out" >"$T/came"
came=$(wc -l <"$T/came")
ok "what was said to be delivered has come ($came)" \
	[ "$came" -ge "$delivered" ]
is "$(sort -n "$T/came" | uniq -d | head -1)" '' 'and nothing twice'
ok 'in order' sort -cn "$T/came"
stop to_sender KILL

relay to_sender "$seed" 4 6000 20000
mapfile -t as_alice < <(as alice "$port")
run xmppsend -j -l --resend "${as_alice[@]}" bob@localhost <"$T/lines"
jq -r 'select(.type == "message") | .id' "$T/out" | sort >"$T/sent"
run xmpprecv -j "${as_bob[@]}" --for 1
jq -r 'select(.type == "message") | .body' "$T/out" | sort -nu >"$T/came"
ok '--resend: every one arrives' cmp "$T/lines" "$T/came"
is "$(jq -r 'select(.type == "message") | .id + " " + .body' "$T/out" |
	sort -u | wc -l)" 500 'what comes twice has the same id'
stop to_sender KILL
stop server
finish
