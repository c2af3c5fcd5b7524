#!/bin/bash
# The XMPP tools against Prosody, and go-sendxmpp at the other end.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq go-sendxmpp

PROSODY_COMPONENTS='VirtualHost "guests.localhost"
	authentication = "anonymous"' prosody_start

# ---- to whom it exists, and to whom it does not ------------------------------

start bob xmpprecv -j "${as_bob[@]}" -c 4
await bob '"type":"ready"' || bail 'xmpprecv is not ready'
like "$(jq -r .from <<<"$line")" '^bob@localhost/' 'ready tells who we are'

run xmppsend "${as_alice[@]}" bob@localhost < <(printf 'a\nb\n')
is "$status$out$err" 0 'a message to an existing user: 0, without a word'
await bob '"type":"message"'
is "$(jq -r .body <<<"$line")" $'a\nb' \
	'the body arrives with its newline, the final one removed'
is "$(jq -r .message_type <<<"$line")" chat 'of type chat'

run xmppsend "${as_alice[@]}" nobody@localhost < <(printf 'a\nb')
is "$status" 1 'to nobody: 1'
is "$err" 'xmppsend: nobody@localhost: no such account or service (service-unavailable)' \
	'and the condition is named'

body=$'"<&>\'"\ttab 😀 \xc2\x85 ]]> å\n\n'
run xmppsend "${as_alice[@]}" --type headline --subject 'a <subject>' \
	bob@localhost < <(printf '%s\n' "$body")
is "$status$err" 0 'quotes, <, an emoji: 0'
await bob '"type":"message"'
is "$(jq -j .body <<<"$line" | od -c)" "$(printf '%s' "$body" | od -c)" \
	'every byte of the body arrives'
is "$(jq -r '.message_type + " " + .subject' <<<"$line")" \
	'headline a <subject>' 'and type and subject'

run xmppsend -j "${as_alice[@]}" bob@localhost nobody@localhost <<<two
is "$status" 1 'two recipients, one of them nobody: 1'
like "$err" '1 of 2 messages were not delivered$' 'the sentence counts'
is "$(jq -r '[.type, .to, .condition // "-"] | @csv' "$T/out" | tr -d \" |
	sort)" "error,nobody@localhost,service-unavailable
message,bob@localhost,-" '-j has a record for each'
json_lines "$T/out" 'which are JSON'
await bob '"type":"message"'

# ---- what is not sent ---------------------------------------------------------

run xmppsend "${as_alice[@]}" bob@localhost </dev/null
is "$status" 7 'an empty input is malformed'
run xmppsend "${as_alice[@]}" bob@localhost < <(printf '\n')
is "$status" 7 'and so is an empty line'
run xmppsend "${as_alice[@]}" bob@localhost < <(printf 'a\xff')
is "$status" 7 'what is not UTF-8 is not sent'
run xmppsend "${as_alice[@]}" bob@localhost < <(printf 'a\x01')
is "$status" 7 'nor what XML cannot carry'
run xmppsend "${as_alice[@]}" 'a b@localhost' <<<hello
is "$status" 2 'a JID that is none is a usage error'
run xmppsend "${as_alice[@]}" --allow-empty bob@localhost </dev/null
is "$status$err" 0 '--allow-empty sends it all the same'
await bob '"type":"message"'
is "$(jq -r 'has("body")' <<<"$line")" true 'with a body, which is empty'
await_end bob
is "$status$err" 0 '-c 4: ends with 0 after four'

# ---- exit statuses -----------------------------------------------------------

printf 'wrong\n' >"$T/wrong"
chmod 600 "$T/wrong"
run xmppsend "${as_alice[@]}" --password-file "$T/wrong" bob@localhost <<<x
is "$status" 5 'the wrong password: 5'
like "$err" 'not-authorized' 'by its name'
free_port
run xmppsend "${as_alice[@]}" --server "127.0.0.1:$port" bob@localhost <<<x
is "$status" 3 'a closed port: 3'
run xmppsend "${as_alice[@]}" --ca /etc/hostname bob@localhost <<<x
is "$status" 8 'a CA file without a certificate: 8'
run xmppsend "${as_alice[@]}" --jid alice@example.org bob@localhost <<<x
like "$status$err" '^[14]' 'a domain that is not served there: 1 or 4'
run xmppsend --jid alice@localhost --password-file "$T/password" \
	--server "127.0.0.1:$starttls_port" bob@localhost <<<x
is "$status" 4 'an authority nobody trusts: 4'

# ---- direct TLS ---------------------------------------------------------------

