# shellcheck shell=bash
# tests/docs/stage.sh - the world in which the examples of the papers work
#
# Sourced by examples.t.  Names under example.org, .net and .com resolve, by
# a nameserver of this test, to an address of the loopback network that is
# this run's own; there the usual ports are free, so the examples are run as
# they are printed.  me.example.org is where tools of the examples listen.  Tools get --resolver, --ca and, where they listen without
# being told where, --listen by a wrapper that comes first in PATH.
#
# Whoever writes a page puts here what its examples need: a file, an account,
# a server that is spoken to.

# 127.64/10, so that two runs at the same time do not meet.
octet() { echo $((RANDOM % 250 + 2)); }
net=127.$((64 + RANDOM % 64)).$(octet)
far=$net.1 here=$net.2 im=$net.3 reg=$net.4
stage=$T/stage
mkdir -p "$stage/bin" "$stage/home" "$stage/cwd"

# ---- names ----

for domain in example.org example.net example.com; do
	for name in '' www. pbx. chat. conference. upload. proxy. sip.; do
		echo "$name$domain A $far"
	done
	for host in alice bob; do echo "$host.$domain A $far"; done
	echo "me.$domain A $here"
	echo "im.$domain A $im"
	echo "reg.$domain A $reg"
	echo "_xmpp-client._tcp.$domain SRV 0 0 5222 chat.$domain"
	echo "_sip._udp.$domain SRV 0 0 5060 sip.$domain"
	echo "_sip._tcp.$domain SRV 0 0 5060 sip.$domain"
	echo "$domain NAPTR 10 10 \"s\" \"SIP+D2U\" \"\" _sip._udp.$domain"
	echo "$domain NAPTR 20 10 \"s\" \"SIP+D2T\" \"\" _sip._tcp.$domain"
done >"$stage/zone"
echo '4.3.2.1.6.4.e164.arpa NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:bob@example.org!" .' >>"$stage/zone"
start dns dns -l "$far" "$stage/zone"
await dns '^[0-9]' || bail 'the nameserver of the test does not start'
nameserver=$line

# ---- who one is ----

export HOME=$stage/home
mkdir -p "$HOME/.config/samtal"
for person in bot alice bob; do
	echo "secret-$person" >"$HOME/$person.password"
	chmod 600 "$HOME/$person.password"
	cat <<-EOF
		[$person]
		jid = $person@example.org
		sip = sip:$person@example.org
		registrar = sip:reg.example.org
		password-file = $HOME/$person.password
	EOF
done >"$HOME/.config/samtal/accounts"
sed -i 's/^\[bot\]$/[default]\njid = bot@example.org\npassword-file = '"${HOME//\//\\/}"'\/bot.password\n&/' \
	"$HOME/.config/samtal/accounts"
chmod 600 "$HOME/.config/samtal/accounts"

# ---- files that examples read ----

cd "$stage/cwd" || exit 1
tone make 440 2 >hello.wav
captures make >trunk.pcap
echo 'Tea is ready.' >message.txt
printf 'alice@example.org\nbob@example.org\n' >people.txt

# ---- who is spoken to ----

has() { [ -x "$BUILD/$1" ]; }
if has xmppserve; then
	for person in bot alice bob; do
		echo "$person:secret-$person"
	done >"$stage/users"
	start xmppserve "$BUILD/xmppserve" --domain example.org \
		--users "$stage/users" --listen "$far:5222"
	await_ready xmppserve
	cp "$ca" "$stage/ca.pem"
fi
if has sipanswer; then
	start sipanswer "$BUILD/sipanswer" --listen "$far:5060" \
		--audio-out /dev/null
	await_ready sipanswer
fi
start im "$BUILD/siprecv" --listen "$im:5060"
await_ready im
cat >"$stage/pidf" <<-EOF
	<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:bob@pbx.example.org">
	<tuple id="a"><status><basic>open</basic></status></tuple></presence>
EOF
start notifier "$TOP/tests/mock/sip-notifier" --listen "$far:5070" \
	--type application/pidf+xml "$stage/pidf"
await_ready notifier
start reg "$TOP/tests/mock/sip-peer" --host "$reg" --port 5060 \
	--header "Contact: <sip:phone@$here>;expires=60" 200
await_ready reg

# ---- the tools, told where this world is ----

for path in "$BUILD"/*; do
	tool=${path##*/}
	[ -f "$path" ] || continue
	"$path" --dump-options >"$stage/options" 2>/dev/null || continue
	extra=
	has_option() { cut -f3 "$stage/options" | grep -qxF "$1"; }
	if has_option resolver; then extra="--resolver $nameserver"; fi
	if has_option ca && [ -e "$stage/ca.pem" ]; then
		extra="$extra --ca $stage/ca.pem"
	fi
	{
		echo '#!/bin/sh'
		if has_option listen; then
			cat <<-EOF
				case " \$* " in
				*' --listen'* | *' -h '* | *' --help '*) ;;
				*) set -- --listen $here:5060 "\$@" ;;
				esac
			EOF
		fi
		echo "exec '$path' $extra \"\$@\""
	} >"$stage/bin/$tool"
	chmod +x "$stage/bin/$tool"
done
export PATH="$stage/bin:$PATH"
