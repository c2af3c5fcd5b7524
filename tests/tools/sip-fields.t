#!/bin/bash
# What options put into the requests of a SIP tool, and where a 3xx leads.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq

peer() { # ARGUMENT...: leaves $port, of the peer of this moment
	[ -z "${pids[peer]:-}" ] || stop peer
	start peer "$TOP/tests/mock/sip-peer" "$@"
	await_ready peer
}

# Leaves $sent: the request as it went over the wire.
ping() { # OPTION...
	run sipping -vv -c 1 "$@" "sip:bob@127.0.0.1:$port;transport=udp"
	sent=$(sed -n '/OPTIONS /,/^.*Content-Length/p' "$T/err" | tr -d '\r')
}

peer 200
ping
is "$status" 0 'a plain one'
like "$sent" 'To: <sip:bob@127.0.0.1>' \
	'a To has no port and no transport (RFC 3261 section 19.1.1)'
like "$sent" "OPTIONS sip:bob@127.0.0.1:$port;transport=udp " \
	'the request-URI has'
ping --from '"Ann Other" <sip:ann@example.org>' --to sip:x@example.org:5070
like "$sent" 'From: "Ann Other" <sip:ann@example.org>;tag=' '--from'
like "$sent" 'To: <sip:x@example.org:5070>' '--to, as it is given'
ping --uri sip:ann@example.org:5080
like "$sent" 'From: <sip:ann@example.org>;tag=' 'the account is the From'
ping --contact 'sip:ann@nat.example' --user-agent 'Test/7 (odd)'
like "$sent" 'Contact: <sip:ann@nat.example>' '--contact'
like "$sent" 'User-Agent: Test/7 \(odd\)' '--user-agent'
ping --user-agent ''
unlike "$sent" 'User-Agent' 'an empty one is none'
ping -H 'X-Trace: 1, 2' --header 'Subject:hello  world '
like "$sent" 'X-Trace: 1, 2' '-H'
like "$sent" 'Subject: hello  world' 'several of them'

for header in 'Via: SIP/2.0/UDP x' 'v: SIP/2.0/UDP x' 'call-id: x' 'CSeq: 1 OPTIONS' \
	'From: <sip:a@b>' 'l: 0' 'Authorization: Digest' 'No colon' \
	'Bad name: x' ': x' $'X: a\r\nY: b' $'X: a\nb' $'X: a\rb' $'X: \x01'; do
	run sipping -c 1 -H "$header" "sip:127.0.0.1:$port"
	is "$status" 2 "-H ${header@Q} is refused"
done
like "$err" '^sipping: -H: ' 'with a sentence'
for value in 'sip:' '<sip:a@b>;tag=1' 'nobody' $'sip:a@b\r\nX: y' '<sip:a@b' \
	'sip:a@b, sip:c@d'; do
	run sipping -c 1 --from "$value" "sip:127.0.0.1:$port"
	is "$status" 2 "--from ${value@Q} is refused"
done

# ---- 3xx ----------------------------------------------------------------------

start there "$TOP/tests/mock/sip-peer" 486
await_ready there
there=$port
peer --header "Contact: <sip:carol@127.0.0.1:$there>;q=0.5" 302
run sipcall -w 5 --audio-out /dev/null "sip:bob@127.0.0.1:$port" </dev/null
is "$status" 1 'a 302 is a refusal'
like "$err" "302.*call sip:carol@127.0.0.1:$there instead" 'and says what to call'
run sipcall -w 5 -j --audio-out /dev/null --follow "sip:bob@127.0.0.1:$port" \
	</dev/null
is "$status" 1 '--follow goes there'
like "$err" '486' 'where it is busy'
await there '^udp' 5
like "$line" "INVITE	sip:carol@127.0.0.1:$there" 'under the URI of the Contact'
finish
