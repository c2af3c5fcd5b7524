#!/bin/bash
# xmppsend and xmpprecv against ejabberd 24: SASL2, tokens, channel binding by
# SHA-512, and how few turnarounds that takes.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
. "$TOP/tests/peers/ejabberd.bash"
. "$TOP/tests/turnarounds.bash"
ejabberd_need
need openssl jq

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
