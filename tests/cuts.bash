# shellcheck shell=bash disable=SC2034,SC2154
# tests/cuts.bash - messages over connections that are cut again and again
#
#	. "$TOP/tests/lib.sh"; . "$TOP/tests/cuts.bash"
#	relay to_alice "$server_port" "$seed" 66 6000 150000	# see $port
#	relay to_bob …
#	ten_thousand_over_cuts to_alice to_bob	# $as_alice to $as_bob by them

relay() { # NAME ARGUMENT...: of tests/mock/cutter; leaves $port
	start "$1" "$TOP/tests/mock/cutter" "${@:2}"
	await "$1" '^[0-9]+$' || bail 'the relay does not start'
	port=$line
}

ten_thousand_over_cuts() { # RELAY-OF-ALICE RELAY-OF-BOB
	local count=10000 resumed in_flight again at_receiver
	# shellcheck disable=SC2016 # for the other shell
	# Into a file: a pipe that nobody reads meanwhile would make all wait.
	start bob bash -c 'exec xmpprecv -v -j "${@:2}" >"$1"' _ \
		"$T/bob.json" "${as_bob[@]}" -c $count
	await_line "$T/bob.json" '"type":"ready"' ||
		bail 'xmpprecv is not ready'
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
		"$in_flight of them with stanzas in flight; the receiver" \
		"$at_receiver"
	ok "at least 50 cuts ($again)" [ "$again" -ge 50 ]
	ok "at least 40 with stanzas in flight ($in_flight)" \
		[ "$in_flight" -ge 40 ]
	ok "some during resumption ($((again - resumed)))" \
		[ "$again" -gt "$resumed" ]
	ok "and some at the receiver ($at_receiver)" [ "$at_receiver" -ge 3 ]
	is "$(cat "$T/err" "$T/bob.err" | grep -c 'cannot be resumed')" 0 \
		'no session was lost'
	stop "$1" KILL
	stop "$2" KILL
}
