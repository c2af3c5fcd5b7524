#!/bin/bash
# xmppsend, xmpprecv and xmpppresence against xmppserve, which can be asked to
# do wrong at every step.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

for name in alice bob; do
	echo secret >"$T/$name.password"
	chmod 600 "$T/$name.password"
done

# A server; leaves the options of its users in $as_alice, $as_bob.
serve() { # NAME OPTION...
	local name=$1
	shift
	start "$name" xmppserve --user alice:secret --user bob:secret \
		--friends --listen 127.0.0.1:0 "$@"
	await_ready "$name"
	as_alice=(--jid alice@localhost --password-file "$T/alice.password"
		--server "127.0.0.1:$port" --ca "$ca")
	as_bob=(--jid bob@localhost "${as_alice[@]:2}")
}

# ---- what goes right ----------------------------------------------------------

serve good
start watch xmpppresence "${as_alice[@]}" --watch
await watch '^ready	'
start bob xmpprecv --body -c 1 "${as_bob[@]}"
await watch '^presence	.*	bob@localhost/[^	]+	available'
pass 'one who watches sees the other come online'
printf '"<\xf0\x9f\x98\x80>\nend\n' >"$T/body"
run xmppsend "${as_alice[@]}" bob@localhost <"$T/body"
is "$status$out$err" 0 'a message is delivered, without a word'
await_end bob
is "$status$err" 0 'and received'
printf '"<\xf0\x9f\x98\x80>\nend' >"$T/want"
ok 'byte for byte' cmp "$T/want" "$T/bob.out"
await watch '^presence	.*	bob@localhost/[^	]+	unavailable'
pass 'who leaves says so'
stop watch

run xmppsend "${as_alice[@]}" nobody@localhost <<<hello
is "$status" 1 'nobody: 1'
like "$err" '^xmppsend: nobody@localhost: .*\(service-unavailable\)$' \
	'by name and condition'
run xmppsend "${as_alice[@]}" --tls-name example.org bob@localhost <<<hello
is "$status" 4 'a certificate of another name: 4'
like "$err" 'example.org' 'the sentence says which was wanted'
run xmppsend "${as_alice[@]}" --insecure bob@localhost --tls-name x <<<hello
is "$status" 0 '--insecure looks at no name'
like "$err" 'not verified' 'and warns'
run xmppsend "${as_alice[@]}" -w 5 --jid mallory@localhost bob@localhost <<<x
is "$status" 5 'an account that is not there: 5'
for bad in a@ @b 'a@b c' 'a b@c'; do
	run xmppsend "${as_alice[@]}" "$bad" <<<x
	is "$status" 2 "'$bad' is no JID"
done
run xmpprecv "${as_alice[@]}" -c 1 -w 0.7
is "$status" 6 '-w ends a wait for messages that do not come: 6'
run xmpprecv "${as_alice[@]}" --for 0.3
is "$status" 0 '--for ends with 0'
run bash -c 'xmpprecv "$@" --for 10 | head -n 1' _ "${as_alice[@]}"
is "$status" 0 'a reader that leaves is a polite end'

# ---- signals --------------------------------------------------------------------

declare -A ends=([TERM]=143 [INT]=130)
for signal in "${!ends[@]}"; do
	start left xmpprecv -vv "${as_alice[@]}"
	await left '^ready	'
	since=$EPOCHREALTIME
	stop left "$signal"
	took=$(((${EPOCHREALTIME/./} - ${since/./}) / 1000))
	is "$status" "${ends[$signal]}" "SIG$signal is raised again"
	like "$err" "<presence type='unavailable'/>" 'unavailable is sent'
	like "$err" '> </stream:stream>' 'and the end of the stream'
	ok "within two seconds (${took} ms)" [ "$took" -lt 2000 ]
done
stop good

# ---- what goes wrong: a server that stops in its tracks -------------------------

