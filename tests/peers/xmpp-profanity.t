#!/bin/bash
# profanity, on a terminal of its own, as the other side of a conversation, over
# Prosody: messages both ways byte for byte, receipts, a correction, carbons,
# presence, a room, discovery and pings.
#
# What it shows is read from the logs it keeps of its conversations, what it is
# told from its log of stanzas.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq profanity script

PROSODY_COMPONENTS='Component "conference.localhost" "muc"' prosody_start
prosody_friends alice bob

profanity_start() {
	export XDG_CONFIG_HOME=$T/config XDG_DATA_HOME=$T/data
	export XDG_CACHE_HOME=$T/cache SSL_CERT_FILE=$ca
	mkdir -p "$T/config/profanity" "$T/data/profanity"
	cat >"$T/data/profanity/accounts" <<-END
		[bob]
		enabled=true
		jid=bob@localhost
		server=127.0.0.1
		port=$starttls_port
		resource=prof
		password=secret
		tls.policy=force
		muc.service=conference.localhost
	END
	printf '[logging]\nchlog=true\ngrlog=true\n' \
		>"$T/config/profanity/profrc"
	mkfifo "$T/prof.in"
	exec {keys}<>"$T/prof.in"
	start prof script -qfec "stty cols 200 rows 50; TERM=xterm \
		exec profanity -l DEBUG -f $T/prof.log -a bob" /dev/null
	await_line "$T/prof.log" 'SENT: <presence' ||
		bail "profanity is not there: $(tail -n 3 "$T/prof.log")"
}
type_in() { printf '%s\r' "$1" >&"$keys"; }
# All that it has written down of its conversation with somebody, stamps aside.
conversation() { # NAME
	cat "$T/data/profanity/chatlogs/bob_at_localhost/$1"/*.log |
		sed -E 's/^[0-9-]+T[0-9:.]+Z - //'
}

# Until a line of it is there.
# shellcheck disable=SC2317 # ok calls it
await_said() { # NAME REGEX
	local end=$((SECONDS + DEADLINE))
	until conversation "$1" 2>/dev/null | grep -q "$2"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		perl -e 'select undef, undef, undef, 0.05'
	done
}

profanity_start
there=bob@localhost/prof
type_in '/receipts send on'
type_in '/receipts request on'
type_in '/correction on'
await_line "$T/prof.log" 'Message carbons enabled'
await_line "$T/prof.log" 'Input received: /correction on'

# ---- to it -----------------------------------------------------------------------

body=$'"quotes", \'two\' <of> & them\n😀 å ]]> \\n'
run xmppsend "${as_alice[@]}" --wait=received bob@localhost <<<"$body"
is "$status$err" 0 'a message to profanity, which says that it has got it'
await_line "$T/prof.log" 'SENT: .*<received '
is "$(conversation alice_at_localhost | od -c)" \
	"$(printf 'alice@localhost: %s\n' "$body" | od -c)" 'every byte of it'
type_in '/receipts send off'
await_line "$T/prof.log" 'Input received: /receipts send off'
run xmppsend "${as_alice[@]}" --wait=received -W 0.5 "$there" <<<unanswered
is "$status" 6 'where it says nothing: 6'

# ---- from it ---------------------------------------------------------------------

start alice xmpprecv -j "${as_alice[@]}" --jid alice@localhost/here
await alice '"type":"ready"'
start desk xmpprecv -j "${as_bob[@]}" --jid bob@localhost/desk
await desk '"type":"ready"'
type_in '/msg alice@localhost'
body=$'"quotes", \'two\' <of> & them 😀 å ]]> \\n'
type_in "$body"
await alice '"type":"message"'
is "$(jq -j .body <<<"$line" | od -c)" "$(printf %s "$body" | od -c)" \
	'every byte of what is typed into profanity'
is "$(jq -r .from <<<"$line")" "$there" 'and who says it'
id=$(jq -r .id <<<"$line")
ok 'profanity gets its receipt' await_line "$T/prof.log" \
	"RECV: <message .*from=\"alice@localhost/here\".*<received id=\"$id\""
type_in '/correct better <so>'
await alice 'better'
is "$(jq -r '[.replaces, .body] | join(" ")' <<<"$line")" "$id better <so>" \
	'its correction replaces what it said'

# ---- other clients of the same account ---------------------------------------------

await desk 'quotes'
is "$(jq -r '[.direction, .from, .to, .body] | join(" ")' <<<"$line")" \
	"out $there alice@localhost $body" \
	'what profanity sends is copied to xmpprecv'
run xmppsend "${as_bob[@]}" --jid bob@localhost/cron alice@localhost <<<'by <cron>'
ok 'profanity shows what xmppsend has sent for the account' await_said \
	alice_at_localhost '^me: by <cron>$'
stop desk

# ---- presence -----------------------------------------------------------------------

start watch xmpppresence -j "${as_alice[@]}" --watch
await watch "\"from\":\"$there\""
type_in '/status set dnd "at <lunch>"'
await watch '"show":"dnd"'
is "$(jq -r '[.from, .status] | join(" ")' <<<"$line")" "$there at <lunch>" \
	'its presence is watched'
stop watch
start away xmpppresence "${as_alice[@]}" --jid alice@localhost/away --set away \
	--status 'back at "5"'
ok 'it is told of ours' await_line "$T/prof.log" \
	'RECV: <presence .*from="alice@localhost/away".*back at &quot;5&quot;'
stop away
ok 'and that it is gone' await_line "$T/prof.log" \
	'Unavailable presence handler fired for alice@localhost/away'

# ---- who it is ---------------------------------------------------------------------------

run xmppping "${as_alice[@]}" -j -c 2 -i 0.05 --expect result "$there"
is "$status $(jq -r 'select(.type == "summary").received' "$T/out")" '0 2' \
	'it answers pings'
run xmppdisco "${as_alice[@]}" -j --info "$there"
is "$(jq -r 'select(.type == "identity") | "\(.category)/\(.kind)"' "$T/out")" \
	client/console 'and says what it is'

# ---- a room -------------------------------------------------------------------------------

room=tea@conference.localhost
start room xmppmuc "${as_alice[@]}" -j --create --for 100 join "$room"
await room '"type":"ready"'
type_in "/join $room nick prof"
await_line "$T/prof.log" 'RECV: <presence .*tea@conference.localhost/prof.*110'
body='in the <room> "😀"'
type_in "$body"
await room '"body":'
is "$(jq -r '.from + " " + .body' <<<"$line")" "$room/prof $body" \
	'what it says in a room'
run xmppmuc "${as_alice[@]}" --nick two join "$room" <<<"$body"
is "$status" 0 'and what it hears there'
ok 'is what was said' await_said \
	rooms/tea_at_conference.localhost '^two: in the <room> "😀"$'
stop room
stop alice

type_in /quit
await_end prof
is "$status" 0 'it leaves'
finish
