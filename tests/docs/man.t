#!/bin/bash
# shellcheck disable=SC2086 # lists of files, without blanks
# Man pages say what the program does: options, keys, statuses, examples.
. "${TOP:-.}/tests/lib.sh" || exit 1
need mandoc perl
cd "$TOP" || exit 1

pages=$(ls man/*.[1-9])
tools=$(for f in cmd/*.c cmd/*/; do
	[ -e "$f" ] && basename "$f" .c
done)

# What mandoc says of pages that are not installed here is not about ours.
bad=$(for p in $pages; do mandoc -Tlint "$p"; done 2>&1 |
	grep -vE 'referenced manual not found|outdated mandoc.db')
is "$bad" '' 'mandoc has nothing to say'
bad=$(awk '$1 == ".Xr" && $2 ~ /^(sip|xmpp|samtal)/ {
	print FILENAME ": " $2 "." $3 }' $pages | sort -u |
	while read -r page name; do
		[ -f "man/$name" ] || echo "$page $name is no page"
	done)
is "$bad" '' 'our own pages that are referred to are there'
is "$(man/sync --check $pages)" '' 'what pages share is fresh (make man-sync)'

# ---- samtal(7) ----

statuses=$(awk '/^\.Sh EXIT STATUS/ { on = 1 } /^\.Sh SEE/ { on = 0 }
	on && $1 == ".It" { n = $2; getline; sub(/[:,].*/, "")
	sub(/: .*/, ""); print n "\t" $0 }' man/samtal.7)
is "$(cut -f1 <<<"$statuses")" "$(schema statuses | cut -f1)" \
	'samtal(7) has every status'
bad=$(diff <(echo "$statuses") <(schema statuses) |
	grep '^[<>]' | grep -v 'malformed data$')
is "$bad" '' 'in the words of the program'

# ---- every tool's page ----

# Names of options in a page: each "Fl x", "Fl -name" and "Fl Fl name" of an
# .It line; "Fl c , -count" is one macro for two names.
options_of_page() {
	awk '$1 == ".It" && $2 == "Fl" {
		for (i = 2; i <= NF; i++) {
			if ($i == "Fl") fl = 1
			else if ($i == "Ar" || $i == "Ns" || $i == "Op") fl = 0
			else if (fl && $i != ",") print $i
		}
		fl = 0
	}' "$1" | sed 's/^-//' | sort
}

for tool in $tools; do
	page=man/$tool.1
	if [ ! -f "$page" ]; then
		fail "$tool has a page"
		continue
	fi
	"$tool" --dump-options >"$T/options"
	is "$(options_of_page "$page")" \
		"$(sed 1d "$T/options" | cut -f2,3 | tr '\t' '\n' |
			sed '/^$/d' | sort)" \
		"$tool(1) has its options and no other"
	is "$(sed -n 's/^\.Nd //p' "$page")" "$(sed -n 1p "$T/options" |
		cut -f7)" "$tool(1) has the summary of --help"
	found=$(sed -n 's/^\.Sh //p' "$page" | paste -sd' ')
	bad=
	for s in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' EXAMPLES 'SEE ALSO'
	do
		[[ " $found " == *" $s "* ]] || bad="$bad $s"
	done
	is "$bad" '' "$tool(1) has the sections every page has"
	like "$(awk '/^\.Sh/ { on = $2 == "EXAMPLES" } on' "$page")" \
		'\.Bd -literal' "$tool(1) has examples"
done

# ---- letters ----

bad=$(for tool in $tools trial; do
	"$tool" --dump-options | sed 1d | awk -F'\t' -v tool="$tool" '
		$2 != "" { print $2 "\t" $3 "\t" tool }'
done | while IFS=$'\t' read -r letter name tool; do
	want=$(schema letters | awk -F'\t' -v l="$letter" -v t="$tool" '
		$1 == l && ($3 == "" || $3 == t) { n = $2; if ($3) exit }
		END { print n }')
	[ "$want" = "$name" ] ||
		echo "$tool: -$letter is --$name, in the registry ${want:-not}"
done)
is "$bad" '' 'letters mean the same everywhere (common/cli/opt_registry.c)'
finish
