#!/bin/bash
# tests/deps, with a make-believe dpkg and apt-get: what it asks for and says.
# (That it works on a real machine is seen by .ci/run.)
. "${TOP:-.}/tests/lib.sh" || exit 1

mkdir -p "$T/bin"
fake() { # NAME: its commands on stdin
	{ echo '#!/bin/sh'; cat; } >"$T/bin/$1"
	chmod +x "$T/bin/$1"
}
for p in sh cat mktemp find sort rm; do
	ln -s "$(command -v "$p")" "$T/bin/$p"
done
fake dpkg-query <<'EOF'
for last; do :; done
case $last in here*) printf installed ;; *) exit 1 ;; esac
EOF
fake apt-get <<EOF
echo "\$*" >>'$T/asked'
EOF
fake id <<'EOF'
echo 1000
EOF

deps() { run env PATH="$T/bin" sh "$TOP/tests/deps" "$@" </dev/null; }

deps here1 here2
is "$status$out$err" 0 'where all is there nothing is said'
deps here1 gone1 gone2
is "$status" 1 'who may not install ends with 1'
like "$err" 'apt-get install -y --no-install-recommends gone1 gone2$' \
	'with the one line to run, for what is missing'
unlike "$err" 'here1' 'and nothing else'
ok 'and has not tried' [ ! -e "$T/asked" ]

rm "$T/bin/apt-get"
deps gone1
is "$status" 1 'on a system that is no Debian too'
like "$err" 'no Debian.*gone1' 'and it says so'
finish
