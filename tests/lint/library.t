#!/bin/bash
# shellcheck disable=SC2086 # lists of files, without blanks
# Nothing in common/ exits or prints, cli/ and base/fatal aside: an exit in a
# live dialog leaves a far phone ringing.  Looked for in what was compiled, so
# that no macro hides it.
. "${TOP:-.}/tests/lib.sh" || exit 1
need nm
cd "$TOP" || exit 1

words='exit|_exit|_Exit|quick_exit|abort|printf|vprintf|puts|putchar|perror'
words="$words|fprintf|vfprintf|fputs|fwrite|stdout|stderr"
words="$words|err|errx|warn|warnx|syslog|system|popen"
objects=$(for o in "$BUILD"/common/*/*.o; do
	case $o in
	*/common/cli/* | */common/base/fatal.o) ;;
	*) echo "$o" ;;
	esac
done)
[ -n "$objects" ] || bail "nothing is built in $BUILD"
bad=$(nm -A -u $objects | sed 's/@.*//' |
	grep -E " U (__)?($words)(_chk)?$" | sed "s|^$BUILD/||")
is "$bad" '' 'nobody exits, prints or runs a shell'

# One clock, one source of random bytes: the simulated network has its own.
clocks='clock_gettime|gettimeofday|time|ftime|timespec_get|sleep|usleep'
clocks="$clocks|nanosleep|clock_nanosleep"
bad=$(nm -A -u $objects | sed 's/@.*//' | grep -E " U ($clocks)$" |
	grep -vE '/common/net/(loop_event|timer|sock_system|tls_make)\.o' |
	sed "s|^$BUILD/||")
is "$bad" '' 'only net/loop reads a clock'
random='random|rand|srand|srandom|drand48|arc4random|arc4random_buf|getrandom'
bad=$(nm -A -u $objects | sed 's/@.*//' |
	grep -E " U ($random|RAND_bytes)$" |
	grep -v '/common/base/rand\.o' | sed "s|^$BUILD/||")
is "$bad" '' 'only base/rand gives random bytes'
finish
