#!/bin/bash
# xmpppresence against Prosody: probes, waits, subscriptions.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq

prosody_start
prosody_friends alice bob

# ---- probes ---------------------------------------------------------------------

run xmpppresence "${as_alice[@]}" --probe bob@localhost
is "$status" 1 'nobody there: 1'
like "$err" 'bob@localhost is not available' 'the sentence says so'
like "$out" '^presence	.*	bob@localhost	unavailable' 'and the record'
start bob xmpppresence -j "${as_bob[@]}" --watch --set dnd --status 'at work'
await bob '"type":"ready"' || bail 'xmpppresence is not ready'
run xmpppresence -j "${as_alice[@]}" --probe bob@localhost
is "$status$err" 0 'somebody there: 0'
is "$(jq -r '[.from[0:14], .show, .status] | join(" ")' "$T/out")" \
	'bob@localhost/ dnd at work' 'with a record of each resource, no other'
run xmpppresence "${as_carol[@]}" --probe bob@localhost
is "$status" 1 'who may not see it is refused: 1'
like "$err" 'bob@localhost is not available, or not for us to see' 'and told so'
run xmpppresence "${as_alice[@]}" --probe nobody@localhost
is "$status" 1 'nobody of that name: 1'
run xmpppresence "${as_alice[@]}" --probe 'a@b@c'
is "$status" 2 'no JID: 2'
run xmpppresence "${as_alice[@]}" --probe bob@localhost --set away
is "$status" 2 'a probe goes with no presence of ours: 2'

# ---- waiting ----------------------------------------------------------------------

run xmpppresence "${as_alice[@]}" --wait-for bob@localhost
is "$status" 0 'who is there already need not be waited for'
like "$out" 'presence	.*bob@localhost/.*	dnd	at work' 'and is printed'
run xmpppresence "${as_alice[@]}" --wait-for bob@localhost=dnd
is "$status" 0 'and so with what they are'
run xmpppresence "${as_alice[@]}" --wait-for bob@localhost=away -w 0.5
is "$status" 6 'what does not become so: 6'
run xmpppresence "${as_carol[@]}" --wait-for bob@localhost -w 5
is "$status" 1 'who will never be seen is not waited for: 1'
like "$err" 'not subscribed' 'and the sentence says why'
run xmpppresence "${as_carol[@]}" --wait-for carol@localhost -w 0.5
is "$status" 6 'another client of our own is'
run xmpppresence "${as_alice[@]}" --wait-for bob@localhost=tired
is "$status" 2 'a show that is none: 2'
start wait xmpppresence -j "${as_alice[@]}" --wait-for bob@localhost=unavailable
await wait '"type":"ready"'
stop bob
await_end wait
is "$status" 0 'gone is a thing to wait for too'
is "$(tail -1 "$T/wait.out" | jq -r .presence_type)" unavailable 'by its record'
run xmpppresence -j "${as_alice[@]}" --wait-for bob@localhost=unavailable -w 5
is "$status" 0 'and who is gone already need not be waited for'
start wait xmpppresence "${as_alice[@]}" --wait-for bob@localhost/phone=chat
await wait '^ready'
start desk xmpppresence "${as_bob[@]}" --jid bob@localhost/desk --set chat
await desk '^ready'
start phone xmpppresence "${as_bob[@]}" --jid bob@localhost/phone --set chat
await_end wait
is "$status" 0 'a full JID waits for that resource'
unlike "$(cat "$T/wait.out")" /desk 'and for no other'
stop phone
stop desk

# ---- setting and leaving ------------------------------------------------------------

start watch xmpppresence -j "${as_alice[@]}" --watch
await watch '"type":"ready"'
run xmpppresence "${as_bob[@]}" --set xa --status 'gone fishing' --leave
is "$status" 0 '--leave ends with 0'
await watch '"presence_type":"available"'
is "$(jq -r .show <<<"$line")" xa 'it was there'
await watch '"presence_type":"unavailable"'
is "$(jq -r .status <<<"$line")" 'gone fishing' 'and left with its words'
stop watch

# ---- subscriptions -----------------------------------------------------------------

start watch xmpppresence -j "${as_bob[@]}" --watch
await watch '"type":"ready"'
run xmpppresence "${as_carol[@]}" --request bob@localhost
is "$status$out$err" 0 '--request is said'
await watch '"presence_type":"subscribe"'
like "$line" '"from":"carol@localhost"' 'and heard by who watches'
run xmpppresence "${as_bob[@]}" --approve carol@localhost
is "$status$out$err" 0 '--approve is said'
run xmpppresence "${as_carol[@]}" --probe bob@localhost
is "$status" 0 'from then on a probe is answered'
run xmpppresence "${as_bob[@]}" --deny carol@localhost
is "$status" 0 '--deny takes it back'
run xmpppresence "${as_carol[@]}" --probe bob@localhost
is "$status" 1 'and a probe is refused'
finish
