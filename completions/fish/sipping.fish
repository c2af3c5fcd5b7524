# sipping: made by completions/generate from --dump-options
function __samtal_accounts
	set -l folder $XDG_CONFIG_HOME
	test -n "$folder"; or set folder $HOME/.config
	test -r $folder/samtal/accounts; or return
	string match -rg '^\s*\[([^]]*)\]' <$folder/samtal/accounts
end
complete -c sipping -f
complete -c sipping -s c -l count -x -d 'stop after so many requests'
complete -c sipping -s i -l interval -x -d 'send a request each time so long has passed (1)'
complete -c sipping -s W -l reply-wait -x -d 'wait so long for the answer to each (1)'
complete -c sipping -l max-loss -x -d 'not alive where more is lost than this (100)'
complete -c sipping -l nagios -d 'one line and the status of a monitoring plugin'
complete -c sipping -s a -l account -x -a '(__samtal_accounts)' -d 'take this section of the accounts file'
complete -c sipping -l uri -x -d 'be this one'
complete -c sipping -l username -x -d 'authenticate as this one, where it is not the URI\'s user'
complete -c sipping -l proxy -x -d 'send everything by this proxy; also wss://HOST/PATH'
complete -c sipping -l password-file -r -F -d 'the password is its first line'
complete -c sipping -l password-command -x -d 'the password is the first line it prints'
complete -c sipping -l password-fd -x -d 'the password is the first line read from it'
complete -c sipping -l ca -r -F -d 'trust these authorities only'
complete -c sipping -l cert -r -F -d 'own certificate, with its chain'
complete -c sipping -l key -r -F -d 'private key, where it is not in --cert'
complete -c sipping -l tls-name -x -d 'the name the certificate must have'
complete -c sipping -l pin -x -d 'accept this public key and no other'
complete -c sipping -l insecure -d 'verify nothing: for tests only, warns'
complete -c sipping -l local -x -a "(__fish_print_hostnames)" -d 'the address to send from and to listen at'
complete -c sipping -l advertise -x -a "(__fish_print_hostnames)" -d 'the address to name in messages, as behind a NAT'
complete -c sipping -l transport -x -a 'udp tcp tls ws wss' -d 'go by this'
complete -c sipping -l digest-order -x -a 'strongest topmost' -d 'which challenge for a password to answer'
complete -c sipping -l trace -r -F -d 'write all SIP messages to a capture file (pcap)'
complete -c sipping -s 4 -l ipv4 -d 'IPv4 only'
complete -c sipping -s 6 -l ipv6 -d 'IPv6 only'
complete -c sipping -l connect-to -x -d 'connect to the second where the first is meant; may be given again'
complete -c sipping -l resolver -x -a "(__fish_print_hostnames)" -d 'ask this name server instead of the system\'s'
complete -c sipping -s w -l wait -x -d 'give up after this long; the whole run\'s deadline'
complete -c sipping -s j -l json -d 'records as JSON Lines'
complete -c sipping -s q -l quiet -d 'no warnings; only what was asked for'
complete -c sipping -s v -l verbose -d 'say what is done; twice: show the wire, without secrets'
complete -c sipping -s h -l help -d 'print this and leave'
complete -c sipping -s V -l version -d 'print the version and leave'
