#!/bin/bash
# How many turnarounds it takes to send a message: the first time, and when
# the server is known.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
. "$TOP/tests/turnarounds.bash"
need prosody openssl jq

prosody_start
relay_to starttls "$starttls_port"
relay_to direct "$tls_port"

turnarounds starttls "${as_alice[@]}" bob@localhost
is "$status$err" 0 'by STARTTLS, the first time'
is "$turnarounds" 8 'takes eight: who binds need not wait for the resource'
turnarounds starttls "${as_alice[@]}" bob@localhost
is "$status$err" 0 'the second time'
is "$turnarounds" 6 'six'
turnarounds direct "${as_alice[@]}" --direct-tls bob@localhost
is "$turnarounds" 7 'by direct TLS seven, as nothing is known of it yet'
turnarounds direct "${as_alice[@]}" --direct-tls bob@localhost
is "$status$err" 0 'the second time'
is "$turnarounds" 5 'five'

run xmpprecv -j "${as_bob[@]}" -c 4
is "$(grep -c '"body":"hello"' "$T/out")" 4 'each of the four has arrived, once'
is "$(stat -c %a "$T"/state/samtal/xmpp-*)" 600$'\n'600 \
	'what is remembered is nobody else'\''s to read'
finish
