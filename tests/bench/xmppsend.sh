#!/bin/bash
# tests/bench/xmppsend.sh - one message from start to exit, beside go-sendxmpp
# in the same run; and 10,000 lines, beside the CPU time of the server.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
command -v prosody >/dev/null || {
	echo '  prosody is not installed: make deps'
	exit 0
}
export DEADLINE=120
runs=${RUNS:-11} count=${LINES_SENT:-10000}
prosody_start >/dev/null

# ---- one message ---------------------------------------------------------------

cat >"$T/go-alice" <<-END
	username: alice@localhost
	password: secret
	jserver: 127.0.0.1:$starttls_port
END
chmod 600 "$T/go-alice"
export SSL_CERT_FILE=$ca

ours() { xmppsend "${as_alice[@]}" bob@localhost; }
theirs() { go-sendxmpp -f "$T/go-alice" bob@localhost; }

milliseconds() { # COMMAND: appends to $T/COMMAND.ms
	local from=$EPOCHREALTIME
	"$1" <<<hello >/dev/null 2>"$T/$1.err" || {
		echo "  $1 failed: $(tail -1 "$T/$1.err")"
		return 1
	}
	echo $(((${EPOCHREALTIME/./} - ${from/./}) / 1000)) >>"$T/$1.ms"
}
median() { sort -n "$T/$1.ms" | sed -n "$(((runs + 1) / 2))p"; }

ours <<<first >/dev/null 2>&1 # what is remembered of a server is so now
for ((i = 0; i < runs; i++)); do
	milliseconds ours || exit 1
	command -v go-sendxmpp >/dev/null || continue
	milliseconds theirs || exit 1
done
echo "  one message, start to exit, median of $runs: xmppsend $(median ours) ms"
if [ -e "$T/theirs.ms" ]; then
	awk -v a="$(median ours)" -v b="$(median theirs)" 'BEGIN {
		printf "  go-sendxmpp %d ms: %.2f x go-sendxmpp\n", b, a / b }'
fi

# ---- many lines ----------------------------------------------------------------

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
server=${pids[prosody]}
seq "$count" >"$T/lines"
before=$(ticks "$server") from=$EPOCHREALTIME
TIMEFORMAT='%U %S'
{ time xmppsend -l "${as_alice[@]}" carol@localhost <"$T/lines"; } 2>"$T/time"
status=$?
awk -v took=$((${EPOCHREALTIME/./} - ${from/./})) -v status="$status" \
	-v ticks=$(($(ticks "$server") - before)) -v n="$count" \
	-v hz="$(getconf CLK_TCK)" 'END {
		tool = $1 + $2
		server = ticks / hz
		printf "  %d lines: status %d, %.1f s; xmppsend %.2f s of CPU, " \
			"%.3f x the server'"'"'s %.2f\n", n, status,
			took / 1e6, tool, tool / server, server
	}' "$T/time"
