#!/bin/bash
# By the Web and through a proxy at once: host-meta, WebSocket and BOSH, and the
# way from the ports of XMPP to them.  Against Prosody.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq

free_port && closed_port=$port
prosody_start_web '"bosh", "websocket", "http_files"'
mkdir "$XDG_STATE_HOME"
printf 'me:let me:in\n' >"$T/login"
printf 'me:canary-wrong\n' >"$T/wrong"
chmod 600 "$T/login" "$T/wrong"

# Nobody listens here at 443, 7443 and 5222: what comes to Prosody has gone
# through the proxy, which alone knows where that is.  The environment would lead
# past it.
export no_proxy='*' NO_PROXY='*' https_proxy=http://127.0.0.1:1
{
	echo '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
	printf '<Link rel="urn:xmpp:alt-connections:%s" href="%s"/>\n' \
		xbosh "https://localhost:7443/http-bind" \
		websocket "wss://localhost:7443/xmpp-websocket"
	echo '</XRD>'
} >"$known/host-meta"
as_alice=(--jid alice@localhost --password-file "$T/password" --ca "$ca"
	--resolver "127.0.0.1:$closed_port")
proxy() { # [--port PORT=WHAT]... [USER:PASSWORD]: leaves $via
	start proxy proxy --port "443=$https_port" --port "7443=$https_port" \
		"$@"
	await proxy '^[0-9]+$' || bail 'the proxy does not start'
	via=127.0.0.1:$line
}
asked() { # what it was asked for, once it has ended, in one line
	stop proxy
	tail -n +2 "$T/proxy.out" | uniq | tr '\n' ' '
}
send() { # ARGUMENT...
	rm -f "$XDG_STATE_HOME"/samtal/xmpp-*
	run xmppsend "${as_alice[@]}" "$@" bob@localhost <<<hello
}

one_sentence() { # of the proxy
	like "$err" '^xmppsend: .*the proxy ' 'which is said to be the proxy'
	unlike "$err" $'\n' 'in one sentence'
}

# ---- told to go by the Web ---------------------------------------------------------

for kind in socks5 http; do
	proxy
	send --via "$kind://$via" --websocket
	is "$status$err" 0 "--websocket by $kind"
	is "$(asked)" "$kind localhost:443 $kind localhost:7443 " \
		'host-meta and WebSocket are names to the proxy, and no more'
	proxy 'me:let me:in'
	send --via "$kind://$via" --via-login "$T/login" --bosh -vv
	is "$status" 0 "--bosh by $kind, with a login"
	unlike "$err" 'let me' 'which is not shown'
	is "$(asked)" "$kind localhost:443 $kind localhost:7443 " \
		'it goes all through it too'
	proxy
	for url in wss://localhost:7443/xmpp-websocket \
		https://localhost:7443/http-bind; do
		send --via "$kind://$via" --url "$url"
		is "$status$err" 0 "--url ${url%%:*} by $kind"
	done
	is "$(asked)" "$kind localhost:7443 " 'and nothing else is asked for'
done

# ---- what a proxy refuses --------------------------------------------------------

for kind in socks5 http; do
	proxy 'me:let me:in'
	send --via "$kind://$via" --websocket --via-login "$T/wrong"
	is "$status" 5 "$kind: a wrong login for host-meta: 5"
	one_sentence
	unlike "$err" canary 'without the password'
	send --via "$kind://$via" --bosh
	is "$status" 5 "$kind: none where one is wanted: 5"
	stop proxy
	proxy --port 443=refused
	send --via "$kind://$via" --websocket
	is "$status" 1 "$kind: what the proxy does not allow: 1"
	one_sentence
	stop proxy
	send --via "$kind://$via" --websocket
	is "$status" 3 "$kind: no proxy there: 3"
done
proxy --port 7443=refused
send --via "socks5://$via" --websocket
is "$status" 1 'host-meta allowed, what it names not: 1'
stop proxy
proxy --port 443=silent
send --via "http://$via" --websocket -w 2
is "$status" 6 'a silent proxy: 6'
one_sentence
stop proxy

# ---- where the ports are not reached through it --------------------------------------

for how in refused "$closed_port"; do
	proxy --port "5222=$how"
	send --via "socks5://$via" -v
	is "$status" 0 "5222 is $how to the proxy: by the Web"
	is "$(asked)" "socks5 localhost:5222 socks5 localhost:443 \
socks5 localhost:7443 " 'through it all the time'
done
proxy --port 5222=silent
send --via "http://$via"
is "$status$err" 0 '5222 is silent: by the Web, in some seconds'
run xmppsend "${as_alice[@]}" --via "http://$via" bob@localhost <<<again
is "$status$err" 0 'and at once the next time'
is "$(asked)" 'http localhost:5222 http localhost:443 http localhost:7443 ' \
	'without a word to anybody else'
proxy --port 5222=refused
send --via "socks5://$via" --no-fallback
is "$status" 1 '--no-fallback: 1'
is "$(asked)" 'socks5 localhost:5222 ' 'and host-meta is not asked for'
finish
