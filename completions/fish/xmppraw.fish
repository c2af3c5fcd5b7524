# xmppraw: made by completions/generate from --dump-options
function __samtal_accounts
	set -l folder $XDG_CONFIG_HOME
	test -n "$folder"; or set folder $HOME/.config
	test -r $folder/samtal/accounts; or return
	string match -rg '^\s*\[([^]]*)\]' <$folder/samtal/accounts
end
complete -c xmppraw -f
complete -c xmppraw -l iq -d 'send one request and print its reply, no more'
complete -c xmppraw -l before-auth -d 'talk before authentication, without a password'
complete -c xmppraw -l stream -d 'send each stanza as soon as its end has been read'
complete -c xmppraw -s c -l count -x -d 'end after so many'
complete -c xmppraw -l for -x -d 'listen so long, then end with 0'
complete -c xmppraw -s a -l account -x -a '(__samtal_accounts)' -d 'take this section of the accounts file'
complete -c xmppraw -l jid -x -d 'be this one'
complete -c xmppraw -l server -x -a "(__fish_print_hostnames)" -d 'connect there instead of asking the DNS'
complete -c xmppraw -l password-file -r -F -d 'the password is its first line'
complete -c xmppraw -l password-command -x -d 'the password is the first line it prints'
complete -c xmppraw -l password-fd -x -d 'the password is the first line read from it'
complete -c xmppraw -l ca -r -F -d 'trust these authorities only'
complete -c xmppraw -l cert -r -F -d 'own certificate, with its chain'
complete -c xmppraw -l key -r -F -d 'private key, where it is not in --cert'
complete -c xmppraw -l tls-name -x -d 'the name the certificate must have'
complete -c xmppraw -l pin -x -d 'accept this public key and no other'
complete -c xmppraw -l insecure -d 'verify nothing: for tests only, warns'
complete -c xmppraw -l direct-tls -d 'begin with TLS at --server, not with STARTTLS'
complete -c xmppraw -l url -x -d 'connect by WebSocket, to wss://HOST/PATH'
complete -c xmppraw -l websocket -d 'connect by the WebSocket that the domain\'s host-meta names'
complete -c xmppraw -l allow-plain -d 'show the server the password where it knows no SCRAM'
complete -c xmppraw -l no-tokens -d 'authenticate by the password, also where an earlier run got a token'
complete -c xmppraw -l unpin -d 'accept weaker authentication than the server had before'
complete -c xmppraw -l reconnect -x -d 'after a cut, try so long to come back (300)'
complete -c xmppraw -l no-reconnect -d 'let the first cut be the end'
complete -c xmppraw -s 4 -l ipv4 -d 'IPv4 only'
complete -c xmppraw -s 6 -l ipv6 -d 'IPv6 only'
complete -c xmppraw -l connect-to -x -d 'connect to the second where the first is meant; may be given again'
complete -c xmppraw -l resolver -x -a "(__fish_print_hostnames)" -d 'ask this name server instead of the system\'s'
complete -c xmppraw -s w -l wait -x -d 'give up after this long; the whole run\'s deadline'
complete -c xmppraw -s j -l json -d 'records as JSON Lines'
complete -c xmppraw -s q -l quiet -d 'no warnings; only what was asked for'
complete -c xmppraw -s v -l verbose -d 'say what is done; twice: show the wire, without secrets'
complete -c xmppraw -s h -l help -d 'print this and leave'
complete -c xmppraw -s V -l version -d 'print the version and leave'