run xmppsend "${as_alice[@]}" --server "127.0.0.1:$tls_port" --direct-tls \
	carol@localhost <<<hello
is "$status$err" 0 'direct TLS'

# ---- offline, and only what was asked for -----------------------------------------

run xmppsend "${as_alice[@]}" carol@localhost <<<second
run xmpprecv "${as_carol[@]}" --body -c 1
is "$status$out$err" 0hello 'an offline message, its bare bytes'
run xmpprecv -j "${as_carol[@]}" -c 1
is "$(jq -r 'select(.type == "message") | .body' "$T/out")" second \
	'-c 1 has left the second with the server'
like "$(jq -r 'select(.type == "message") | .delay // "-"' "$T/out")" \
	'^20[0-9][0-9]-' 'which says when it was sent'
run xmpprecv "${as_carol[@]}" --for 0.5
is "$status" 0 '--for ends with 0'
is "$(grep -c message "$T/out")" 0 'and nothing comes twice'

run xmppsend "${as_alice[@]}" carol@localhost <<<kept
run bash -c 'xmpprecv "$@" -c 1 >/dev/full' _ "${as_carol[@]}"
is "$status" 8 'a full disk: 8'
run xmpprecv -j "${as_carol[@]}" -c 1
is "$(jq -r 'select(.type == "message") | .body' "$T/out")" kept \
	'what could not be written stayed with the server'

# ---- presence -----------------------------------------------------------------

prosody_friends alice bob
start watch xmpppresence -j "${as_alice[@]}" --watch
await watch '"type":"ready"' || bail 'xmpppresence is not ready'
start away xmpppresence -j "${as_bob[@]}" --set away --status 'back at 5'
await watch '"presence_type":"available"'
is "$(jq -r '[.from[0:14], .show, .status] | join(" ")' <<<"$line")" \
	'bob@localhost/ away back at 5' 'the other comes online'
await away '"type":"ready"'
stop away TERM
is "$status" 143 'SIGTERM is raised again'
await watch '"presence_type":"unavailable"'
like "$line" 'bob@localhost/' 'but says goodbye first'
# ---- go-sendxmpp at the other end -----------------------------------------------

cat >"$T/go-bob" <<-END
	username: bob@localhost
	password: secret
	jserver: 127.0.0.1:$starttls_port
END
chmod 600 "$T/go-bob"
export SSL_CERT_FILE=$ca

start go go-sendxmpp -f "$T/go-bob" -l
await watch '"presence_type":"available"' || bail 'go-sendxmpp is not there'
stop watch INT
is "$status" 130 'SIGINT is raised again, too'
start alice xmpprecv -j "${as_alice[@]}" -c 1
await alice '"type":"ready"'
run go-sendxmpp -f "$T/go-bob" alice@localhost <<<'from go <&>'
is "$status" 0 'go-sendxmpp sends'
await alice '"type":"message"'
is "$(jq -r .body <<<"$line")" 'from go <&>' 'xmpprecv prints it'
await_end alice
run xmppsend "${as_alice[@]}" bob@localhost <<<'to go <&>'
is "$status" 0 'xmppsend sends'
ok 'go-sendxmpp prints it' await go 'to go <&>'

# ---- nobody in particular -------------------------------------------------------

run xmppsend -v --jid guests.localhost "${as_alice[@]:4}" \
	--tls-name localhost bob@localhost <<<'from a guest'
is "$status" 0 'a domain as JID: a guest, without a password'
like "$err" ', ANONYMOUS' 'ANONYMOUS'
like "$err" 'bound as [^@]+@guests.localhost/' 'by an address of the server'
run xmppsend --jid localhost "${as_alice[@]:4}" bob@localhost <<<x
is "$status" 5 'where there are no guests: 5'
like "$err" 'lets nobody in without an account' 'and why'

# ---- channel binding ----------------------------------------------------------

stop prosody
PROSODY_SSL='protocol = "tlsv1_2";' prosody_start
run xmppsend -v "${as_alice[@]}" bob@localhost <<<bound
is "$status" 0 'TLS 1.2: delivered'
like "$err" 'SCRAM-SHA-[0-9]+-PLUS bound by tls-unique' \
	'Prosody offers -PLUS there, and means tls-unique'

# ---- a server that dies ---------------------------------------------------------

start left xmpprecv -j --no-reconnect "${as_alice[@]}"
await left '"type":"ready"'
stop prosody
await_end left
like "$status" '^[13]$' 'a server that goes away is no success'
like "$err" '^xmpprecv: 127.0.0.1:' 'and the sentence says which'
finish
