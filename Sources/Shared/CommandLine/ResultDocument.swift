import Configuration

/// The document that a command writes to standard output with `--output json`.
package enum ResultDocument {
    /// What every document tells of records: scripts may ask for it whatever the command was.
    private static let counts = ["selected", "redriven", "parked", "skipped", "gone", "remaining"]

    /// A document with what all have in common in front, and a 0 for every count that `members` does not tell.
    ///
    /// - Parameters:
    ///   - command: nil where none could be made out.
    ///   - clusterID: nil where the brokers could not be asked.
    ///   - error: why the command ended before its work was done, a sentence for people.
    package static func make(
        command: String?, clusterID: String?, code: ExitCode, error: String?, _ members: [JSONValue.Member] = []
    ) -> JSONValue {
        let told = Set(members.map(\.name))
        let head: [JSONValue.Member] = [
            .init("command", JSONValue(command)), .init("cluster_id", JSONValue(clusterID)),
            .init("exit_code", .integer(Int64(code.rawValue))), .init("exit_reason", .string(code.reason)),
            .init("error", JSONValue(error)),
        ]
        return .object(head + counts.filter { !told.contains($0) }.map { .init($0, 0) } + members)
    }

    /// The document of a run that ends without knowing what it has come to: its counts are null.
    package static func unknown(command: String, code: ExitCode, error: String) -> JSONValue {
        make(command: command, clusterID: nil, code: code, error: error, counts.map { .init($0, .null) })
    }
}

extension UsageError {
    /// The document of a call that was not understood.
    var document: JSONValue {
        ResultDocument.make(
            command: command, clusterID: nil, code: .usage, error: summary,
            [.init("problems", .array(problems.prefix(50).map { .string($0.description) }))])
    }
}
