#!/bin/bash
# sippresence and sipsub with the presence server of Kamailio: what one
# publishes the others are told, until it leaves.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/kamailio.bash" || exit 1
need kamailio jq

tables=$kamailio_root/usr/share/kamailio/dbtext/kamailio
modules=$kamailio_root$(kamailio_modules)
if [ ! -e "$tables/presentity" ] || [ ! -e "$modules/presence_xml.so" ]; then
	need kamailio-presence-modules
fi
mkdir "$T/db"
cp "$tables"/* "$T/db"
# shellcheck disable=SC2034,SC2016 # they are for kamailio.bash
KAMAILIO_GLOBAL='
	loadmodule "tm.so"
	loadmodule "rr.so"
	loadmodule "xlog.so"
	loadmodule "db_text.so"
	loadmodule "presence.so"
	loadmodule "presence_xml.so"
	loadmodule "presence_dialoginfo.so"
	modparam("presence", "db_url", "text://'$T/db'")
	modparam("presence_xml", "db_url", "text://'$T/db'")
	modparam("presence_xml", "force_active", 1)
	modparam("presence", "min_expires_action", 1)
	modparam("presence", "min_expires", 60)
	modparam("db_text", "db_mode", 0)'
# shellcheck disable=SC2034
KAMAILIO_ROUTE='
	if (is_method("PUBLISH|SUBSCRIBE")) {
		if (!t_newtran()) { sl_reply_error(); exit; }
		if (is_method("PUBLISH")) {
			handle_publish();
			t_release();
		} else {
			if (!has_totag()) { record_route(); }
			else { loose_route(); }
			handle_subscribe();
			t_release();
		}
		exit;
	}
	if (has_totag() && loose_route()) { t_relay(); exit; }'
kamailio_start

bob=sip:bob@127.0.0.1:$port
start alice sippresence -j --uri "sip:alice@127.0.0.1:$port" --watch "$bob"
await alice '"type":"presence"'
is "$(jq -r .presence_type <<<"$line")" unavailable 'nobody is there'
start bob sippresence -j --uri "$bob" --set dnd --status 'in a call'
await bob '"type"'
is "$(jq -r .type <<<"$line")" ready 'he publishes that he is'
await alice '"available"'
is "$(jq -r '"\(.show) \(.status)"' <<<"$line")" 'dnd in a call' \
	'and who watches is told how'
run sippresence --uri "sip:carol@127.0.0.1:$port" --wait-for "$bob=dnd"
is "$status" 0 'another waits for just that'
run sipsub -j --once presence "$bob"
is "$status" 0 'a fetch'
is "$(jq -r 'select(.type=="presence").show' "$T/out")" dnd 'has it too'
stop bob
await alice '"unavailable"'
is "$(jq -r .presence_type <<<"$line")" unavailable 'he leaves, and that is told'
stop alice
run sipsub -j -c 1 --expires 5 presence "$bob"
is "$status" 0 'too short a subscription is made longer'

# ---- dialogs: a document with a version of Kamailio's own, per subscription ------------

publish() { # STATE [SIP-ETAG]: leaves the new one in $etag
	cat >"$T/publish" <<-END
		PUBLISH $bob SIP/2.0
		From: <$bob>;tag=\${tag}
		To: <$bob>
		Call-ID: \${call_id}
		CSeq: \${cseq} PUBLISH
		Max-Forwards: 70
		Event: dialog
		Expires: 300
		${2:+SIP-If-Match: $2}
		Content-Type: application/dialog-info+xml

		<?xml version="1.0"?>
		<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0"
		 state="full" entity="$bob"><dialog id="d1" call-id="c1"
		 direction="initiator"><state>$1</state><remote>
		 <identity>sip:carol@example.com</identity></remote></dialog>
		</dialog-info>
	END
	sed -i '/^$/{1,9d}' "$T/publish"
	run sipraw -j "sip:127.0.0.1:$port" "$T/publish"
	etag=$(jq -r '.headers[] | select(.name=="SIP-ETag").value' "$T/out")
}
start watch sipsub -j dialog "$bob"
await watch '"type":"notify"'
publish early
is "$status" 0 'dialogs are published'
await watch '"type":"dialog"'
is "$(jq -r '[.change, .state, .direction, .remote, .id] | join(" ")' <<<"$line")" \
	'added early out sip:carol@example.com d1' 'and who watches is told of a new one'
publish confirmed "$etag"
await watch '"type":"dialog"'
is "$(jq -r '"\(.change) \(.state)"' <<<"$line")" 'changed confirmed' \
	'of what has changed'
publish terminated "$etag"
await watch '"type":"dialog"'
is "$(jq -r '"\(.change) \(.state)"' <<<"$line")" 'removed terminated' \
	'and of its end'
stop watch
finish
