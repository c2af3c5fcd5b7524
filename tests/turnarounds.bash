# shellcheck shell=bash disable=SC2034,SC2154
# tests/turnarounds.bash - how often a tool waits for the line
#
#	relay_to starttls "$starttls_port"
#	turnarounds starttls "${as_alice[@]}" bob@localhost
#	is "$turnarounds" 6 'by STARTTLS'
#
# See tests/mock/relay.c for what is counted; up to the moment that the message
# is known to be accepted, by the time of xmppsend's record, or up to the first
# record of a type.

declare -A relays=()

relay_to() { # NAME PORT
	start "relay-$1" relay "127.0.0.1:$2"
	await "relay-$1" '^127\.0\.0\.1:' || bail 'the relay does not start'
	relays[$1]=$line
}

# Leaves $turnarounds, and what `run` leaves.
turnarounds() { # NAME XMPPSEND-ARG...
	turnarounds_until message "$1" xmppsend -j "${@:2}" <<<hello
}
turnarounds_until() { # TYPE NAME COMMAND...
	local type=$1 name=$2 reached
	shift 2
	run "$@" --server "${relays[$name]}"
	reached=$(jq -r "select(.type == \"$type\") | .time" "$T/out" | head -1)
	turnarounds=0
	while await "relay-$name" '^(turnaround|closed) '; do
		read -r what count at <<<"$line"
		[ "$what" = turnaround ] || break
		[[ "$at" > "$reached" ]] || turnarounds=$count
	done
}

# What is on its way of its own, such as an acknowledgement, can make it look
# like one more, but never like one less: the best of some tries is what it takes.
fewest_turnarounds() { # WANT COMMAND...: one that leaves $turnarounds
	local best=99
	for _ in 1 2 3 4 5 6; do
		"${@:2}"
		[ "$turnarounds" -ge "$best" ] || best=$turnarounds
		[ "$best" -gt "$1" ] || break
	done
	turnarounds=$best
}
