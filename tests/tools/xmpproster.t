#!/bin/bash
# xmpproster: each operation, its outcome, and what is printed of it.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

echo secret >"$T/password"
chmod 600 "$T/password"
start server xmppserve --user alice:secret --user bob:secret \
	--user carol:secret --listen 127.0.0.1:0
await_ready server
as_alice=(--jid alice@localhost --password-file "$T/password"
	--server "127.0.0.1:$port" --ca "$ca")
as_bob=(--jid bob@localhost "${as_alice[@]:2}")
alice() { run xmpproster "${as_alice[@]}" "$@"; }
bob() { run xmpproster "${as_bob[@]}" "$@"; }
contact() { # FIELD...: as a record has them
	printf 'contact'
	printf '\t%s' "$@"
}
came() { cut -f1,3- "$T/out"; }

# ---- one contact, from its first day to its last ---------------------------------

alice list
is "$status$out$err" 0 'an empty roster is no error'
alice add --name 'Bob "the" <b>' --group work --group friends bob@localhost
is "$status$err" 0 'added'
is "$(came)" "$(contact bob@localhost none 'Bob "the" <b>' \
	'["work","friends"]' - -)" 'and printed, as the server has it'
alice add --group more bob@localhost
is "$status $(came)" "0 $(contact bob@localhost none 'Bob "the" <b>' \
	'["work","friends","more"]' - -)" 'added again it keeps what it had'
alice rename bob@localhost Robert
is "$status $(came)" "0 $(contact bob@localhost none Robert \
	'["work","friends","more"]' - -)" 'renamed, it keeps its groups'
alice groups bob@localhost home home ''
is "$status $(came)" "0 $(contact bob@localhost none Robert '["home"]' - -)" \
	'groups replaces them, each once'
alice groups bob@localhost
is "$status $(came)" "0 $(contact bob@localhost none Robert '[]' - -)" \
	'or takes them all away'
alice rename bob@localhost ''
is "$status $(came)" "0 $(contact bob@localhost none - '[]' - -)" \
	'and so an empty name does'
alice list bob@localhost
is "$status $(came)" "0 $(contact bob@localhost none - '[]' - -)" \
	'it is listed'
alice remove bob@localhost
is "$status $(came)" "0 $(contact bob@localhost remove - '[]' - -)" 'removed'
alice list
is "$status$out" 0 'it is gone'

# ---- what is not there ------------------------------------------------------------

for what in 'remove bob@localhost' 'rename bob@localhost x' \
	'groups bob@localhost x' 'list bob@localhost'; do
	# shellcheck disable=SC2086 # words
	alice $what
	is "$status$out" 1 "$what: 1, where it is not there"
	like "$err" 'xmpproster: bob@localhost: it is not in the roster$' \
		'and it says so'
done
alice add bob@localhost carol@localhost
alice remove bob@localhost nobody@localhost carol@localhost
is "$status $(came | cut -f2 | paste -sd' ')" '1 bob@localhost carol@localhost' \
	'one of three is not there: 1, the others are done'
like "$err" 'remove: 1 of 3 failed$' 'and how many'
alice add alice@localhost
is "$status" 1 'the server refuses: 1'
like "$err" 'alice@localhost: .*\(not-allowed\)$' 'by its condition'

# ---- seeing each other --------------------------------------------------------------

alice add --subscribe bob@localhost
is "$status $(came)" "0 $(contact bob@localhost none - '[]' true -)" \
	'--subscribe asks to see it'
bob approve alice@localhost
is "$status" 0 'approved'
alice list
is "$(came)" "$(contact bob@localhost to - '[]' - -)" 'and seen since'
bob list
is "$(came | cut -f2,3)" "$(printf 'alice@localhost\tfrom')" 'from the other side'
bob approve alice@localhost
is "$status" 0 'approving again is no error'
bob approve carol@localhost
is "$status$out" 1 'who has not asked cannot be approved: 1'
like "$err" 'it has not asked to see our presence' 'and it says so'
alice remove bob@localhost
bob list
is "$(came | cut -f3)" none 'removing ends it, on the other side too'

# ---- away and back --------------------------------------------------------------------

alice add --name Bob --group a --group b bob@localhost
alice add --name $'C\\ \t "x"' carol@localhost
alice export
json_lines "$T/out" 'export: a record each, as JSON without -j'
cp "$T/out" "$T/saved"
alice remove bob@localhost carol@localhost
run xmpproster "${as_alice[@]}" import <"$T/saved"
is "$status$err" 0 'import puts them back'
alice export
is "$(jq -cS 'del(.time)' "$T/out")" "$(jq -cS 'del(.time)' "$T/saved")" \
	'as they were'
run xmpproster -vv "${as_alice[@]}" import <"$T/saved"
is "$status" 0 'once more'
unlike "$err" "type='set'[^>]*><query" 'nothing is set that is so already'
printf '%s\n' '{"type":"message","body":"x"}' \
	'{"jid":"BOB@localhost","name":"B"}' '{"jid":"dave@localhost"}' >"$T/in"
run xmpproster "${as_alice[@]}" import <"$T/in"
is "$status" 0 'import by hand'
is "$(came)" "$(contact bob@localhost none B '["a","b"]' - -)
$(contact dave@localhost none - '[]' - -)" 'what is not said stays as it is'
like "$err" '1 records of other types were passed over$' 'and others are counted'
run xmpproster "${as_alice[@]}" --strict import <"$T/in"
is "$status$out" 7 '--strict: they are an error'
like "$err" '^xmpproster: line 1: ' 'in that line'
for bad in 'no json' '[]' '{}' '{"jid":7}' '{"jid":"a@b/c"}' '{"jid":"@"}' \
	'{"jid":"a@b","groups":[1]}' '{"jid":"a@b","groups":"x"}'; do
	run xmpproster "${as_alice[@]}" import \
		< <(printf '{"jid":"eve@localhost"}\n%s\n' "$bad")
	is "$status$out" 7 "$bad is malformed"
	like "$err" '^xmpproster: line 2: ' 'in its line'
done
alice list eve@localhost
is "$status" 1 'and nothing was done of a file with a fault in it'
seq -f '{"jid":"n%g@localhost"}' 500 >"$T/many"
run xmpproster "${as_alice[@]}" import <"$T/many"
is "$status $(wc -l <"$T/out")" '0 500' 'five hundred at once'

# ---- misuse, wrong servers, endings ---------------------------------------------------

for bad in lost add remove rename 'rename bob@localhost' \
	'rename bob@localhost a b' 'groups' 'export x' 'add bob@localhost/x' \
	'add @' '--name x add a@b c@d'; do
	# shellcheck disable=SC2086 # words
	alice $bad
	is "$status$out" 2 "$bad is misuse"
done
run bash -c 'xmpproster "$@" list >/dev/full' _ "${as_alice[@]}"
is "$status" 8 'a full disk: 8'
run bash -c 'xmpproster "$@" list | head -n 1; echo ${PIPESTATUS[0]}' \
	_ "${as_alice[@]}"
like "$out" $'\n0$' 'a reader that leaves ends it in peace'
stop server
start server xmppserve --user alice:secret --fault bound:silent \
	--listen 127.0.0.1:0
await_ready server
as_alice=(--jid alice@localhost --password-file "$T/password"
	--server "127.0.0.1:$port" --ca "$ca")
alice -w 1 list
is "$status$out" 6 'a server that says nothing: 6'
stop server
finish
