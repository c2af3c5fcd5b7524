#!/bin/bash
# XMPP by BOSH (XEP-0124, XEP-0206) against Prosody's mod_bosh: messages both
# ways, large ones, many, bounces, the farewell, host-meta in both forms, and
# what goes wrong.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq

prosody_start_web '"bosh", "http_files"'
url=https://localhost:$https_port/http-bind
alice=(--jid alice@localhost --password-file "$T/password" --ca "$ca"
	--url "$url")
bob=(--jid bob@localhost "${alice[@]:2}")

start bob xmpprecv -j "${bob[@]}" -c 104
await bob '"type":"ready"' || bail "xmpprecv is not ready: $(cat "$T/bob.err")"
like "$(jq -r .from <<<"$line")" '^bob@localhost/' 'online by BOSH'
run xmppsend -vv "${alice[@]}" bob@localhost <<<hello
is "$status" 0 'a message by BOSH'
like "$err" 'trying localhost:[0-9]+/http-bind \(BOSH\)' 'by HTTP'
like "$err" "xmpp:restart='true'" 'with a second stream after SASL'
await bob '"type":"message"'
is "$(jq -r .body <<<"$line")" hello 'arrives by BOSH'
run xmppsend "${as_alice[@]}" bob@localhost <<<'by TCP'
await bob '"type":"message"'
is "$(jq -r .body <<<"$line")" 'by TCP' 'and so does one sent by TCP'
perl -e 'print "å" x 60000' >"$T/large"
run xmppsend "${alice[@]}" bob@localhost <"$T/large"
is "$status$err" 0 'a large message'
await bob '"type":"message"'
is "$(jq -j .body <<<"$line" | md5sum)" "$(md5sum <"$T/large")" \
	'arrives whole'
seq 100 >"$T/lines"
run xmppsend -l "${alice[@]}" bob@localhost <"$T/lines"
is "$status$err" 0 'a hundred lines'
run xmppsend "${alice[@]}" nobody@localhost <<<hello
is "$status" 1 'to nobody: 1'
run xmppsend "${alice[@]}" bob@localhost <<<last
await_end bob
is "$status" 0 'and the receiver ends in order'
is "$(jq -r 'select(.type == "message").body' "$T/bob.out" | grep -x '[0-9]*' |
	md5sum)" "$(md5sum <"$T/lines")" 'all of them came, in order'

# Prosody holds a request of who listens: what it is told goes in another one.
start bob xmpprecv "${bob[@]}"
await bob ready || bail "xmpprecv is not ready: $(cat "$T/bob.err")"
stop bob TERM
is "$status" 143 'a signal ends it'
sid=$(sed -n "s/.*New BOSH session, assigned it sid '\(.*\)'.*/\1/p" \
	"$T/prosody/log" | tail -1)
ok 'and the session is terminated in order' await_line "$T/prosody/log" \
	"bosh$sid.*BOSH client disconnected: session close"

# ---- found by host-meta ----------------------------------------------------------

xrd() { # RELATION URL
	cat <<-END
		<?xml version='1.0' encoding='utf-8'?>
		<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>
		  <Link rel='urn:xmpp:alt-connections:$1' href='$2'/>
		</XRD>
	END
}
found=(--jid alice@localhost --password-file "$T/password" --ca "$ca"
	--connect-to "localhost:443:127.0.0.1:$https_port" --bosh)
xrd xbosh "$url" >"$known/host-meta"
run xmppsend -v "${found[@]}" bob@localhost <<<found
is "$status" 0 'host-meta says where it is'
like "$err" "trying localhost:$https_port/http-bind \(BOSH\)" 'by BOSH'
xrd websocket "wss://localhost:$https_port/ws" >"$known/host-meta"
run xmppsend "${found[@]}" bob@localhost <<<found
is "$status" 3 'of WebSockets only: 3'
like "$err" 'localhost: host-meta: it names no BOSH with TLS' 'and why'
cat >"$known/host-meta.json" <<-END
	{ "links": [ { "rel": "urn:xmpp:alt-connections:xbosh",
		"href": "$url" } ] }
END
run xmppsend "${found[@]}" bob@localhost <<<found
is "$status$err" 0 'then its form of JSON says it'
rm "$known/host-meta"
run xmppsend "${found[@]}" bob@localhost <<<found
is "$status$err" 0 'and where there is no other'
echo '{ "links": [ }' >"$known/host-meta.json"
run xmppsend "${found[@]}" bob@localhost <<<found
is "$status" 3 'without either: 3'
like "$err" 'localhost: host-meta: the answer is 404' 'and why'

# ---- what goes wrong -----------------------------------------------------------

run xmppsend "${alice[@]:0:4}" --url "$url" bob@localhost <<<hello
is "$status" 4 'without the CA: 4'
run xmppsend "${alice[@]}" --url "https://127.0.0.1:$https_port/http-bind" \
	bob@localhost <<<hello
is "$status" 4 'by an address that the certificate does not have: 4'
run xmppsend "${alice[@]}" --url "https://localhost:$https_port/other" \
	bob@localhost <<<hello
is "$status" 1 'a path where nothing is: 1'
like "$err" 'answers 404 and opens no session of BOSH' 'and says so'
printf 'wrong\n' >"$T/wrong"
chmod 600 "$T/wrong"
run xmppsend "${alice[@]}" --password-file "$T/wrong" bob@localhost <<<hello
is "$status" 5 'a wrong password: 5'
run xmppsend --jid alice@elsewhere.example "${alice[@]:2}" bob@localhost <<<hello
is "$status" 1 'a domain that is not there: 1'
like "$err" 'does not serve the domain' 'and says so'
run xmppsend "${alice[@]}" --url "http://localhost:$http_port/http-bind" \
	bob@localhost <<<hello
is "$status" 2 'without TLS it is refused'
run xmppsend "${alice[@]}" --server localhost bob@localhost <<<hello
is "$status" 2 '--url and --server exclude each other'
stop prosody
run xmppsend "${alice[@]}" bob@localhost <<<hello
is "$status" 3 'when it is gone: 3'
finish
