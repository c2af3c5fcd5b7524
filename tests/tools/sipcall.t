#!/bin/bash
# sipcall and sipanswer: what they do with audio, with each other, and with
# far sides that are not there, silent, busy or gone.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq perl

tone make 440 1 >"$T/one.wav"

# ---- nobody there --------------------------------------------------------------

free_port
before=$(date +%s%N)
run sipcall --audio-out /dev/null "sip:bob@127.0.0.1:$port" <"$T/one.wav"
is "$status" 3 'a port where nobody listens: 3'
ok 'within a second, by ICMP' test $(($(date +%s%N) - before)) -lt 1000000000
like "$err" "^sipcall: sip:bob@127.0.0.1:$port: .*refused" 'and says who and what'
run sipcall --transport tcp --audio-out /dev/null "sip:bob@127.0.0.1:$port" </dev/null
is "$status" 3 'by TCP as well'

# A socket that is bound and says nothing.
cat >"$T/silent.pl" <<'P'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1:0");
$| = 1;
print "ready\t-\t127.0.0.1\t", $s->sockport, "\tudp\n";
while ($s->recv(my $m, 65536)) { $m =~ /^(\w+) / and print "$1\n" }
P
start silent perl "$T/silent.pl"
await_ready silent
run sipcall -w 0.5 --audio-out /dev/null "sip:bob@127.0.0.1:$port" </dev/null
is "$status" 6 'a silent far side: 6 at the deadline'
like "$err" '0.5 s' 'and says after how long'

await silent INVITE
start call sipcall --audio-out /dev/null -j "sip:bob@127.0.0.1:$port"
await silent INVITE
before=$(date +%s%N)
stop call INT
is "$status" 130 'SIGINT before anybody said anything: 130'
ok 'and it is gone within 2 s' test $(($(date +%s%N) - before)) -lt 2000000000
stop silent
unlike "$(cat "$T/silent.out")" 'CANCEL|BYE' 'without a CANCEL: there was no response yet'

# ---- with each other ---------------------------------------------------------------

start answer sipanswer --listen 127.0.0.1:0 -c 2 -j --audio-out "$T/heard.wav"
await_ready answer
sip=sip:bob@127.0.0.1:$port

run sipcall --codec PCMA -j --audio-out /dev/null "$sip" <"$T/one.wav"
is "$status" 0 'a call that was heard to its end: 0'
json_lines "$T/out" 'its records are JSON Lines'
is "$(jq -r 'select(.type=="call").state' "$T/out" | paste -sd' ')" \
	'ringing up ended' 'it rings, is up, and ends'
is "$(jq 'select(.type=="media") | [.codec, .packets_sent]' -c "$T/out")" \
	'["PCMA",50]' 'by the codec that was asked for, a packet each 20 ms'

start second sipcall --audio-out /dev/null -j "$sip"
await second '"state":"up"'
run sipcall -j --audio-out /dev/null "$sip" </dev/null
is "$status" 1 'who calls while it is busy: 1'
is "$(jq -r 'select(.state=="refused").status_code' "$T/out")" 486 '486, says the record'
like "$err" '486' 'and the sentence'

before=$(date +%s%N)
stop second INT
is "$status" 130 'SIGINT in mid-call: 130'
ok 'and it is gone within 2 s' test $(($(date +%s%N) - before)) -lt 2000000000
await_end answer
is "$status" 0 'sipanswer ends after two calls'
is "$(jq -r 'select(.state=="ended_by_peer").state' "$T/answer.out" | wc -l)" 2 \
	'to whom both callers said BYE'
ok 'what it wrote is the tone' tone check 440 <"$T/heard.wav"

# From the other side: its input ends, and so does the call.
cp "$T/one.wav" "$T/answer.in"
start answer sipanswer --listen 127.0.0.1:0 -c 1 -j --audio-out /dev/null
await_ready answer
run sipcall "sip:127.0.0.1:$port" </dev/null
is "$status" 0 'a call without input lasts until the far side ends it'
ok 'and standard output has what was said there, as WAV' tone check 440 <"$T/out"
await_end answer
is "$status" 0 'sipanswer has played to the end of its input'
rm "$T/answer.in"