# Every step: silence is 6, and says after what; a cut is 3 (or 4, where it is
# noticed in the handshake), what is no XMPP 7.
wrong() { # FAULT STATUS SENTENCE
	serve wrong --fault "$1"
	run xmppsend "${as_alice[@]}" -w 2 bob@localhost <<<hello
	like "$status" "^[$2]\$" "$1: $2"
	like "$err" "^xmppsend: .*$3" "$1: $3"
	stop wrong
}
wrong connect:silent 6 'silent after the stream header$'
wrong proceed:silent 6 'silent after <proceed/>$'
wrong success:silent 6 'silent after <success/>$'
wrong bound:silent 6 'unknown|answer'
wrong message:silent 6 'not acknowledged|answer'
wrong connect:reset 3 ''
wrong proceed:reset 34 ''
wrong success:reset 3 'without </stream:stream>|reset by peer'
wrong bound:reset 36 'unknown whether|without </stream:stream>|reset by peer'
wrong message:reset 6 'bob@localhost: unknown whether it arrived: '
wrong connect:close 3 'closed'
wrong success:close 3 'closed'
wrong bound:half 6 ''
wrong bound:malformed 67 'no XMPP'
wrong message:bounce 1 'bob@localhost: .*service-unavailable'
wrong ping:silent 6 'accepted here, unknown there|not acknowledged'

# ---- what could not be written stays with the server ------------------------------

serve full
run xmppsend "${as_alice[@]}" bob@localhost <<<kept
run bash -c 'xmpprecv "$@" -c 1 >/dev/full' _ "${as_bob[@]}"
is "$status" 8 'a full disk: 8'
run xmpprecv --body "${as_bob[@]}" -c 1 -w 5
is "$status$out" 0kept 'the message was not lost by it'
for body in one two three; do
	run xmppsend "${as_alice[@]}" bob@localhost <<<"$body"
done
run xmpprecv --body "${as_bob[@]}" -c 1 -w 5
is "$status$out" 0one '-c 1 takes one'
run xmpprecv -j "${as_bob[@]}" -c 2 -w 5
is "$(jq -r 'select(.type == "message").body' "$T/out" | paste -sd' ')" \
	'two three' 'and leaves the rest, in order'
stop full
# ---- a command for each message, and filters -----------------------------------------

serve exec
# shellcheck disable=SC2016
hostile='$(touch evil); `touch evil`'
run xmppsend "${as_alice[@]}" bob@localhost <<<"$hostile"
run xmppsend "${as_alice[@]}" bob@localhost <<<second
run xmpprecv "${as_bob[@]}" -c 1 --exec "tee $T/record; env >$T/environment"
is "$status" 0 '--exec -c 1 ends with 0'
is "$(jq -r .body "$T/record")" "$hostile" 'the record is the stdin of the command'
is "$(grep -c evil "$T/environment")" 0 'and nothing of it in its environment'
unlike "$out" '"body"' 'what it prints is no record of ours'
run xmpprecv "${as_bob[@]}" --exec 'exit 3'
is "$status" 8 'a command that fails: 8'
like "$err" '--exec: the command failed with status 3$' 'the sentence says how'
run xmpprecv "${as_bob[@]}" --exec "kill -9 \$\$"
like "$err" '--exec: the command died of signal 9$' 'and of what it died'
run xmpprecv "${as_bob[@]}" --body -c 1 -w 5
is "$out" second 'its message stayed with the server'
run xmppsend "${as_alice[@]}" bob@localhost <<<again
run xmpprecv "${as_bob[@]}" --for 0.1 \
	--exec "sleep 1000 & echo \$! >$T/sleeper; wait"
is "$status" 0 'a command that hangs does not hold up the end'
ok 'the command has run' [ -s "$T/sleeper" ]
gone() { until ! kill -0 "$(cat "$T/sleeper")" 2>/dev/null; do :; done; }
export T && export -f gone
ok 'nor does it stay behind, with what it started' timeout "$DEADLINE" bash -c gone
run xmpprecv "${as_bob[@]}" --body -c 1 -w 10
is "$out" again 'and the message is still there'

run xmpprecv "${as_bob[@]}" --body --exec true
is "$status" 2 '--body and --exec exclude each other'
for body in one two; do
	run xmppsend "${as_alice[@]}" bob@localhost <<<"$body"
done
run xmpprecv "${as_bob[@]}" --body -c 1 -w 5 --from alice@localhost --match ^tw
is "$out" two 'a filter takes what it leaves out'
run xmpprecv "${as_bob[@]}" --body --for 0.1
is "$out" '' 'and that is gone'
mkfifo "$T/pipe"
run xmpprecv "${as_bob[@]}" --state "$T/pipe" --for 0.1
is "$status" 8 'what is no regular file is no state'
ok 'and is left as it is' [ -p "$T/pipe" ]
run xmpprecv -j "${as_bob[@]}" --state "$T/mark" --for 0.1
is "$status" 0 'a server without an archive'
like "$err" 'keeps no archive' 'is warned of'
stop exec
finish
