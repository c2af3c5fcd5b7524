#!/bin/bash
# What a message costs who receives it: 10,000 by Prosody, one receiver after
# the other, CPU time by /proc.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
need prosody openssl perl
COUNT=${COUNT:-10000}

prosody_start
seq -f 'line %g of a stream of messages' "$COUNT" >"$T/lines"

cpu_us() { # PID: its threads on the processor, so far
	awk '{ ns += $1 } END { printf "%d", ns / 1000 }' "/proc/$1/task/"*/schedstat
}

flood() {
	run xmppsend "${as_alice[@]}" -l --wait=sent -w 120 bob@localhost <"$T/lines"
	[ "$status" = 0 ] || note "xmppsend: $status $err"
}

# The stdout of each is a file, so that no reader takes part.
receive() { # NAME WANTED COMMAND...
	local name=$1 wanted=$2 pid
	shift 2
	"$@" >"$T/$name.out" 2>"$T/$name.err" &
	pid=$!
	await_line "$T/prosody/log" "Authenticated as bob@localhost|bound" 10
	await_bob
	local before
	before=$(cpu_us "$pid")
	flood
	await_lines "$T/$name.out" "$wanted" "$COUNT"
	got=$(grep -cE "$wanted" "$T/$name.out")
	spent=$(($(cpu_us "$pid") - before))
	kill "$pid"
	wait "$pid" 2>/dev/null
}

# Until he is there: presence, by our own tool.
await_bob() {
	run xmpppresence "${as_alice[@]}" -w 10 --wait-for bob@localhost
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

prosody_friends alice bob
receive xmpprecv '"body":"line' xmpprecv -j "${as_bob[@]}"
ours=$spent ours_got=$got
printf '  %-14s %6d of %d came, %6.1f us of CPU each\n' xmpprecv "$got" "$COUNT" \
	"$(perl -e 'print $ARGV[0] / $ARGV[1]' "$spent" "$COUNT")"
if command -v go-sendxmpp >/dev/null; then
	printf 'username: bob@localhost\npassword: secret\njserver: 127.0.0.1:%s\n' \
		"$starttls_port" >"$T/go"
	chmod 600 "$T/go"
	SSL_CERT_FILE=$ca receive go-sendxmpp 'line [0-9]+ of' \
		go-sendxmpp -f "$T/go" -l
	printf '  %-14s %6d of %d came, %6.1f us of CPU each\n' go-sendxmpp \
		"$got" "$COUNT" \
		"$(perl -e 'print $ARGV[0] / $ARGV[1]' "$spent" "$COUNT")"
	perl -e 'printf "  %.2f x go-sendxmpp\n", $ARGV[0] / $ARGV[1]' \
		"$ours" "$spent"
else
	echo '  go-sendxmpp is not installed: make deps'
fi
[ "$ours_got" = "$COUNT" ]
