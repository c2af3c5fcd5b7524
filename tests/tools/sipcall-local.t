#!/bin/bash
# sipcall and sipanswer and those around them: how long a call lasts, slow and
# stalled pipes, full disks, signals, too few descriptors.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/calls.bash"
need jq perl

tone make 440 2 >"$T/two.wav"
tone make 440 0.5 >"$T/half.wav"

# Of the last call the answering side had, once it has ended.
their() { # FILTER
	jq -s -r "map(select(.type == \"call\" or .type == \"media\")) |
		reduce .[] as \$r ({}; . * \$r) | $1" "$T/answer.out"
}

# ---- how long a call lasts -------------------------------------------------------

answering -c 4
run sipcall -j --duration 0.5 --audio-out /dev/null "$sip" <"$T/two.wav"
is "$status" 0 '--duration: 0'
within "$(jq 'select(.state=="ended").duration_ms | floor' "$T/out")" 450 700 \
	'and the call is as long as it says'
run sipcall -j --max-duration 0.5 --audio-out /dev/null "$sip" <"$T/two.wav"
is "$status" 0 '--max-duration: 0'
within "$(jq 'select(.state=="ended").duration_ms | floor' "$T/out")" 450 700 \
	'and the call is no longer'
run sipcall -j --stay --duration 1.2 --audio-out /dev/null "$sip" <"$T/half.wav"
is "$status" 0 '--stay: 0'
within "$(jq 'select(.state=="ended").duration_ms | floor' "$T/out")" 1150 1400 \
	'and the call goes on after the input'
run sipcall -j -w 0.7 --audio-out /dev/null "$sip" <"$T/two.wav"
is "$status" 6 'a call that -w cuts off: 6'
like "$err" 'not over within 0.7 s' 'and says so'
await_end answer
is "$(jq -r 'select(.state=="ended_by_peer").state' "$T/answer.out" | wc -l)" 4 \
	'each with a BYE'
for wrong in --duration --max-duration --ring-timeout; do
	run sipcall "$wrong" 0 --audio-out /dev/null "$sip" </dev/null
	is "$status" 2 "$wrong of nothing is refused"
done

run sipanswer --listen 127.0.0.1:0 --for 0.3 -j --audio-out /dev/null
is "$status" 0 'sipanswer --for: 0'
run sipanswer --listen 127.0.0.1:0 -w 0.3 -c 1 -j --audio-out /dev/null
is "$status" 6 'sipanswer -c 1, and nobody calls before its deadline: 6'
like "$err" 'not all calls came within 0.3 s' 'and says so'

# ---- pipes that are slow, stalled, or not there ----------------------------------------

answering -c 1
before=$(now)
# half as fast as it is to be heard
perl -e '$| = 1; open my $f, "<:raw", $ARGV[0];
	while (read $f, my $b, 1600) { print $b; select undef, undef, undef, 0.2 }' \
	"$T/two.wav" | sipcall -j --audio-out /dev/null "$sip" >"$T/out"
within $(($(now) - before)) 3800 6000 'an input slower than it is heard is waited for'
await_end answer
is "$(their .packets_lost)" 0 'meanwhile silence is sent'
within "$(their '.duration_ms / 20 - .packets_received | fabs | floor')" 0 10 \
	'a packet each 20 ms'
ok 'and all of it is heard' tone check 440 <"$T/heard.wav"

# A reader that opens a pipe of one page, and reads only when it is told.
mkfifo "$T/slow"
cat >"$T/reader.pl" <<'P'
use Fcntl;
my $go = 0;
$SIG{USR1} = sub { $go = 1 };
sysopen my $f, $ARGV[0], O_RDONLY | O_NONBLOCK or die;
fcntl $f, 1031, 4096; # F_SETPIPE_SZ
$| = 1;
print "ready\t-\t-\t0\t-\n";
select undef, undef, undef, 0.02 until $go;
fcntl $f, F_SETFL, 0;
open my $out, ">:raw", $ARGV[1] or die;
while (sysread $f, my $b, 65536) { print $out $b }
P
start reader perl "$T/reader.pl" "$T/slow" "$T/late.wav"
await_ready reader
cp "$T/two.wav" "$T/answer.in"
answering -c 1
rm "$T/answer.in"
sipcall --duration 1.5 "$sip" </dev/null >"$T/slow" 2>"$T/err" &
call=$!
await_end answer
is "$(their .state)" ended_by_peer 'while nobody reads stdout, the far side has its BYE'
within "$(their '.duration_ms | floor')" 1400 1800 'in time'
within "$(their .packets_received)" 73 77 'and all its RTP'
kill -USR1 "${pids[reader]}"
wait "$call"
is $? 0 'then what was heard is written, and it ends with 0'
await_end reader
ok 'and nothing of it was lost' tone check 440 <"$T/late.wav"
within "$(stat -c %s "$T/late.wav")" 22000 26000 'as long as the call was'

