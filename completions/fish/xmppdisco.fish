# xmppdisco: made by completions/generate from --dump-options
function __samtal_accounts
	set -l folder $XDG_CONFIG_HOME
	test -n "$folder"; or set folder $HOME/.config
	test -r $folder/samtal/accounts; or return
	string match -rg '^\s*\[([^]]*)\]' <$folder/samtal/accounts
end
complete -c xmppdisco -f
complete -c xmppdisco -l info -d 'ask only who it is and what it can do'
complete -c xmppdisco -l items -d 'ask only what hangs below it'
complete -c xmppdisco -l caps -d 'verify what it can do by the hash it promised'
complete -c xmppdisco -l hash -x -d 'algorithm of the hash in NODE, for --caps (sha-1)'
complete -c xmppdisco -l recursive -d 'ask also of what hangs below'
complete -c xmppdisco -l depth -x -d 'so many levels below the first (3)'
complete -c xmppdisco -l max -x -d 'ask so many places at most (100)'
complete -c xmppdisco -s W -l reply-wait -x -d 'wait so long for the answer of each (10)'
complete -c xmppdisco -s a -l account -x -a '(__samtal_accounts)' -d 'take this section of the accounts file'
complete -c xmppdisco -l jid -x -d 'be this one'
complete -c xmppdisco -l server -x -a "(__fish_print_hostnames)" -d 'connect there instead of asking the DNS'
complete -c xmppdisco -l password-file -r -F -d 'the password is its first line'
complete -c xmppdisco -l password-command -x -d 'the password is the first line it prints'
complete -c xmppdisco -l password-fd -x -d 'the password is the first line read from it'
complete -c xmppdisco -l ca -r -F -d 'trust these authorities only'
complete -c xmppdisco -l cert -r -F -d 'own certificate, with its chain'
complete -c xmppdisco -l key -r -F -d 'private key, where it is not in --cert'
complete -c xmppdisco -l tls-name -x -d 'the name the certificate must have'
complete -c xmppdisco -l pin -x -d 'accept this public key and no other'
complete -c xmppdisco -l insecure -d 'verify nothing: for tests only, warns'
complete -c xmppdisco -l direct-tls -d 'begin with TLS at --server, not with STARTTLS'
complete -c xmppdisco -l url -x -d 'connect by WebSocket, to wss://HOST/PATH'
complete -c xmppdisco -l allow-plain -d 'show the server the password where it knows no SCRAM'
complete -c xmppdisco -l unpin -d 'accept weaker authentication than the server had before'
complete -c xmppdisco -l reconnect -x -d 'after a cut, try so long to come back (300)'
complete -c xmppdisco -l no-reconnect -d 'let the first cut be the end'
complete -c xmppdisco -s 4 -l ipv4 -d 'IPv4 only'
complete -c xmppdisco -s 6 -l ipv6 -d 'IPv6 only'
complete -c xmppdisco -l connect-to -x -d 'connect to the second where the first is meant; may be given again'
complete -c xmppdisco -l resolver -x -a "(__fish_print_hostnames)" -d 'ask this name server instead of the system\'s'
complete -c xmppdisco -s w -l wait -x -d 'give up after this long; the whole run\'s deadline'
complete -c xmppdisco -s j -l json -d 'records as JSON Lines'
complete -c xmppdisco -s q -l quiet -d 'no warnings; only what was asked for'
complete -c xmppdisco -s v -l verbose -d 'say what is done; twice: show the wire, without secrets'
complete -c xmppdisco -s h -l help -d 'print this and leave'
complete -c xmppdisco -s V -l version -d 'print the version and leave'
