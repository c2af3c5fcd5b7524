#!/bin/bash
# shellcheck disable=SC2016
# What holds for every tool that is built, whatever its job.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

tools=$(cd "$TOP" && for f in cmd/*.c cmd/*/; do
	[ -e "$f" ] && basename "$f" .c
done)
[ -n "$tools" ] || bail 'there are no tools'

one_sentence() { # NAME: one line on stderr that begins with the tool's
	is "$(printf '%s' "$err" | wc -l)" 0 "$1: one line on stderr"
	like "$err" "^$tool: .+[^.]$" "$1: that names the tool"
}

# An operand of the kind it takes, as often as it must be given.
operands() {
	local word i
	case $kind in
	jid) word=bob@localhost ;;
	sip-uri) word=sip:bob@127.0.0.1:9 ;;
	*'|'*) word=${kind%%|*} ;;
	*) word=operand ;;
	esac
	for ((i = 0; i < ${count%%..*}; i++)); do
		echo "$word"
		[[ $kind != *'|'* ]] || word=room@conference.localhost
	done
}

asks_for_help() {
	run "$tool" --help
	is "$status$err" 0 "$tool --help is 0, without a word on stderr"
	like "$out" "^usage: $tool " "$tool --help begins with the usage"
	is "$(awk 'length > 80' "$T/out")" '' "$tool --help fits 80 columns"
	run bash -c "$tool --help >/dev/full"
	is "$status" 8 "$tool --help to a full disk is 8"
	one_sentence "$tool --help to a full disk"
	run bash -c "$tool --help >&-"
	is "$status" 8 "$tool --help to a closed stdout is 8"
	run bash -c "$tool --help <&-"
	is "$status" 0 "$tool --help needs no stdin"
	run bash -c "set -o pipefail; $tool --help | :"
	is "$status$err" 0 "$tool --help | : is 0"
	run "$tool" -V
	like "$out" "^$tool [0-9]+\.[0-9]+\.[0-9]+ " "$tool -V says its version"
}

is_misused() {
	run "$tool" --no-such-option
	is "$status$out" 2 "$tool --no-such-option is 2"
	one_sentence "$tool --no-such-option"
	if [ "${count%%..*}" -gt 0 ]; then
		run "$tool" </dev/null
		is "$status$out" 2 "$tool without operands is 2"
		one_sentence "$tool without operands"
	fi
	if [ -n "${count##*..}" ]; then
		local many=()
		for ((i = 0; i <= ${count##*..}; i++)); do many+=(x); done
		run "$tool" "${many[@]}"
		is "$status$out" 2 "$tool with too many operands is 2"
		one_sentence "$tool with too many operands"
	fi
}

is_dumped() {
	is "$(awk -F'\t' 'NF != 7' "$T/options")" '' \
		"$tool --dump-options has seven columns"
	is "$(cut -f3 "$T/options" | sed '1d;/^$/d' | sort | uniq -d)" '' \
		"$tool has no option twice"
	is "$(cut -f2 "$T/options" | sed '1d;/^$/d' | sort | uniq -d)" '' \
		"$tool has no letter twice"
}

# libcurl brings 25 libraries: it is opened by who goes through its door.
# readline is GPL: only samtal links it.
is_linked() {
	local libraries
	libraries=$(ldd "$BUILD/$tool")
	unlike "$libraries" 'libcurl' "$tool does not load libcurl"
	[ "$tool" = samtal ] ||
		unlike "$libraries" 'libreadline' "$tool does not load readline"
}

# Its server says nothing; the password is then in the process or nowhere.
holds_its_password() {
	local canary=c4n4ry-$RANDOM$RANDOM as=() traces words
	printf '%s\n' "$canary" >"$T/canary"
	chmod 600 "$T/canary"
	start silent perl -MIO::Socket::INET -e '
		$| = 1;
		my $s = IO::Socket::INET->new(Listen => 5,
			LocalAddr => "127.0.0.1") or die;
		print "ready\t-\t127.0.0.1\t", $s->sockport, "\ttcp\t-\n";
		my @all;
		while (my $c = $s->accept) { push @all, $c; print "taken\n" }'
	await_ready silent
	if grep -q '	jid	' "$T/options"; then
		as=(--jid canary@localhost --server "127.0.0.1:$port")
	else
		as=(--uri sip:canary@localhost
			--proxy "sip:127.0.0.1:$port;transport=tcp")
	fi
	mapfile -t words < <(operands)
	# Those that take none as well, or others first.
	case $tool in
	sipsend) words=(sip:bob@127.0.0.1:9) ;;
	xmppsend) words=(bob@localhost) ;;
	sipsub) words[0]=presence ;;
	xmppmuc) words=(bookmarks) ;;
	esac
	echo body >"$T/held.in"
	[ "$tool" != xmppraw ] || echo '<presence/>' >"$T/held.in"
	if grep -q '	audio-out	' "$T/options"; then
		: >"$T/held.in"
		as+=(--audio-out /dev/null)
	fi
	grep -q '	listen	' "$T/options" && as+=(--listen 127.0.0.1:0)
	start held "$tool" -vv --password-file "$T/canary" "${as[@]}" \
		"${words[@]}"
	if [[ " ${as[*]} " == *' --listen '* ]]; then
		await_ready held
	else
		await silent '^taken' 5 >/dev/null
	fi
	local pid=${pids[held]}
	traces=$(cat "/proc/$pid/cmdline" "/proc/$pid/environ" 2>/dev/null |
		tr '\0' '\n')
	like "$(cat "/proc/$pid/limits")" 'Max core file size +0 +0' \
		"$tool leaves no core with a password in it"
	stop held
	stop silent
	rm "$T/held.in"
	unlike "$traces" "$canary" "$tool: no password in argv, environment"
	unlike "$err$(cat "$T/held.out")" "$canary" "$tool: nor in its trace"
	is "$(grep -rl "$canary" "$T" | grep -v '/canary$')" '' \
		"$tool: nor in a file"
}

for tool in $tools; do
	run "$tool" --dump-options
	is "$status" 0 "$tool --dump-options is 0"
	cp "$T/out" "$T/options"
	IFS=$'\t' read -r _ count _ _ kind _ < <(
		sed -n '1s/\t\t/\t/p' "$T/options")
	asks_for_help
	is_misused
	is_dumped
	is_linked
	if grep -q '	password-file	' "$T/options"; then
		holds_its_password
	fi
done
finish
