#!/bin/bash
# sipreg, sipsend and siprecv against Kamailio as registrar and proxy: bindings
# by digest, over each transport, and messages by way of them.
# shellcheck disable=SC2034 # variables of kamailio.bash
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/kamailio.bash" || exit 1
need kamailio jq openssl

KAMAILIO_V6=
if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
	KAMAILIO_V6=1
fi
kamailio_registrar() { # ALGORITHM
	[ -z "${pids[kamailio]:-}" ] || stop kamailio
	# shellcheck disable=SC2016 # for Kamailio
	KAMAILIO_GLOBAL='
		loadmodule "tm.so"
		loadmodule "rr.so"
		loadmodule "usrloc.so"
		loadmodule "registrar.so"
		loadmodule "auth.so"
		modparam("usrloc", "db_mode", 0)
		modparam("registrar", "min_expires", 60)
		modparam("registrar", "max_expires", 600)
		modparam("registrar", "gruu_enabled", 1)
		modparam("auth", "nonce_count", 1)
		modparam("auth", "qop", "auth")
		modparam("auth", "algorithm", "'$1'")
		enable_tls = yes
		loadmodule "tls.so"
		listen = tls:127.0.0.1:'$tls_port'
		modparam("tls", "private_key", "'$T'/tls.key")
		modparam("tls", "certificate", "'$T'/tls.crt")
		modparam("tls", "tls_method", "TLSv1.2+")
		alias = example.org
		tcp_accept_no_cl = yes
		loadmodule "xhttp.so"
		loadmodule "websocket.so"
		loadmodule "nathelper.so"
		modparam("nathelper|registrar", "received_avp", "$avp(received)")
		event_route[xhttp:request] {
			if ($hdr(Upgrade) =~ "websocket" && $rm =~ "GET") {
				if (ws_handle_handshake()) { exit; }
			}
			xhttp_reply("404", "Not Found", "", "");
		}'
	# shellcheck disable=SC2016 # for Kamailio
	KAMAILIO_ROUTE='
		if (proto == WS) {
			force_rport();
			if (is_method("REGISTER")) { fix_nated_register(); }
		}
		if (is_method("REGISTER")) {
			if (!pv_www_authenticate("example.org", "secret-$tU", "0")) {
				auth_challenge("example.org", "1");
				exit;
			}
			save("location");
			exit;
		}
		if (is_method("MESSAGE")) {
			if (!lookup("location")) {
				sl_send_reply("404", "Not Registered");
				exit;
			}
			t_relay();
			exit;
		}'
	kamailio_start
	proxy="sip:127.0.0.1:$port;lr"
}
reg() { # ARGUMENT...: as alice
	run sipreg -j --uri sip:alice@example.org --password-file "$T/alice" \
		--proxy "$proxy" "$@"
}
states() { jq -r .state "$T/out" | paste -sd' '; }

echo secret-alice >"$T/alice"
echo secret-bob >"$T/bob"
echo wrong >"$T/wrong"
chmod 600 "$T/alice" "$T/bob" "$T/wrong"

certificate 'DNS:example.org'
free_port
tls_port=$port

for algorithm in MD5 SHA-256; do
	kamailio_registrar "$algorithm"
	reg
	is "$status $(states)" '0 registered' "registers, by $algorithm"
	is "$(jq -c '[.from, .expires_s]' "$T/out")" \
		'["sip:alice@example.org",600]' \
		'for as long as was granted, not asked'
	run sipreg --uri sip:alice@example.org --password-file "$T/wrong" \
		--proxy "$proxy"
	is "$status" 5 "and not without the password, by $algorithm"
done

# ---- queries, bindings, removal -------------------------------------------------------

reg --query
is "$status $(states)" '0 binding' 'a query finds it'
reg --remove-all
is "$status $(states)" '0 removed' 'all are removed'
reg --query
is "$status $out" '1 ' 'and then there is none'
for n in 1 2 3; do
	reg --contact "sip:alice@127.0.0.1:900$n" --expires 120 -q
done
reg --query
is "$(jq -r .contact "$T/out" | sort | paste -sd' ')" \
	'sip:alice@127.0.0.1:9001 sip:alice@127.0.0.1:9002 sip:alice@127.0.0.1:9003' \
	'several bindings side by side'
like "$(jq -r .expires_s "$T/out" | sort -u | paste -sd' ')" '^1[12][0-9]( |$)' \
	'each with its time'
reg --remove sip:alice@127.0.0.1:9002 --remove sip:alice@127.0.0.1:9003
is "$status $(states)" '0 removed removed binding' 'two are removed'
is "$(jq -r 'select(.state == "binding").contact' "$T/out")" \
	sip:alice@127.0.0.1:9001 'and the other one stays'
reg --remove-all
reg --expires 10
is "$status $(jq -r .expires_s "$T/out")" '0 60' \
	'one that is too brief is asked for again (423)'
reg --remove-all
reg --instance urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF
is "$status" 0 'a device'
like "$(jq -r .pub_gruu "$T/out")" '^sip:alice@example.org;gr=urn:uuid:' \
	'has a public URI (RFC 5627)'
like "$(jq -r .temp_gruu "$T/out")" '^sip:.*@.*;gr' 'and a temporary one'
reg --remove-all

# ---- keeping, and several accounts -----------------------------------------------------

