#!/bin/bash
# xmppmuc: join and talk, who is there, subjects, lists, configuration.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

echo secret >"$T/password"
chmod 600 "$T/password"
start server xmppserve --user alice:secret --user bob:secret \
	--user carol:secret --listen 127.0.0.1:0
await_ready server
as_alice=(--jid alice@localhost --password-file "$T/password"
	--server "127.0.0.1:$port" --ca "$ca")
as_bob=(--jid bob@localhost "${as_alice[@]:2}")
as_carol=(--jid carol@localhost "${as_alice[@]:2}")
alice() { run xmppmuc "${as_alice[@]}" "$@" </dev/null; }
bob() { run xmppmuc "${as_bob[@]}" "$@" </dev/null; }
room=tea@conference.localhost

# ---- a room that is not there, and one that is ------------------------------

alice join "$room"
is "$status$out" 1 'a room that does not exist: 1'
like "$err" "^xmppmuc: $room: there is no such room\$" 'and it says so'
alice occupants "$room"
is "$status$out" 1 'nor has it occupants'
run xmppdisco "${as_alice[@]}" --items conference.localhost
is "$out" '' 'none is left behind'
start alice xmppmuc "${as_alice[@]}" -j --create --for 100 join "$room"
await alice '"type":"ready"' || bail 'not in the room'
pass '--create makes it'
start bob xmppmuc "${as_bob[@]}" -j -c 2 join "$room"
await bob '"type":"ready"'
await alice '"type":"occupant"'
is "$(jq -r '[.from, .nick, .presence_type, .role, .affiliation] | join(" ")' \
	<<<"$line")" "$room/bob bob available participant none" \
	'who comes is told to those who are there'
run xmppmuc "${as_carol[@]}" join "$room" < <(printf 'one\n\ntwo å\n')
is "$status$err" 0 'lines are said, and reflected'
await_end bob
is "$status $(jq -r 'select(.type != "ready") | .from' "$T/bob.out" |
	paste -sd' ')" "0 $room/carol $room/carol" \
	'-c: ends after so many, of those who come and what is said'
await alice '"body":"one"'
is "$(jq -r '[.from, .message_type] | join(" ")' <<<"$line")" \
	"$room/carol groupchat" 'and heard'
await alice '"body":"two å"'
pass 'each in its turn'
seq 1000 >"$T/lines"
run xmppmuc "${as_carol[@]}" join "$room" <"$T/lines"
is "$status$err" 0 'a thousand lines'
await alice '"body":"1000"'
is "$(jq -r 'select(.body).body' "$T/alice.out" | tail -1000 | cksum)" \
	"$(cksum <"$T/lines")" 'are heard in order, each once'

run xmppsend --muc --nick carol --id c1 "${as_carol[@]}" "$room" <<<'tea?'
run xmppsend --muc --nick carol --correct c1 "${as_carol[@]}" "$room" <<<'tea!'
await alice '"body":"tea!"'
is "$(jq -r .replaces <<<"$line")" c1 'a correction is one of the same occupant'
run xmppsend --muc --react c1 "${as_bob[@]}" "$room" <<<'👍'
await alice '"reactions"'
is "$(jq -r '[.from, .reacts_to, .reactions[]] | join(" ")' <<<"$line")" \
	"$room/bob c1 👍" 'and a reaction is heard'

# ---- names, and who is there ------------------------------------------------

bob -j occupants "$room"
is "$status" 0 'occupants'
is "$(jq -r '[.nick, .role, .affiliation] | join(" ")' "$T/out" | sort |
	paste -sd,)" 'alice moderator owner,bob participant none' \
	'are alice and who asks'
bob --nick alice occupants "$room"
is "$status" 1 'a name that is taken: 1'
like "$err" "^xmppmuc: $room: .*\(conflict\)\$" 'and it says so'
run xmppmuc --jid alice@localhost/second "${as_alice[@]:2}" -j occupants "$room" \
	</dev/null
is "$(jq -r .nick "$T/out" | sort | paste -sd,)" 'alice,alice-2' \
	'unless it was asked for: then another one is taken'

# ---- subjects ---------------------------------------------------------------

alice subject "$room"
is "$status$out" 0 'no subject yet'
alice subject "$room" 'Tea <at> five'
is "$status$err" 0 'a subject is set'
bob -j subject "$room"
is "$(jq -r .subject "$T/out")" 'Tea <at> five' 'and seen'

# ---- lists and roles --------------------------------------------------------

alice affiliate "$room" member bob@localhost
is "$status$err" 0 'a member is made'
alice -j affiliations "$room"
is "$(jq -r '[.affiliation, .jid] | join(" ")' "$T/out" | paste -sd,)" \
	'owner alice@localhost,member bob@localhost' 'and listed'
alice -j affiliations "$room" outcast
is "$status$out" 0 'a list that is empty'
bob affiliate "$room" owner bob@localhost
is "$status" 1 'a member makes no owner: 1'
like "$err" "$room: .*\(forbidden\)\$" 'and it says so'
start carol xmppmuc "${as_carol[@]}" -j --for 100 join "$room"
await carol '"type":"ready"'
run xmppmuc --jid alice@localhost/admin "${as_alice[@]:2}" role "$room" none \
	carol nobody </dev/null
is "$status" 1 'one of two cannot be kicked'
like "$err" 'item-not-found' 'since it is not there'
await_end carol
is "$status" 1 'the other one is out: 1'
like "$err" "^xmppmuc: $room: kicked out of the room\$" 'and told why'
alice affiliate "$room" outcast carol@localhost
run xmppmuc "${as_carol[@]}" join "$room" </dev/null
is "$status" 1 'who is banned stays out'
like "$err" '\(forbidden\)$' 'and it says so'
alice affiliate "$room" none carol@localhost

