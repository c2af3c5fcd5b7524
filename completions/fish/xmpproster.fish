# xmpproster: made by completions/generate from --dump-options
function __samtal_accounts
	set -l folder $XDG_CONFIG_HOME
	test -n "$folder"; or set folder $HOME/.config
	test -r $folder/samtal/accounts; or return
	string match -rg '^\s*\[([^]]*)\]' <$folder/samtal/accounts
end
complete -c xmpproster -f
complete -c xmpproster -n __fish_use_subcommand -a 'list add remove rename groups approve export import'
complete -c xmpproster -l name -x -d 'add: call it so'
complete -c xmpproster -l group -x -d 'add: put it into this group; may be given again'
complete -c xmpproster -l subscribe -d 'add, import: ask to see its presence, too'
complete -c xmpproster -l strict -d 'import: a record that is no contact is an error'
complete -c xmpproster -s a -l account -x -a '(__samtal_accounts)' -d 'take this section of the accounts file'
complete -c xmpproster -l jid -x -d 'be this one'
complete -c xmpproster -l server -x -a "(__fish_print_hostnames)" -d 'connect there instead of asking the DNS'
complete -c xmpproster -l password-file -r -F -d 'the password is its first line'
complete -c xmpproster -l password-command -x -d 'the password is the first line it prints'
complete -c xmpproster -l password-fd -x -d 'the password is the first line read from it'
complete -c xmpproster -l ca -r -F -d 'trust these authorities only'
complete -c xmpproster -l cert -r -F -d 'own certificate, with its chain'
complete -c xmpproster -l key -r -F -d 'private key, where it is not in --cert'
complete -c xmpproster -l tls-name -x -d 'the name the certificate must have'
complete -c xmpproster -l pin -x -d 'accept this public key and no other'
complete -c xmpproster -l insecure -d 'verify nothing: for tests only, warns'
complete -c xmpproster -l direct-tls -d 'begin with TLS at --server, not with STARTTLS'
complete -c xmpproster -l url -x -d 'connect by WebSocket, to wss://HOST/PATH'
complete -c xmpproster -l websocket -d 'connect by the WebSocket that the domain\'s host-meta names'
complete -c xmpproster -l allow-plain -d 'show the server the password where it knows no SCRAM'
complete -c xmpproster -l no-tokens -d 'authenticate by the password, also where an earlier run got a token'
complete -c xmpproster -l unpin -d 'accept weaker authentication than the server had before'
complete -c xmpproster -l reconnect -x -d 'after a cut, try so long to come back (300)'
complete -c xmpproster -l no-reconnect -d 'let the first cut be the end'
complete -c xmpproster -s 4 -l ipv4 -d 'IPv4 only'
complete -c xmpproster -s 6 -l ipv6 -d 'IPv6 only'
complete -c xmpproster -l connect-to -x -d 'connect to the second where the first is meant; may be given again'
complete -c xmpproster -l resolver -x -a "(__fish_print_hostnames)" -d 'ask this name server instead of the system\'s'
complete -c xmpproster -s w -l wait -x -d 'give up after this long; the whole run\'s deadline'
complete -c xmpproster -s j -l json -d 'records as JSON Lines'
complete -c xmpproster -s q -l quiet -d 'no warnings; only what was asked for'
complete -c xmpproster -s v -l verbose -d 'say what is done; twice: show the wire, without secrets'
complete -c xmpproster -s h -l help -d 'print this and leave'
complete -c xmpproster -s V -l version -d 'print the version and leave'
