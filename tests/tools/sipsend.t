#!/bin/bash
# sipsend: input of each kind, outcomes and statuses, one at a time to each
# URI, sizes, recipients, records, endings.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq
tab=$'\t'

peer() { # ARGUMENT...: leaves $port, of the peer of this moment
	[ -z "${pids[peer]:-}" ] || stop peer
	start peer "$TOP/tests/mock/sip-peer" "$@"
	await_ready peer
	bob=sip:bob@127.0.0.1:$port
}
send() { # ARGUMENT...: stdin is that of the test
	run sipsend "$@"
}
bodies() { # of the trace, in order
	run sipsniff -j --headers -r "$T/trace.pcap"
	jq -r 'select(.method == "MESSAGE").body_length' "$T/out" | paste -sd' '
}

# ---- outcomes ----------------------------------------------------------------

peer 200
send "$bob" <<<hello
is "$status$out$err" 0 'a 200 is a delivery, and nothing is said'
send -j "$bob" <<<hello
is "$(jq -c '[.type, .proto, .direction, .to, .state, .status_code]' <<<"$out")" \
	"[\"message\",\"sip\",\"out\",\"$bob\",\"delivered\",200]" \
	'with -j a record says so'
peer 202
send -v -j "$bob" <<<hello
is "$status $(jq -r .state <<<"$out")" '0 accepted' 'a 202 is accepted'
like "$err" 'accepted, not delivered' 'and not delivered'
for code in 301 404 408 486 500 603; do
	peer "$code"
	send "$bob" <<<hello
	is "$status $err" "1 sipsend: $bob: $code Whatever" "a $code is a refusal"
done
for code in 401 407; do
	peer "$code"
	send "$bob" <<<hello
	is "$status" 5 "a $code is about authentication"
done
peer --reason $'Not\xc2\x9b31m here' 404
send -j "$bob" <<<hello
is "$(jq -c '[.type, .condition, .status_code, .retryable]' <<<"$out")" \
	'["error",null,404,false]' 'a refusal is an error record'
unlike "$err" $'\xc2\x9b' 'and no control reaches a terminal'
peer 100+200
send "$bob" <<<hello
is "$status" 0 'a provisional response is no outcome'
peer drop drop 200
send "$bob" <<<hello
is "$status" 0 'a request that is lost is sent again'
peer drop
send -j -W 0.3 "$bob" <<<hello
is "$status $(jq -r .condition <<<"$out")" '6 timeout' 'silence: not known'
send -j -w 0.3 "$bob" <<<hello
is "$status $(jq -r .condition <<<"$out")" '6 timeout' 'the same by -w'
like "$err" 'may have arrived or not' 'and the sentence says what that means'
free_port
send "sip:bob@127.0.0.1:$port" <<<hello
is "$status" 3 'a closed port: 3'
peer twice
send -l -j "$bob" <<<$'a\nb'
is "$status $(wc -l <"$T/out")" '0 2' 'an answer that comes twice is one'

# ---- what goes over the wire --------------------------------------------------------

peer 200
send -vv --from sip:me@example.org --subject 'Tea: ready' "$bob" <<<$'a\nb'
like "$err" "MESSAGE $bob SIP/2.0" 'a MESSAGE'
like "$err" 'From: <sip:me@example.org>;tag=' 'from whom is told'
like "$err" 'Subject: Tea: ready' 'with a subject'
like "$err" 'Content-Type: text/plain;charset=UTF-8' 'of plain text'
like "$err" 'Content-Length: 3' 'without the final newline, with the others'
unlike "$err" 'Contact:' 'and no Contact (RFC 3428 section 4)'
send -vv "$bob" <<<hello
like "$err" 'From: "Anonymous" <sip:anonymous@anonymous.invalid>' \
	'without one: anonymous'
send -vv --content-type application/json "$bob" <<<'{}'
like "$err" 'Content-Type: application/json' '--content-type'
send --content-type nonsense "$bob" <<<'{}'
is "$status" 7 'a type that is none'
send --subject $'a\r\nX: y' "$bob" <<<hello
is "$status" 7 'no header field is smuggled in'
send "$bob" < <(printf 'caf\xe9\n')
is "$status" 7 'what is not UTF-8 is not called so'
send --content-type 'text/plain;charset=ISO-8859-1' "$bob" < <(printf 'caf\xe9\n')
is "$status" 0 'but sent under its name'
send "$bob" </dev/null
is "$status" 7 'an empty input is an error'
send "$bob" <<<''
is "$status" 7 'as is one of a newline'
send --allow-empty "$bob" </dev/null
is "$status" 0 'unless --allow-empty'

