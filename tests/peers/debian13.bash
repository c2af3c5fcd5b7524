# shellcheck shell=bash disable=SC2034
# tests/peers/debian13.bash - peers out of a Debian 13 in a folder
#
#	. "$TOP/tests/lib.sh"; . "$TOP/tests/peers/debian13.bash"
#	debian13_need usr/sbin/kamailio
#	debian13_share
#	start kamailio "${in_debian13[@]}" kamailio -f "$T/kamailio.cfg"
#
# The folder is $DEBIAN13, or build/debian13, where `make debian13` puts it.
# It is entered by chroot, which only root may; whoever cannot, skips, and so
# does CI where it could not be made.

# Leaves $DEBIAN13, an absolute path, and $in_debian13, which goes before a
# command; or says in $why why not.
debian13_find() { # PROGRAM: a path in it
	DEBIAN13=${DEBIAN13:-$TOP/build/debian13}
	case $DEBIAN13 in /*) ;; *) DEBIAN13=$TOP/$DEBIAN13 ;; esac
	in_debian13=(chroot "$DEBIAN13")
	if [ ! -x "$DEBIAN13/$1" ]; then
		why="no /$1 in $DEBIAN13: \`make debian13\` makes it"
	elif ! chroot "$DEBIAN13" true 2>/dev/null; then
		why="only root can enter $DEBIAN13"
	else
		return 0
	fi
	return 1
}

debian13_need() { # PROGRAM
	debian13_find "$1" && return
	echo "1..0 # SKIP $why"
	exit 0
}

# From here on $T lies in the folder, and has the same name within and without.
debian13_share() {
	[ ! -L "$T" ] || return 0
	mkdir -p "$DEBIAN13${T%/*}"
	mv "$T" "$DEBIAN13$T"
	ln -s "$DEBIAN13$T" "$T"
	at_end="rm -rf $DEBIAN13$T"
}

# Runs another test and passes its checks on as checks of this one.
debian13_again() { # TEST
	local name=$1 said
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
	is "$?" 0 "$name: to its end"
}
