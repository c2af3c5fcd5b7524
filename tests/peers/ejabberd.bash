# shellcheck shell=bash disable=SC2034,SC2154
# tests/peers/ejabberd.bash - an ejabberd 24 of the test's own, from a Debian 13
# in a folder
#
#	. "$TOP/tests/lib.sh"; . "$TOP/tests/peers/prosody.bash"
#	. "$TOP/tests/peers/ejabberd.bash"
#	need openssl jq
#	ejabberd_start
#
# On $tls_port it looks at certificates of clients that its authority, in
# $T/ejabberd, has made.  Accounts and variables are those of prosody_start.
# Where there is no ejabberd it skips.
. "$TOP/tests/peers/debian13.bash"

ejabberd_need() {
	debian13_need usr/sbin/ejabberdctl
}

ejabberd_config() {
	cat <<-END
		hosts: [localhost]
		loglevel: ${EJABBERD_LOG:-warning}
		auth_method: internal
		auth_password_format: plain
		disable_sasl_mechanisms: []
		certfiles: [$T/ejabberd/localhost.pem]
		ca_file: $T/ejabberd/ca.pem
		listen:
		  - port: $starttls_port
		    ip: 127.0.0.1
		    module: ejabberd_c2s
		    starttls_required: true
		    max_stanza_size: 262144
		  - port: $tls_port
		    ip: 127.0.0.1
		    module: ejabberd_c2s
		    tls: true
		    tls_verify: true
		    cafile: $T/ejabberd/ca.pem
		    max_stanza_size: 262144
		modules:
		  mod_disco: {}
		  mod_ping: {}
		  mod_roster: {}
		  mod_offline: {}
		  mod_carboncopy: {}
		  mod_client_state: {}
		  mod_stream_mgmt:
		    resend_on_timeout: if_offline
		  mod_auth_fast: {}
		  ${EJABBERD_MODULES:-}
	END
}

ejabberd_start() {
	local libraries names='<<"alice">>, <<"bob">>, <<"carol">>'
	ejabberd_need
	debian13_share
	certificate_in ejabberd
	free_port && starttls_port=$port
	free_port && tls_port=$port
	cat "$T/ejabberd/localhost.crt" "$T/ejabberd/localhost.key" \
		>"$T/ejabberd/localhost.pem"
	ejabberd_config >"$T/ejabberd/ejabberd.yml"
	libraries=("$DEBIAN13"/usr/lib/*/ejabberd-*)
	start ejabberd "${in_debian13[@]}" env HOME="$T/ejabberd" \
		ERL_LIBS="$(dirname "${libraries[0]#"$DEBIAN13"}")" \
		EJABBERD_CONFIG_PATH="$T/ejabberd/ejabberd.yml" \
		EJABBERD_LOG_PATH="$T/ejabberd/log" \
		erl +S 1 -noinput -mnesia dir "\"$T/ejabberd/spool\"" -eval "
			{ok, _} = application:ensure_all_started(ejabberd),
			[ok = ejabberd_auth:try_register(
				U, <<\"localhost\">>, <<\"secret\">>) ||
				U <- [$names]],
			io:format(\"started~n\")."
	await ejabberd '^started' 60 || bail "ejabberd does not start"
	printf 'secret\n' >"$T/password"
	chmod 600 "$T/password"
	as_alice=(--jid alice@localhost --password-file "$T/password"
		--server "127.0.0.1:$starttls_port" --ca "$ca")
	as_bob=(--jid bob@localhost "${as_alice[@]:2}")
	as_carol=(--jid carol@localhost "${as_alice[@]:2}")
}
