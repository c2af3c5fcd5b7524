#!/bin/bash
# sipcheck: what it finds of the DNS, transports, TLS, answers, challenges and
# with malformed requests; its statuses, and the monitor's line.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq openssl

# A certificate of our own authority: $T/NAME.crt and $T/NAME.key.
certificate() { # NAME SUBJECTALTNAME DAYS
	(
		cd "$T" || exit
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
		openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key \
			-CAcreateserial -days "$3" -out "$1.crt" \
			-extfile <(echo "subjectAltName=$2")
	) >>"$T/openssl.log" 2>&1 || bail "openssl: $(tail -1 "$T/openssl.log")"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$T/ca.key" -out "$T/ca.pem" -days 90 -subj '/CN=authority' \
	-addext basicConstraints=critical,CA:TRUE >"$T/openssl.log" 2>&1
certificate good DNS:d.org 60
certificate short DNS:d.org 3

# What was found, a line each: level, check, transport, text.
found() { cut -f3,4,6,8 "$T/out" | tr '\t' ' '; }
has() { # REGEX NAME
	like "$(found)" "$1" "$2"
}
peer() { # ARGUMENT...: leaves $port, of the peer of this moment
	[ -z "${pids[peer]:-}" ] || stop peer
	start peer "$TOP/tests/mock/sip-peer" "$@"
	await_ready peer
}

# ---- a whole domain ---------------------------------------------------------------

start far siprecv --listen 127.0.0.1:0 --cert "$T/good.crt" --key "$T/good.key"
await_ready far
plain=$port
await_ready far
secure=$port
cat >"$T/zone" <<END
d.org NAPTR 1 1 "s" "SIPS+D2T" "" _sips._tcp.d.org
d.org NAPTR 2 1 "s" "SIP+D2T" "" _sip._tcp.d.org
d.org NAPTR 3 1 "s" "SIP+D2U" "" _sip._udp.d.org
_sips._tcp.d.org SRV 1 1 $secure h.d.org
_sip._tcp.d.org SRV 1 1 $plain h.d.org
_sip._udp.d.org SRV 1 1 $plain h.d.org
h.d.org A 127.0.0.1
half.org NAPTR 1 1 "u" "SIP+D2U" "!a!b!" .
_sip._udp.half.org SRV 1 1 $plain h.d.org
_sip._udp.half.org SRV 2 1 $plain gone.d.org
_sip._tcp.half.org SRV 1 1 9 h.d.org
END
start dns dns "$T/zone"
await dns '^[0-9]' || bail 'no nameserver'
server=$line
check() { run sipcheck -W 1 --resolver "$server" --ca "$T/ca.pem" "$@"; }
check d.org
is "$status$err" 0 'a domain as it should be'
is "$(cut -f3 "$T/out" | grep -c error)" 0 'without an error'
has 'ok dns - d\.org leads to 1 target' 'the DNS'
for how in tls tcp udp; do
	has "ok reach $how OPTIONS is answered with 200 in" "$how answers"
done
has 'ok certificate tls its chain and name are good, by TLSv1.3' \
	'the certificate is good'
has 'ok certificate tls it is valid for (59|60) days, until 20' 'for so long'
has 'ok tls tls TLS 1\.2 is accepted' 'TLS 1.2'
has 'ok tls tls TLS 1\.3 is accepted' 'TLS 1.3'
unlike "$(found)" 'TLS 1\.[01]' 'and nothing older'
has 'note methods tls methods: .*MESSAGE' 'methods'
has 'note server tls it calls itself samtal' 'who it is'
has 'note auth .*REGISTER is answered with 405' 'no registrar'
check -j d.org
json_lines "$T/out" 'with -j each record is an object'
is "$(jq -r 'select(.check == "reach" and .transport == "udp") |
	[.type, .level, .to, .dst] | @tsv' "$T/out")" \
	"finding	ok	sip:d.org	127.0.0.1:$plain" 'with the same in it'
check -q d.org
is "$status" 0 '-q'
unlike "$(found)" '^(ok|note)' 'with -q only what is bad'
check --nagios d.org
like "$status$out" '^[01]SIPCHECK (OK|WARNING) - .* \| errors=0;;1 warnings=[01];1$' \
	'--nagios: one line and its status'
run sipcheck -W 1 --resolver "$server" d.org
is "$status" 1 'an authority nobody knows: 1'
has 'error certificate tls .*"authority", which is not known here' 'and which'
like "$err" '^sipcheck: sip:d.org: [0-9]+ errors?.*: ' 'in one sentence'

# ---- the DNS ------------------------------------------------------------------------

check half.org
is "$status" 1 'errors in the DNS: 1'
has 'warning dns - the NAPTR record for SIP\+D2U is of no use: ' \
	'a NAPTR record of no use'
has 'warning dns - there is no NAPTR record for TCP TLS' 'those that lack'
has 'error dns - an SRV record leads nowhere: gone.d.org' \
	'an SRV record that leads nowhere'
has 'error reach tcp .*:9: ' 'what is announced and closed is an error'
check nobody.org
is "$status" 1 'a domain that is not there: 1'
has '^error dns - nobody.org: no such name' 'and it says so'
check --nagios nobody.org
is "$status${out:0:19}" '2SIPCHECK CRITICAL -' 'which is CRITICAL'

# ---- TLS ------------------------------------------------------------------------------

start short siprecv --listen 127.0.0.1:0 --cert "$T/short.crt" \
	--key "$T/short.key"
await_ready short
await_ready short
at=(--connect-to "d.org:$port:127.0.0.1:$port")
check "${at[@]}" "sips:d.org:$port"
has 'warning certificate tls it is valid for 2 days' 'one that expires soon'
check --connect-to "x.org:$port:127.0.0.1:$port" "sips:x.org:$port"
is "$status" 1 'another name: 1'
has 'error certificate tls .*is for .*d\.org, not for x\.org' 'and which'
start old openssl s_server -accept 127.0.0.1:0 -tls1_1 -quiet \
	-cipher ALL:@SECLEVEL=0 -cert "$T/good.crt" -key "$T/good.key"
port=
export PID=${pids[old]}
for ((i = 0; i < 100; i++)); do
	port=$(perl -ne '/^\s*\d+: 0100007F:([0-9A-F]{4}) \S+ 0A .* (\d+) 1 / or next;
		$inode{$2} = hex $1; END { for (glob "/proc/$ENV{PID}/fd/*") {
		readlink =~ /socket:\[(\d+)\]/ and $inode{$1} and
		print $inode{$1} } }' /proc/net/tcp)
	[ -z "$port" ] || break
	await_port 1 0.05
done
if [ -n "$port" ]; then
	check --connect-to "d.org:$port:127.0.0.1:$port" "sips:d.org:$port"
	has 'warning tls tls TLS 1\.1 is still accepted' 'an old version'
	has 'error tls tls neither TLS 1\.2 nor 1\.3 is accepted' 'and no new one'
else
	skip 'openssl does not say its port' 'an old version'
fi

# ---- answers and challenges --------------------------------------------------------------

sdp() { # the answer's header fields that a mock can have
	printf 'Allow: INVITE, ACK, BYE\r\nSupported: timer\r\nServer: a\x1b[b'
}
peer --header "$(sdp | tr -d '\033')" 200
check "sip:127.0.0.1:$port"
has 'note methods udp methods: INVITE, ACK, BYE' 'Allow'
has 'note extensions udp extensions: timer' 'Supported'
has 'warning nat udp the answer has no rport' 'a peer that knows no rport'
has 'warning auth udp anybody may ask who is registered: .* 200' \
	'a registrar without a password'
challenge() { # VALUE
	peer --header "WWW-Authenticate: $1" 200 200 401
	check "sip:127.0.0.1:$port"
}
challenge 'Digest realm="r", nonce="n", algorithm=MD5'
has 'note auth udp it asks for Digest with MD5, qop none, in the realm "r"' \
	'a challenge'
has 'warning auth udp MD5 is the best it can do' 'MD5 alone'
has 'warning auth udp no challenge has a qop' 'without qop'
challenge 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"'
has 'ok auth udp it takes SHA-256' 'SHA-256'
challenge 'Basic realm="r"'
is "$status" 1 'Basic: 1'
has 'error auth udp nothing it asks for can be answered' 'and why'

# ---- malformed requests --------------------------------------------------------------------

run sipcheck -W 1 --intrusive "sip:127.0.0.1:$plain;transport=udp"
is "$status" 0 '--intrusive: our own server stands it'
has 'note malformed udp what is no SIP is not answered' 'garbage'
has 'ok malformed udp a request without a Call-ID is answered with 400' '400'
has 'ok malformed udp a request of SIP/7.0 is answered with 505' '505'
unlike "$(found)" '(warning|error) malformed' 'and nothing is taken for sound'
peer 200
run sipcheck -W 1 --intrusive "sip:127.0.0.1:$port;transport=udp"
has 'warning malformed udp .* Call-ID is answered with 200, as if it were sound' \
	'one that takes everything'
peer 200 200 200 drop
run sipcheck -W 0.3 --intrusive "sip:127.0.0.1:$port;transport=udp"
is "$status" 1 'one that falls over: 1'
has 'error malformed udp after .* nothing is answered any more' 'and after what'
check --intrusive d.org
is "$status" 0 'by TCP and TLS: our own server stands it as well'
for how in tcp tls; do
	has "ok malformed $how what is no SIP (ends|is answered with 400)" \
		"$how: garbage"
	has "ok malformed $how a start line without a URI ends the connection" \
		"$how: a start line"
	has "ok malformed $how a header field of 60,000 bytes is answered with 400" \
		"$how: a large one"
	has "ok malformed $how half a request, and then nothing is not answered" \
		"$how: half a request"
	has "ok malformed $how a request in many small pieces: each is answered" \
		"$how: pieces"
	has "ok malformed $how two requests in one piece: each is answered" \
		"$how: two at once"
done
unlike "$(found)" '(warning|error) malformed' 'and nothing is taken for sound'
start web siprecv --listen 127.0.0.1:0 --transport ws
await_ready web
run sipcheck -W 1 --intrusive --proxy "ws://127.0.0.1:$port/" sip:a@d.org
has 'ok malformed ws a request without a Call-ID is answered with 400' \
	'by WebSocket'
has 'ok malformed ws a request with a Content-Length beyond .* with 400' \
	'one that is cut'
unlike "$(found)" '(warning|error) malformed' 'and nothing is taken for sound'
peer --segments 1 200
run sipcheck -W 0.3 --intrusive "sip:127.0.0.1:$port;transport=tcp"
has 'warning malformed tcp two requests in one piece: 1 of 2 answered' \
	'one that takes a segment for a request'
has 'warning malformed tcp a request behind empty lines: 0 of 1 answered' \
	'and empty lines for one'
run sipcheck -W 0.3 "sip:127.0.0.1:$plain;transport=udp"
unlike "$(found)" malformed 'none of it unless asked for'

# ---- misuse and endings ------------------------------------------------------------------

for bad in tel:+1 sip: 'sip:a@b;transport=x'; do
	run sipcheck "$bad"
	is "$status" 2 "$bad is misuse"
done
peer drop
run sipcheck -w 0.2 -W 5 "sip:127.0.0.1:$port"
is "$status" 6 'the deadline: 6'
run bash -c "sipcheck -W 1 sip:127.0.0.1:$plain >/dev/full"
is "$status" 8 'a full disk: 8'
finish
