#!/bin/bash
# slixmpp as the other side of a conversation, over Prosody: messages both ways
# byte for byte, receipts, markers, corrections, reactions, carbons, presence,
# contacts, a room, discovery, pings and events of PEP.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq
/usr/bin/python3 -c 'import slixmpp' 2>/dev/null || need python3-slixmpp

PROSODY_MODULES='"pep"' \
	PROSODY_COMPONENTS='Component "conference.localhost" "muc"' \
	prosody_start
prosody_friends alice bob

mkfifo "$T/slix.in"
exec {words}<>"$T/slix.in"
told=0
me() { # EXPRESSION: of Python; leaves its value in $line
	told=$((told + 1))
	printf '%d %s\n' "$told" "${1//$'\n'/ }" >&"$words"
	await slix "\"number\": ${told}[,}]"
}
start slix /usr/bin/python3 "$TOP/tests/peers/slixmpp.py" bob@localhost/there \
	secret "$starttls_port" "$ca"
await slix '"what": "ready"' || bail 'slixmpp is not ready'
there=bob@localhost/there
body=$'"quotes", \'two\' <of> & them\n😀 å\ttab ]]> \\n'

# ---- to it --------------------------------------------------------------------

run xmppsend "${as_alice[@]}" --wait=received bob@localhost <<<"$body"
is "$status$err" 0 'a message to slixmpp, which says that it has got it'
await slix '"what": "message"'
is "$(jq -j .body <<<"$line" | od -c)" "$(printf %s "$body" | od -c)" \
	'every byte of it'
is "$(jq -r .type <<<"$line")" chat 'of type chat'
me 'me.send_presence()' # the next message goes to the bare JID again
me 'setattr(me["xep_0184"], "auto_ack", False)'
me 'setattr(me, "marks", True)'
run xmppsend "${as_alice[@]}" --wait=received -W 0.5 "$there" <<<unanswered
is "$status" 6 'where it says nothing: 6'
run xmppsend "${as_alice[@]}" --wait=displayed "$there" <<<looked
is "$status$err" 0 'it says that somebody has seen it (a marker)'
me 'setattr(me, "marks", False)'
run xmppsend "${as_alice[@]}" --wait=displayed -W 0.5 "$there" <<<unseen
is "$status" 6 'or not: 6'
me 'setattr(me["xep_0184"], "auto_ack", True)'
run xmppsend "${as_alice[@]}" --id m1 "$there" <<<'teh tea'
run xmppsend "${as_alice[@]}" --correct m1 "$there" <<<'the tea'
await slix '"message_correction"'
is "$(jq -r '[.replaces, .body] | join(" ")' <<<"$line")" 'm1 the tea' \
	'a correction is one there'
run xmppsend "${as_alice[@]}" --react m1 "$there" <<<'👍 😀'
await slix '"reactions"'
is "$(jq -r '[.of, .emoji[]] | join(" ")' <<<"$line")" 'm1 👍 😀' \
	'and a reaction one'

# ---- from it -------------------------------------------------------------------

