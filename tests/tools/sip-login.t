#!/bin/bash
# Who a SIP tool is: accounts, passwords and HA1s, and whom they are shown.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq

peer() { # ARGUMENT...: leaves $port, of the peer of this moment
	[ -z "${pids[peer]:-}" ] || stop peer
	start peer "$TOP/tests/mock/sip-peer" "$@"
	await_ready peer
}

accounts() { # stdin: the accounts file
	mkdir -p "$T/.config/samtal"
	cat >"$T/.config/samtal/accounts"
	chmod 600 "$T/.config/samtal/accounts"
}

echo tiger >"$T/right"
echo lion >"$T/wrong"
chmod 600 "$T/right" "$T/wrong"
code() { # of the ping record
	awk -F'\t' '$1 == "ping" { print $6 }' "$T/out" | paste -sd' '
}

# ---- each way to have a password -----------------------------------------------

for how in 'MD5 401' 'SHA-256 401' 'MD5 407'; do
	read -r algorithm ask <<<"$how"
	peer --user alice:tiger --algorithm "$algorithm" --ask "$ask" 200
	run sipping -c 2 -i 0.02 --uri "sip:alice@127.0.0.1" \
		--password-file "$T/right" "sip:127.0.0.1:$port"
	is "$status $(code)" '0 200 200' "$algorithm, $ask: the password is shown"
done
peer --user alice:tiger 200
run sipping -c 1 --username alice --password-command 'echo tiger' \
	"sip:127.0.0.1:$port"
is "$status $(code)" '0 200' 'without an account it is for the server named'
run sipping -c 1 --uri sip:alice@127.0.0.1 --password-fd 3 \
	"sip:127.0.0.1:$port" 3<"$T/right"
is "$status $(code)" '0 200' 'the password from a descriptor'
accounts <<END
[home]
sip = sip:alice@127.0.0.1
password-file = $T/right
[work]
sip = sip:somebody@127.0.0.1
username = alice
sip-ha1-md5 = $(printf 'alice:mock:tiger' | md5sum | cut -c1-32)
[broken]
sip = sip:alice@127.0.0.1
ha1-md5 = 1234
[elsewhere]
sip = sip:alice@example.org
password-file = $T/right
[office]
sip = sip:alice@127.0.0.1
realm = office
password-file = $T/right
END
run sipping -c 1 -a home "sip:127.0.0.1:$port"
is "$status $(code)" '0 200' 'an account'
run sipping -c 1 -a work "sip:127.0.0.1:$port"
is "$status $(code)" '0 200' 'an account with an HA1 instead of a password'
run sipping -c 1 -a broken "sip:127.0.0.1:$port"
is "$status" 2 'an HA1 that is none'
like "$err" 'ha1-md5 wants 32' 'and it says so'
run sipping -vv -c 1 -a home "sip:127.0.0.1:$port"
like "$err" 'Authorization: \(not shown\)' '-vv does not show the answer'

# ---- who gets none ---------------------------------------------------------------

run sipping -c 1 --uri sip:alice@127.0.0.1 --password-file "$T/wrong" \
	"sip:127.0.0.1:$port"
is "$status $(code)" '5 401' 'a wrong password: 5'
like "$err" 'not accepted' 'and it says so'
stop peer
peer --user alice:tiger 200
run sipping -c 1 --uri sip:alice@127.0.0.1 --password-file "$T/wrong" \
	"sip:127.0.0.1:$port"
stop peer
is "$(grep -c OPTIONS "$T/peer.out")" 2 'which is tried once'
peer --user alice:tiger 200
run sipping -c 1 -a elsewhere "sip:127.0.0.1:$port"
is "$status $(code)" '5 401' 'a server of somebody else gets no answer'
like "$err" 'no server of this account' 'and it says so'
run sipping -c 1 -a office "sip:127.0.0.1:$port"
is "$status" 5 'nor does one of another realm'
like "$err" 'realm "office"' 'and it says so'
run sipping -c 1 "sip:127.0.0.1:$port"
is "$status $(code)" '0 401' 'without an account a 401 means alive'
run sipcall -w 5 --audio-out /dev/null "sip:bob@127.0.0.1:$port" </dev/null
is "$status" 5 'a call that wants a password: 5'
run sipcall -w 5 --audio-out /dev/null --uri sip:alice@127.0.0.1 \
	--password-file "$T/wrong" "sip:bob@127.0.0.1:$port" </dev/null
