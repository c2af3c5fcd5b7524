#!/bin/bash
# Passwords come from where they may be, are read once, and are seen nowhere.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq script setsid pgrep

canary=c4n4ry-$$
printf '%s\nsecond line\n' "$canary" >"$T/password"
chmod 600 "$T/password"
password() { run trial -j --jid bot@example.org "$@" password; }
said() { jq -r .text "$T/out"; }

password --password-file "$T/password"
is "$(said)" "$canary" 'the first line of a file'
is "$err" '' 'without a warning where it is closed to others'
chmod 644 "$T/password"
password --password-file "$T/password"
is "$(said)" "$canary" 'a file that others can read serves'
like "$err" 'can be read by others' 'with a warning'
password --password-file "$T/none"
is "$status" 8 'a file that is not there is 8'
: >"$T/empty"
password --password-file "$T/empty"
is "$status" 5 'an empty one is 5'
password --password-file /dev/zero
is "$status" 5 'an endless one too'
printf 'crlf\r\n' >"$T/crlf"
password --password-file "$T/crlf"
is "$(said)" crlf 'CR LF ends a line'

run bash -c "printf 'p w\nbody' | { trial -j --jid a@b --password-fd 0 \
	password; cat; }"
like "$out" '"text":"p w"' 'from a descriptor'
like "$out" $'\nbody$' 'of which what follows is left to others'
password --password-fd 99
is "$status" 8 'a descriptor that is none is 8'
password --password-fd x
is "$status" 2 'and what is no number 2'

password --password-command "cat '$T/password'"
is "$(said)" "$canary" 'from a command'
password --password-command 'echo half; exit 3'
is "$status$out" 5 'what a failing command printed does not count'
like "$err" 'password of bot@example.org: .*status 3$' 'and its end is said'
password --password-command 'kill -9 $$'
like "$err" 'died of signal 9$' 'also one by a signal'
SECRET=1 password --password-command 'env | grep -c SECRET; exit 0'
is "$(said)" 0 'its environment is clean'
password --password-command 'ls /proc/self/fd | wc -l'
is "$(said)" 4 'it inherits no descriptor'
password -w 0.2 --password-command 'echo half; exec tail -f /dev/null'
like "$status $err" '^5 .*does not end$' 'that it does not end, is said'
password -w 0.2 --password-command 'tail -f /dev/null'
is "$status" 5 'one that does not end is left at the deadline'

# ---- the terminal ----

run setsid trial --jid a@b password </dev/null
is "$status" 5 'without a terminal it is 5 at once'
like "$err" 'no terminal to ask on' 'and says what to do'

# A person at a terminal: `keys` is the keyboard, the screen comes by await.
at_terminal() { # COMMAND
	rm -f "$T/typing.in"
	mkfifo "$T/typing.in"
	exec {keys}<>"$T/typing.in"
	start typing script -qec "$1" /dev/null
	local screen
	IFS= read -r -d: -t "$DEADLINE" -u "${fds[typing]}" screen
	is "$screen" 'Password of bot@example.org' 'the prompt names the account'
}

at_terminal 'trial -j --jid bot@example.org password; stty -a'
echo "$canary" >&"$keys"
await typing '"text"'
is "$(jq -r .text <<<"$line")" "$canary" 'what is typed is the password'
await_end typing
unlike "$(grep -v '"text"' "$T/typing.out")" "$canary" 'and not shown'
like "$(cat "$T/typing.out")" '[ ;]echo ' 'the echo is on again'
exec {keys}<&-

at_terminal "trap : INT; trial --jid bot@example.org password; echo left \$?
	stty -a"
printf '\003' >&"$keys"
await typing '^left'
is "${line%$'\r'}" 'left 130' 'Ctrl-C at the prompt ends it'
await_end typing
like "$(cat "$T/typing.out")" '[ ;]echo ' 'with the echo on again'
unlike "$(cat "$T/typing.out")" 'trial:' 'and without a word'
exec {keys}<&-

# ---- nowhere else ----

start holding trial --jid bot@example.org --password-file "$T/password" -vv \
	--password-command 'x' wait
await holding '^ready'
stop holding
mkdir -p "$T/dump"
cat >"$T/slow" <<EOF
cat '$T/password'
exec 1>&-
read -r _ <'$T/go'
EOF
mkfifo "$T/go"
exec {go}<>"$T/go"
start holding trial --jid bot@example.org -vv \
	--password-command "sh '$T/slow'" password
await_child() { # until the command has run up to its wait
	perl -MTime::HiRes=time -e 'my $end = time + 10;
		until (`pgrep -P $ARGV[0]`) { exit 1 if time > $end;
		select undef, undef, undef, 0.01 }' "$1"
}
await_child "${pids[holding]}"
pid=${pids[holding]}
tr '\0' '\n' <"/proc/$pid/cmdline" >"$T/dump/cmdline"
tr '\0' '\n' <"/proc/$pid/environ" >"$T/dump/environ" 2>/dev/null
like "$(cat "/proc/$pid/limits")" 'Max core file size +0 +0' 'no core is left'
is "$(stat -c %U "/proc/$pid/environ")" root 'others of this user cannot trace it'
unlike "$(cat "$T/dump"/*)" "$canary" 'no password in argv or environment'
echo >&"$go"
stop holding
unlike "$err" "$canary" 'nor on stderr with -vv'
finish
