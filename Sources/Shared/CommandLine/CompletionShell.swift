/// The shells for which completion scripts are made.
enum CompletionShell: String, CaseIterable {
    case bash
    case zsh
    case fish
}