is "$status" 5 'and one with a wrong password: 5'
like "$err" 'not accepted' 'and it says so'
run sipping -c 1 --password-file "$T/right" "sip:127.0.0.1:$port"
is "$status" 2 'a password of nobody is misuse'
run sipping -c 1 -a nobody "sip:127.0.0.1:$port"
is "$status" 2 'an account that is not there is misuse'

# ---- several realms, and what a server proves -------------------------------------

accounts <<END
[home]
sip = sip:alice@127.0.0.1
password-file = $T/right
realm = edge
also = core  office
[core]
realm = core
username = al
password-file = $T/other
[office]
sip = sip:somebody@127.0.0.1
realm = office
username = alice
ha1-md5 = $(printf 'alice:office:third' | md5sum | cut -c1-32)
[alone]
sip = sip:alice@127.0.0.1
realm = edge
password-file = $T/right
[twice]
sip = sip:alice@127.0.0.1
realm = core
password-file = $T/right
also = core
[lost]
sip = sip:alice@127.0.0.1
password-file = $T/right
also = nowhere
END
echo panther >"$T/other"
chmod 600 "$T/other"
realms='--user alice:tiger:edge:407 --user al:panther:core:407
	--user alice:third:office:401'
for ask in 407 all; do
	# shellcheck disable=SC2086 # words
	peer $realms --ask $ask 200
	run sipping -c 2 -i 0.02 -a home "sip:127.0.0.1:$port"
	is "$status $(code)" '0 200 200' "three realms, asked by $ask"
	run sipping -c 1 -a alone "sip:127.0.0.1:$port"
	is "$status" 5 'of which one does not do'
	like "$err" 'in the realm "(core|office)"' 'and it says which is missing'
	stop peer
	is "$(grep -c OPTIONS "$T/peer.out")" \
		"$([ $ask = all ] && echo 5 || echo 7)" \
		'and each is asked for once'
done
for account in twice lost; do
	run sipping -c 1 -a $account sip:127.0.0.1:9
	is "$status" 2 "also that means nothing is misuse: $account"
done
peer --user alice:tiger --qop auth-int --algorithm SHA-256 202
run sipsend --uri sip:alice@127.0.0.1 --password-file "$T/right" \
	"sip:bob@127.0.0.1:$port" <<<'a body'
is "$status" 0 'a body is part of the answer, where that is wanted'
for how in good bad; do
	peer --user alice:tiger:edge --prove $how 200
	run sipping -c 2 -i 0.02 -a alone "sip:127.0.0.1:$port"
	[ $how = bad ] || is "$status $(code)" '0 200 200' \
		'a server that proves itself'
	[ $how = good ] || is "$status" 5 'a server that does not know us'
	run sipsend -a alone "sip:bob@127.0.0.1:$port" <<<hello
	[ $how = bad ] || is "$status" 0 'takes a message'
	[ $how = good ] || is "$status" 5 'takes no message'
	[ $how = good ] || like "$err" 'not to be trusted.*rspauth' 'and it says so'
done

# ---- by the account's proxy, and a call -------------------------------------------

peer --user alice:tiger 200
accounts <<END
[home]
sip = sip:alice@127.0.0.1
password-file = $T/right
[far]
sip = sip:alice@example.org
proxy = sip:127.0.0.1:$port;lr
password-file = $T/right
transport = tcp
END
run sipping -c 1 -a far sip:bob@example.org
is "$status $(code)" '0 200' 'the proxy of the account, by its transport'
await peer '^tcp' 5
like "$line" 'sip:bob@example.org' 'and it is TCP'
peer --user alice:tiger 486
run sipcall -w 5 -j --audio-out /dev/null -a home "sip:bob@127.0.0.1:$port" \
	</dev/null
is "$status" 1 'a call with a password that is busy: 1'
is "$(jq -rs 'map(.from) | unique | join(" ")' "$T/out")" \
	'sip:alice@127.0.0.1' 'is from the account'
finish
