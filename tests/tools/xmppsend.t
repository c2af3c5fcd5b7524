#!/bin/bash
# What xmppsend takes, and how it says what became of each message.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

echo secret >"$T/password"
chmod 600 "$T/password"
start server xmppserve --user alice:secret --user bob:secret --friends \
	--listen 127.0.0.1:0
await_ready server
as_alice=(--jid alice@localhost --password-file "$T/password"
	--server "127.0.0.1:$port" --ca "$ca")
as_bob=(--jid bob@localhost "${as_alice[@]:2}")

# What waits for bob: bodies, each as a JSON string, and their other keys.
fetch() { # N [FILTER]
	run xmpprecv -j "${as_bob[@]}" -c "$1" -w 10
	out=$(jq -c "select(.type == \"message\") | ${2:-.body}" "$T/out" |
		paste -sd' ')
}

# ---- lines ---------------------------------------------------------------------

run xmppsend -l "${as_alice[@]}" bob@localhost < <(printf 'a\n\n b \nc')
is "$status$out$err" 0 '-l: each line is a message, without a word'
fetch 3
is "$out" '"a" " b " "c"' 'an empty one is none'
run xmppsend -l -j "${as_alice[@]}" bob@localhost \
	< <(printf 'a\nb\x01\nc\xff\nd\n')
is "$status" 7 'what cannot be sent: 7'
like "$err" 'bob@localhost: .*U\+0001.*--replace-invalid' 'by its character, and what can be done'
like "$err" '2 of 4 messages were not delivered$' 'and counted'
is "$(jq -r .type "$T/out" | sort | uniq -c | xargs)" '2 error 2 message' \
	'-j has a record for each'
fetch 2
is "$out" '"a" "d"' 'the others are sent'
run xmppsend -l --replace-invalid "${as_alice[@]}" bob@localhost \
	< <(printf 'b\x01\nc\xff\n')
is "$status$err" 0 '--replace-invalid sends them all the same'
fetch 2
is "$out" '"b�" "c�"' 'as U+FFFD'

run xmppsend -l "${as_alice[@]}" bob@localhost < <(seq 1500)
is "$status$err" 0 'the input ends long before all is sent: 0'
fetch 1500
is "$(tr ' ' '\n' <<<"$out")" "$(seq 1500 | sed 's/.*/"&"/')" \
	'nothing is dropped, nor out of order'

mkfifo "$T/slow.in"
exec 5<>"$T/slow.in"
start bob xmpprecv --body "${as_bob[@]}" -c 1
start slow xmppsend -l "${as_alice[@]}" bob@localhost
echo now >&5
await_end bob
is "$(cat "$T/bob.out")" now 'a line goes at once, while the input is open'
stop slow INT
is "$status" 130 'and a signal ends the wait for more'
exec 5>&-

since=$EPOCHREALTIME
run xmppsend -l --rate 10 "${as_alice[@]}" bob@localhost < <(seq 5)
took=$(((${EPOCHREALTIME/./} - ${since/./}) / 1000))
is "$status" 0 '--rate'
ok "five at ten a second take a while ($took ms)" [ "$took" -ge 400 ]
fetch 5

# ---- records and recipients -------------------------------------------------------

run xmppsend --json-input "${as_alice[@]}" bob@localhost <<<'{"body":"\u0000"}'
is "$(wc -l <"$T/err") $(grep -c U+0000 "$T/err")" '2 1' \
	'what went wrong is said once, also where one message is all'
run xmppsend --json-input "${as_alice[@]}" <<<'{"to":"bob@localhost",'
is "$status" 7 'half a record is malformed'
run xmppsend --json-input "${as_alice[@]}" <<-END
	{"type":"message","to":"bob@localhost","body":"one","subject":"s","thread":"t","lang":"sv"}
	{"type":"presence","to":"bob@localhost"}
	{"to":"nobody@localhost","body":"two"}
	{"body":"to whom?"}
	{"to":"bob@localhost","body":"three","message_type":"normal"}
