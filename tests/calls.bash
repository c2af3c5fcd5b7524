# shellcheck shell=bash disable=SC2034,SC2154
# tests/calls.bash - what the tests of sipcall and sipanswer share
#
#	answering -c 1
#	run sipcall -j --audio-out /dev/null "$sip" <"$T/half.wav"
#	await_end answer

answering() { # OPTION...: a sipanswer; leaves $port and $sip
	start answer sipanswer --listen 127.0.0.1:0 -j \
		--audio-out "$T/heard.wav" "$@"
	await_ready answer
	sip=sip:bob@127.0.0.1:$port
}

now() { date +%s%3N; } # ms

within() { # WHAT LEAST MOST NAME
	if [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; then
		pass "$4"
	else
		fail "$4" "expected $2 to $3, came $1"
	fi
}

cat >"$T/far.pl" <<'P'
# far.pl CODE [FIELD...]: answers INVITE with that, 0: nothing at all
use IO::Socket::INET;
my ($code, @more) = @ARGV;
my $s = IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1:0");
$| = 1;
print "ready\t-\t127.0.0.1\t", $s->sockport, "\tudp\n";
while (my $from = $s->recv(my $m, 65536)) {
	my ($method) = $m =~ /^(\w+) /;
	print "$method\n";
	next if $method eq "ACK" || !$code;
	my $h = join "", grep /^(Via|From|To|Call-ID|CSeq):/i, $m =~ /(.*?\r\n)/g;
	$h =~ s/^(To:[^\r]*)/$1;tag=x/m;
	my $c = $method eq "INVITE" ? $code : 200;
	$s->send("SIP/2.0 $c Said So\r\n$h" . join("", map "$_\r\n", @more)
		. "Content-Length: 0\r\n\r\n", 0, $from);
}
P
far() { # CODE [FIELD...]: somebody who refuses; leaves $port and $sip
	start far perl "$T/far.pl" "$@"
	await_ready far
	sip=sip:bob@127.0.0.1:$port
}
