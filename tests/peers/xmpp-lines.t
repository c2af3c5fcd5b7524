#!/bin/bash
# Ten thousand lines through xmppsend to Prosody: all arrive, in order, and the
# tool takes less than a tenth of the CPU time that the server takes.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl jq
export DEADLINE=120

cpu() { awk '{ print $14 + $15 }' "/proc/$1/stat"; } # in ticks
count=10000
prosody_start
# shellcheck disable=SC2016 # for the other shell
start bob bash -c 'exec xmpprecv -j "${@:2}" >"$1"' _ "$T/bob.json" \
	"${as_bob[@]}" -c $count
await_line "$T/bob.json" '"type":"ready"' || bail 'xmpprecv is not ready'

seq $count >"$T/lines"
before=$(cpu "${pids[prosody]}")
TIMEFORMAT='%U %S'
{ time xmppsend -l "${as_alice[@]}" bob@localhost \
	<"$T/lines" 2>"$T/err"; } 2>"$T/time"
status=$?
err=$(cat "$T/err")
server=$(($(cpu "${pids[prosody]}") - before))
is "$status$err" 0 "$count lines: 0, without a word"
await_end bob
is "$status$err" 0 'all of them arrive'
jq -r 'select(.type == "message") | .body' "$T/bob.json" >"$T/came"
ok 'each once, in order' cmp "$T/lines" "$T/came"
tool=$(awk -v hz="$(getconf CLK_TCK)" '{ printf "%d", ($1 + $2) * hz }' \
	"$T/time")
note "CPU in ticks: xmppsend $tool, Prosody $server"
ok 'for less than a tenth of the CPU time of the server' \
	[ $((10 * tool)) -lt "$server" ]
finish
