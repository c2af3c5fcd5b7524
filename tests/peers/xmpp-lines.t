#!/bin/bash
# Ten thousand lines through xmppsend to Prosody: all arrive, in order, and the
# tool takes less than a tenth of the CPU time that the server takes.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq
export DEADLINE=120

# Its threads on the processor so far, in microseconds: a tick is too coarse.
cpu() { awk '{ ns += $1 } END { printf "%d", ns / 1000 }' "/proc/$1/task/"*/schedstat; }
count=10000
prosody_start
# shellcheck disable=SC2016 # for the other shell
start bob bash -c 'exec xmpprecv -j "${@:2}" >"$1"' _ "$T/bob.json" \
	"${as_bob[@]}"
await_line "$T/bob.json" '"type":"ready"' || bail 'xmpprecv is not ready'

# The tool's own by wait4(2), which is as fine.
seq "$count" >"$T/lines"
before=$(cpu "${pids[prosody]}")
TIMEFORMAT='%3U %3S'
{ time xmppsend -l "${as_alice[@]}" bob@localhost \
	<"$T/lines" 2>"$T/err"; } 2>"$T/time"
status=$?
err=$(cat "$T/err")
server=$(($(cpu "${pids[prosody]}") - before))
tool=$(awk '{ printf "%d", ($1 + $2) * 1e6 }' "$T/time")
note "CPU in microseconds: xmppsend $tool, Prosody $server"
is "$status$err" 0 "$count lines: 0, without a word"
ok 'for less than a tenth of the CPU time of the server' \
	[ $((10 * tool)) -lt "$server" ]
last=$(tail -n 1 "$T/lines")
ok 'all of them arrive' await_line "$T/bob.json" "\"body\":\"$last\""
stop bob
jq -r 'select(.type == "message") | .body' "$T/bob.json" >"$T/came"
seq "$last" >"$T/lines"
ok 'each once, in order' cmp "$T/lines" "$T/came"
finish
