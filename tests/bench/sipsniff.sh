#!/bin/bash
# sipsniff beside tcpdump, sipgrep and tshark on the same capture: processor
# time, the least of five runs, as packets a second and as ratios.
#
#	tests/bench/sipsniff.sh [CALLS]
#
# Prints lines of "what figure".  A peer that is missing is left out.
BUILD=${BUILD:-build}
calls=${1:-10000}
packets=$((calls * 7))
file=$(mktemp) && trap 'rm -f "$file"' EXIT
"$BUILD/tests/mock/captures" calls "$calls" >"$file" || exit 1

least() { # COMMAND...: user and system time in milliseconds
	local i
	TIMEFORMAT='%U %S'
	for ((i = 0; i < ${rounds:-5}; i++)); do
		{ time "$@" >/dev/null 2>&1; } 2>&1
	done | awk '{ t = ($1 + $2) * 1000; if (NR == 1 || t < m) m = t }
		END { print m < 1 ? 1 : m }'
}

declare -A took
measure() { # NAME COMMAND...
	local name=$1
	shift
	command -v "$1" >/dev/null || return
	took[$name]=$(least "$@")
	awk -v n="$name" -v p="$packets" -v t="${took[$name]}" 'BEGIN {
		printf "%s_packets_per_second %.0f\n", n, p / t * 1000 }'
}

ratio() { # NAME SLOWER FASTER
	[ -n "${took[$2]:-}" ] && [ -n "${took[$3]:-}" ] || return
	awk -v n="$1" -v s="${took[$2]}" -v f="${took[$3]}" \
		'BEGIN { printf "%s %.1f\n", n, s / f }'
}

echo "packets $packets"
measure sipsniff_text "$BUILD/sipsniff" -r "$file"
measure sipsniff_json "$BUILD/sipsniff" -j -r "$file"
measure sipsniff_quiet "$BUILD/sipsniff" -q -r "$file"
measure tcpdump tcpdump -r "$file" -w /dev/null
measure sipgrep sipgrep -I "$file"
rounds=1
[ -n "${NO_TSHARK:-}" ] || measure tshark_ek tshark -r "$file" -T ek
ratio sipgrep_to_text sipgrep sipsniff_text
ratio tshark_ek_to_json tshark_ek sipsniff_json
ratio text_to_tcpdump sipsniff_text tcpdump
ratio json_to_tcpdump sipsniff_json tcpdump
