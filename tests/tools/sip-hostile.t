#!/bin/bash
# shellcheck disable=SC2317 # what `ok` calls is reached
# Every tool that listens for SIP, under the messages of RFC 4475 and 5118 and
# under mutated ones, over UDP and TCP: the right codes, and still there.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl

MUTANTS=${MUTANTS:-1000}
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
note "seed $seed (SEED=$seed MUTANTS=5000 tests/tools/sip-hostile.t)"

# Names nobody here: what a message points to is not looked for elsewhere.
listen() { # TOOL OPTION...
	start tool "$@" --listen 127.0.0.1:0 --resolver 127.0.0.1:9
	await_ready tool
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
torture() { # TOOL OPTION...
	local n rows
	rows=$(hostile rows)
	: >"$T/codes"
	for ((n = 0; n < rows; n++)); do
		listen "$@" -vv
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

withstands() { # METHODS TOOL OPTION...
	local methods=$1 tool=$2 before
	shift
	ok "$tool: an OPTIONS is answered after each of them" torture "$@"
	run hostile judge "$methods" <"$T/codes"
	is "$out" '90 messages, 0 wrong' "$tool: each gets what its RFC says"
	listen "$@" -q
	run hostile mutants 127.0.0.1 "$port" "$seed" 50
	before=$(memory)
	DEADLINE=120 run hostile mutants 127.0.0.1 "$port" $((seed + 1)) \
		"$MUTANTS"
	is "$status$out" 0 "$tool: and after each of 2 x $MUTANTS mutants"
	# Transactions are there for another 32 s, and no longer.
	if grep -q __asan_init "$BUILD/$tool"; then
		skip 'AddressSanitizer keeps what was freed' \
			"$tool: without growing"
	else
		ok "$tool: without growing" test "$(memory)" -lt \
			$((before + 10000 + 16 * MUTANTS))
	fi
	stop tool
	is "$status" 143 "$tool: it ends as it should"
}

withstands INVITE,ACK,CANCEL,BYE,OPTIONS sipanswer --audio-out /dev/null
withstands MESSAGE,OPTIONS,CANCEL,BYE siprecv
withstands SUBSCRIBE,NOTIFY,OPTIONS,CANCEL,BYE sippresence --set away
finish
