#!/bin/bash
# Who is believed (hazards: the spoofing table), by whole tools: xmppserve sends
# what others would like to, and beside it the genuine twin, which only our own
# server or account may send.
# shellcheck disable=SC2016
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

echo secret >"$T/password"
chmod 600 "$T/password"
mkfifo "$T/server.in"
exec {stanzas}<>"$T/server.in"
start server xmppserve --user me:secret --user friend:secret --friends \
	--listen 127.0.0.1:0 --inject
await_ready server
as_me=(--jid me@localhost/here --password-file "$T/password"
	--server "127.0.0.1:$port" --ca "$ca")

spoofed=0 genuine=0
send() { printf '%s\n' "$*" >&"$stanzas"; }
# What says FORGED is believed of nobody, what says GENUINE must be.
spoof() { # STANZA
	spoofed=$((spoofed + 1))
	send "${1//TEXT/FORGED$spoofed}"
}
truth() { # STANZA
	genuine=$((genuine + 1))
	send "${1//TEXT/GENUINE$genuine}"
}

# Not our account, however alike.
others=(mallory@evil.example mallory@localhost me@evil.example localhost
	me@localhost/there me@localhost/here friend@localhost
	me2@localhost me@localhost.evil.example evil.example/me@localhost)

start recv xmpprecv -vv -j "${as_me[@]}"
await recv '"type":"ready"' || bail 'xmpprecv is not ready'

# ---- carbons ---------------------------------------------------------------------

carbon() { # FROM KIND INNER-FROM INNER-TO
	echo "<message to='me@localhost'${1:+ from='$1'}><$2" \
		"xmlns='urn:xmpp:carbons:2'><forwarded" \
		"xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'" \
		"from='$3' to='$4' type='chat'><body>TEXT</body></message>" \
		"</forwarded></$2></message>"
}
for other in "${others[@]}"; do
	spoof "$(carbon "$other" received friend@localhost/x me@localhost/y)"
	spoof "$(carbon "$other" sent me@localhost/y friend@localhost/x)"
done
spoof "$(carbon me@localhost sent friend@localhost me@localhost)"
spoof "$(carbon me@localhost received friend@localhost eve@localhost)"
for account in me@localhost ''; do
	truth "$(carbon "$account" received friend@localhost/x me@localhost/y)"
	truth "$(carbon "$account" sent me@localhost/y friend@localhost/x)"
done

# ---- results of an archive: nobody has asked --------------------------------------

result() { # FROM
	echo "<message to='me@localhost'${1:+ from='$1'}><result" \
		"xmlns='urn:xmpp:mam:2' queryid='f27' id='1'><forwarded" \
		"xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'" \
		"from='friend@localhost' to='me@localhost'><body>TEXT</body>" \
		"</message></forwarded></result></message>"
}
for other in "${others[@]:0:4}" me@localhost ''; do
	spoof "$(result "$other")"
done

# ---- events of our own nodes -------------------------------------------------------

event() { # FROM
	echo "<message to='me@localhost' from='$1' type='headline'><event" \
		"xmlns='http://jabber.org/protocol/pubsub#event'><items" \
		"node='urn:xmpp:bookmarks:1'><item id='r@rooms.example'>" \
		"<conference xmlns='urn:xmpp:bookmarks:1' autojoin='true'>" \
		"<nick>TEXT</nick></conference></item></items></event>" \
		"</message>"
}
for other in "${others[@]:0:4}"; do
	spoof "$(event "$other")"
done

# ---- delays, ids, corrections: fields of a record ------------------------------------

chat() { # FROM ID CONTENT
	echo "<message to='me@localhost' from='$1' id='$2'" \
		"type='chat'>$3<body>said</body></message>"
}
delay() { echo "<delay xmlns='urn:xmpp:delay' from='$1' stamp='$2'/>"; }
sid() { echo "<stanza-id xmlns='urn:xmpp:sid:0' by='$1' id='TEXT'/>"; }
correct() { echo "<replace xmlns='urn:xmpp:message-correct:0' id='$1'/>"; }
forged=2001-01-01T00:00:00Z true=2002-02-02T00:00:00Z
for by in mallory@localhost evil.example eve@far.example; do
	spoof "$(chat bob@far.example/x d1 "$(delay "$by" $forged)")"
done
for by in localhost me@localhost bob@far.example far.example; do
	truth "$(chat bob@far.example/x d2 "$(delay "$by" $true)")"
done
spoof "$(chat bob@far.example/x d3 "$(delay evil.example $forged
	)$(delay localhost $true)")"
for by in me@localhost localhost far.example bob@far.example; do
	spoof "$(chat bob@far.example/x s1 "$(sid "$by")")"
