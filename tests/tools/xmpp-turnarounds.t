#!/bin/bash
# How many turnarounds it takes to send a message to xmppserve, by STARTTLS and
# by direct TLS, when the server is known: with a password, and with a token.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/turnarounds.bash"
need jq

echo secret >"$T/password"
echo wrong >"$T/wrong"
chmod 600 "$T/password" "$T/wrong"

serve() { # NAME OPTION...
	local name=$1
	shift
	start "$name" xmppserve -j --user alice:secret --user bob:secret \
		--listen 127.0.0.1:0 --listen-tls 127.0.0.1:0 "$@"
	await_ready "$name"
	starttls_port=$port
	relay_to "starttls-$name" "$port"
	await_ready "$name"
	relay_to "direct-$name" "$port"
	as_alice=(--jid alice@localhost --password-file "$T/password"
		--ca "$ca")
}

both_ways() { # NAME STARTTLS DIRECT: turnarounds of the second run
	turnarounds "starttls-$1" "${as_alice[@]}" bob@localhost
	is "$status$err" 0 "$1: by STARTTLS, the first time"
	turnarounds "starttls-$1" "${as_alice[@]}" bob@localhost
	is "$status$err" 0 "$1: the second time"
	is "$turnarounds" "$2" "$1: $2 turnarounds"
	turnarounds "direct-$1" "${as_alice[@]}" --direct-tls bob@localhost
	is "$status$err" 0 "$1: by direct TLS, the first time"
	turnarounds "direct-$1" "${as_alice[@]}" --direct-tls bob@localhost
	is "$status$err" 0 "$1: the second time"
	is "$turnarounds" "$3" "$1: $3 turnarounds"
}

serve sasl --no-sasl2
both_ways sasl 6 5
is "$(find "$T/state/samtal" -name 'xmpp-*-[0-9]*')" '' 'no token is kept'
stop sasl

# ---- SASL2 and tokens ------------------------------------------------------------

rm -r "$T/state"
serve sasl2
both_ways sasl2 5 4
server=(--server "127.0.0.1:$starttls_port")
run xmppsend -v "${as_alice[@]}" "${server[@]}" bob@localhost <<<x
like "$err" 'HT-SHA-256-EXPR bound by tls-exporter' 'by a token, bound'
run xmppsend -v "${as_alice[@]}" "${server[@]}" --password-file "$T/wrong" \
	bob@localhost <<<x
is "$status" 0 'which stands in for the password'
run xmppsend "${as_alice[@]}" "${server[@]}" --password-file "$T/wrong" \
	--no-tokens bob@localhost <<<x
is "$status" 5 '--no-tokens looks at the password'
like "$err" 'not-authorized' 'by its name'
run xmppsend -v "${as_alice[@]}" "${server[@]}" --no-tokens bob@localhost <<<x
is "$status" 0 'the right one'
like "$err" 'SCRAM-SHA-512-PLUS bound by tls-exporter' 'by SCRAM'

# A token of another client is none; the password follows on the same stream.
sed -i 's/^agent ......../agent 00000000/' "$T"/state/samtal/xmpp-*-0
run xmppsend -v "${as_alice[@]}" "${server[@]}" bob@localhost <<<x
is "$status" 0 'a token of somebody else'\''s is refused, and no harm done'
like "$err" 'the token is refused' 'as is said'
like "$err" 'SCRAM-SHA-512-PLUS' 'the password is taken'
run xmppsend -v "${as_alice[@]}" "${server[@]}" bob@localhost <<<x
like "$err" 'HT-SHA-256-EXPR' 'and brings a new token'
run xmppsend --insecure -v "${as_alice[@]}" "${server[@]}" bob@localhost <<<x
like "$err" 'SCRAM-SHA-512-PLUS' 'what is not verified gets no token'
stop sasl2
finish