# SIGTERM at the side that was called.
start answer sipanswer --listen 127.0.0.1:0 -j --audio-out /dev/null
await_ready answer
start call sipcall -j --audio-out /dev/null "sip:127.0.0.1:$port"
await call '"state":"up"'
stop answer TERM
is "$status" 143 'SIGTERM at sipanswer: a shell sees 143'
await_end call
is "$status" 0 'and its caller has had a BYE'
like "$(cat "$T/call.out")" '"state":"ended_by_peer"' 'as its record says'

# ---- audio --------------------------------------------------------------------------

answering() {
	start answer sipanswer --listen 127.0.0.1:0 -c 1 -j --audio-out "$T/heard.wav"
	await_ready answer
	sip=sip:127.0.0.1:$port
}

answering
tone make 700 1 | tail -c +45 >"$T/bare"
run sipcall --raw s16le/8000 --audio-out /dev/null "$sip" <"$T/bare"
is "$status" 0 'bare samples with --raw'
await_end answer
ok 'are heard' tone check 700 <"$T/heard.wav"

answering
run sipcall --raw-out "$sip" <"$T/one.wav"
is "$status" 0 '--raw-out'
unlike "$(head -c 4 "$T/out" | tr -d "\\0")" RIFF 'writes no header'
await_end answer

answering
echo 'this is no audio at all, but a sentence' >"$T/text"
run sipcall --audio-out /dev/null "$sip" <"$T/text"
is "$status" 7 'an input that is no audio: 7'
like "$err" 'WAV' 'and says what it should be'
stop answer

answering
start call sipcall -j --audio-out "$T/killed.wav" --duration 5 "$sip"
await call '"state":"up"'
kill -KILL "${pids[call]}"
await_end call
# shellcheck disable=SC2016
ok 'after a kill what was written is a WAV of its own size' perl -e '
	open my $f, "<:raw", $ARGV[0] or exit 1;
	read $f, my $h, 44;
	my ($riff, $size, $wave) = unpack "a4 V a4", $h;
	my $data = unpack "V", substr $h, 40;
	exit !($riff eq "RIFF" && $wave eq "WAVE" && $data <= (-s $f) - 44);
' "$T/killed.wav"
stop answer

if [ -w /dev/full ]; then
	start answer sipanswer --listen 127.0.0.1:0 -c 1 -j --audio-out /dev/null
	await_ready answer
	(sipcall --duration 5 "sip:127.0.0.1:$port" </dev/null >/dev/full 2>"$T/err")
	is $? 8 'audio to a full disk: 8'
	await_end answer
	like "$(cat "$T/answer.out")" '"state":"ended_by_peer"' 'and the far side gets its BYE'
fi

start answer sipanswer --listen 127.0.0.1:0 -c 1 -j --audio-out /dev/null
await_ready answer
tone make 440 5 | timeout 10 sipcall "sip:127.0.0.1:$port" 2>"$T/err" | head -c 1000 >/dev/null
# shellcheck disable=SC2319
is "${PIPESTATUS[1]} $(cat "$T/err")" '0 ' 'a reader that leaves is a polite end'
await_end answer
like "$(cat "$T/answer.out")" '"state":"ended_by_peer"' 'with a BYE'

# ---- the command line -----------------------------------------------------------------

run sipcall --codec G729 sip:bob@127.0.0.1 </dev/null
is "$status" 2 'a codec that is not there is refused'
like "$err" 'G729' 'by name'
run sipcall 'not a uri' </dev/null
is "$status" 2 'what is no URI is refused'
run sipcall http://example.org/ </dev/null
is "$status" 2 'and another scheme'
run sipcall sip:bob@no-such-host.invalid </dev/null
is "$status" 3 'a host that does not exist: 3'
finish
