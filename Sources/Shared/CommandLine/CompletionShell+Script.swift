extension CompletionShell {
    /// The completion script of `table` for this shell.
    func script(for table: FlagTable) -> String { "" }
}