# ---- invitations ------------------------------------------------------------

echo '<presence/>' >"$T/carol.in"
start carol xmppraw "${as_carol[@]}" -c 2
await carol '^<presence'
alice invite "$room" carol@localhost nobody@localhost
is "$status" 1 'one of two invitations is refused'
like "$err" "$room: nobody@localhost: .*\(item-not-found\)\$" 'and it says which'
await carol "<invite .*from='alice@localhost"
pass 'the other one comes'
await_end carol

start carol xmpprecv "${as_carol[@]}" -j -c 2
await carol '"type":"ready"'
alice --direct --reason 'tea & cake' invite "$room" carol@localhost \
	nobody@localhost
is "$status" 1 '--direct: one of two is nobody'
like "$err" "$room: nobody@localhost: .*\(service-unavailable\)\$" \
	'and it says which'
alice --reason again invite "$room" carol@localhost
is "$status$err" 0 'by the room, with a reason'
await_end carol
is "$(jq -r 'select(.type == "invitation") | [(.from | split("/")[0]), .room,
	.text] | join(" ")' "$T/carol.out" | paste -sd,)" \
	"alice@localhost $room tea & cake,alice@localhost $room again" \
	'xmpprecv has a record of each, and who it is from'

# ---- bookmarks ------------------------------------------------------------------

bob bookmarks
is "$status$out$err" 0 'no bookmarks'
bob --name 'Tea room' --nick bobby --autojoin yes bookmark "$room"
is "$status$out$err" 0 'one is made'
echo s3same >"$T/sesame"
chmod 600 "$T/sesame"
bob --room-password-file "$T/sesame" bookmark cake@conference.localhost
is "$status$err" 0 'and another one'
bob -j bookmarks
is "$(jq -c '[.jid, .name, .nick, .autojoin, .password]' "$T/out" |
	paste -sd' ')" "$(printf '["%s","%s","%s",%s,null] ["%s",null,null,%s,null]' \
	"$room" 'Tea room' bobby true cake@conference.localhost false)" \
	'they are listed, without passwords'
bob -j --show-passwords bookmarks
is "$(jq -r '.password // empty' "$T/out")" s3same 'unless those are asked for'
bob --autojoin no bookmark "$room"
bob -j bookmarks
is "$(jq -c "select(.jid == \"$room\") | [.name, .nick, .autojoin]" "$T/out")" \
	'["Tea room","bobby",false]' 'what is not told stays as it was'
bob unbookmark "$room"
is "$status$err" 0 'one is removed'
bob unbookmark "$room"
is "$status" 1 'a second time there is none'
like "$err" "^xmppmuc: $room: there is no bookmark of it\$" 'and it says so'
bob -j bookmarks
is "$(jq -r .jid "$T/out")" cake@conference.localhost 'the other one stays'
alice bookmarks
is "$status$out" 0 'and is nobody else'"'"'s'

# ---- configuration ----------------------------------------------------------

alice -j config "$room"
is "$(jq -r 'select(.field == "muc#roomconfig_membersonly") |
	[.form, .values[0]] | join(" ")' "$T/out")" \
	'http://jabber.org/protocol/muc#roomconfig 0' 'a record for each field'
alice config "$room" membersonly=1 roomname='a=b' \
	muc#roomconfig_persistentroom=1 roomsecret=s3same
is "$status$out$err" 0 'fields are set'
alice -j config "$room"
is "$(jq -r .values[0] "$T/out" | paste -sd,)" 'a=b,1,1,0,s3same' 'and kept'
alice config "$room" nosuchfield=1
is "$status" 1 'a field it does not have: 1'
like "$err" 'the room has no field nosuchfield' 'and it says so'
bob config "$room"
is "$status" 1 'it is for its owner'
bob occupants "$room"
is "$status" 1 'without the password nobody comes in'
like "$err" '\(not-authorized\)$' 'and it says so'
echo s3same >"$T/sesame"
chmod 600 "$T/sesame"
bob --room-password-file "$T/sesame" occupants "$room"
is "$status" 0 'with it one does'
run xmppmuc "${as_carol[@]}" --room-password-file "$T/sesame" join "$room" \
	</dev/null
is "$status" 1 'a room for members has no place for others'
alice config "$room" membersonly=0 moderatedroom=1 roomsecret=
run xmppmuc "${as_carol[@]}" join "$room" <<<'may I?'
is "$status" 1 'in a moderated room a visitor may not talk'
like "$err" 'line 1: .*\(forbidden\)$' 'and the line is named'

# ---- misuse and endings -----------------------------------------------------

for bad in 'lost x@y' 'join' 'join conference.localhost' 'join a@b/c' \
	'join a@b c' "role $room" "role $room king bob" "invite $room" \
	"affiliate $room king a@b" "affiliate $room owner @" \
	"config $room x" "bookmark" "unbookmark x" "bookmarks a@b" \
	"--name x join a@b" "--autojoin maybe bookmark a@b" \
	"--direct join a@b" "--show-passwords bookmark a@b" \
	"-c 1 occupants $room" "subject $room a b"; do
	# shellcheck disable=SC2086 # words
	alice $bad
	is "$status$out" 2 "$bad is misuse"
done
run xmppmuc "${as_alice[@]}" join "$room" < <(printf 'a\001b\n')
is "$status" 7 'what XML cannot carry is not said'
like "$err" 'line 1: ' 'and the line is named'
stop alice INT
is "$status" 130 'SIGINT ends it'
stop server
finish
