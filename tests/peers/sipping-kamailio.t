#!/bin/bash
# sipping against Kamailio, over UDP and TCP: what it says is an answer, and
# it finds nothing wrong with what we ask (its module sanity looks).
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/kamailio.bash" || exit 1
need kamailio jq

kamailio_start
for transport in udp tcp; do
	run sipping -j -c 5 -i 0.02 --transport "$transport" \
		"sip:127.0.0.1:$port"
	is "$status" 0 "Kamailio is alive by $transport"
	is "$(jq -rc 'select(.type == "ping") |
		[.status_code, .reason, .user_agent]' "$T/out" | sort -u)" \
		'[200,"Kamailio Is Alive","Kamailio of a test"]' \
		"five times the same answer by $transport"
	is "$(jq -c 'select(.type == "summary") |
		[.sent, .received, .lost]' "$T/out")" '[5,5,0]' \
		"and none is lost by $transport"
done
run sipping -c 1 "sip:127.0.0.1:$port;transport=tcp"
is "$status" 0 'the transport of the URI'
stop kamailio
run sipping -c 1 "sip:127.0.0.1:$port"
is "$status" 3 'when it is gone, its port is closed'
finish
