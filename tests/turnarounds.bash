# shellcheck shell=bash disable=SC2154
# tests/turnarounds.bash - how often a sender waits for the line
#
#	relay_to starttls "$starttls_port"
#	turnarounds starttls "${as_alice[@]}" bob@localhost
#	is "$turnarounds" 6 'by STARTTLS'
#
# See tests/mock/relay.c for what is counted; up to the moment that the message
# is known to be accepted, by the time of xmppsend's record.

declare -A relays=()

relay_to() { # NAME PORT
	start "relay-$1" relay "127.0.0.1:$2"
	await "relay-$1" '^127\.0\.0\.1:' || bail 'the relay does not start'
	relays[$1]=$line
}

# Leaves $turnarounds, and what `run` leaves.
turnarounds() { # NAME XMPPSEND-ARG...
	local name=$1 accepted
	shift
	run xmppsend -j "$@" --server "${relays[$name]}" <<<hello
	accepted=$(jq -r 'select(.type == "message") | .time' "$T/out")
	turnarounds=0
	while await "relay-$name" '^(turnaround|closed) '; do
		read -r what count at <<<"$line"
		[ "$what" = turnaround ] || break
		[[ "$at" > "$accepted" ]] || turnarounds=$count
	done
}
