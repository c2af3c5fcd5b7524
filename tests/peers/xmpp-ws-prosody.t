#!/bin/bash
# XMPP over WebSocket (RFC 7395) against Prosody's mod_websocket: messages both
# ways, large ones, bounces, resumption's enabling, and what goes wrong.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq

prosody_start_web '"websocket", "http_files"'
cat >"$known/host-meta" <<-END
	<?xml version='1.0' encoding='utf-8'?>
	<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>
	  <Link rel='urn:xmpp:alt-connections:xbosh' href='https://localhost/b'/>
	  <Link rel='urn:xmpp:alt-connections:websocket' href='ws://localhost/w'/>
	  <Link rel="urn:xmpp:alt-connections:websocket"
	    href="wss://localhost:$https_port/xmpp-websocket" />
	</XRD>
END
url=wss://localhost:$https_port/xmpp-websocket
alice=(--jid alice@localhost --password-file "$T/password" --ca "$ca"
	--url "$url")
bob=(--jid bob@localhost "${alice[@]:2}")

start bob xmpprecv -j "${bob[@]}" -c 4
await bob '"type":"ready"' || bail "xmpprecv is not ready: $(cat "$T/bob.err")"
like "$(jq -r .from <<<"$line")" '^bob@localhost/' 'online by WebSocket'
run xmppsend -vv "${alice[@]}" bob@localhost <<<hello
is "$status" 0 'a message by WebSocket'
like "$err" "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'" \
	'in the framing of RFC 7395'
like "$err" "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>" \
	'to the end'
await bob '"type":"message"'
is "$(jq -r .body <<<"$line")" hello 'arrives by WebSocket'
run xmppsend "${as_alice[@]}" bob@localhost <<<'by TCP'
await bob '"type":"message"'
is "$(jq -r .body <<<"$line")" 'by TCP' 'and so does one sent by TCP'
perl -e 'print "å" x 60000' >"$T/large"
run xmppsend "${alice[@]}" bob@localhost <"$T/large"
is "$status$err" 0 'a large message'
await bob '"type":"message"'
is "$(jq -j .body <<<"$line" | md5sum)" "$(md5sum <"$T/large")" \
	'arrives whole'
run xmppsend "${alice[@]}" nobody@localhost <<<hello
is "$status" 1 'to nobody: 1'
run xmppsend "${alice[@]}" bob@localhost <<<last
await_end bob
is "$status" 0 'and the receiver ends in order'

# A second run knows the server, and says more at once.
run xmppsend -v "${alice[@]}" bob@localhost <<<again
is "$status" 0 'the second run of an account'

# ---- found by host-meta, and sent elsewhere ------------------------------------------

found=(--jid alice@localhost --password-file "$T/password" --ca "$ca"
	--connect-to "localhost:443:127.0.0.1:$https_port" --websocket)
run xmppsend -v "${found[@]}" bob@localhost <<<found
is "$status" 0 'host-meta says where the WebSocket is'
like "$err" "trying localhost:$https_port/xmpp-websocket \(WebSocket\)" \
	'the one with TLS'
run xmppsend --jid alice@localhost --password-file "$T/password" \
	"${found[@]:6}" bob@localhost <<<found
is "$status" 4 'a host-meta that nobody vouches for is not read: 4'
rm "$T/www/.well-known/host-meta"
run xmppsend "${found[@]}" bob@localhost <<<found
is "$status" 3 'without one: 3'
like "$err" 'localhost: host-meta: the answer is 404' 'and why'
echo '<html/>' >"$T/www/.well-known/host-meta"
run xmppsend "${found[@]}" bob@localhost <<<found
is "$status" 7 'what is no host-meta: 7'
run xmppsend "${as_alice[@]:0:4}" --ca "$ca" --connect-to \
	"im.example.org:5222:127.0.0.1:$starttls_port" --server im.example.org \
	bob@localhost <<<elsewhere
is "$status" 0 '--connect-to without WebSocket'
run xmppsend "${alice[@]}" --connect-to nonsense bob@localhost <<<hello
is "$status" 2 'half a --connect-to is refused'

# ---- what goes wrong -----------------------------------------------------------

run xmppsend "${alice[@]:0:4}" --url "$url" bob@localhost <<<hello
is "$status" 4 'without the CA: 4'
run xmppsend "${alice[@]}" --url "wss://127.0.0.1:$https_port/xmpp-websocket" \
	bob@localhost <<<hello
is "$status" 4 'by an address that the certificate does not have: 4'
run xmppsend "${alice[@]}" --url "wss://localhost:$https_port/other" \
	bob@localhost <<<hello
is "$status" 1 'a path where nothing is: 1'
like "$err" 'answers 404 Not Found and opens no WebSocket' 'and says so'
printf 'wrong\n' >"$T/wrong"
chmod 600 "$T/wrong"
run xmppsend "${alice[@]}" --password-file "$T/wrong" bob@localhost <<<hello
is "$status" 5 'a wrong password: 5'
for bad in "ws://localhost:$http_port/xmpp-websocket" http://localhost/ \
	wss://a:b@localhost/; do
	run xmppsend "${alice[@]}" --url "$bad" bob@localhost <<<hello
	is "$status" 2 "--url $bad is refused"
done
run xmppsend "${alice[@]}" --server localhost bob@localhost <<<hello
is "$status" 2 '--url and --server exclude each other'
stop prosody
run xmppsend "${alice[@]}" bob@localhost <<<hello
is "$status" 3 'when it is gone: 3'
finish
