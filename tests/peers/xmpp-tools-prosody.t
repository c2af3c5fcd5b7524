#!/bin/bash
# The tools that ask and look around, against Prosody with rooms.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq

PROSODY_COMPONENTS='Component "conference.localhost" "muc"' prosody_start

# ---- xmppping ------------------------------------------------------------------

run xmppping "${as_alice[@]}" -j -c 2 -i 0.05 localhost conference.localhost \
	bob@localhost
is "$status$err" 0 'a server, a component and an account answer'
is "$(jq -r 'select(.type == "summary") | "\(.to) \(.received)"' "$T/out" |
	sort | paste -sd' ')" \
	'bob@localhost 2 conference.localhost 2 localhost 2' 'twice each'
run xmppping "${as_alice[@]}" -j -c 1 bob@localhost/nowhere
is "$status $(jq -r 'select(.type == "ping").condition' "$T/out")" \
	'0 service-unavailable' 'who is not there: an error, which is an answer'
start bob xmpprecv --jid bob@localhost/there "${as_bob[@]:2}"
await bob '^ready'
prosody_friends alice bob
run xmppping "${as_alice[@]}" -c 1 --expect result localhost
is "$status" 0 'a result where one is wanted'
run xmppping "${as_alice[@]}" -c 1 -W 5 far.invalid
is "$status" 3 'a domain Prosody does not connect to: 3'
like "$err" 'far.invalid: .*not-allowed' 'though it says so under its name'
stop bob

# ---- xmppdisco -----------------------------------------------------------------

run xmppdisco "${as_alice[@]}" -j --recursive localhost
is "$status$err" 0 'the server and what is below it'
is "$(jq -r 'select(.type == "identity") | "\(.from) \(.category)/\(.kind)"' \
	"$T/out" | sort | paste -sd,)" \
	'conference.localhost conference/text,localhost server/im' 'who is who'
is "$(jq -r 'select(.type == "item").jid' "$T/out")" conference.localhost \
	'the one hangs below the other'
run xmppdisco "${as_alice[@]}" -vv --info localhost
promise() { # ATTRIBUTE of the <c/> among the stream's features
	perl -ne "print \$1 if m{<c [^>]*$1='([^']*)'}" "$T/err"
}
node=$(promise node) ver=$(promise ver)
run xmppdisco "${as_alice[@]}" -j --caps localhost "$node#$ver"
is "$status $(jq -c 'select(.type == "caps").verified' "$T/out")" '0 true' \
	"Prosody can do what its hash promises ($ver)"

# ---- xmpproster ----------------------------------------------------------------

run xmpproster "${as_carol[@]}" -j --name Alice --group a --subscribe add \
	alice@localhost bob@localhost
is "$status" 2 'one name for two is misuse'
run xmpproster "${as_carol[@]}" -j --group a --subscribe add \
	alice@localhost bob@localhost
is "$status$err" 0 'two are added'
is "$(jq -c '[.jid, .subscription, .groups, .ask]' "$T/out" | paste -sd' ')" \
	'["alice@localhost","none",["a"],true] ["bob@localhost","none",["a"],true]' \
	'and asked'
run xmpproster "${as_alice[@]}" approve carol@localhost
is "$status" 0 'one approves'
run xmpproster "${as_carol[@]}" -j list alice@localhost
is "$(jq -r .subscription "$T/out")" to 'and is seen'
run xmpproster "${as_alice[@]}" -j approve nobody@localhost
is "$status $(jq -r .jid "$T/out")" '0 nobody@localhost' \
	'Prosody notes an approval for later'
run xmpproster "${as_alice[@]}" add bob@localhost
run xmpproster "${as_alice[@]}" approve bob@localhost
is "$status" 0 'also of who is in the list already, and has not asked'
run xmpproster "${as_carol[@]}" export
cp "$T/out" "$T/carol.jsonl"
run xmpproster "${as_carol[@]}" remove alice@localhost bob@localhost
is "$status" 0 'they are removed'
run xmpproster "${as_carol[@]}" import <"$T/carol.jsonl"
is "$status $(wc -l <"$T/out")" '0 2' 'and come back'
run xmpproster "${as_carol[@]}" remove nobody@localhost
is "$status" 1 'who is not there cannot be removed'

# ---- xmppraw -------------------------------------------------------------------

