# sipdig: made by completions/generate from --dump-options
complete -c sipdig -f
complete -c sipdig -l transport -x -a 'udp tcp tls ws wss' -d 'as if the URI said it: udp, tcp, tls, ws or wss'
complete -c sipdig -l enum -x -d 'where the numbers of tel: are (e164.arpa)'
complete -c sipdig -s 4 -l ipv4 -d 'IPv4 only'
complete -c sipdig -s 6 -l ipv6 -d 'IPv6 only'
complete -c sipdig -l connect-to -x -d 'connect to the second where the first is meant; may be given again'
complete -c sipdig -l resolver -x -a "(__fish_print_hostnames)" -d 'ask this name server instead of the system\'s'
complete -c sipdig -s w -l wait -x -d 'give up after this long; the whole run\'s deadline'
complete -c sipdig -s j -l json -d 'records as JSON Lines'
complete -c sipdig -s q -l quiet -d 'no warnings; only what was asked for'
complete -c sipdig -s v -l verbose -d 'say what is done; twice: show the wire, without secrets'
complete -c sipdig -s h -l help -d 'print this and leave'
complete -c sipdig -s V -l version -d 'print the version and leave'
