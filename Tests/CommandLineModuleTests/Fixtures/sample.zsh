#compdef sample
# zsh completion for sample; made by `sample completions zsh`.
_sample_words() {
    # _arguments puts options for compadd before the kind.
    local -a found
    found=("${(@f)$(_call_program words ${(q)words[1]} __complete ${argv[-1]} ${(q)words[2,CURRENT-1]} 2>/dev/null)}")
    compadd "${(@)argv[1,-2]}" -a found
}
_sample() {
    local word command='' flag=''
    local -a specs
    for word in "${(@)words[2,CURRENT-1]}"; do
        if [[ -n $flag ]]; then flag=''; continue; fi
        case $word in
            --topic|--merchant|--since|--until|--to|--group|--rate|--limit|--delivery|--expect-cluster-id|-b|--bootstrap-servers|-X|--property|--schema-registry|--schema-registry-password-file|--config|--output|--log-level|--log-format|--metrics-file|--progress) flag=$word ;;
            -*) ;;
            *) command="${command:+$command }$word" ;;
        esac
    done
    case $command in
        'progress') specs=(
                '*::command:(reset)'
            ) ;;
        'drain'*) specs=(
                '(--topic)--topic=[Dead-letter topic]:TOPIC:_sample_words topics'
                '*--merchant=[Only records of this merchant; may be repeated]:ID: '
                '(--since)--since=[Only records from this time on\: RFC 3339 with a zone, or -2h for two hours ago]:TIME: '
                '(--until)--until=[Only records before this time]:TIME: '
                '(--to)--to=[Where records are published]:replay|origin|TOPIC:_sample_words destinations'
                '(--group)--group=[Consumer group that keeps the progress]:GROUP:_sample_words groups'
                '(--rate)--rate=[Records a second at most]:N|max: '
                '(--limit)--limit=[Stop after N records]:N: '
                '(--delivery)--delivery=[The guarantee that the run gives]:exactly-once|at-least-once:(exactly-once at-least-once)'
                '(--follow)--follow[Go on with records that arrive later]'
                '(-y --yes)-y[Do not ask; needed for changes where no terminal can be asked]'
                '(-y --yes)--yes[Do not ask; needed for changes where no terminal can be asked]'
                '(-n --dry-run)-n[Read and report only\: join no group, write nothing]'
                '(-n --dry-run)--dry-run[Read and report only\: join no group, write nothing]'
                '(--expect-cluster-id)--expect-cluster-id=[Refuse to run on any other Kafka cluster]:ID: '
                '(-b --bootstrap-servers)-b+[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '(-b --bootstrap-servers)--bootstrap-servers=[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '*-X+[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '*--property=[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '(--schema-registry)--schema-registry=[Schema registry, needed to decode records]:URL: '
                '(--schema-registry-password-file)--schema-registry-password-file=[File that holds the password for the schema registry]:FILE:_files'
                '(--config)--config=[Read settings from FILE\: lines of key = value, the keys being long flag names]:FILE:_files'
                '(--output)--output=[Form of the results on standard output]:table|json:(table json)'
                '(--log-level)--log-level=[Least severe messages to log\: debug, info, warning or error]:LEVEL:(debug info warning error)'
                '(--log-format)--log-format=[Form of the log on standard error]:text|json:(text json)'
                '(--metrics-file)--metrics-file=[Write the final counts to FILE in Prometheus text format]:FILE:_files'
                '(--progress)--progress=[Show progress\: auto does on a terminal]:auto|always|never:(auto always never)'
                '(-h --help)-h[Show this help]'
                '(-h --help)--help[Show this help]'
                '(--version)--version[Show the version]'
                '*:argument: '
            ) ;;
        'list'*) specs=(
                '(--topic)--topic=[Dead-letter topic]:TOPIC:_sample_words topics'
                '*--merchant=[Only records of this merchant; may be repeated]:ID: '
                '(--since)--since=[Only records from this time on\: RFC 3339 with a zone, or -2h for two hours ago]:TIME: '
                '(--until)--until=[Only records before this time]:TIME: '
                '(-a --all)-a[Show what is done as well]'
                '(-a --all)--all[Show what is done as well]'
                '(-b --bootstrap-servers)-b+[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '(-b --bootstrap-servers)--bootstrap-servers=[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '*-X+[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '*--property=[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '(--schema-registry)--schema-registry=[Schema registry, needed to decode records]:URL: '
                '(--schema-registry-password-file)--schema-registry-password-file=[File that holds the password for the schema registry]:FILE:_files'
                '(--config)--config=[Read settings from FILE\: lines of key = value, the keys being long flag names]:FILE:_files'
                '(--output)--output=[Form of the results on standard output]:table|json:(table json)'
                '(--log-level)--log-level=[Least severe messages to log\: debug, info, warning or error]:LEVEL:(debug info warning error)'
                '(--log-format)--log-format=[Form of the log on standard error]:text|json:(text json)'
                '(--metrics-file)--metrics-file=[Write the final counts to FILE in Prometheus text format]:FILE:_files'
                '(--progress)--progress=[Show progress\: auto does on a terminal]:auto|always|never:(auto always never)'
                '(-h --help)-h[Show this help]'
                '(-h --help)--help[Show this help]'
                '(--version)--version[Show the version]'
                '*:argument: '
            ) ;;
        'show'*) specs=(
                '(--topic)--topic=[Dead-letter topic]:TOPIC:_sample_words topics'
                '(-b --bootstrap-servers)-b+[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '(-b --bootstrap-servers)--bootstrap-servers=[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '*-X+[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '*--property=[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '(--schema-registry)--schema-registry=[Schema registry, needed to decode records]:URL: '
                '(--schema-registry-password-file)--schema-registry-password-file=[File that holds the password for the schema registry]:FILE:_files'
                '(--config)--config=[Read settings from FILE\: lines of key = value, the keys being long flag names]:FILE:_files'
                '(--output)--output=[Form of the results on standard output]:table|json:(table json)'
                '(--log-level)--log-level=[Least severe messages to log\: debug, info, warning or error]:LEVEL:(debug info warning error)'
                '(--log-format)--log-format=[Form of the log on standard error]:text|json:(text json)'
                '(--metrics-file)--metrics-file=[Write the final counts to FILE in Prometheus text format]:FILE:_files'
                '(--progress)--progress=[Show progress\: auto does on a terminal]:auto|always|never:(auto always never)'
                '(-h --help)-h[Show this help]'
                '(-h --help)--help[Show this help]'
                '(--version)--version[Show the version]'
                '*:argument: '
            ) ;;
        'topics'*) specs=(
                '(--create)--create[Create what is missing]'
                '(-y --yes)-y[Do not ask; needed for changes where no terminal can be asked]'
                '(-y --yes)--yes[Do not ask; needed for changes where no terminal can be asked]'
                '(-n --dry-run)-n[Read and report only\: join no group, write nothing]'
                '(-n --dry-run)--dry-run[Read and report only\: join no group, write nothing]'
                '(-b --bootstrap-servers)-b+[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '(-b --bootstrap-servers)--bootstrap-servers=[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '*-X+[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '*--property=[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '(--schema-registry)--schema-registry=[Schema registry, needed to decode records]:URL: '
                '(--schema-registry-password-file)--schema-registry-password-file=[File that holds the password for the schema registry]:FILE:_files'
                '(--config)--config=[Read settings from FILE\: lines of key = value, the keys being long flag names]:FILE:_files'
                '(--output)--output=[Form of the results on standard output]:table|json:(table json)'
                '(--log-level)--log-level=[Least severe messages to log\: debug, info, warning or error]:LEVEL:(debug info warning error)'
                '(--log-format)--log-format=[Form of the log on standard error]:text|json:(text json)'
                '(--metrics-file)--metrics-file=[Write the final counts to FILE in Prometheus text format]:FILE:_files'
                '(--progress)--progress=[Show progress\: auto does on a terminal]:auto|always|never:(auto always never)'
                '(-h --help)-h[Show this help]'
                '(-h --help)--help[Show this help]'
                '(--version)--version[Show the version]'
                '*:argument: '
            ) ;;
        'progress reset'*) specs=(
                '(--group)--group=[Consumer group that keeps the progress]:GROUP:_sample_words groups'
                '(-y --yes)-y[Do not ask; needed for changes where no terminal can be asked]'
                '(-y --yes)--yes[Do not ask; needed for changes where no terminal can be asked]'
                '(-b --bootstrap-servers)-b+[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '(-b --bootstrap-servers)--bootstrap-servers=[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '*-X+[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '*--property=[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '(--schema-registry)--schema-registry=[Schema registry, needed to decode records]:URL: '
                '(--schema-registry-password-file)--schema-registry-password-file=[File that holds the password for the schema registry]:FILE:_files'
                '(--config)--config=[Read settings from FILE\: lines of key = value, the keys being long flag names]:FILE:_files'
                '(--output)--output=[Form of the results on standard output]:table|json:(table json)'
                '(--log-level)--log-level=[Least severe messages to log\: debug, info, warning or error]:LEVEL:(debug info warning error)'
                '(--log-format)--log-format=[Form of the log on standard error]:text|json:(text json)'
                '(--metrics-file)--metrics-file=[Write the final counts to FILE in Prometheus text format]:FILE:_files'
                '(--progress)--progress=[Show progress\: auto does on a terminal]:auto|always|never:(auto always never)'
                '(-h --help)-h[Show this help]'
                '(-h --help)--help[Show this help]'
                '(--version)--version[Show the version]'
                '*:argument: '
            ) ;;
        completions*) specs=(
                '*:shell:(bash zsh fish)'
            ) ;;
        help*) specs=(
                '*:command:(drain list show topics progress help man completions)'
            ) ;;
        *) specs=(
                '(--topic)--topic=[Dead-letter topic]:TOPIC:_sample_words topics'
                '*--merchant=[Only records of this merchant; may be repeated]:ID: '
                '(--since)--since=[Only records from this time on\: RFC 3339 with a zone, or -2h for two hours ago]:TIME: '
                '(--until)--until=[Only records before this time]:TIME: '
                '(--to)--to=[Where records are published]:replay|origin|TOPIC:_sample_words destinations'
                '(--group)--group=[Consumer group that keeps the progress]:GROUP:_sample_words groups'
                '(--rate)--rate=[Records a second at most]:N|max: '
                '(--limit)--limit=[Stop after N records]:N: '
                '(--delivery)--delivery=[The guarantee that the run gives]:exactly-once|at-least-once:(exactly-once at-least-once)'
                '(--follow)--follow[Go on with records that arrive later]'
                '(-y --yes)-y[Do not ask; needed for changes where no terminal can be asked]'
                '(-y --yes)--yes[Do not ask; needed for changes where no terminal can be asked]'
                '(-n --dry-run)-n[Read and report only\: join no group, write nothing]'
                '(-n --dry-run)--dry-run[Read and report only\: join no group, write nothing]'
                '(--expect-cluster-id)--expect-cluster-id=[Refuse to run on any other Kafka cluster]:ID: '
                '(-b --bootstrap-servers)-b+[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '(-b --bootstrap-servers)--bootstrap-servers=[Kafka brokers to start from, separated by commas]:HOST\:PORT,…: '
                '*-X+[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '*--property=[Set a librdkafka property, for example security.protocol=SSL; may be repeated]:NAME=VALUE: '
                '(--schema-registry)--schema-registry=[Schema registry, needed to decode records]:URL: '
                '(--schema-registry-password-file)--schema-registry-password-file=[File that holds the password for the schema registry]:FILE:_files'
                '(--config)--config=[Read settings from FILE\: lines of key = value, the keys being long flag names]:FILE:_files'
                '(--output)--output=[Form of the results on standard output]:table|json:(table json)'
                '(--log-level)--log-level=[Least severe messages to log\: debug, info, warning or error]:LEVEL:(debug info warning error)'
                '(--log-format)--log-format=[Form of the log on standard error]:text|json:(text json)'
                '(--metrics-file)--metrics-file=[Write the final counts to FILE in Prometheus text format]:FILE:_files'
                '(--progress)--progress=[Show progress\: auto does on a terminal]:auto|always|never:(auto always never)'
                '(-h --help)-h[Show this help]'
                '(-h --help)--help[Show this help]'
                '(--version)--version[Show the version]'
                '1:command:((drain\:"Redrive what is left" list\:"Show what is left" show\:"Show one record whole" topics\:"Show or create the topics needed" progress\:"Forget the progress of a group" help\:"Show the help" man\:"Print the man page" completions\:"Print completions for a shell"))'
            ) ;;
    esac
    _arguments -s -S : $specs
}
if [[ $funcstack[1] == _sample || $funcstack[1] == _sample ]]; then
    _sample "$@"
else
    compdef _sample sample
fi
