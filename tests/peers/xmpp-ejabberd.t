#!/bin/bash
# xmppsend and xmpprecv against ejabberd 24: SASL2, tokens, channel binding by
# SHA-512, and how few turnarounds that takes.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
. "$TOP/tests/peers/ejabberd.bash"
. "$TOP/tests/turnarounds.bash"
ejabberd_need
need openssl jq

# shellcheck disable=SC2034 # of ejabberd.bash
EJABBERD_MODULES='mod_mam: {default: always}'
ejabberd_start
relay_to starttls "$starttls_port"
relay_to direct "$tls_port"

# ---- with the password, then with the token that came for it -------------------

turnarounds starttls -vv "${as_alice[@]}" bob@localhost
is "$status" 0 'a password'
like "$err" 'TLSv1.3, SCRAM-SHA-512-PLUS bound by tls-exporter' \
	'the strongest there is'
like "$err" '> <authenticate mechanism=.SCRAM-SHA-512-PLUS.>\[redacted\]' \
	'by SASL2'
turnarounds starttls -vv "${as_alice[@]}" bob@localhost
is "$status" 0 'the second time'
like "$err" 'HT-SHA-256-EXPR bound by tls-exporter' 'a token'
is "$turnarounds" 5 'five turnarounds by STARTTLS'
turnarounds direct "${as_alice[@]}" --direct-tls bob@localhost
is "$status$err" 0 'by direct TLS, which is not known yet'
turnarounds direct "${as_alice[@]}" --direct-tls bob@localhost
is "$status$err" 0 'by direct TLS, which is'
is "$turnarounds" 4 'four'
token=$(sed -n 's/^token .* //p' "$T"/state/samtal/xmpp-*-0)
like "$token" '^.{16,}$' 'the token is kept'
is "$(stat -c %a "$T"/state/samtal/xmpp-*-0)" 600 'for nobody else to read'
run xmppsend -vv "${as_alice[@]}" bob@localhost <<<hello
is "$(grep -cF "$token" "$T/err")" 0 'and it is not shown by -vv'

# ---- nobody's messages were thrown away ------------------------------------------

run xmpprecv -j "${as_bob[@]}" -c 5
is "$(grep -c '"body":"hello"' "$T/out")" 5 'each message has arrived, once'
run xmppsend "${as_bob[@]}" alice@localhost <<<kept
run xmppsend "${as_alice[@]}" bob@localhost <<<hello
run xmpprecv --body "${as_alice[@]}" -c 1
is "$out" kept 'who sends does not take what waits for the account'

# ---- a token that is not good any more --------------------------------------------

sed -i 's/^token \([^ ]*\) \([0-9]*\) .*/token \1 \2 nonsense/' \
	"$T"/state/samtal/xmpp-*-0
run xmppsend -v "${as_alice[@]}" bob@localhost <<<hello
is "$status" 0 'a token that is refused is no failure'
like "$err" 'the token is refused' 'the password is tried'
like "$err" 'SCRAM-SHA-512-PLUS' 'on the same stream'
run xmppsend -v "${as_alice[@]}" bob@localhost <<<hello
like "$err" 'HT-SHA-256-EXPR' 'and a new token is there'

# ---- many at the same time ---------------------------------------------------------

for ((i = 0; i < 8; i++)); do
	xmppsend "${as_alice[@]}" carol@localhost <<<"$i" 2>"$T/many.$i" &
	many[i]=$!
done
failed=0
for pid in "${many[@]}"; do wait "$pid" || failed=$((failed + 1)); done
is "$failed$(cat "$T"/many.*)" 0 'eight at once, all good, without a word'
tokens=$(cat "$T"/state/samtal/xmpp-*-[0-9]* | grep -c ^token)
ok "each has a token of its own ($tokens)" [ "$tokens" -ge 2 ]
is "$(cat "$T"/state/samtal/xmpp-*-[0-9]* | grep ^agent | sort | uniq -d)" '' \
	'and is a client of its own'
run xmpprecv -j "${as_carol[@]}" -c 8
is "$(jq -r 'select(.type == "message") | .body' "$T/out" | sort | tr -d '\n')" \
	01234567 'and all eight messages are there'

# ---- a resource that comes with authentication (Bind 2) ----------------------------

inline='the resource came with'
known=$T/state/samtal/xmpp-$(printf carol@localhost | sha256sum | cut -c1-32)
to_carol() { # BODY...
	printf '%s\n' "$@" | xmppsend "${as_alice[@]}" -l carol@localhost
}
bodies() { # FILE: of the messages in it
	jq -rj 'select(.type == "message") | .body + " "' "$1"
}
since() { # STATE OPTION...: what has come since then
	run xmpprecv -v -j "${as_carol[@]}" --state "$T/$1" --for 0.1 "${@:2}"
}
listen() { # NAME STATE
	start "$1" xmpprecv -v -j "${as_carol[@]}" --state "$T/$2"
	await "$1" '"type":"ready"' || bail "$1 is not ready"
}

listen first a
ok 'that the archive takes everything is learnt' \
	await_line "$known" '^starttls archive'
