#!/bin/bash
# The other command-line senders as the other side, over Prosody: sendxmpp, and
# go-sendxmpp of this Debian and of a Debian 13 in a folder, to xmpprecv and into
# a room with xmppmuc, and what go-sendxmpp hears of xmppsend.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
. "$TOP/tests/peers/debian13.bash"
need prosody openssl jq sendxmpp go-sendxmpp

newer=
if debian13_find usr/bin/go-sendxmpp; then
	newer=1
	debian13_share
fi
PROSODY_COMPONENTS='Component "conference.localhost" "muc"' prosody_start
cat >"$T/.sendxmpprc" <<-END
	username: alice
	jserver: 127.0.0.1
	port: $starttls_port
	password: secret
	component: localhost
END
cat >"$T/go-alice" <<-END
	username: alice@localhost
	password: secret
	jserver: 127.0.0.1:$starttls_port
END
sed s/alice/carol/ "$T/go-alice" >"$T/go-carol"
chmod 600 "$T/.sendxmpprc" "$T"/go-*
export SSL_CERT_FILE=$ca # of go-sendxmpp

room=tea@conference.localhost
start bob xmpprecv -j "${as_bob[@]}"
await bob '"type":"ready"'
start room xmppmuc "${as_bob[@]}" -j --create --for 100 join "$room"
await room '"type":"ready"'

body=$'"quotes", \'two\' <of> & them\n😀 å\ttab ]]> \\n'
bytes() { od -c <<<"$1"; }
heard() { # WHO FROM: the record in $line has the body and is from there
	is "$(bytes "$(jq -r '.body | rtrimstr("\n")' <<<"$line")")" \
		"$(bytes "$body")" "every byte of what $1 says"
	like "$(jq -r .from <<<"$line")" "^$2" 'and who says it'
}

# ---- sendxmpp: it only sends, and enters rooms by what there was before MUC --

run sendxmpp --tls --tls-ca-path "$ca" --message-type chat --subject 'a <b>' \
	bob@localhost <<<"$body"
is "$status" 0 'sendxmpp sends'
await bob '"type":"message"'
heard sendxmpp alice@localhost/
is "$(jq -r '[.message_type, .subject] | join(" ")' <<<"$line")" \
	'chat a <b>' 'with its subject'
run sendxmpp --tls --tls-ca-path "$ca" nobody@localhost <<<lost
is "$status" 0 'to nobody: 0'
run xmppsend --ca "$ca" nobody@localhost <<<lost
is "$status" 1 'where xmppsend, with the same .sendxmpprc, says 1'

# ---- go-sendxmpp ----------------------------------------------------------------

go_sendxmpp() { # NAME COMMAND...
	local name=$1 at
	shift
	run "$@" -f "$T/go-alice" bob@localhost <<<"$body"
	is "$status" 0 "$name sends"
	await bob '"type":"message"'
	heard "$name" alice@localhost/
	run "$@" -f "$T/go-alice" -a go -c "$room" <<<'<hello>'
	await room '"body":"<hello>'
	is "$(jq -r .from <<<"$line")" "$room/go" 'and into a room'
	echo '<presence/>' >"$T/watch.in"
	start watch xmppraw "${as_carol[@]}" --for 100
	start go "$@" -f "$T/go-carol" -l
	await watch '<presence .*carol@localhost/go-sendxmpp' || fail "$name is not there"
	stop watch
	run xmppsend "${as_alice[@]}" carol@localhost <<<"$body"
	is "$status" 0 "a message to $name"
	await go 'quotes'
	at=${line%%\"quotes\"*}
	await go 'tab'
	is "$(bytes "$(tail -n 2 "$T/go.out")")" "$(bytes "$at$body")" \
		'every byte is there'
	like "$at" 'alice@localhost' 'and who says it'
	stop go
}
go_sendxmpp go-sendxmpp go-sendxmpp
if [ -n "$newer" ]; then
	go_sendxmpp 'go-sendxmpp of Debian 13' "${in_debian13[@]}" go-sendxmpp \
		--suppress-root-warning
else
	skip "$why" 'go-sendxmpp of Debian 13'
fi
stop bob
stop room
finish
