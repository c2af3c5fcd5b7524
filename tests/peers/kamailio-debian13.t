#!/bin/bash
# The tests with Kamailio once more, with the Kamailio 6 of a Debian 13 in a
# folder: each of their checks is one of this test.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/debian13.bash" || exit 1
debian13_need usr/sbin/kamailio

export KAMAILIO_OF_DEBIAN13=1 DEBIAN13
note "$("${in_debian13[@]}" kamailio -v | head -1)"
for test in sipping sip-login sip sip-ws sippresence; do
	debian13_again "$test-kamailio"
done
finish
