#!/bin/bash
# What a message costs who receives it: 10,000 by Prosody at full speed, one
# receiver after the other, a few times in turn; and what each costs before the
# first.  CPU time by the scheduler's own account, in nanoseconds.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl perl
export DEADLINE=120
COUNT=${COUNT:-10000} ROUNDS=${ROUNDS:-5}

prosody_start
prosody_friends alice bob
seq -f 'line %g of a stream of messages' "$COUNT" >"$T/lines"

cpu_ns() { # PID: its threads on the processor, so far
	awk '{ ns += $1 } END { printf "%d", ns }' "/proc/$1/task/"*/schedstat
}

# Until he is there: presence, by our own tool.
await_bob() {
	run xmpppresence "${as_alice[@]}" -w 10 --wait-for bob@localhost
}

flood() {
	run xmppsend "${as_alice[@]}" -l --wait=sent -w 120 bob@localhost <"$T/lines"
	[ "$status" = 0 ] || note "xmppsend: $status $err"
}

await_lines() { # FILE REGEX COUNT
	perl -MTime::HiRes=time -e '
		my ($file, $regex, $count, $end) = (@ARGV, time + 60);
		for (;;) {
			open(my $f, "<", $file) or next;
			my $n = grep(/$regex/, <$f>);
			exit 0 if $n >= $count;
			exit 1 if time > $end;
			select undef, undef, undef, 0.2;
		}' "$@"
}

# The stdout of each is a file, so that no reader takes part.  Leaves $got, and
# a line of $T/NAME.cost: nanoseconds of the start and of a message.
receive() { # NAME WANTED COMMAND...
	local name=$1 wanted=$2 pid start
	shift 2
	"$@" >"$T/$name.out" 2>"$T/$name.err" &
	pid=$!
	await_bob
	start=$(cpu_ns "$pid")
	flood
	await_lines "$T/$name.out" "$wanted" "$COUNT"
	got=$(grep -cE "$wanted" "$T/$name.out")
	echo "$start $((($(cpu_ns "$pid") - start) / COUNT))" >>"$T/$name.cost"
	kill "$pid"
	wait "$pid" 2>/dev/null
	[ "$got" = "$COUNT" ] || {
		echo "  $name: $got of $COUNT came"
		lost=yes
	}
}

# Others on the machine make a round dearer, never cheaper: the lowest counts.
lowest() { # NAME COLUMN
	cut -d' ' -f"$2" "$T/$1.cost" | sort -n | head -1
}

report() { # NAME
	awk -v name="$1" -v start="$(lowest "$1" 1)" -v each="$(lowest "$1" 2)" \
		'BEGIN { printf "  %-14s %6.1f ms of CPU until it is there, " \
			"%5.1f us a message\n", name, start / 1e6, each / 1e3 }'
}

# Rounds that are neighbours have the same neighbours: the median of their
# ratios.
ratio() { # WHAT COLUMN
	paste -d' ' <(cut -d' ' -f"$2" "$T/xmpprecv.cost") \
		<(cut -d' ' -f"$2" "$T/go-sendxmpp.cost") |
		awk '{ print $1 / $2 }' | sort -n |
		awk -v what="$1" '{ r[NR] = $1 }
			END { printf "  %s: %.2f x go-sendxmpp (%.2f to %.2f)\n",
				what, r[int((NR + 1) / 2)], r[1], r[NR] }'
}

lost=
printf 'username: bob@localhost\npassword: secret\njserver: 127.0.0.1:%s\n' \
	"$starttls_port" >"$T/go"
chmod 600 "$T/go"
echo "  $COUNT messages, $ROUNDS times in turn, the lowest of each:"
for ((round = 0; round < ROUNDS; round++)); do
	receive xmpprecv '"body":"line' xmpprecv -j "${as_bob[@]}"
	command -v go-sendxmpp >/dev/null || continue
	SSL_CERT_FILE=$ca receive go-sendxmpp 'line [0-9]+ of' \
		go-sendxmpp -f "$T/go" -l
done
report xmpprecv
if [ -e "$T/go-sendxmpp.cost" ]; then
	report go-sendxmpp
	ratio 'a message' 2
	ratio 'the start' 1
else
	echo '  go-sendxmpp is not installed: make deps'
fi
[ -z "$lost" ]
