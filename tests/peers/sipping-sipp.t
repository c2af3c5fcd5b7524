#!/bin/bash
# sipping against SIPp as a server, with a scenario in which what RFC 3261
# section 11.1 asks of an OPTIONS is mandatory.
. "${TOP:-.}/tests/lib.sh" || exit 1
need sipp jq

cat >"$T/options.xml" <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<scenario name="answers OPTIONS that are whole">
<recv request="OPTIONS"><action>
	<ereg regexp="z9hG4bK.+" search_in="hdr"
		header="Via:" check_it="true" assign_to="1"/>
	<ereg regexp=";rport" search_in="hdr"
		header="Via:" check_it="true" assign_to="1"/>
	<ereg regexp="^ *[0-9]+ OPTIONS" search_in="hdr"
		header="CSeq:" check_it="true" assign_to="1"/>
	<ereg regexp=";tag=.+" search_in="hdr"
		header="From:" check_it="true" assign_to="1"/>
	<ereg regexp=";tag=" search_in="hdr"
		header="To:" check_it_inverse="true" assign_to="1"/>
	<ereg regexp="^ *70" search_in="hdr"
		header="Max-Forwards:" check_it="true" assign_to="1"/>
	<ereg regexp="application/sdp" search_in="hdr"
		header="Accept:" check_it="true" assign_to="1"/>
	<ereg regexp="sip:" search_in="hdr"
		header="Contact:" check_it="true" assign_to="1"/>
	<ereg regexp="^ *0" search_in="hdr"
		header="Content-Length:" check_it="true" assign_to="1"/>
</action></recv>
<Reference variables="1"/>
<send><![CDATA[
SIP/2.0 200 Whole
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
END

for transport in udp tcp; do
	free_port
	[ "$transport" = tcp ] && mode=t1 || mode=u1
	start sipp sipp -sf "$T/options.xml" -i 127.0.0.1 -p "$port" -t "$mode" \
		-m 1 -nostdin -timeout 15 -trace_err -error_file "$T/sipp.log"
	run sipping -j -w 10 -i 0.3 -c 1 -W 8 \
		"sip:127.0.0.1:$port;transport=$transport"
	if [ "$status" -eq 3 ]; then # it was not there yet
		await_port "$port" 2
		run sipping -j -c 1 -W 3 \
			"sip:127.0.0.1:$port;transport=$transport"
	fi
	is "$status" 0 "SIPp answers by $transport"
	is "$(jq -r 'select(.type == "ping") | .reason' "$T/out")" Whole \
		"the OPTIONS is whole by $transport"
	await_end sipp 10
	is "$status" 0 "and SIPp is content by $transport"
done
finish
