#!/bin/bash
# sipsub: subscriptions and their ends, and what is in the news.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq

notifier() { # ARGUMENT...: leaves $uri, of the notifier of this moment
	[ -z "${pids[notifier]:-}" ] || stop notifier
	start notifier "$TOP/tests/mock/sip-notifier" "$@"
	await_ready notifier
	uri=sip:bob@127.0.0.1:$port
}

# ---- a subscription ----------------------------------------------------------------

printf 'one' >"$T/one"
printf 'two' >"$T/two"
notifier "$T/one" "$T/two"
run sipsub -j -c 2 anything "$uri"
is "$status$err" 0 'two NOTIFYs, and then it leaves'
json_lines "$T/out" '-j: each is a record'
is "$(jq -r '"\(.type) \(.event) \(.state) \(.body) \(.expires_s)"' "$T/out" |
	head -2)" $'notify anything active one 3600\nnotify anything active two 3600' \
	'with its body'
stop notifier
is "$(grep SUBSCRIBE "$T/notifier.out" | paste -sd' ')" 'SUBSCRIBE 3600 SUBSCRIBE 0' \
	'the farewell is Expires: 0'
notifier "$T/one"
run sipsub --once anything "$uri"
is "$status" 0 '--once'
is "$(cut -f1,3-5,9 "$T/out" | tr '\t' ' ')" "notify $uri anything terminated one" \
	'is the present state, and the end'
notifier "$T/one"
run sipsub --for 0.3 --expires 600 -q anything "$uri"
is "$status" 0 '--for'
notifier "$T/one"
start sub sipsub -j anything "$uri"
await sub '"body":"one"'
stop sub INT
is "$status" 130 'a signal ends it'
stop notifier
is "$(grep SUBSCRIBE "$T/notifier.out" | tail -1)" 'SUBSCRIBE 0' 'in order'

# ---- how it is left ----------------------------------------------------------------------

notifier "$T/one" "$T/two"
run sipsub -w 0.3 anything "$uri"
is "$status" 6 '-w is the deadline of the whole run: 6'
is "$err" 'sipsub: it did not end within 0.3 s' 'in a sentence'
run sipsub -w 0.3 -c 5 anything "$uri"
is "$status" 6 'less than -c by then: 6'
is "$err" 'sipsub: not all news came within 0.3 s' 'which says so'
notifier "$T/one" "$T/two"
run bash -c 'sipsub anything "$1" | head -n 1; exit "${PIPESTATUS[0]}"' - "$uri"
is "$status$err" 0 'a reader that leaves: 0'
stop notifier
is "$(grep SUBSCRIBE "$T/notifier.out" | tail -1)" 'SUBSCRIBE 0' 'in order'
notifier "$T/one"
run bash -c 'sipsub anything "$1" >/dev/full' - "$uri"
is "$status" 8 'a full disk: 8'
like "$err" 'standard output: No space left' 'and it is said'
stop notifier
is "$(grep SUBSCRIBE "$T/notifier.out" | tail -1)" 'SUBSCRIBE 0' 'in order too'

# ---- refusals ------------------------------------------------------------------------

for row in '489 1' '403 1' '401 5'; do
	notifier --refuse "${row% *}"
	run sipsub anything "$uri"
	is "$status" "${row#* }" "a ${row% *} is ${row#* }"
done
for reason in rejected noresource; do
	notifier --end "$reason" "$T/one"
	run sipsub -j anything "$uri"
	is "$status" 1 "ended as $reason is 1"
	like "$err" "ended: $reason" 'and it is said'
	is "$(tail -1 "$T/out" | jq -r .reason)" "$reason" 'in a record as well'
done
run sipsub 'a b' sip:127.0.0.1
is "$status" 2 'what is no event package is 2'

# ---- what they say ---------------------------------------------------------------------

news() { # EVENT TYPE <BODY: leaves its records in $T/out
	cat >"$T/body"
	notifier --type "$2" "$T/body"
	run sipsub -j --once "$1" "$uri"
}
news message-summary application/simple-message-summary <<'NEWS'
Messages-Waiting: yes
Message-Account: sip:alice@vmail.example.com
Voice-Message: 2/8 (0/2)
Fax-Message: 1/0
NEWS
is "$(jq -c 'select(.type=="mailbox") | [.to, .messages_waiting, .message_class,
	.new, .old, .new_urgent, .old_urgent]' "$T/out")" "$(printf '%s\n' \
	'["sip:alice@vmail.example.com",true,"Voice-Message",2,8,0,2]' \
	'["sip:alice@vmail.example.com",true,"Fax-Message",1,0,null,null]')" \
	'a mailbox: a record for each class'
news message-summary application/simple-message-summary <<<'Messages-Waiting: no'
is "$(jq -c 'select(.type=="mailbox") | .messages_waiting' "$T/out")" false \
	'an empty mailbox'

news dialog application/dialog-info+xml <<'NEWS'
<?xml version="1.0"?>
<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="1"
  state="full" entity="sip:alice@example.com">
 <dialog id="as7d900as8" call-id="a84b4c76e66710" direction="initiator">
  <state code="180">early</state>
  <remote><identity display="Bob">sip:bob@example.com</identity></remote>
 </dialog>
