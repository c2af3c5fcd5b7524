#!/bin/bash
# Calls with baresip, each side calling the other: what one says is in what the
# other heard, and either may hold and hang up.  It plays a file and keeps what
# it decodes in another; it needs no sound card.
. "${TOP:-.}/tests/lib.sh" || exit 1
need baresip jq perl

tone make 440 3 >"$T/ours.wav"
tone make 700 30 >"$T/theirs.wav"
modules=$(dirname "$(find /usr/lib /usr/local/lib -name aufile.so -path '*baresip*' \
	2>/dev/null | head -1)")
[ -e "$modules/sndfile.so" ] || bail "baresip's modules are not found"
mkdir "$T/baresip" "$T/dump"
# It takes the port behind that of SIP as well.
baresip_start() { # ANSWERMODE
	free_port 2 && sip_port=$port
	free_port && control=$port
	cat >"$T/baresip/config" <<-C
		poll_method epoll
		net_interface 127.0.0.1
		sip_listen 127.0.0.1:$sip_port
		audio_player aubridge,nowhere
		audio_source aufile,$T/theirs.wav
		audio_alert aubridge,nowhere
		ausrc_srate 8000
		auplay_srate 8000
		ausrc_channels 1
		auplay_channels 1
		module_path $modules
		module g711.so
		module aufile.so
		module aubridge.so
		module sndfile.so
		module_tmp account.so
		module_app menu.so
		module_app ctrl_tcp.so
		ctrl_tcp_listen 127.0.0.1:$control
		snd_path $T/dump
	C
	echo "<sip:bob@127.0.0.1:$sip_port>;regint=0;answermode=$1" \
		>"$T/baresip/accounts"
	: >"$T/baresip/contacts"
	start baresip sh -c "exec stdbuf -oL -eL baresip -4 -f $T/baresip 2>&1"
	await baresip '^baresip is ready' && await_port "$control" && return
	note <"$T/baresip.out"
	bail 'baresip does not start'
}
baresip_start auto

# Its events and answers are JSON in netstrings, and so are its commands.
cat >"$T/control.pl" <<'P'
use IO::Socket::INET;
my ($port, $command, $params) = @ARGV;
my $s = IO::Socket::INET->new("127.0.0.1:$port") or die;
my $json = qq({"command":"$command","params":"$params"});
print $s length($json), ":$json,";
$s->flush;
my $got = "";
while (sysread $s, $got, 4096, length $got) {
	exit 0 if $got =~ /"response":true,"ok":true/;
	exit 1 if $got =~ /"response":true/;
}
exit 1;
P
command() { # COMMAND [PARAMS]
	timeout 5 perl "$T/control.pl" "$control" "$1" "${2:-}"
}

heard() { # FREQUENCY NAME: what baresip has decoded in its last call
	local file
	file=$(find "$T/dump" -name '*dec.wav' | sort | tail -1)
	ok "$2" tone check "$1" <"$file"
	rm -f "$T"/dump/*
}

packets() { # FILE DIRECTION
	jq "select(.type==\"media\").packets_$2" "$1"
}

# ---- baresip is called -------------------------------------------------------------

called() { # NAME OPTION...
	local name=$1
	shift
	run sipcall -j --audio-out "$T/heard.wav" "$@" <"$T/ours.wav"
	is "$status" 0 "$name: sipcall calls baresip and ends with 0"
	is "$(jq -r 'select(.type=="call").state' "$T/out" | tail -1)" ended \
		'its input ended, and so did the call'
	ok 'and heard what baresip plays' tone check 700 <"$T/heard.wav"
	is "$(packets "$T/out" sent)" 150 'it sent a packet each 20 ms'
	await baresip 'terminated \(duration'
	pass 'baresip has had the BYE'
	heard 440 'and heard us'
}
called PCMU --codec PCMU "sip:bob@127.0.0.1:$sip_port"
called PCMA --codec PCMA "sip:bob@127.0.0.1:$sip_port"
called TCP --transport tcp "sip:bob@127.0.0.1:$sip_port"

# ---- it holds, resumes, and hangs up -------------------------------------------------

start call sipcall -j -vv --audio-out "$T/heard.wav" "sip:bob@127.0.0.1:$sip_port"
await call '"state":"up"'
await baresip 'Call established'
await_bytes() { # FILE MORE: until it has grown by that
	perl -e 'my $end = (-s $ARGV[0]) + $ARGV[1];
		for (1 .. 500) { exit 0 if -s $ARGV[0] >= $end;
			select undef, undef, undef, 0.02 }
		exit 1' "$1" "$2"
}
ok 'what it plays comes' await_bytes "$T/heard.wav" 16000
ok 'baresip holds the call by a re-INVITE' command hold
# baresip 1.1.0 does it, and answers that there was no other call to hold.
command resume
ok 'resumes it, and what it plays comes again' await_bytes "$T/heard.wav" 8000
ok 'baresip hangs up' command hangup
await_end call
is "$status" 0 'sipcall ends with 0'
is "$(jq -r 'select(.type=="call").state' "$T/call.out" | tail -1)" ended_by_peer \
	'and says who ended the call'
like "$err" 'a=sendonly|a=inactive' 'it was indeed on hold'
like "$err" 'a=recvonly|a=inactive' 'and we agreed'
is "$(grep -oE 'a=(sendrecv|sendonly|recvonly|inactive)' <<<"$err" | tail -1)" \
	a=sendrecv 'until it was resumed'
ok 'it heard the tone' tone check 700 <"$T/heard.wav"
rm -f "$T"/dump/*

# ---- baresip calls -------------------------------------------------------------------

answering() {
	start answer sipanswer --listen 127.0.0.1:0 -c 1 -j \
		--audio-out "$T/heard.wav"
	await_ready answer
}

cp "$T/ours.wav" "$T/answer.in"
answering
ok 'baresip calls sipanswer' command dial "sip:us@127.0.0.1:$port"
await answer '"state":"up"'
await_end answer
is "$status" 0 'whose input ends, and with it the call'
is "$(jq -r 'select(.type=="call").state' "$T/answer.out" | tail -1)" ended \
	'by our BYE'
ok 'what baresip played was heard' tone check 700 <"$T/heard.wav"
await baresip 'terminated \(duration'
heard 440 'and baresip heard us'

rm "$T/answer.in"
answering
ok 'it calls again' command dial "sip:us@127.0.0.1:$port;transport=tcp"
await answer '"state":"up"'
ok 'and is heard' await_bytes "$T/heard.wav" 16000
ok 'and hangs up' command hangup
await_end answer
is "$status" 0 'sipanswer ends with 0'
is "$(jq -r 'select(.type=="call").state' "$T/answer.out" | tail -1)" ended_by_peer \
	'by its BYE'
ok 'what it played is the tone' tone check 700 <"$T/heard.wav"

# ---- it is busy with nobody ------------------------------------------------------------

stop baresip
baresip_start manual
start call sipcall -j --audio-out /dev/null "sip:bob@127.0.0.1:$sip_port"
await call '"state":"ringing"'
stop call INT
is "$status" 130 'SIGINT while baresip rings: 130'
await baresip '(canceled|cancelled|terminated|closed)'
pass 'and it rings no more'
start call sipcall -j --audio-out /dev/null "sip:bob@127.0.0.1:$sip_port"
await call '"state":"ringing"'
ok 'baresip declines' command hangup
await_end call
is "$status" 1 'which is status 1'
like "$(cat "$T/call.out")" '"status_code":(486|603)' 'and its code is in the record'
stop baresip
finish
