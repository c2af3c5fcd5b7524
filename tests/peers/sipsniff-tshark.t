#!/bin/bash
# sipsniff and tshark see the same SIP in the same captures: SIPp's calls by
# IPv4 and IPv6, and those in every form that networks give them.
. "${TOP:-.}/tests/lib.sh" || exit 1
need tshark jq sipp perl

# tshark finds SIP by its port only; the ports are told to it.
ports=(-d "udp.port==5070,sip" -d "tcp.port==40000,sip")

# One line a message: frame number of the first, then what identifies it.
by_tshark() { # FILE
	tshark -r "$1" "${ports[@]}" -Y sip -T fields -E separator=/t \
		-E occurrence=a -E aggregator=\; \
		-e ip.src -e ipv6.src -e udp.srcport -e tcp.srcport \
		-e sip.Method -e sip.Status-Code -e sip.Call-ID -e sip.CSeq \
		-e sip.Content-Length 2>"$T/tshark.err"
}

# tshark puts several messages of one segment into one line, with ; between.
as_lines() {
	perl -F'\t' -lane '
		my @f = map { [split /;/, $_, -1] } @F, ("") x (9 - @F);
		my $n = @{$f[6]} || 1;
		for my $i (0 .. $n - 1) {
			my ($v4, $v6, $u, $t) = map { $f[$_][0] // "" } 0 .. 3;
			print join "\t", ($v4 ne "" ? $v4 : $v6),
				($u ne "" ? $u : $t),
				map { $f[$_][$i] // "" } 4 .. 8;
		}'
}

by_sipsniff() { # FILE
	sipsniff -j -r "$1" 2>"$T/sipsniff.err" | jq -r '
		(.src | capture("^\\[?(?<host>.*?)\\]?:(?<port>[0-9]+)$")) as $s |
		[$s.host, $s.port, .method // "", .status_code // "",
		.call_id, .cseq, .body_length] | @tsv'
}

agree() { # FILE WANTED NAME
	by_tshark "$1" | as_lines >"$T/theirs"
	by_sipsniff "$1" >"$T/ours"
	is "$(wc -l <"$T/ours")" "$2" "$3: as many messages as there are"
	is "$(diff "$T/theirs" "$T/ours")" '' "$3: each as tshark sees it"
}

# ---- captures of SIPp ----------------------------------------------------------

calls=20


# SIPp's built-in call: INVITE 100? 180 200 ACK BYE 200.
sipp_call() { # ADDRESS
	local host=$1
	[[ $1 == *:* ]] && host="[$1]"
	free_port
	local uas=$port
	free_port
	ports+=(-d "udp.port==$uas,sip" -d "udp.port==$port,sip")
	start uas sipp -sn uas -i "$host" -p "$uas" -nostdin -trace_err \
		-error_file "$T/uas.log" -m "$calls" -timeout 30
	run sipp -sn uac -i "$host" -p "$port" -m "$calls" -r 100 -d 0 \
		-nostdin -timeout 30 "$host:$uas" </dev/null
	is "$status" 0 "SIPp calls SIPp by $1"
	stop uas KILL # it would stay four seconds for retransmissions
}

# Live where that is allowed; the marker says when all has been written.
live() { # FILE ADDRESS
	start capture tcpdump -Z root -i lo -U --immediate-mode -s 0 -w "$1" udp
	await_line "$T/capture.err" 'listening on' 5 || return 1
	sipp_call "$2"
	perl -MIO::Socket::INET -e 'IO::Socket::INET->new(Proto => "udp",
		PeerAddr => "127.0.0.1:9")->send("the end of the capture")'
	ok 'all has been captured' await_line "$1" 'the end of the capture'
	stop capture INT
}

if [ "$(id -u)" = 0 ] && command -v tcpdump >/dev/null; then
	for address in 127.0.0.1 ::1; do
		live "$T/live.pcap" "$address" || bail 'tcpdump does not start'
		seen=$(by_sipsniff "$T/live.pcap" | wc -l)
		ok "$address: at least 6 messages a call, $seen" \
			test "$seen" -ge $((calls * 6))
		agree "$T/live.pcap" "$seen" "SIPp by $address"
		cp "$T/live.pcap" "$T/sipp-$address.pcap"
	done
else
	note 'not root: no live captures'
fi

# ---- captures of the tests' own --------------------------------------------------

captures make >"$T/all.pcap"

# The one message that goes over two segments is not joined yet.
agree_but_one() { # FILE NAME
	by_tshark "$1" | as_lines >"$T/theirs"
	by_sipsniff "$1" >"$T/ours"
	is "$(wc -l <"$T/ours")" 24 "$2: as many messages as there are"
	is "$(diff "$T/theirs" "$T/ours" | grep '^[<>]' | cut -f 5)" tcp-2 \
		"$2: each as tshark sees it, but the one over two segments"
}

for kind in fragments vlan qinq sll sll2 raw null loop swapped nano pcapng \
	sections; do
	captures turn "$kind" <"$T/all.pcap" >"$T/turned"
	agree_but_one "$T/turned" "$kind"
done
for from in "$T"/sipp-*.pcap; do
	[ -e "$from" ] || continue
	for kind in fragments vlan sll2 pcapng; do
		captures turn "$kind" <"$from" >"$T/turned"
		agree "$T/turned" "$(sipsniff -r "$from" | wc -l)" \
			"$kind of $(basename "$from" .pcap)"
	done
done

# What is wrapped for a trace is right in tshark's eyes too.
is "$(tshark -r "$T/all.pcap" -o ip.check_checksum:TRUE \
	-o udp.check_checksum:TRUE -Y 'udp.checksum.status == 1 &&
	(ipv6 || ip.checksum.status == 1)' 2>/dev/null | wc -l)" 24 \
	'every datagram of a trace has right checksums'
finish