done
truth "$(chat bob@far.example/x GENUINE-id '')"
for from in mallory@evil.example mallory@far.example far.example; do
	spoof "$(chat "$from" c1 "$(correct GENUINE-id)")"
done
truth "$(chat bob@far.example/y c2 "$(correct GENUINE-id)")"

# ---- roster pushes: who may have a receipt ----------------------------------------

push() { # FROM JID
	echo "<iq to='me@localhost/here'${1:+ from='$1'} type='set' id='p'>" \
		"<query xmlns='jabber:iq:roster'><item jid='$2'" \
		"subscription='both'/></query></iq>"
}
asks() { # FROM
	chat "$1" r "<request xmlns='urn:xmpp:receipts'/>"
}
receipt="> <message to='%s' type='chat'><received xmlns='urn:xmpp:receipts'"
truth "$(asks friend@localhost/x)"
# shellcheck disable=SC2059
ok 'a contact gets a receipt' await_line "$T/recv.err" \
	"$(printf "$receipt" friend@localhost/x)"
for i in "${!others[@]}"; do
	spoof "$(push "${others[i]}" "mallory$i@evil.example")"
	send "$(asks "mallory$i@evil.example/x")"
done
truth "$(push '' carol@far.example)"
send "$(asks carol@far.example/x)"
truth "$(push me@localhost dave@far.example)"
send "$(asks dave@far.example/x)"
send "$(chat friend@localhost end "<subject>end</subject>")"
await recv '"subject":"end"' || bail 'the last message does not come'
for who in carol dave; do
	# shellcheck disable=SC2059
	ok "$who, of a genuine push, gets a receipt" await_line "$T/recv.err" \
		"$(printf "$receipt" "$who@far.example/x")"
done
is "$(grep -c "> <message to='mallory.*received" "$T/recv.err")" 0 \
	'nobody of a forged push gets one'
is "$(grep "> <iq " "$T/recv.err" | grep "id='p'" | grep -c service-unavail)" \
	"${#others[@]}" 'forged pushes are refused'

# ---- what was believed ---------------------------------------------------------------

record() { # FILTER
	jq -r "select(.type == \"message\") | $1" "$T/recv.out"
}
is "$(grep -c FORGED "$T/recv.out")" 0 'no forged carbon, result, event or id'
is "$(record '.body | select(test("GENUINE"))' | paste -sd' ')" \
	'GENUINE1 GENUINE2 GENUINE3 GENUINE4' 'but the genuine carbons'
is "$(record 'select(.body | test("GENUINE")) | .direction' | paste -sd' ')" \
	'in out in out' 'with their directions'
is "$(record 'select(.delay) | .delay[0:4]' | sort | uniq -c | xargs)" \
	'5 2002' 'no forged delay, but the genuine ones'
is "$(record 'select(.replaces) | .from + " " + .replaces')" \
	'bob@far.example/y GENUINE-id' 'one correction, by its own sender'
stop recv
is "$status" 143 'and nothing of it ends the run'

# ---- replies to requests -----------------------------------------------------------

# A client that is stopped does not answer; others do in its place.
start friend xmpprecv --jid friend@localhost/x "${as_me[@]:2}"
await friend '^ready	'
kill -STOP "${pids[friend]}"
start ping xmppping -vv "${as_me[@]}" -c 1 -W 10 friend@localhost/x
await_line "$T/ping.err" "> <iq type='get' to='friend@localhost/x' id='" ||
	bail 'no ping goes out'
id=$(sed -n "s/.*> <iq type='get' to='friend@localhost\/x' id='\\([^']*\\)'.*/\\1/p" \
	"$T/ping.err" | tail -1)
for other in mallory@evil.example friend@localhost friend@localhost/y \
	me@localhost/there localhost localhost/x friend@evil.example/x ''; do
	spoof "<iq to='me@localhost/here' type='result'${other:+ from='$other'} id='$id'/>"
done
spoof "<iq to='me@localhost/here' type='result' from='friend@localhost/x' id='TEXT'/>"
send "<message to='me@localhost/here' from='localhost'><body>behind</body></message>"
await_line "$T/ping.err" '<body>behind</body>' || bail 'nothing comes behind it'
is "$(grep -c ^ping "$T/ping.out")" 0 'no forged reply is believed'
genuine=$((genuine + 1))
kill -CONT "${pids[friend]}"
await_end ping
is "$status" 0 'the genuine one is'
note "$spoofed forged stanzas, $genuine genuine ones"
ok 'at least 30 were tried' [ "$spoofed" -ge 30 ]
finish
