#!/bin/bash
# xmppserve --archive and who comes back for what waited: the resource comes
# with authentication (XEP-0386), the messages from the archive (XEP-0313), each
# once; and a session that was cut is resumed with authentication too.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/turnarounds.bash"
need jq perl

echo secret >"$T/password"
chmod 600 "$T/password"

serve() { # OPTION...
	start server xmppserve -j --user alice:secret --user bob:secret \
		--listen 127.0.0.1:0 --listen-tls 127.0.0.1:0 "$@"
	await_ready server
	server_port=$port authority=$ca
	await_ready server
	tls_port=$port
	as_alice=(--jid alice@localhost --password-file "$T/password"
		--ca "$authority" --server "127.0.0.1:$server_port")
	as_bob=(--jid bob@localhost "${as_alice[@]:2}")
}

inline='the resource came with'
known=$T/state/samtal/xmpp-$(printf bob@localhost | sha256sum | cut -c1-32)
to_bob() { # BODY...
	printf '%s\n' "$@" | xmppsend "${as_alice[@]}" -l bob@localhost
}
bodies() { # FILE: of the messages in it
	jq -rj 'select(.type == "message") | .body + " "' "$1"
}
since() { # STATE OPTION...: what has come since then
	run xmpprecv -v -j "${as_bob[@]}" --state "$T/$1" --for 0.1 "${@:2}"
}
listen() { # NAME STATE OPTION...
	start "$1" xmpprecv -v -j "${as_bob[@]}" --state "$T/$2" "${@:3}"
	await "$1" '"type":"ready"' || bail "$1 is not ready"
}

# ---- before the archive is known, and when it is -------------------------------

serve --archive
to_bob 0
listen first a
ok 'that the archive takes everything is learnt' \
	await_line "$known" '^starttls archive'
stop first
unlike "$err" "$inline" 'until then what waits offline is left alone'
is "$(bodies "$T/first.out")" '0 ' 'and comes'
cp "$T/a" "$T/b"
to_bob 1 2
since a
like "$err" "$inline" 'then the resource comes with authentication'
is "$status $(bodies "$T/out")" '0 1 2 ' 'what waited comes from the archive'
run xmpprecv -j "${as_bob[@]}" --for 0.1
is "$(bodies "$T/out")" '' 'nothing of it waits any more'
since a
is "$(bodies "$T/out")" '' 'nothing comes twice'
since a --no-bind2
unlike "$err" "$inline" '--no-bind2 is without'
cp "$T/a" "$T/old"
sed -i 's/^time .*/time 2020-01-01T00:00:00Z/' "$T/old"
since old
unlike "$err" "$inline" 'and so is who was away for too long'
sed '/^id /d' "$T/a" >"$T/empty"
since empty
unlike "$err" "$inline" 'and who knows no message'
run xmpprecv -v "${as_bob[@]}" --for 0.1
unlike "$err" "$inline" 'and who has no --state'
since a --jid bob@localhost/here
unlike "$err" "$inline" 'and who wants a resource of his own'
run xmppsend -v "${as_bob[@]}" alice@localhost <<<x
unlike "$err" "$inline" 'and who sends'

seq 250 >"$T/many"
xmppsend "${as_alice[@]}" -l bob@localhost <"$T/many"
since a
jq -r 'select(.type == "message" and .direction == "in") | .body' "$T/out" \
	>"$T/came"
ok '250 messages come, page by page, each once' cmp "$T/many" "$T/came"

# ---- several at the same time ----------------------------------------------------

cp "$T/a" "$T/b"
listen one a
listen two b
to_bob 3
ok 'the one that came last hears it' await two '"body":"3"'
cp "$T/a" "$T/c"
since c
like "$err" "$inline" 'a third one comes and goes'
for name in one two; do
	like "$(<"$T/$name.err")" "$inline" "$name: by authentication"
	unlike "$(<"$T/$name.err")" 'connecting again' "$name was not cut"
