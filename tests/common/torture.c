/* The messages of tests/common/torture.h. */
#include "tests/common/torture.h"

#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
#define TEXT(literal) literal, sizeof(literal) - 1
#define VIA "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-t;rport\r\n"
#define FROM "From: <sip:caller@example.net>;tag=f1\r\n"
#define TO "To: <sip:user@example.com>\r\n"
#define ID "Call-ID: torture.1@192.0.2.1\r\n"
#define MF "Max-Forwards: 70\r\n"
#define CSEQ(method) "CSeq: 8 " method "\r\n"
#define NONE "Content-Length: 0\r\n\r\n"
#define REQUEST(method) method " sip:user@example.com SIP/2.0\r\n"
#define HEAD(method) VIA MF FROM TO ID CSEQ(method)
#define RESPONSE "SIP/2.0 200 OK\r\n" VIA FROM TO ID CSEQ("INVITE")
#define SDP_TYPE "Content-Type: application/sdp\r\n"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

const struct torture torture_rfc4475[] = {
	{ "wsinv", "3.1.1.1", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT("INVITE sip:v@example.com;unknownparam SIP/2.0\r\n"
		     "TO :\r\n sip:v@example.com ;   tag    = 19n\r\n"
		     "from   : \"J \\\\\\\"\"  <sip:j@example.com>\r\n  ;\r\n  "
		     "tag = 98asjd8\r\n" "MaX-fOrWaRdS: 0068\r\n"
		     "Call-ID: ws@192.0.2.1\r\n" "Content-Length   : 2\r\n"
		     "cseq: 0009\r\n  INVITE\r\n"
		     "Via  : SIP  /   2.0\r\n /UDP\r\n    "
		     "192.0.2.2;branch=390skdjuw\r\n" "s :\r\n"
		     "NewFangled:   value\r\n continued value\r\n"
		     "UnusualValue: ;;,,;;,;\r\n" SDP_TYPE
		     "Route:\r\n <sip:s.example.com;lr;with=value;none>\r\n"
		     "v:  SIP  / 2.0  / TCP     h.example.com   ;\r\n  branch  "
		     "=   z9hG4bK9  ,\r\n SIP  /    2.0   / UDP  "
		     "192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
		     "m:\"Quoted \\\"\\\"\" <sip:j@example.com> ; p =\r\n      "
		     "v ;\r\n  second ; q = 0.33\r\n" "\r\n" "v=") },
	{ "intmeth", "3.1.1.2", { { TORTURE_ACCEPT }, { 501 } },
		TEXT("!in-Method0_*+`.%indeed'~ "
		     "sip:1_u.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1"
		     ",weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\r\n"
		     "Via: SIP/2.0/TCP h.example.com;branch=z9hG4bK-.!%66*_+`'"
		     "~\r\n" "To: \"BEL:\\\x07 NUL:\\\0 DEL:\\\x7f\" "
		     "<sip:1_u.URI~(to-be!sure)@example.com>\r\n"
		     "From: token1~` token2'+_ token3*%!.- "
		     "<sip:m@example.com>;fromParam''~+*_!.-%="
		     "\"\xd1\x80\xd0\xb0\";tag=_token~1'+`*%!-.\r\n"
		     "Call-ID: word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n"
		     "CSeq: 139122385 !in-Method0_*+`.%indeed'~\r\n"
		     "Max-Forwards: 255\r\n"
		     "extensionHeader-!.%*+_`'~: \xef\xbb\xbf\xe5\xa4\xa7\r\n"
		     NONE) },
	{ "esc01", "3.1.1.3", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT("INVITE sip:sips%3Auser%40h.example@example.net SIP/2.0\r\n"
		     VIA MF ID CSEQ("INVITE") SDP_TYPE
		     "To: sip:%75se%72@example.com\r\n"
		     "From: <sip:I%20have%20spaces@example.net>;tag=938\r\n"
		     "Contact:\r\n <sip:cal%6Cer@h.example.net;%6C%72;n%61me=v"
		     "%61lue%25%34%31>\r\n" "Content-Length: 2\r\n" "\r\n" "v=") },
	{ "escnull", "3.1.1.4", { { TORTURE_ACCEPT }, { 405 } },
		TEXT("REGISTER sip:example.com SIP/2.0\r\n" VIA MF ID
		     CSEQ("REGISTER") "To: sip:null-%00-null@example.com\r\n"
		     "From: sip:null-%00-null@example.com;tag=8\r\n"
		     "Contact: <sip:%00@h.example.com>\r\n"
		     "Contact: <sip:%00%00@h.example.com>\r\n" "L:0\r\n" "\r\n") },
	{ "esc02", "3.1.1.5", { { TORTURE_ACCEPT }, { 501 } },
		TEXT("RE%47IST%45R sip:r.example.com SIP/2.0\r\n" VIA MF ID
		     CSEQ("RE%47IST%45R")
		     "To: \"%Z%45\" <sip:resource@example.com>\r\n"
		     "From: \"%Z%45\" <sip:resource@example.com>;tag=f2\r\n"
		     "Contact: <sip:alias1@h.example.com>\r\n"
		     "C%6Fntact: <sip:alias2@h.example.com>\r\n" NONE) },
	{ "lwsdisp", "3.1.1.6", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("OPTIONS") VIA MF TO ID CSEQ("OPTIONS")
		     "From: caller<sip:c@example.com>;tag=323\r\n" NONE) },
	{ "longreq", "3.1.1.7", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("INVITE") VIA MF CSEQ("INVITE") "To: \"" HUNDRED
		     "\"<sip:u@example.com:6000;p=" HUNDRED ";" HUNDRED ">\r\n"
		     "F: sip:" HUNDRED "@example.net;tag=12" HUNDRED HUNDRED ";u"
		     HUNDRED "=v" HUNDRED ";u2" HUNDRED "\r\n" "Call-ID: one"
		     HUNDRED HUNDRED HUNDRED "\r\n" "Unknown-" HUNDRED "-Name: v"
		     HUNDRED "; p = " HUNDRED "\r\n"
		     "Via: SIP/2.0/TCP a.example\r\n"
		     "v: SIP/2.0/TCP b.example\r\n"
		     "V :  SIP/2.0/TCP c.example\r\n"
		     "vIA  : SIP/2.0/TCP d;received=192.0.2.5;branch=v" HUNDRED
		     HUNDRED "\r\n" "Contact: <sip:" HUNDRED
		     "@h.example.net>\r\n" NONE) },
	{ "dblreq", "3.1.1.8", { { TORTURE_ACCEPT }, { 405 } },
		TEXT("REGISTER sip:example.com SIP/2.0\r\n" HEAD("REGISTER") NONE
		     REQUEST("INVITE") HEAD("INVITE") NONE) },
	{ "semiuri", "3.1.1.9", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT("OPTIONS sip:user;par=u%40example.net@example.com "
		     "SIP/2.0\r\n" HEAD("OPTIONS")
		     "Accept: application/sdp,\r\n\tmultipart/mixed\r\n" NONE) },
	{ "transports", "3.1.1.10", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("OPTIONS") HEAD("OPTIONS")
		     "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKk\r\n"
		     "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKa\r\n"
		     NONE) },
	{ "mpart01", "3.1.1.11", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT, 415 } },
		TEXT(REQUEST("MESSAGE") HEAD("MESSAGE")
		     "Content-Type: multipart/mixed;boundary=7a9\r\n"
		     "Content-Length: 31\r\n" "\r\n" "--7a9\r\n" "\r\n"
		     "Hello\r\n" "--7a9\r\n" "\r\n" "0\x82\0\0\r\n") },
	{ "unreason", "3.1.1.12", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT("SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\r\n" VIA FROM TO
		     ID CSEQ("INVITE") NONE) },
	{ "noreason", "3.1.1.13", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT("SIP/2.0 100 \r\n" VIA FROM TO ID CSEQ("INVITE") NONE) },
	{ "badinv01", "3.1.2.1", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") MF FROM TO ID CSEQ("INVITE")
		     "Via: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n"
		     "Contact: \"Joe\" <sip:joe@example.org>;;;;\r\n" NONE) },
	{ "clerr", "3.1.2.2", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") HEAD("INVITE") SDP_TYPE
		     "Content-Length: 9999\r\n" "\r\n" "v=0\r\n") },
	{ "ncl", "3.1.2.3", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") HEAD("INVITE") SDP_TYPE
		     "Content-Length: -999\r\n" "\r\n" "v=0\r\n") },
	{ "scalar02", "3.1.2.4", { { 400 }, { 400, 405 } },
		TEXT("REGISTER sip:example.com SIP/2.0\r\n" VIA TO FROM ID
		     "CSeq: 36893488147419103232 REGISTER\r\n"
		     "Max-Forwards: 300\r\n" "Expires: 1" HUNDRED "\r\n"
		     "Contact: <sip:u@h.example.com>\r\n  "
		     ";expires=280297596632815\r\n" NONE) },
	{ "scalarlg", "3.1.2.5", { { TORTURE_DROP }, { TORTURE_DROP } },
		TEXT("SIP/2.0 503 Service Unavailable\r\n" VIA TO FROM ID
		     "CSeq: 9292394834772304023312 OPTIONS\r\n"
		     "Retry-After: 949302838503028349304023988\r\n"
		     "Warning: 1812 overture \"In Progress\"\r\n" NONE) },
	{ "quotbal", "3.1.2.6", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") VIA MF FROM ID CSEQ("INVITE")
		     "To: \"Mr. J. User <sip:j.user@example.com>\r\n" NONE) },
	{ "ltgtruri", "3.1.2.7", { { 400 }, { 400 } },
		TEXT("INVITE <sip:user@example.com> SIP/2.0\r\n" HEAD("INVITE")
		     NONE) },
	{ "lwsruri", "3.1.2.8", { { 400 }, { 400 } },
		TEXT("INVITE sip:user@example.com; lr SIP/2.0\r\n" HEAD("INVITE")
		     NONE) },
	{ "lwsstart", "3.1.2.9", { { 400, TORTURE_ACCEPT }, { 400, TORTURE_ACCEPT } },
		TEXT("INVITE  sip:user@example.com  SIP/2.0\r\n" HEAD("INVITE")
		     NONE) },
	{ "trws", "3.1.2.10", { { 400, TORTURE_ACCEPT }, { 400, TORTURE_ACCEPT } },
		TEXT("OPTIONS sip:t@example.com SIP/2.0  \r\n" HEAD("OPTIONS")
		     NONE) },
	{ "escruri", "3.1.2.11", { { 400, TORTURE_ACCEPT }, { 400, TORTURE_ACCEPT } },
		TEXT("INVITE sip:user@example.com?Route=%3Csip:e.com%3E "
		     "SIP/2.0\r\n" HEAD("INVITE") NONE) },
	{ "baddate", "3.1.2.12", { { TORTURE_ACCEPT, 400 }, { TORTURE_ACCEPT, 400 } },
		TEXT(REQUEST("INVITE") HEAD("INVITE")
		     "Date: Fri, 01 Jan 2010 16:00:00 EST\r\n" NONE) },
	{ "regbadct", "3.1.2.13", { { 400 }, { 400, 405 } },
		TEXT("REGISTER sip:example.com SIP/2.0\r\n" HEAD("REGISTER")
		     "Contact: sip:u@example.com?Route=%3Csip:s.com%3E\r\n" NONE) },
	{ "badaspec", "3.1.2.14", { { 400 }, { 400 } },
		TEXT(REQUEST("OPTIONS") VIA MF FROM ID CSEQ("OPTIONS")
		     "To: \"Watson, Thomas\" < sip:t@example.org >\r\n" NONE) },
	{ "baddn", "3.1.2.15", { { 400 }, { 400 } },
		TEXT(REQUEST("OPTIONS") VIA MF TO ID CSEQ("OPTIONS")
		     "From:    Bell, Alexander <sip:b@example.com>;tag=43\r\n"
		     NONE) },
	{ "badvers", "3.1.2.16", { { 505 }, { 505 } },
		TEXT("OPTIONS sip:t@example.org SIP/7.0\r\n" MF FROM TO ID
		     CSEQ("OPTIONS") "Via: SIP/7.0/UDP c.example.com\r\n" NONE) },
	{ "mismatch01", "3.1.2.17", { { 400 }, { 400 } },
		TEXT(REQUEST("OPTIONS") HEAD("INVITE") NONE) },
	{ "mismatch02", "3.1.2.18", { { 501, 400 }, { 501 } },
		TEXT(REQUEST("NEWMETHOD") HEAD("INVITE") NONE) },
	{ "bigcode", "3.1.2.19", { { TORTURE_DROP }, { TORTURE_DROP } },
		TEXT("SIP/2.0 4294967301 better not break\r\n" VIA FROM TO ID
		     CSEQ("INVITE") NONE) },
	{ "badbranch", "3.2.1", { { TORTURE_ACCEPT, 400 }, { TORTURE_ACCEPT, 400 } },
		TEXT(REQUEST("OPTIONS") MF FROM TO ID CSEQ("OPTIONS")
		     "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n" NONE) },
	{ "insuf", "3.3.1", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") VIA CSEQ("INVITE") NONE) },
	{ "unkscm", "3.3.2", { { 416 }, { 416 } },
		TEXT("OPTIONS nobodyKnowsThisScheme:opaque SIP/2.0\r\n"
		     HEAD("OPTIONS") NONE) },
	{ "novelsc", "3.3.3", { { 416 }, { 416 } },
		TEXT("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0\r\n"
		     HEAD("OPTIONS") NONE) },
	{ "unksm2", "3.3.4", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT, 405 } },
		TEXT("REGISTER sip:example.com SIP/2.0\r\n" VIA MF ID
		     CSEQ("REGISTER") "To: isbn:2983792873\r\n"
		     "From: <http://www.example.com>;tag=3\r\n"
		     "Contact: <name:John_Smith>\r\n" NONE) },
	{ "bext01", "3.3.5", { { 420 }, { 420 } },
		TEXT(REQUEST("OPTIONS") HEAD("OPTIONS")
		     "Require: nothingSupportsThis, norThis\r\n"
		     "Proxy-Require: noProxiesSupportThis\r\n" NONE) },
	{ "invut", "3.3.6", { { TORTURE_ACCEPT }, { 415 } },
		TEXT(REQUEST("INVITE") HEAD("INVITE")
		     "Content-Type: application/unknownformat\r\n"
		     "Content-Length: 7\r\n" "\r\n" "<audio>") },
	{ "regaut01", "3.3.7", { { TORTURE_ACCEPT }, { 405 } },
		TEXT("REGISTER sip:example.com SIP/2.0\r\n" HEAD("REGISTER")
		     "Authorization: NoOneKnowsThisScheme opaque-data=here\r\n"
		     "Content-Length:0\r\n" "\r\n") },
	{ "multi01", "3.3.8", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") HEAD("INVITE") "CSeq: 59 INVITE\r\n"
		     "Call-ID: other\r\n" TO FROM MF NONE) },
	{ "mcl01", "3.3.9", { { 400 }, { 400 } },
		TEXT(REQUEST("OPTIONS") HEAD("OPTIONS") "Content-Length: 13\r\n"
		     "Content-Length: 5\r\n" "Content-Type: text/plain\r\n"
		     "\r\n" "How many octets?") },
	{ "bcast", "3.3.10", { { TORTURE_DROP, TORTURE_ACCEPT }, { TORTURE_DROP } },
		TEXT(RESPONSE
		     "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23"
		     "\r\n" NONE) },
	{ "zeromf", "3.3.11", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("OPTIONS") VIA FROM TO ID CSEQ("OPTIONS")
		     "Max-Forwards: 0\r\n" NONE) },
	{ "cparam01", "3.3.12", { { TORTURE_ACCEPT }, { 405 } },
		TEXT("REGISTER sip:example.com SIP/2.0\r\n" HEAD("REGISTER")
		     "Contact: sip:+19725552222@gw1.example.net;unknown\r\n" NONE) },
	{ "cparam02", "3.3.13", { { TORTURE_ACCEPT }, { 405 } },
		TEXT("REGISTER sip:example.com SIP/2.0\r\n" HEAD("REGISTER")
		     "Contact: <sip:+19725552222@gw1.example.net;unknown>\r\n"
		     NONE) },
	{ "regescrt", "3.3.14", { { TORTURE_ACCEPT }, { 405 } },
		TEXT("REGISTER sip:example.com SIP/2.0\r\n" HEAD("REGISTER")
		     "M: <sip:user@example.com?Route=%3Csip:s.com%3E>\r\n"
		     "L:0\r\n" "\r\n") },
	/* 406 or 400 is for who would have to answer with a description */
	{ "sdp01", "3.3.15", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT, 406, 400 } },
		TEXT(REQUEST("INVITE") HEAD("INVITE") SDP_TYPE
		     "Accept: text/nobodyKnowsThis\r\n" "Content-Length: 2\r\n"
		     "\r\n" "v=") },
	{ "inv2543", "3.4.1", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("INVITE") ID CSEQ("INVITE") SDP_TYPE
		     "Via: SIP/2.0/UDP iftgw.example.com\r\n"
		     "From: <sip:+13035551111@h.example.net;user=phone>\r\n"
		     "Record-Route: <sip:U@example.com;maddr=ss1.example.com>"
		     "\r\n" "To: sip:+16505552222@ss1.example.net;user=phone\r\n"
		     "\r\n" "v=0\r\n") },
};

