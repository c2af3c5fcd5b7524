#!/bin/bash
# XMPP through proxies: SOCKS5 and CONNECT of HTTP, with and without a login,
# and what they refuse.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

printf 'alice:secret\nbob:secret\n' >"$T/users"
printf 'secret\n' >"$T/password"
printf 'me:let me:in\n' >"$T/login"
printf 'me:wrong\n' >"$T/wrong"
chmod 600 "$T"/users "$T"/password "$T"/login "$T"/wrong
start server xmppserve --domain localhost --users "$T/users" \
	--listen 127.0.0.1:0 -j
await_ready server
server=$port
# im.invalid is nobody's name here: the proxy alone knows where it is.
ping=(xmppping -c 1 --jid alice@localhost --password-file "$T/password"
	--ca "$ca" --server "im.invalid:$server")
proxy() { # [USER:PASSWORD]: leaves $proxy, the port
	start proxy proxy "$@"
	await proxy '^[0-9]+$' || bail 'the proxy does not start'
	proxy=$line
}

proxy
for kind in socks5 http; do
	run "${ping[@]}" --via "$kind://127.0.0.1:$proxy" localhost
	is "$status$err" 0 "by $kind"
	await proxy "^$kind "
	is "$line" "$kind im.invalid:$server" 'which looks for the name itself'
	run "${ping[@]}" --via "$kind://127.0.0.1:$proxy" \
		--via-login "$T/login" localhost
	is "$status" 0 'a login that nobody wants does no harm'
	run "${ping[@]}" --server "refused.invalid:$server" \
		--via "$kind://127.0.0.1:$proxy" localhost
	is "$status" 1 "$kind: what the proxy does not allow: 1"
	run "${ping[@]}" --server im.invalid:1 \
		--via "$kind://127.0.0.1:$proxy" localhost
	is "$status" 3 "$kind: what the proxy does not reach: 3"
	like "$err" 'the proxy' 'and it is said to be the proxy'
done
stop proxy
run "${ping[@]}" --via "socks5://127.0.0.1:$proxy" localhost
is "$status" 3 'no proxy at all: 3'

proxy 'me:let me:in'
for kind in socks5 http; do
	run "${ping[@]}" --via "$kind://127.0.0.1:$proxy" \
		--via-login "$T/login" localhost
	is "$status$err" 0 "$kind with a login"
	run "${ping[@]}" --via "$kind://127.0.0.1:$proxy" localhost
	is "$status" 5 "$kind: without one where one is wanted: 5"
	run "${ping[@]}" --via "$kind://127.0.0.1:$proxy" \
		--via-login "$T/wrong" localhost
	is "$status" 5 "$kind: with a wrong one: 5"
done

for url in socks5://me:pw@127.0.0.1 wss://127.0.0.1 ftp://x socks5://; do
	run "${ping[@]}" --via "$url" localhost
	is "$status" 2 "--via $url is refused"
done
run "${ping[@]}" --via-login "$T/login" localhost
is "$status" 2 'and a login for no proxy'
run "${ping[@]}" --via "http://127.0.0.1:$proxy" --via-login "$T/password" \
	localhost
is "$status" 2 'and a file that has none'
finish
