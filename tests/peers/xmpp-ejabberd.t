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

# ---- the wrong password -------------------------------------------------------------

printf 'wrong\n' >"$T/wrong"
chmod 600 "$T/wrong"
run xmppsend "${as_carol[@]}" --password-file "$T/wrong" --no-tokens \
	bob@localhost <<<x
is "$status" 5 'the wrong password, without a token: 5'
like "$err" 'not-authorized' 'by its name'
finish
