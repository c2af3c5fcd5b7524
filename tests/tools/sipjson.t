#!/bin/bash
# sipjson: messages to records and back, and what is neither.
# shellcheck disable=SC2016
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

message() { # BODY
	printf '%s\r\n' 'MESSAGE sip:bob@example.org SIP/2.0' \
		'Via: SIP/2.0/UDP a.example.org;branch=z9hG4bK1' \
		'f: "A ☎" <sip:alice@example.org>;tag=1' \
		'To: sip:bob@example.org' 'Call-ID: 1@a' 'CSeq: 1 MESSAGE' \
		'Subject: one' ' and two' 'Content-Type: text/plain' \
		"Content-Length: ${#1}" ''
	printf %s "$1"
}
reply() {
	printf '%s\r\n' 'SIP/2.0 200 Fine' \
		'Via: SIP/2.0/UDP a.example.org;branch=z9hG4bK1' \
		'From: <sip:alice@example.org>;tag=1' \
		'To: sip:bob@example.org;tag=2' 'Call-ID: 1@a' \
		'CSeq: 1 MESSAGE' 'Content-Length: 0' ''
}
{ message 'tea?'; reply; } >"$T/two"

# ---- to JSON -----------------------------------------------------------------

run sipjson "$T/two"
is "$status" 0 'two messages are 0'
json_lines "$T/out" 'each line is a record'
is "$(jq -r '"\(.type) \(.method // .status_code) \(.request_uri // .reason) \(.body)"' \
	"$T/out")" $'sip MESSAGE sip:bob@example.org tea?\nsip 200 Fine null' \
	'a request and a response'
is "$(head -1 "$T/out" | jq -r '.headers[].name' | tr '\n' ' ')" \
	'Via f To Call-ID CSeq Subject Content-Type Content-Length ' \
	'header fields are in order, and named as they were'
cp "$T/out" "$T/records"
run sipjson <"$T/two"
is "$(jq -c 'del(.time)' "$T/out")" "$(jq -c 'del(.time)' "$T/records")" \
	'standard input is the same'

# ---- and back ----------------------------------------------------------------

run sipjson --raw "$T/two"
sipjson --to-sip <"$T/out" >"$T/back"
ok 'by raw every byte comes back' cmp "$T/two" "$T/back"
printf 'SIP/2.0 200 OK\r\nContent-Length: 3\r\n\r\n\xff\x00\xfe' >"$T/binary"
run sipjson --raw "$T/binary"
is "$(jq 'has("raw"), has("raw_base64")' "$T/out" | tr '\n' ' ')" \
	'false true ' 'bytes that are no text are in raw_base64'
sipjson --to-sip <"$T/out" >"$T/back"
ok 'and come back' cmp "$T/binary" "$T/back"
run sipjson "$T/binary"
is "$(jq 'has("body"), has("body_base64")' "$T/out" | tr '\n' ' ')" \
	'false true ' 'so does a body'
sipjson --to-sip <"$T/out" >"$T/back"
ok 'in the structured form' cmp "$T/binary" "$T/back"

run sipjson --to-sip "$T/records"
is "$status" 0 'records become messages'
ok 'all is as it was but for folded lines' \
	cmp "$T/out" <(perl -0pe 's/\r\n and/ and/' "$T/two")

run sipjson --to-sip <(head -1 "$T/records" |
	jq -c '.body = "a longer body" | .method = "INFO" |
	(.headers[] | select(.name == "CSeq").value) = "2 INFO"')
is "$(tr -d '\r' <"$T/out" | grep -E '^(INFO|CSeq|Content-Length|a )')" \
	"$(printf '%s\n' 'INFO sip:bob@example.org SIP/2.0' 'CSeq: 2 INFO' \
		'Content-Length: 13' 'a longer body')" \
	'what jq has changed is changed, and Content-Length follows'
run sipjson --to-sip --as-is <(head -1 "$T/records" |
	jq -c '.body = "a longer body"')
like "$out" 'Content-Length: 4' '--as-is leaves even that'
run sipjson --to-sip < <(jq -nc '{method: "OPTIONS", request_uri: "sip:h",
	headers: [{name: "To", value: "sip:h"}]}')
is "$(tail -2 <<<"$out" | tr -d '\r\n')" 'Content-Length: 0' \
	'where it was missing it is added'

# ---- what is bad -----------------------------------------------------------------

{ echo 'Log of Monday'; reply; printf 'OPTIONS sip:h SIP/2.0\nTo: h\n\n'; reply; } \
	>"$T/bad"
run sipjson "$T/bad"
is "$status" 7 'what cannot be read is status 7'
is "$(jq -r '.type + " " + (.text // "")' "$T/out")" "$(printf '%s\n' \
	'error No SIP Message' 'sip ' 'error Bare CR Or LF' 'sip ')" \
	'is an error record with the reason, and the rest is read'
is "$(jq -j 'select(.type=="error").raw' "$T/out")" \
	$'Log of Monday\nOPTIONS sip:h SIP/2.0\nTo: h' 'no byte of it is lost'
like "$err" '^sipjson: 2 of 4 could not be read as a message$' 'and it is said'
run sipjson "$T/two" "$T/none"
is "$status" 8 'a file that is not there is 8'
like "$err" "$T/none" 'and named'

{
	jq -nc '[{name: "To", value: "x"}] as $to |
		{type: "sip", method: "A B", request_uri: "sip:h", headers: $to},
		{type: "ping"},
		{type: "sip", status_code: 200,
			headers: [{name: "To", value: "a\r\nEvil: 1"}]},
		{type: "sip"}'
	echo 'no JSON'
	head -1 "$T/records"
} >"$T/lines"
run sipjson --to-sip "$T/lines"
is "$status" 7 'what is no record of a message is 7'
is "$(head -1 "$T/out" | tr -d '\r')" 'MESSAGE sip:bob@example.org SIP/2.0' \
	'nothing of it is written, and the rest is'
is "$(grep -oE 'line [0-9]+: .*' <<<"$err")" "$(printf '%s\n' \
	'line 1: method or request_uri has a character that cannot be there' \
	'line 3: headers: element 1 cannot be part of a message' \
	'line 4: neither raw, nor method, nor status_code' \
	"line 5: no JSON at column 2: '[' or '{' expected near 'no'")" \
	'each has its line and its sentence'
like "$err" 'of another type passed over: 1' 'other records are passed over'
run sipjson --to-sip --strict < <(echo '{"type":"ping"}')
is "$status" 7 '--strict: and refused'
run sipjson --as-is "$T/two"
is "$status" 2 '--as-is is for the way back'

# ---- much ------------------------------------------------------------------------

for _ in {1..100}; do cat "$T/two"; done >"$T/many"
run sipjson "$T/many"
is "$(wc -l <"$T/out")" 200 'a stream of messages'
sipjson --raw <"$T/many" | sipjson --to-sip >"$T/back"
ok 'survives both ways byte for byte' cmp "$T/many" "$T/back"
run sipjson /dev/null
is "$status$out$err" 0 'nothing is nothing'
finish
