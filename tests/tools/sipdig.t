#!/bin/bash
# sipdig: each step of RFC 3263 and RFC 6116, the targets, and bad names.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

cat >"$T/zone" <<'END'
d.org NAPTR 50 50 "s" "SIPS+D2T" "" _sips._tcp.d.org
d.org NAPTR 90 50 "s" "SIP+D2T" "" _sip._tcp.d.org
_sips._tcp.d.org SRV 1 0 5061 a.d.org
_sips._tcp.d.org SRV 2 0 5071 b.d.org
_sip._tcp.d.org SRV 1 0 5060 a.d.org
a.d.org A 192.0.2.1
a.d.org AAAA 2001:db8::1
b.d.org CNAME c.d.org
c.d.org A 192.0.2.2
p.org A 192.0.2.3
none.d.org A 192.0.2.4
_sip._udp.none.d.org SRV 0 0 0 .
silent.d.org SILENT
broken.d.org SERVFAIL
8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa NAPTR 100 10 "u" "E2U+sip" "!^(.*)$!sip:\1@p.org!" .
8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa NAPTR 100 20 "u" "E2U+h323" "!^.*$!h323:x@d.org!" .
2.1.own.example NAPTR 100 10 "u" "E2U+sip" "!^.*$!sips:own@192.0.2.5!" .
END
start dns dns "$T/zone"
await dns '^[0-9]' || bail 'no nameserver'
server=$line
dig() { run sipdig --resolver "$server" "$@"; }
steps() { cut -f1,4- "$T/out" | tr '\t' ' '; }
targets() { grep '^target' "$T/out" | cut -f4-7 | tr '\t' ' ' | paste -sd,; }

# ---- steps -----------------------------------------------------------------------

dig sip:alice@d.org
is "$status$err" 0 'a domain with everything'
is "$(steps)" "$(cat <<'END'
lookup d.org NAPTR "s" "SIPS+D2T" "" _sips._tcp.d.org 300 50 50 - - - true TLS, place 1
lookup d.org NAPTR "s" "SIP+D2T" "" _sip._tcp.d.org 300 90 50 - - - false left out: order 50 matched
lookup _sips._tcp.d.org SRV a.d.org 300 - - 1 0 5061 true place 1 by priority 1, weight 0
lookup _sips._tcp.d.org SRV b.d.org 300 - - 2 0 5071 true place 2 by priority 2, weight 0
lookup a.d.org AAAA 2001:db8::1 300 - - - - - true target 1, TLS port 5061
lookup a.d.org A 192.0.2.1 300 - - - - - true target 2, TLS port 5061
lookup b.d.org A 192.0.2.2 300 - - - - - true target 3, TLS port 5071
target 1 tls 2001:db8::1 5061 d.org -
target 2 tls 192.0.2.1 5061 d.org -
target 3 tls 192.0.2.2 5071 d.org -
END
)" 'each step and each target, in order'
dig -j d.org
json_lines "$T/out" 'with -j each record is an object'
is "$(jq -c 'select(.record_type == "SRV") | [.proto, .to, .question, .answer,
	.ttl_s, .priority, .weight, .port, .chosen]' "$T/out" | head -n 1)" \
	'["sip","sip:d.org","_sips._tcp.d.org","a.d.org",300,1,0,5061,true]' \
	'with the same in it, and a domain is a URI'
is "$(jq -c 'select(.type == "target") | [.sequence, .transport, .address,
	.port, .tls_name]' "$T/out" | tail -n 1)" \
	'[3,"tls","192.0.2.2",5071,"d.org"]' 'targets too'

dig -q -4 d.org
is "$(targets)" '1 tls 192.0.2.1 5061,2 tls 192.0.2.2 5071' \
	'-q: targets alone; -4: without IPv6'
is "$(grep -c '^lookup' "$T/out")" 0 'and no steps'
dig -4 --transport tcp d.org
is "$(targets)" '1 tcp 192.0.2.1 5060' '--transport is not for the DNS to say'
dig 'sip:d.org;transport=tcp' -4
is "$(targets)" '1 tcp 192.0.2.1 5060' 'nor is that of the URI'
dig -4 sips:p.org
is "$(targets)" '1 tls 192.0.2.3 5061' 'a name alone: the default port'
dig -4 p.org:5070
is "$(targets)" '1 udp 192.0.2.3 5070' 'a host and a port are no scheme'
dig 192.0.2.9 'sip:[2001:db8::9]'
is "$(targets)" '1 udp 192.0.2.9 5060,1 udp 2001:db8::9 5060' \
	'numbers need no question, and there may be several URIs'
dig --connect-to a.example:5060:192.0.2.7:7000 sip:a.example
is "$(targets)" '1 udp 192.0.2.7 7000' '--connect-to'
run sipdig -4 localhost:5060
is "$(grep ^lookup "$T/out" | cut -f6-7)" "127.0.0.1	-" \
	'what no nameserver said has no time to live'

# ---- numbers ---------------------------------------------------------------------

dig +44-20-7946-0148
is "$status" 0 'a number'
like "$(steps)" 'E2U\+sip.* true it makes sip:\+442079460148@p.org' \
	'is made a URI'
like "$(steps)" 'h323:x.* false not considered: there is a URI already' \
	'by one rule'
is "$(grep '^target' "$T/out" | cut -f4-)" \
	"1	udp	192.0.2.3	5060	-	sip:+442079460148@p.org" \
	'whose targets are its own'
dig --enum own.example tel:+12
is "$(targets)" '1 tls 192.0.2.5 5061' 'below another name'
dig tel:+99
is "$status" 3 'a number that is not there: 3'
dig tel:911
is "$status" 2 'a number that is not global is misuse'

# ---- failures ----------------------------------------------------------------------

dig sip:nobody.d.org
is "$status" 3 'a name that is not there: 3'
like "$err" '^sipdig: sip:nobody.d.org: nobody.d.org: no such name$' \
	'in one sentence'
is "$(grep -c '^lookup.*false' "$T/out") $(grep ^error "$T/out" | cut -f4,5)" \
	"4 sip:nobody.d.org	no-such-name" 'after all questions'
dig sip:none.d.org
is "$status" 3 'SIP is not offered: 3'
like "$err" 'offers no SIP over UDP' 'and it says so'
dig -w 0.3 sip:silent.d.org
is "$status" 6 'the deadline: 6'
dig sip:broken.d.org
is "$status" 3 'a nameserver that fails: 3'
dig nobody.d.org p.org gone.d.org
is "$status $(targets)" '3 1 udp 192.0.2.3 5060' 'the others are still found'
is "$(wc -l <"$T/err")" 2 'each that is not has its sentence'
for bad in sip: 'sip:a b' 'sip:p.org;transport=carrier' \
	'sips:a@192.0.2.1;transport=udp'; do
	dig "$bad"
	like "$status" '[27]' "$bad is refused"
done
run bash -c "sipdig --resolver $server d.org >/dev/full"
is "$status" 8 'a full disk: 8'
finish
