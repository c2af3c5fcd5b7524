#!/bin/bash
# xmppdisco: identities, features, items, what is below, hashes, statuses.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq openssl

echo secret >"$T/password"
chmod 600 "$T/password"
start server xmppserve --user alice:secret --user bob:secret --friends \
	--listen 127.0.0.1:0
await_ready server
as_alice=(--jid alice@localhost --password-file "$T/password"
	--server "127.0.0.1:$port" --ca "$ca")
as_bob=(--jid bob@localhost/there "${as_alice[@]:2}")
disco='http://jabber.org/protocol/disco'

# ---- what a server says --------------------------------------------------------

run xmppdisco "${as_alice[@]}" localhost
is "$status$err" 0 'a server is asked'
is "$(sed -n 1p "$T/out" | cut -f1,3-)" \
	"$(printf 'identity\tlocalhost\t-\tserver\tim\txmppserve\t-')" \
	'who it is comes first'
is "$(grep ^feature "$T/out" | cut -f3- | head -1)" \
	"$(printf 'localhost\t-\t%s#info' "$disco")" 'then what it can do'
run xmppdisco "${as_alice[@]}" -j localhost
json_lines "$T/out" 'with -j each record is an object'
is "$(jq -r 'select(.type == "identity") | .category + "/" + .kind' "$T/out")" \
	server/im 'with the same in it'
run xmppdisco "${as_alice[@]}" -j --items localhost
is "$status $(jq -r '[.type, .jid] | join(" ")' "$T/out")" \
	'0 item conference.localhost' '--items: what hangs below, and no more'
start alice xmpprecv --jid alice@localhost/there "${as_alice[@]:2}"
await alice '^ready'
run xmppdisco "${as_alice[@]}" -j --items alice@localhost
is "$(jq -r '[.type, .from, .jid] | join(" ")' "$T/out")" \
	'item alice@localhost alice@localhost/there' \
	'below an account: its clients'

# ---- what is below -------------------------------------------------------------

run xmppdisco "${as_alice[@]}" -j --recursive alice@localhost
is "$status" 0 '--recursive: the first has answered'
is "$(jq -r 'select(.from == "alice@localhost/there" and
	.type == "identity") | [.category, .kind] | join("/")' "$T/out")" \
	client/console 'a client of ours says what it is'
like "$out" '"alice@localhost/there","feature":"urn:xmpp:receipts"' \
	'and what it can do'
start bob xmppmuc "${as_bob[@]}" --create --for 100 \
	join room@conference.localhost
await bob '^ready'
run xmppdisco "${as_alice[@]}" -j --recursive conference.localhost
is "$status $(jq -r 'select(.type == "error") | [.from, .condition] |
	join(" ")' "$T/out" | sort -u)" \
	'0 room@conference.localhost/bob not-acceptable' \
	'what is below and refuses has its record'
like "$err" '2 answers from below are errors$' 'and is counted'
stop bob
run xmppdisco "${as_alice[@]}" -j --recursive --max 1 alice@localhost
is "$status $(grep -c '"error"' "$T/out")" '0 0' '--max: nothing below is asked'
like "$err" 'there is more: stopped after --max 1 places$' 'and it says so'
stop alice

# ---- who does not answer, or says no --------------------------------------------

run xmppdisco "${as_alice[@]}" nobody@localhost
is "$status$out" 1 'nobody: 1'
like "$err" '^xmppdisco: nobody@localhost: .*\(service-unavailable\)$' \
	'by name and condition'
run xmppdisco "${as_alice[@]}" far.invalid
is "$status" 1 'a server that is not there: 1'
like "$err" 'remote-server-not-found' 'which our server says'
start bob xmpprecv "${as_bob[@]}"
await bob '^ready'
kill -STOP "${pids[bob]}"
run xmppdisco "${as_alice[@]}" -W 0.3 bob@localhost/there
is "$status" 6 'one that does not answer: 6'
like "$err" '^xmppdisco: bob@localhost/there: .*did not answer within 0.3 s$' \
	'and for how long'
kill -CONT "${pids[bob]}"
stop bob
run xmppdisco "${as_alice[@]}" localhost 'no such node'
is "$status" 0 'a node is asked for'
run xmppdisco -vv "${as_alice[@]}" localhost 'a "node"&'
like "$err" "node='a \"node\"&amp;'" 'as it was given'

# ---- capabilities --------------------------------------------------------------

string="server/im//xmppserve<$(run xmppdisco "${as_alice[@]}" -j localhost
	jq -r 'select(.type == "feature").feature' "$T/out" | sort |
		tr '\n' '<')"
ver=$(printf '%s' "$string" | openssl dgst -sha1 -binary | base64)
run xmppdisco "${as_alice[@]}" -j --caps localhost "http://x.example#$ver"
is "$status$err" 0 '--caps: the hash in the node is that of the answer'
is "$(jq -c 'select(.type == "caps") | [.hash, .ver, .verified]' "$T/out")" \
	"[\"sha-1\",\"$ver\",true]" 'and there is a record of it'
sha=$(printf '%s' "$string" | openssl dgst -sha256 -binary | base64)
run xmppdisco "${as_alice[@]}" -q --caps --hash sha-256 localhost "x#$sha"
is "$status" 0 'by another algorithm'
run xmppdisco "${as_alice[@]}" -j --caps localhost 'x#AAAA'
is "$status" 7 'another hash is malformed: 7'
like "$err" "localhost: the answer has the sha-1 $ver, and AAAA was promised\$" \
	'and it says which'
is "$(jq -c 'select(.type == "caps").verified' "$T/out")" false 'as the record does'
run xmppdisco "${as_alice[@]}" -w 1 --caps bob@localhost
is "$status" 6 'without a presence there is no promise: 6'
like "$err" 'no presence with capabilities came' 'and it says so'

# ---- misuse and endings ---------------------------------------------------------

for bad in '--caps localhost nohash' '--caps --hash sha-0 localhost x#y' \
	'--hash sha-1 localhost' '--info --items localhost' \
	'--recursive --info localhost' 'a@' '--depth 0 localhost'; do
	# shellcheck disable=SC2086 # words
	run xmppdisco "${as_alice[@]}" $bad
	is "$status$out" 2 "$bad is misuse"
done
run bash -c 'xmppdisco "$@" localhost >/dev/full' _ "${as_alice[@]}"
is "$status" 8 'a full disk: 8'
run bash -c 'xmppdisco "$@" localhost | head -n 1; echo ${PIPESTATUS[0]}' \
	_ "${as_alice[@]}"
like "$out" $'\n0$' 'a reader that leaves ends it in peace'
start caps xmppdisco "${as_alice[@]}" -v --caps bob@localhost
await_line "$T/caps.err" 'online|bound|resource' 10
stop caps INT
is "$status" 130 'SIGINT ends it'
stop server
finish
