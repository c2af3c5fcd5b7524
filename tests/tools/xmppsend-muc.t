#!/bin/bash
# xmppsend --muc: rooms as recipients, and what became of each message there.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq perl

echo secret >"$T/password"
chmod 600 "$T/password"
start server xmppserve --user alice:secret --user bob:secret \
	--listen 127.0.0.1:0
await_ready server
server_port=$port
# Who, where: after the start of a server, or of a relay.
be() { # PORT
	as_alice=(--jid alice@localhost --password-file "$T/password"
		--server "127.0.0.1:$1" --ca "$ca")
}
be "$port"
as_bob=(--jid bob@localhost "${as_alice[@]:2}")
room=tea@conference.localhost other=cake@conference.localhost
say() { run xmppsend --muc "${as_alice[@]}" "$@"; }

# ---- a room that is not there, and one that is -----------------------------------

say "$room" <<<hello
is "$status" 1 'a room that does not exist: 1'
like "$err" "^xmppsend: $room: there is no such room\$" 'and it says so'
run xmppdisco "${as_alice[@]}" --items conference.localhost
is "$out" '' 'none is left behind'
say -w 0.5 bob@localhost <<<hello
is "$status" 6 'what is no room, and says nothing, until the deadline: 6'
like "$err" '^xmppsend: bob@localhost: not sent: the room does not answer$' \
	'and it says so'
say --create "$room" <<<hello
is "$status$out$err" 0 '--create makes it'

start bob xmppmuc "${as_bob[@]}" -j --create --for 100 join "$room"
await bob '"type":"ready"' || bail 'not in the room'
say -vv "$room" <<<'one å'
is "$status$out" 0 'a message is said: 0'
like "$err" "> .*<presence to='$room/alice'>.*<history maxstanzas='0'/>" \
	'who says it comes in, by the localpart, and wants no history'
like "$err" "> <presence type='unavailable' to='$room/alice'/>" 'and leaves'
is "$(grep '^> <presence' "$T/err" | grep -vc " to='$room/alice'")" 0 \
	'presence goes to the room only'
await bob '"body":"one å"'
is "$(jq -r '[.from, .message_type] | join(" ")' <<<"$line")" \
	"$room/alice groupchat" 'and heard there'
heard_id=$(jq -r .stanza_id <<<"$line")
await bob '"presence_type":"unavailable"'
pass 'who goes is told to those who stay'

say -j --id mine --nick report "$room" <<<two
is "$status $(jq -r '[.id, .to, .message_type] | join(" ")' "$T/out")" \
	"0 mine $room groupchat" '-j: a record of it'
sent_id=$(jq -r .stanza_id "$T/out")
await bob '"body":"two"'
is "$(jq -r '[.from, .id, .stanza_id] | join(" ")' <<<"$line")" \
	"$room/report mine $sent_id" \
	'--nick, --id; the id that the room gave it is the same on both sides'
ok 'and another one for each' [ "$heard_id" != "$sent_id" ]

# ---- refusals ----------------------------------------------------------------------

say --nick bob "$room" <<<hello
is "$status" 1 'a name that is taken: 1'
like "$err" "^xmppsend: $room: .*\(conflict\)\$" 'and it says so'
run xmppsend --muc --jid bob@localhost/two "${as_bob[@]:2}" "$room" <<<three
is "$status$err" 0 'unless it was asked for'
await bob '"body":"three"'
is "$(jq -r .from <<<"$line")" "$room/bob-2" 'another one is taken'
say -j "$room" "$other" <<<four
is "$status" 1 'one of two rooms is not there: 1'
is "$(jq -r '[.type, .to, .condition] | join(" ")' "$T/out" | sort |
	paste -sd,)" "error $other item-not-found,message $room " \
	'a record says which'
await bob '"body":"four"'
pass 'the other one has it'
run xmppmuc "${as_bob[@]}" config "$room" moderatedroom=1 roomsecret=s3same \
	</dev/null
say "$room" <<<hello
is "$status" 1 'without the password nobody comes in'
like "$err" "$room: .*\(not-authorized\)\$" 'and it says so'
echo s3same >"$T/sesame"
chmod 600 "$T/sesame"
say --room-password-file "$T/sesame" "$room" <<<hello
is "$status" 1 'with it one does, and a visitor may not talk'
like "$err" "$room: .*\(forbidden\)\$" 'and it says so'
run xmppmuc "${as_bob[@]}" config "$room" moderatedroom=0 roomsecret= </dev/null

# ---- streams ---------------------------------------------------------------------------

seq 1000 >"$T/lines"
say -l "$room" <"$T/lines"
is "$status$err" 0 'a thousand lines: 0'
await bob '"body":"1000"'
is "$(jq -r 'select(.body).body' "$T/bob.out" | tail -1000 | cksum)" \
	"$(cksum <"$T/lines")" 'each once, in order'
start keeper xmppmuc "${as_bob[@]}" -j --create --for 100 join "$other"
await keeper '"type":"ready"'
say --json-input <<-END
	{"to":"$room","body":"to one","message_type":"groupchat"}
	{"to":"$other","body":"to the other","message_type":"chat"}
	{"to":"nowhere@conference.localhost","body":"lost"}
	{"to":"conference.localhost","body":"lost"}
	{"to":"$room","body":"last"}
