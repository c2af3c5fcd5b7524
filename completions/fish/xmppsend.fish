# xmppsend: made by completions/generate from --dump-options
function __samtal_accounts
	set -l folder $XDG_CONFIG_HOME
	test -n "$folder"; or set folder $HOME/.config
	test -r $folder/samtal/accounts; or return
	string match -rg '^\s*\[([^]]*)\]' <$folder/samtal/accounts
end
complete -c xmppsend -f
complete -c xmppsend -l type -x -a 'chat normal headline' -d 'what kind of message (chat)'
complete -c xmppsend -l subject -x -d 'set the subject'
complete -c xmppsend -l allow-empty -d 'send a message also where the input is empty'
complete -c xmppsend -s a -l account -x -a '(__samtal_accounts)' -d 'take this section of the accounts file'
complete -c xmppsend -l jid -x -d 'be this one'
complete -c xmppsend -l server -x -a "(__fish_print_hostnames)" -d 'connect there instead of asking the DNS'
complete -c xmppsend -l password-file -r -F -d 'the password is its first line'
complete -c xmppsend -l password-command -x -d 'the password is the first line it prints'
complete -c xmppsend -l password-fd -x -d 'the password is the first line read from it'
complete -c xmppsend -l ca -r -F -d 'trust these authorities only'
complete -c xmppsend -l cert -r -F -d 'own certificate, with its chain'
complete -c xmppsend -l key -r -F -d 'private key, where it is not in --cert'
complete -c xmppsend -l tls-name -x -d 'the name the certificate must have'
complete -c xmppsend -l pin -x -d 'accept this public key and no other'
complete -c xmppsend -l insecure -d 'verify nothing: for tests only, warns'
complete -c xmppsend -l direct-tls -d 'begin with TLS at --server, not with STARTTLS'
complete -c xmppsend -l allow-plain -d 'show the server the password where it knows no SCRAM'
complete -c xmppsend -l unpin -d 'accept weaker authentication than the server had before'
complete -c xmppsend -l reconnect -x -d 'after a cut, try so long to come back (300)'
complete -c xmppsend -l no-reconnect -d 'let the first cut be the end'
complete -c xmppsend -s 4 -l ipv4 -d 'IPv4 only'
complete -c xmppsend -s 6 -l ipv6 -d 'IPv6 only'
complete -c xmppsend -l connect-to -x -d 'connect to the second where the first is meant; may be given again'
complete -c xmppsend -l resolver -x -a "(__fish_print_hostnames)" -d 'ask this name server instead of the system\'s'
complete -c xmppsend -s w -l wait -x -d 'give up after this long; the whole run\'s deadline'
complete -c xmppsend -s j -l json -d 'records as JSON Lines'
complete -c xmppsend -s q -l quiet -d 'no warnings; only what was asked for'
complete -c xmppsend -s v -l verbose -d 'say what is done; twice: show the wire, without secrets'
complete -c xmppsend -s h -l help -d 'print this and leave'
complete -c xmppsend -s V -l version -d 'print the version and leave'
