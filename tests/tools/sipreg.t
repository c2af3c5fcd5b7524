#!/bin/bash
# sipreg: what it prints and ends with, refusal, silence, passwords, keeping,
# misuse.  tests/peers/sip-kamailio.t has it with a registrar.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq
tab=$'\t'

peer() { # ARGUMENT...: leaves $port, of the peer of this moment
	[ -z "${pids[peer]:-}" ] || stop peer
	start peer "$TOP/tests/mock/sip-peer" "$@"
	await_ready peer
	alice=sip:alice@127.0.0.1:$port
}
phone=sip:alice@127.0.0.1:7000
bound="Contact: <$phone>;expires=99;q=0.5, <sip:other@192.0.2.7>;expires=7"

# ---- registering -----------------------------------------------------------------

peer --header "$bound" 200
run sipreg --uri "$alice" --contact "$phone"
is "$status$err" 0 'a 200 is a registration'
is "$(cut -f1,3-6 "$T/out")" "register${tab}registered${tab}$alice${tab}$phone${tab}99
register${tab}binding${tab}$alice${tab}sip:other@192.0.2.7${tab}7" \
	'a record of it, and of what else is there'
run sipreg -j --uri "$alice" --contact "$phone"
json_lines "$T/out" 'with -j each record is an object'
is "$(jq -c '[.type, .proto, .state, .contact, .expires_s, .q == 0.5]' "$T/out" | head -1)" \
	"[\"register\",\"sip\",\"registered\",\"$phone\",99,true]" 'with the same in it'
run sipreg -vv --uri "$alice" --expires 77
like "$err" "REGISTER sip:127.0.0.1:$port SIP/2.0" 'the domain is asked'
like "$err" 'To: <sip:alice@127.0.0.1>' 'for the address of record'
like "$err" 'Contact: <sip:alice@127.0.0.1:[0-9]+>;expires=77' \
	'with where we are, for as long as is wanted'
like "$err" 'Supported: path' 'and Path is understood'
run sipreg -vv --uri "$alice" --instance urn:uuid:1 --reg-id 2
like "$err" 'sip.instance="<urn:uuid:1>";reg-id=2;expires=3600' 'a device and flow'
like "$err" 'Supported: path, gruu, outbound' 'that wants its GRUU'
run sipreg --query --uri "$alice"
is "$status $(cut -f3 "$T/out" | paste -sd' ')" '0 binding binding' \
	'a query prints what is there'
run sipreg -vv --remove-all --uri "$alice"
like "$err" 'Contact: \*.*Expires: 0' 'all are removed'
run sipreg -vv --remove sip:a@192.0.2.1 --remove sip:b@192.0.2.1 --uri "$alice"
like "$err" 'Contact: <sip:a@192.0.2.1>;expires=0.*Contact: <sip:b@192.0.2.1>;expires=0' \
	'or one after the other'
peer 200
run sipreg --query --uri "$alice"
is "$status" 1 'a query that finds nothing'

# ---- refusal, silence, passwords ------------------------------------------------------

for code in 403 404 500 503; do
	peer "$code"
	run sipreg -j --uri "$alice"
	is "$status $(jq -c '[.state, .status_code]' <<<"$out")" \
		"1 [\"failed\",$code]" "a $code is a refusal"
	like "$err" "^sipreg: $alice: $code" 'and it says whose'
done
for row in '420|Unsupported: gruu, x|it does not know gruu, x' \
	'405|Allow: OPTIONS|it takes OPTIONS' \
	'503|Retry-After: 17|back after seconds: 17' \
	'415|Accept: text/plain|it takes text/plain'; do
	IFS='|' read -r code header what <<<"$row"
	peer --header "$header" "$code"
	run sipreg --uri "$alice"
	like "$err" "$code Whatever: $what" "a $code says why"
done
echo canary-4711 >"$T/password"
chmod 600 "$T/password"
for algorithm in MD5 SHA-256; do
	peer --user alice:canary-4711 --algorithm "$algorithm" 200
	run sipreg -vv --uri "$alice" --password-file "$T/password"
	is "$status" 0 "a password, by $algorithm"
	unlike "$err$out" 'canary|response=' 'and it is shown nowhere'
	run sipreg --uri "$alice"
	is "$status" 5 'without one: 5'
done
peer drop
run sipreg -w 0.3 --uri "$alice"
is "$status" 6 'silence: 6'
free_port
run sipreg --uri "sip:alice@127.0.0.1:$port"
is "$status" 3 'a closed port: 3'

