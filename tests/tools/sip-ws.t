#!/bin/bash
# SIP over WebSocket (RFC 7118), one tool of ours with another: calls both
# ways, in plain and on TLS, by URI, by --transport and by the URL of a proxy.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq openssl

tone make 440 0.3 >"$T/in.wav"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-days 2 -subj / -addext 'subjectAltName=DNS:localhost' \
	-keyout "$T/key.pem" -out "$T/cert.pem" 2>"$T/openssl" ||
	bail "no certificate: $(cat "$T/openssl")"

# ---- in plain -------------------------------------------------------------------

start answer sipanswer --listen 127.0.0.1:0 --transport ws -j -c 3 \
	--audio-out "$T/heard.wav" --duration 5
await_ready answer
is "$(jq -r .transport <<<"$line")" ws 'who waits says by what'
uri="sip:bob@127.0.0.1:$port;transport=ws"
run sipping -j -c 2 -i 0.02 "$uri"
is "$status" 0 'sipping by ;transport=ws'
run sipping -q -c 1 --transport ws "sip:127.0.0.1:$port"
is "$status" 0 'and by --transport ws'
run sipping -q -c 1 "sip:127.0.0.1:$port;transport=udp"
is "$status" 3 'nothing else is listened to'

run sipcall -vv -j --audio-out /dev/null "$uri" <"$T/in.wav"
is "$status" 0 'a call'
like "$err" 'Via: SIP/2.0/WS [a-z2-7]{12}\.invalid;' \
	'the caller has a name that is none'
run sipcall -j --audio-out /dev/null \
	--proxy "ws://127.0.0.1:$port/any?path" sip:bob@far.invalid <"$T/in.wav"
is "$status" 0 'a call by a proxy that is a URL'
# The far end hangs up: it finds the caller by its name only.
run sipcall -j --stay --duration 15 --audio-out /dev/null "$uri" <"$T/in.wav"
is "$(jq -r 'select(.type=="call").state' "$T/out" | tail -1)" ended_by_peer \
	'who has called is hung up on'
await_end answer
is "$status" 0 'and all were answered'

# ---- on TLS ------------------------------------------------------------------------

start answer sipanswer --listen 127.0.0.1:0 --transport wss -j -c 1 \
	--cert "$T/cert.pem" --key "$T/key.pem" --audio-out /dev/null
await_ready answer
is "$(jq -r .transport <<<"$line")" wss 'wss with a certificate'
run sipping -q -c 1 --ca "$T/cert.pem" "sips:localhost:$port;transport=ws"
is "$status" 0 'sips: and ws is wss'
run sipping -q -c 1 --ca "$T/cert.pem" --transport wss "sip:localhost:$port"
is "$status" 0 'so is --transport wss'
run sipping -q -c 1 --transport wss "sip:localhost:$port"
is "$status" 4 'a certificate nobody vouches for: 4'
run sipping -q -c 1 --ca "$T/cert.pem" --transport wss "sip:127.0.0.1:$port"
is "$status" 4 'a certificate of another name: 4'
run sipcall -vv -j --ca "$T/cert.pem" --proxy "wss://localhost:$port/ws" \
	--audio-out /dev/null sip:bob@far.invalid <"$T/in.wav"
is "$status" 0 'a call by wss'
like "$err" 'Via: SIP/2.0/WSS ' 'as Via says'
await_end answer
run sipanswer --transport wss --listen 127.0.0.1:0 --audio-out /dev/null
is "$status" 2 'without a certificate nobody is waited for'
like "$err" 'needs a certificate' 'as it says'

# ---- what is no WebSocket --------------------------------------------------------

start answer sipanswer --listen 127.0.0.1:0 -j --audio-out /dev/null
await_ready answer
run sipping -c 1 --transport ws "sip:127.0.0.1:$port"
unlike "$status" '^0$' 'a port of TCP is no WebSocket'
stop answer
run sipping -c 1 --transport ws "sip:127.0.0.1:$port"
is "$status" 3 'a closed port: 3'
for url in wss://user:secret@h/ http://h/ wss:// wss://h/#x 'wss://h/a b'; do
	run sipping -c 1 --proxy "$url" sip:b@h
	is "$status" 2 "--proxy $url is refused"
done
run sipping -c 1 --transport tcp --proxy wss://h/ sip:b@h
is "$status" 2 'two transports at once too'
finish
