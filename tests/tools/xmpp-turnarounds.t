#!/bin/bash
# How many turnarounds it takes to send a message to xmppserve, by STARTTLS and
# by direct TLS, when the server is known.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/turnarounds.bash"
need jq

echo secret >"$T/password"
chmod 600 "$T/password"
start serve xmppserve -j --user alice:secret --user bob:secret \
	--listen 127.0.0.1:0 --listen-tls 127.0.0.1:0
await_ready serve
relay_to starttls "$port"
await_ready serve
relay_to direct "$port"
as_alice=(--jid alice@localhost --password-file "$T/password" --ca "$ca")

turnarounds starttls "${as_alice[@]}" bob@localhost
is "$status$err" 0 'by STARTTLS, the first time'
turnarounds starttls "${as_alice[@]}" bob@localhost
is "$status$err" 0 'the second time'
is "$turnarounds" 6 'six'
turnarounds direct "${as_alice[@]}" --direct-tls bob@localhost
is "$status$err" 0 'by direct TLS, the first time'
turnarounds direct "${as_alice[@]}" --direct-tls bob@localhost
is "$status$err" 0 'the second time'
is "$turnarounds" 5 'five'
finish
