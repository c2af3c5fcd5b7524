#!/bin/bash
# What cli_main does for every tool, tried on one that does nothing else.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

# ---- how a run ends ----

run trial refuse
is "$status" 1 'a refusal is 1'
is "$err" 'trial: example.org: no such user: \x1b[2Jmallory\n9' \
	'one line on stderr, safe for a terminal'
is "$out" '' 'and nothing on stdout'

run trial nothing
is "$status$out$err" 1 'nothing matched is 1 without a word'

run trial -w 0.05 wait
is "$status" 6 'a deadline is 6'
is "$err" 'trial: no answer from nobody within 0.05 s' 'with its seconds'
like "$out" 'farewell.*deadline' 'a farewell can still be sent'

for s in INT:130 TERM:143 HUP:129; do
	start wait trial wait
	await wait '^ready'
	stop wait "${s%:*}"
	is "$status" "${s#*:}" "after SIG${s%:*} a shell sees ${s#*:}"
	like "$(cat "$T/wait.out")" 'farewell.*signal' 'after the farewell'
done

start wait nohup trial wait
await wait '^ready'
kill -HUP "${pids[wait]}"
stop wait TERM
is "$status" 143 'under nohup SIGHUP stays ignored'

start linger trial linger
await linger 'lingering'
before=$(date +%s%N)
stop linger TERM
took=$((($(date +%s%N) - before) / 1000000))
is "$status" 143 'an unanswered farewell ends too'
ok "and within 2 s (took $took ms)" [ "$took" -lt 2000 ]

start linger trial linger
await linger 'lingering'
kill -TERM "${pids[linger]}"
before=$(date +%s%N)
stop linger INT
took=$((($(date +%s%N) - before) / 1000000))
ok "a second signal ends it at once (took $took ms)" [ "$took" -lt 1000 ]

# ---- stdout ----

run bash -c 'trial -c 100000000 flood | head -n 1 >/dev/null
	echo "${PIPESTATUS[0]}"'
is "$out$err" 0 'a reader that leaves is a polite end'

start wait trial wait
await wait '^ready'
fd=${fds[wait]}
exec {fd}<&-
exec {fd}</dev/null
fds[wait]=$fd
await_end wait
is "$status" 0 'a reader that leaves while nothing is written ends it too'

run bash -c 'trial -c 1000 flood >/dev/full'
is "$status" 8 'a full disk is 8'
like "$err" '^trial: standard output: No space left on device$' 'one sentence'

run bash -c 'trial flood >&-'
is "$status" 8 'a closed stdout is 8'
run bash -c 'trial copy <&-'
is "$status" 8 'a closed stdin is 8'
run bash -c 'trial copy 2>&- </dev/null'
is "$status" 0 'a closed stderr is none of our business'

run trial -j -c 1000 flood
json_lines "$T/out" 'with -j every line is an object'
is "$(wc -l <"$T/out")" 1000 'all of them come'

run bash -c "trial -c 200000 flood | { read -r a; wc -l; }"
is "$out" 199999 'a slow reader gets every record'

run trial -c 3 --records "$T/records" flood
is "$(wc -l <"$T/records")$out" 3 'records can go to a file'
run bash -c "trial -c 3 --records 3 flood 3>'$T/three'"
is "$(wc -l <"$T/three")" 3 'or to a descriptor'
run trial -c 100000 --records /dev/full flood
is "$status" 8 'and failing there is 8 as well'
run trial --records "$T/no/such" flood
is "$status" 8 'where it cannot be opened too'
like "$err" "^trial: $T/no/such: No such file" 'with its name'

# ---- stdin ----

run trial copy <<<'some text'
is "$out" 'some text' 'stdin is read whole'
run bash -c 'head -c 1001 /dev/zero | trial copy'
is "$status" 7 'more than may be is 7'
like "$err" 'longer than 1000 bytes' 'and says how much may be'
run bash -c 'head -c 1000 /dev/zero | trial copy | wc -c'
is "$out" 1000 'the maximum itself may be'

# ---- words on stderr ----

run trial warn
is "$err" 'trial: a warning' 'warnings come by default'
run trial -q warn
is "$err" '' 'and not with -q'
run trial -v warn
is "$err" $'trial: a warning\ntrial: a note' '-v says more'
run trial -vv warn
is "$err" $'trial: a warning\ntrial: a note\n> OPTIONS\n> \\x1b' \
	'-vv shows the wire, safe for a terminal'
finish
