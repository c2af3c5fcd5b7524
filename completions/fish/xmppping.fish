# xmppping: made by completions/generate from --dump-options
function __samtal_accounts
	set -l folder $XDG_CONFIG_HOME
	test -n "$folder"; or set folder $HOME/.config
	test -r $folder/samtal/accounts; or return
	string match -rg '^\s*\[([^]]*)\]' <$folder/samtal/accounts
end
complete -c xmppping -f
complete -c xmppping -s c -l count -x -d 'stop after so many requests'
complete -c xmppping -s i -l interval -x -d 'send a request each time so long has passed (1)'
complete -c xmppping -s W -l reply-wait -x -d 'wait so long for the answer to each (1)'
complete -c xmppping -l max-loss -x -d 'not alive where more is lost than this (100)'
complete -c xmppping -l nagios -d 'one line and the status of a monitoring plugin'
complete -c xmppping -l warning -x -d 'with --nagios: WARNING from this mean time or loss'
complete -c xmppping -l critical -x -d 'with --nagios: CRITICAL from this mean time or loss'
complete -c xmppping -l expect -x -a 'answer result' -d 'alive is who gives any answer, or only who gives a result (answer)'
complete -c xmppping -s a -l account -x -a '(__samtal_accounts)' -d 'take this section of the accounts file'
complete -c xmppping -l jid -x -d 'be this one'
complete -c xmppping -l server -x -a "(__fish_print_hostnames)" -d 'connect there instead of asking the DNS'
complete -c xmppping -l password-file -r -F -d 'the password is its first line'
complete -c xmppping -l password-command -x -d 'the password is the first line it prints'
complete -c xmppping -l password-fd -x -d 'the password is the first line read from it'
complete -c xmppping -l ca -r -F -d 'trust these authorities only'
complete -c xmppping -l cert -r -F -d 'own certificate, with its chain'
complete -c xmppping -l key -r -F -d 'private key, where it is not in --cert'
complete -c xmppping -l tls-name -x -d 'the name the certificate must have'
complete -c xmppping -l pin -x -d 'accept this public key and no other'
complete -c xmppping -l insecure -d 'verify nothing: for tests only, warns'
complete -c xmppping -l direct-tls -d 'begin with TLS at --server, not with STARTTLS'
complete -c xmppping -l url -x -d 'connect by WebSocket, to wss://HOST/PATH'
complete -c xmppping -l allow-plain -d 'show the server the password where it knows no SCRAM'
complete -c xmppping -l unpin -d 'accept weaker authentication than the server had before'
complete -c xmppping -l reconnect -x -d 'after a cut, try so long to come back (300)'
complete -c xmppping -l no-reconnect -d 'let the first cut be the end'
complete -c xmppping -s 4 -l ipv4 -d 'IPv4 only'
complete -c xmppping -s 6 -l ipv6 -d 'IPv6 only'
complete -c xmppping -l connect-to -x -d 'connect to the second where the first is meant; may be given again'
complete -c xmppping -l resolver -x -a "(__fish_print_hostnames)" -d 'ask this name server instead of the system\'s'
complete -c xmppping -s w -l wait -x -d 'give up after this long; the whole run\'s deadline'
complete -c xmppping -s j -l json -d 'records as JSON Lines'
complete -c xmppping -s q -l quiet -d 'no warnings; only what was asked for'
complete -c xmppping -s v -l verbose -d 'say what is done; twice: show the wire, without secrets'
complete -c xmppping -s h -l help -d 'print this and leave'
complete -c xmppping -s V -l version -d 'print the version and leave'
