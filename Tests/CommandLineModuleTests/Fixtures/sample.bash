# bash completion for sample; made by `sample completions bash`.
_sample() {
    local line word flag='' command='' current index
    # Words by blanks alone: COMP_WORDS also breaks at = and :, which host:port and --flag=value hold.
    read -ra line <<< "${COMP_LINE:0:COMP_POINT}"
    current="${COMP_WORDS[COMP_CWORD]}"
    [[ "${COMP_LINE:0:COMP_POINT}" == *' ' ]] && line+=('')
    local typed="${line[${#line[@]}-1]}"
    for ((index = 1; index < ${#line[@]} - 1; index++)); do
        word="${line[index]}"
        if [[ -n "$flag" ]]; then flag=''; continue; fi
        case "$word" in
            --topic|--merchant|--since|--until|--to|--group|--rate|--limit|--delivery|--expect-cluster-id|-b|--bootstrap-servers|-X|--property|--schema-registry|--schema-registry-password-file|--config|--output|--log-level|--log-format|--metrics-file|--progress) flag="$word" ;;
            -*) ;;
            *) command="${command:+$command }$word" ;;
        esac
    done
    if [[ -z "$flag" && "$typed" == --*=* ]]; then
        flag="${typed%%=*}"
        typed="${typed#*=}"
        current="$typed"
    fi
    [[ "$current" == '=' || "$current" == ':' ]] && current=''
    COMPREPLY=()
    case "$flag" in
        '') ;;
        --topic) _sample_words topics; return ;;
        --to) _sample_words destinations; return ;;
        --group) _sample_words groups; return ;;
        --delivery) COMPREPLY=($(compgen -W "exactly-once at-least-once" -- "$current")); return ;;
        --schema-registry-password-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")); return ;;
        --config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")); return ;;
        --output) COMPREPLY=($(compgen -W "table json" -- "$current")); return ;;
        --log-level) COMPREPLY=($(compgen -W "debug info warning error" -- "$current")); return ;;
        --log-format) COMPREPLY=($(compgen -W "text json" -- "$current")); return ;;
        --metrics-file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")); return ;;
        --progress) COMPREPLY=($(compgen -W "auto always never" -- "$current")); return ;;
        *) return ;;
    esac
    if [[ "$typed" == -* ]]; then
        case "$command" in
            'drain'*) COMPREPLY=($(compgen -W "--topic --merchant --since --until --to --group --rate --limit --delivery --follow -y --yes -n --dry-run --expect-cluster-id -b --bootstrap-servers -X --property --schema-registry --schema-registry-password-file --config --output --log-level --log-format --metrics-file --progress -h --help --version" -- "$current")) ;;
            'list'*) COMPREPLY=($(compgen -W "--topic --merchant --since --until -a --all -b --bootstrap-servers -X --property --schema-registry --schema-registry-password-file --config --output --log-level --log-format --metrics-file --progress -h --help --version" -- "$current")) ;;
            'show'*) COMPREPLY=($(compgen -W "--topic -b --bootstrap-servers -X --property --schema-registry --schema-registry-password-file --config --output --log-level --log-format --metrics-file --progress -h --help --version" -- "$current")) ;;
            'topics'*) COMPREPLY=($(compgen -W "--create -y --yes -n --dry-run -b --bootstrap-servers -X --property --schema-registry --schema-registry-password-file --config --output --log-level --log-format --metrics-file --progress -h --help --version" -- "$current")) ;;
            'progress reset'*) COMPREPLY=($(compgen -W "--group -y --yes -b --bootstrap-servers -X --property --schema-registry --schema-registry-password-file --config --output --log-level --log-format --metrics-file --progress -h --help --version" -- "$current")) ;;
            *) COMPREPLY=($(compgen -W "--topic --merchant --since --until --to --group --rate --limit --delivery --follow -y --yes -n --dry-run --expect-cluster-id -b --bootstrap-servers -X --property --schema-registry --schema-registry-password-file --config --output --log-level --log-format --metrics-file --progress -h --help --version" -- "$current")) ;;
        esac
        return
    fi
    case "$command" in
        '') COMPREPLY=($(compgen -W "drain list show topics progress help man completions" -- "$current")) ;;
        'progress') COMPREPLY=($(compgen -W "reset" -- "$current")) ;;
        'completions') COMPREPLY=($(compgen -W "bash zsh fish" -- "$current")) ;;
        'help') COMPREPLY=($(compgen -W "drain list show topics progress help man completions" -- "$current")) ;;
    esac
}
_sample_words() {
    local IFS=$'\n'
    COMPREPLY=($(compgen -W "$("${line[0]}" __complete "$1" "${line[@]:1:${#line[@]}-2}" 2>/dev/null)" -- "$current"))
}
complete -F _sample sample
