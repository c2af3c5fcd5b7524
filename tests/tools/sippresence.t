#!/bin/bash
# sippresence: published at a server, or told here; watched, waited for.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq

# ---- without a server --------------------------------------------------------------

note='At <lunch> & "tea" ☕'
start bob sippresence --listen 127.0.0.1:0 --set away --status "$note"
await_ready bob
bob=sip:127.0.0.1:$port
start alice sippresence -j --watch "$bob"
await alice '"type":"presence"'
is "$(jq -r '"\(.presence_type) \(.show) \(.status)"' <<<"$line")" \
	"available away $note" 'who watches sees who is there'
run sippresence -c 1 --watch "$bob"
is "$status$err" 0 '-c 1 ends after one'
is "$(cut -f1,3-6 "$T/out" | tr '\t' '|')" \
	"presence|sip:127.0.0.1:0|available|away|$note" 'in columns'
run sippresence --wait-for "$bob=away"
is "$status" 0 '--wait-for: he is so'
run sippresence --wait-for "$bob"
is "$status" 0 'or there at all'
run sippresence -w 0.3 --wait-for "$bob=dnd"
is "$status" 6 'or not'
like "$err" 'waited in vain' 'which is said'
stop bob
is "$status" 143 'he leaves'
await alice '"unavailable"'
is "$(jq -r .presence_type <<<"$line")" unavailable \
	'and who watches sees that as well'
stop alice INT
is "$status" 130 'a signal ends the watching'

# ---- at a server -------------------------------------------------------------------

start server "$TOP/tests/mock/sip-peer" --header 'SIP-ETag: one' \
	--header 'Expires: 600' 200
await_ready server
run sippresence --uri "sip:bob@127.0.0.1:$port" --set dnd --for 0.3 -j
is "$status$err" 0 'it is published'
is "$(jq -r .type "$T/out")" ready 'which is said when it is there'
stop server
is "$(grep -c PUBLISH "$T/server.out")" 2 'and removed at the end'
start server "$TOP/tests/mock/sip-peer" 489
await_ready server
run sippresence --uri "sip:bob@127.0.0.1:$port" --set dnd
is "$status" 1 'a server that knows no presence is 1'
like "$err" 'publishing' 'and it is said what was refused'

# ---- how it is left ------------------------------------------------------------------

cat >"$T/there" <<'PIDF'
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:bob@example.com"
  ><tuple id="t"><status><basic>open</basic></status></tuple></presence>
PIDF
watched() { # ARGUMENT...: leaves $uri, of a notifier of this moment
	[ -z "${pids[notifier]:-}" ] || stop notifier
	start notifier "$TOP/tests/mock/sip-notifier" \
		--type application/pidf+xml "$@" "$T/there"
	await_ready notifier
	uri=sip:bob@127.0.0.1:$port
}
watched
run sippresence --watch "$uri" -w 0.3
is "$status" 6 '-w is the deadline of the whole run: 6'
is "$err" 'sippresence: it did not end within 0.3 s' 'in a sentence'
watched
run bash -c 'sippresence --watch "$1" >/dev/full' - "$uri"
is "$status" 8 'a full disk: 8'
stop notifier
is "$(grep SUBSCRIBE "$T/notifier.out" | tail -1)" 'SUBSCRIBE 0' \
	'and nothing is left behind'
watched --end invariant
run sippresence --watch "$uri"
is "$status$err" 0 'what never changes again is the end (RFC 6665 4.1.3)'

run sippresence
is "$status" 2 'nothing to do is a usage error'
run sippresence -c 1 --set away --listen 127.0.0.1:0
is "$status" 2 '-c wants somebody who is watched'
run sippresence --set away --listen 127.0.0.1:0 --status $'a\001b'
is "$status" 7 'what XML cannot carry is refused'
finish
