#!/bin/bash
# Ten thousand messages over connections that are cut again and again, on the
# sender's side and on the receiver's: each arrives once, in order.  And where a
# session cannot be resumed, what is unknown is told.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/cuts.bash"
need jq perl
export DEADLINE=120

echo secret >"$T/password"
chmod 600 "$T/password"

serve() { # OPTION...
	start server xmppserve --user alice:secret --user bob:secret \
		--listen 127.0.0.1:0 "$@"
	await_ready server
	server_port=$port
}
as() { # USER PORT
	printf '%s\n' --jid "$1@localhost" --password-file "$T/password" \
		--server "127.0.0.1:$2" --ca "$ca"
}

seed=${SEED:-$RANDOM}
note "seed $seed"

serve
relay to_sender "$server_port" "$seed" 66 6000 150000
mapfile -t as_alice < <(as alice "$port")
relay to_receiver "$server_port" "$((seed + 1))" 12 6000 400000
mapfile -t as_bob < <(as bob "$port")

ten_thousand_over_cuts to_sender to_receiver
stop server

# ---- where nothing can be resumed ---------------------------------------------

serve --resume 0
relay to_sender "$server_port" "$seed" 4 6000 20000
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

relay to_sender "$server_port" "$seed" 4 6000 20000
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
