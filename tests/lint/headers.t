#!/bin/bash
# Every header compiles alone, and is guarded by the name its path gives.
. "${TOP:-.}/tests/lib.sh" || exit 1
cd "$TOP" || exit 1

headers=$(ls common/*/*.h)
# Each is a translation unit of its own, though they are named together.
# shellcheck disable=SC2086,SC2046
bad=$(printf '%s\n' $headers | xargs -P 2 -n 12 ${CC:-cc} -std=c17 \
	-D_GNU_SOURCE -Icommon -I. $(pkg-config --cflags libxml-2.0) \
	-Wall -fsyntax-only -x c 2>&1 | head -40)
is "$bad" '' 'every header compiles alone'

bad=$(for h in $headers; do
	guard=$(echo "${h#common/}" | tr 'a-z/.' 'A-Z__')
	[ "$(sed -n 's/^#ifndef //p' "$h" | head -n 1)" = "$guard" ] ||
		echo "$h: no guard $guard"
done)
is "$bad" '' 'every header is guarded by ROOM_NAME_H'

bad=$(for h in $headers; do
	head -n 1 "$h" | grep -qE '^/\* [a-z0-9_]+ - ' || echo "$h"
done)
is "$bad" '' 'every header begins with its name and purpose'

bad=$(grep -n '^#include ".*_private\.h"' common/*/*.[ch] cmd/*.[ch] cmd/*/*.[ch] |
	while IFS=: read -r file line text; do
		room=${text#*\"}
		[[ $file == common/${room%%/*}/* ]] || echo "$file:$line: $text"
	done)
is "$bad" '' 'what is private stays in its room'
finish
