#!/bin/bash
# SIP over WebSocket against Kamailio's module websocket: what it answers, and
# a call through it from a WebSocket to UDP, ended by either side.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/kamailio.bash" || exit 1
need kamailio jq openssl
[ -e "$(kamailio_modules)/websocket.so" ] || {
	[ -z "${CI:-}" ] || bail "missing: Kamailio's module websocket"
	echo "1..0 # SKIP Kamailio's module websocket is missing"
	exit 0
}
# The caller of a WebSocket has no address: Kamailio writes its own idea of one
# into the Contact (module nathelper).
# shellcheck disable=SC2016,SC2034 # variables of Kamailio
KAMAILIO_GLOBAL='
	tcp_accept_no_cl = yes
	loadmodule "tm.so"
	loadmodule "rr.so"
	loadmodule "xhttp.so"
	loadmodule "websocket.so"
	loadmodule "nathelper.so"
	event_route[xhttp:request] {
		if ($hdr(Upgrade) =~ "websocket" && $rm =~ "GET" &&
			$hu =~ "^/sip") {
			if (ws_handle_handshake()) { exit; }
		}
		xhttp_reply("404", "Not Found", "", "");
	}'
# shellcheck disable=SC2016,SC2034
KAMAILIO_ROUTE='
	if (proto == WS || proto == WSS) {
		force_rport();
		if (is_method("INVITE")) { add_contact_alias(); }
	}
	if (has_totag()) {
		if (loose_route()) {
			if ($du == "") { handle_ruri_alias(); }
			t_relay();
			exit;
		}
	}
	remove_hf("Route");
	if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }
	if (is_method("INVITE")) { record_route(); t_relay(); exit; }'
kamailio_start
proxy=ws://127.0.0.1:$port/sip

run sipping -j -c 3 -i 0.02 --proxy "$proxy" "sip:127.0.0.1:$port"
is "$status" 0 'Kamailio is alive by WebSocket'
is "$(jq -rc 'select(.type == "ping") | [.status_code, .reason]' "$T/out" |
	sort -u)" '[200,"Kamailio Is Alive"]' 'three times the same answer'
run sipping -c 1 --proxy "ws://127.0.0.1:$port/other" "sip:127.0.0.1:$port"
unlike "$status" '^0$' 'another path is none'
like "$err" 'answers 404 Not Found and opens no WebSocket' 'and why is said'

tone make 440 0.3 >"$T/in.wav"
answering() { # OPTION...
	start answer sipanswer --listen 127.0.0.1:0 -j -c 1 \
		--audio-out /dev/null "$@"
	local kamailio=$port
	await_ready answer
	bob=sip:bob@127.0.0.1:$port
	port=$kamailio
}
answering
run sipcall -j --proxy "$proxy" --audio-out /dev/null "$bob" <"$T/in.wav"
is "$status" 0 'a call through it'
await_end answer
is "$(jq -r 'select(.type == "call").state' "$T/answer.out" | tail -1)" \
	ended_by_peer 'which the caller ends'
answering --duration 0.3
run sipcall -j --stay --duration 15 --proxy "$proxy" --audio-out /dev/null \
	"$bob" <"$T/in.wav"
is "$(jq -r 'select(.type == "call").state' "$T/out" | tail -1)" \
	ended_by_peer 'or the callee'
finish
