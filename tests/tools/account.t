#!/bin/bash
# Which account is taken: options, sections, defaults, ~/.sendxmpprc.
. "${TOP:-.}/tests/lib.sh" || exit 1
need jq

file=$T/.config/samtal/accounts
mkdir -p "${file%/*}"
account() { run trial -j "$@" account; }
said() { jq -r "select(.event == \"$1\").text" "$T/out"; }

account
is "$status" 2 'no account at all is a usage error'
like "$err" 'give --jid or -a' 'and says what to give'
account -a bot
like "$err" 'no accounts file' '-a without a file is one too'

printf 'old@example.org;im.example.org:5299 secret\n' >"$T/.sendxmpprc"
chmod 600 "$T/.sendxmpprc"
account
is "$(said address) $(said server)" 'old@example.org im.example.org:5299' \
	'.sendxmpprc serves where there is no file'
run trial -j password
is "$(jq -r .text "$T/out")" secret 'with its password'
run trial -j --password-command 'echo other' password
is "$(jq -r .text "$T/out")" other 'unless an option gives another'

cat >"$file" <<'EOF'
[bot]
jid = bot@example.org
server = s.example.org
xmpp-ca = /x.pem
ca = /both.pem
password-command = echo from the file

[desk]
sip = sip:100@pbx.example.org
EOF
chmod 600 "$file"
account
is "$(said address)" bot@example.org 'the only section with a JID is taken'
is "$(said ca)" /x.pem 'a key of the protocol hides the bare one'
account --server 10.0.0.1
is "$(said server)" 10.0.0.1 'an option comes before the file'
run trial -j -a bot password
is "$(jq -r .text "$T/out")" 'from the file' 'the password command is run'
account --jid me@example.net
is "$(said address) $(said server)" 'me@example.net ' '--jid alone reads no file'
account -a desk
is "$status" 2 'a section without a JID will not do'
like "$err" 'account desk has no jid' 'and is named'
account -a nobody
like "$err" 'no section \[nobody\]' 'a section that is not there is said'

printf '[second]\njid = two@example.org\n' >>"$file"
account
is "$status" 2 'two accounts and no word which is a usage error'
like "$err" 'choose with -a' 'that says how to choose'
account -a second
is "$(said address)" two@example.org '-a chooses'
printf '[default]\njid = def@example.org\n' >>"$file"
account
is "$(said address)" def@example.org 'and "default" is the default'

chmod 640 "$file"
account
is "$status" 2 'a file that the group can read is refused'
like "$err" 'chmod 600' 'with the command that mends it'
account --jid me@example.net
is "$status" 0 'but not where it is not needed'
finish
