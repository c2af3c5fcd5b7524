#!/bin/bash
# Completions are those of the options the tools have now, and they work.
. "${TOP:-.}/tests/lib.sh" || exit 1
need bash perl
cd "$TOP" || exit 1

tools=$(for f in cmd/*.c cmd/*/; do
	[ -e "$f" ] && basename "$f" .c
done)
if [ -n "$tools" ]; then
	# shellcheck disable=SC2086
	completions/generate "$T/fresh" $tools
	for shell in bash zsh fish; do
		is "$(diff -rq "$T/fresh/$shell" "completions/$shell")" '' \
			"those for $shell are fresh (make completions)"
	done
fi

# ---- do they work?  On a tool that has every kind of option. ----

completions/generate "$T/trial" trial
mkdir -p "$T/.config/samtal"
printf '[bot]\njid = a@b\n[desk]\nsip = sip:1@b\n' \
	>"$T/.config/samtal/accounts"

completed() { # WORD...: what bash would offer for the last one
	bash -c '. "$1"; shift; compopt() { echo "files"; }
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _trial
		printf "%s\n" "${COMPREPLY[@]}"' - "$T/trial/bash/trial" \
		trial "$@" | paste -sd' '
}
is "$(completed --pass)" '--password-file --password-command --password-fd' \
	'bash: options'
is "$(completed -a '')" 'bot desk' 'bash: accounts'
is "$(completed --account = d)" 'desk' 'bash: behind an equals sign'
is "$(completed --jid x)" '' 'bash: nothing where nothing is known'
like "$(completed --ca '')" 'files' 'bash: files'

if command -v fish >/dev/null; then
	offered() {
		fish --no-config -c "source $T/trial/fish/trial.fish
			complete -C '$1'" 2>&1 | cut -f1 | sort | paste -sd' '
	}
	is "$(offered 'trial --pass')" \
		'--password-command --password-fd --password-file' \
		'fish: options'
	is "$(offered 'trial -a ')" 'bot desk' 'fish: accounts'
else
	skip 'no fish' 'fish: options and accounts'
fi

if command -v zsh >/dev/null; then
	is "$(zsh -fn "$T/trial/zsh/_trial" 2>&1)" '' 'zsh: it is understood'
	# The real thing, at a terminal of its own.
	offered=$(zsh -f 2>/dev/null <<EOF
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; fpath=($T/trial/zsh \\\$fpath)"
zpty -w z "autoload -Uz compinit && compinit -u -D; bindkey '^I' list-choices"
zpty -w z "echo read\\\\y"
zpty -r -m z seen '*ready*'
zpty -w -n z \$'trial --pass\t'
zpty -r -m z seen '*password-file*' && print -r -- "\$seen"
zpty -d z
EOF
)
	like "$offered" '--password-command.*--password-f' 'zsh: options'
else
	skip 'no zsh' 'zsh: options'
fi
finish
