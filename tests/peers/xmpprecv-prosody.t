#!/bin/bash
# xmpprecv against Prosody with an archive, carbons, stream management and
# client state indication.
# shellcheck disable=SC2016
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq

PROSODY_MODULES='"mam", "csi_simple"' \
	PROSODY_MORE='max_archive_query_results = 4' prosody_start
prosody_friends alice bob

bodies() { # FILE [SELECT]
	jq -r "select(.type == \"message\")${2:+ | select($2)} | .body" "$1" |
		paste -sd' '
}
say() { # FROM TO BODY [OPTION...]
	local -n as=as_$1
	local to=$2@localhost
	[[ $2 = */* ]] && to=${2%%/*}@localhost/${2#*/}
	run xmppsend "${as[@]}" "${@:4}" "$to" <<<"$3"
	[ "$status" = 0 ] || note "xmppsend: $status $err"
}

# ---- carbons -------------------------------------------------------------------

start bob xmpprecv -j "${as_bob[@]}"
await bob '"type":"ready"' || bail 'xmpprecv is not ready'
say bob alice 'of mine'
await bob '"body":"of mine"'
is "$(jq -r '[.direction, .from[0:14], .to] | join(" ")' <<<"$line")" \
	'out bob@localhost/ alice@localhost' \
	'what another client of ours sends is shown, with its direction'
stop bob
start phone xmpprecv -j "${as_bob[@]}" --jid bob@localhost/phone
await phone '"type":"ready"'
start desk xmpprecv -j "${as_bob[@]}" --jid bob@localhost/desk
await desk '"type":"ready"'
say alice bob/phone 'to the phone'
await desk '"body":"to the phone"'
is "$(jq -r '[.direction, .to] | join(" ")' <<<"$line")" \
	'in bob@localhost/phone' 'and what another client of ours gets'
stop phone
stop desk

# ---- what is said of an earlier message ------------------------------------------

start bob xmpprecv -j "${as_bob[@]}" -c 4
await bob '"type":"ready"'
say alice bob 'the tea' --id m1
say alice bob '👍 🎉' --react m1
say alice bob 'green' --reply-to m1
say alice bob '' --retract m1
await_end bob
is "$(jq -c 'select(.type == "message") | with_entries(select(
	.key | test("^(reacts_to|reactions|replies_to|retracts)$")))' \
	"$T/bob.out" | paste -sd' ')" \
	'{} {"reacts_to":"m1","reactions":["👍","🎉"]} {"replies_to":"m1"} {"retracts":"m1"}' \
	'reactions, answers and retractions name it'

# ---- filters ---------------------------------------------------------------------

start bob xmpprecv -j "${as_bob[@]}" -c 2 --from alice@localhost \
	--type chat --match '^go( |$)'
await bob '"type":"ready"'
say carol bob 'go away'
say alice bob 'gone'
say alice bob 'go on' --type normal
say alice bob 'go'
say alice bob 'go there'
await_end bob
is "$status $(bodies "$T/bob.out")" '0 go go there' \
	'only what passes all filters is printed and counts'
run xmpprecv "${as_bob[@]}" --match '('
is "$status" 2 'an expression that is none: 2'
run xmpprecv "${as_bob[@]}" --type talk
is "$status" 2 'a type that is none: 2'
run xmpprecv "${as_bob[@]}" --from a@b@c
is "$status" 2 'a sender who is none: 2'

# ---- catching up -------------------------------------------------------------------

run xmpprecv -j "${as_bob[@]}" --state "$T/mark" --for 0.1
is "$status$err" 0 'the first run notes where the archive ends'
ok 'in a file' grep -q '^id ' "$T/mark"
is "$(stat -c %a "$T/mark")" 600 'that is ours alone'
for i in 1 2 3; do say alice bob "m$i"; done
run xmpprecv -j "${as_bob[@]}" --state "$T/mark" --for 0.1
is "$(bodies "$T/out")" 'm1 m2 m3' 'the next one brings what came since, once'
ok 'with the id the archive gave it' jq -e -s \
	'map(select(.type == "message")) | all(.stanza_id and .delay)' "$T/out"
run xmpprecv -j "${as_bob[@]}" --state "$T/mark" --for 0.1
is "$(bodies "$T/out")" '' 'and the one after it nothing'
for i in 1 2 3 4 5; do say alice bob "n$i"; done
run xmpprecv -j "${as_bob[@]}" --state "$T/mark" -c 2
is "$status $(bodies "$T/out")" '0 n1 n2' '-c 2 takes the first two'
run bash -c 'xmpprecv -j "$@" >/dev/full' _ "${as_bob[@]}" --state "$T/mark"
is "$status" 8 'a full disk: 8'
start bob xmpprecv -j "${as_bob[@]}" --state "$T/mark"
await bob '"type":"ready"'
say alice bob live
await bob '"body":"live"'
is "$(bodies "$T/bob.out")" 'n3 n4 n5 live' \
	'the rest comes, before ready and what is new'
