# shellcheck shell=bash disable=SC2034
# tests/lib.sh - what every shell test (*.t) sources first
#
#	. "${TOP:-.}/tests/lib.sh" || exit 1
#	need prosody jq
#	run sipping -c 1 sip:127.0.0.1:1
#	is "$status" 3 'a closed port is unreachable'
#	like "$err" 'refused' 'and it says so'
#	finish
#
# TAP on stdout, one line a check; the plan comes at the end, from finish.
# $T is a folder of this test alone, removed with all that it started.  $BUILD
# comes first in PATH, so tools are called by name.  Every wait ends: with
# what is waited for, or after $DEADLINE seconds.

set -u
TOP=${TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
BUILD=${BUILD:-$TOP/build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
DEADLINE=${DEADLINE:-20}
T=$(mktemp -d "${TMPDIR:-/tmp}/samtal-test-XXXXXX") || exit 1
export HOME=$T XDG_STATE_HOME=$T/state LC_ALL=C.UTF-8
export PATH="$BUILD:$BUILD/tests/mock:$PATH"
unset XDG_CONFIG_HOME SSLKEYLOGFILE

# ---- checks ------------------------------------------------------------------

checks=0 failures=0
status=0 out='' err=''

# shellcheck disable=SC2120
note() { # TEXT... or stdin: as TAP comments
	if [ $# -gt 0 ]; then printf '%s\n' "$*"; else cat; fi | sed 's/^/# /'
}

pass() { # NAME
	checks=$((checks + 1))
	printf 'ok %d - %s\n' "$checks" "$1"
}

fail() { # NAME [WHAT CAME]
	checks=$((checks + 1)) failures=$((failures + 1))
	printf 'not ok %d - %s\n' "$checks" "$1"
	[ $# -lt 2 ] || note "$2"
}

ok() { # NAME COMMAND...: it ends with 0
	local name=$1
	shift
	if "$@" >"$T/.ok" 2>&1; then
		pass "$name"
	else
		fail "$name" "status $? of: $*"
		note <"$T/.ok"
	fi
}

is() { # GOT WANT NAME
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3" "expected: $2"
		note "came:     $1"
		[ -z "$err" ] || note "stderr:   $err"
	fi
}

like() { # GOT REGEX NAME: an extended one, somewhere in GOT
	if [[ $1 =~ $2 ]]; then
		pass "$3"
	else
		fail "$3" "expected: /$2/"
		note "came:     $1"
	fi
}

unlike() { # GOT REGEX NAME
	if [[ $1 =~ $2 ]]; then
		fail "$3" "expected no /$2/"
		note "came:     $1"
	else
		pass "$3"
	fi
}

skip() { # WHY NAME
	checks=$((checks + 1))
	printf 'ok %d - %s # SKIP %s\n' "$checks" "$2" "$1"
}

finish() { # the last line of every test
	printf '1..%d\n' "$checks"
	[ "$failures" -eq 0 ]
	exit
}

bail() { # WHY: nothing more can be tried here
	fail "$1"
	finish
}

# What the test cannot do without.  Missing is a skip on a person's machine,
# and a failure where CI is set.
need() { # PROGRAM...
	local missing='' p
	for p in "$@"; do
		command -v "$p" >/dev/null || missing="$missing $p"
	done
	[ -n "$missing" ] || return 0
	[ -z "${CI:-}" ] || bail "missing:$missing; \`make deps\` installs them"
	printf '1..0 # SKIP missing:%s\n' "$missing"
	exit 0
}

# ---- programs that end by themselves -------------------------------------------

# Leaves $status, $out and $err; the bytes are in $T/out and $T/err.  Reads
# the test's stdin: run … <file, or </dev/null.
run() { # COMMAND...
	timeout -k 2 "$DEADLINE" "$@" >"$T/out" 2>"$T/err"
	status=$?
	out=$(tr -d '\0' <"$T/out")
	err=$(tr -d '\0' <"$T/err")
}

json_lines() { # FILE NAME: every line of it is one JSON object
	local wrong
	wrong=$(jq -R 'try (fromjson | if type == "object" then empty
		else "no object" end) catch .' "$1" | head -3)
	is "$wrong" '' "$2"
}

# ---- programs in the background --------------------------------------------------

declare -A pids=() fds=()

# Its stdout is read by `await` and kept in $T/NAME.out, its stderr goes to
# $T/NAME.err, its stdin is $T/NAME.in where that exists.  A shell starts what
# is in the background with SIGINT ignored: env puts that right.
start() { # NAME COMMAND...
	local name=$1 fd in=/dev/null
	shift
	[ -e "$T/$name.in" ] && in=$T/$name.in
	exec {fd}< <(exec env --default-signal=INT,QUIT,PIPE "$@" \
		<"$in" 2>"$T/$name.err")
	pids[$name]=$!
	fds[$name]=$fd
	: >"$T/$name.out"
}

# Waits for a line of its stdout that matches, leaves it in $line.
await() { # NAME REGEX [SECONDS]
	while IFS= read -r -t "${3:-$DEADLINE}" -u "${fds[$1]}" line; do
		printf '%s\n' "$line" >>"$T/$1.out"
		[[ $line =~ $2 ]] && return 0
	done
	note "no line like /$2/ came from $1; its stderr:"
	note <"$T/$1.err"
	line=
	return 1
}

# Waits for its `ready` record, leaves $port, $address and $ca.
await_ready() { # NAME
	await "$1" '^(ready	|\{"type":"ready")' ||
		bail "$1 is not ready"
	case $line in
	'{'*)
		IFS=$'\t' read -r address port ca < <(jq -r \
			'[.address // "-", .port // "-", .ca_file // "-"] |
			@tsv' <<<"$line") ;;
	*) IFS=$'\t' read -r _ _ address port _ ca <<<"$line" ;;
	esac
	export address port ca
}

# Reads the rest of its stdout and waits for its end; leaves $status and $err.
await_end() { # NAME [SECONDS]
	local fd=${fds[$1]} pid=${pids[$1]} rest
	while IFS= read -r -t "${2:-$DEADLINE}" -u "$fd" rest; do
		printf '%s\n' "$rest" >>"$T/$1.out"
	done
	status=$?
	[ -z "$rest" ] || printf '%s' "$rest" >>"$T/$1.out"
	if [ "$status" -gt 128 ]; then
		note "$1 does not end: killed"
		kill -KILL "$pid" 2>/dev/null
	fi
	wait "$pid" 2>/dev/null
	status=$?
	exec {fd}<&-
	unset "pids[$1]" "fds[$1]"
	err=$(tr -d '\0' <"$T/$1.err")
}

stop() { # NAME [SIGNAL]: TERM unless told; leaves $status and $err
	kill "-${2:-TERM}" "${pids[$1]}" 2>/dev/null
	await_end "$1"
}

# ---- ports, and those who print no record ------------------------------------------

# For peers that cannot bind port 0 themselves: free for TCP and UDP a moment
# ago, and never given twice in one test.  It lies below those the kernel gives
# to outgoing connections, of which many are about, open or just closed.
declare -A given=()
free_port() { # [N]: leaves $port, the first of N (1) in a row
	local i
	while :; do
		port=$(perl -MIO::Socket::INET -e '
			open(my $f, "<", "/proc/sys/net/ipv4/ip_local_port_range");
			my $end = $f && <$f> =~ /^(\d+)/ ? $1 : 32768;
			for (1 .. 50) {
				my $p = 10000 + int rand($end - 10000 - $ARGV[0]);
				my @held = map { my $at = "127.0.0.1:$_";
					IO::Socket::INET->new(LocalAddr => $at,
						Listen => 1),
					IO::Socket::INET->new(LocalAddr => $at,
						Proto => "udp") }
					$p .. $p + $ARGV[0] - 1;
				next if grep(!defined, @held);
				print $p;
				last;
			}' "${1:-1}")
		[ -n "$port" ] || bail 'no free port'
		for ((i = 0; i < ${1:-1}; i++)); do
			[ -z "${given[$((port + i))]:-}" ] || continue 2
		done
		break
	done
	for ((i = 0; i < ${1:-1}; i++)); do
		given[$((port + i))]=1
	done
}

# Until somebody accepts connections on it.
await_port() { # PORT [SECONDS]
	perl -MIO::Socket::INET -MTime::HiRes=time -e '
		my ($port, $end) = ($ARGV[0], time + $ARGV[1]);
		until (IO::Socket::INET->new("127.0.0.1:$port")) {
			exit 1 if time > $end;
			select undef, undef, undef, 0.02;
		}' "$1" "${2:-$DEADLINE}"
}

# Until a file that somebody else writes has a line that matches.
await_line() { # FILE REGEX [SECONDS]
	perl -MTime::HiRes=time -e '
		my ($file, $regex, $end) = (@ARGV[0, 1], time + $ARGV[2]);
		sub has_line {
			open(my $f, "<", $file) or return 0;
			return grep(/$regex/, <$f>);
		}
		until (has_line()) {
			exit 1 if time > $end;
			select undef, undef, undef, 0.02;
		}' "$1" "$2" "${3:-$DEADLINE}"
}

# ---- the end ---------------------------------------------------------------------

# A command for what lies outside of $T.
at_end=

clean_up() {
	local name
	for name in "${!pids[@]}"; do
		kill -TERM "${pids[$name]}" 2>/dev/null
	done
	for name in "${!pids[@]}"; do
		await_end "$name" 3 >/dev/null
	done
	$at_end
	rm -rf "$T"
}
trap clean_up EXIT
trap 'exit 143' TERM INT HUP