END
is "$status" 7 'records: the worst of their outcomes'
like "$err" 'no recipient: the record has no JID' 'who it is for must be said'
like "$err" 'nobody@localhost: .*service-unavailable' 'a bounce is told'
like "$err" '1 records were not for this tool' 'and what was passed over'
like "$err" '2 of 4 messages were not delivered' 'and how many'
fetch 2 '[.body, .subject, .thread, .lang, .message_type]'
is "$out" '["one","s","t","sv","chat"] ["three",null,null,null,"normal"]' \
	'the keys of a record are those of its message'
printf '# people\nbob@localhost\n\nalice@localhost\n' >"$T/list"
run xmppsend -j "${as_alice[@]}" --to-file "$T/list" <<<hello
is "$status $(jq -r .to "$T/out" | sort | paste -sd' ')" \
	'0 alice@localhost bob@localhost' '--to-file: one to each'
fetch 1
run xmppsend "${as_alice[@]}" <<<hello
is "$status" 2 'to nobody at all: 2'

# ---- what is waited for ---------------------------------------------------------------

run xmppsend -vv --wait=sent "${as_alice[@]}" bob@localhost <<<hello
is "$status" 0 '--wait=sent: our own server has it, and that is enough'
unlike "$err" 'urn:xmpp:ping' 'nobody else is asked'
fetch 1
run xmppsend --wait=read "${as_alice[@]}" bob@localhost <<<hello
is "$status" 2 'there is no such wait'
run xmppsend --wait=received -w 1 "${as_alice[@]}" bob@localhost <<<hello
is "$status" 6 'nobody confirms it: 6'
like "$err" 'bob@localhost: accepted there, not known to be received' \
	'but it is known how far it got'
fetch 1
start bob xmpprecv -j "${as_bob[@]}" -c 1
await bob '"type":"ready"'
run xmppsend --wait=received "${as_alice[@]}" bob@localhost <<<hello
is "$status$err" 0 'xmpprecv confirms it: 0'
await_end bob
run xmppsend --wait received --wait 5 "${as_alice[@]}" nobody@localhost <<<x
is "$status" 1 'a bounce ends every wait: 1'

# ---- what a message may say ------------------------------------------------------------

says() { # NAME WHAT OPTION...: its stanza has it
	run xmppsend -vv "${as_alice[@]}" bob@localhost "${@:3}" <<<text
	like "$status$(grep '^> .*<message ' "$T/err")" "^0.*$2" "$1"
}
says '--id' "<message [^>]*id='one'" --id one
says '--thread' '<thread>t1</thread>' --thread t1
says '--lang' "xml:lang='sv'" --lang sv
says '--type' "type='headline'" --type headline
says '--oob' "<x xmlns='jabber:x:oob'><url>http://a/b</url>" --oob http://a/b
says '--correct' "<replace xmlns='urn:xmpp:message-correct:0' id='old'/>" \
	--correct old
says '--retract' "<retract xmlns='urn:xmpp:message-retract:1' id='old'/>.*<body>" \
	--retract old
says '--react' "<reactions xmlns='urn:xmpp:reactions:0' id='old'><reaction>text<" \
	--react old
says '--reply-to' \
	"<reply xmlns='urn:xmpp:reply:0' to='bob@localhost' id='theirs'/>" \
	--reply-to theirs
run xmppsend --correct a --retract b "${as_alice[@]}" bob@localhost <<<x
is "$status" 2 'one of them at a time'
run xmppsend -l --id a "${as_alice[@]}" bob@localhost <<<x
is "$status" 2 'an id is for one message'
stop server
start cut xmppserve --user alice:secret --user bob:secret \
	--listen 127.0.0.1:0 --fault message:reset:5
await_ready cut
run xmppsend -l --no-reconnect --jid alice@localhost \
	--password-file "$T/password" --server "127.0.0.1:$port" --ca "$ca" \
	bob@localhost < <(seq 100000)
like "$status" '^[36]$' 'a server that is gone in the middle of the input'
like "$err" 'not delivered, and the rest of the input was not sent$' \
	'what was not even read is told as well'
stop cut
finish
