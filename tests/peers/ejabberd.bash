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
# $T/ejabberd, has made.
#
# $DEBIAN13 is that folder (debootstrap; with ejabberd installed; proc mounted),
# ../debian13 or ../deb13 where it is not set.  It is entered by chroot, which
# only root may; whoever cannot, skips.  Accounts and variables are those of
# prosody_start.

ejabberd_need() {
	local folder
	for folder in "${DEBIAN13:-}" "$TOP/../debian13" "$TOP/../deb13"; do
		[ -n "$folder" ] && [ -x "$folder/usr/sbin/ejabberdctl" ] &&
			break
		folder=
	done
	DEBIAN13=$folder
	if [ -z "$DEBIAN13" ]; then
		echo '1..0 # SKIP no Debian 13 with ejabberd in $DEBIAN13'
		exit 0
	elif ! chroot "$DEBIAN13" true 2>/dev/null; then
		echo "1..0 # SKIP only root can enter $DEBIAN13"
		exit 0
	fi
}

ejabberd_config() {
	cat <<-END
		hosts: [localhost]
		loglevel: ${EJABBERD_LOG:-warning}
		auth_method: internal
		auth_password_format: plain
		disable_sasl_mechanisms: []
		certfiles: [$inside/localhost.pem]
		ca_file: $inside/ca.pem
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
		    cafile: $inside/ca.pem
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
	local names='<<"alice">>, <<"bob">>, <<"carol">>'
	ejabberd_need
	certificate_in ejabberd
	inside=/tmp/${T##*/}
	outside=$DEBIAN13$inside
	mkdir -p "$outside"
	at_end="rm -rf $outside"
	free_port && starttls_port=$port
	free_port && tls_port=$port
	cat "$T/ejabberd/localhost.crt" "$T/ejabberd/localhost.key" \
		>"$outside/localhost.pem"
	cp "$ca" "$outside/ca.pem"
	ejabberd_config >"$outside/ejabberd.yml"
	start ejabberd chroot "$DEBIAN13" env HOME="$inside" \
		ERL_LIBS=/usr/lib/x86_64-linux-gnu \
		EJABBERD_CONFIG_PATH="$inside/ejabberd.yml" \
		EJABBERD_LOG_PATH="$inside/log" \
		erl +S 1 -noinput -mnesia dir "\"$inside/spool\"" -eval "
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
