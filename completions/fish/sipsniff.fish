# sipsniff: made by completions/generate from --dump-options
complete -c sipsniff -f
complete -c sipsniff -s r -l read -r -F -d 'read a pcap or pcapng file; - is standard input'
complete -c sipsniff -s x -l whole -d 'the whole message as well'
complete -c sipsniff -l headers -d 'with --json: every header field, in order'
complete -c sipsniff -s j -l json -d 'records as JSON Lines'
complete -c sipsniff -s q -l quiet -d 'print nothing, only exit with 0 or 1'
complete -c sipsniff -s v -l verbose -d 'say what was seen, at the end'
complete -c sipsniff -s h -l help -d 'print this and leave'
complete -c sipsniff -s V -l version -d 'print the version and leave'
