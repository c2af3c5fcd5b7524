#!/bin/bash
# shellcheck disable=SC2086,SC2046 # lists of files, without blanks
# What a reader meets: shell scripts that shellcheck passes, lines of eighty
# columns, no blank at the end of one, no words for later.
. "${TOP:-.}/tests/lib.sh" || exit 1
need shellcheck git
cd "$TOP" || exit 1

files=$(git ls-files --cached --others --exclude-standard |
	grep -vE '^tests/fuzz/corpus/|^tests/data/|^LICENSE$' |
	while read -r f; do [ -f "$f" ] && echo "$f"; done)
scripts=$(for f in $files; do
	head -c 64 "$f" | head -n 1 | grep -qE '^#!.*[/ ](ba)?sh( |$)' &&
		echo "$f"
done)
bad=$(printf '%s\n' $scripts |
	xargs -P 2 -n 4 shellcheck -f gcc 2>&1 | head -20)
is "$bad" '' 'shellcheck has nothing to say'

# Eighty columns are the rule and clang-format's work; this is the wall behind
# it, for what no tool breaks.
sources=$(printf '%s\n' $files | grep -E '\.[ch]$|\.t$|^Makefile$')
bad=$(expand $sources | perl -CS -ne 'print "$.: $_" if length > 101')
is "$bad" '' 'no line is over 100 columns'

bad=$(grep -nE '[ 	]+$' $(printf '%s\n' $files |
	grep -E '\.[ch]$|\.t$|^README$|/README$|^man/|^Makefile$') | head -20)
is "$bad" '' 'no line ends in a blank'

word='TO''DO|FIX''ME|X''XX:|HA''CK'
bad=$(grep -nE "\\b($word)\\b" $(printf '%s\n' $files | grep -vE '^build') |
	head -20)
is "$bad" '' 'nothing is left for later'
finish
