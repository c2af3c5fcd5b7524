#!/bin/bash
# shellcheck disable=SC2016 # programs of awk and perl
# sipping beside SIPp and sofia's sip-options: 10,000 OPTIONS with 100 of them
# outstanding, and one from start to exit.
#
#	tests/bench/sipping.sh [REQUESTS [ROUNDS]]
#
# Who answers is the same for both, on loopback.  Command lines are printed,
# then lines of "what figure": the rate is by the wall clock, the processor
# time user and system, the median of the rounds; the runs are made in turn.  A peer that is missing is left out.
BUILD=${BUILD:-build}
requests=${1:-10000} rounds=${2:-5}
command -v sipp >/dev/null || { echo 'sipp is not installed'; exit 0; }
T=$(mktemp -d) || exit 1
trap 'kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$T"' EXIT

cat >"$T/server.xml" <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<scenario name="answers OPTIONS">
<recv request="OPTIONS"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
</scenario>
END
# The same fields as sipping's.
cat >"$T/client.xml" <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<scenario name="sends OPTIONS">
<send retrans="500"><![CDATA[
OPTIONS sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
Max-Forwards: 70
From: <sip:sipping@[local_ip]>;tag=[call_number]
To: <sip:[remote_ip]>
Call-ID: [call_id]
CSeq: 1 OPTIONS
Contact: <sip:sipping@[local_ip]:[local_port]>
User-Agent: sipp
Accept: application/sdp
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
END

port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
	LocalAddr => "127.0.0.1", Proto => "udp")->sockport')
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
peer=$PWD/tests/mock/sip-peer
cd "$T" || exit 1
sipp -sf server.xml -i 127.0.0.1 -p "$port" -nostdin >/dev/null 2>&1 &
server=$!
uri=sip:127.0.0.1:$port
until "$BUILD/sipping" -c 1 -w 1 "$uri" >/dev/null 2>&1; do
	kill -0 "$server" || exit 1
done

ours=("$BUILD/sipping" -q --flood --outstanding 100 -c "$requests" -W 5 "$uri")
theirs=(sipp -sf client.xml -i 127.0.0.1 -m "$requests" -l 100 -r "$requests"
	-rp 100 -nostdin "127.0.0.1:$port")
TIMEFORMAT='%R %U %S'
measure() { # NAME COMMAND...: a line of wall, user, system into $T/NAME
	local name=$1
	shift
	if { time "$@" >/dev/null 2>"$T/err"; } 2>"$T/times"; then
		cat "$T/times" >>"$T/$name"
	else # SIPp gives a call up whose packets were lost
		echo "a run of $name did not get all its answers: left out"
	fi
}
median() { # NAME EXPRESSION
	awk "{ print $2 }" "$T/$1" | sort -n | awk '{ a[NR] = $1 }
		END { print a[int((NR + 1) / 2)] }'
}
ratio() { awk -v n="$1" -v a="$2" -v b="$3" 'BEGIN {
	if (b > 0) printf "%s %.2f\n", n, a / b }'; }

echo "${ours[*]}"
echo "${theirs[*]}"
touch "$T/sipping" "$T/sipp"
for ((i = 0; i < rounds; i++)); do
	measure sipping "${ours[@]}"
	measure sipp "${theirs[@]}"
done
declare -A wall cpu
for name in sipping sipp; do
	wall[$name]=$(median $name '$1') cpu[$name]=$(median $name '$2 + $3')
	[ -n "${wall[$name]}" ] || exit 1
	awk -v n=$name -v r="$requests" -v w="${wall[$name]}" \
		-v c="${cpu[$name]}" 'BEGIN {
		printf "%s_per_second %.0f\n%s_cpu_s %.2f\n", n, r / w, n, c }'
done
ratio rate_to_sipp "${wall[sipp]}" "${wall[sipping]}"
ratio cpu_to_sipp "${cpu[sipping]}" "${cpu[sipp]}"

# ---- one, from start to exit: SIPp's answers take 10 ms, so another server ----

kill "$server"
wait "$server" 2>/dev/null
command -v sip-options >/dev/null || {
	echo 'sip-options is not installed'
	exit 0
}
"$peer" 200 >"$T/peer" &
server=$!
until [ -s "$T/peer" ]; do kill -0 "$server" || exit 1; done
uri=sip:127.0.0.1:$(cut -f4 "$T/peer")
echo "$BUILD/sipping -c 1 $uri"
echo "sip-options $uri"
perl -MTime::HiRes=time -e '
	my @commands = map { [split / /] } @ARGV;
	my @ms;
	for (1 .. 50) {
		for my $i (0, 1) {
			my $from = time;
			if (!fork) {
				open STDOUT, ">", "/dev/null";
				open STDERR, ">", "/dev/null";
				exec @{ $commands[$i] };
			}
			wait;
			push @{ $ms[$i] }, 1000 * (time - $from);
		}
	}
	my ($ours, $theirs) = map { (sort { $a <=> $b } @$_)[25] } @ms;
	printf "sipping_once_ms %.2f\nsip_options_once_ms %.2f\n" .
		"once_to_sip_options %.2f\n", $ours, $theirs, $ours / $theirs;
' "$BUILD/sipping -c 1 $uri" "sip-options $uri"
