#!/bin/bash
# sipcall and sipanswer and those far away: floods, other addresses, dead ones,
# refusals that say more, and what is refused here.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/calls.bash"
need jq perl

tone make 440 0.5 >"$T/half.wav"

# ---- others who send to the media port ------------------------------------------

cat >"$T/flood.pl" <<'P'
use IO::Socket::INET;
my ($port, $count) = @ARGV;
my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1:$port");
srand 1;
for my $n (1 .. $count) {
	my $header = pack "CCnNN", 0x80, 0, $n & 0xffff, $n * 160, 99;
	$s->send(($header . "\x20" x 160, join("", map chr rand 256, 0 .. rand 99),
		"", substr($header, 0, 7), "\xbf" . substr($header, 1),
		$header . "x" x 2000)[$n % 6]);
	select undef, undef, undef, 0.005 unless $n % 50;
}
P
answering -c 1
start call sipcall -j --audio-out "$T/ours.wav" --stay --duration 3 "$sip"
await call '"state":"up"'
# Linux shows the ports of a process that is ours to look at.
ports=$(perl -e '
	my %mine = map { (readlink =~ /socket:\[(\d+)\]/)[0] || 0, 1 } glob "/proc/$ARGV[0]/fd/*";
	for (split /\n/, `cat /proc/net/udp`) {
		my @f = split;
		print hex $1, "\n" if $mine{$f[9] || ""} &&
			$f[1] =~ /^0100007F:(.*)/;
	}' "${pids[call]}")
is "$(wc -w <<<"$ports")" 1 'its media port is found'
ok 'a flood of RTP of others, of garbage and of nothing' perl "$T/flood.pl" "$ports" 20000
await_end call
is "$status" 0 'does not end the call'
within "$(jq 'select(.type=="media") | .packets_lost' "$T/call.out")" 0 5 \
	'nor lose more than a few packets'
within "$(jq 'select(.type=="media") | .packets_sent' "$T/call.out")" 148 152 \
	'nor delay one'
is "$(tone check 440 <"$T/ours.wav" | cut -d' ' -f2)" 0.0 'nor is it heard'
await_end answer

# ---- other addresses ----------------------------------------------------------

answering -c 3
run sipcall -j --advertise 198.51.100.7 --audio-out /dev/null "$sip" <"$T/half.wav"
is "$status" 0 'behind a NAT: --advertise'
like "$(jq -r 'select(.type=="media").src' "$T/out")" '^198\.51\.100\.7:' \
	'the address is described'
is "$(jq -r 'select(.type=="media") | .packets_received > 20' "$T/out")" true \
	'and what comes to the real one is heard'
run sipcall -j --local 127.0.0.3 --audio-out /dev/null "$sip" <"$T/half.wav"
is "$status" 0 '--local'
like "$(jq -r 'select(.type=="media").src' "$T/out")" '^127\.0\.0\.3:' \
	'is the address that is spoken from'
run sipcall -j --transport tcp --audio-out /dev/null "$sip" <"$T/half.wav"
is "$status" 0 '--transport tcp'
await_end answer
ok 'all three are heard' tone check 440 <"$T/heard.wav"

if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
	start answer sipanswer --listen '[::1]:0' -c 1 -j --audio-out "$T/heard.wav"
	await_ready answer
	run sipcall -j -6 --audio-out /dev/null "sip:bob@[::1]:$port" <"$T/half.wav"
	is "$status" 0 'IPv6'
	like "$(jq -r 'select(.type=="media").src' "$T/out")" '^\[::1\]:' 'all the way'
	await_end answer
	ok 'is heard as well' tone check 440 <"$T/heard.wav"
else
	skip 'there is no IPv6 here' IPv6
fi

answering
cat >"$T/zone" <<Z
dead.example A 127.0.0.9
dead.example A 127.0.0.1
both.example AAAA ::1
both.example A 127.0.0.1
_sip._udp.srv.example SRV 0 0 9 dead.example
_sip._udp.srv.example SRV 1 0 $port both.example
Z
start dns dns -l 127.0.0.1 "$T/zone"
await dns '^[0-9]'
nameserver=$line
for uri in "dead.example:$port" "both.example:$port" \
	"dead.example:$port;transport=tcp" "both.example:$port;transport=tcp" \
	srv.example; do
	before=$(now)
	run sipcall --resolver "$nameserver" --duration 0.1 \
		--audio-out /dev/null "sip:bob@$uri" </dev/null
	is "$status" 0 "$uri: its second address is called"
	within $(($(now) - before)) 0 2000 'without much ado'
done
run sipcall -j --connect-to "nowhere.example:5060:127.0.0.1:$port" \
	--audio-out /dev/null sip:bob@nowhere.example <"$T/half.wav"
is "$status" 0 '--connect-to: a name is called without being looked up'
is "$(jq -r 'select(.state=="up").to' "$T/out")" sip:bob@nowhere.example \
	'and stays who is called'
run sipcall --connect-to nowhere.example:5060 --audio-out /dev/null \
	sip:bob@nowhere.example </dev/null
is "$status" 2 'half a --connect-to is refused'
stop answer
stop dns

# ---- refusals that say where or how else ---------------------------------------

refused() { # STATUS SENTENCE CODE FIELD...
	local want=$1 sentence=$2
	shift 2
	far "$@"
	run sipcall -j --audio-out /dev/null "$sip" </dev/null
	is "$status" "$want" "$1: $want"
	like "$err" "$sentence" 'in a sentence'
	is "$(jq .status_code "$T/out")" "$1" 'and in its record'
	stop far
	unlike "$(sed 1d "$T/far.out" | sort | uniq -c | paste -sd' ')" '2 INVITE|CANCEL|BYE' \
		'it is asked once'
}
refused 5 'asks for a password, and there is none' 401 \
	'WWW-Authenticate: Digest realm="r", nonce="n"'
refused 5 'asks for a password, and there is none' 407 \
	'Proxy-Authenticate: Digest realm="r", nonce="n"'
refused 1 'call sip:c@198.51.100.1 or sip:d@example.org instead' 302 \
	'Contact: "C" <sip:c@198.51.100.1>;q=1, <sip:d@example.org>'
refused 1 '302 Said So' 302

# ---- what is not there yet is refused, never ignored ----------------------------

for uri in "sip:b@h?Subject=x" "sip:b@h;method=BYE" \
	"sip:b@h;transport=sctp" "sip:b@h;transport=pigeon" tel:+4612345 sip: bob; do
	run sipcall --audio-out /dev/null "$uri" </dev/null
	is "$status" 2 "$uri is refused"
	like "$err" "^sipcall: ${uri//[?+]/.}: ." 'with a sentence'
done
run sipcall --proxy "sip:p;transport=sctp" --audio-out /dev/null sip:b@h </dev/null
is "$status" 2 'and so is such a proxy'
finish