start alice xmpprecv -j "${as_alice[@]}" --jid alice@localhost/here
await alice '"type":"ready"'
printf %s "$body" >"$T/body"
say() { # TO BODY [BEFORE SENDING]
	me "(lambda m: (m.__setitem__(\"id\", \"$3\"), ${4:-None}, m.send()))(
		me.make_message(\"$1\", $2, mtype=\"chat\"))"
}
say alice@localhost "open(\"$T/body\").read()" s1 \
	'm.__setitem__("request_receipt", True)'
await alice '"type":"message"'
is "$(jq -j .body <<<"$line" | od -c)" "$(printf %s "$body" | od -c)" \
	'every byte of what slixmpp says'
is "$(jq -r '[.from, .id] | join(" ")' <<<"$line")" "$there s1" 'and who says it'
await slix '"receipt_received"'
is "$(jq -r '[.from, .receipt] | join(" ")' <<<"$line")" \
	'alice@localhost/here s1' 'slixmpp gets its receipt'
say alice@localhost '"better"' s2 'm["replace"].__setitem__("id", "s1")'
await alice '"better"'
is "$(jq -r .replaces <<<"$line")" s1 'its correction replaces what it said'

# ---- other clients of the same account -------------------------------------------

start desk xmpprecv -j "${as_bob[@]}" --jid bob@localhost/desk
await desk '"type":"ready"'
say alice@localhost '"a copy"' s3
await desk '"a copy"'
is "$(jq -r '[.direction, .from, .to] | join(" ")' <<<"$line")" \
	"out $there alice@localhost" 'what slixmpp sends is copied to xmpprecv'
run xmppsend "${as_alice[@]}" "$there" <<<'for slixmpp'
await desk '"for slixmpp"'
is "$(jq -r '[.direction, .to] | join(" ")' <<<"$line")" "in $there" \
	'and what it gets'
run xmppsend "${as_bob[@]}" --jid bob@localhost/cron alice@localhost <<<'by cron'
await slix '"carbon_sent"'
is "$(jq -r '[.from, .to, .body] | join(" ")' <<<"$line")" \
	'bob@localhost/cron alice@localhost by cron' \
	'slixmpp has a copy of what xmppsend sends'
run xmppsend "${as_alice[@]}" bob@localhost/desk <<<'for the desk'
await slix '"carbon_received"'
is "$(jq -r '[.to, .body] | join(" ")' <<<"$line")" \
	'bob@localhost/desk for the desk' 'and of what xmpprecv gets'
stop desk

# ---- presence ---------------------------------------------------------------------

start watch xmpppresence -j "${as_alice[@]}" --watch
await watch "\"from\":\"$there\""
me 'me.send_presence(pshow="dnd", pstatus="at <lunch>")'
await watch '"show":"dnd"'
is "$(jq -r '[.from, .status] | join(" ")' <<<"$line")" "$there at <lunch>" \
	'the presence of slixmpp is watched'
run xmpppresence "${as_alice[@]}" --wait-for bob@localhost=dnd
is "$status" 0 'and waited for'
start away xmpppresence "${as_alice[@]}" --jid alice@localhost/away --set away \
	--status 'back at "5"'
await slix '"from": "alice@localhost/away", .*"show": "away"'
is "$(jq -r .status <<<"$line")" 'back at "5"' 'slixmpp sees ours'
stop away
await slix '"from": "alice@localhost/away", "type": "unavailable"'
is "$(jq -r .type <<<"$line")" unavailable 'and that it is gone'
stop watch

# ---- who it is ------------------------------------------------------------------------

run xmppping "${as_alice[@]}" -j -c 2 -i 0.05 --expect result "$there"
is "$status $(jq -r 'select(.type == "summary").received' "$T/out")" '0 2' \
	'slixmpp answers pings'
run xmppdisco "${as_alice[@]}" -j --info "$there"
is "$status" 0 'says what it is'
is "$(jq -r 'select(.type == "identity").category' "$T/out")" client 'a client'
like "$out" 'urn:xmpp:receipts' 'and what it can do'
me 'me["xep_0199"].ping("alice@localhost/here")'
is "$(jq -r .what <<<"$line")" 'done' 'xmpprecv answers its ping'
me 'me["xep_0030"].get_info("alice@localhost/here", cached=False)'
like "$line" 'urn:xmpp:receipts' 'and says that it sends receipts'

# ---- contacts -----------------------------------------------------------------------

run xmpproster "${as_bob[@]}" --name 'Carol "C"' --group work add carol@localhost
is "$status" 0 'a contact is added'
await slix '"roster", "jid": "carol@localhost"'
is "$(jq -r '[.name, .groups[], .subscription] | join(" ")' <<<"$line")" \
	'Carol "C" work none' 'slixmpp is told'
mkfifo "$T/raw.in"
exec {stanzas}<>"$T/raw.in"
start raw xmppraw "${as_bob[@]}" --stream
printf '%s\n' '<presence/>' '<iq type="get" id="r1"><query xmlns="jabber:iq:roster"/></iq>' \
	>&"$stanzas"
await raw "id='r1'|id=\"r1\""
me 'me.update_roster("dave@localhost", name="Dave <d>", groups=["play"])'
await raw 'dave@localhost'
like "$line" '^<iq .*type=.set' 'what slixmpp adds is pushed to us'
run xmpproster "${as_bob[@]}" -j list dave@localhost
is "$(jq -r '[.name // "-", .groups[]] | join(" ")' "$T/out")" 'Dave <d> play' \
	'and is in the list'
stop raw

# ---- a room ---------------------------------------------------------------------------

room=tea@conference.localhost
mkfifo "$T/room.in"
exec {talk}<>"$T/room.in"
start room xmppmuc "${as_alice[@]}" -j --create join "$room"
await room '"type":"ready"' || fail 'xmppmuc is not in it'
me "me.join(\"$room\", \"slix\")"
await slix "\"presence\", \"from\": \"$room/slix\"" ||
	fail 'slixmpp is not in it'
echo 'from <us> "😀"' >&"$talk"
await slix 'from <us>'
is "$(jq -r '[.from, .body] | join(" ")' <<<"$line")" \
	"$room/alice from <us> \"😀\"" 'hears what is said there'
me "me.send_message(\"$room\", \"from 'it' & 😀\", mtype=\"groupchat\")"
await room "from 'it'"
is "$(jq -r '[.from, .body] | join(" ")' <<<"$line")" \
	"$room/slix from 'it' & 😀" \
	'and says something'
run xmppmuc "${as_alice[@]}" subject "$room" 'Tea at <5>' </dev/null
is "$status$err" 0 'a subject'
await slix '"subject": "Tea'
is "$(jq -r '[.from, .subject] | join(" ")' <<<"$line")" \
	"$room/alice Tea at <5>" 'is told there'
run xmppmuc "${as_alice[@]}" -j --nick two occupants "$room" </dev/null
is "$(jq -r .nick "$T/out" | sort | paste -sd' ')" 'alice slix two' \
	'who is there'
stop room

# ---- events of PEP -----------------------------------------------------------------------

tune=http://jabber.org/protocol/tune
pubsub=http://jabber.org/protocol/pubsub
me 'me["xep_0118"].publish_tune(title="First")'
start raw xmppraw "${as_alice[@]}" --jid alice@localhost/raw --stream
printf '%s\n' "<iq type='set' to='bob@localhost' id='sub'><pubsub xmlns='$pubsub'>
	<subscribe node='$tune' jid='alice@localhost/raw'/></pubsub></iq>" >&"$stanzas"
await raw 'id=.sub'
like "$line" 'type=.result' 'a contact may subscribe'
me 'me["xep_0118"].publish_tune(title="Second")'
await raw '>Second<' || fail 'the event does not come'
like "$line" "^<message [^>]*from=.bob@localhost." \
	'what slixmpp publishes comes, from its account'
printf '%s\n' "<iq type='set' id='pub'><pubsub xmlns='$pubsub'><publish
	node='$tune'><item><tune xmlns='$tune'><title>Ours</title></tune></item>
	</publish></pubsub></iq>" >&"$stanzas"
await slix '"tune", "from": "alice@localhost"' || fail 'ours does not come there'
is "$(jq -r .title <<<"$line")" Ours 'and what we publish comes there'
stop raw
stop alice
exec {words}>&-
stop slix
is "$(grep -c '"failed"' "$T/slix.out")" 0 'slixmpp has nothing to complain of'
finish
