#!/bin/bash
# SIP tools against a Kamailio that asks for a password, by MD5 and SHA-256,
# over UDP, TCP and TLS, and whose certificate is good, or is not.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/kamailio.bash" || exit 1
need kamailio jq openssl

# shellcheck disable=SC2034 # they are for kamailio.bash
asks() { # ALGORITHM FIELD [MORE]
	KAMAILIO_GLOBAL='
		loadmodule "auth.so"
		modparam("auth", "algorithm", "'$1'")
		modparam("auth", "qop", "auth")
		enable_tls = yes
		loadmodule "tls.so"
		listen = tls:127.0.0.1:'$tls_port'
		modparam("tls", "private_key", "'$T'/tls.key")
		modparam("tls", "certificate", "'$T'/tls.crt")
		modparam("tls", "tls_method", "TLSv1.2+")'"${3:-}"
	KAMAILIO_ROUTE='
		if (!pv_'$2'_authenticate("pbx.example.org", "tiger", "0")) {
			'$2'_challenge("pbx.example.org", "1");
			exit;
		}
		consume_credentials();'
	[ -z "${pids[kamailio]:-}" ] || stop kamailio
	kamailio_start
}

free_port 1
tls_port=$port
echo tiger >"$T/right"
echo lion >"$T/wrong"
chmod 600 "$T/right" "$T/wrong"
certificate 'DNS:pbx.example.org'
codes() {
	jq -rs 'map(select(.type == "ping").status_code) | join(" ")' "$T/out"
}
as_alice() { # TRANSPORT PORT FILE OPTION...
	local transport=$1 at=$2 file=$3
	shift 3
	run sipping -j -c 3 -i 0.05 --transport "$transport" \
		--uri sip:alice@pbx.example.org --password-file "$file" \
		--connect-to "pbx.example.org:$at:127.0.0.1:$at" \
		--ca "$T/ca.pem" "$@" "sip:pbx.example.org:$at"
}

for algorithm in MD5 SHA-256; do
	for field in www proxy; do
		asks $algorithm $field
		for transport in udp tcp tls; do
			at=$port
			[ $transport != tls ] || at=$tls_port
			as_alice $transport "$at" "$T/right"
			is "$status $(codes)" '0 200 200 200' \
				"Kamailio knows us: $algorithm, $field, $transport"
		done
		as_alice udp "$port" "$T/wrong"
		is "$status" 5 "but not by a wrong password: $algorithm, $field"
	done
done

# ---- two realms, one behind the other (RFC 3261 section 22.3) ------------------

asks MD5 proxy
# shellcheck disable=SC2034 # it is for kamailio.bash
KAMAILIO_ROUTE='
	if (!pv_proxy_authenticate("edge.example.org", "tiger", "0")) {
		proxy_challenge("edge.example.org", "1");
		exit;
	}
	if (!pv_proxy_authenticate("core.example.org", "panther", "0")) {
		proxy_challenge("core.example.org", "1");
		exit;
	}
	consume_credentials();'
stop kamailio
kamailio_start
echo panther >"$T/other"
mkdir -p "$T/.config/samtal"
cat >"$T/.config/samtal/accounts" <<END
[both]
sip = sip:alice@127.0.0.1
realm = edge.example.org
password-file = $T/right
also = core
[core]
realm = core.example.org
username = alice
password-file = $T/other
[one]
sip = sip:alice@127.0.0.1
password-file = $T/right
END
chmod 600 "$T/.config/samtal/accounts" "$T/other"
run sipping -j -c 3 -i 0.05 -a both "sip:127.0.0.1:$port"
is "$status $(codes)" '0 200 200 200' 'Kamailio asks in two realms, and knows us'
run sipping -j -c 1 -a one "sip:127.0.0.1:$port"
is "$status" 5 'the password of one of them does not do'
like "$err" 'in the realm "core.example.org"' 'and it says which is missing'
asks MD5 www

# ---- certificates -----------------------------------------------------------

tls() { # OPTION...
	as_alice tls "$tls_port" "$T/right" "$@"
}
run sipping -c 1 --uri sip:alice@pbx.example.org --password-file "$T/right" \
	--connect-to "pbx.example.org:$tls_port:127.0.0.1:$tls_port" \
	--ca "$T/ca.pem" "sips:pbx.example.org:$tls_port"
is "$status" 0 'a sips: URI'
run sipping -c 1 --connect-to "pbx.example.org:$tls_port:127.0.0.1:$tls_port" \
	"sips:pbx.example.org:$tls_port"
is "$status" 4 'an authority nobody knows: 4'
like "$err" '^sipping: sips:pbx.example.org.*sha256//' 'with a pin to take'
pin=$(grep -o 'sha256//[A-Za-z0-9+/=]*' <<<"$err" | head -1)
run sipping -c 1 --pin "$pin" \
	--connect-to "pbx.example.org:$tls_port:127.0.0.1:$tls_port" \
	"sips:pbx.example.org:$tls_port"
is "$status" 0 'which is one'
tls --pin sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
is "$status" 4 'another key: 4'
tls --tls-name other.example.org
is "$status" 4 'another name: 4'
certificate 'DNS:*.example.org'
asks MD5 www
tls
is "$status" 4 'a wildcard: 4'
like "$err" 'SIP takes no wildcard' 'and it says so'
tls --tls-name '*.example.org'
is "$status $(codes)" '0 200 200 200' 'and --tls-name can want it'
tls --insecure
is "$status $(codes)" '0 200 200 200' '--insecure takes anything'
like "$err" 'not verified' 'and says so'
certificate 'DNS:pbx.example.org'
asks MD5 www '
	modparam("tls", "verify_certificate", 1)
	modparam("tls", "require_certificate", 1)
	modparam("tls", "ca_list", "'"$T"'/ca.pem")'
tls -W 3
like "$status" '^[346]$' 'a server that wants a certificate gets none'
tls --cert "$T/tls.crt" --key "$T/tls.key"
is "$status $(codes)" '0 200 200 200' 'and with --cert and --key one'
stop kamailio
is "$(grep -c 'sanity.*fail' "$T/kamailio.err")" 0 \
	'Kamailio found nothing wrong with what we sent'
finish