#define REGISTER6(uri) "REGISTER " uri " SIP/2.0\r\n" HEAD("REGISTER") NONE
#define REPLY6(method) "SIP/2.0/UDP [2001:db8::9:1];" method "\r\n"

const struct torture torture_rfc5118[] = {
	{ "ipv6-good", "4.1", { { TORTURE_ACCEPT }, { 405 } },
		TEXT("REGISTER sip:[2001:db8::10] SIP/2.0\r\n" MF FROM TO ID
		     CSEQ("REGISTER")
		     "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3\r\n"
		     "Contact: \"Caller\" <sip:caller@[2001:db8::1]>\r\n" NONE) },
	{ "ipv6-bad", "4.2", { { 400 }, { 400 } },
		TEXT(REGISTER6("sip:2001:db8::10")) },
	{ "port-ambiguous", "4.3", { { TORTURE_ACCEPT }, { 405 } },
		TEXT(REGISTER6("sip:[2001:db8::10:5070]")) },
	{ "port-unambiguous", "4.4", { { TORTURE_ACCEPT }, { 405 } },
		TEXT(REGISTER6("sip:[2001:db8::10]:5070")) },
	{ "via-received-param-with-delim", "4.5", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("BYE") MF FROM TO ID CSEQ("BYE") "Via: "
		     REPLY6("received=[2001:db8::9:255];branch=z9hG4bK") NONE) },
	{ "via-received-param-no-delim", "4.5", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("OPTIONS") MF FROM TO ID CSEQ("OPTIONS") "Via: "
		     REPLY6("received=2001:db8::9:255;branch=z9hG4bK") NONE) },
	{ "ipv6-in-sdp", "4.6", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT("INVITE sip:user@[2001:db8::10] SIP/2.0\r\n" HEAD("INVITE")
		     SDP_TYPE "Content-Length: 24\r\n" "\r\n"
		     "c=IN IP6 2001:db8::20\r\n" ".") },
	{ "mult-ip-in-header", "4.7", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("BYE") HEAD("BYE")
		     "Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKa\r\n"
		     "Via: " REPLY6("branch=z9hG4bK4;received=192.0.2.200") NONE) },
	{ "mult-ip-in-sdp", "4.8", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT("INVITE sip:user@[2001:db8::10] SIP/2.0\r\n" HEAD("INVITE")
		     SDP_TYPE "Content-Length: 2\r\n" "\r\n" "v=") },
	{ "ipv4-mapped-ipv6", "4.9", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("INVITE") MF FROM TO ID CSEQ("INVITE")
		     "Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4b"
		     "K1\r\n" "Contact: <sip:ted@[::ffff:192.0.2.2]>\r\n" NONE) },
	{ "ipv6-bug-abnf-3-colons", "4.10", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT("OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0\r\n"
		     HEAD("OPTIONS") NONE) },
	{ "ipv6-correct-abnf-2-colons", "4.10", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT("OPTIONS sip:user@[2001:db8::192.0.2.1] SIP/2.0\r\n"
		     HEAD("OPTIONS") NONE) },
};

