#!/bin/bash
# SIP tools with each other over TLS: listening, client certificates, calls.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq openssl

# A certificate of our own authority: $T/NAME.crt and $T/NAME.key.
certificate() { # NAME SUBJECTALTNAME
	(
		cd "$T" || exit
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
		openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key \
			-CAcreateserial -days 2 -out "$1.crt" \
			-extfile <(echo "subjectAltName=$2")
	) >>"$T/openssl.log" 2>&1 || bail "openssl: $(tail -1 "$T/openssl.log")"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$T/ca.key" -out "$T/ca.pem" -days 2 -subj '/CN=authority' \
	-addext basicConstraints=critical,CA:TRUE >"$T/openssl.log" 2>&1
certificate far DNS:far.example.org

start far sipanswer -c 2 --duration 1 --listen 127.0.0.1:0 --audio-out /dev/null \
	--cert "$T/far.crt" --key "$T/far.key"
await_ready far
plain=$port
await_ready far
like "$line" '^ready.*	tls	' 'who has a certificate listens by TLS as well'
at=(--connect-to "far.example.org:$port:127.0.0.1:$port" --ca "$T/ca.pem")
run sipping -c 2 -i 0.05 "${at[@]}" "sips:far.example.org:$port"
is "$status" 0 'a sips: URI'
run sipping -c 2 -i 0.05 "${at[@]}" --transport tls "sip:far.example.org:$port"
is "$status" 0 '--transport tls'
run sipping -c 1 "${at[@]}" "sip:far.example.org:$port;transport=tls"
is "$status" 0 'a URI that wants it'
run sipping -c 1 --ca "$T/ca.pem" "sip:127.0.0.1:$port;transport=tls"
is "$status" 4 'a certificate for another name: 4'
like "$err" 'far\.example\.org, not for 127\.0\.0\.1' 'and it says which'
run sipping -c 1 --ca "$T/ca.pem" --tls-name far.example.org \
	"sip:127.0.0.1:$port;transport=tls"
is "$status" 0 '--tls-name'
run sipping -c 1 -w 3 --ca "$T/ca.pem" "sip:127.0.0.1:$plain;transport=tls"
is "$status" 4 'a server that speaks no TLS: 4'
for by in near far; do
	if [ $by = near ]; then
		run sipcall -w 10 "${at[@]}" --audio-out /dev/null \
			--duration 0.2 "sips:far.example.org:$port" </dev/null
	else
		run sipcall -w 10 "${at[@]}" --audio-out /dev/null \
			"sips:far.example.org:$port" </dev/null
	fi
	is "$status$err" 0 "a call over TLS, hung up by the $by side"
done
await_end far
is "$status$err" 0 'and both ends are content'
finish
