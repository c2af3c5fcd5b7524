#!/bin/bash
# SIP over WebSocket, plain and by TLS, against Kamailio's module websocket:
# what it answers, and a call through it from a WebSocket to UDP, ended by
# either side.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/kamailio.bash" || exit 1
need kamailio jq openssl
[ -e "$kamailio_root$(kamailio_modules)/websocket.so" ] || {
	[ -z "${CI:-}" ] || bail "missing: Kamailio's module websocket"
	echo "1..0 # SKIP Kamailio's module websocket is missing"
	exit 0
}
certificate 'DNS:localhost'
free_port
tls_port=$port
# The caller of a WebSocket has no address: Kamailio writes its own idea of one
# into the Contact (module nathelper).
# shellcheck disable=SC2016,SC2034 # variables of Kamailio
KAMAILIO_GLOBAL='
	enable_tls = yes
	loadmodule "tls.so"
	listen = tls:127.0.0.1:'$tls_port'
	modparam("tls", "private_key", "'$T'/tls.key")
	modparam("tls", "certificate", "'$T'/tls.crt")
	modparam("tls", "tls_method", "TLSv1.2+")
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
secure=(--ca "$T/ca.pem" --connect-to "localhost:$tls_port:127.0.0.1:$tls_port"
	--proxy "wss://localhost:$tls_port/sip")

answers() { # HOW OPTION...
	run sipping -j -c 3 -i 0.02 "${@:2}" "sip:127.0.0.1:$port"
	is "$status" 0 "Kamailio is alive by $1"
	is "$(jq -rc 'select(.type == "ping") | [.status_code, .reason]' \
		"$T/out" | sort | uniq -c | xargs)" \
		'3 [200,Kamailio Is Alive]' 'three times the same answer'
}
answers WebSocket --proxy "$proxy"
answers 'a WebSocket by TLS' "${secure[@]}"
run sipping -c 1 "${secure[@]:2}" "sip:127.0.0.1:$port"
is "$status" 4 'not where the authority is unknown'
run sipping -c 1 "${secure[@]}" --tls-name example.org "sip:127.0.0.1:$port"
is "$status" 4 'nor where the certificate is for another name'
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
by() { # HOW OPTION...
	local how=$1
	shift
	answering
	run sipcall -j "$@" --audio-out /dev/null "$bob" <"$T/in.wav"
	is "$status" 0 "a call by $how"
	await_end answer
	is "$(jq -r 'select(.type == "call").state' "$T/answer.out" | tail -1)" \
		ended_by_peer 'which the caller ends'
	answering --duration 0.3
	run sipcall -j --stay --duration 15 "$@" --audio-out /dev/null "$bob" \
		<"$T/in.wav"
	is "$(jq -r 'select(.type == "call").state' "$T/out" | tail -1)" \
		ended_by_peer 'or the callee'
	await_end answer
}
by WebSocket --proxy "$proxy"
by 'a WebSocket by TLS' "${secure[@]}"
finish