version="<iq type='get' to='localhost'><query xmlns='jabber:iq:version'/></iq>"
run xmppraw "${as_alice[@]}" --iq <<<"$version"
is "$status$err" 0 'one request'
like "$out" '<name>Prosody</name>' 'and its reply'
run xmppraw "${as_alice[@]}" --iq <<<"${version//localhost/nobody@localhost}"
is "$status" 1 'an error'
run xmppraw "${as_alice[@]}" -c 1 <<<'<presence/>'
is "$status" 0 'presence goes out'
like "$out" '^<presence ' 'and comes back'
run xmppraw --jid localhost --server "127.0.0.1:$starttls_port" --ca "$ca" \
	--before-auth </dev/null
is "$status" 0 'before authentication'
like "$out" '<mechanism>SCRAM-SHA-1</mechanism>' 'it says what it offers'
run xmppraw --jid localhost --server "127.0.0.1:$starttls_port" --ca "$ca" \
	--before-auth --iq <<<"$version"
is "$status" 1 'and answers nothing else then'

# ---- xmppmuc -------------------------------------------------------------------

room=tea@conference.localhost
alice() { run xmppmuc "${as_alice[@]}" "$@" </dev/null; }
alice join "$room"
is "$status" 1 'a room that does not exist'
like "$err" "$room: there is no such room\$" 'is not made by the way'
run xmppdisco "${as_alice[@]}" --info "$room"
is "$status" 1 'nor left behind'
start bob xmppmuc "${as_bob[@]}" -j --create --for 100 join "$room"
await bob '"type":"ready"' || bail 'not in the room'
pass '--create makes it'
run xmppmuc "${as_alice[@]}" join "$room" < <(seq 200)
is "$status$err" 0 'two hundred lines'
await bob '"body":"200"'
is "$(jq -r 'select(.body).body' "$T/bob.out" | cksum)" "$(seq 200 | cksum)" \
	'are heard in order, each once'
alice -j occupants "$room"
is "$(jq -r '[.nick, .role] | join(" ")' "$T/out" | sort | paste -sd,)" \
	'alice participant,bob moderator' 'who is there'
alice --nick bob occupants "$room"
is "$status" 1 'a name that is taken'
like "$err" '\(conflict\)$' 'and it says so'
run xmppmuc "${as_bob[@]}" --nick two subject "$room" 'Tea <at> five' </dev/null
is "$status$err" 0 'a subject'
alice -j subject "$room"
is "$(jq -r .subject "$T/out")" 'Tea <at> five' 'is seen'
alice subject "$room" Coffee
is "$status" 1 'where we may not set it: 1'
like "$err" '\(forbidden\)' 'at once, and it says why'
run xmppmuc "${as_bob[@]}" config "$room" membersonly=1 roomname=Tea </dev/null
is "$status$err" 0 'the configuration is set'
run xmppmuc "${as_bob[@]}" -j config "$room" </dev/null
is "$(jq -r 'select(.field // "" | test("membersonly$|roomname$")) | .values[0]' \
	"$T/out" | paste -sd,)" 'Tea,1' 'and kept'
alice join "$room"
like "$err" '\(registration-required\)$' 'others do not come in'
run xmppmuc "${as_bob[@]}" affiliate "$room" member alice@localhost </dev/null
is "$status" 0 'a member is made'
run xmppmuc "${as_bob[@]}" -j affiliations "$room" </dev/null
is "$(jq -r '[.affiliation, .jid] | join(" ")' "$T/out" | paste -sd,)" \
	'owner bob@localhost,member alice@localhost' 'and listed'
alice affiliate "$room" owner alice@localhost
like "$status$err" '1.*\((forbidden|not-allowed)\)$' 'who makes no owners'
start alice xmppmuc "${as_alice[@]}" --for 100 join "$room"
await alice '^ready'
run xmppmuc "${as_bob[@]}" --nick two role "$room" none alice </dev/null
is "$status$err" 0 'one is kicked'
await_end alice
is "$status" 1 'and learns it'
like "$err" 'kicked out of the room$' 'and how'
run xmppmuc "${as_bob[@]}" --nick two invite "$room" carol@localhost </dev/null
is "$status$err" 0 'somebody is invited'
run xmppmuc "${as_bob[@]}" config "$room" membersonly=0 </dev/null

# ---- xmppsend --muc ------------------------------------------------------------

say() { run xmppsend --muc "${as_alice[@]}" "$@"; }
say nowhere@conference.localhost <<<hello
is "$status" 1 'to a room that does not exist'
like "$err" 'nowhere@.*: there is no such room$' 'and it says so'
say -j "$room" <<<'hello there'
is "$status" 0 'a message is reflected'
is "$(jq 'has("stanza_id")' "$T/out")" false \
	'Prosody without an archive vouches for no ids'
