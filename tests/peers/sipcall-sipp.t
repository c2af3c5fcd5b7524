#!/bin/bash
# Calls with SIPp, by scenarios in which ACK, CSeq and tags are mandatory: it
# counts the call, and each RTP packet comes back to be counted here.
. "${TOP:-.}/tests/lib.sh" || exit 1
need sipp jq

scenarios=$TOP/tests/peers/sipp
tone make 440 2 >"$T/two.wav"

# In the background; one call, then it ends and writes its screen.
sipp_start() { # SCENARIO ADDRESS TRANSPORT [ARGUMENT...]
	local scenario=$1 address=$2 transport=$3
	shift 3
	free_port && sip_port=$port
	free_port && media_port=$port
	start sipp timeout -k 1 "$DEADLINE" sipp -sf "$scenarios/$scenario.xml" \
		-i "$address" -p "$sip_port" -mi "$address" -mp "$media_port" \
		-t "$transport" -m 1 -rtp_echo -nostdin -timeout "$DEADLINE" \
		-trace_screen -screen_file "$T/screen" \
		-trace_err -error_file "$T/errors" "$@"
}

count_of() { # WORDS: the last figure in that line of SIPp's screen
	grep -a "$1" "$T/screen" | tail -1 | grep -o '[0-9]\+' | tail -1
}

# As callee: until its port is bound, the kernel would say it is closed.  SIPp
# tries the port before it takes it, so once is not enough.
bound() {
	perl -MTime::HiRes=time -e '
		my ($hex, $end) = (sprintf(":%04X", $ARGV[0]), time + 10);
		my $seen = 0;
		while (time < $end) {
			my $now = 0;
			for my $f (map "/proc/net/$_", qw(udp udp6 tcp tcp6)) {
				open my $h, "<", $f or next;
				$now = 1 if grep { (split)[1] =~ /$hex$/ } <$h>;
			}
			exit 0 if $now && ++$seen > 10;
			$seen = 0 unless $now;
			select undef, undef, undef, 0.02;
		}
		exit 1' "$sip_port" || bail "sipp has not bound its port"
}

callee() { # ADDRESS URI-HOST TRANSPORT LETTERS
	rm -f "$T/screen" "$T/errors"
	sipp_start uas "$1" "$4"
	bound
	run sipcall -j --transport "$3" --audio-out "$T/echo.wav" \
		"sip:bob@$2:$sip_port" <"$T/two.wav"
	is "$status" 0 "$3 over $1: sipcall ends with 0"
	cp "$T/out" "$T/records"
	json_lines "$T/records" "$3 over $1: its records are JSON Lines"
	await_end sipp
	is "$status" 0 "$3 over $1: SIPp is content"
	is "$(count_of 'Successful call')" 1 "$3 over $1: SIPp counts one successful call"
	is "$(grep -a -c 'ACK  *1 ' "$T/screen")" 1 "$3 over $1: and an ACK"
	local back
	back=$(jq -r 'select(.type=="media").packets_received' "$T/records")
	ok "$3 over $1: 100 RTP packets (98 to 102) went and came back: $back" \
		test "${back:-0}" -ge 98 -a "${back:-0}" -le 102
	ok "$3 over $1: what comes back is the tone" tone check 440 <"$T/echo.wav"
}

callee 127.0.0.1 127.0.0.1 udp u1
callee 127.0.0.1 127.0.0.1 tcp t1
if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
	callee ::1 '[::1]' udp u1
else
	skip 'there is no IPv6 here' 'udp over ::1'
fi

# As caller.
caller() { # TRANSPORT LETTERS
	start answer sipanswer --listen 127.0.0.1:0 -c 1 -j --audio-out "$T/heard.wav"
	await_ready answer
	rm -f "$T/screen" "$T/errors"
	sipp_start uac 127.0.0.1 "$2" "127.0.0.1:$port"
	await_end sipp
	is "$status" 0 "$1: SIPp calls sipanswer, and is content"
	[ "$status" = 0 ] || note <"$T/errors"
	await_end answer
	is "$status" 0 "$1: sipanswer ends with 0"
	is "$(jq -r 'select(.state=="ended_by_peer").status_code' "$T/answer.out")" \
		200 "$1: and says who ended the call"
	is "$(jq -r 'select(.type=="media").codec' "$T/answer.out")" PCMA \
		"$1: the caller's first codec is taken"
}
caller udp u1
caller tcp t1

# A telephone that rings.
rm -f "$T/screen"
sipp_start ring 127.0.0.1 u1
bound
start call sipcall -j --audio-out /dev/null "sip:bob@127.0.0.1:$sip_port"
await call '"state":"ringing"'
stop call INT
is "$status" 130 'SIGINT while it rings: a shell sees 130'
await_end sipp
is "$status" 0 'and the far side has had CANCEL, and an ACK for its 487'

rm -f "$T/screen"
sipp_start ring 127.0.0.1 u1
bound
run sipcall -j --ring-timeout 0.3 --audio-out /dev/null \
	"sip:bob@127.0.0.1:$sip_port" </dev/null
is "$status" 6 'nobody picks up within --ring-timeout: 6'
like "$err" 'not answered within 0.3 s' 'and says so'
await_end sipp
is "$status" 0 'after a CANCEL'
finish
