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