# ---- sizes (RFC 3428 section 8) ------------------------------------------------------

bytes() { head -c "$1" /dev/zero | tr '\0' x; }
send "$bob" < <(bytes 1300)
is "$status" 7 'a request over 1,300 bytes is not sent'
like "$err" '1300.*--large' 'and it says how it would be'
send --large "$bob" < <(bytes 1300)
is "$status" 0 '--large sends it'
await peer '^tcp' || fail 'and by a stream'
for n in $(seq 880 20 1100); do
	printf '{"to":"%s","body":"%s"}\n' "$bob" "$(bytes "$n")"
done >"$T/sizes"
send -j --trace "$T/trace.pcap" --json-input -q <"$T/sizes"
like "$(jq -r '.state // .condition' "$T/out" | uniq | paste -sd' ')" \
	'^delivered too-large$' 'up to a size they go out, above it none does'
run sipsniff -j -x -r "$T/trace.pcap"
is "$(jq -r 'select(.method == "MESSAGE") |
	[.transport, (.raw | length) <= 1300] | @tsv' "$T/out" | sort -u)" \
	"udp${tab}true" 'by UDP, and none is over 1,300 bytes'

# ---- passwords ------------------------------------------------------------------------

echo canary-4711 >"$T/password"
peer --user alice:canary-4711 200
send -vv --uri "sip:alice@127.0.0.1:$port" --password-file "$T/password" \
	--large "$bob" <<<hello
is "$status" 0 'who asks for a password gets a digest'
unlike "$err" 'canary' 'the password is shown nowhere'
unlike "$err" 'response=' 'nor what could be guessed from'
send --uri sip:alice@elsewhere.invalid --password-file "$T/password" \
	"$bob" <<<hello
is "$status" 5 'but not where it is not for: 5'
printf '{"to":"%s","body":"x"}\n' "$bob" >"$T/foreign"
send --json-input --username alice --password-file "$T/password" \
	<"$T/foreign"
is "$status" 5 'nor where a record says'
peer 200

# ---- lines ---------------------------------------------------------------------------

send -l -j "$bob" <<<$'one\n\ntwo\nthree'
is "$status $(jq -r .state "$T/out" | paste -sd' ')" \
	'0 delivered delivered delivered' '-l: a message a line, but for empty ones'
peer drop 200
send -l --trace "$T/trace.pcap" "$bob" <<<$'one\nfour4'
is "$(bodies)" '3 3 5' 'one at a time: the second waits for the first'
peer 200 404 200
send -l -j "$bob" <<<$'one\ntwo\nthree'
is "$status $(jq -r .status_code "$T/out" | paste -sd' ')" '1 200 404 200' \
	'one that is refused does not stop the others'
is "$err" "sipsend: $bob: 404 Whatever
sipsend: 1 of 3 messages were not delivered" 'and it is counted'
peer 200
printf 'first\nsecond' >"$T/two"
send -l -j "$bob" <"$T/two"
is "$status $(wc -l <"$T/out")" '0 2' 'from a file as from a pipe'
mkfifo "$T/pipe.in"
start pipe sipsend -l -j "$bob"
exec 9>"$T/pipe.in"
echo first >&9
await pipe delivered || fail 'a line is sent as soon as it is there'
echo second >&9
exec 9>&-
await_end pipe
is "$status $(wc -l <"$T/pipe.out")" '0 2' 'a pipe is followed to its end'
rm "$T/pipe.in"

# ---- recipients ------------------------------------------------------------------------

carol=sip:carol@127.0.0.1:$port
printf '# all\n%s\n\n  %s  \n' "$bob" "$carol" >"$T/people"
send -j --to-file "$T/people" "sip:dave@127.0.0.1:$port" <<<hello
is "$status $(jq -r .to "$T/out" | sed 's/@.*//' | sort | paste -sd' ')" \
	'0 sip:bob sip:carol sip:dave' 'recipients by name and by file'
