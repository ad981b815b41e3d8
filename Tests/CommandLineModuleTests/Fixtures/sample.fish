# fish completion for sample; made by `sample completions fish`.
function __sample_command
    set -l words (commandline -opc)
    set -e words[1]
    set -l command
    set -l is_value 0
    for word in $words
        if test $is_value = 1
            set is_value 0
        else if contains -- $word --topic --merchant --since --until --to --group --rate --limit --delivery --expect-cluster-id -b --bootstrap-servers -X --property --schema-registry --schema-registry-password-file --config --output --log-level --log-format --metrics-file --progress
            set is_value 1
        else if not string match -q -- '-*' $word
            set -a command $word
        end
    end
    string join ' ' $command
end
function __sample_is
    set -l command (__sample_command)
    test "$command" = "$argv[1]"; or string match -q -- "$argv[1] *" "$command"
end
function __sample_words
    set -l words (commandline -opc)
    command $words[1] __complete $argv[1] $words[2..-1] 2>/dev/null
end
complete -c sample -f
complete -c sample -n 'test "$(__sample_command)" = ""' -a drain -d 'Redrive what is left'
complete -c sample -n 'test "$(__sample_command)" = ""' -a list -d 'Show what is left'
complete -c sample -n 'test "$(__sample_command)" = ""' -a show -d 'Show one record whole'
complete -c sample -n 'test "$(__sample_command)" = ""' -a topics -d 'Show or create the topics needed'
complete -c sample -n 'test "$(__sample_command)" = ""' -a progress -d 'Forget the progress of a group'
complete -c sample -n 'test "$(__sample_command)" = ""' -a help -d 'Show the help'
complete -c sample -n 'test "$(__sample_command)" = ""' -a man -d 'Print the man page'
complete -c sample -n 'test "$(__sample_command)" = ""' -a completions -d 'Print completions for a shell'
complete -c sample -n 'test "$(__sample_command)" = "progress"' -a reset -d ''
complete -c sample -n 'test "$(__sample_command)" = "completions"' -a bash -d ''
complete -c sample -n 'test "$(__sample_command)" = "completions"' -a zsh -d ''
complete -c sample -n 'test "$(__sample_command)" = "completions"' -a fish -d ''
complete -c sample -l topic -n '__sample_is "drain"; or __sample_is "list"; or __sample_is "show"; or __sample_is ""' -x -a '(__sample_words topics)' -d 'Dead-letter topic'
complete -c sample -l merchant -n '__sample_is "drain"; or __sample_is "list"; or __sample_is ""' -x -d 'Only records of this merchant; may be repeated'
complete -c sample -l since -n '__sample_is "drain"; or __sample_is "list"; or __sample_is ""' -x -d 'Only records from this time on: RFC 3339 with a zone, or -2h for two hours ago'
complete -c sample -l until -n '__sample_is "drain"; or __sample_is "list"; or __sample_is ""' -x -d 'Only records before this time'
complete -c sample -l to -n '__sample_is "drain"; or __sample_is ""' -x -a '(__sample_words destinations)' -d 'Where records are published'
complete -c sample -l group -n '__sample_is "drain"; or __sample_is "progress reset"; or __sample_is ""' -x -a '(__sample_words groups)' -d 'Consumer group that keeps the progress'
complete -c sample -l rate -n '__sample_is "drain"; or __sample_is ""' -x -d 'Records a second at most'
complete -c sample -l limit -n '__sample_is "drain"; or __sample_is ""' -x -d 'Stop after N records'
complete -c sample -l delivery -n '__sample_is "drain"; or __sample_is ""' -x -a 'exactly-once at-least-once' -d 'The guarantee that the run gives'
complete -c sample -l follow -n '__sample_is "drain"; or __sample_is ""' -d 'Go on with records that arrive later'
complete -c sample -l yes -s y -n '__sample_is "drain"; or __sample_is "topics"; or __sample_is "progress reset"; or __sample_is ""' -d 'Do not ask; needed for changes where no terminal can be asked'
complete -c sample -l dry-run -s n -n '__sample_is "drain"; or __sample_is "topics"; or __sample_is ""' -d 'Read and report only: join no group, write nothing'
complete -c sample -l expect-cluster-id -n '__sample_is "drain"; or __sample_is ""' -x -d 'Refuse to run on any other Kafka cluster'
complete -c sample -l all -s a -n '__sample_is "list"' -d 'Show what is done as well'
complete -c sample -l create -n '__sample_is "topics"' -d 'Create what is missing'
complete -c sample -l bootstrap-servers -s b -x -d 'Kafka brokers to start from, separated by commas'
complete -c sample -l property -s X -x -d 'Set a librdkafka property, for example security.protocol=SSL; may be repeated'
complete -c sample -l schema-registry -x -d 'Schema registry, needed to decode records'
complete -c sample -l schema-registry-password-file -r -F -d 'File that holds the password for the schema registry'
complete -c sample -l config -r -F -d 'Read settings from FILE: lines of key = value, the keys being long flag names'
complete -c sample -l output -x -a 'table json' -d 'Form of the results on standard output'
complete -c sample -l log-level -x -a 'debug info warning error' -d 'Least severe messages to log: debug, info, warning or error'
complete -c sample -l log-format -x -a 'text json' -d 'Form of the log on standard error'
complete -c sample -l metrics-file -r -F -d 'Write the final counts to FILE in Prometheus text format'
complete -c sample -l progress -x -a 'auto always never' -d 'Show progress: auto does on a terminal'
complete -c sample -l help -s h -d 'Show this help'
complete -c sample -l version -d 'Show the version'