</dialog-info>
NEWS
is "$(jq -r 'select(.type=="dialog") | .from, .state, .direction, .remote, .call_id' \
	"$T/out" | paste -sd' ')" \
	'sip:alice@example.com early out sip:bob@example.com a84b4c76e66710' \
	'a dialog'
news reg application/reginfo+xml <<'NEWS'
<?xml version="1.0"?>
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="full">
 <registration aor="sip:joe@example.com" id="a7" state="active">
  <contact id="76" state="active" event="registered" expires="7200">
   <uri>sip:joe@pc887.example.com</uri></contact>
  <contact id="77" state="terminated" event="expired"><uri>sip:joe@univ.edu</uri></contact>
 </registration>
</reginfo>
NEWS
is "$(jq -c 'select(.type=="registration") | [.contact, .state, .reason, .expires_s]' \
	"$T/out")" "$(printf '%s\n' \
	'["sip:joe@pc887.example.com","active","registered",7200]' \
	'["sip:joe@univ.edu","terminated","expired",null]')" \
	'registrations'
news conference application/conference-info+xml <<'NEWS'
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info"
  entity="sips:conf233@example.com" state="full" version="1">
 <users><user entity="sip:bob@example.com" state="full">
  <display-text>Bob Hoskins</display-text>
  <endpoint entity="sip:bob@pc33.example.com"><status>connected</status></endpoint>
 </user></users>
</conference-info>
NEWS
is "$(jq -c 'select(.type=="participant") | [.from, .remote, .name, .state]' "$T/out")" \
	'["sips:conf233@example.com","sip:bob@example.com","Bob Hoskins","connected"]' \
	'a conference'
news presence application/pidf+xml <<'NEWS'
<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:someone@example.com"
  xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
  xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid">
 <tuple id="bs35r9"><status><basic>open</basic></status>
  <contact priority="0.8">im:someone@mobilecarrier.net</contact></tuple>
 <note>Back at 5</note>
 <dm:person id="p1"><rpid:activities><rpid:meeting/></rpid:activities></dm:person>
</presence>
NEWS
is "$(jq -c 'select(.type=="presence") | [.from, .presence_type, .show, .status]' "$T/out")" \
	'["pres:someone@example.com","available","dnd","Back at 5"]' \
	"presence, in XMPP's words"

# ---- only what has changed ------------------------------------------------------------

dialogs() { # FILE VERSION STATE DIALOG...
	printf '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" %s>%s%s' \
		"version=\"$2\" state=\"$3\" entity=\"sip:alice@example.com\"" \
		"${*:4}" '</dialog-info>' >"$T/$1"
}
bob='<remote><identity>sip:bob@example.com</identity></remote>'
early="<dialog id=\"a\"><state>early</state>$bob</dialog>"
confirmed='<dialog id="a"><state>confirmed</state></dialog>'
other='<dialog id="b"><state>trying</state></dialog>'
dialogs full 1 full "$early"
dialogs next 2 partial "$confirmed"
dialogs late 1 partial '<dialog id="a"><state>terminated</state></dialog>'
dialogs gap 5 partial '<dialog id="c"><state>trying</state></dialog>'
dialogs whole 6 full "$other" '<dialog id="c"><state>trying</state></dialog>'
notifier --type application/dialog-info+xml --whole "$T/whole" \
	"$T/full" "$T/next" "$T/late" "$T/gap"
run sipsub -j -c 5 dialog "$uri"
is "$status$err" 0 'a state that comes in parts'
stop notifier
is "$(jq -r 'select(.type=="dialog") | [.change, .state, .id, .remote // "-"] | join(" ")' \
	"$T/out")" 'added early a sip:bob@example.com
changed confirmed a sip:bob@example.com
added trying c -
added trying b -
removed terminated a sip:bob@example.com' 'each record says what has changed'
is "$(grep SUBSCRIBE "$T/notifier.out" | paste -sd' ')" \
	'SUBSCRIBE 3600 SUBSCRIBE 3600 SUBSCRIBE 0' \
	'where a version is missing the whole state is asked for'
notifier --type application/dialog-info+xml "$T/full" "$T/late" "$T/next"
run sipsub -c 3 dialog "$uri"
is "$(cut -f1,4,8,9 "$T/out" | tr '\t' ' ' | grep -c '^dialog')" 2 \
	'an old one changes nothing'
like "$out" 'notify.*terminated</state>' 'and is given as it is'
stop notifier
cat >"$T/over" <<'NEWS'
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info"
  entity="sip:c@example.com" state="deleted" version="1"/>
NEWS
notifier --type application/conference-info+xml "$T/over"
run sipsub conference "$uri"
is "$status$err" 0 'a conference that is no more is the end'
stop notifier
is "$(grep SUBSCRIBE "$T/notifier.out" | tail -1)" 'SUBSCRIBE 0' \
	'a conference that is no more is left'

# A hostile body is no record of its own, and no harm.
news presence application/pidf+xml <<'NEWS'
<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa">]>
<presence xmlns="urn:ietf:params:xml:ns:pidf">&a;</presence>
NEWS
is "$status $(jq -r .type "$T/out")" '0 notify' 'what cannot be read is left as it is'
finish