start reader perl "$T/reader.pl" "$T/slow" "$T/late.wav"
await_ready reader
answering -c 1
env --default-signal=INT sipcall --duration 1 "$sip" </dev/null >"$T/slow" 2>"$T/err" &
call=$!
await_end answer
before=$(now)
kill -TERM "$call"
wait "$call"
is $? 143 'SIGTERM while only the reader is waited for: 143'
within $(($(now) - before)) 0 2000 'within 2 s'
stop reader

answering
rm "$T/slow" && mkfifo "$T/slow"
start call sipcall -j --audio-out "$T/slow" "$sip"
sleep_until_blocked() { # it is in the wait for a reader
	local i
	for ((i = 0; i < 100; i++)); do
		[ "$(cut -d' ' -f3 "/proc/$1/stat")" = S ] && return
	done
}
sleep_until_blocked "${pids[call]}"
before=$(now)
stop call TERM
is "$status" 143 'SIGTERM while a FIFO has no reader: 143'
within $(($(now) - before)) 0 2000 'within 2 s'
start call sipcall -j --duration 0.5 --audio-out "$T/slow" "$sip"
cat "$T/slow" >"$T/fifo.wav"
await_end call
is "$status" 0 'a FIFO whose reader comes late is waited for'
within "$(stat -c %s "$T/fifo.wav")" 6000 11000 'and gets the audio'

start call sipcall -j --audio-out /dev/full "$sip"
await_end call
is "$status" 8 '--audio-out to a full disk: 8, at once'
like "$(cat "$T/call.out")" '"state":"(ended|cancelled)"' 'after a farewell'

start call sipcall -j --audio-out "$T/killed.wav" "$sip"
await call '"state":"up"'
perl -e 'select undef, undef, undef, 0.05 until -s $ARGV[0] > 40000' "$T/killed.wav"
kill -KILL "${pids[call]}"
await_end call
within "$(perl -e 'open my $f, "<:raw", $ARGV[0]; read $f, my $h, 44;
	print unpack "V", substr $h, 40' "$T/killed.wav")" 16000 40100 \
	'a kill leaves a WAV whose header is at most a second behind'
stop answer

# ---- signals -----------------------------------------------------------------------------

answering -c 1
start call sipcall -j --audio-out /dev/null "$sip"
await call '"state":"up"'
stop call HUP
is "$status" 129 'SIGHUP in a call: 129'
await_end answer
is "$(their .state)" ended_by_peer 'with a BYE'

far 0
start call sipcall -j --audio-out /dev/null "$sip"
await far INVITE
kill -INT "${pids[call]}"
before=$(now)
stop call INT
is "$status" 130 'a second signal ends it at once: 130'
within $(($(now) - before)) 0 1200 'without waiting for anybody'

echo 'this is no audio' >"$T/text"
run sipcall --audio-out /dev/null "$sip" <"$T/text"
is "$status" 7 'a file that is no audio: 7'
stop far
is "$(grep -c INVITE "$T/far.out")" 1 'and nobody has been called with it'

# ---- descriptors -------------------------------------------------------------------------------

# Nor can a sanitizer do without them.
if nm "$BUILD/sipcall" 2>/dev/null | grep -q __asan_init; then
	skip 'sanitized' 'too few descriptors'
	finish
fi
answering
for n in 5 6 7 8 9 10 11 12 13; do
	# shellcheck disable=SC2016 # for the shell within
	run bash -c 'ulimit -n "$1" && exec sipcall --duration 0.1 \
		--audio-out /dev/null "$2"' - "$n" "$sip" </dev/null
	if [ "$status" = 0 ]; then
		pass "with $n descriptors: 0"
	else
		is "$status" 8 "with $n descriptors: 8"
		like "$err" 'Too many open files' 'and says why'
	fi
done
stop answer

finish