# ---- keeping -----------------------------------------------------------------------------

peer --header "Contact: <$phone>;expires=2" 200
start keep sipreg -j --keep --uri "$alice" --contact "$phone"
await keep '"registered"' || fail 'it registers'
await keep '"refreshed"' || fail 'and refreshes before the two seconds are over'
stop keep INT
is "$status" 130 'SIGINT ends it as a shell expects'
is "$(tail -n 1 "$T/keep.out" | jq -r .state)" removed 'with the binding removed'
run sipreg -j --keep --for 0.2 --uri "$alice" --contact "$phone"
is "$status $(jq -r .state "$T/out" | paste -sd' ')" '0 registered removed' \
	'--for ends it with 0'
run sipreg -j --keep --leave --for 0.2 --uri "$alice" --contact "$phone"
is "$(jq -r .state "$T/out" | paste -sd' ')" registered '--leave leaves it there'
peer 403
run sipreg --keep --uri "$alice"
is "$status" 1 'what is refused for good is not kept'
peer 503
start keep sipreg -j --keep --uri "$alice"
await keep '"failed"'
like "$(jq -r .again_s <<<"$line")" '^([345][0-9]|60)$' \
	'what may come back is tried again, half a minute later or more'
stop keep
is "$status" 143 'until it is stopped'
peer 200
start keep sipreg -j --keep --uri "$alice" --contact "$phone" --local 127.0.0.1:0
await keep '"registered"'
stop keep

# ---- flows (RFC 5626) --------------------------------------------------------------------

device='--instance urn:uuid:1'
path='<sip:token@edge.example.org;lr;ob>, <sip:core;lr>'
peer --header 'Require: outbound' --header 'Flow-Timer: 30' \
	--header "Path: $path" \
	--header 'Service-Route: <sip:home.example.org;lr>' \
	--header "Contact: <$phone>;expires=60;reg-id=1;+sip.instance=\"<urn:uuid:1>\"" \
	200
# shellcheck disable=SC2086 # words
run sipreg -j --uri "$alice" --contact "<$phone>" $device --reg-id 1
is "$status $(jq -r .outbound "$T/out")" '0 true' 'the registrar says that it uses the flow'
# shellcheck disable=SC2086 # words
run sipreg -vv -j --keep --for 0.3 --uri "$alice" --contact "<$phone>" $device \
	--edge "sip:127.0.0.1:$port;lr" --edge "sip:127.0.0.1:$port;transport=tcp;lr"
is "$status $(jq -c 'select(.state == "registered") |
	[.reg_id, .outbound, .path, .service_route]' "$T/out" | sort -u | head -1)" \
	"0 [1,true,\"$path\",\"<sip:home.example.org;lr>\"]" \
	'a flow by each of two edge proxies, and what they have set up'
is "$(grep -c 'reg-id=2;expires=3600' <<<"$err")" 1 'each has its number'
like "$err" 'Route: <sip:127.0.0.1:[0-9]+;transport=tcp;lr>' 'and its route'
peer '439' 200
# shellcheck disable=SC2086 # words
run sipreg -j --uri "$alice" $device --reg-id 1
is "$status $(jq -c '[.state, .outbound]' "$T/out")" '0 ["registered",false]' \
	'a first hop without it is registered by without'
like "$err" 'lacks outbound support' 'and it says so'
for options in "--edge sip:127.0.0.1" "$device --edge nonsense" \
	"$device --edge sip:a --reg-id 1" "$device --edge sip:a --query" \
	"$device --edge sip:a --proxy sip:b" \
	"$device --edge sip:a --edge sip:a --edge sip:a --edge sip:a --edge sip:a"; do
	# shellcheck disable=SC2086 # words
	run sipreg --uri "$alice" $options
	is "$status" 2 "$options is misuse"
done

# ---- misuse ----------------------------------------------------------------------------

for options in '--query --keep' '--remove-all --query' '--leave' '--for 3' \
	'--reg-id 1' '--instance nonsense' '--instance urn:a>;x' \
	'--remove nonsense'; do
	# shellcheck disable=SC2086 # words
	run sipreg --uri "$alice" $options
	is "$status" 2 "$options is misuse"
done
run sipreg
is "$status" 2 'nobody to be'
run sipreg nobody
is "$status" 2 'an account that is not there'
run sipreg --uri "$alice" bob
is "$status" 2 'two ways to say who'
run bash -c "sipreg --uri $alice >/dev/full"
is "$status" 8 'a full disk: 8'
stop peer
finish
