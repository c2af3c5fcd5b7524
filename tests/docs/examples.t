#!/bin/bash
# Every example of a man page and of README is run as it is printed.
# tests/docs/extract says how an example is written, tests/docs/stage.sh makes
# the world in which it runs.
. "${TOP:-.}/tests/lib.sh" || exit 1
need perl jq
. "$TOP/tests/docs/stage.sh" || exit 1

# Digits may differ: times, ports, lengths.  So may the blanks of columns.
shape() { sed -E 's/[0-9]+/0/g; s/[ 	]+/ /g'; }

how() { sed -n "s/^$1 //p" "$example.how"; } # WORD

try() { # NAME: the example whose files begin with $example
	local missing='' p tries
	if [ "$(how as)" = root ] && [ "$(id -u)" -ne 0 ]; then
		skip 'not root' "$1"
		return
	fi
	for p in $(how needs); do
		command -v "$p" >/dev/null || missing="$missing $p"
	done
	if [ -n "$missing" ]; then
		if [ -n "${CI:-}" ]; then
			fail "$1" "missing:$missing"
		else
			skip "missing:$missing" "$1"
		fi
		return
	fi
	start example timeout -k 2 "$DEADLINE" bash -e -o pipefail \
		"$example.sh"
	if [ -n "$(how meanwhile)" ]; then
		how meanwhile >"$example.meanwhile"
		for ((tries = 0; tries < 50; tries++)); do
			timeout 5 bash "$example.meanwhile" \
				>"$example.said" 2>&1 && break
			kill -0 "${pids[example]}" 2>/dev/null || break
			await_port 1 0.1 # nobody is there: a tenth of a second
		done
	fi
	if [ -n "$(how ends)" ]; then
		stop example "$(how ends)"
	else
		await_end example "$((DEADLINE + 5))"
	fi
	local want
	want=$(how status)
	if [ "$status" != "${want:-0}" ]; then
		fail "$1" "status $status, expected ${want:-0}: $err"
		note <"$example.sh"
		[ ! -e "$example.said" ] || note <"$example.said"
		return
	fi
	if [ -s "$example.want" ] && ! diff <(shape <"$example.want") \
		<(shape <"$T/example.out") >"$T/diff"; then
		fail "$1" 'it prints something else:'
		note <"$T/diff"
		return
	fi
	pass "$1"
}

for page in "$TOP"/man/*.1 "$TOP/README"; do
	[ -f "$page" ] || continue
	name=${page##*/}
	mkdir -p "$T/examples/$name"
	"$TOP/tests/docs/extract" "$page" "$T/examples/$name"
	for example in "$T/examples/$name"/*.sh; do
		[ -e "$example" ] || continue
		example=${example%.sh}
		try "$name, example ${example##*/}: $(head -n 1 "$example.sh")"
	done
done
[ "$checks" -gt 0 ] || skip 'no page has one yet' 'examples'
finish