done
stop two
stop one KILL
to_bob 4
since a
like "$err" "$inline" 'in the place of one that was killed'
is "$(bodies "$T/out")" '3 4 ' 'what came meanwhile is not lost'
is "$(jq -rs '[.[] | select(.text == "conflict")] | length' \
	"$T/server.out")" 0 'nobody alive was sent away'

# ---- turnarounds -------------------------------------------------------------------

relay_to direct "$tls_port"
caught_up() { # TYPE OPTION...
	[ "$1" = ready ] || to_bob x
	turnarounds_until "$1" direct xmpprecv -v -j "${as_bob[@]}" \
		--direct-tls --state "$T/a" --for 0.1 "${@:2}"
}
start first xmpprecv "${as_bob[@]}" --server "127.0.0.1:$tls_port" \
	--direct-tls --state "$T/a"
ok 'known of direct TLS too' await_line "$known" '^direct-tls archive'
stop first
fewest_turnarounds 8 caught_up ready --no-bind2
is "$turnarounds" 8 'until it is ready, where nothing waits, eight turnarounds'
fewest_turnarounds 5 caught_up ready
is "$turnarounds" 5 'five, as the server says where the archive ends'
fewest_turnarounds 5 caught_up message --no-bind2
is "$turnarounds" 5 'to the first message five'
fewest_turnarounds 4 caught_up message
is "$turnarounds" 4 'four'

# ---- what is in an archive -----------------------------------------------------------

run xmppraw "${as_alice[@]}" --for 0.1 <<-'END'
	<message to='bob@localhost' type='chat'><body>kept</body>
	<stanza-id xmlns='urn:xmpp:sid:0' by='bob@localhost' id='forged'/></message>
	<message to='bob@localhost' type='chat'><body>not kept</body>
	<no-permanent-store xmlns='urn:xmpp:hints'/></message>
END
since a --no-bind2
is "$(bodies "$T/out" | tr -d '\n')" 'kept not kept ' \
	'what is not archived waits all the same'
is "$(jq -r 'select(.body == "kept") | .stanza_id' "$T/out" | grep -c forged)" \
	0 'an id that somebody else has written is none'
since empty
is "$(jq -r 'select(.body == "not kept") | .body' "$T/out")" '' \
	'and it is not in the archive'
run xmppraw --iq "${as_bob[@]}" <<-END
	<iq type='set' to='alice@localhost'><query xmlns='urn:xmpp:mam:2'/></iq>
END
is "$status" 1 'the archive of others: 1'
like "$out" 'forbidden' 'by its name'

# ---- a cut ---------------------------------------------------------------------------

start cutter "$TOP/tests/mock/cutter" "$server_port" 7 2 9000 12000
await cutter '^[0-9]+$' || bail 'the relay does not start'
seq -f "%05.0f $(printf '%300s' '' | tr ' ' x)" 200 >"$T/lines"
run xmppsend -vv -j -l "${as_alice[@]}" --server "127.0.0.1:$line" \
	bob@localhost <"$T/lines"
is "$status" 0 'two cuts: 0'
ok 'the session is resumed' grep -q 'resumed; ' "$T/err"
is "$(grep -c '^> <resume ' "$T/err")" 0 'with authentication'
since a
jq -r 'select(.type == "message" and .direction == "in") | .body' "$T/out" \
	>"$T/came"
ok 'each once, in order' cmp "$T/lines" "$T/came"
stop cutter KILL
stop server

# ---- an archive that is not there any more ----------------------------------------------

serve --archive
to_bob 7
since a
like "$err" 'does not have that message any more' 'another server: said'
is "$(bodies "$T/out")" '7 ' 'and its messages come'
stop server
serve
run xmpprecv -v -j "${as_bob[@]}" --state "$T/a" --for 0.1
is "$status" 0 'a server without one: 0'
unlike "$err" "$inline" 'which offers nothing of the kind'
is "$(grep -c '^starttls archive' "$known")" 0 'that is remembered'
stop server
finish
