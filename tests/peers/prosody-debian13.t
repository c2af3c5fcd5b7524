#!/bin/bash
# The archive, presence and the turnarounds once more, with the Prosody 13 of a
# Debian 13 in a folder: each check of those tests is one of this test.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/debian13.bash" || exit 1
debian13_need usr/bin/prosody

export PROSODY_OF_DEBIAN13=1 DEBIAN13
for test in xmpprecv xmpppresence; do
	debian13_again "$test-prosody"
done
debian13_again xmpp-turnarounds
finish
