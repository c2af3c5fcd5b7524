#!/bin/bash
# xmppraw: stanzas in and out, one request, before authentication, statuses.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq perl

echo secret >"$T/password"
chmod 600 "$T/password"
serve() { # OPTION...: leaves $as_alice, $as_bob
	[ -z "${pids[server]:-}" ] || stop server
	start server xmppserve --user alice:secret --user bob:secret \
		--friends --listen 127.0.0.1:0 "$@"
	await_ready server
	as_alice=(--jid alice@localhost/a --password-file "$T/password"
		--server "127.0.0.1:$port" --ca "$ca")
	as_bob=(--jid bob@localhost/b "${as_alice[@]:2}")
}
alice() { # XML OPTION...
	local xml=$1
	shift
	run xmppraw "${as_alice[@]}" "$@" < <(printf '%s' "$xml")
}
ping="<ping xmlns='urn:xmpp:ping'/>"
disco="<query xmlns='http://jabber.org/protocol/disco#info'/>"

# ---- one request -----------------------------------------------------------------

serve
alice "<iq type='get' to='localhost'>$ping</iq>" --iq
is "$status$err" 0 '--iq: a result is 0'
like "$out" "^<iq xmlns='jabber:client'.* type='result'.*/>\$" 'and it is printed'
is "$(wc -l <"$T/out")" 1 'on one line'
alice "<iq type='get' id='mine' to='localhost'>$disco</iq>" --iq -j
is "$(jq -r '[.type, .direction, .from, .id] | join(" ")' "$T/out")" \
	'stanza in localhost mine' '-j: as a record, with the id it was given'
like "$(jq -r .raw "$T/out")" '^<iq .*<feature var=' 'which has all of it'
alice "<iq type='get' to='nobody@localhost'>$disco</iq>" --iq
is "$status" 1 'an error is 1'
like "$err" '^xmppraw: .*\(service-unavailable\)$' 'with its condition'
like "$out" "type='error'.*<service-unavailable" 'and is printed, too'
alice "<iq type='get' to='far.invalid'>$ping</iq>" --iq
is "$status" 1 'and so is that of our own server'
for bad in '' '  ' '<message/>' "<iq type='result'>$ping</iq>" \
	"<iq type='get' to='localhost'>$ping</iq><presence/>"; do
	alice "$bad" --iq
	is "$status$out" 7 "'$bad' is no request: 7"
done
alice x --iq -c 1
is "$status" 2 '--iq and -c are misuse'

# ---- many stanzas ------------------------------------------------------------------

start bob xmpprecv -j "${as_bob[@]}" -c 3
await bob '"ready"'
alice "
<message to='bob@localhost' type='chat'><body>one</body></message>
	<message to='bob@localhost' type='chat'><body>two &amp; å</body></message><message
to='bob@localhost' type='chat'><body><![CDATA[<three>]]></body></message>

"
is "$status$out$err" 0 'messages go out, white space or not between them'
await_end bob
is "$(jq -r 'select(.type == "message").body' "$T/bob.out" | paste -sd,)" \
	'one,two & å,<three>' 'and arrive, in order'
alice "<iq type='get' id='1' to='localhost'>$ping</iq>
	<message to='nobody@localhost' id='m'><body>x</body></message>
	<iq type='get' id='2' to='bob@localhost'>$disco</iq>" -j
is "$(jq -r '"\(.id) \(.raw | test("type=.error"))"' "$T/out" | paste -sd,)" \
	'1 false,m true,2 true' 'what comes back is printed, in order'
is "$status" 1 'an error among it is 1'
like "$err" '^xmppraw: 2 errors came, the first: .*service-unavailable' \
	'and how many'
alice "<presence/><presence type='unavailable'/>" -c 1
is "$status" 0 '-c: ends after so many have come'
like "$out" "^<presence .*from='alice@localhost/a'" 'ours comes back to us'
alice '' --for 0.3
is "$status$out" 0 '--for: nothing to say, and nothing heard'
seq -f "<message to='bob@localhost' type='chat'><body>%g</body></message>" \
	3000 >"$T/many"
start bob xmpprecv --body "${as_bob[@]}" -c 3000
run xmppraw "${as_alice[@]}" <"$T/many"
is "$status$err" 0 'three thousand'
await_end bob
is "$(cksum <"$T/bob.out")" "$(seq -s '' 3000 | tr -d '\n' | cksum)" \
	'arrive once each, in order'

# ---- what is printed is one line, and safe --------------------------------------------

