#!/bin/bash
# Every fuzz target is built with clang's sanitizers and gets 100,000 inputs,
# or as many as it can take in a few seconds.  `make fuzz` goes on longer.
. "${TOP:-.}/tests/lib.sh" || exit 1
need clang
cd "$TOP" || exit 1

# Of its own making, not a part of the make that may have started this.
unset MAKEFLAGS MFLAGS MAKELEVEL
if ! ${MAKE:-make} fuzzers >"$T/make" 2>&1; then
	tail -n 30 "$T/make" | note
	bail 'the fuzz targets are not built'
fi
fuzzers=()
for source in tests/fuzz/fuzz_*.c; do
	fuzzers+=("build-fuzz/$(basename "$source" .c)")
done
FUZZ_RUNS=100000 FUZZ_SECONDS=${SMOKE_SECONDS:-5} tests/fuzz/run "${fuzzers[@]}"
