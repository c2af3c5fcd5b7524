#!/bin/bash
# shellcheck disable=SC2317 # what `ok` calls is reached
# Every tool that can be talked to by SIP, under the messages of RFC 4475 and
# 5118 and under mutated ones, over UDP, TCP and WebSocket: those that wait for
# requests give the right codes, those that wait for an answer go on waiting,
# and all of them are still there.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl

MUTANTS=${MUTANTS:-300}
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
note "seed $seed (SEED=$seed MUTANTS=5000 tests/tools/sip-hostile.t)"

# Names nobody here: what a message points to is not looked for elsewhere.
listen() { # TOOL OPTION...
	start tool "$@" --listen 127.0.0.1:0 --resolver 127.0.0.1:9
	await_ready tool
}

# Who asks somebody and waits: what it listens at stands in its Via.
ask() { # TOOL OPTION...
	: >"$T/tool.err" # what the one before said is not to be read again
	start tool "$@" --resolver 127.0.0.1:9
	port=
	until [ -n "$port" ]; do
		await peer '^udp' || return 1
		port=$(sed -n 's|^to .* Via: SIP/2.0/UDP [^:]*:\([0-9]*\);.*|\1|;
			T; p; q' "$T/tool.err")
	done
}

# Who subscribes listens too, and has no `ready` record.
subscribe() { # OPTION...
	ask sipsub -vv anything "sip:b@127.0.0.1:$far" --local 127.0.0.1:0
}

# Of -vv: what was said first, in front of the barrier.
code() {
	perl -ne '
		$code //= $1 if /^to \S+ SIP\/2\.0 (\d+)/;
		if (/^from \S+ OPTIONS sip:barrier-(\d+)@/) {
			print "$1 ", $code // 0, "\n";
			last;
		}' "$T/tool.err"
}

# A tool of its own for each: many of them share a branch or a Call-ID, and
# would be taken for one another.
torture() { # COMMAND...: which starts it
	local n rows
	rows=$(hostile rows)
	: >"$T/codes"
	for ((n = 0; n < rows; n++)); do
		"$@" -vv
		hostile row 127.0.0.1 "$port" "$n" || return 1
		stop tool
		[ "$status" -eq 143 ] || return 1
		code >>"$T/codes"
	done
}

# Bytes of memory that are its own.
memory() {
	awk '/^RssAnon/ { print $2 }' "/proc/${pids[tool]}/status"
}

# It is there, by these ways, and is thrown at until it ends.
endures() { # NAME WAY...
	local name=$1 before
	shift
	run hostile all 127.0.0.1 "$port" "$@"
	is "$status$out" 0 "$name: an OPTIONS is answered after each, by $*"
	run hostile mutants 127.0.0.1 "$port" "$seed" 50 "$@"
	before=$(memory)
	DEADLINE=300 run hostile mutants 127.0.0.1 "$port" $((seed + 1)) \
		"$MUTANTS" "$@"
	is "$status$out" 0 "$name: and after each of $# x $MUTANTS mutants"
	# Transactions are there for another 32 s, and no longer.
	if grep -q __asan_init "$BUILD/${name%% *}"; then
		skip 'AddressSanitizer keeps what was freed' \
			"$name: without growing"
	else
		ok "$name: without growing" test "$(memory)" -lt \
			$((before + 10000 + 16 * MUTANTS))
	fi
	stop tool
	is "$status" 143 "$name: it ends as it should"
	unlike "$err" 'AddressSanitizer|runtime error' "$name: in order"
}

withstands() { # NAME METHODS COMMAND...
	local name=$1 methods=$2
	shift 2
	ok "$name: an OPTIONS is answered after each of them" torture "$@"
	run hostile judge "$methods" <"$T/codes"
	is "$out" '90 messages, 0 wrong' "$name: each gets what its RFC says"
	"$@" -q
	endures "$name" udp tcp
}

# ---- those that wait for requests --------------------------------------------------

withstands sipanswer INVITE,ACK,CANCEL,BYE,OPTIONS \
	listen sipanswer --audio-out /dev/null
withstands siprecv MESSAGE,OPTIONS,CANCEL,BYE listen siprecv
withstands sippresence SUBSCRIBE,NOTIFY,OPTIONS,CANCEL,BYE \
	listen sippresence --set away
start peer "$TOP/tests/mock/sip-peer" drop
await_ready peer
far=$port
withstands sipsub NOTIFY,OPTIONS,CANCEL,BYE subscribe
stop peer
listen siprecv --transport ws -q
endures 'siprecv by WebSocket' ws
listen sipanswer --transport ws -q --audio-out /dev/null
endures 'sipanswer by WebSocket' ws

# ---- those that wait for an answer ---------------------------------------------------

peer() { # WORD...: leaves $far
	start peer "$TOP/tests/mock/sip-peer" "$@"
	await_ready peer
	far=$port
}
peer 180
ask sipcall -vv --audio-out /dev/null "sip:b@127.0.0.1:$far"
endures sipcall udp
stop peer
peer 200
ask sipreg -vv --keep --uri "sip:a@127.0.0.1:$far"
endures sipreg udp
mkfifo "$T/tool.in"
exec 7<>"$T/tool.in"
echo hello >&7
ask sipsend -vv -l "sip:b@127.0.0.1:$far"
endures sipsend udp
finish