mkfifo "$T/line.in"
exec 8<>"$T/line.in"
start line xmppraw "${as_bob[@]}" -c 1 --stream -v
await_line "$T/line.err" 'bound as'
alice "<message to='bob@localhost/b'><body>a
b&#9;c$(printf '\xc2\x9b')31m$(printf '\xe2\x80\xae')d</body></message>"
await_end line
exec 8>&-
rm "$T/line.in"
is "$status $(wc -l <"$T/line.out")" '0 1' 'what comes is one line'
like "$(cat "$T/line.out")" '<body>a&#10;b&#9;c&#155;31m&#8238;d</body>' \
	'controls in it are references, which XML reads as the same'
alice "<iq type='get' id='x' to='localhost'>$ping</iq>
<iq type='get' id='x' to='localhost'>$ping</iq>"
is "$status" 7 'two requests with one id are malformed'

# ---- what is not well-formed goes nowhere -----------------------------------------------

start bob xmpprecv -j "${as_bob[@]}"
await bob '"ready"'
good="<message to='bob@localhost'><body>never</body></message>"
while IFS='|' read -r bad place; do
	alice "$good
$bad"
	is "$status$out" 7 "$bad: 7"
	like "$err" "^xmppraw: line $place: " 'with line and column'
done <<-'END'
	<message></body>|2, column 17
	text|2, column 1
	<!-- comment -->|2, column [24]
	<message>&nbsp;</message>|2, column [0-9]+
	<message|2, column 1
	<a xmlns='b'/>|2, column 1
	<stream:stream/>|2, column 1
	</stream:stream>|2, column 17
	<?xml version='1.0'?>|2, column [0-9]+
END
alice "$good$(head -c 300000 /dev/zero | tr '\0' ' ' | sed 's/.*/<a>&<\/a>/')"
is "$status" 7 'nor does what is larger than a stanza may be'
head -c 17000000 /dev/zero | tr '\0' ' ' >"$T/large"
run xmppraw "${as_alice[@]}" <"$T/large"
is "$status" 7 'or than the input may be'
run xmppsend "${as_alice[@]}" bob@localhost <<<end
await bob '"message"'
is "$(jq -r .body <<<"$line")" end 'nothing of all that was sent'
stop bob

# ---- as a stream ------------------------------------------------------------------------

mkfifo "$T/talk.in"
exec 8<>"$T/talk.in"
start talk xmppraw "${as_alice[@]}" --stream
echo "<iq type='get' id='first' to='localhost'>$ping</iq>" >&8
await talk "id='first'.*type='result'|type='result'.*id='first'"
pass 'a stanza goes out before the input ends'
printf "<iq type='get' id='sec" >&8
printf "ond' to='localhost'>%s</iq><bad" "$ping" >&8
await talk "'second'"
pass 'in pieces, too'
printf '></worse>' >&8
await_end talk
is "$status" 7 'what is malformed then ends it'
like "$err" 'line 2, column [0-9]+: ' 'and where it was'
exec 8>&-
rm "$T/talk.in"

# ---- before authentication -----------------------------------------------------------------

as_nobody=(--jid localhost --server "${as_alice[5]}" --ca "$ca")
run xmppraw "${as_nobody[@]}" --before-auth </dev/null
is "$status$err" 0 '--before-auth wants no password'
like "$out" '^<stream:features .*<mechanism>SCRAM-SHA-1</mechanism>' \
	'and prints what is offered'
run xmppraw "${as_nobody[@]}" --before-auth \
	< <(printf "<iq type='get' to='localhost'>%s</iq>" "$ping")
like "$status" '^[15]$' 'what one may not ask then is refused'
like "$err" 'not-authorized' 'and it says so'

run xmppraw "${as_nobody[@]}" --before-auth <<-END
	<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='NONE'>=</auth>
END
is "$status" 5 'a refusal that comes while the stream is closed counts, too'
like "$out" '<failure .*<invalid-mechanism' 'and is printed'

# ---- wrong servers, endings -----------------------------------------------------------------

serve --fault ping:silent
alice "<iq type='get' to='localhost'>$ping</iq>" --iq -w 1
is "$status$out" 6 'no reply: 6'
serve --fault message:reset
alice "$good" --no-reconnect
is "$status" 3 'a connection that is reset: 3'
serve
run bash -c 'echo "<presence/>" | xmppraw "$@" -c 1 >/dev/full' _ "${as_alice[@]}"
is "$status" 8 'a full disk: 8'
alice '<presence/>' --for 30 | head -n 1 >/dev/null
is "${PIPESTATUS[0]}" 0 'a reader that leaves ends it in peace'
start left xmppraw "${as_alice[@]}" --for 30 -v
await_line "$T/left.err" 'bound as'
stop left INT
is "$status" 130 'SIGINT ends it'
stop server
finish