await bob '"body":"hello there"'
is "$(jq -r .from <<<"$line")" "$room/alice" 'and heard'
say -l "$room" < <(seq 2000)
is "$status$err" 0 'two thousand lines'
await bob '"body":"2000"'
is "$(jq -r 'select(.body).body' "$T/bob.out" | tail -2000 | cksum)" \
	"$(seq 2000 | cksum)" 'are heard in order, each once'
say --nick bob "$room" <<<x
like "$status$err" '^1.*\(conflict\)$' 'a name that is taken'
for about in --correct --react --reply-to --retract; do
	say "$about" some "$room" <<<x
	is "$status$err" 0 "$about is reflected"
done
run xmppmuc "${as_bob[@]}" config "$room" roomsecret=s3same </dev/null
say "$room" <<<x
like "$status$err" '^1.*\(not-authorized\)$' 'without the password'
say --room-password-file <(echo s3same) "$room" <<<x
is "$status$err" 0 'and with it'
run xmppmuc "${as_bob[@]}" config "$room" roomsecret= </dev/null
stop bob
stop prosody

# ---- bookmarks, where both kinds are kept alike ----------------------------------

PROSODY_MODULES='"pep", "bookmarks", "private"' PROSODY_COMPONENTS='' \
	prosody_start
alice -vv --name Tea --nick ally --autojoin yes bookmark "$room"
is "$status" 0 'a bookmark'
like "$err" "> .*<publish node='urn:xmpp:bookmarks:1'>.*<value>whitelist</value>" \
	'is published for us alone'
is "$(grep -c "^> <iq type='set'" "$T/err")" 2 'once (and a resource is bound)'
alice -j bookmarks
is "$(jq -c '[.jid, .name, .nick, .autojoin]' "$T/out")" \
	"[\"$room\",\"Tea\",\"ally\",true]" 'and listed'
old="<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>"
run xmppraw "${as_alice[@]}" --iq <<<"<iq type='get'>$old</iq>"
like "$out" "<conference [^>]*jid='$room'" 'Prosody shows it to old clients as well'
pubsub="<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
run xmppraw "${as_bob[@]}" --iq <<-END
	<iq type='get' to='alice@localhost'>$pubsub
	<items node='urn:xmpp:bookmarks:1'/></pubsub></iq>
END
is "$status" 1 'nobody else sees it'
alice unbookmark "$room"
is "$status$err" 0 'and it is removed'
alice bookmarks
is "$status$out" 0 'from everywhere'
stop prosody

# ---- with an archive, which gives ids; bookmarks as of old -----------------------

PROSODY_COMPONENTS='Component "conference.localhost" "muc"
	modules_enabled = { "muc_mam" }' PROSODY_MODULES='"private"' prosody_start
run xmppmuc "${as_alice[@]}" -vv --name Tea bookmark "$room" </dev/null
is "$status" 0 'a bookmark in private storage'
like "$err" "> <iq type='set'.*jabber:iq:private.*name='Tea'" \
	'since there is nothing else'
alice -j bookmarks
is "$(jq -c '[.jid, .name, .autojoin]' "$T/out")" "[\"$room\",\"Tea\",false]" \
	'is listed'
alice unbookmark "$room"
alice -j bookmarks
is "$status$out" 0 'and removed'
start bob xmppmuc "${as_bob[@]}" -j --create --for 100 join "$room"
await bob '"type":"ready"'
run xmppsend --muc -j "${as_alice[@]}" "$room" <<<hello
is "$status" 0 'a message is reflected'
id=$(jq -r '.stanza_id // empty' "$T/out")
ok "with an id of the room ($id)" [ -n "$id" ]
await bob '"body":"hello"'
is "$(jq -r .stanza_id <<<"$line")" "$id" 'which the others see as well'
forged="<stanza-id xmlns='urn:xmpp:sid:0' by='$room' id='forged'/>"
run xmppraw --jid alice@localhost/raw "${as_alice[@]:2}" -w 10 -c 4 <<-END
	<presence to='$room/raw'><x xmlns='http://jabber.org/protocol/muc'/></presence>
	<message to='$room' type='groupchat'><body>lie</body>$forged</message>
END
await bob '"body":"lie"'
unlike "$line" forged 'an id that somebody forges is not believed'
stop bob
stop prosody
finish
