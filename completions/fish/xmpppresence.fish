# xmpppresence: made by completions/generate from --dump-options
function __samtal_accounts
	set -l folder $XDG_CONFIG_HOME
	test -n "$folder"; or set folder $HOME/.config
	test -r $folder/samtal/accounts; or return
	string match -rg '^\s*\[([^]]*)\]' <$folder/samtal/accounts
end
complete -c xmpppresence -f
complete -c xmpppresence -l set -x -a 'available away chat dnd xa' -d 'be so, and stay so'
complete -c xmpppresence -l status -x -d 'say this about it'
complete -c xmpppresence -l priority -x -d '-128 to 127; messages go where it is highest, and not below 0 (-1)'
complete -c xmpppresence -l watch -d 'print the presence of others'
complete -c xmpppresence -s c -l count -x -d 'end after so many'
complete -c xmpppresence -l for -x -d 'listen so long, then end with 0'
complete -c xmpppresence -s a -l account -x -a '(__samtal_accounts)' -d 'take this section of the accounts file'
complete -c xmpppresence -l jid -x -d 'be this one'
complete -c xmpppresence -l server -x -a "(__fish_print_hostnames)" -d 'connect there instead of asking the DNS'
complete -c xmpppresence -l password-file -r -F -d 'the password is its first line'
complete -c xmpppresence -l password-command -x -d 'the password is the first line it prints'
complete -c xmpppresence -l password-fd -x -d 'the password is the first line read from it'
complete -c xmpppresence -l ca -r -F -d 'trust these authorities only'
complete -c xmpppresence -l cert -r -F -d 'own certificate, with its chain'
complete -c xmpppresence -l key -r -F -d 'private key, where it is not in --cert'
complete -c xmpppresence -l tls-name -x -d 'the name the certificate must have'
complete -c xmpppresence -l pin -x -d 'accept this public key and no other'
complete -c xmpppresence -l insecure -d 'verify nothing: for tests only, warns'
complete -c xmpppresence -l direct-tls -d 'begin with TLS at --server, not with STARTTLS'
complete -c xmpppresence -l allow-plain -d 'show the server the password where it knows no SCRAM'
complete -c xmpppresence -l unpin -d 'accept weaker authentication than the server had before'
complete -c xmpppresence -l reconnect -x -d 'after a cut, try so long to come back (300)'
complete -c xmpppresence -l no-reconnect -d 'let the first cut be the end'
complete -c xmpppresence -s 4 -l ipv4 -d 'IPv4 only'
complete -c xmpppresence -s 6 -l ipv6 -d 'IPv6 only'
complete -c xmpppresence -l connect-to -x -d 'connect to the second where the first is meant; may be given again'
complete -c xmpppresence -l resolver -x -a "(__fish_print_hostnames)" -d 'ask this name server instead of the system\'s'
complete -c xmpppresence -s w -l wait -x -d 'give up after this long; the whole run\'s deadline'
complete -c xmpppresence -s j -l json -d 'records as JSON Lines'
complete -c xmpppresence -s q -l quiet -d 'no warnings; only what was asked for'
complete -c xmpppresence -s v -l verbose -d 'say what is done; twice: show the wire, without secrets'
complete -c xmpppresence -s h -l help -d 'print this and leave'
complete -c xmpppresence -s V -l version -d 'print the version and leave'