stop first
unlike "$err" "$inline" 'until then what waits offline is left alone'
cp "$T/a" "$T/b"
to_carol 1 2 3
since a
like "$err" "$inline" 'then the resource comes with authentication'
is "$status $(bodies "$T/out")" '0 1 2 3 ' 'and what waited from the archive'
run xmpprecv -j "${as_carol[@]}" --for 0.1
is "$(bodies "$T/out")" '' 'nothing of it waits any more'
since a
is "$(bodies "$T/out")" '' 'nothing comes twice'
to_carol 4 5
since a -c 1
unlike "$err" "$inline" 'who wants one message leaves the rest where it is'
is "$(bodies "$T/out")" '4 ' 'and gets one'
run xmpprecv -j "${as_carol[@]}" -c 1
is "$(bodies "$T/out")" '4 ' 'there it was'
since a --no-bind2
unlike "$err" "$inline" '--no-bind2 is without'
is "$(bodies "$T/out")" '5 ' 'and what follows is the same'

# Two at the same time, one that comes and goes, and one that is killed.
listen one a
listen two b
to_carol 6 7
ok 'one hears of it' await one '"body":"7"'
ok 'the other too' await two '"body":"7"'
cp "$T/a" "$T/c"
since c
like "$err" "$inline" 'a third one comes and goes'
to_carol 8
ok 'one is still there' await one '"body":"8"'
ok 'the other too' await two '"body":"8"'
for name in one two; do
	like "$(<"$T/$name.err")" "$inline" "$name: by authentication"
	unlike "$(<"$T/$name.err")" 'connecting again' "$name was not cut"
done
is "$(bodies "$T/one.out")" '6 7 8 ' 'one got each once'
is "$(bodies "$T/two.out")" '1 2 3 4 5 6 7 8 ' \
	'the other, whose file was older, too'
stop two
last=$(jq -r 'select(.body == "8") | .stanza_id' "$T/one.out")
ok 'the file knows the last one' await_line "$T/a" "^id $last"
stop one KILL
to_carol 9
since a
like "$err" "$inline" 'in the place of one that was killed'
is "$(bodies "$T/out")" '9 ' 'what it was sent is not lost'
since b
is "$(bodies "$T/out")" '9 ' 'nor to others'

# A message of the account's own is known by its copy.
listen one a
run xmppsend "${as_carol[@]}" bob@localhost <<<own
ok 'a copy of what we send comes' await one '"body":"own"'
stop one
since a
is "$(bodies "$T/out")" '' 'and not again from the archive'

# How often it waits for the line: with a message, and until it is ready.
caught_up() { # TYPE OPTION...
	to_carol x
	turnarounds_until "$1" direct xmpprecv -v -j "${as_carol[@]}" \
		--direct-tls --state "$T/a" --for 0.1 "${@:2}"
}
start first xmpprecv "${as_carol[@]}" --server "127.0.0.1:$tls_port" \
	--direct-tls --state "$T/a"
await_line "$known" '^direct-tls archive'
stop first
fewest_turnarounds 5 caught_up message --no-bind2
is "$turnarounds" 5 'by direct TLS five turnarounds to the first message'
fewest_turnarounds 4 caught_up message
is "$turnarounds" 4 'one fewer'
fewest_turnarounds 7 caught_up ready --no-bind2
is "$turnarounds" 7 'until it is ready seven'
fewest_turnarounds 6 caught_up ready
is "$turnarounds" 6 'one fewer'

# An archive that does not take everything is not trusted.
run xmppraw --iq "${as_carol[@]}" <<-END
	<iq type='set'><prefs xmlns='urn:xmpp:mam:2' default='roster'/></iq>
END
is "$status" 0 'the archive is told to take what contacts say'
listen first a
ok 'which is seen' await_line "$known" '^starttls (strength|stumbled|bound)'
stop first
is "$(grep -c '^starttls archive' "$known")" 0 'and remembered'
since a
unlike "$err" "$inline" 'what waits offline is left alone again'

# ---- by a certificate -----------------------------------------------------------------

client_certificate() { # NAME
	(
		cd "$T/ejabberd" || exit
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
			-keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
		openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key \
			-CAcreateserial -days 2 -out "$1.crt" -extfile <(echo \
			"subjectAltName=otherName:1.3.6.1.5.5.7.8.5;UTF8:$1@localhost")
	) >"$T/ejabberd/$1.log" 2>&1 ||
		bail "openssl: $(tail -1 "$T/ejabberd/$1.log")"
	as_certified=(--cert "$T/ejabberd/$1.crt" --key "$T/ejabberd/$1.key"
		--ca "$ca" --server "127.0.0.1:$tls_port" --direct-tls)
}

export XDG_STATE_HOME=$T/other
client_certificate bob
for time in first second; do
	run xmppsend -v --jid bob@localhost "${as_certified[@]}" --no-tokens \
		carol@localhost <<<hello
	is "$status" 0 "a certificate and no password, the $time time"
	like "$err" ', EXTERNAL' 'EXTERNAL'
done
run xmppsend --jid alice@localhost --no-tokens "${as_certified[@]}" \
	carol@localhost <<<hello
is "$status" 5 'of somebody else: 5'

# ---- the wrong password -------------------------------------------------------------

printf 'wrong\n' >"$T/wrong"
chmod 600 "$T/wrong"
run xmppsend "${as_carol[@]}" --password-file "$T/wrong" --no-tokens \
	bob@localhost <<<x
is "$status" 5 'the wrong password, without a token: 5'
like "$err" 'not-authorized' 'by its name'
finish