send --to-file "$T/nowhere" <<<hello
is "$status" 8 'a file that is not there'
send <<<hello
is "$status" 2 'nobody to send to'
send tel:+1 <<<hello
is "$status" 2 'a URI that is not for SIP'
send "sip:x@127.0.0.1:$port;transport=tcp" <<<hello
is "$status" 0 'by TCP'
send --connect-to "im.invalid:5060:127.0.0.1:$port" sip:x@im.invalid <<<hello
is "$status" 0 'somewhere else'
send --proxy "sip:127.0.0.1:$port;lr" sip:somebody@far.invalid <<<hello
is "$status" 0 'by a proxy'

# ---- records -----------------------------------------------------------------------------

record() { # TO BODY [MORE]
	printf '{"type":"message","proto":"sip","from":"%s","to":"%s","body":"%s"%s}\n' \
		"sip:erin@127.0.0.1:$port" "$1" "$2" "${3:-}"
}
send --json-input -j -vv < <(
	record "$bob" hi ',"subject":"Hi","content_type":"text/html"'
	record "$carol" ho)
is "$status $(jq -r .to "$T/out" | paste -sd' ')" "0 $bob $carol" \
	'each record goes where it says'
like "$err" 'Subject: Hi' 'with its subject'
like "$err" 'Content-Type: text/html' 'and its type'
send --json-input -j "sip:dave@127.0.0.1:$port" < <(record "$bob" hi)
is "$(jq -r .to "$T/out")" "sip:dave@127.0.0.1:$port" \
	'recipients on the command line come first'
send --json-input -j --reply < <(record "$bob" hi)
is "$(jq -r .to "$T/out")" "sip:erin@127.0.0.1:$port" '--reply: to who wrote'
send --json-input -j < <(
	echo '{"type":"ready","proto":"sip"}'
	echo '{"type":"message","proto":"xmpp","to":"a@b","body":"x"}'
	record "$bob" hi)
is "$status $(wc -l <"$T/out")" '0 1' 'other records are passed over'
like "$err" '2 records were not for this tool' 'and counted'
send --json-input --strict < <(echo '{"type":"ready"}')
is "$status" 7 'or refused with --strict'
send --json-input -j < <(
	record "$bob" one
	echo nonsense
	record "$bob" two)
is "$status $(wc -l <"$T/out")" '7 1' 'what is no record ends it'
like "$err" 'line 2 of the input' 'and is found'
send --json-input -j < <(
	record 'mailto:x@y' one
	record "$bob" two)
is "$status $(jq -r '.state // .type' "$T/out" | paste -sd' ')" \
	'2 error delivered' 'what cannot be sent does not stop the others'
send --json-input < <(echo '{"type":"message","body":"hi"}')
is "$status" 7 'a record without a recipient'
send --json-input -vv "$bob" < <(echo \
	'{"type":"message","content_type":"x/y","body_base64":"AP8="}')
like "$status$err" '^0.*Content-Length: 2' 'bytes that are no text'
for options in '-l --json-input' '--reply' '--strict' \
	"--json-input --reply $bob"; do
	# shellcheck disable=SC2086 # words
	send $options </dev/null
	is "$status" 2 "$options is misuse"
done

# ---- a thousand, and endings ----------------------------------------------------------

seq 1000 >"$T/many"
send -l -j "$bob" <"$T/many"
is "$status $(jq -r .state "$T/out" | sort | uniq -c | tr -s ' ')" \
	'0  1000 delivered' 'a thousand lines'
peer drop
mkfifo "$T/waits.in"
start waits sipsend -j "$bob"
echo hello >"$T/waits.in"
await peer MESSAGE
stop waits INT
is "$status" 130 'SIGINT ends it as a shell expects'
is "$(jq -r .condition "$T/waits.out")" timeout 'and what was out is not known'
peer 200
run bash -c "echo hi | sipsend -j $bob >/dev/full"
is "$status" 8 'a full disk: 8'
peer --host 127.0.0.1 200
run sipsend -vv "$bob" <<<hello
like "$err" 'MESSAGE' '-vv shows the wire'
stop peer
finish
