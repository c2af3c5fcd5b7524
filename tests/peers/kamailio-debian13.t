#!/bin/bash
# The tests with Kamailio once more, with the Kamailio 6 of a Debian 13 in a
# folder: each of their checks is one of this test.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/debian13.bash" || exit 1
debian13_need usr/sbin/kamailio

export KAMAILIO_OF_DEBIAN13=1 DEBIAN13
note "$("${in_debian13[@]}" kamailio -v | head -1)"
again() { # TEST
	local name=$1 said end
	while IFS= read -r said; do
		case $said in
		'ok '*'# SKIP'*) skip "${said##*# SKIP }" "$name" ;;
		'ok '*) pass "$name: ${said#* - }" ;;
		'not ok '*) fail "$name: ${said#* - }" ;;
		'1..0'*) skip "${said##*# SKIP }" "$name" ;;
		'1..'*) ;;
		*) printf '%s\n' "$said" ;;
		esac
	done < <(bash "$TOP/tests/peers/$name.t")
	wait $!
	end=$?
	is "$end" 0 "$name: to its end"
}
for test in sipping sip-login sip sip-ws sippresence; do
	again "$test-kamailio"
done
finish
