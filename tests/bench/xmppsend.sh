#!/bin/bash
# tests/bench/xmppsend.sh - one message from start to exit, beside go-sendxmpp
# in the same run; and 10,000 lines, beside the CPU time of the server.
#
# go-sendxmpp is that of this machine and, where $DEBIAN13 is the folder of a
# Debian 13 (see tests/peers/ejabberd.bash), that of the folder too.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
command -v prosody >/dev/null || {
	echo '  prosody is not installed: make deps'
	exit 0
}
export DEADLINE=120
runs=${RUNS:-21} count=${LINES_SENT:-10000}
# As Debian configures it: with internal_plain the server itself makes a salted
# password for each login, and the time is that of its hashes.
# shellcheck disable=SC2034 # for prosody_config
PROSODY_AUTH=internal_hashed
prosody_start >/dev/null

# ---- one message ---------------------------------------------------------------

cat >"$T/go-alice" <<-END
	username: alice@localhost
	password: secret
	jserver: 127.0.0.1:$starttls_port
END
chmod 600 "$T/go-alice"

# The authorities of a whole system, as a client of a public server has them to
# look through: ours is one more, in the folder and in the file.
mkdir "$T/authorities"
[ ! -d /etc/ssl/certs ] || cp -a /etc/ssl/certs/. "$T/authorities"
cp "$ca" "$T/authorities/ours.pem"
ln -s ours.pem "$T/authorities/$(openssl x509 -noout -subject_hash -in "$ca").0"
export SSL_CERT_DIR=$T/authorities SSL_CERT_FILE=$T/authorities.pem
cat "$ca" "$T/authorities/ca-certificates.crt" >"$SSL_CERT_FILE" 2>/dev/null
as_alice=("${as_alice[@]:0:6}")

declare -A commands=([xmppsend]=xmppsend)
go13=${DEBIAN13:-$TOP/../debian13}/usr/bin/go-sendxmpp
if command -v go-sendxmpp >/dev/null; then
	commands[go-sendxmpp]=go-sendxmpp
fi
if [ -x "$go13" ] && "$go13" --version >/dev/null 2>&1; then
	commands[go-sendxmpp of Debian 13]=$go13
fi

send_one() { # NAME
	if [ "$1" = xmppsend ]; then
		xmppsend "${as_alice[@]}" bob@localhost
	else
		"${commands[$1]}" -f "$T/go-alice" bob@localhost
	fi <<<hello >/dev/null 2>"$T/err"
}

# Appends wall and CPU time of one run, in milliseconds, to $T/NAME.ms.
TIMEFORMAT='%R %U %S'
measure() { # NAME
	{ time send_one "$1"; } 2>"$T/time" || {
		echo "  $1 failed: $(tail -1 "$T/err")"
		return 1
	}
	awk 'END { print 1000 * $1, 1000 * ($2 + $3) }' "$T/time" >>"$T/$1.ms"
}
median() { # NAME COLUMN
	cut -d' ' -f"$2" "$T/$1.ms" | sort -n | sed -n "$(((runs + 1) / 2))p"
}

send_one xmppsend # what is remembered of a server is so now
for ((i = 0; i < runs; i++)); do
	for name in "${!commands[@]}"; do
		measure "$name" || exit 1
	done
done
echo "  one message, start to exit, in turn, medians of $runs:"
for name in "${!commands[@]}"; do
	awk -v name="$name" -v ours="$(median xmppsend 1)" \
		-v wall="$(median "$name" 1)" -v cpu="$(median "$name" 2)" 'BEGIN {
		printf "  %-26s %4d ms, %3d of CPU", name, wall, cpu
		if (name != "xmppsend")
			printf ": xmppsend takes %.2f x as long", ours / wall
		print ""
	}'
done

# ---- many lines ----------------------------------------------------------------

cpu_ns() { # PID: its threads on the processor, so far
	awk '{ ns += $1 } END { printf "%d", ns }' "/proc/$1/task/"*/schedstat
}
server=${pids[prosody]}
seq "$count" >"$T/lines"
before=$(cpu_ns "$server")
{ time xmppsend -l "${as_alice[@]}" carol@localhost <"$T/lines"; } 2>"$T/time"
status=$?
awk -v status="$status" -v n="$count" \
	-v server=$(($(cpu_ns "$server") - before)) 'END {
		tool = $2 + $3
		server /= 1e9
		printf "  %d lines: status %d, %.1f s; xmppsend %.2f s of CPU, " \
			"%.3f x the server'"'"'s %.2f\n", n, status,
			$1, tool, tool / server, server
	}' "$T/time"