END
is "$status" 7 'records say which room: the worst of their outcomes'
like "$err" 'nowhere@.*: there is no such room' 'one is not there'
like "$err" 'conference.localhost: that is no room' 'one is none'
like "$err" '2 of 5 messages were not delivered' 'and they are counted'
await keeper '"body":"to the other"'
is "$(jq -r .message_type <<<"$line")" groupchat 'they go where they shall'
await bob '"body":"last"'
is "$(jq -r 'select(.body).body' "$T/bob.out" | tail -2 | paste -sd,)" \
	'to one,last' 'in order'
stop keeper
say --json-input --reply <<<"{\"from\":\"$room/bob\",\"body\":\"re\"}"
is "$status$err" 0 '--reply: to the room of who said it'
await bob '"body":"re"'

mkfifo "$T/slow.in"
exec 5<>"$T/slow.in"
start slow xmppsend --muc -l "${as_alice[@]}" "$room"
echo now >&5
await bob '"body":"now"'
pass 'a line goes at once, while the input is open'
stop slow INT
is "$status" 130 'and a signal ends the wait for more'
exec 5>&-

# ---- of other messages -------------------------------------------------------------

says() { # NAME WHAT OPTION...: its stanza has it
	run xmppsend --muc -vv "${as_alice[@]}" "$room" "${@:3}" <<<text
	like "$status$(grep '^> .*<message ' "$T/err")" \
		"^0.*type='groupchat'.*$2" "$1 is reflected, too"
}
says '--correct' "<replace xmlns='urn:xmpp:message-correct:0' id='mine'/>" \
	--correct mine
says '--retract' "<retract xmlns='urn:xmpp:message-retract:1' id='$sent_id'/>" \
	--retract "$sent_id"
says '--react' "<reactions [^>]*id='$sent_id'><reaction>text<" \
	--react "$sent_id"
says '--reply-to' "<reply xmlns='urn:xmpp:reply:0' id='$sent_id'/>" \
	--reply-to "$sent_id"
stop bob

# ---- cuts ---------------------------------------------------------------------------

start bob xmppmuc "${as_bob[@]}" -j --create --for 100 join "$room"
await bob '"type":"ready"'
seed=${SEED:-$RANDOM}
note "seed $seed"
start cutter "$TOP/tests/mock/cutter" "$server_port" "$seed" 7 6000 60000
await cutter '^[0-9]+$' || bail 'the relay does not start'
be "$line"
seq -f "%04.0f $(printf '%300s' '' | tr ' ' x)" 1000 >"$T/lines"
say -v -l "$room" <"$T/lines"
cuts=$(grep -c 'resumed; ' "$T/err")
is "$status" 0 'a thousand lines over connections that are cut: 0'
await bob '"body":"1000 '
is "$(jq -r 'select(.body).body' "$T/bob.out" | cksum)" "$(cksum <"$T/lines")" \
	'each once, in order'
ok "over $cuts cuts that were resumed" [ "$cuts" -ge 3 ]
stop cutter KILL
stop bob
stop server

# Where nothing can be resumed.
start server xmppserve --user alice:secret --user bob:secret --resume 0 \
	--listen 127.0.0.1:0
await_ready server
be "$port"
as_bob=(--jid bob@localhost "${as_alice[@]:2}")
start bob xmppmuc "${as_bob[@]}" -j --create --for 100 join "$room"
await bob '"type":"ready"'
start cutter "$TOP/tests/mock/cutter" "$port" "$seed" 2 9000 30000
await cutter '^[0-9]+$' || bail 'the relay does not start'
be "$line"
seq 500 >"$T/lines"
say -j -l "$room" <"$T/lines"
unknown=$(jq -r 'select(.type == "error") | .id' "$T/out" | sort)
is "$(jq -s length "$T/out")" 500 'a session that is lost: a record for each line'
if [ -n "$unknown" ]; then
	is "$status" 6 'where some are unknown: 6'
	like "$err" "$room: unknown whether it was said: " 'with a sentence'
else
	is "$status" 0 'where none is unknown: 0'
fi
run xmppsend --muc "${as_bob[@]}" --nick end "$room" <<<end
await bob '"body":"end"'
jq -r 'select(.body and .body != "end") | .id' "$T/bob.out" >"$T/came"
is "$(sort "$T/came" | uniq -d)" '' 'none came twice'
is "$(jq -r 'select(.type == "message") | .id' "$T/out" | sort |
	comm -23 - <(sort "$T/came"))" '' 'what is told to be said was'
is "$(jq -r 'select(.body and .body != "end").body' "$T/bob.out")" \
	"$(jq -r 'select(.body and .body != "end").body' "$T/bob.out" | sort -n)" \
	'the order is kept'
stop cutter KILL

# ---- misuse ----------------------------------------------------------------------------

for bad in '--type chat a@b' '--wait=received a@b' '--wait=sent a@b' 'a@b/c' b \
	''; do
	# shellcheck disable=SC2086 # words
	say $bad <<<x
	is "$status$out" 2 "--muc $bad is misuse"
done
for bad in '--nick x' --create '--room-password-file x'; do
	# shellcheck disable=SC2086 # words
	run xmppsend $bad "${as_alice[@]}" bob@localhost <<<x
	is "$status$out" 2 "$bad without --muc is misuse"
done
run xmppsend --json-input "${as_bob[@]}" \
	<<<"{\"to\":\"$room\",\"body\":\"x\",\"message_type\":\"groupchat\"}"
is "$status" 7 'a record of a room without --muc: 7'
like "$err" 'without --muc' 'and it says so'
stop bob
stop server
finish
