/// Which statements a connection has prepared. The names are numbers; what does not fit is sent unprepared.
struct StatementCache {
    /// Statements kept; a program's own are literals, so it is reached only by mistake.
    static let limit = 256

    enum Use: Equatable {
        /// Prepared already under this name.
        case execute(String)
        /// To be prepared under this name first.
        case prepare(String)
        /// To be sent without a name.
        case unnamed
    }

    private struct Entry {
        let name: String
        /// The pipeline, counted by its syncs, in which it was sent to be prepared; nil when that has succeeded.
        var pendingIn: UInt64?
    }

    private var entries: [PostgresStatement: Entry] = [:]
    private var lastNumber = 0

    /// How `statement` is to be sent in the pipeline `epoch`. A statement whose preparation may have been skipped in an
    /// earlier pipeline, because something before it failed there, cannot be relied on yet.
    mutating func use(_ statement: PostgresStatement, epoch: UInt64) -> Use {
        if let entry = entries[statement] {
            return entry.pendingIn == nil || entry.pendingIn == epoch ? .execute(entry.name) : .unnamed
        }
        guard entries.count < Self.limit else { return .unnamed }
        lastNumber += 1
        let name = "s\(lastNumber)"
        entries[statement] = Entry(name: name, pendingIn: epoch)
        return .prepare(name)
    }

    /// The server has prepared `statement`, or has not.
    mutating func settle(_ statement: PostgresStatement, isPrepared: Bool) {
        if isPrepared { entries[statement]?.pendingIn = nil } else { entries[statement] = nil }
    }
}
