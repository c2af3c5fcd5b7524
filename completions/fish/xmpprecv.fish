# xmpprecv: made by completions/generate from --dump-options
function __samtal_accounts
	set -l folder $XDG_CONFIG_HOME
	test -n "$folder"; or set folder $HOME/.config
	test -r $folder/samtal/accounts; or return
	string match -rg '^\s*\[([^]]*)\]' <$folder/samtal/accounts
end
complete -c xmpprecv -f
complete -c xmpprecv -s c -l count -x -d 'end after so many'
complete -c xmpprecv -l for -x -d 'listen so long, then end with 0'
complete -c xmpprecv -l body -d 'print the bare bytes of the body, and nothing else'
complete -c xmpprecv -s a -l account -x -a '(__samtal_accounts)' -d 'take this section of the accounts file'
complete -c xmpprecv -l jid -x -d 'be this one'
complete -c xmpprecv -l server -x -a "(__fish_print_hostnames)" -d 'connect there instead of asking the DNS'
complete -c xmpprecv -l password-file -r -F -d 'the password is its first line'
complete -c xmpprecv -l password-command -x -d 'the password is the first line it prints'
complete -c xmpprecv -l password-fd -x -d 'the password is the first line read from it'
complete -c xmpprecv -l ca -r -F -d 'trust these authorities only'
complete -c xmpprecv -l cert -r -F -d 'own certificate, with its chain'
complete -c xmpprecv -l key -r -F -d 'private key, where it is not in --cert'
complete -c xmpprecv -l tls-name -x -d 'the name the certificate must have'
complete -c xmpprecv -l pin -x -d 'accept this public key and no other'
complete -c xmpprecv -l insecure -d 'verify nothing: for tests only, warns'
complete -c xmpprecv -l direct-tls -d 'begin with TLS at --server, not with STARTTLS'
complete -c xmpprecv -l allow-plain -d 'show the server the password where it knows no SCRAM'
complete -c xmpprecv -l unpin -d 'accept weaker authentication than the server had before'
complete -c xmpprecv -l reconnect -x -d 'after a cut, try so long to come back (300)'
complete -c xmpprecv -l no-reconnect -d 'let the first cut be the end'
complete -c xmpprecv -s 4 -l ipv4 -d 'IPv4 only'
complete -c xmpprecv -s 6 -l ipv6 -d 'IPv6 only'
complete -c xmpprecv -l connect-to -x -d 'connect to the second where the first is meant; may be given again'
complete -c xmpprecv -l resolver -x -a "(__fish_print_hostnames)" -d 'ask this name server instead of the system\'s'
complete -c xmpprecv -s w -l wait -x -d 'give up after this long; the whole run\'s deadline'
complete -c xmpprecv -s j -l json -d 'records as JSON Lines'
complete -c xmpprecv -s q -l quiet -d 'no warnings; only what was asked for'
complete -c xmpprecv -s v -l verbose -d 'say what is done; twice: show the wire, without secrets'
complete -c xmpprecv -s h -l help -d 'print this and leave'
complete -c xmpprecv -s V -l version -d 'print the version and leave'
