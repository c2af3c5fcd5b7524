# sipjson: made by completions/generate from --dump-options
complete -c sipjson -l raw -d 'the bytes of each message instead of headers and body'
complete -c sipjson -l to-sip -d 'the other way: read records, print messages'
complete -c sipjson -l as-is -d 'with --to-sip: complete and refuse nothing'
complete -c sipjson -l strict -d 'with --to-sip: a record of another type is an error'
complete -c sipjson -s q -l quiet -d 'no warnings'
complete -c sipjson -s v -l verbose -d 'say at the end how many there were'
complete -c sipjson -s h -l help -d 'print this and leave'
complete -c sipjson -s V -l version -d 'print the version and leave'
