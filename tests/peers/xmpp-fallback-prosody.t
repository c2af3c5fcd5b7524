#!/bin/bash
# Where the ports of XMPP are not reached: WebSocket, then BOSH, as host-meta
# names them (XEP-0156); remembered, and forgotten.  Against Prosody.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq

free_port && closed_port=$port
prosody_start_web '"bosh", "websocket", "http_files"'
export XDG_STATE_HOME=$T/state
export https_proxy=http://127.0.0.1:1 # is not asked
mkdir "$XDG_STATE_HOME"

# The document of a domain of which these URLs are links, one a kind.
host_meta() { # URL...
	local url kind
	{
		echo '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
		for url; do
			kind=xbosh
			[[ $url == wss:* ]] && kind=websocket
			printf '<Link rel="urn:xmpp:alt-connections:%s"' "$kind"
			printf ' href="%s"/>\n' "$url"
		done
		echo '</XRD>'
	} >"$known/host-meta"
}
# Who is behind a firewall that lets nothing but HTTPS through.
with_password() { # FILE PORT
	as_walled=(--jid alice@localhost --password-file "$1" --ca "$ca"
		--resolver "127.0.0.1:$closed_port"
		--connect-to "localhost:5222:127.0.0.1:$2"
		--connect-to "localhost:443:127.0.0.1:$https_port")
}
with_password "$T/password" "$closed_port"
ws=wss://localhost:$https_port/xmpp-websocket
bosh=https://localhost:$https_port/http-bind

host_meta "$bosh" "$ws"
run xmppsend -v "${as_walled[@]}" bob@localhost <<<hello
is "$status" 0 'with its ports closed a server is reached by the Web'
like "$err" "trying localhost:5222.*trying localhost:$https_port/xmpp-web" \
	'by WebSocket, where there is one'
like "$err" 'refuse' 'and why is noted'
run xmppsend -v "${as_walled[@]}" bob@localhost <<<hello
is "$status" 0 'the next run'
unlike "$err" 'trying localhost:5222' 'goes there at once'

# What was remembered is gone: the usual way again, and from there to another.
host_meta "wss://localhost:$closed_port/" "$bosh"
sed -i "s,url \([0-9]*\) .*,url \1 wss://localhost:$closed_port/," \
	"$XDG_STATE_HOME"/samtal/xmpp-*
run xmppsend -v "${as_walled[@]}" bob@localhost <<<hello
is "$status" 0 'what was remembered and helps no more is left'
like "$err" "trying localhost:$closed_port/.*trying localhost:5222.*/http-bind" \
	'for the usual way, and from there for BOSH'
like "$(cat "$XDG_STATE_HOME"/samtal/xmpp-*)" "web url [0-9]+ $bosh" \
	'which is remembered instead'
sed -i "s,url [0-9]* ,url 1700000000 ," "$XDG_STATE_HOME"/samtal/xmpp-*
run xmppsend -v "${as_walled[@]}" bob@localhost <<<hello
like "$status$err" '^0.*trying localhost:5222' 'not for more than a day'

# ---- where it is not done ----------------------------------------------------------

rm "$XDG_STATE_HOME"/samtal/xmpp-*
run xmppsend -v "${as_walled[@]}" --no-fallback bob@localhost <<<hello
is "$status" 3 '--no-fallback: 3'
unlike "$err" 'xmpp-websocket' 'and host-meta is not looked for'
closed=$(tail -1 <<<"$err")
rm "$known/host-meta"
run xmppsend "${as_walled[@]}" bob@localhost <<<hello
is "$status$err" "3$closed" 'without host-meta: 3, and the same sentence'
host_meta "wss://localhost:$closed_port/" "https://localhost:$closed_port/"
run xmppsend "${as_walled[@]}" bob@localhost <<<hello
is "$status$err" "3$closed" 'and where what it names is closed too'
host_meta "$ws"
run xmppsend -v "${as_walled[@]:0:10}" bob@localhost <<<hello
is "$status" 3 'who says where to connect, and not by HTTPS, is not led there'
unlike "$err" 'xmpp-websocket' 'nor looks'
with_password "$T/password" "$starttls_port"
run xmppsend -v "${as_walled[@]}" bob@localhost <<<hello
is "$status" 0 'a server that is reached'
unlike "$err" 'WebSocket' 'is enough'
printf 'wrong\n' >"$T/wrong"
chmod 600 "$T/wrong"
with_password "$T/wrong" "$starttls_port"
run xmppsend -v "${as_walled[@]}" bob@localhost <<<hello
is "$status" 5 'a wrong password is no reason: 5'
unlike "$err" 'WebSocket' 'and is shown once'
with_password "$T/password" "$starttls_port"
run xmppsend -v "${as_walled[@]:0:4}" "${as_walled[@]:6}" bob@localhost <<<hello
is "$status" 4 'nor is a certificate: 4'
unlike "$err" 'WebSocket' 'whoever closes no port'
finish