await_line "$T/mark" "$(jq -r .stanza_id <<<"$line")"
run xmpprecv "${as_bob[@]}" --state "$T/./mark" --for 0.1
like "$status $err" '^8 .*another xmpprecv' \
	'a second run with the same file at the same time is refused'
kill -KILL "${pids[bob]}"
await_end bob 2>/dev/null
say alice bob after
run xmpprecv -j "${as_bob[@]}" --state "$T/mark" --for 0.1
is "$(bodies "$T/out")" after 'a kill loses nothing and repeats nothing'
for i in 1 2 3 4 5 6 7 8 9 10; do say alice bob "p$i"; done
run xmpprecv -j "${as_bob[@]}" --state "$T/mark" --for 0.1
is "$(bodies "$T/out")" 'p1 p2 p3 p4 p5 p6 p7 p8 p9 p10' \
	'page after page, in order'
run xmpprecv "${as_carol[@]}" --state "$T/mark" --for 0.1
is "$status" 2 "another account's file: 2"
echo nonsense >"$T/nonsense"
run xmpprecv "${as_bob[@]}" --state "$T/nonsense" --for 0.1
is "$status" 7 'a file that is none of ours: 7'
sed -i 's/^id .*/id gone/; s/^time .*/time 2026-01-01T00:00:00Z/' "$T/mark"
run xmpprecv -j "${as_bob[@]}" --state "$T/mark" --from alice@localhost --for 0.1
like "$err" 'does not have that message any more' \
	'an id the archive has no more is said'
like "$(bodies "$T/out")" 'm1 m2 m3 n1 .* live after p1 .* p10$' \
	'and the time does instead'

# (Carol: Prosody keeps what comes for Bob for the session that was killed.)

# ---- commands ----------------------------------------------------------------------

cat >"$T/command" <<-'END'
	#!/bin/sh
	cat /proc/$$/environ /proc/$$/cmdline | tr '\0' '\n' >>"$T/seen"
	cat >>"$T/records"
	echo printed
END
chmod +x "$T/command"
export T
start carol xmpprecv "${as_carol[@]}" --exec "$T/command" -c 2
await carol '^ready	'
say alice carol '$(touch evil); `touch evil`'
say carol alice 'not of mine'
say alice carol second
await_end carol
is "$status" 0 '--exec -c 2 ends with 0'
is "$(bodies "$T/records")" '$(touch evil); `touch evil` second' \
	'the command reads the records of what others say'
is "$(grep -c evil "$T/seen")" 0 \
	'nothing of it is on its command line or in its environment'
is "$(grep -c . "$T/carol.out") $(grep -c printed "$T/carol.err")" '1 2' \
	'what it prints goes to stderr'
for i in 1 2 3; do say alice carol "e$i"; done
run xmpprecv "${as_carol[@]}" --exec \
	'cat >"$T/one"; jq -e ".body == \"e1\"" "$T/one"'
is "$status" 8 'a command that fails: 8'
like "$err" 'command failed with status 1' 'by its status'
run xmpprecv -j "${as_carol[@]}" --for 0.1
is "$(bodies "$T/out")" 'e2 e3' 'and its message stays with the server'

# ---- nobody looks -----------------------------------------------------------------

start idle xmpprecv -vv "${as_carol[@]}" --idle 0.2
await idle '^ready	'
ok 'the server is told that nobody looks' await_line "$T/idle.err" \
	"> <inactive xmlns='urn:xmpp:csi:0'/>"
say alice carol wake
ok 'what is said to us comes all the same' await idle '^message	'
ok 'and that somebody does' await_line "$T/idle.err" \
	"> <active xmlns='urn:xmpp:csi:0'/>"
stop idle
# ---- receipts, as xmppsend waits for them --------------------------------------------

receipt() { # FROM OPTION...: leaves the status of who sends in $sent
	local -n as=as_$1
	start carol xmpprecv "${as_carol[@]}" -c 1 "${@:2}"
	await carol '^ready	'
	run xmppsend "${as[@]}" --wait=received -W 1 carol@localhost <<<hello
	sent=$status
	await_end carol
}
run xmpppresence "${as_alice[@]}" --request carol@localhost
run xmpppresence "${as_carol[@]}" --approve alice@localhost
receipt alice
is "$sent$status" 00 'who may see our presence is told that the message arrived'
receipt bob
is "$sent$status" 60 'and nobody else'
receipt bob --receipts-to-all
is "$sent$status" 00 'but with --receipts-to-all'
receipt alice --no-receipts
is "$sent$status" 60 'and with --no-receipts nobody at all'

# ---- an id that the sender has made up --------------------------------------------

start carol xmpprecv -j "${as_carol[@]}" -c 1
await carol '"type":"ready"'
run xmppraw "${as_alice[@]}" <<-'END'
	<message to="carol@localhost" type="chat"><body>made up</body>
	<stanza-id xmlns="urn:xmpp:sid:0" by="carol@localhost" id="FORGED"/>
	</message>
END
await_end carol
# Prosody 0.12 lets it through beside its own.
is "$(grep -c 'made up' "$T/carol.out") $(grep -c FORGED "$T/carol.out")" '1 0' \
	'is not believed, though the server should have taken it away'
finish