mkdir -p "$T/.config/samtal"
for name in alice bob; do
	cat <<-END
		[$name]
		sip = sip:$name@example.org
		password-file = $T/$name
		proxy = $proxy
	END
done >"$T/.config/samtal/accounts"
chmod 600 "$T/.config/samtal/accounts"
start keeper sipreg -j --keep alice bob
await keeper registered
await keeper registered
run sipreg -j --query alice bob
is "$status $(jq -r '[.account, .state] | join(" ")' "$T/out" | sort |
	paste -sd' ')" '0 alice binding bob binding' 'two accounts at once'
stop keeper
is "$status" 143 'until it is stopped'
is "$(grep -c '"removed"' "$T/keeper.out")" 2 'and removes both'
run sipreg --query alice bob
is "$status" 1 'so that none is left'
is "${err##*$'\n'}" 'sipreg: 2 of 2 accounts have failed' 'of either'

# ---- messages both ways ------------------------------------------------------------------

for how in udp tcp; do
	start recv siprecv -j --listen 127.0.0.1:0
	kamailio=$port
	await_ready recv
	run sipreg -a bob --transport "$how" \
		--contact "sip:bob@127.0.0.1:$port;transport=$how"
	is "$status" 0 "bob is at a siprecv by $how"
	run sipsend -j -a alice --transport "$how" sip:bob@example.org <<<"by $how"
	is "$status $(states)" '0 delivered' "a message by way of Kamailio, by $how"
	await recv "\"by $how\""
	is "$(jq -r .from <<<"$line")" sip:alice@example.org 'and is from alice'
	seq 200 >"$T/many"
	run sipsend -l -a alice --transport "$how" sip:bob@example.org <"$T/many"
	is "$status" 0 "two hundred by $how"
	stop recv
	is "$(jq -r 'select(.type == "message").body' "$T/recv.out" |
		grep -c '^[0-9]*$')" 200 'and all of them came, once'
	port=$kamailio
	run sipreg -a bob --remove-all
done
if [ -n "$KAMAILIO_V6" ]; then
	start recv siprecv -j --listen '[::1]:0'
	kamailio=$port
	await_ready recv
	run sipreg -a bob --proxy "sip:[::1]:$kamailio;lr" \
		--contact "sip:bob@[::1]:$port"
	is "$status" 0 'bob is at an IPv6 address'
	run sipsend -a alice --proxy "sip:[::1]:$kamailio;lr" \
		sip:bob@example.org <<<'by IPv6'
	is "$status" 0 'and gets a message there'
	await recv '"by IPv6"'
	stop recv
	port=$kamailio
	run sipreg -a bob --remove-all
fi
# Alice comes by TLS; her account has a proxy, which --uri does without.
by_tls() { # TOOL ARGUMENT...
	run "$1" -j --uri sip:alice@example.org --password-file "$T/alice" \
		--transport tls --ca "$T/ca.pem" \
		--connect-to "example.org:5061:127.0.0.1:$tls_port" "${@:2}"
}
start recv siprecv -j -a bob --local 127.0.0.1:0
await recv '"ready"' || fail 'bob is not there'
by_tls sipreg
is "$status $(states)" '0 registered' 'registers by TLS'
by_tls sipreg --remove-all
is "$status" 0 'and is removed by it'
by_tls sipsend sip:bob@example.org <<<'by TLS'
is "$status" 0 'a message by TLS'
await recv '"by TLS"'
stop recv
run sipreg --uri sip:alice@example.org --password-file "$T/alice" \
	--transport tls --connect-to "example.org:5061:127.0.0.1:$tls_port"
is "$status" 4 'but not where the certificate is unknown'

# By WebSocket nobody can be called: the connection is the way back.
ws=ws://127.0.0.1:$port/sip
start recv siprecv -j -a bob --proxy "$ws"
await recv '"ready"' || fail 'bob is not there by WebSocket'
run sipsend -a alice sip:bob@example.org <<<'to a WebSocket'
is "$status" 0 'a message to who came by WebSocket'
await recv '"to a WebSocket"'
is "$(jq -r .from <<<"$line")" sip:alice@example.org 'comes by that'
run sipsend -a alice --proxy "$ws" sip:bob@example.org <<<'from one'
is "$status" 0 'and one from there'
await recv '"from one"'
stop recv
run sipreg -j -a alice --proxy "$ws"
is "$status $(states)" '0 registered' 'registers by WebSocket'
run sipreg -a alice --proxy "$ws" --remove-all
is "$status" 0 'and is removed by it'

for how in udp tcp; do
	start recv siprecv -j -a bob --transport "$how" --local 127.0.0.1:0
	await recv '"ready"' || fail 'it registers by itself'
	is "$(jq -c '[.from, .expires_s]' <<<"$line")" \
		'["sip:bob@example.org",600]' "a siprecv that is registered, by $how"
	run sipsend -a alice sip:bob@example.org <<<"to an account"
	is "$status" 0 'is found by its address of record'
	await recv '"to an account"'
	stop recv
	run sipreg --query -a bob
	is "$status" 1 'and gone when it has left'
done
cp "$T/wrong" "$T/bob"
run siprecv -a bob
is "$status" 5 'whose password is wrong gets no messages'
run sipsend -a alice sip:bob@example.org <<<hello
is "$status" 1 'to nobody: refused'
like "$err" '404 Not Registered' 'with the reason'
stop kamailio
finish
