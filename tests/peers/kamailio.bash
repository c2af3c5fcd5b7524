# shellcheck shell=bash disable=SC2034
# tests/peers/kamailio.bash - a Kamailio of the test's own
#
#	. "$TOP/tests/lib.sh"; . "$TOP/tests/peers/kamailio.bash"
#	need kamailio
#	kamailio_start
#	run sipping -c 1 "sip:127.0.0.1:$port"
#
# An ordinary process on a port of its own, UDP and TCP, with $KAMAILIO_V6 also
# of ::1, with everything in
# $T, that answers OPTIONS itself.  Leaves $port.  More for its configuration:
# $KAMAILIO_GLOBAL (modules, parameters) and $KAMAILIO_ROUTE (in front of the
# answers).
#
# With $KAMAILIO_OF_DEBIAN13 set it is the Kamailio 6 of a Debian 13 in a folder
# (tests/peers/debian13.bash): kamailio-debian13.t runs the tests once more so.
. "$TOP/tests/peers/debian13.bash"

kamailio=(kamailio) kamailio_root=
if [ -n "${KAMAILIO_OF_DEBIAN13:-}" ]; then
	debian13_need usr/sbin/kamailio
	debian13_share
	kamailio=("${in_debian13[@]}" kamailio) kamailio_root=$DEBIAN13
fi

kamailio_modules() {
	local folder
	for folder in "$kamailio_root"/usr/lib/*/kamailio/modules \
		"$kamailio_root"/usr/lib/kamailio/modules; do
		[ -d "$folder" ] && echo "${folder#"$kamailio_root"}" && return
	done
	bail 'the modules of Kamailio are not where Debian has them'
}

certificate() { # NAMES: as a subjectAltName; leaves $T/ca.pem and tls.*
	(
		cd "$T" || exit
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -keyout ca.key -out ca.pem -days 2 \
			-subj '/CN=test authority' \
			-addext basicConstraints=critical,CA:TRUE
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -keyout tls.key -out tls.csr -subj '/CN=pbx'
		openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key \
			-CAcreateserial -days 2 -out tls.crt \
			-extfile <(echo "subjectAltName=$1")
	) >"$T/openssl.log" 2>&1 || bail "openssl: $(tail -1 "$T/openssl.log")"
}

kamailio_config() {
	cat <<-END
		children = 1
		tcp_children = 1
		log_stderror = yes
		debug = 1
		memdbg = 5
		server_header = "Server: Kamailio of a test"
		listen = udp:127.0.0.1:$port
		listen = tcp:127.0.0.1:$port
		${KAMAILIO_V6:+listen = udp:[::1]:$port}
		${KAMAILIO_V6:+listen = tcp:[::1]:$port}
		auto_aliases = no
		dns = no
		rev_dns = no
		mpath = "$(kamailio_modules)"
		loadmodule "sl.so"
		loadmodule "pv.so"
		loadmodule "textops.so"
		loadmodule "siputils.so"
		loadmodule "maxfwd.so"
		loadmodule "sanity.so"
		${KAMAILIO_GLOBAL:-}
		request_route {
			if (!mf_process_maxfwd_header("10")) {
				sl_send_reply("483", "Too Many Hops");
				exit;
			}
			if (!sanity_check("17895", "7")) { exit; }
			${KAMAILIO_ROUTE:-}
			if (is_method("OPTIONS")) {
				sl_send_reply("200", "Kamailio Is Alive");
				exit;
			}
			sl_send_reply("404", "Nobody Here");
		}
	END
}

kamailio_start() {
	free_port
	mkdir -p "$T/kamailio"
	kamailio_config >"$T/kamailio/kamailio.cfg"
	start kamailio "${kamailio[@]}" -DD -E -m 32 -M 4 -P "$T/kamailio/pid" \
		-Y "$T/kamailio" -w "$T/kamailio" \
		-f "$T/kamailio/kamailio.cfg"
	await_port "$port" 10 || bail "Kamailio does not start: $(
		grep -E 'ERROR|CRITICAL' "$T/kamailio.err" | head -3)"
}
