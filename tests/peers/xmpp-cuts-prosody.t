#!/bin/bash
# Ten thousand messages through Prosody over connections that are cut again and
# again, on the sender's side and on the receiver's: each arrives once, in order.
#
# Prosody 0.12 keeps the parser of the first connection for the whole session:
# where a reset makes it drop what it has not read yet, half a stanza stays
# there, and the session is lost.  So its own side ends gently, wherever that
# is; xmpp-cuts.t has resets on both sides.
. "${TOP:-.}/tests/lib.sh" || exit 1
. "$TOP/tests/peers/prosody.bash"
. "$TOP/tests/cuts.bash"
need prosody openssl jq perl
export DEADLINE=120
seed=${SEED:-$RANDOM}
note "seed $seed"

by_relay() { # OPTION...: the same, by $port
	printf '%s\n' "${@/%:$starttls_port/:$port}"
}
# While the receiver is away more come than the 500 that are kept without this.
PROSODY_MORE='smacks_max_queue_size = 10000' prosody_start
relay to_sender "$starttls_port" "$seed" 72 6000 120000 gently
mapfile -t as_alice < <(by_relay "${as_alice[@]}")
relay to_receiver "$starttls_port" "$((seed + 1))" 12 6000 400000 gently
mapfile -t as_bob < <(by_relay "${as_bob[@]}")
ten_thousand_over_cuts to_sender to_receiver
finish