const struct torture torture_others[] = {
	{ "control character before the colon", "", { { 400 }, { 400 } },
		TEXT(REQUEST("OPTIONS") VIA FROM ID CSEQ("OPTIONS") MF
		     "To\x0b: <sip:a@b>\r\n" NONE) },
	{ "two To fields with an empty tag", "", { { 400 }, { 400 } },
		TEXT(REQUEST("OPTIONS") VIA FROM ID CSEQ("OPTIONS") MF
		     "To: <sip:a@b>;tag=\r\n" "To: <sip:a@b>;tag=\r\n" NONE) },
	{ "Contact of a percent sign", "", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") HEAD("INVITE") "Contact: %\r\n" NONE) },
	{ "display name ends in a backslash", "", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") VIA TO ID CSEQ("INVITE") MF
		     "From: \"a\\\" <sip:a@b>;tag=1\r\n" NONE) },
	{ "backslash at the very end", "", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") VIA TO ID CSEQ("INVITE") MF
		     "From: \"a\\\r\n" NONE) },
	{ "Via without a branch", "", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("OPTIONS") MF FROM TO ID CSEQ("OPTIONS")
		     "Via: SIP/2.0/UDP h\r\n" NONE) },
	{ "Content-Length beyond 2^32", "", { { 400 }, { 400 } },
		TEXT(REQUEST("OPTIONS") HEAD("OPTIONS")
		     "Content-Length: 4294967301\r\n" "\r\n" "abcde") },
	{ "status 99", "", { { TORTURE_DROP }, { TORTURE_DROP } },
		TEXT("SIP/2.0 99 x\r\n" VIA FROM TO ID CSEQ("INVITE") NONE) },
	{ "status 2000", "", { { TORTURE_DROP }, { TORTURE_DROP } },
		TEXT("SIP/2.0 2000 x\r\n" VIA FROM TO ID CSEQ("INVITE") NONE) },
	{ "status -1", "", { { TORTURE_DROP }, { TORTURE_DROP } },
		TEXT("SIP/2.0 -1 x\r\n" VIA FROM TO ID CSEQ("INVITE") NONE) },
	{ "Warning and X-Call-ID of a kilobyte", "", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("OPTIONS") HEAD("OPTIONS") "Warning: 399 h \""
		     HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "\"\r\n"
		     "X-Call-ID: " HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "\r\n"
		     NONE) },
	{ "no Via", "", { { TORTURE_DROP }, { TORTURE_DROP } },
		TEXT(REQUEST("OPTIONS") FROM TO ID CSEQ("OPTIONS") NONE) },
	{ "an ACK that is wrong", "", { { TORTURE_DROP }, { TORTURE_DROP } },
		TEXT(REQUEST("ACK") VIA FROM ID CSEQ("ACK") NONE) },
	{ "an ACK with Require", "", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("ACK") HEAD("ACK") "Require: nothing\r\n" NONE) },
	{ "a CANCEL with Require", "", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("CANCEL") HEAD("CANCEL") "Require: nothing\r\n" NONE) },
	{ "not SIP at all", "", { { TORTURE_DROP }, { TORTURE_DROP } },
		TEXT("GET / HTTP/1.1\r\n" VIA "\r\n") },
	{ "a body without a type", "", { { 400 }, { 400 } },
		TEXT(REQUEST("MESSAGE") HEAD("MESSAGE") "Content-Length: 1\r\n"
		     "\r\n" "x") },
	{ "a body that may be left aside", "", { { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("OPTIONS") HEAD("OPTIONS") "Content-Type: a/b\r\n"
		     "Content-Disposition: render;handling=optional\r\n"
		     "Content-Length: 1\r\n" "\r\n" "x") },
	{ "a body in an unknown encoding", "", { { TORTURE_ACCEPT }, { 415 } },
		TEXT(REQUEST("MESSAGE") HEAD("MESSAGE")
		     "Content-Type: text/plain\r\n" "Content-Encoding: gzip\r\n"
		     "Content-Length: 1\r\n" "\r\n" "x") },
	{ "Contact of a star and more", "", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") HEAD("INVITE") "Contact: *\r\n"
		     "Contact: <sip:a@b>\r\n" NONE) },
	{ "Route of a star", "", { { 400 }, { 400 } },
		TEXT(REQUEST("INVITE") HEAD("INVITE") "Route: *\r\n" NONE) },
	{ "Expires of a word", "", { { 400 }, { 400 } },
		TEXT(REQUEST("MESSAGE") HEAD("MESSAGE") "Expires: soon\r\n" NONE) },
	{ "a tel URI", "", { { 416 }, { 416 } },
		TEXT("OPTIONS tel:+1 SIP/2.0\r\n" HEAD("OPTIONS") NONE) },
	{ "a response without CSeq", "", { { TORTURE_DROP }, { TORTURE_DROP } },
		TEXT("SIP/2.0 200 OK\r\n" VIA FROM TO ID NONE) },
	{ "From with a tag in quotes", "", { { 400 }, { 400 } },
		TEXT(REQUEST("OPTIONS") VIA TO ID CSEQ("OPTIONS") MF
		     "From: <sip:a@b>;tag=\"x\"\r\n" NONE) },
	{ "Call-ID with a semicolon", "", { { 400 }, { 400 } },
		TEXT(REQUEST("OPTIONS") VIA FROM TO CSEQ("OPTIONS") MF
		     "Call-ID: a;b\r\n" NONE) },
	{ "Max-Forwards of 256", "", { { 400 }, { 400 } },
		TEXT(REQUEST("OPTIONS") VIA FROM TO ID CSEQ("OPTIONS")
		     "Max-Forwards: 256\r\n" NONE) },
	{ "Content-Type without a subtype", "", { { 400 }, { 400 } },
		TEXT(REQUEST("MESSAGE") HEAD("MESSAGE")
		     "Content-Type: text\r\nContent-Length: 1\r\n\r\nx") },
	{ "Accept that is no type is nobody's business", "",
		{ { TORTURE_ACCEPT }, { TORTURE_ACCEPT } },
		TEXT(REQUEST("OPTIONS") HEAD("OPTIONS") "Accept: ;;\r\n"
		     NONE) },
};
/* clang-format on */

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))
_Static_assert(COUNT(torture_rfc4475) == TORTURE_RFC4475, "one a section");
_Static_assert(COUNT(torture_rfc5118) == TORTURE_RFC5118, "one a message");
_Static_assert(COUNT(torture_others) == TORTURE_OTHERS, "all are counted");

const char *const torture_roles[TORTURE_ROLES] = { "element", "user agent" };

bool torture_is_allowed(
	const struct torture *row, enum torture_role role, int verdict)
{
	for (int i = 0; i < 3; i++)
		if (row->allowed[role][i] == verdict)
			return true;
	return false;
}

struct span torture_file(const struct torture *row, const char *dir,
	const char *suffix, char *bytes, size_t size)
{
	const char *shared = getenv("SAMTAL_SHARED");
	char path[1000];
	snprintf(path, sizeof(path), "%s/data/%s/%s%s",
		shared ? shared : "../shared", dir, row->name, suffix);
	FILE *f = fopen(path, "rb");
	if (!f)
		return SPAN_EMPTY;
	size_t n = fread(bytes, 1, size, f);
	fclose(f);
	return span_from(bytes, n);
}
