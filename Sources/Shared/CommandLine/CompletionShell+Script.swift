extension CompletionShell {
    /// The completion script of `table` for this shell.
    func script(for table: FlagTable) -> String {
        let completions = CompletionTable(table)
        return switch self {
        case .bash: BashCompletion(completions).script
        case .zsh: ZshCompletion(completions).script
        case .fish: FishCompletion(completions).script
        }
    }
}
