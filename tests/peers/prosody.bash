# shellcheck shell=bash disable=SC2034
# tests/peers/prosody.bash - a Prosody of the test's own
#
#	. "$TOP/tests/lib.sh"; . "$TOP/tests/peers/prosody.bash"
#	need prosody openssl
#	prosody_start
#	run xmppsend "${as_alice[@]}" bob@localhost <<<hello
#
# An ordinary process on ports of its own, with everything in $T: accounts
# alice, bob and carol (password: secret) at localhost.  Leaves $starttls_port,
# $tls_port, $ca and the options to be one of them: $as_alice, $as_bob.
# Before that $PROSODY_MODULES, $PROSODY_COMPONENTS, $PROSODY_SSL,
# $PROSODY_LOG, $PROSODY_MORE and $PROSODY_AUTH (internal_plain, with which every
# mechanism works) may be set; they go into the configuration.
#
# With $PROSODY_OF_DEBIAN13 set it is the Prosody 13 of a Debian 13 in a folder
# (tests/peers/debian13.bash).
. "$TOP/tests/peers/debian13.bash"

prosody=(prosody)
if [ -n "${PROSODY_OF_DEBIAN13:-}" ]; then
	debian13_need usr/bin/prosody
	debian13_share
	prosody=("${in_debian13[@]}" prosody)
fi

# An authority and a certificate of localhost, in a folder of $T; leaves $ca.
# With all that RFC 5280 wants of them: Python 3.13 looks.
certificate_in() { # FOLDER
	mkdir -p "$T/$1"
	(
		cd "$T/$1" || exit
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -keyout ca.key -out ca.pem -days 2 \
			-subj '/CN=test authority' \
			-addext basicConstraints=critical,CA:TRUE \
			-addext keyUsage=critical,keyCertSign
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
			-nodes -keyout localhost.key -out localhost.csr \
			-subj '/CN=localhost'
		openssl x509 -req -in localhost.csr -CA ca.pem -CAkey ca.key \
			-CAcreateserial -days 2 -out localhost.crt \
			-extfile <(printf '%s\n' \
			subjectAltName=DNS:localhost \
			subjectKeyIdentifier=hash authorityKeyIdentifier=keyid)
	) >"$T/$1/openssl.log" 2>&1 ||
		bail "openssl: $(tail -1 "$T/$1/openssl.log")"
	ca=$T/$1/ca.pem
}

prosody_account() { # NAME
	local folder=$T/prosody/data/localhost/accounts
	mkdir -p "$folder"
	printf 'return { ["password"] = "secret"; };\n' >"$folder/$1.dat"
}

prosody_config() {
	cat <<-END
		run_as_root = true
		data_path = "$T/prosody/data"
		pidfile = "$T/prosody/pid"
		daemonize = false
		log = { { levels = { min = "${PROSODY_LOG:-info}" }, to = "file",
			filename = "$T/prosody/log" } }
		plugin_server = ""
		interfaces = { "127.0.0.1" }
		c2s_ports = { $starttls_port }
		c2s_direct_tls_ports = { $tls_port }
		s2s_ports = {}
		s2s_direct_tls_ports = {}
		modules_enabled = { "roster", "saslauth", "tls", "disco",
			"posix", "ping", "smacks", "offline", "carbons",
			"time", "version", ${PROSODY_MODULES:-} }
		modules_disabled = { "s2s" }
		c2s_require_encryption = true
		authentication = "${PROSODY_AUTH:-internal_plain}"
		storage = "internal"
		ssl = { certificate = "$T/prosody/localhost.crt";
			key = "$T/prosody/localhost.key";
			${PROSODY_SSL:-} }
		${PROSODY_MORE:-}
		VirtualHost "localhost"
		${PROSODY_COMPONENTS:-}
	END
}

prosody_start() {
	mkdir -p "$T/prosody/data"
	certificate_in prosody
	free_port && starttls_port=$port
	free_port && tls_port=$port
	prosody_account alice
	prosody_account bob
	prosody_account carol
	prosody_config >"$T/prosody/config.lua"
	printf 'secret\n' >"$T/password"
	chmod 600 "$T/password"
	start prosody "${prosody[@]}" --config "$T/prosody/config.lua" -F
	if ! await_port "$starttls_port" || ! await_port "$tls_port"; then
		bail "prosody does not start: $(tail -5 "$T/prosody/log")"
	fi
	as_alice=(--jid alice@localhost --password-file "$T/password"
		--server "127.0.0.1:$starttls_port" --ca "$ca")
	as_bob=(--jid bob@localhost "${as_alice[@]:2}")
	as_carol=(--jid carol@localhost "${as_alice[@]:2}")
}

# Both see each other's presence.
prosody_friends() { # NAME NAME
	local folder=$T/prosody/data/localhost/roster
	mkdir -p "$folder"
	prosody_contact "$2" >"$folder/$1.dat"
	prosody_contact "$1" >"$folder/$2.dat"
}

prosody_contact() { # NAME
	cat <<-END
		return {
			[false] = { ["version"] = 1; };
			["$1@localhost"] = {
				["subscription"] = "both";
				["groups"] = {};
			};
		};
	END
}

# The same with modules of the Web, as '"bosh", "http_files"': leaves
# $https_port, $http_port and, served as https://localhost/.well-known, the folder $known.
prosody_start_web() { # MODULES
	free_port && https_port=$port
	free_port && http_port=$port
	known=$T/www/.well-known
	mkdir -p "$known"
	PROSODY_MODULES=$1 PROSODY_MORE="
		http_files_dir = '$T/www'
		http_paths = { files = '/' }
		https_ports = { $https_port }
		http_ports = { $http_port }
		http_interfaces = { '127.0.0.1' }
		https_interfaces = { '127.0.0.1' }
		https_ssl = { certificate = '$T/prosody/localhost.crt';
			key = '$T/prosody/localhost.key' }" prosody_start
	await_port "$https_port" || bail "no HTTPS: $(tail -5 "$T/prosody/log")"
}
